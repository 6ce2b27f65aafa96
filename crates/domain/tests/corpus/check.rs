//! What holds for every Markdown text, whatever it is. The fuzz target and the replay of its corpus share it.

use domain::markdown::{self, MarkStyle, Rendered, utf16_len};
use std::mem::discriminant;

/// Limits that parts are cut to: the least there is, odd ones, Telegram's.
const LIMITS: [usize; 5] = [16, 17, 100, 1024, 4096];

/// Renders, cuts and escapes a text.
pub fn markdown(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let whole = markdown::render(&text);
    marks_are_valid(&whole);
    for limit in LIMITS {
        let parts = markdown::split(&whole, limit);
        for part in &parts {
            marks_are_valid(part);
            assert!(utf16_len(&part.text) <= limit, "{limit}: {part:?}");
            assert!(!part.text.trim().is_empty(), "a part without a word");
        }
        let together: Vec<_> = parts.iter().flat_map(shown).collect();
        assert!(together == shown(&whole), "{limit}: the parts do not show what the whole shows");
    }
    the_source_is_cut_without_a_loss(&text);
    escaped_it_means_itself(&text);
}

/// Marks stay in the text, split no character, are nested or apart, and hold nothing inside code.
fn marks_are_valid(rich: &Rendered) {
    let units: Vec<u16> = rich.text.encode_utf16().collect();
    let is_low = |at: usize| units.get(at).is_some_and(|unit| (0xdc00..0xe000).contains(unit));
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut last = 0;
    for mark in &rich.marks {
        assert!(mark.length > 0 && mark.end() <= units.len(), "{mark:?} leaves the text");
        assert!(!is_low(mark.offset) && !is_low(mark.end()), "{mark:?} splits a character");
        assert!(mark.offset >= last, "{mark:?} is out of order");
        assert!(mark.style != MarkStyle::Nothing, "{mark:?} shows nothing");
        last = mark.offset;
        open.retain(|(end, _)| *end > mark.offset);
        if let Some((end, is_code)) = open.last() {
            assert!(mark.end() <= *end, "{mark:?} crosses another mark");
            assert!(!is_code, "{mark:?} is inside code");
        }
        open.push((mark.end(), matches!(mark.style, MarkStyle::Code | MarkStyle::Pre { .. })));
    }
}

/// Each character that is seen, with the kinds of marks over it.
fn shown(rich: &Rendered) -> Vec<(char, Vec<std::mem::Discriminant<MarkStyle>>)> {
    let mut marks = rich.marks.iter().peekable();
    let mut open: Vec<&markdown::Mark> = Vec::new();
    let mut at = 0;
    let mut out = Vec::new();
    for c in rich.text.chars() {
        open.retain(|mark| mark.end() > at);
        while let Some(mark) = marks.next_if(|mark| mark.offset <= at) {
            open.push(mark);
        }
        if !c.is_whitespace() {
            let mut kinds: Vec<_> = open.iter().map(|mark| discriminant(&mark.style)).collect();
            kinds.dedup();
            out.push((c, kinds));
        }
        at += c.len_utf16();
    }
    out
}

/// Cutting the source adds fences at most, and keeps to its limit.
fn the_source_is_cut_without_a_loss(text: &str) {
    for limit in [128, 2000] {
        let parts = markdown::split_markdown(text, limit);
        for part in &parts {
            let length = part.chars().count();
            assert!(length <= limit, "a part of {length} characters where {limit} fit");
        }
        let together = parts.concat();
        let mut kept = together.chars();
        for c in text.chars().filter(|c| !c.is_whitespace()) {
            assert!(kept.any(|other| other == c), "{c:?} is lost");
        }
    }
}

/// Words of an escaped line are shown as they are.
fn escaped_it_means_itself(text: &str) {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    // A line at a time: what begins a line is the business of who writes the line.
    for line in text.lines() {
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        let line = format!("x {line} x");
        assert_eq!(words(&markdown::plain(&markdown::escape(&line))), words(&line));
    }
}
