//! HTML to Markdown, from its tokens as they come: without a tree there is nothing that could nest too deeply.
//! Scripts, styles and what a browser hides are left out.

mod table;

use crate::Kind;
use crate::document::{Document, Place};
use crate::draft::Draft;
use crate::encoding;
use crate::problem::{Limits, Problem};
use html5gum::Tokenizer;
use html5gum::emitters::default::{DefaultEmitter, StartTag, Token};
use std::borrow::Cow;
use table::Table;

/// Bytes from the beginning in which a page says what it is encoded in (as browsers do).
const HEAD: usize = 1024;

/// Elements that hold no text for people.
const UNSEEN: [&str; 13] = [
    "script", "style", "template", "noscript", "svg", "math", "iframe", "object", "canvas", "select", "textarea",
    "audio", "video",
];

/// Elements that never have content.
const VOID: [&str; 12] = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"];

/// Elements that stand on lines of their own, with an empty line around them.
const BLOCKS: [&str; 25] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "hr",
    "main",
    "nav",
    "p",
    "pre",
    "section",
    "summary",
    "title",
];

/// A part of a page, under its heading.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// The heading; empty at the beginning.
    pub heading: String,
    /// The text, with the heading.
    pub text: String,
}

/// A page as text.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// What stands in its `title`.
    pub title: String,
    /// Its parts, each from a heading of the first or second level to the next.
    pub parts: Vec<Part>,
}

/// Reads an HTML file.
///
/// # Errors
///
/// [`Problem::Empty`] when there is no text in it.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    let page = render(&decode(bytes), limits.text);
    let mut draft = Draft::new(Kind::Html, limits);
    draft.title(&page.title);
    let has_one = page.parts.len() == 1;
    for (part, number) in page.parts.into_iter().zip(1u32..) {
        let place = match has_one && part.heading.is_empty() {
            true => Place::Whole,
            false => Place::Chapter { number, title: part.heading },
        };
        draft.push(place, part.text);
    }
    draft.finish()
}

/// A page as text: by its mark, by what it declares, or by what it looks like.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if encoding_rs::Encoding::for_bom(bytes).is_some() || std::str::from_utf8(bytes).is_ok() {
        return encoding::decode(bytes);
    }
    match declared(bytes.get(..HEAD).unwrap_or(bytes)) {
        Some(encoding) => encoding.decode_without_bom_handling(bytes).0,
        None => encoding::decode(bytes),
    }
}

fn declared(head: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let after = head.get(memchr::memmem::find(head, b"charset=")? + 8..)?;
    let label =
        after.split(|byte| matches!(byte, b'"' | b'\'' | b' ' | b'>' | b'/' | b';')).find(|part| !part.is_empty());
    encoding_rs::Encoding::for_label(label?)
}

/// Renders a page until its text has `most` bytes.
pub(crate) fn render(html: &str, most: u64) -> Page {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut renderer = Renderer::default();
    for token in Tokenizer::new_with_emitter(html, emitter).flatten() {
        match token {
            Token::StartTag(tag) => renderer.start(&tag),
            Token::EndTag(tag) => renderer.end(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) => renderer.text(&String::from_utf8_lossy(&text)),
            _ => {}
        }
        if renderer.written > most {
            break;
        }
    }
    renderer.finish()
}

#[derive(Default)]
struct Renderer {
    page: Page,
    part: Part,
    /// The element that is left out, and how many of its name are open.
    unseen: Option<(String, u32)>,
    /// For each list that is open: the next number, or none.
    lists: Vec<Option<u32>>,
    table: Option<Table>,
    heading: Option<usize>,
    in_title: bool,
    in_pre: bool,
    /// An item of a list has its mark and nothing more.
    is_bare_item: bool,
    written: u64,
}

