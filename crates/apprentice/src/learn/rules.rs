//! `/rule`: an instruction that counts in every answer of its scope. Before it is switched on it is tried on questions
//! that it is meant for, which it must change, and on others near them, which it must leave alone.

use crate::answer::Question;
use crate::bot::now;
use crate::knowledge::Mind;
use crate::learn::lessons::{self, labelled, one_line};
use crate::learn::oracle;
use crate::learn::run::{self, Next, Problem, Step, Stepped};
use crate::media::see::Shown;
use crate::think::{self, Asking};
use crate::turn::Turn;
use domain::exchange::{Rule, Scope};
use domain::ids::{MessageId, RuleId};
use domain::outgoing::Outgoing;
use domain::person::{ChatPrefs, Standing};
use domain::run::{Run, RunState, Task};
use domain::text;
use serde::{Deserialize, Serialize};

/// Longest rule, characters.
const LONGEST: usize = 600;
/// Most rules of one scope.
const MOST: u32 = 30;
/// Rules that somebody who is no trainer may try in an hour: a trial asks a model up to 61 times.
const TRIALS: i64 = 5;
/// Milliseconds of an hour.
const HOUR_MS: i64 = 60 * 60 * 1000;
/// Questions that it is meant for, and questions near them.
const INSIDE: usize = 5;
const NEAR: usize = 10;

/// `/rule [text | off id | everyone id]`
pub async fn command(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let words: Vec<&str> = argument.split_whitespace().collect();
    match words.as_slice() {
        [] => list(turn).await,
        ["off", id] => off(turn, id).await,
        ["everyone", id] if turn.standing >= Standing::Owner => everyone(turn, id).await,
        _ => make(turn, argument.trim()).await,
    }
}

async fn list(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let rules = turn.mind.rules(&turn.scopes());
    if rules.is_empty() {
        let text = turn.text("rule-none");
        turn.reply(text);
        return Ok(());
    }
    let mut lines = vec![turn.text("rule-head")];
    let mut buttons = Vec::new();
    for rule in &rules {
        lines.push(format!("- {} _{}_", one_line(&rule.text), turn.text(lessons::scope_key(&rule.scope))));
        let start: String = rule.text.chars().take(30).collect();
        let mut row = Vec::new();
        if may_end(turn, rule) {
            row.push(labelled(format!("✖ {start}"), format!("/rule off {}", rule.id)));
        }
        if turn.standing == Standing::Owner && rule.scope != Scope::Everyone {
            row.push(labelled(turn.text("button-publish"), format!("/rule everyone {}", rule.id)));
        }
        buttons.extend(Some(row).filter(|row| !row.is_empty()));
    }
    turn.deliver(Outgoing { markdown: lines.join("\n"), buttons, ..Outgoing::default() });
    Ok(())
}

fn may_end(turn: &Turn<'_>, rule: &Rule) -> bool {
    turn.standing >= Standing::Owner || rule.teacher == turn.person.id
}

async fn off(turn: &mut Turn<'_>, id: &str) -> anyhow::Result<()> {
    match turn.bot.store.rule(&RuleId::from(id)).await? {
        Some(rule) if may_end(turn, &rule) => {
            turn.record.forget.push(id.to_owned());
            say(turn, "rule-off")
        }
        _ => say(turn, "forget-unknown"),
    }
}

/// Makes a rule of one scope count for everybody.
async fn everyone(turn: &mut Turn<'_>, id: &str) -> anyhow::Result<()> {
    match turn.bot.store.rule(&RuleId::from(id)).await? {
        Some(rule) if rule.scope == Scope::Everyone => say(turn, "scope-everyone"),
        Some(rule) => {
            turn.record.forget.push(id.to_owned());
            let id = RuleId(ulid::Ulid::generate().to_string());
            turn.record.rules.push(Rule { id, scope: Scope::Everyone, at: turn.now, ..rule });
            say(turn, "scope-everyone")
        }
        None => say(turn, "forget-unknown"),
    }
}

