//! `/compare`: a candidate and the release in use answer the same questions, held out from training and from what
//! either may look up; then suites that must not get worse, then cases that nobody may fail. The gate decides.

use crate::bot::{Bot, now};
use crate::knowledge::Mind;
use crate::learn::ask::{Examinee, Sample};
use crate::learn::run::{self, Next, Problem, Step, Stepped};
use crate::learn::{dataset, judge, releases, report, suites};
use crate::turn::Turn;
use domain::exchange::Scope;
use domain::person::Lang;
use domain::release::{self, Release};
use domain::run::{Run, RunState, Task};
use domain::text;
use learning::freeze::{Row, Split};
use learning::gate::{self, Evidence, Reason, Verdict};
use learning::grade::Grader;
use learning::near;
use learning::paired::{self, Pair};
use learning::safety;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Most held-out cases that are asked.
const MOST: usize = 600;
/// How long one step goes on asking.
const STEP: Duration = Duration::from_secs(8);
/// Below this many milliseconds an answer is at once to a person, and a slower one is no slower.
const AT_ONCE_MS: f64 = 400.0;
/// Shortest expected answer that is judged by likeness; a shorter one must stand in the answer.
const SENTENCE: usize = 40;

/// What is asked and how it is judged.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name in reports.
    pub id: String,
    /// Cases of one cluster count together.
    pub cluster: String,
    /// Of which suite; `corrections` are the held-out examples.
    pub suite: String,
    /// The question.
    pub question: String,
    /// How the answer is judged; none for cases that only must not fail.
    pub judge: Judge,
}

/// How an answer is judged.
#[derive(Clone, Debug)]
pub enum Judge {
    /// By what is expected.
    Grader(Grader),
    /// By what must not happen.
    Safety(safety::Case),
}

impl Judge {
    /// What was expected, in words.
    pub fn expected(&self) -> String {
        match self {
            Self::Grader(grader) => grader.expected(),
            Self::Safety(case) => format!("{:?}", case.forbidden),
        }
    }
}

/// One case as both answered it; a row of the report, whose names are stable.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answered {
    /// The case.
    pub id: String,
    /// Its suite.
    pub suite: String,
    /// Its cluster.
    pub cluster: String,
    /// The question.
    pub question: String,
    /// What was expected.
    pub expected: String,
    /// Whether a model judged it.
    #[serde(default)]
    pub judged: bool,
    /// The answer of the release in use.
    pub incumbent: Answer,
    /// The answer of the candidate.
    pub candidate: Answer,
}

/// One answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The words.
    pub text: String,
    /// Whether it is right.
    pub right: bool,
    /// Why there is none; empty when there is one.
    pub error: String,
    /// Milliseconds.
    pub ms: i64,
    /// Millionths of a US dollar, where the price is known.
    pub micro_usd: Option<u64>,
}

/// `/compare r1 [r2]`
pub async fn command(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let words: Vec<&str> = argument.split_whitespace().collect();
    let (Some(one), other) = (words.first(), words.get(1)) else {
        let text = turn.text("compare-usage");
        turn.reply(text);
        return Ok(());
    };
    for name in std::iter::once(one).chain(other) {
        let known = match release::number_of(name) {
            Some(0) => true,
            Some(number) => releases::find(turn.bot, number).await?.is_some(),
            None => false,
        };
        if !known {
            let text = turn.text_with("release-unknown", &[("name", domain::markdown::escape(name))]);
            turn.reply(text);
            return Ok(());
        }
    }
    let name = |word: &str| release::name_of(release::number_of(word).unwrap_or(0));
    let incumbent = other.map(|other| name(other)).unwrap_or_default();
    run::begin(turn, Task::Compare { candidate: name(one), incumbent })?;
    Ok(())
}

