//! Settings that change while the program runs: the files are looked at every two seconds and on
//! SIGHUP. What may change at once does; what needs a restart keeps its old value and is named. A
//! file with a fault in it changes nothing.

use super::keys::{self, Applies};
use super::{Loaded, Override, Problem, Settings, describe, load};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A key whose value is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The key.
    pub key: String,
    /// When the new value counts.
    pub applies: Applies,
    /// The value before, as it may be shown.
    pub old: String,
    /// The value now, as it may be shown.
    pub new: String,
}

/// Names every key whose value differs, and whether it applies at once.
pub fn reloadable_diff(old: &Loaded, new: &Loaded) -> Vec<Change> {
    let paths: BTreeSet<_> = old.entries.keys().chain(new.entries.keys()).collect();
    paths.into_iter().filter_map(|path| change(old, new, path)).collect()
}

fn change(old: &Loaded, new: &Loaded, path: &str) -> Option<Change> {
    let (before, after) = (old.entries.get(path), new.entries.get(path));
    if let (Some(before), Some(after)) = (before, after)
        && before.leaf.same(&after.leaf)
    {
        return None;
    }
    let shown = |entry: Option<&super::Entry>| entry.map(|e| describe::shown(path, &e.leaf)).unwrap_or_default();
    let applies = keys::find(path).map_or(Applies::Restart, |key| key.applies);
    Some(Change { key: path.to_owned(), applies, old: shown(before), new: shown(after) })
}

/// What looking at the files led to.
#[derive(Debug)]
pub enum Checked {
    /// No file has changed.
    Unchanged,
    /// The files were read again; these keys differ (those that need a restart keep their old value).
    Applied(Vec<Change>),
    /// The new files have faults: everything stays as it was.
    Refused(Problem),
}

/// The settings in effect now. Clones see the same.
#[derive(Clone, Debug)]
pub struct Live {
    current: Arc<watch::Sender<Arc<Loaded>>>,
}

impl Live {
    /// Settings that can change.
    pub fn new(loaded: Loaded) -> Self {
        Self { current: Arc::new(watch::Sender::new(Arc::new(loaded))) }
    }

    /// What is in effect now. Take it once per piece of work, so that the piece sees one state.
    pub fn current(&self) -> Arc<Loaded> {
        self.current.borrow().clone()
    }

    /// Follows the changes.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Loaded>> {
        self.current.subscribe()
    }
}

/// Looks at the files again and again until told to end; `changed` is handed what is new in effect.
pub async fn follow(live: Live, changed: impl Fn(&Settings), end: CancellationToken) {
    let mut watcher = Watcher::new(live);
    let mut hangup = hangups();
    loop {
        let checked = tokio::select! {
            () = end.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => watcher.check(),
            () = next_hangup(&mut hangup) => watcher.reload(),
        };
        report(&checked);
        if matches!(checked, Checked::Applied(_)) {
            changed(&watcher.live.current());
        }
    }
}

/// Looks after the files behind a [`Live`].
#[derive(Debug)]
pub struct Watcher {
    live: Live,
    seen: Fingerprint,
}

/// Time of change and size of each file; none where there is no file.
type Fingerprint = Vec<(PathBuf, Option<(SystemTime, u64)>)>;

fn fingerprint(files: &[PathBuf]) -> Fingerprint {
    let look = |file: &PathBuf| {
        let meta = std::fs::metadata(file).ok()?;
        Some((meta.modified().ok()?, meta.len()))
    };
    files.iter().map(|file| (file.clone(), look(file))).collect()
}

impl Watcher {
    /// Begins to watch the files as they are now.
    pub fn new(live: Live) -> Self {
        let seen = fingerprint(&live.current().watched);
        Self { live, seen }
    }

    /// Reads the files again if one of them has changed.
    pub fn check(&mut self) -> Checked {
        let files: Vec<_> = self.seen.iter().map(|(file, _)| file.clone()).collect();
        if fingerprint(&files) == self.seen { Checked::Unchanged } else { self.reload() }
    }

