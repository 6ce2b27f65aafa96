//! Files become examples. First everything is read and checked, and a person is shown what was found; only with their
//! yes is any of it taken in. A file with faults is named by line; nothing of a faulty set is ever half imported.

use crate::bot::now;
use crate::learn::run::{self, Next, Problem, Step, Stepped};
use crate::learn::watch::{self, Ticker};
use crate::learn::{faults, lessons};
use domain::example::{Datum, Example, ExampleState, Origin};
use domain::exchange::{Document, Lesson, Scope};
use domain::ids::{DocumentId, ExampleId, LessonId};
use domain::incoming::ChatKind;
use domain::markdown::escape;
use domain::person::Lang;
use domain::run::{Run, RunState, Task};
use domain::text;
use learning::shape::{self, Event, Item, Options, Shape};
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, BufReader, Read as _};
use std::ops::ControlFlow;
use store::Row;
use vault::Vault;

/// Items that are written at once.
const PORTION: usize = 500;
/// Largest file, bytes.
const LARGEST: u64 = 4 << 30;
/// Largest text that becomes a document, bytes.
const LARGEST_TEXT: u64 = 1 << 20;
/// Faults that are shown.
const FAULTS: usize = 10;
/// Items that are shown beforehand.
const PREVIEW: usize = 3;
/// Files of one step.
const FILES: u64 = 2_000;
/// Bytes of one step, unless one file alone is larger.
const BYTES: u64 = 256 << 20;

/// What the run remembers between two steps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Memory {
    /// Whether what was found is being taken in.
    taking: bool,
    /// Whose answers count in a Telegram export, once somebody said it.
    own: Vec<String>,
    /// The last path that is done; empty before the first.
    after: String,
    found: Found,
    taken: u64,
    held_back: u64,
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

/// One file of what was named.
#[derive(Clone, Debug, PartialEq)]
struct Source {
    path: String,
    size: u64,
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
    let (vault, after) = (step.bot.vault.clone(), memory.after.clone());
    let sources = tokio::task::spawn_blocking(move || sources(&vault, &paths, &after)).await?;
    let sources = match sources {
        Ok(sources) => sources,
        Err((path, denied)) => {
            let why = faults::of_path(run.lang, &denied, &path);
            return Ok(Err(Problem::with("import-unreadable", &[("why", why)])));
        }
    };
    let last = sources.last().map(|source| source.path.clone());
    let next = match (memory.taking, last) {
        (false, Some(last)) => {
            memory.found = check(step, run, sources, memory.found.clone(), given).await?;
            memory.after = last;
            Next::Step
        }
        (true, Some(last)) => {
            take_in(step, run, sources, &mut memory, given).await?;
            memory.after = last;
            Next::Step
        }
        (false, None) => match checked(run, &memory, train) {
            Ok(next) => next,
            Err(problem) => return Ok(Err(problem)),
        },
        (true, None) => done(step, run, &memory, way == "train")?,
    };
    run.memory.keep("import", &memory);
    Ok(Ok(next))
}

