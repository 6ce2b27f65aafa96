//! Markdown to plain text with marks, from its syntax tree, and the cutting of both to fit a message.
//!
//! Offsets and lengths are UTF-16 units, as Telegram counts. Marks never leave the text, never split a
//! surrogate pair, are nested or disjoint, and hold nothing inside code. No text is ever lost: what
//! cannot be shown as it is meant is shown as text. Unfinished Markdown (an answer that is still being
//! written) renders as far as it goes.

use crate::rich::{Builder, Rich, Style};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

pub use crate::rich::{Mark, split, utf16_len};
pub use crate::rich::{Rich as Rendered, Style as MarkStyle};

/// Lists and quotes nested deeper than this are shown at this depth.
const DEEPEST: usize = 8;
/// Widest table that is shown as one, in characters.
const WIDEST_TABLE: usize = 64;

/// The extensions that are understood.
fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_MATH
}

/// Renders Markdown.
pub fn render(markdown: &str) -> Rich {
    let mut renderer = Renderer::default();
    for event in Parser::new_ext(markdown, options()) {
        renderer.event(event);
    }
    renderer.out.finish()
}

/// The words of a Markdown text without its marks.
pub fn plain(markdown: &str) -> String {
    render(markdown).text
}

/// Makes a text mean itself in Markdown.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '$' | '!' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[derive(Default)]
struct Renderer {
    out: Builder,
    /// Open lists: the next number, or none for bullets.
    lists: Vec<Option<u64>>,
    quotes: usize,
    table: Option<Table>,
    /// Whether a list item has just begun, so that its first paragraph stays on its line.
    fresh_item: bool,
    links: Vec<String>,
}

#[derive(Default)]
struct Table {
    rows: Vec<Vec<String>>,
}

impl Renderer {
    fn event(&mut self, event: Event<'_>) {
        if self.table.is_some() {
            return self.table_event(event);
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(code) => self.code(&code),
            Event::InlineMath(math) | Event::DisplayMath(math) => self.code(&math),
            Event::Html(html) => self.html_block(&html),
            Event::InlineHtml(html) => self.html(&html),
            Event::SoftBreak | Event::HardBreak => self.out.push("\n"),
            Event::Rule => {
                self.out.block(2);
                self.out.push("———");
                self.out.block(2);
            }
            Event::TaskListMarker(done) => self.out.push(if done { "☑ " } else { "☐ " }),
            Event::FootnoteReference(name) => self.out.push(&format!("[{name}]")),
        }
    }

    fn gap(&self) -> usize {
        if self.lists.is_empty() { 2 } else { 1 }
    }

