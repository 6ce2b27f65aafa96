//! Taking in what somebody said yes to: item by item, in portions, each in one transaction. Whatever is interrupted is
//! read again from the file's beginning and passes over what it has; an item is known again by what it says, so that
//! nothing is ever taken in twice, from whichever file it comes.

use crate::bot::{Bot, now};
use crate::learn::import::files::{Cursor, Source};
use crate::learn::import::seal::{Content, Marks, Seal};
use crate::learn::import::{LONGEST, Memory, changed, content_of, open, readable, unreadable};
use crate::learn::lessons;
use crate::learn::run::{Problem, Step};
use crate::learn::watch::{self, Ticker};
use domain::example::{Datum, Example, ExampleState, Origin};
use domain::exchange::{Document, Scope};
use domain::ids::{DocumentId, ExampleId};
use domain::incoming::ChatKind;
use domain::person::{Lang, Standing};
use domain::run::Run;
use learning::admit::{self, Reason, Rules, Taught, Verdict};
use learning::shape::{self, Event, Item, Options, Shape};
use std::io::BufRead as _;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use store::Row;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use vault::{Denied, Vault};

/// Items that are written at once.
const PORTION: usize = 500;

/// What was read and is to be written.
enum Read {
    Items(String, Vec<Item>),
    Text(String, String),
}

/// Takes files in, item by item, for a while.
pub(super) async fn take_in(
    step: &Step<'_>,
    run: &mut Run,
    sources: Vec<Source>,
    memory: &mut Memory,
    given: Options,
) -> anyhow::Result<Result<(), Problem>> {
    let (send, arriving) = channel(2);
    run.done = (0, sources.iter().map(|source| source.size).sum());
    let mut reader = Reader {
        vault: step.bot.vault.clone(),
        given,
        lang: run.lang,
        marks: memory.marks.clone(),
        longest: LONGEST,
        since: None,
        place: Place { cursor: memory.cursor.clone(), within: memory.within.clone(), sealed: memory.sealed.clone() },
        send,
    };
    let writer = Writer::of(step.bot, run).await?;
    let reading = watch::over(step, run, move |ticker| {
        let read = reader.read_all(&sources, ticker)?;
        Ok(read.map(|()| reader.place))
    });
    let (read, written) = tokio::join!(reading, writer.write_all(arriving));
    let Texts { taken, refused } = written?;
    let place = match read? {
        Ok(place) => place,
        Err(problem) => return Ok(Err(problem)),
    };
    (memory.cursor, memory.within, memory.sealed) = (place.cursor, place.within, place.sealed);
    memory.texts += taken;
    refused.into_iter().for_each(|sentence| run.note(now(), sentence));
    step.bot.knowledge.refresh(&step.bot.store).await?;
    Ok(Ok(()))
}

/// How far it has come.
struct Place {
    cursor: Cursor,
    /// See [`Memory::within`].
    within: (String, u64),
    sealed: Seal,
}

/// Reads files and hands over what is in them.
struct Reader {
    vault: Vault,
    given: Options,
    lang: Lang,
    marks: Marks,
    /// How long it reads what was not handed over before.
    longest: Duration,
    /// Since when.
    since: Option<Instant>,
    place: Place,
    send: Sender<Read>,
}

impl Reader {
    /// Reads until all is read, or it is time to save, or it is to end; what is handed over then stands in `place`.
    fn read_all(&mut self, sources: &[Source], ticker: &Ticker) -> anyhow::Result<Result<(), Problem>> {
        for source in sources {
            if ticker.is_stopped() || self.is_time() {
                break;
            }
            match self.read(source, ticker)? {
                ControlFlow::Continue(content) => self.behind(source, &content),
                ControlFlow::Break(None) => break,
                ControlFlow::Break(Some(problem)) => return Ok(Err(problem)),
            }
            if !self.marks.fits(&self.place.sealed) {
                return Ok(Err(changed(&source.path)));
            }
            ticker.file_done(source.size);
        }
        Ok(Ok(()))
    }

    fn behind(&mut self, source: &Source, content: &Content) {
        self.place.sealed.add(&source.path, content);
        self.place.cursor = source.then.clone();
        self.place.within = Default::default();
    }

