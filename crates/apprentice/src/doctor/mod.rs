//! `apprentice doctor`: looks at everything the bot needs and says what to do about what is amiss.
//!
//! A check never changes anything that lasts, shows no secret, and ends within seconds. The checks
//! over the network run side by side.

mod machine;
mod network;
mod platforms;
mod providers;
mod reading;
mod senses;
#[cfg(test)]
mod tests;

use crate::settings::{Fault, Loaded, Problem};
use domain::ids::Millis;
use domain::person::Lang;
use domain::text::{say, say_with};
use sandbox::Kept;
use std::future::Future;

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// All is well.
    Good,
    /// Nothing is wrong, but it is good to know.
    Note,
    /// It works, but not for long or not fully.
    Warning,
    /// It does not work.
    Error,
}

impl Level {
    const fn mark(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Note => "·",
            Self::Warning => "!",
            Self::Error => "✗",
        }
    }
}

/// A text with what stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    key: &'static str,
    args: Vec<(&'static str, String)>,
}

impl Said {
    fn say(&self, lang: Lang) -> String {
        if self.args.is_empty() { say(lang, self.key) } else { say_with(lang, self.key, &self.args) }
    }
}

/// What one check found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// How it went.
    pub level: Level,
    what: Said,
    /// The fault of the settings that it is about.
    fault: Option<Fault>,
    advice: Option<Said>,
}

type Args<'a> = &'a [(&'static str, &'a dyn std::fmt::Display)];

fn said(key: &'static str, args: Args<'_>) -> Said {
    Said { key, args: args.iter().map(|(name, value)| (*name, value.to_string())).collect() }
}

impl Finding {
    fn new(level: Level, key: &'static str, args: Args<'_>) -> Self {
        Self { level, what: said(key, args), fault: None, advice: None }
    }
    fn good(key: &'static str, args: Args<'_>) -> Self {
        Self::new(Level::Good, key, args)
    }
    fn note(key: &'static str, args: Args<'_>) -> Self {
        Self::new(Level::Note, key, args)
    }
    fn warning(key: &'static str, args: Args<'_>) -> Self {
        Self::new(Level::Warning, key, args)
    }
    fn error(key: &'static str, args: Args<'_>) -> Self {
        Self::new(Level::Error, key, args)
    }
    fn of_fault(level: Level, key: &'static str, fault: &Fault) -> Self {
        Self { fault: Some(fault.clone()), ..Self::new(level, key, &[]) }
    }
    /// Adds what to do about it.
    fn advise(mut self, key: &'static str, args: Args<'_>) -> Self {
        self.advice = Some(said(key, args));
        self
    }

    /// Says it: a line with a mark, and an indented one with what to do.
    pub fn say(&self, lang: Lang) -> String {
        let what = match &self.fault {
            Some(fault) => say_with(lang, self.what.key, &[("fault", fault.say(lang))]),
            None => self.what.say(lang),
        };
        let what = format!("{} {what}", self.level.mark());
        match &self.advice {
            Some(advice) => format!("{what}\n    → {}", advice.say(lang)),
            None => what,
        }
    }
}

/// What all checks found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The findings, in the order of the checks.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The worst that was found.
    pub fn worst(&self) -> Level {
        self.findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Good)
    }

    /// Whether something does not work: then the command ends with 1.
    pub fn failed(&self) -> bool {
        self.worst() == Level::Error
    }

    /// Says all of it, with a last line on how it stands.
    pub fn say(&self, lang: Lang) -> String {
        let count = |level| self.findings.iter().filter(|finding| finding.level == level).count();
        let mut lines: Vec<_> = self.findings.iter().map(|finding| finding.say(lang)).collect();
        let end = match self.worst() {
            Level::Good | Level::Note => said("doctor-end-good", &[]),
            Level::Warning => said("doctor-end-warning", &[("count", &count(Level::Warning))]),
            Level::Error => said("doctor-end-error", &[("count", &count(Level::Error))]),
        };
        lines.push(String::new());
        lines.push(end.say(lang));
        lines.join("\n") + "\n"
    }
}

/// What there is to say when the settings themselves have faults: nothing else can be checked then.
pub fn of_problem(problem: &Problem) -> Report {
    let finding = |fault| Finding::of_fault(Level::Error, "doctor-settings-fault", fault);
    Report { findings: problem.faults.iter().map(finding).collect() }
}

/// Checks everything. `database` opens the database and closes it again, or says why it cannot; `child` starts the
/// process that reads files and says how far it is shut in, or why it does not start.
pub async fn run(
    loaded: &Loaded,
    now: Millis,
    database: impl Future<Output = Result<(), String>>,
    child: impl Future<Output = Result<Kept, String>>,
) -> Report {
    let mut findings = machine::settings(loaded);
    findings.extend(machine::data_directory(&loaded.settings));
    findings.push(machine::database(loaded, database).await);
    findings.push(machine::page(&loaded.settings).await);
    findings.extend(machine::files(&loaded.settings));
    findings.push(reading::confinement(loaded, child).await);
    findings.push(reading::programs(loaded));
    let client = match network::Client::new() {
        Ok(client) => client,
        Err(error) => {
            findings.push(Finding::error("doctor-no-client", &[("why", &error)]));
            return Report { findings };
        }
    };
    let (telegram, discord, providers, senses) = tokio::join!(
        platforms::telegram(&client, loaded),
        platforms::discord(&client, loaded),
        providers::all(&client, loaded, now),
        senses::all(&client, loaded),
    );
    findings.extend(telegram);
    findings.extend(discord);
    findings.extend(providers);
    findings.extend(senses);
    findings.push(client.clock(now));
    Report { findings }
}