impl Renderer {
    fn start(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name);
        if let Some((unseen, open)) = &mut self.unseen {
            *open += u32::from(*unseen == name && !tag.self_closing);
            return;
        }
        if is_unseen(tag, &name) {
            self.unseen = Some((name.into_owned(), 1));
            return;
        }
        match (&*name, self.table.is_some()) {
            ("br", false) => self.line(),
            ("br", true) => self.put(" "),
            ("title", _) => self.in_title = true,
            ("table", true) => self.inner_table(1),
            ("table", false) => {
                self.block();
                self.table = Some(Table::default());
            }
            ("tr" | "td" | "th" | "caption", true) => self.cell(&name),
            ("ul", _) => self.lists.push(None),
            ("ol", _) => self.lists.push(Some(1)),
            ("li", _) => self.item(),
            ("pre", _) => {
                self.block();
                self.in_pre = true;
            }
            (other, _) => match level(other) {
                Some(level) => self.begin_heading(level),
                None if BLOCKS.contains(&other) => self.block(),
                None => {}
            },
        }
    }

    fn end(&mut self, name: &str) {
        if let Some((unseen, open)) = &mut self.unseen {
            *open -= u32::from(unseen == name);
            if *open == 0 {
                self.unseen = None;
            }
            return;
        }
        match name {
            "title" => self.in_title = false,
            "table" => self.end_table(),
            "ul" | "ol" => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.block();
                }
            }
            "pre" => {
                self.in_pre = false;
                self.block();
            }
            "li" => {
                self.is_bare_item = false;
                self.line();
            }
            other if level(other).is_some() => self.end_heading(),
            other if BLOCKS.contains(&other) => self.block(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.unseen.is_some() {
            return;
        }
        if self.in_title {
            self.page.title.push_str(text);
        } else if self.in_pre && self.table.is_none() {
            self.written += text.len() as u64;
            self.part.text.push_str(text);
        } else {
            self.put(text);
        }
    }

    /// Writes text with its white space made single spaces.
    fn put(&mut self, text: &str) {
        self.written += text.len() as u64;
        self.is_bare_item &= text.trim().is_empty();
        let out = match &mut self.table {
            Some(table) => table.cell(),
            None => &mut self.part.text,
        };
        if text.starts_with(char::is_whitespace) && !out.is_empty() && !out.ends_with([' ', '\n']) {
            out.push(' ');
        }
        for (at, word) in text.split_whitespace().enumerate() {
            if at > 0 {
                out.push(' ');
            }
            out.push_str(word);
        }
        let ends_open = text.ends_with(char::is_whitespace) && !out.is_empty();
        if ends_open && !out.ends_with([' ', '\n']) {
            out.push(' ');
        }
    }

    fn line(&mut self) {
        if self.table.is_some() {
            return self.put(" ");
        }
        if self.is_bare_item {
            return;
        }
        let out = &mut self.part.text;
        out.truncate(out.trim_end_matches(' ').len());
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
    }

    fn block(&mut self) {
        self.line();
        // A paragraph in an item of a list goes on with its line.
        if self.table.is_none() && self.lists.is_empty() && self.heading.is_none() {
            let out = &mut self.part.text;
            if !out.is_empty() && !out.ends_with("\n\n") {
                out.push('\n');
            }
        }
    }

    fn item(&mut self) {
        self.is_bare_item = false;
        self.line();
        let depth = self.lists.len().clamp(1, 6) - 1;
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number = number.saturating_add(1);
                format!("{}. ", number.saturating_sub(1))
            }
            _ => "- ".to_owned(),
        };
        match &mut self.table {
            Some(table) => table.cell().push_str(&mark),
            None => {
                self.part.text.push_str(&("  ".repeat(depth) + &mark));
                self.is_bare_item = true;
            }
        }
    }

    fn begin_heading(&mut self, level: usize) {
        if self.table.is_some() {
            return self.put(" ");
        }
        self.block();
        if level <= 2 && !self.part.text.trim().is_empty() {
            self.end_part();
        }
        self.part.text.push_str(&"#".repeat(level));
        self.part.text.push(' ');
        self.heading = Some(level);
    }

    fn end_heading(&mut self) {
        let Some(level) = self.heading.take() else { return };
        let line = self.part.text.trim_end().rsplit('\n').next().unwrap_or_default();
        let heading = line.trim_start_matches('#').trim().to_owned();
        if heading.is_empty() {
            self.part.text.truncate(self.part.text.trim_end_matches(['#', ' ']).len());
        } else if level <= 2 {
            self.part.heading = heading;
        }
        self.block();
    }

    fn end_part(&mut self) {
        let mut part = std::mem::take(&mut self.part);
        part.text.truncate(part.text.trim_end().len());
        if !part.text.is_empty() {
            self.page.parts.push(part);
        }
    }

    fn cell(&mut self, name: &str) {
        if let Some(table) = &mut self.table {
            table.open(name);
        }
    }

    fn inner_table(&mut self, by: u32) {
        if let Some(table) = &mut self.table {
            table.inner += by;
        }
    }

    fn end_table(&mut self) {
        match self.table.take() {
            Some(mut table) if table.inner > 0 => {
                table.inner -= 1;
                self.table = Some(table);
            }
            Some(table) => {
                self.part.text.push_str(&table.markdown());
                self.block();
            }
            None => {}
        }
    }

    fn finish(mut self) -> Page {
        while self.table.is_some() {
            self.end_table();
        }
        self.end_part();
        self.page
    }
}

fn level(name: &str) -> Option<usize> {
    ["h1", "h2", "h3", "h4", "h5", "h6"].iter().position(|heading| *heading == name).map(|at| at + 1)
}

fn is_unseen(tag: &StartTag<()>, name: &str) -> bool {
    if VOID.contains(&name) || tag.self_closing {
        return false;
    }
    let styled = tag.attributes.get(b"style".as_slice()).is_some_and(|style| {
        let style: Vec<u8> = style.value.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect();
        memchr::memmem::find(&style.to_ascii_lowercase(), b"display:none").is_some()
    });
    UNSEEN.contains(&name) || styled || tag.attributes.contains_key(b"hidden".as_slice())
}