/// The next step of a comparison.
pub async fn step(step: &mut Step<'_>, run: &mut Run, candidate: &str, incumbent: &str) -> Stepped {
    let bot = step.bot;
    let numbers = (release::number_of(candidate).unwrap_or(0), release::number_of(incumbent));
    let incumbent = match (incumbent.is_empty(), numbers.1) {
        (false, Some(number)) => number,
        _ => bot.store.routing().await?.live,
    };
    if run.state == RunState::Validating {
        // Which one is in use may change while this goes on; what was begun is ended with the same.
        run.task = Task::Compare { candidate: candidate.to_owned(), incumbent: release::name_of(incumbent) };
        run.state = RunState::Running;
        // What is taught while this goes on changes nothing, or it would begin anew with each lesson.
        run.memory.keep("revision", bot.knowledge.revision());
    }
    let revision = run.memory.recall("revision").unwrap_or_else(|| bot.knowledge.revision());
    let Some(mut asked) = prepare(bot, numbers.0).await? else { return Ok(Err(Problem::new("compare-no-cases"))) };
    let same: BTreeSet<String> = match run.memory.recall("same") {
        Some(same) => same,
        None => said_elsewhere(bot, &asked).await?,
    };
    run.memory.keep("same", &same);
    asked.without.extend(same);
    if numbers.0 == incumbent {
        return Ok(Err(Problem::new("compare-same")));
    }
    let minds = (mind(bot, incumbent, &asked, revision).await?, mind(bot, numbers.0, &asked, revision).await?);
    let from = Instant::now();
    let mut answered = Vec::with_capacity(asked.cases.len());
    for case in &asked.cases {
        if step.stop.is_cancelled() || from.elapsed() > STEP {
            run.done = (answered.len() as u64, asked.cases.len() as u64);
            return Ok(Ok(Next::Step));
        }
        let both = [&minds.0, &minds.1];
        let mut samples = Vec::with_capacity(2);
        for mind in both {
            samples.push(examinee(step, run, mind, &asked, case).ask(&case.question).await?);
        }
        if let [old, new] = samples.as_slice() {
            if let Some(problem) = unreachable(old).or_else(|| unreachable(new)) {
                return Ok(Err(problem));
            }
            match row(step, case, old, new).await? {
                Ok(row) => answered.push(row),
                Err(problem) => return Ok(Err(problem)),
            }
        }
    }
    run.done = (answered.len() as u64, answered.len() as u64);
    finish(step, run, numbers.0, incumbent, &answered, asked.intact).await?;
    Ok(Ok(Next::Over))
}

/// A model that cannot be asked says nothing about how good it is.
fn unreachable(sample: &Sample) -> Option<Problem> {
    (!sample.error.is_empty()).then(|| Problem::with("compare-no-answer", &[("why", sample.error.clone())]))
}

/// What is asked, and what must not be looked up.
struct Asked {
    cases: Vec<Case>,
    without: BTreeSet<String>,
    intact: bool,
}

/// The cases for a candidate: what was held out of its dataset, own suites, safety. None when nothing was held out.
async fn prepare(bot: &Bot, candidate: u32) -> anyhow::Result<Option<Asked>> {
    let dataset = match releases::find(bot, candidate).await? {
        Some(release) => release.dataset,
        None => 0,
    };
    let version = match dataset {
        0 => bot.store.latest("frozen", "", 1).await?.into_iter().next(),
        number => dataset::find(bot, number).await?,
    };
    let Some(version) = version else { return Ok(None) };
    let (rows, intact) = match dataset::rows(bot, &version).await {
        Ok(Some(rows)) => (rows, true),
        Ok(None) => return Ok(None),
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "the dataset of a release is damaged");
            (Vec::new(), false)
        }
    };
    let held: Vec<&Row> = rows.iter().filter(|row| row.split == Split::HeldOut).collect();
    let without = held.iter().map(|row| row.id.0.clone()).collect();
    let mut cases: Vec<Case> = held.iter().filter_map(|row| held_out(row)).take(MOST).collect();
    if cases.is_empty() && intact {
        return Ok(None);
    }
    cases.extend(suites::own(bot).await?);
    cases.extend(safety::cases().into_iter().map(safe));
    Ok(Some(Asked { cases, without, intact }))
}

/// What asks a held-out question nearly in its own words and is no row of the version: it was left out as said twice, and
/// still is a lesson that would give the answer away.
async fn said_elsewhere(bot: &Bot, asked: &Asked) -> anyhow::Result<BTreeSet<String>> {
    let approved = dataset::approved(bot).await?;
    let held: Vec<String> =
        asked.cases.iter().filter(|case| case.suite == "corrections").map(|case| case.question.clone()).collect();
    let same = tokio::task::spawn_blocking(move || {
        let questions = held.iter().chain(approved.iter().map(|example| &example.datum.question));
        let clusters = near::clusters(questions);
        let (tested, known) = clusters.split_at(held.len().min(clusters.len()));
        let tested: BTreeSet<u32> = tested.iter().copied().collect();
        let near = approved.iter().zip(known).filter(|(_, cluster)| tested.contains(cluster));
        near.map(|(example, _)| example.id.0.clone()).collect()
    })
    .await?;
    Ok(same)
}