async fn make(turn: &mut Turn<'_>, words: &str) -> anyhow::Result<()> {
    let scope = turn.teaching_scope();
    if turn.in_group() && turn.standing < Standing::Trainer {
        return say(turn, "rule-group");
    }
    if words.chars().count() > LONGEST {
        let text = turn.text_with("rule-too-long", &[("limit", LONGEST.to_string())]);
        turn.reply(text);
        return Ok(());
    }
    if learning::admit::attack(words).is_some() && scope != Scope::Person(turn.person.id.clone()) {
        let text = turn.text_with("taught-refused", &[("why", turn.text("admission-injection"))]);
        turn.reply(text);
        return Ok(());
    }
    if turn.bot.store.rules(Some(&scope), MOST).await?.len() >= MOST as usize {
        return say(turn, "rule-too-many");
    }
    if oracle::chain(turn.bot).is_empty() {
        turn.record.rules.push(Rule {
            id: RuleId(ulid::Ulid::generate().to_string()),
            scope,
            text: words.to_owned(),
            teacher: turn.person.id.clone(),
            at: turn.now,
        });
        return say(turn, "rule-on-untried");
    }
    if tries_too_often(turn).await? {
        let text = turn.text_with("rule-too-often", &[("limit", TRIALS.to_string())]);
        turn.reply(text);
        return Ok(());
    }
    let mut run = run::begin(turn, Task::TryRule { rule: words.to_owned() })?;
    run.memory.keep("scope", scope);
    turn.record.objects.push(store::Row::of(&run)?);
    Ok(())
}

/// Whether this person has tried all the rules of this hour. Below a trainer nobody begins a run of another kind.
async fn tries_too_often(turn: &Turn<'_>) -> anyhow::Result<bool> {
    if turn.standing >= Standing::Trainer {
        return Ok(false);
    }
    let tried = turn.bot.store.made_by::<Run>(turn.person.id.as_str(), turn.now.plus(-HOUR_MS)).await?;
    Ok(tried >= TRIALS)
}

fn say(turn: &mut Turn<'_>, key: &str) -> anyhow::Result<()> {
    let text = turn.text(key);
    turn.reply(text);
    Ok(())
}

/// The questions that a rule is tried on, and what it did.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Trial {
    /// Questions that it is meant for.
    inside: Vec<String>,
    /// Questions near them that it must leave alone.
    near: Vec<String>,
    /// Questions on which it did not do what it must, with what it did.
    wrong: Vec<String>,
    /// Questions that were tried.
    tried: usize,
}

#[derive(Deserialize)]
struct Judged {
    follows: bool,
}

/// The next step of trying a rule.
pub async fn step(step: &mut Step<'_>, run: &mut Run, words: &str) -> Stepped {
    if run.state == RunState::Running && run.way == "on" {
        return Ok(Ok(switch_on(step, run, words)?));
    }
    let mut trial: Trial = run.memory.recall("trial").unwrap_or_default();
    run.state = RunState::Running;
    if trial.inside.is_empty() {
        let instruction = text::say(run.lang, "prompt-rule-questions");
        trial = match oracle::ask(step.bot, &instruction, words, step.stop).await {
            Ok(trial) => trial,
            Err(problem) => return Ok(untried(run, &problem)),
        };
        trial.inside.truncate(INSIDE);
        trial.near.truncate(NEAR);
        if trial.inside.is_empty() {
            return Ok(untried(run, &Problem::new("rule-no-questions")));
        }
    } else if let Some((question, meant)) = next(&trial) {
        match fires(step, run, words, &question).await? {
            Ok(fired) => {
                if fired != meant {
                    // A plus sign and a plain space would begin a list of its own.
                    trial.wrong.push(format!("{}\u{a0}{question}", if meant { '−' } else { '+' }));
                }
                trial.tried += 1;
            }
            Err(problem) => return Ok(untried(run, &problem)),
        }
    } else {
        return Ok(Ok(tried(step, run, words, &trial)?));
    }
    run.done = (trial.tried as u64, (trial.inside.len() + trial.near.len()) as u64);
    run.memory.keep("trial", &trial);
    Ok(Ok(Next::Step))
}

fn next(trial: &Trial) -> Option<(String, bool)> {
    let inside = trial.inside.iter().map(|question| (question, true));
    let near = trial.near.iter().map(|question| (question, false));
    inside.chain(near).nth(trial.tried).map(|(question, meant)| (question.clone(), meant))
}

/// A rule that could not be tried can still be switched on by whoever takes the responsibility.
fn untried(run: &mut Run, problem: &Problem) -> Result<Next, Problem> {
    let why = text::say_with(run.lang, problem.key, &problem.args);
    run.report = text::say_with(run.lang, "rule-untried", &[("why", why)]);
    Ok(Next::Ask(vec!["on"]))
}