    fn is_time(&self) -> bool {
        self.since.is_some_and(|since| since.elapsed() >= self.longest)
    }

    /// Reads one file; what it was, when all of it was read.
    fn read(&mut self, source: &Source, ticker: &Ticker) -> anyhow::Result<ControlFlow<Option<Problem>, Content>> {
        if self.place.within.1 > 0 && self.place.within.0 != source.path {
            return Ok(ControlFlow::Break(Some(changed(&source.path))));
        }
        let (mut input, size) = match open(&self.vault, source) {
            Ok(opened) => opened,
            Err(Denied::NotFound { .. }) => return Ok(ControlFlow::Break(Some(changed(&source.path)))),
            Err(denied) => {
                return Ok(ControlFlow::Break(Some(unreadable(self.lang, &denied, &source.path))));
            }
        };
        let Some(shape) = shape::detect(&source.path, input.fill_buf()?) else {
            let text = readable(&mut input, source)?;
            let content = content_of(input, text.as_deref(), size)?;
            if let Some(text) = text {
                self.since.get_or_insert_with(Instant::now);
                self.send.blocking_send(Read::Text(source.path.clone(), text))?;
            }
            return Ok(ControlFlow::Continue(content));
        };
        match self.hand_over(shape, &mut input, source, ticker)? {
            Some(0) => Ok(ControlFlow::Continue(Content::Read(input.into_inner().finish()?))),
            Some(_) => Ok(ControlFlow::Break(Some(changed(&source.path)))),
            None => Ok(ControlFlow::Break(None)),
        }
    }