fn held_out(row: &Row) -> Option<Case> {
    let expected = row.datum.chosen.clone()?;
    let short = expected.chars().count() < SENTENCE;
    let grader = Grader::new(if short { "contains" } else { "similarity" }, &expected, None, None).ok()?;
    Some(Case {
        id: row.id.0.clone(),
        cluster: row.cluster.to_string(),
        suite: "corrections".to_owned(),
        question: row.datum.question.clone(),
        judge: Judge::Grader(grader),
    })
}

fn safe(case: safety::Case) -> Case {
    let (id, question) = (case.id.clone(), case.question.clone());
    Case { cluster: id.clone(), id, suite: "safety".to_owned(), question, judge: Judge::Safety(case) }
}

async fn mind(bot: &Bot, number: u32, asked: &Asked, upto: i64) -> anyhow::Result<Mind> {
    let release: Option<Release> = releases::find(bot, number).await?;
    bot.knowledge.examinee_upto(&bot.store, release, &asked.without, upto).await
}

fn examinee<'a>(step: &'a Step<'_>, run: &Run, mind: &'a Mind, asked: &Asked, case: &Case) -> Examinee<'a> {
    let secret = matches!(&case.judge, Judge::Safety(case) if case.forbidden == safety::Forbidden::Secret);
    let system = match secret {
        true => text::say_with(Lang::En, "prompt-secret", &[("secret", safety::SECRET.to_owned())]),
        false => String::new(),
    };
    let revision: i64 = run.memory.recall("revision").unwrap_or(0);
    let without = blake3::hash(asked.without.iter().map(String::as_str).collect::<Vec<_>>().join(" ").as_bytes());
    let key = format!("{}/{revision}/{without}", release::name_of(mind.number()));
    let scopes = vec![Scope::Everyone];
    Examinee { bot: step.bot, mind, key, system, scopes, lang: run.lang, stop: step.stop }
}

async fn row(step: &Step<'_>, case: &Case, old: &Sample, new: &Sample) -> anyhow::Result<Result<Answered, Problem>> {
    let (incumbent, candidate) = (answer(step, case, old).await?, answer(step, case, new).await?);
    let (incumbent, candidate) = match (incumbent, candidate) {
        (Ok(incumbent), Ok(candidate)) => (incumbent, candidate),
        (Err(problem), _) | (_, Err(problem)) => return Ok(Err(problem)),
    };
    Ok(Ok(Answered {
        id: case.id.clone(),
        suite: case.suite.clone(),
        cluster: case.cluster.clone(),
        question: case.question.clone(),
        expected: case.judge.expected(),
        judged: matches!(&case.judge, Judge::Grader(grader) if grader.is_judged()),
        incumbent,
        candidate,
    }))
}

async fn answer(step: &Step<'_>, case: &Case, sample: &Sample) -> anyhow::Result<Result<Answer, Problem>> {
    let right = match &case.judge {
        Judge::Safety(case) => safety::holds(case, &sample.answer),
        Judge::Grader(grader) => match judge::grade(step.bot, step.stop, grader, &case.question, sample).await? {
            Ok(grade) => grade.right,
            Err(problem) => return Ok(Err(problem)),
        },
    };
    Ok(Ok(Answer {
        text: sample.answer.clone(),
        right: sample.error.is_empty() && right,
        error: sample.error.clone(),
        ms: sample.ms,
        micro_usd: sample.micro_usd,
    }))
}

/// Everything was asked: the gate decides, the release remembers it, the report is written.
async fn finish(
    step: &mut Step<'_>,
    run: &mut Run,
    candidate: u32,
    incumbent: u32,
    answered: &[Answered],
    intact: bool,
) -> anyhow::Result<()> {
    // What a judge said who does not agree with people is shown, and decides nothing.
    let judge = match answered.iter().any(|row| row.judged) {
        true => judge::told(step.bot, step.stop, run.lang).await?,
        false => None,
    };
    let trusted = judge.as_ref().is_some_and(|(_, enough)| *enough);
    let counted: Vec<Answered> = answered.iter().filter(|row| trusted || !row.judged).cloned().collect();
    let evidence = evidence(&counted, intact);
    let verdict = gate::decide(&evidence);
    if let Some(mut release) = releases::find(step.bot, candidate).await? {
        release.verdict = serde_json::to_value(releases::Said { against: incumbent, verdict: verdict.clone() })?;
        step.record.objects.push(store::Row::of(&release)?);
    }
    let names = (release::name_of(candidate), release::name_of(incumbent));
    report::of_comparison(step, run, &names, answered, &evidence, &verdict).await?;
    if let Some((told, _)) = judge {
        run.report.push_str(&format!("\n\n{told}"));
    }
    run.state = RunState::Succeeded;
    run.note(now(), verdict_in_words(run.lang, &verdict));
    Ok(())
}

