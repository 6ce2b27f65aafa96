//! Files become examples. First everything is read and checked, and a person is shown what was found; only with their
//! yes is any of it taken in. A file with faults is named by line; nothing of a faulty set is ever half imported.

mod files;
mod seal;
mod seen;
mod taking;

use crate::bot::{Bot, now};
use crate::learn::faults;
use crate::learn::run::{self, Next, Problem, Step, Stepped};
use crate::learn::watch::{self, Ticker};
use domain::example::{Datum, ExampleState};
use domain::markdown::escape;
use domain::person::Lang;
use domain::run::{Run, RunState, Task};
use domain::text;
use files::{Cursor, Source};
use learning::shape::{self, Event, Options, Report, Shape};
use seal::{Content, Hashed, Marks, Seal};
use seen::Seen;
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, BufReader, Read as _};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use vault::{Denied, Vault};

/// Largest file, bytes.
const LARGEST: u64 = 4 << 30;
/// Largest text that becomes a document, bytes.
const LARGEST_TEXT: u64 = 1 << 20;
/// Faults that are shown.
const FAULTS: usize = 10;
/// Items that are shown beforehand.
const PREVIEW: usize = 3;
/// People of Telegram exports that are shown.
const PEOPLE: usize = 24;
/// How long a step reads, once it reads what is new to it, before it saves where it stands. A file is checked in one
/// step however long that takes: going on in its middle would mean to read it from its beginning again.
const LONGEST: Duration = Duration::from_secs(20);

/// What the run remembers between two steps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Memory {
    /// Whether what was found is being taken in.
    taking: bool,
    /// Whose answers count in a Telegram export, once somebody said it.
    own: Vec<String>,
    /// The named paths, none of them twice; empty before the first step.
    paths: Vec<String>,
    /// How far the files have been gone through, since they are checked or since they are taken in.
    cursor: Cursor,
    /// The file behind the cursor, and how many of its items are taken in already; 0 for none.
    within: (String, u64),
    found: Found,
    /// What everything was when it was checked.
    checked: Seal,
    marks: Marks,
    /// What is taken in so far.
    sealed: Seal,
    texts: u64,
}

/// What was found when everything was read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Found {
    files: u64,
    items: u64,
    texts: u64,
    unknown: u64,
    duplicates: u64,
    faulty: u64,
    bytes: u64,
    faults: Vec<String>,
    preview: Vec<(String, String)>,
    participants: Vec<(String, String, u64)>,
}

/// The next step of an import.
pub async fn step(step: &mut Step<'_>, run: &mut Run) -> Stepped {
    let Task::Import { paths, positive, train } = run.task.clone() else { return Ok(Ok(Next::Over)) };
    let mut memory: Memory = run.memory.recall("import").unwrap_or_default();
    let way = run.way.clone();
    if run.state == RunState::Running && !memory.taking {
        confirmed(run, &mut memory, &way);
    }
    let given = Options { positive, own: memory.own.clone(), most_faults: FAULTS, ..Options::default() };
    let sources = match next_files(step.bot, &mut memory, paths).await? {
        Ok(sources) => sources,
        Err((path, denied)) => return Ok(Err(unreadable(run.lang, &denied, &path))),
    };
    let next = match (memory.taking, sources.is_empty()) {
        (false, false) => check(step, run, sources, &mut memory, given).await?.map(|()| Next::Step),
        (true, false) => taking::take_in(step, run, sources, &mut memory, given).await?.map(|()| Next::Step),
        (false, true) => checked(run, &memory, positive, train),
        (true, true) if memory.sealed != memory.checked => Err(changed(&memory.paths.join(", "))),
        (true, true) => Ok(done(step, run, &memory, way == "train").await?),
    };
    run.memory.keep("import", &memory);
    Ok(next)
}

/// The files of this step; before the first one, what is named twice is left out.
async fn next_files(
    bot: &Bot,
    memory: &mut Memory,
    named: Vec<String>,
) -> anyhow::Result<Result<Vec<Source>, files::Refused>> {
    let (vault, known, cursor) = (bot.vault.clone(), memory.paths.clone(), memory.cursor.clone());
    let found = tokio::task::spawn_blocking(move || {
        let paths = if known.is_empty() { files::distinct(&vault, &named)? } else { known };
        let sources = files::next(&vault, &paths, &cursor)?;
        Ok((paths, sources))
    });
    Ok(found.await?.map(|(paths, sources)| {
        memory.paths = paths;
        sources
    }))
}

fn unreadable(lang: Lang, denied: &Denied, path: &str) -> Problem {
    Problem::with("import-unreadable", &[("why", faults::of_path(lang, denied, path))])
}

/// What is there is not what somebody said yes to.
fn changed(path: &str) -> Problem {
    Problem::with("import-changed", &[("path", escape(path))])
}

