//! Which shape a file has, by its beginning and the ending of its name.

use super::Shape;
use super::columns::is_table;
use super::decode::Encoding;
use super::pairs::label;
use super::source::{HEAD, open};
use domain::correction::teach;

/// Tells a file's shape by its name and its first bytes; 64 KiB are looked at, and less is enough where the
/// first record is whole. None when it has no shape that can be read.
pub fn detect(name: &str, head: &[u8]) -> Option<Shape> {
    let head = head.get(..HEAD).unwrap_or(head);
    let opened = open(head).ok()?;
    let text = opened.head();
    match text.trim_ascii_start().first()? {
        b'{' | b'[' => json(text).or_else(|| plain(name, text)),
        _ => plain(name, text),
    }
}

fn plain(name: &str, head: &[u8]) -> Option<Shape> {
    let name = name.to_lowercase();
    if [".csv", ".tsv", ".tab"].iter().any(|ending| name.ends_with(ending)) {
        return Some(Shape::Csv);
    }
    if [".json", ".jsonl", ".ndjson"].iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    let mut encoding = Encoding::of(head);
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.find(|line| !line.is_empty())?;
    let first = encoding.decode(first).ok()?;
    let is_pair = label(&first).is_some() || teach(&first).is_some();
    is_pair.then_some(Shape::PlainPairs).or_else(|| is_table(head).then_some(Shape::Csv))
}

/// The shape of the first object whose keys tell it.
fn json(head: &[u8]) -> Option<Shape> {
    // Messages of an export have no role.
    let may_be_export = has(head, b"\"from_id\"") || !has(head, b"\"role\"");
    if head.trim_ascii_start().first() == Some(&b'[') {
        return objects(head, 1, may_be_export);
    }
    // Each line begins anew, whatever the one before it was.
    let mut rest = head;
    loop {
        let next = memchr::memmem::find(rest, b"\n{").map_or(rest.len(), |at| at + 1);
        let (object, others) = rest.split_at_checked(next)?;
        let shape = objects(object, 0, may_be_export);
        if shape.is_some() || others.is_empty() {
            return shape;
        }
        rest = others;
    }
}

/// The shape of objects that stand at a depth of brackets.
fn objects(text: &[u8], depth: usize, may_be_export: bool) -> Option<Shape> {
    let mut keys: Vec<&[u8]> = Vec::new();
    for (at, key) in (Keys { rest: text, depth: 0 }) {
        match key {
            Some(key) if at == depth + 1 => keys.push(key),
            // An object ends.
            None if at == depth => {
                if let Some(shape) = shape_of(&keys, may_be_export) {
                    return Some(shape);
                }
                keys.clear();
            }
            _ => {}
        }
    }
    shape_of(&keys, may_be_export)
}

fn has(head: &[u8], words: &[u8]) -> bool {
    memchr::memmem::find(head, words).is_some()
}

fn shape_of(keys: &[&[u8]], may_be_export: bool) -> Option<Shape> {
    let has = |key: &str| keys.contains(&key.as_bytes());
    let is_account = has("chats") || has("personal_information");
    let is_one_chat = has("messages") && (has("type") || has("name"));
    Some(if may_be_export && (is_account || is_one_chat) {
        Shape::TelegramExport
    } else if has("conversations") {
        Shape::ShareGpt
    } else if has("preferred_output") || has("non_preferred_output") {
        Shape::Preference
    } else if has("chosen") || has("rejected") {
        Shape::TrlPreference
    } else if has("label") && has("prompt") {
        Shape::TrlUnpaired
    } else if has("messages") || (has("prompt") && has("completion")) {
        Shape::Chat
    } else if has("instruction") {
        Shape::Alpaca
    } else {
        return None;
    })
}

/// The keys of some JSON that may be cut or broken, each with the depth it is at; none where a bracket closes,
/// with the depth outside it.
struct Keys<'a> {
    rest: &'a [u8],
    depth: usize,
}

impl<'a> Iterator for Keys<'a> {
    type Item = (usize, Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let at = self.rest.iter().position(|byte| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'))?;
            let (byte, rest) = self.rest.get(at..)?.split_first()?;
            self.rest = rest;
            match byte {
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    return Some((self.depth, None));
                }
                _ => {
                    let text = self.string()?;
                    if self.rest.trim_ascii_start().first() == Some(&b':') {
                        return Some((self.depth, Some(text)));
                    }
                }
            }
        }
    }
}

impl<'a> Keys<'a> {
    /// The rest of a string, which is left behind.
    fn string(&mut self) -> Option<&'a [u8]> {
        let mut escaped = false;
        let end = self.rest.iter().position(|byte| {
            let ends = matches!(byte, b'"' | b'\n') && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        })?;
        let text = self.rest.get(..end)?;
        self.rest = self.rest.get(end + 1..)?;
        Some(text)
    }
}