    fn paragraph(&mut self) {
        if std::mem::take(&mut self.fresh_item) {
            return;
        }
        self.out.block(self.gap());
        if !self.lists.is_empty() && self.out.at_line_start() {
            self.out.push(&"  ".repeat(self.lists.len().min(DEEPEST)));
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.paragraph(),
            Tag::Heading { .. } => {
                self.out.block(2);
                self.out.open(Style::Bold);
            }
            Tag::BlockQuote(_) => self.quote(),
            Tag::CodeBlock(kind) => {
                self.fresh_item = false;
                self.out.block(self.gap());
                self.out.open(Style::Pre { language: language(&kind) });
            }
            Tag::List(first) => {
                let gap = if self.lists.is_empty() { 2 } else { 1 };
                self.out.block(gap);
                self.lists.push(first);
            }
            Tag::Item => self.item(),
            Tag::Table(_) => self.table = Some(Table::default()),
            Tag::Emphasis => self.out.open(Style::Italic),
            Tag::Strong => self.out.open(Style::Bold),
            Tag::Strikethrough => self.out.open(Style::Strike),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.links.push(dest_url.to_string());
                self.out.open(link(&dest_url));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.out.close(&Style::Bold);
                self.out.block(2);
            }
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.out.block(self.gap()),
            TagEnd::BlockQuote(_) => {
                self.quotes = self.quotes.saturating_sub(1);
                if self.quotes == 0 {
                    self.out.close(&Style::Quote);
                }
                self.out.block(2);
            }
            TagEnd::CodeBlock => {
                self.out.close(&Style::Pre { language: None });
                self.out.block(self.gap());
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.out.block(self.gap());
            }
            TagEnd::Item => self.fresh_item = false,
            TagEnd::Emphasis => self.out.close(&Style::Italic),
            TagEnd::Strong => self.out.close(&Style::Bold),
            TagEnd::Strikethrough => self.out.close(&Style::Strike),
            TagEnd::Link | TagEnd::Image => {
                let url = self.links.pop().unwrap_or_default();
                self.out.close(&link(&url));
            }
            _ => {}
        }
    }

    fn quote(&mut self) {
        self.out.block(2);
        // Quotes do not nest in Telegram: an inner one is part of the outer one.
        if self.quotes == 0 {
            self.out.open(Style::Quote);
        }
        self.quotes += 1;
    }

    fn item(&mut self) {
        self.out.block(1);
        let depth = self.lists.len().min(DEEPEST);
        let bullet = match self.lists.last_mut() {
            Some(Some(number)) => {
                let bullet = format!("{number}. ");
                *number += 1;
                bullet
            }
            _ if depth > 1 => "◦ ".to_owned(),
            _ => "• ".to_owned(),
        };
        self.out.push(&"  ".repeat(depth.saturating_sub(1)));
        self.out.push(&bullet);
        self.fresh_item = true;
    }

    /// Text, with `||spoilers||` that begin and end in it.
    fn text(&mut self, text: &str) {
        self.fresh_item = false;
        if self.out.in_code() || !text.contains("||") {
            return self.out.push(text);
        }
        let pieces: Vec<&str> = text.split("||").collect();
        for (at, piece) in pieces.iter().enumerate() {
            let hidden = at % 2 == 1 && at + 1 < pieces.len() && !piece.trim().is_empty();
            if hidden {
                self.out.open(Style::Spoiler);
                self.out.push(piece);
                self.out.close(&Style::Spoiler);
            } else {
                // A mark without its partner is text.
                if at % 2 == 1 {
                    self.out.push("||");
                }
                self.out.push(piece);
                if at % 2 == 1 && at + 1 < pieces.len() {
                    self.out.push("||");
                }
            }
        }
    }

    fn code(&mut self, code: &str) {
        self.fresh_item = false;
        self.out.open(Style::Code);
        self.out.push(code);
        self.out.close(&Style::Code);
    }

    fn html_block(&mut self, html: &str) {
        self.out.push(html.trim_end_matches('\n'));
    }

    /// The few tags that models write; anything else is shown as it stands.
    fn html(&mut self, html: &str) {
        let tag = html.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/').trim().to_lowercase();
        let (closing, name) = tag.strip_prefix('/').map_or((false, tag.as_str()), |name| (true, name));
        let style = match name {
            "b" | "strong" => Style::Bold,
            "i" | "em" => Style::Italic,
            "u" | "ins" => Style::Underline,
            "s" | "del" | "strike" => Style::Strike,
            "tg-spoiler" => Style::Spoiler,
            "br" => return self.out.push("\n"),
            _ => return self.out.push(html),
        };
        if closing { self.out.close(&style) } else { self.out.open(style) }
    }

    fn table_event(&mut self, event: Event<'_>) {
        let Some(table) = &mut self.table else { return };
        match event {
            Event::Start(Tag::TableHead | Tag::TableRow) => table.rows.push(Vec::new()),
            Event::Start(Tag::TableCell) => table.cell(),
            Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) => table.add(&text),
            Event::InlineMath(text) | Event::DisplayMath(text) => table.add(&text),
            Event::SoftBreak | Event::HardBreak => table.add(" "),
            Event::End(TagEnd::Table) => {
                let table = self.table.take().unwrap_or_default();
                self.show(&table);
            }
            _ => {}
        }
    }

    /// A narrow table as monospace, a wide one row by row.
    fn show(&mut self, table: &Table) {
        self.out.block(2);
        let widths = table.widths();
        let width: usize = widths.iter().map(|width| width + 3).sum();
        if width <= WIDEST_TABLE {
            self.out.open(Style::Pre { language: None });
            self.out.push(&table.aligned(&widths));
            self.out.close(&Style::Pre { language: None });
        } else {
            self.out.push(&table.listed());
        }
        self.out.block(2);
    }
}

