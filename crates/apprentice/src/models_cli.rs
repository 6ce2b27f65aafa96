//! `apprentice models list|add|pull`: the model files of the recogniser within the program.
//!
//! A file is on the shelf whole or not at all; what a broken download brought is kept, and the next `pull` goes on
//! from there. A running bot takes a new file by itself.

use crate::cli::Models;
use crate::media::roles;
use crate::settings::Loaded;
use crate::start::{complain, say};
use domain::person::Lang;
use domain::text::{say as text, say_with};
use models::files::{FileFault, Known, NoModel, Shelf, Stored, known};
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

/// Does it and says what came of it; ends with 1 where nothing did.
pub async fn models(loaded: &Loaded, what: &Models, lang: Lang) -> ExitCode {
    let shelf = roles::shelf(loaded);
    let done = match what {
        Models::List => list(&shelf, &roles::shelf_directory(loaded), lang),
        Models::Add { file } => add(&shelf, file, lang).await,
        Models::Pull { name } => pull(&shelf, name, lang).await,
    };
    match done {
        Ok(told) if cfg!(feature = "whisper") => say(&told, ExitCode::SUCCESS),
        Ok(told) => say(&format!("{told}\n{}", text(lang, "models-not-built")), ExitCode::SUCCESS),
        Err(fault) => complain(&in_words(&fault, lang)),
    }
}

fn list(shelf: &Shelf, directory: &Path, lang: Lang) -> Result<String, FileFault> {
    let stored = shelf.list()?;
    let head = if stored.is_empty() { "models-none" } else { "models-head" };
    let mut lines = vec![say_with(lang, head, &[("directory", directory.display().to_string())])];
    lines.extend(stored.iter().map(|stored| format!("  {}", line(stored, lang))));
    let missing: Vec<&Known> = known().iter().filter(|known| stored.iter().all(|s| s.name != known.name)).collect();
    if !missing.is_empty() {
        lines.push(text(lang, "models-known"));
    }
    lines.extend(missing.into_iter().map(|known| {
        let args = [("name", known.name.clone()), ("mb", megabytes(known.bytes))];
        format!("  {}", say_with(lang, "models-known-line", &args))
    }));
    Ok(lines.join("\n"))
}

fn line(stored: &Stored, lang: Lang) -> String {
    let args = [("name", stored.name.clone()), ("mb", megabytes(stored.bytes))];
    match &stored.header {
        Ok(header) if header.is_multilingual() => say_with(lang, "models-line", &args),
        Ok(_) => say_with(lang, "models-line-english", &args),
        Err(why) => format!("{}: {}", stored.name, no_model(why, lang)),
    }
}

async fn add(shelf: &Shelf, file: &Path, lang: Lang) -> Result<String, FileFault> {
    let (shelf, file) = (shelf.clone(), file.to_owned());
    let added = tokio::task::spawn_blocking(move || shelf.add(&file)).await;
    let stored = added.map_err(|ended| FileFault::Disk(std::io::Error::other(ended)))??;
    Ok(here(&stored, lang))
}

async fn pull(shelf: &Shelf, name: &str, lang: Lang) -> Result<String, FileFault> {
    let mut bar = Bar { name, lang, shown: None, draws: std::io::stderr().is_terminal() };
    let pulled = shelf.pull(name, |here, whole| bar.move_to(here, whole)).await;
    bar.end();
    Ok(here(&pulled?, lang))
}

fn here(stored: &Stored, lang: Lang) -> String {
    let args = [("name", stored.name.clone()), ("path", stored.path.display().to_string())];
    say_with(lang, "models-here", &args)
}

/// How far a file has come: one line that is drawn over on a terminal, else one line for each tenth.
struct Bar<'a> {
    name: &'a str,
    lang: Lang,
    /// Percent that are shown; none before the first bytes.
    shown: Option<u64>,
    draws: bool,
}

/// Characters of a whole bar.
const WIDTH: usize = 30;

impl Bar<'_> {
    fn move_to(&mut self, here: u64, whole: u64) {
        let percent = (here.saturating_mul(100) / whole.max(1)).min(100);
        let step = if self.draws { percent } else { percent - percent % 10 };
        if self.shown != Some(step) {
            self.shown = Some(step);
            self.show(step, here, whole);
        }
    }

    fn show(&self, percent: u64, here: u64, whole: u64) {
        let args = [
            ("name", self.name.to_owned()),
            ("percent", percent.to_string()),
            ("here", megabytes(here)),
            ("whole", megabytes(whole)),
        ];
        let told = say_with(self.lang, "models-progress", &args);
        let mut out = std::io::stderr().lock();
        // Where nobody can be shown how far it is, the file comes all the same.
        let _ = match self.draws {
            true => {
                let full = WIDTH * usize::try_from(percent).unwrap_or(100) / 100;
                write!(out, "\r{}{} {told}\u{1b}[K", "█".repeat(full), "░".repeat(WIDTH.saturating_sub(full)))
            }
            false => writeln!(out, "{told}"),
        };
        let _ = out.flush();
    }

    fn end(&self) {
        if self.draws && self.shown.is_some() {
            let _ = writeln!(std::io::stderr());
        }
    }
}

/// Millions of bytes, at least one.
fn megabytes(bytes: u64) -> String {
    bytes.div_ceil(1_000_000).to_string()
}

fn in_words(fault: &FileFault, lang: Lang) -> String {
    let names = || known().iter().map(|known| known.name.as_str()).collect::<Vec<_>>().join(", ");
    let with = |key: &str, name: &'static str, value: String| say_with(lang, key, &[(name, value)]);
    match fault {
        FileFault::Unknown { name } => say_with(lang, "models-unknown", &[("name", name.clone()), ("names", names())]),
        FileFault::NoModel(why) => no_model(why, lang),
        FileFault::WrongHash { found } => with("models-wrong-hash", "hash", found.clone()),
        FileFault::Running => text(lang, "models-running"),
        FileFault::Refused { status } => with("models-refused", "status", status.to_string()),
        FileFault::TooLarge { most } => with("models-too-large", "mb", megabytes(*most)),
        FileFault::Unreachable { reason } => with("models-unreachable", "why", reason.clone()),
        FileFault::Disk(error) => with("models-disk", "why", error.to_string()),
    }
}

fn no_model(why: &NoModel, lang: Lang) -> String {
    match why {
        NoModel::OtherFile => text(lang, "models-other-file"),
        NoModel::Damaged { .. } => text(lang, "models-damaged"),
        NoModel::Short => text(lang, "models-short"),
        NoModel::Unreadable { reason } => say_with(lang, "models-disk", &[("why", reason.clone())]),
    }
}
