//! What a comparison found: in words on its card, as a picture, and as a file with every case. The names in the file are
//! stable (`docs/reports.md`).

use crate::learn::compare::{Answered, verdict_in_words};
use crate::learn::run::Step;
use crate::learn::source;
use domain::markdown::escape;
use domain::run::Run;
use domain::text;
use learning::gate::{Evidence, Verdict};
use learning::paired::Comparison;
use serde_json::{Value, json};
use std::io::Write as _;

/// Misses that are shown in words, each with a button that teaches the right answer.
const MISSES: usize = 3;

/// Leaves the report of a comparison in the run's memory and in the data root.
pub async fn of_comparison(
    step: &Step<'_>,
    run: &mut Run,
    (candidate, incumbent): &(String, String),
    answered: &[Answered],
    evidence: &Evidence,
    verdict: &Verdict,
) -> anyhow::Result<()> {
    let document = json!({
        "format": 1,
        "candidate": candidate,
        "incumbent": incumbent,
        "verdict": verdict,
        "evidence": evidence_as_json(evidence),
        "cases": answered,
    });
    let path = format!("reports/{}/{candidate}-{incumbent}-{}.json", run.person, run.id.as_str().to_lowercase());
    let (vault, into) = (step.bot.vault.clone(), path.clone());
    tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
        let mut draft = vault.replace(&into)?;
        serde_json::to_writer_pretty(&mut draft, &document)?;
        draft.write_all(b"\n")?;
        draft.commit()?;
        Ok(())
    })
    .await??;
    run.file = source::stored(&path);
    run.report = in_words(run, candidate, incumbent, answered, evidence, verdict);
    run.shares = shares(answered);
    run.misses = misses(answered);
    run.offers = offers(run, candidate, verdict);
    Ok(())
}

fn evidence_as_json(evidence: &Evidence) -> Value {
    let one = |found: &Comparison| {
        json!({
            "cases": found.cases, "gained": found.gained, "lost": found.lost, "difference": found.difference,
            "interval": [found.interval.0, found.interval.1], "p_better": found.p_better, "p_worse": found.p_worse,
        })
    };
    let protected: serde_json::Map<String, Value> =
        evidence.protected.iter().map(|(name, found)| (name.clone(), one(found))).collect();
    json!({
        "intact": evidence.intact,
        "corrections": one(&evidence.corrections),
        "protected": protected,
        "safety": {"cases": evidence.safety.0, "failed": evidence.safety.1},
        "length_ratio": evidence.length, "cost_ratio": evidence.cost, "latency_ratio": evidence.latency,
    })
}

fn in_words(
    run: &Run,
    candidate: &str,
    incumbent: &str,
    answered: &[Answered],
    evidence: &Evidence,
    verdict: &Verdict,
) -> String {
    let held: Vec<&Answered> = answered.iter().filter(|row| row.suite == "corrections").collect();
    let right = |of: fn(&Answered) -> bool| held.iter().filter(|row| of(row)).count().to_string();
    let points = |share: f64| format!("{:+.1}", share * 100.0);
    let found = &evidence.corrections;
    let args = [
        ("candidate", candidate.to_owned()),
        ("incumbent", incumbent.to_owned()),
        ("cases", held.len().to_string()),
        ("old", right(|row| row.incumbent.right)),
        ("new", right(|row| row.candidate.right)),
        ("points", points(found.difference)),
        ("low", points(found.interval.0)),
        ("high", points(found.interval.1)),
        ("safety", evidence.safety.0.to_string()),
        ("failed", evidence.safety.1.to_string()),
    ];
    let mut parts = vec![text::say_with(run.lang, "compare-done", &args), verdict_in_words(run.lang, verdict)];
    let wrong = held.iter().filter(|row| !row.candidate.right).take(MISSES);
    parts.extend(wrong.map(|row| {
        let args = [
            ("question", short(&row.question)),
            ("expected", short(&row.expected)),
            ("answer", short(&row.candidate.text)),
        ];
        text::say_with(run.lang, "test-miss", &args)
    }));
    parts.join("\n\n")
}

/// Shares answered right by suite, for the picture: name, cases, right before, right after.
fn shares(answered: &[Answered]) -> Vec<(String, u64, u64, u64)> {
    let mut suites: std::collections::BTreeMap<&str, (u64, u64, u64)> = std::collections::BTreeMap::new();
    for row in answered {
        let (cases, old, new) = suites.entry(&row.suite).or_default();
        *cases += 1;
        *old += u64::from(row.incumbent.right);
        *new += u64::from(row.candidate.right);
    }
    suites.into_iter().map(|(name, (cases, old, new))| (name.to_owned(), cases, old, new)).collect()
}

/// The first misses with their right answers, so that a tap can teach them.
fn misses(answered: &[Answered]) -> Vec<(String, String)> {
    let wrong = answered.iter().filter(|row| row.suite != "safety" && !row.candidate.right).take(MISSES);
    wrong.map(|row| (row.question.clone(), row.expected.clone())).collect()
}

fn offers(run: &Run, candidate: &str, verdict: &Verdict) -> Vec<(String, String)> {
    let say = |key: &str| text::say_with(run.lang, key, &[("name", candidate.to_owned())]);
    match verdict {
        Verdict::Promote => vec![
            (say("button-promote"), format!("/promote {candidate}")),
            (say("button-canary"), format!("/canary {candidate} 10%")),
        ],
        Verdict::Undecided { .. } => vec![
            (say("button-canary"), format!("/canary {candidate} 10%")),
            (say("button-shadow"), format!("/shadow {candidate}")),
        ],
        Verdict::Refuse { .. } => Vec::new(),
    }
}

/// The start of a text on one line, with Markdown's own characters made harmless.
pub fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let start: String = line.chars().take(160).collect();
    let dots = if start.len() < line.len() { "…" } else { "" };
    escape(&start) + dots
}