/// What a person's yes begins: taking in, or, when it says whose answers count, looking once more.
fn confirmed(run: &mut Run, memory: &mut Memory, way: &str) {
    memory.cursor = Cursor::default();
    if is_open_whose(memory) {
        if memory.found.participants.iter().any(|(id, ..)| id == way) {
            memory.own = vec![way.to_owned()];
        }
        (memory.found, memory.checked, memory.marks) = (Found::default(), Seal::default(), Marks::default());
        run.state = RunState::Validating;
        run.choices.clear();
    } else {
        memory.taking = true;
    }
}

/// Whether a Telegram export was found and nobody has said yet whose answers count.
fn is_open_whose(memory: &Memory) -> bool {
    memory.own.is_empty() && !memory.found.participants.is_empty()
}

/// Reads files and counts what is in them.
async fn check(
    step: &Step<'_>,
    run: &mut Run,
    sources: Vec<Source>,
    memory: &mut Memory,
    given: Options,
) -> anyhow::Result<Result<(), Problem>> {
    let examiner = Examiner { vault: step.bot.vault.clone(), seen: Seen::of(&run.id), given, lang: run.lang };
    let mut found = memory.clone();
    run.done = (0, sources.iter().map(|source| source.size).sum());
    let examined = watch::over(step, run, move |ticker| {
        let begun = Instant::now();
        for source in sources {
            if begun.elapsed() >= LONGEST {
                break;
            }
            match examiner.examine(&source, &mut found, ticker)? {
                ControlFlow::Continue(()) => found.cursor = source.then,
                ControlFlow::Break(None) => break,
                ControlFlow::Break(Some(problem)) => return Ok(Err(problem)),
            }
            ticker.file_done(source.size);
        }
        Ok(Ok(found))
    })
    .await?;
    Ok(examined.map(|found| *memory = found))
}

/// Looks at files without taking anything in.
struct Examiner {
    vault: Vault,
    seen: Seen,
    given: Options,
    lang: Lang,
}

impl Examiner {
    /// Adds what is in a file to what was found; or ends the step with a problem, or because it is to end.
    fn examine(
        &self,
        source: &Source,
        memory: &mut Memory,
        ticker: &Ticker,
    ) -> anyhow::Result<ControlFlow<Option<Problem>>> {
        let (mut input, size) = match open(&self.vault, source) {
            Ok(opened) => opened,
            // It was there when the directory was read, and nobody was told of it yet.
            Err(Denied::NotFound { .. }) => return Ok(ControlFlow::Continue(())),
            Err(denied) => return Ok(ControlFlow::Break(Some(unreadable(self.lang, &denied, &source.path)))),
        };
        let found = &mut memory.found;
        let content = match shape::detect(&source.path, input.fill_buf()?) {
            Some(shape) => {
                let report = self.read(shape, &mut input, memory.checked.files(), found, ticker)?;
                if report.stopped {
                    return Ok(ControlFlow::Break(None));
                }
                self.count(source, found, report);
                Content::Read(input.into_inner().finish()?)
            }
            None => {
                let text = readable(&mut input, source)?;
                *(if text.is_some() { &mut found.texts } else { &mut found.unknown }) += 1;
                content_of(input, text.as_deref(), size)?
            }
        };
        found.files += 1;
        found.bytes += size;
        memory.checked.add(&source.path, &content);
        memory.marks.set(&memory.checked);
        Ok(ControlFlow::Continue(()))
    }