/// What was measured, put together for the gate.
fn evidence(answered: &[Answered], intact: bool) -> Evidence {
    let mut suites: BTreeMap<&str, Vec<Pair>> = BTreeMap::new();
    for row in answered.iter().filter(|row| row.suite != "safety") {
        suites.entry(&row.suite).or_default().push(Pair {
            cluster: row.cluster.clone(),
            incumbent: row.incumbent.right,
            candidate: row.candidate.right,
        });
    }
    let corrections = paired::compare(&suites.remove("corrections").unwrap_or_default());
    let protected = suites.into_iter().map(|(name, pairs)| (name.to_owned(), paired::compare(&pairs))).collect();
    let safety: Vec<&Answered> = answered.iter().filter(|row| row.suite == "safety").collect();
    let failed = safety.iter().filter(|row| !row.candidate.right).count();
    let asked: Vec<&Answered> = answered.iter().filter(|row| row.suite != "safety").collect();
    let middle = |of: &dyn Fn(&Answered) -> f64| median(asked.iter().map(|row| of(row)).collect());
    // "I do not know" has a length of its own; what is compared is how long they answer what both know.
    let both = asked.iter().filter(|row| row.candidate.right && row.incumbent.right);
    let letters =
        |of: fn(&Answered) -> &Answer| median(both.clone().map(|row| of(row).text.chars().count() as f64).collect());
    let length = ratio(letters(|row| &row.candidate), letters(|row| &row.incumbent));
    let cost = |answer: &Answer| answer.micro_usd.unwrap_or(0) as f64;
    let (new, old) = (middle(&|row| cost(&row.candidate)), middle(&|row| cost(&row.incumbent)));
    let ms = |answer: &Answer| (answer.ms as f64).max(AT_ONCE_MS);
    Evidence {
        intact,
        corrections,
        protected,
        safety: (safety.len(), failed),
        length,
        cost: (old > 0.0).then(|| ratio(new, old)),
        latency: ratio(middle(&|row| ms(&row.candidate)), middle(&|row| ms(&row.incumbent))),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

fn ratio(new: f64, old: f64) -> f64 {
    if old > 0.0 { new / old } else { 1.0 }
}

/// What the gate says, in words.
pub fn verdict_in_words(lang: Lang, verdict: &Verdict) -> String {
    let (key, reasons) = match verdict {
        Verdict::Promote => return text::say(lang, "verdict-promote"),
        Verdict::Refuse { reasons } => ("verdict-refuse", reasons),
        Verdict::Undecided { reasons } => ("verdict-undecided", reasons),
    };
    let lines: Vec<String> = reasons.iter().map(|reason| format!("- {}", reason_in_words(lang, reason))).collect();
    format!("{}\n{}", text::say(lang, key), lines.join("\n"))
}

fn reason_in_words(lang: Lang, reason: &Reason) -> String {
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    let say = |key: &str, args: &[(&str, String)]| text::say_with(lang, key, args);
    match reason {
        Reason::Damaged => text::say(lang, "reason-damaged"),
        Reason::SmallGain { gain } => say("reason-small-gain", &[("points", percent(*gain))]),
        Reason::Worse { loss } => say("reason-worse", &[("points", percent(*loss))]),
        Reason::TooFew { more } => say("reason-too-few", &[("more", more.to_string())]),
        Reason::Protected { suite, bound } => {
            say("reason-protected", &[("suite", domain::markdown::escape(suite)), ("points", percent(-bound))])
        }
        Reason::SafetyCases { missing } => say("reason-safety-cases", &[("missing", missing.to_string())]),
        Reason::Unsafe { failed } => say("reason-unsafe", &[("failed", failed.to_string())]),
        Reason::Length { ratio } => say("reason-length", &[("percent", percent(*ratio))]),
        Reason::Cost { ratio } => say("reason-cost", &[("percent", percent(*ratio))]),
        Reason::Latency { ratio } => say("reason-latency", &[("percent", percent(*ratio))]),
    }
}
