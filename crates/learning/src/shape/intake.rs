//! Where every reader puts what it finds: items go to the caller once each, faults into the report.

use super::{Event, Fault, Item, Options, Participant, Report, Shape, What, exact_key};
use domain::example::Datum;
use std::cell::Cell;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::rc::Rc;

/// How far apart two tellings of the progress are, in bytes.
const STEP: u64 = 1 << 20;

/// Goes on or ends, as the caller wants.
pub(super) type Flow = ControlFlow<()>;

/// The report as it grows.
pub(super) struct Intake<'a> {
    options: &'a Options,
    report: Report,
    seen: HashSet<[u8; 16]>,
    bytes: Rc<Cell<u64>>,
    on: &'a mut dyn FnMut(Event) -> Flow,
}

impl<'a> Intake<'a> {
    pub(super) fn new(
        shape: Shape,
        options: &'a Options,
        bytes: Rc<Cell<u64>>,
        on: &'a mut dyn FnMut(Event) -> Flow,
    ) -> Self {
        let report = Report {
            shape,
            read: 0,
            faults: Vec::new(),
            faulty: 0,
            duplicates: 0,
            bytes: 0,
            participants: Vec::new(),
            stopped: false,
        };
        Self { options, report, seen: HashSet::new(), bytes, on }
    }

    pub(super) fn options(&self) -> &'a Options {
        self.options
    }

    /// A record that cannot be read.
    pub(super) fn fault(&mut self, line: u64, column: Option<u64>, what: What) {
        self.report.faulty += 1;
        if self.report.faults.len() < self.options.most_faults {
            self.report.faults.push(Fault { line, column, what });
        }
    }

    /// A record that was read, or what is wrong with it.
    pub(super) fn record(&mut self, line: u64, datum: Result<Datum, What>) -> Flow {
        match datum.and_then(|datum| checked(datum, self.options.positive)) {
            Ok(datum) => self.item(line, datum)?,
            Err(what) => self.fault(line, None, what),
        }
        self.progress()
    }

    fn item(&mut self, line: u64, datum: Datum) -> Flow {
        let key = exact_key(&datum);
        if !self.seen.insert(key) {
            self.report.duplicates += 1;
            return Flow::Continue(());
        }
        self.report.read += 1;
        (self.on)(Event::Item(Item { line, key, datum }))
    }

    /// Says how far it is, where that is worth it.
    pub(super) fn progress(&mut self) -> Flow {
        let bytes = self.bytes.get();
        if bytes < self.report.bytes + STEP {
            return Flow::Continue(());
        }
        self.report.bytes = bytes;
        (self.on)(Event::Progress(bytes))
    }

    pub(super) fn participants(&mut self, participants: Vec<Participant>) {
        self.report.participants = participants;
    }

    pub(super) fn report(self, stopped: bool) -> Report {
        Report { bytes: self.bytes.get(), stopped, ..self.report }
    }
}

/// A datum whose texts say something, with its answer where the file's answers belong.
fn checked(mut datum: Datum, positive: bool) -> Result<Datum, What> {
    if datum.question.trim().is_empty() {
        return Err(What::NoQuestion);
    }
    let is_blank = |text: &Option<String>| text.as_deref().is_some_and(|text| text.trim().is_empty());
    if is_blank(&datum.chosen) || is_blank(&datum.rejected) || (datum.chosen.is_none() && datum.rejected.is_none()) {
        return Err(What::NoAnswer);
    }
    if datum.chosen == datum.rejected {
        return Err(What::SameAnswers);
    }
    if !positive && datum.rejected.is_none() {
        datum.rejected = datum.chosen.take();
    }
    Ok(datum)
}