    /// Reads the files again.
    pub fn reload(&mut self) -> Checked {
        // Taken before reading: a change in between shows the next time.
        let files: Vec<_> = self.seen.iter().map(|(file, _)| file.clone()).collect();
        self.seen = fingerprint(&files);
        match load(&self.live.current().sources) {
            Err(problem) => Checked::Refused(problem),
            Ok(new) => self.apply(new),
        }
    }

    fn apply(&mut self, new: Loaded) -> Checked {
        let old = self.live.current();
        let changes = reloadable_diff(&old, &new);
        let known: BTreeSet<_> = self.seen.iter().map(|(file, _)| file).collect();
        let more: Vec<_> = new.watched.iter().filter(|file| !known.contains(file)).cloned().collect();
        self.seen.extend(fingerprint(&more));
        let prices_differ = new.prices != old.prices;
        if prices_differ || changes.iter().any(|change| change.applies == Applies::Live) {
            self.live.current.send_replace(Arc::new(keep_what_needs_a_restart(&old, new)));
        }
        Checked::Applied(changes)
    }
}

/// The new settings, with the old values of what only a restart can change.
pub(super) fn keep_what_needs_a_restart(old: &Loaded, new: Loaded) -> Loaded {
    let Loaded { settings: new_settings, prices, warnings, entries: new_entries, watched, sources } = new;
    let is_live = |path: &String| keys::find(path).is_some_and(|key| key.applies == Applies::Live);
    let mut entries = old.entries.clone();
    entries.retain(|path, _| !is_live(path));
    entries.extend(new_entries.into_iter().filter(|(path, _)| is_live(path)));
    let was = &old.settings;
    let settings = Settings {
        // Live:
        persona: new_settings.persona,
        instruction_file: new_settings.instruction_file,
        prices_file: new_settings.prices_file,
        access: new_settings.access,
        providers: new_settings.providers,
        model: new_settings.model,
        personas: new_settings.personas,
        turn: super::Turn { concurrency: was.turn.concurrency, ..new_settings.turn },
        limits: new_settings.limits,
        retrieval: new_settings.retrieval,
        learning: new_settings.learning,
        training: new_settings.training,
        hearing: new_settings.hearing,
        speaking: new_settings.speaking,
        drawing: new_settings.drawing,
        reading: new_settings.reading,
        telegram: super::Telegram { keywords: new_settings.telegram.keywords, ..was.telegram.clone() },
        // After a restart:
        ..was.clone()
    };
    Loaded { settings, prices, warnings, entries, watched, sources }
}

fn report(checked: &Checked) {
    match checked {
        Checked::Unchanged => {}
        Checked::Refused(problem) => {
            for fault in &problem.faults {
                tracing::error!(fault = %fault.say(domain::person::Lang::En), "settings not changed: the new ones have a fault");
            }
        }
        Checked::Applied(changes) => {
            for Change { key, applies, old, new } in changes {
                match applies {
                    Applies::Live => tracing::info!(key, old, new, "setting changed"),
                    Applies::Restart => tracing::warn!(key, "setting changed in the file; it counts after a restart"),
                }
            }
        }
    }
}

#[cfg(unix)]
type Hangups = Option<tokio::signal::unix::Signal>;
#[cfg(unix)]
fn hangups() -> Hangups {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok()
}
#[cfg(unix)]
async fn next_hangup(hangups: &mut Hangups) {
    match hangups {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

#[cfg(not(unix))]
type Hangups = ();
#[cfg(not(unix))]
fn hangups() -> Hangups {}
#[cfg(not(unix))]
async fn next_hangup(_: &mut Hangups) {
    std::future::pending().await
}

impl Override {
    /// A value that an argument of its own gives, as `--data`.
    pub fn of_flag(flag: &str, key: &str, value: impl Into<String>) -> Self {
        Self { key: key.to_owned(), value: value.into(), flag: flag.to_owned() }
    }
}
