//! Training data in the shapes that people keep it in: told apart, read record by record, written.
//!
//! Reading is a stream: beside one record it holds 16 bytes for each datum (to know it again) and, for a
//! Telegram export, the last messages. Whatever the bytes are, it does not panic. A record that cannot be
//! read is a [`Fault`] with its line, and the reading goes on; whether anything is kept of a file with
//! faults is the caller's decision. Items come in the order of the file, and the same bytes read with the same
//! [`Options`] give the same items: who was interrupted after `n` of them reads again and skips `n`.

mod columns;
mod conversation;
mod decode;
mod detect;
mod elements;
mod fault;
mod intake;
mod key;
mod node;
mod pairs;
mod rows;
mod source;
mod table;
mod telegram;
mod write;

pub use detect::detect;
pub use fault::{Expected, Fault, What};
pub use key::exact_key;
pub use write::{Written, write};

use domain::example::Datum;
use intake::Intake;
use std::io::{self, BufRead};
use std::ops::ControlFlow;

/// How the records of a file look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Conversations of OpenAI's supervised fine-tuning, which others took over: `{"messages":[…]}`; also
    /// `{"prompt":…,"completion":…}`. The last answer whose `weight` is not 0 is the chosen one. Calls of
    /// tools and what they gave are left out.
    Chat,
    /// OpenAI's preferences: `{"input":{"messages":[…]},"preferred_output":[…],"non_preferred_output":[…]}`.
    Preference,
    /// TRL's preferences: `{"prompt":…,"chosen":…,"rejected":…}` of texts or messages, with the prompt or
    /// with whole conversations that begin alike.
    TrlPreference,
    /// TRL's unpaired preferences: `{"prompt":…,"completion":…,"label":true}`.
    TrlUnpaired,
    /// `{"conversations":[{"from":"human","value":…}]}`.
    ShareGpt,
    /// `{"instruction":…,"input":…,"output":…}`, with `system` and `history` where they are.
    Alpaca,
    /// A table: comma, semicolon or tab; columns by their names, or two without names.
    Csv,
    /// `Q:` and `A:`, `В:` and `О:` (or the whole words), or `question => answer` in one line.
    PlainPairs,
    /// `result.json` of Telegram Desktop, of one chat or of a whole account.
    TelegramExport,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 9] = [
        Self::Chat,
        Self::Preference,
        Self::TrlPreference,
        Self::TrlUnpaired,
        Self::ShareGpt,
        Self::Alpaca,
        Self::Csv,
        Self::PlainPairs,
        Self::TelegramExport,
    ];

    /// The name in commands and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Preference => "preference",
            Self::TrlPreference => "trl_preference",
            Self::TrlUnpaired => "trl_unpaired",
            Self::ShareGpt => "sharegpt",
            Self::Alpaca => "alpaca",
            Self::Csv => "csv",
            Self::PlainPairs => "pairs",
            Self::TelegramExport => "telegram",
        }
    }

    /// The shape of a name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.name() == name)
    }
}

/// How a file is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether its answers are right. Where they are not, an answer is what should not be said, unless the
    /// record has such an answer itself.
    pub positive: bool,
    /// Whose answers count in a Telegram export: `from_id` as it stands there, or its digits alone. With
    /// none, nothing is read but the participants.
    pub own: Vec<String>,
    /// Most bytes of one record.
    pub longest: usize,
    /// Most faults that are kept; the others are counted.
    pub most_faults: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { positive: true, own: Vec::new(), longest: 1 << 20, most_faults: 100 }
    }
}

/// A record that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The line in which it begins, from 1.
    pub line: u64,
    /// By what it is known again: [`exact_key`].
    pub key: [u8; 16],
    /// What it teaches.
    pub datum: Datum,
}

/// What the reading tells while it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A datum that was not in the file before.
    Item(Item),
    /// So many bytes of the file are behind; told about once for each MiB.
    Progress(u64),
}

/// Somebody who writes in a Telegram export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// `from_id`.
    pub id: String,
    /// The name shown; empty where there is none.
    pub name: String,
    /// How many messages.
    pub messages: u64,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// As what.
    pub shape: Shape,
    /// Items handed over.
    pub read: u64,
    /// The first faults, in order.
    pub faults: Vec<Fault>,
    /// How many faults there are.
    pub faulty: u64,
    /// Records whose datum had been in the file before; they are not handed over again.
    pub duplicates: u64,
    /// Bytes of the file that were read.
    pub bytes: u64,
    /// Who writes in a Telegram export, most messages first; of more than 10 000 the
    /// first ones that were met.
    pub participants: Vec<Participant>,
    /// Whether the caller ended it before the end of the file.
    pub stopped: bool,
}

/// Reads a file of a shape and tells `on` of each item; it may end the reading.
///
/// # Errors
/// Only those of `input`.
pub fn read(
    shape: Shape,
    input: impl BufRead,
    options: &Options,
    on: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> io::Result<Report> {
    let mut opened = source::open(input)?;
    let mut intake = Intake::new(shape, options, opened.count(), on);
    let done = match shape {
        Shape::Csv => table::read(&mut opened, &mut intake),
        Shape::PlainPairs => pairs::read(&mut opened, &mut intake),
        Shape::TelegramExport => telegram::read(&mut opened, &mut intake),
        _ => rows::read(shape, &mut opened, &mut intake),
    };
    let stopped = matches!(done?, ControlFlow::Break(()));
    Ok(intake.report(stopped))
}