/// Whether the rule changes the answer to a question so that it is followed.
async fn fires(step: &Step<'_>, run: &Run, words: &str, question: &str) -> anyhow::Result<Result<bool, Problem>> {
    let base = step.bot.knowledge.mind(&run.place.conversation());
    let rule = rule_of(run, words);
    let with = base.clone().with_rules(vec![rule]);
    match followed(step, run, words, question, with).await? {
        // What would be said without the rule as well is not its doing.
        Ok(true) => Ok(followed(step, run, words, question, base.with_rules(Vec::new())).await?.map(|plain| !plain)),
        other => Ok(other),
    }
}

/// Whether what a mind answers follows the rule.
async fn followed(
    step: &Step<'_>,
    run: &Run,
    words: &str,
    question: &str,
    mind: Mind,
) -> anyhow::Result<Result<bool, Problem>> {
    match answer(step, run, mind, question).await? {
        Ok(answer) => Ok(follows(step, run, words, question, &answer).await),
        Err(problem) => Ok(Err(problem)),
    }
}

async fn follows(step: &Step<'_>, run: &Run, rule: &str, question: &str, answer: &str) -> Result<bool, Problem> {
    let instruction = text::say(run.lang, "prompt-rule-judge");
    let args = [("rule", rule.to_owned()), ("question", question.to_owned()), ("answer", answer.to_owned())];
    let material = text::say_with(run.lang, "prompt-rule-material", &args);
    let judged: Result<Judged, Problem> = oracle::ask(step.bot, &instruction, &material, step.stop).await;
    judged.map(|judged| judged.follows)
}

async fn answer(step: &Step<'_>, run: &Run, mind: Mind, question: &str) -> anyhow::Result<Result<String, Problem>> {
    let prefs = ChatPrefs::default();
    let asking = Asking {
        shown: Shown::default(),
        read: &[],
        bot: step.bot,
        mind,
        scopes: vec![Scope::Everyone, scope_of(run)],
        prefs: &prefs,
        log: &[],
        summary: "",
        looked_back_fully: false,
        group: false,
        lang: run.lang,
        alone: false,
        stop: step.stop,
    };
    let question = Question::plain(question.to_owned(), MessageId::from("rule"));
    let thought = think::think(&asking, &question, &mut |_| {}).await?;
    Ok(thought.map(|thought| thought.markdown).map_err(|sorry| Problem::with(sorry.key, &sorry.args)))
}

fn scope_of(run: &Run) -> Scope {
    run.memory.recall("scope").unwrap_or_else(|| Scope::Person(run.person.clone()))
}

fn rule_of(run: &Run, words: &str) -> Rule {
    Rule {
        id: RuleId(run.id.0.clone()),
        scope: scope_of(run),
        text: words.to_owned(),
        teacher: run.person.clone(),
        at: now(),
    }
}

/// Everything was tried: a rule that did what it must is on, else its maker decides.
fn tried(step: &mut Step<'_>, run: &mut Run, words: &str, trial: &Trial) -> anyhow::Result<Next> {
    if trial.wrong.is_empty() {
        return switch_on(step, run, words);
    }
    let mark = |line: &String| (line.chars().take(2).collect::<String>(), line.chars().skip(2).collect::<String>());
    let lines = trial.wrong.iter().map(mark).map(|(mark, question)| format!("- {mark}{}", one_line(&question)));
    let lines: Vec<String> = lines.collect();
    let args = [
        ("count", trial.wrong.len().to_string()),
        ("all", trial.tried.to_string()),
        ("lines", lines.join("\n") + "\n"),
    ];
    run.report = text::say_with(run.lang, "rule-misfires", &args);
    Ok(Next::Ask(vec!["on"]))
}

fn switch_on(step: &mut Step<'_>, run: &mut Run, words: &str) -> anyhow::Result<Next> {
    let rule = rule_of(run, words);
    let args = [("rule", one_line(words)), ("scope", text::say(run.lang, lessons::scope_key(&rule.scope)))];
    run.report = text::say_with(run.lang, "rule-on", &args);
    run.offers = vec![(text::say(run.lang, "button-rule-off"), format!("/rule off {}", rule.id))];
    step.record.rules.push(rule);
    run.state = RunState::Succeeded;
    Ok(Next::Over)
}