/// What a person's yes begins: taking in, or, when it says whose answers count, looking once more.
fn confirmed(run: &mut Run, memory: &mut Memory, way: &str) {
    memory.after = String::new();
    if is_open_whose(memory) {
        if memory.found.participants.iter().any(|(id, ..)| id == way) {
            memory.own = vec![way.to_owned()];
        }
        memory.found = Found::default();
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

/// The next files after a path, in order, as many as make a step.
fn sources(vault: &Vault, paths: &[String], after: &str) -> Result<Vec<Source>, (String, vault::Denied)> {
    let mut found = Vec::new();
    let mut bytes = 0;
    let mut passing = !after.is_empty();
    for path in paths {
        let refused = |denied| (path.clone(), denied);
        let entry = vault.resolve(path).map_err(refused)?;
        let entries: Box<dyn Iterator<Item = vault::Entry>> = match entry.dir {
            true => Box::new(vault.walk(path).map_err(refused)?.filter_map(Result::ok)),
            false => Box::new(std::iter::once(entry)),
        };
        for entry in entries {
            if passing {
                passing = entry.path != after;
                continue;
            }
            bytes += entry.size;
            found.push(Source { path: entry.path, size: entry.size });
            if found.len() as u64 >= FILES || bytes >= BYTES {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// Reads files and counts what is in them.
async fn check(
    step: &Step<'_>,
    run: &mut Run,
    sources: Vec<Source>,
    mut found: Found,
    given: Options,
) -> anyhow::Result<Found> {
    let vault = step.bot.vault.clone();
    let all: u64 = sources.iter().map(|source| source.size).sum();
    let lang = run.lang;
    run.done = (0, all);
    watch::over(step, run, move |ticker| {
        for source in &sources {
            if ticker.is_stopped() {
                break;
            }
            examine(&vault, source, &given, lang, &mut found, ticker)?;
            ticker.file_done(source.size);
        }
        Ok(found)
    })
    .await
}

fn examine(
    vault: &Vault,
    source: &Source,
    given: &Options,
    lang: Lang,
    found: &mut Found,
    ticker: &Ticker,
) -> anyhow::Result<()> {
    found.files += 1;
    found.bytes += source.size;
    let (file, _) = vault.open_file(&source.path, LARGEST)?;
    let mut input = BufReader::with_capacity(1 << 18, file);
    let Some(shape) = shape::detect(&source.path, input.fill_buf()?) else {
        let text = readable(&mut input, source)?;
        *(if text.is_some() { &mut found.texts } else { &mut found.unknown }) += 1;
        return Ok(());
    };
    let report = shape::read(shape, input, given, &mut |event| {
        match event {
            Event::Item(item) if found.preview.len() < PREVIEW => found.preview.push(short(&item.datum)),
            Event::Item(_) => {}
            Event::Progress(bytes) => ticker.bytes(bytes),
        }
        if ticker.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    found.items += report.read;
    found.duplicates += report.duplicates;
    found.faulty += report.faulty;
    let room = FAULTS.saturating_sub(found.faults.len());
    found.faults.extend(report.faults.iter().take(room).map(|fault| faults::of_line(lang, &source.path, fault)));
    if shape == Shape::TelegramExport && report.read == 0 {
        found.participants.extend(report.participants.into_iter().take(8).map(|who| (who.id, who.name, who.messages)));
    }
    Ok(())
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
fn checked(run: &mut Run, memory: &Memory, train: bool) -> Result<Next, Problem> {
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
    run.report = preview(run, found);
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

fn preview(run: &Run, found: &Found) -> String {
    let args = [
        ("files", found.files.to_string()),
        ("items", found.items.to_string()),
        ("texts", found.texts.to_string()),
        ("unknown", found.unknown.to_string()),
        ("duplicates", found.duplicates.to_string()),
        ("size", crate::learn::source::size(found.bytes)),
    ];
    let shown = found.preview.iter().map(|(q, a)| format!("> {} → {}", escape(q), escape(a)));
    std::iter::once(text::say_with(run.lang, "import-found", &args)).chain(shown).collect::<Vec<_>>().join("\n\n")
}

/// Takes files in, item by item.
async fn take_in(
    step: &Step<'_>,
    run: &mut Run,
    sources: Vec<Source>,
    memory: &mut Memory,
    given: Options,
) -> anyhow::Result<()> {
    let (portions, mut arriving) = tokio::sync::mpsc::channel::<(String, u64, Vec<Item>)>(2);
    let (texts, mut texts_arriving) = tokio::sync::mpsc::channel::<(String, String)>(2);
    let vault = step.bot.vault.clone();
    let all: u64 = sources.iter().map(|source| source.size).sum();
    run.done = (0, all);
    let (bot, mine) = (step.bot, run.clone());
    let reading = watch::over(step, run, move |ticker| {
        for source in &sources {
            if ticker.is_stopped() {
                break;
            }
            hand_over(&vault, source, &given, &portions, &texts, ticker)?;
            ticker.file_done(source.size);
        }
        Ok(())
    });
    let writing = async {
        let (mut taken, mut held, mut read) = (0, 0, 0);
        loop {
            tokio::select! {
                Some((path, first, items)) = arriving.recv() => {
                    let (some, back) = store(bot, &mine, &path, first, items).await?;
                    (taken, held) = (taken + some, held + back);
                }
                Some((path, text)) = texts_arriving.recv() => {
                    store_text(bot, &mine, &path, text).await?;
                    read += 1;
                }
                else => return anyhow::Ok((taken, held, read)),
            }
        }
    };
    let (read, written) = tokio::join!(reading, writing);
    read?;
    let (taken, held, texts) = written?;
    (memory.taken, memory.held_back, memory.texts) =
        (memory.taken + taken, memory.held_back + held, memory.texts + texts);
    bot.knowledge.refresh(&bot.store).await
}

type Portions = tokio::sync::mpsc::Sender<(String, u64, Vec<Item>)>;
type Texts = tokio::sync::mpsc::Sender<(String, String)>;

fn hand_over(
    vault: &Vault,
    source: &Source,
    given: &Options,
    portions: &Portions,
    texts: &Texts,
    ticker: &Ticker,
) -> anyhow::Result<()> {
    let (file, _) = vault.open_file(&source.path, LARGEST)?;
    let mut input = BufReader::with_capacity(1 << 18, file);
    let Some(shape) = shape::detect(&source.path, input.fill_buf()?) else {
        if let Some(text) = readable(&mut input, source)? {
            texts.blocking_send((source.path.clone(), text))?;
        }
        return Ok(());
    };
    let (mut portion, mut first) = (Vec::with_capacity(PORTION), 0);
    let send = |portion: &mut Vec<Item>, first: &mut u64| {
        let count = portion.len() as u64;
        let sent = portions.blocking_send((source.path.clone(), *first, std::mem::take(portion)));
        *first += count;
        sent
    };
    let report = shape::read(shape, input, given, &mut |event| {
        match event {
            Event::Item(item) => portion.push(item),
            Event::Progress(bytes) => ticker.bytes(bytes),
        }
        let full = portion.len() >= PORTION;
        let broken = full && send(&mut portion, &mut first).is_err();
        if broken || ticker.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    // Nobody was shown what is wrong with it: it had no faults when it was looked at.
    anyhow::ensure!(report.faulty == 0, "{} was changed since it was looked at", source.path);
    send(&mut portion, &mut first)?;
    Ok(())
}

/// Writes a portion of items; how many count, and how many wait for somebody to look at them.
async fn store(
    bot: &crate::bot::Bot,
    run: &Run,
    path: &str,
    first: u64,
    items: Vec<Item>,
) -> anyhow::Result<(u64, u64)> {
    let (mut rows, mut taught, mut held) = (Vec::new(), Vec::new(), 0);
    for (at, item) in items.into_iter().enumerate() {
        let example = example(run, path, first + at as u64, item);
        match example.state {
            ExampleState::Approved => taught.extend(lesson(&example)),
            _ => held += 1,
        }
        rows.push(Row::of(&example)?);
    }
    let taken = rows.len() as u64 - held;
    bot.store.take_in(taught, rows).await?;
    Ok((taken, held))
}

/// The example of an item. Its id depends on nothing but the run and the item's place, so that a step that is
/// repeated writes the same.
fn example(run: &Run, path: &str, place: u64, item: Item) -> Example {
    let mark = blake3::hash(path.as_bytes()).to_hex();
    let id = format!("{}{}{place:08}", run.id, mark.get(..6).unwrap_or_default());
    let suspicion = lessons::suspicion(&item.datum);
    Example {
        id: ExampleId(id),
        datum: item.datum,
        state: if suspicion.is_some() { ExampleState::Proposed } else { ExampleState::Approved },
        scope: scope(run),
        author: run.person.clone(),
        asker: None,
        platform: run.place.channel,
        conversation: format!("import:{}", run.id).as_str().into(),
        exchange: None,
        release: None,
        origin: Origin::Import { file: path.to_owned(), line: item.line },
        reason: suspicion.unwrap_or_default().to_owned(),
        at: run.at,
    }
}

/// Whom what is imported counts for: everybody, when it is done in private.
fn scope(run: &Run) -> Scope {
    match run.place.kind {
        ChatKind::Private => Scope::Everyone,
        _ => Scope::Conversation(run.place.conversation()),
    }
}

/// The lesson that an example is; none for one that only says what is wrong.
fn lesson(example: &Example) -> Option<Lesson> {
    Some(Lesson {
        id: LessonId(example.id.0.clone()),
        scope: example.scope.clone(),
        question: example.datum.question.clone(),
        answer: example.datum.chosen.clone()?,
        teacher: example.author.clone(),
        exchange: None,
        at: example.at,
    })
}

async fn store_text(bot: &crate::bot::Bot, run: &Run, path: &str, text: String) -> anyhow::Result<()> {
    let mark = blake3::hash(path.as_bytes()).to_hex();
    let document = Document {
        id: DocumentId(format!("{}{}", run.id, mark.get(..6).unwrap_or_default())),
        scope: scope(run),
        title: path.rsplit('/').next().unwrap_or(path).to_owned(),
        text,
        teacher: run.person.clone(),
        at: run.at,
    };
    Ok(bot.store.read_in(document).await?)
}

/// Takes back what was taken in so far: nothing of an import that does not come to its end counts.
pub async fn take_back(bot: &crate::bot::Bot, run: &mut Run) -> anyhow::Result<()> {
    if !run.report.is_empty() {
        run.report = text::say(run.lang, "import-taken-back");
    }
    bot.store.take_back(run.id.as_str()).await?;
    bot.knowledge.refresh(&bot.store).await
}

/// Everything was taken in.
fn done(step: &mut Step<'_>, run: &mut Run, memory: &Memory, train: bool) -> anyhow::Result<Next> {
    let args = [
        ("taken", memory.taken.to_string()),
        ("held", memory.held_back.to_string()),
        ("texts", memory.texts.to_string()),
    ];
    run.report = text::say_with(run.lang, "import-done", &args);
    if train && memory.taken > 0 {
        let trainer = crate::learn::source::trainer_of(step.bot);
        run::follow(step, run, Task::Train { dataset: 0, trainer })?;
    }
    run.state = RunState::Succeeded;
    run.note(now(), text::say_with(run.lang, "import-done", &args));
    Ok(Next::Over)
}