    /// Hands over the items of a file but for those of which that was done before. The number of its faults; none when
    /// it is to end before the end of the file.
    fn hand_over(
        &mut self,
        shape: Shape,
        input: impl std::io::BufRead,
        source: &Source,
        ticker: &Ticker,
    ) -> anyhow::Result<Option<u64>> {
        let done = self.place.within.1;
        let (mut place, mut portion) = (0, Vec::with_capacity(PORTION));
        let given = self.given.clone();
        let report = shape::read(shape, input, &given, &mut |event| {
            match event {
                Event::Item(_) if place < done => place += 1,
                Event::Item(item) => {
                    place += 1;
                    portion.push(item);
                }
                Event::Progress(bytes) => ticker.bytes(bytes),
            }
            let broken = portion.len() >= PORTION && !self.hand(source, &mut portion, place);
            let ends = broken || ticker.is_stopped() || (portion.is_empty() && place > done && self.is_time());
            if ends { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if report.stopped {
            return Ok(None);
        }
        anyhow::ensure!(self.hand(source, &mut portion, place), "nobody writes what is read");
        Ok(Some(report.faulty))
    }

    /// Hands over a portion; whether somebody takes it.
    fn hand(&mut self, source: &Source, portion: &mut Vec<Item>, upto: u64) -> bool {
        self.since.get_or_insert_with(Instant::now);
        let sent = self.send.blocking_send(Read::Items(source.path.clone(), std::mem::take(portion)));
        if sent.is_ok() {
            self.place.within = (source.path.clone(), upto);
        }
        sent.is_ok()
    }
}

/// What became of texts.
#[derive(Default)]
struct Texts {
    /// How many are answered from.
    taken: u64,
    /// Why others are not, a sentence each.
    refused: Vec<String>,
}

/// Writes what is read.
struct Writer<'a> {
    bot: &'a Bot,
    run: Run,
    /// What whoever asked for the import may do.
    standing: Standing,
    rules: Rules,
}

impl<'a> Writer<'a> {
    async fn of(bot: &'a Bot, run: &Run) -> anyhow::Result<Self> {
        let standing = bot.store.person(&run.person).await?.map_or(Standing::Stranger, |person| person.standing);
        let rules = Rules { longest: lessons::LONGEST, ..Rules::default() };
        Ok(Self { bot, run: run.clone(), standing, rules })
    }

    /// What became of the texts, when nothing more comes.
    async fn write_all(&self, mut arriving: Receiver<Read>) -> anyhow::Result<Texts> {
        let mut texts = Texts::default();
        while let Some(read) = arriving.recv().await {
            match read {
                Read::Items(path, items) => self.items(&path, items).await?,
                Read::Text(path, text) => match self.text(&path, text).await? {
                    Ok(()) => texts.taken += 1,
                    Err(sentence) => texts.refused.push(sentence),
                },
            }
        }
        Ok(texts)
    }

    async fn items(&self, path: &str, items: Vec<Item>) -> anyhow::Result<()> {
        let (mut rows, mut taught) = (Vec::new(), Vec::new());
        for item in items {
            let example = self.example(path, item).await?;
            if example.state == ExampleState::Approved {
                taught.extend(lessons::lesson(&example));
            }
            rows.push(Row::of(&example)?);
        }
        Ok(self.bot.store.take_in(taught, rows).await?)
    }

    /// The example of an item. Its id depends on nothing but the run and what it says: a step that is repeated writes
    /// the same, and so does another file that says it.
    async fn example(&self, path: &str, item: Item) -> anyhow::Result<Example> {
        let run = &self.run;
        let (state, reason) = self.judge(&item.datum).await?;
        Ok(Example {
            id: ExampleId(id_of(run, item.key)),
            datum: item.datum,
            state,
            scope: scope(run),
            author: run.person.clone(),
            asker: None,
            platform: run.place.channel,
            conversation: format!("import:{}", run.id).as_str().into(),
            exchange: None,
            release: None,
            origin: Origin::Import { file: path.to_owned(), line: item.line },
            reason: reason.to_owned(),
            at: run.at,
        })
    }

    /// What becomes of a datum: it counts, or somebody looks at it first, for a reason. What a single lesson would be
    /// refused for waits as well: nobody is there to be told.
    async fn judge(&self, datum: &Datum) -> anyhow::Result<(ExampleState, &'static str)> {
        if let Some(reason) = lessons::suspicion(datum) {
            return Ok((ExampleState::Proposed, reason));
        }
        let scope = scope(&self.run);
        let known = match self.standing {
            // An owner decides and is not asked; nobody looks up what nothing follows from.
            Standing::Owner => Vec::new(),
            _ => lessons::known(self.bot, &datum.question, &scope, self.run.id.as_str()).await?,
        };
        let said = match datum.chosen {
            Some(_) => Datum { rejected: None, ..datum.clone() },
            None => datum.clone(),
        };
        let taught = Taught {
            author: &self.run.person,
            role: self.standing,
            platform: self.run.place.channel,
            datum: &said,
            scope: &scope,
            // A file is one thing that somebody said yes to, however many lines it has.
            recent: 0,
            known: &known,
            group: matches!(scope, Scope::Conversation(_)),
            votes: 0,
            members: 1,
        };
        Ok(match admit::admit(&taught, &self.rules) {
            Verdict::Admitted { .. } => (ExampleState::Approved, ""),
            Verdict::NeedsReview { reason: reason @ Reason::Conflict { .. } } => {
                (ExampleState::Conflicted, reason.code())
            }
            Verdict::NeedsReview { reason } | Verdict::Refused { reason } => (ExampleState::Proposed, reason.code()),
        })
    }

    /// Takes a text in, or says why it is not answered from.
    async fn text(&self, path: &str, text: String) -> anyhow::Result<Result<(), String>> {
        let mut mark = [0; 16];
        blake3::Hasher::new().update(path.as_bytes()).finalize_xof().fill(&mut mark);
        let document = Document {
            id: DocumentId(id_of(&self.run, mark)),
            scope: scope(&self.run),
            title: path.rsplit('/').next().unwrap_or(path).to_owned(),
            text,
            teacher: self.run.person.clone(),
            at: self.run.at,
            passages: Vec::new(),
            given_in: None,
            source: String::new(),
        };
        let (verdict, document) =
            tokio::task::spawn_blocking(move || (lessons::text_verdict(&document), document)).await?;
        if let Err(fault) = verdict {
            return Ok(Err(lessons::text_fault_in_words(self.run.lang, path, &fault)));
        }
        self.bot.store.read_in(document).await?;
        Ok(Ok(()))
    }
}

/// An id that begins with the run's: 80 bits of a hash in 16 letters. A button has 64 bytes for a command with it, and
/// a copy of it is one letter longer.
fn id_of(run: &Run, hash: [u8; 16]) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bits = u128::from_be_bytes(hash);
    let digit =
        |place: u32| DIGITS.get((bits >> (123 - 5 * place)) as usize % 32).map_or('0', |digit| char::from(*digit));
    std::iter::once(run.id.to_string()).chain((0..16).map(|place| digit(place).to_string())).collect()
}

/// Whom what is imported counts for: everybody, when it is done in private.
fn scope(run: &Run) -> Scope {
    match run.place.kind {
        ChatKind::Private => Scope::Everyone,
        _ => Scope::Conversation(run.place.conversation()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::learn::import::files;
    use domain::incoming;
    use domain::run::Task;
    use std::collections::BTreeSet;
    use std::fmt::Write as _;

    fn lines(count: usize) -> String {
        (0..count).fold(String::new(), |mut text, n| {
            let _ = writeln!(text, "{{\"prompt\":\"What is in box {n}?\",\"completion\":\"Screws of {n} mm.\"}}");
            text
        })
    }

    /// Reads in steps that are as short as can be, each in a reader of its own; the lines in order, and the steps.
    fn in_short_steps(vault: &Vault, paths: &[String], marks: &Marks) -> (Vec<u64>, Seal, usize) {
        let mut place = Place { cursor: Cursor::default(), within: Default::default(), sealed: Seal::default() };
        let (mut read, mut steps) = (Vec::new(), 0);
        loop {
            let sources = files::next(vault, paths, &place.cursor).unwrap();
            if sources.is_empty() {
                return (read, place.sealed, steps);
            }
            let (send, mut arriving) = channel(64);
            let (given, lang) = (Options::default(), Lang::En);
            let longest = Duration::ZERO;
            let mut reader =
                Reader { vault: vault.clone(), given, lang, marks: marks.clone(), longest, since: None, place, send };
            assert_eq!(reader.read_all(&sources, &Ticker::unseen()).unwrap(), Ok(()));
            place = reader.place;
            while let Ok(Read::Items(_, items)) = arriving.try_recv() {
                read.extend(items.iter().map(|item| item.line));
            }
            steps += 1;
            assert!(steps < 100, "it does not come to its end");
        }
    }

    #[test]
    fn a_file_that_takes_many_steps_is_read_whole_and_no_item_twice() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("a.jsonl"), lines(1_700)).unwrap();
        std::fs::write(directory.path().join("b.jsonl"), lines(3)).unwrap();
        let vault = Vault::open(directory.path()).unwrap();
        let paths = [".".to_owned()];
        let (mut seal, mut marks) = (Seal::default(), Marks::default());
        for source in files::next(&vault, &paths, &Cursor::default()).unwrap() {
            let (input, _) = open(&vault, &source).unwrap();
            seal.add(&source.path, &Content::Read(input.into_inner().finish().unwrap()));
            marks.set(&seal);
        }
        let (read, sealed, steps) = in_short_steps(&vault, &paths, &marks);
        assert_eq!(read, (1..=1_700).chain(1..=3).collect::<Vec<u64>>());
        assert_eq!(sealed, seal);
        assert_eq!(steps, 5, "three portions and their rest, and the other file");
    }

    #[test]
    fn an_id_tells_many_data_apart_and_fits_on_a_button_with_its_longest_command() {
        let place = incoming::Place {
            channel: incoming::Channel::Web,
            chat: "1".to_owned(),
            thread: None,
            kind: ChatKind::Private,
        };
        let task = Task::Import { paths: Vec::new(), positive: true, train: false };
        let id = domain::ids::RunId("01JZZZZZZZZZZZZZZZZZZZZZZZ".to_owned());
        let person = domain::ids::PersonId("p".to_owned());
        let run = Run::new(id, task, place, person, Lang::En, domain::ids::Millis(0));
        let id = |n: u64| {
            let mut hash = [0; 16];
            blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut hash);
            id_of(&run, hash)
        };
        let ids: BTreeSet<String> = (0..20_000).map(id).collect();
        assert_eq!(ids.len(), 20_000);
        let press = domain::outgoing::Press::Say(format!("/review {}E everyone", id(1)));
        assert!(press.encode().len() <= 64, "{}", press.encode());
    }
}