    /// Reads the items of a file, which is the one after so many others.
    fn read(
        &self,
        shape: Shape,
        input: &mut Input,
        before: u64,
        found: &mut Found,
        ticker: &Ticker,
    ) -> anyhow::Result<Report> {
        let (mut known, mut preview) = (0, Vec::new());
        let mut report = shape::read(shape, input, &self.given, &mut |event| {
            match event {
                Event::Item(item) if self.seen.is_known(item.key, before) => known += 1,
                Event::Item(item) if found.preview.len() + preview.len() < PREVIEW => preview.push(short(&item.datum)),
                Event::Item(_) => {}
                Event::Progress(bytes) => ticker.bytes(bytes),
            }
            if ticker.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if !report.stopped {
            found.preview.extend(preview);
        }
        report.read = report.read.saturating_sub(known);
        report.duplicates += known;
        Ok(report)
    }

    fn count(&self, source: &Source, found: &mut Found, report: Report) {
        found.items += report.read;
        found.duplicates += report.duplicates;
        found.faulty += report.faulty;
        let room = FAULTS.saturating_sub(found.faults.len());
        let faults = report.faults.iter().take(room);
        found.faults.extend(faults.map(|fault| faults::of_line(self.lang, &source.path, fault)));
        if report.shape == Shape::TelegramExport && self.given.own.is_empty() {
            let room = PEOPLE.saturating_sub(found.participants.len()).min(8);
            let people = report.participants.into_iter().take(room);
            found.participants.extend(people.map(|who| (who.id, who.name, who.messages)));
        }
    }
}

type Input = BufReader<Hashed<std::fs::File>>;

/// Opens a file at its beginning; with its size, bytes.
fn open(vault: &Vault, source: &Source) -> Result<(Input, u64), Denied> {
    let (file, entry) = vault.open_file(&source.path, LARGEST)?;
    Ok((BufReader::with_capacity(1 << 18, Hashed::new(file)), entry.size))
}

/// What is known of the content of a file that is no data.
fn content_of(input: Input, text: Option<&str>, size: u64) -> std::io::Result<Content> {
    Ok(match text {
        Some(_) => Content::Read(input.into_inner().finish()?),
        None => Content::Passed(size),
    })
}

/// The text of a file that is no data; none when it is no text either.
fn readable(input: &mut impl std::io::Read, source: &Source) -> anyhow::Result<Option<String>> {
    const ENDINGS: [&str; 6] = ["txt", "md", "markdown", "rst", "log", "srt"];
    let ending = source.path.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    if source.size > LARGEST_TEXT || !ENDINGS.contains(&ending.as_str()) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    input.take(LARGEST_TEXT).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).ok();
    Ok(text.filter(|text| !text.trim().is_empty()).map(|text| text.trim_start_matches('\u{feff}').to_owned()))
}

fn short(datum: &Datum) -> (String, String) {
    let cut = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect::<String>();
    let answer = datum.chosen.as_deref().or(datum.rejected.as_deref()).unwrap_or_default();
    (cut(&datum.question), cut(answer))
}

/// Everything was read: what was found is shown and asked about, or it is no use.
fn checked(run: &mut Run, memory: &Memory, positive: bool, train: bool) -> Result<Next, Problem> {
    Seen::forget(&run.id);
    let found = &memory.found;
    if is_open_whose(memory) {
        return Ok(ask_whose(run, found));
    }
    if found.faulty > 0 {
        let lines: Vec<String> = found.faults.iter().map(|fault| format!("- {fault}")).collect();
        let args = [("count", found.faulty.to_string()), ("lines", lines.join("\n"))];
        return Err(Problem::with("import-faulty", &args));
    }
    if found.items + found.texts == 0 {
        let args = [("files", found.files.to_string())];
        return Err(Problem::with("import-nothing", &args));
    }
    run.report = preview(run, found, positive);
    let ways = if train && found.items > 0 { vec!["train", "learn"] } else { vec!["learn"] };
    Ok(Next::Ask(ways))
}

/// In a Telegram export several people write: somebody says whose answers are right ones.
fn ask_whose(run: &mut Run, found: &Found) -> Next {
    let people = &found.participants;
    let lines: Vec<String> = people
        .iter()
        .map(|(id, name, count)| format!("- {} (`/job {} go {id}`): {count}", escape(name), run.short()))
        .collect();
    run.report = text::say_with(run.lang, "import-whose", &[("people", lines.join("\n"))]);
    let named = people.iter().map(|(id, name, _)| (if name.is_empty() { id } else { name }.clone(), id.clone()));
    run.choices = named.collect();
    Next::Ask(Vec::new())
}

fn preview(run: &Run, found: &Found, positive: bool) -> String {
    let args = [
        ("files", found.files.to_string()),
        ("items", found.items.to_string()),
        ("texts", found.texts.to_string()),
        ("unknown", found.unknown.to_string()),
        ("duplicates", found.duplicates.to_string()),
        ("size", crate::learn::source::size(found.bytes)),
    ];
    let mut parts = vec![text::say_with(run.lang, "import-found", &args)];
    if found.items > 0 {
        parts.push(text::say(run.lang, if positive { "import-right" } else { "import-wrong" }));
    }
    parts.extend(found.preview.iter().map(|(q, a)| format!("> {} → {}", escape(q), escape(a))));
    parts.join("\n\n")
}

/// Takes back what was taken in so far: nothing of an import that does not come to its end counts.
pub async fn take_back(bot: &Bot, run: &mut Run) -> anyhow::Result<()> {
    Seen::forget(&run.id);
    if !run.report.is_empty() {
        run.report = text::say(run.lang, "import-taken-back");
    }
    bot.store.take_back(run.id.as_str()).await?;
    bot.knowledge.refresh(&bot.store).await
}

/// Everything was taken in.
async fn done(step: &mut Step<'_>, run: &mut Run, memory: &Memory, train: bool) -> anyhow::Result<Next> {
    let states = step.bot.store.examples_of(run.id.as_str()).await?;
    let count = |state: ExampleState| states.get(state.name()).copied().unwrap_or(0);
    let taken = count(ExampleState::Approved);
    let args = [
        ("taken", taken.to_string()),
        ("held", (count(ExampleState::Proposed) + count(ExampleState::Conflicted)).to_string()),
        ("texts", memory.texts.to_string()),
    ];
    run.report = text::say_with(run.lang, "import-done", &args);
    if train && taken > 0 {
        let trainer = crate::learn::source::trainer_of(step.bot);
        run::follow(step, run, Task::Train { dataset: 0, trainer })?;
    }
    run.state = RunState::Succeeded;
    run.note(now(), text::say_with(run.lang, "import-done", &args));
    Ok(Next::Over)
}