impl Table {
    fn cell(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            row.push(String::new());
        }
    }

    fn add(&mut self, text: &str) {
        if let Some(cell) = self.rows.last_mut().and_then(|row| row.last_mut()) {
            cell.push_str(&text.replace('\n', " "));
        }
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            self.rows.iter().filter_map(|row| row.get(column)).map(|cell| wide(cell)).max().unwrap_or(0)
        };
        (0..columns).map(width).collect()
    }

    fn aligned(&self, widths: &[usize]) -> String {
        let mut lines = Vec::new();
        for (at, row) in self.rows.iter().enumerate() {
            let pad =
                |(cell, width): (&String, &usize)| format!("{cell}{}", " ".repeat(width.saturating_sub(wide(cell))));
            lines.push(row.iter().zip(widths).map(pad).collect::<Vec<_>>().join(" │ ").trim_end().to_owned());
            if at == 0 {
                lines.push(widths.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>().join("─┼─"));
            }
        }
        lines.join("\n")
    }

    fn listed(&self) -> String {
        let Some((head, rows)) = self.rows.split_first() else { return String::new() };
        let line = |row: &Vec<String>| {
            let named = |(at, cell): (usize, &String)| match head.get(at).filter(|name| !name.is_empty()) {
                Some(name) => format!("{name}: {cell}"),
                None => cell.clone(),
            };
            format!("• {}", row.iter().enumerate().map(named).collect::<Vec<_>>().join("\n  "))
        };
        if rows.is_empty() { head.join(" · ") } else { rows.iter().map(line).collect::<Vec<_>>().join("\n") }
    }
}

/// How wide a text stands in monospace: East Asian letters and emoji take two places.
fn wide(text: &str) -> usize {
    use unicode_segmentation::UnicodeSegmentation as _;
    let double = |c: char| matches!(u32::from(c), 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0x1f300..=0x1faff | 0x20000..=0x3fffd);
    text.graphemes(true).map(|grapheme| if grapheme.chars().any(double) { 2 } else { 1 }).sum()
}

fn language(kind: &CodeBlockKind<'_>) -> Option<String> {
    let CodeBlockKind::Fenced(info) = kind else { return None };
    let name: String = info
        .split([' ', ',', '{'])
        .next()?
        .chars()
        .filter(|c| c.is_alphanumeric() || "+-#._".contains(*c))
        .take(40)
        .collect();
    (!name.is_empty()).then_some(name)
}

/// A link to a safe address; anything else is only its text.
fn link(url: &str) -> Style {
    let safe = ["http://", "https://", "mailto:", "tel:", "tg://"];
    let lower = url.to_ascii_lowercase();
    match safe.iter().any(|scheme| lower.starts_with(scheme)) {
        true => Style::Link { url: url.to_owned() },
        false => Style::Nothing,
    }
}

/// Cuts Markdown itself into parts of at most `limit` characters at line ends, with code fences
/// closed and reopened, for platforms that render Markdown themselves.
pub fn split_markdown(markdown: &str, limit: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut fence: Option<String> = None;
    for line in markdown.split_inclusive('\n').flat_map(|line| pieces(line, limit.saturating_sub(64).max(1))) {
        let after = match line.trim_start().starts_with("```") {
            true if fence.is_some() => None,
            true => Some(line.trim().chars().take(40).collect()),
            false => fence.clone(),
        };
        // What is open after the line may have to be closed in this part.
        let reserve = if after.is_some() { 4 } else { 0 };
        if !part.is_empty() && part.chars().count() + line.chars().count() + reserve > limit {
            if fence.is_some() {
                part.push_str("\n```");
            }
            parts.push(std::mem::take(&mut part).trim_end().to_owned());
            if let Some(open) = &fence {
                part = format!("{open}\n");
            }
        }
        fence = after;
        part.push_str(line);
    }
    if !part.trim().is_empty() {
        parts.push(part.trim_end().to_owned());
    }
    parts
}

fn pieces(line: &str, limit: usize) -> Vec<&str> {
    let mut rest = line;
    let mut pieces = Vec::new();
    while let Some((at, _)) = rest.char_indices().nth(limit) {
        let (piece, more) = rest.split_at(at);
        pieces.push(piece);
        rest = more;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests;
