//! Questions and answers as people type them: with a label before each, or with an arrow between, one pair a line.

use super::What;
use super::decode::Encoding;
use super::intake::{Flow, Intake};
use super::source::Source;
use domain::correction::teach;
use domain::example::Datum;
use std::io;

/// What a labelled line begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Question,
    Answer,
}

/// Labels, in lower case.
const LABELS: [(&str, Part); 8] = [
    ("question:", Part::Question),
    ("answer:", Part::Answer),
    ("вопрос:", Part::Question),
    ("ответ:", Part::Answer),
    ("q:", Part::Question),
    ("a:", Part::Answer),
    ("в:", Part::Question),
    ("о:", Part::Answer),
];

/// The label that a line begins with, and what follows it.
pub(super) fn label(line: &str) -> Option<(Part, &str)> {
    let line = line.trim_start();
    LABELS.iter().find_map(|(label, part)| {
        let end = line.char_indices().nth(label.chars().count()).map_or(line.len(), |(at, _)| at);
        let (begin, rest) = line.split_at_checked(end)?;
        (begin.to_lowercase() == *label).then_some((*part, rest))
    })
}

/// The pair that is being read.
#[derive(Default)]
struct Open {
    line: u64,
    question: Option<String>,
    answer: Option<String>,
}

/// Reads the pairs of a text.
pub(super) fn read(source: &mut Source<'_>, intake: &mut Intake<'_>) -> io::Result<Flow> {
    let mut encoding = Encoding::of(source.head());
    let (mut buffer, longest) = (Vec::new(), intake.options().longest);
    let (mut open, mut labelled) = (Open::default(), None);
    while let Some(line) = source.line(longest, &mut buffer)? {
        if line.bytes > longest as u64 {
            intake.fault(line.number, None, What::TooLong { bytes: line.bytes });
            continue;
        }
        let text = match encoding.decode(buffer.strip_suffix(b"\r").unwrap_or(&buffer)) {
            Ok(text) => text,
            Err(what) => {
                intake.fault(line.number, None, what);
                continue;
            }
        };
        // The first line that says something tells how the pairs are written.
        if labelled.is_none() && !text.trim().is_empty() {
            labelled = Some(label(&text).is_some());
        }
        let flow = match labelled {
            None => Flow::Continue(()),
            Some(true) => open.line(line.number, &text, intake),
            Some(false) => arrow(line.number, &text, intake),
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(open.close(intake))
}

fn arrow(line: u64, text: &str, intake: &mut Intake<'_>) -> Flow {
    if text.trim().is_empty() {
        return Flow::Continue(());
    }
    let pair = teach(text).ok_or(What::NotAPair);
    intake.record(line, pair.map(|(question, answer)| Datum::of(question, answer)))
}

impl Open {
    fn line(&mut self, number: u64, text: &str, intake: &mut Intake<'_>) -> Flow {
        match label(text) {
            Some((Part::Question, rest)) => {
                self.close(intake)?;
                *self = Self { line: number, question: Some(rest.to_owned()), answer: None };
            }
            Some((Part::Answer, rest)) if self.question.is_some() && self.answer.is_none() => {
                self.answer = Some(rest.to_owned());
            }
            Some((Part::Answer, _)) => {
                let flow = self.close(intake);
                intake.fault(number, None, What::NoQuestion);
                return flow;
            }
            None => self.goes_on(number, text, intake),
        }
        Flow::Continue(())
    }

    fn goes_on(&mut self, number: u64, text: &str, intake: &mut Intake<'_>) {
        let longest = intake.options().longest;
        match self.answer.as_mut().or(self.question.as_mut()) {
            Some(part) if part.len() + text.len() < longest => {
                part.push('\n');
                part.push_str(text);
            }
            Some(part) => {
                let bytes = (part.len() + text.len()) as u64;
                *self = Self::default();
                intake.fault(number, None, What::TooLong { bytes });
            }
            None if text.trim().is_empty() => {}
            None => intake.fault(number, None, What::NotAPair),
        }
    }

    /// Hands the pair over.
    fn close(&mut self, intake: &mut Intake<'_>) -> Flow {
        let Self { line, question, answer } = std::mem::take(self);
        let Some(question) = question else { return Flow::Continue(()) };
        let pair = answer.ok_or(What::NoAnswer);
        intake.record(line, pair.map(|answer| Datum::of(question.trim(), answer.trim())))
    }
}
