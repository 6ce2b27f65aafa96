//! The export of Telegram Desktop, of one chat or of a whole account: a question is a message, its answer the
//! reply by somebody whose answers count.
//!
//! Messages are read one by one; only the last ones are kept, to find what a reply is to.

use super::elements::{Elements, Found, Of};
use super::intake::{Flow, Intake};
use super::node::Node;
use super::rows::parse;
use super::source::Source;
use super::{Participant, What};
use domain::example::Datum;
use std::collections::{BTreeMap, HashMap};
use std::io;

/// How many messages back a reply may reach.
const WINDOW: usize = 2000;
/// How many bytes their texts may have together.
const WINDOW_BYTES: usize = 16 << 20;
/// How many participants are counted; later ones are not.
const MOST_PARTICIPANTS: usize = 10_000;

/// A message that somebody may reply to.
struct Said {
    by: String,
    text: String,
}

/// What is known of the chat so far.
#[derive(Default)]
struct Chat {
    own: Vec<String>,
    said: BTreeMap<i64, Said>,
    bytes: usize,
    participants: HashMap<String, Participant>,
}

/// Reads the pairs of an export.
pub(super) fn read(source: &mut Source<'_>, intake: &mut Intake<'_>) -> io::Result<Flow> {
    let longest = intake.options().longest;
    let mut chat = Chat { own: intake.options().own.clone(), ..Chat::default() };
    let (mut elements, mut buffer) = (Elements::new(Of::Key(b"messages"), longest), Vec::new());
    let (mut flow, mut lists) = (Flow::Continue(()), 0);
    while let Some(found) = elements.next(source, &mut buffer)? {
        flow = match found {
            Found::Value { line, bytes, .. } if bytes > longest as u64 => {
                intake.fault(line, None, What::TooLong { bytes });
                intake.progress()
            }
            Found::Value { line, column, .. } => chat.take(&buffer, line, column, intake),
            Found::ListEnd => {
                lists += 1;
                chat.forget();
                Flow::Continue(())
            }
            Found::Fault { line, column, what } => {
                intake.fault(line, Some(column), what);
                lists += usize::from(lists == 0);
                intake.progress()
            }
        };
        if flow.is_break() {
            break;
        }
    }
    if lists == 0 && flow.is_continue() && !source.head().trim_ascii().is_empty() {
        intake.fault(1, None, What::missing("messages"));
    }
    intake.participants(chat.participants());
    Ok(flow)
}

impl Chat {
    fn take(&mut self, bytes: &[u8], line: u64, column: u64, intake: &mut Intake<'_>) -> Flow {
        let Some(node) = parse(bytes, (line, column, false), intake) else { return intake.progress() };
        match self.message(&node) {
            Ok(Some(datum)) => intake.record(line, Ok(datum)),
            Ok(None) => intake.progress(),
            Err(what) => intake.record(line, Err(what)),
        }
    }

    /// Takes a message in; the pair, where it answers another one.
    fn message(&mut self, node: &Node<'_>) -> Result<Option<Datum>, What> {
        if !matches!(node, Node::Object(_)) {
            return Err(What::wrong("", super::Expected::Object));
        }
        // What is not said by somebody: someone joined, a picture of the chat was changed.
        if node.text("type")?.is_some_and(|kind| kind != "message") {
            return Ok(None);
        }
        let Some(by) = identity(node) else { return Ok(None) };
        self.count(&by, node.text("from")?.unwrap_or_default());
        let text = text(node.get("text"));
        if text.trim().is_empty() {
            return Ok(None);
        }
        let to = whole(node.get("reply_to_message_id")).and_then(|to| self.said.get(&to));
        let pair = to.filter(|to| to.by != by && self.is_own(&by));
        let pair = pair.map(|to| Datum::of(to.text.as_str(), text.as_str()));
        if let Some(id) = whole(node.get("id")) {
            self.keep(id, Said { by, text });
        }
        Ok(pair)
    }

    fn is_own(&self, id: &str) -> bool {
        let digits = id.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        self.own.iter().any(|own| own == id || own == digits)
    }

    fn count(&mut self, id: &str, name: &str) {
        if let Some(known) = self.participants.get_mut(id) {
            known.messages += 1;
            if known.name.is_empty() {
                name.clone_into(&mut known.name);
            }
        } else if self.participants.len() < MOST_PARTICIPANTS {
            let new = Participant { id: id.to_owned(), name: name.to_owned(), messages: 1 };
            self.participants.insert(id.to_owned(), new);
        }
    }

    fn keep(&mut self, id: i64, said: Said) {
        self.bytes += said.text.len();
        if let Some(old) = self.said.insert(id, said) {
            self.bytes = self.bytes.saturating_sub(old.text.len());
        }
        while self.said.len() > WINDOW || self.bytes > WINDOW_BYTES {
            let Some((_, oldest)) = self.said.pop_first() else { break };
            self.bytes = self.bytes.saturating_sub(oldest.text.len());
        }
    }

    /// The next list is another chat, whose messages have ids of their own.
    fn forget(&mut self) {
        self.said.clear();
        self.bytes = 0;
    }

    fn participants(self) -> Vec<Participant> {
        let mut all: Vec<Participant> = self.participants.into_values().collect();
        all.sort_by(|one, other| other.messages.cmp(&one.messages).then_with(|| one.id.cmp(&other.id)));
        all
    }
}

/// Who said it: `user123`, or a number in older exports.
fn identity(node: &Node<'_>) -> Option<String> {
    match node.get("from_id")? {
        Node::Text(id) => Some(id.clone().into_owned()),
        Node::Whole(id) => Some(id.to_string()),
        _ => None,
    }
}

fn whole(node: Option<&Node<'_>>) -> Option<i64> {
    match node? {
        Node::Whole(number) => Some(*number),
        _ => None,
    }
}

/// A text, or a list of texts and of marked ones.
fn text(node: Option<&Node<'_>>) -> String {
    match node {
        Some(Node::Text(text)) => text.clone().into_owned(),
        Some(Node::List(parts)) => parts.iter().map(text_of_part).collect(),
        _ => String::new(),
    }
}

fn text_of_part<'a>(part: &'a Node<'_>) -> &'a str {
    match part {
        Node::Text(text) => text,
        other => other.text("text").ok().flatten().unwrap_or_default(),
    }
}
