//! Markdown to pieces of speech: the marks are gone, blocks end in a pause, and what cannot be read aloud is left to
//! the caller's own words.

use crate::language;
use crate::maths;
use crate::words::in_words;
use domain::person::Lang;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A piece of speech.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words, ready for a voice of that language. Never empty.
    Text {
        /// What is said.
        text: String,
        /// Whose voice says it.
        lang: Lang,
    },
    /// A block of code.
    Code {
        /// The language it is marked with: `rust`.
        language: Option<String>,
        /// Its lines, from 0.
        lines: usize,
    },
    /// A table too large to be read out.
    Table {
        /// Without the head.
        rows: usize,
        /// From 1.
        columns: usize,
    },
    /// A formula too long to be read out.
    Formula,
}

/// The largest table that is read out, row by row.
const MOST_CELLS: usize = 16;
const MOST_CELL_CHARS: usize = 60;

/// What a voice says of a Markdown text. `hint` is the language of what has no letters, or none before it.
pub fn speakable(markdown: &str, hint: Lang) -> Vec<Piece> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
        | Options::ENABLE_FOOTNOTES;
    let mut speech = Speech { hint, ..Speech::default() };
    for event in Parser::new_ext(markdown, options) {
        speech.read(event);
    }
    speech.finish()
}

/// What has been read so far.
#[derive(Default)]
struct Speech {
    hint: Lang,
    /// The words of the blocks since the last piece that is no text.
    text: String,
    /// Where the block that is being read begins in `text`.
    block: usize,
    pieces: Vec<Piece>,
    /// The numbers of the lists that are open, innermost last; `None` for bullets.
    lists: Vec<Option<u64>>,
    code: Option<(Option<String>, String)>,
    table: Option<Table>,
}

#[derive(Default)]
struct Table {
    rows: Vec<Vec<String>>,
    cell: String,
}

impl Speech {
    fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some((_, code)) => code.push_str(&text),
                None => self.say(&text),
            },
            Event::Code(code) => self.say(&identifier(&code)),
            // `$5-$10` is money.
            Event::InlineMath(tex) if tex.ends_with(['-', '–', '—', '/', '(', '+']) => {
                self.say(&format!("${tex}$"))
            }
            Event::InlineMath(tex) | Event::DisplayMath(tex) => match maths::plain(&tex) {
                Some(formula) => self.say(&formula),
                None => self.apart(Piece::Formula),
            },
            Event::SoftBreak => self.say(" "),
            Event::HardBreak => self.close(),
            Event::InlineHtml(tag) | Event::Html(tag) if tag.starts_with("<br") => self.close(),
            Event::Rule => self.close(),
            Event::InlineHtml(_) | Event::Html(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::CodeBlock(kind) => {
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => info.split([' ', ',', '{']).next().filter(|name| !name.is_empty()),
                    CodeBlockKind::Indented => None,
                };
                self.code = Some((language.map(str::to_owned), String::new()));
            }
            Tag::Table(_) => {
                self.close();
                self.table = Some(Table::default());
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.rows.push(Vec::new());
                }
            }
            Tag::List(first) => {
                self.close();
                self.lists.push(first);
            }
            Tag::Item => {
                self.close();
                if let Some(Some(number)) = self.lists.last_mut() {
                    let marker = format!("{number}. ");
                    *number = number.saturating_add(1);
                    self.say(&marker);
                    self.block = self.text.len();
                }
            }
            Tag::Paragraph | Tag::Heading { .. } | Tag::BlockQuote(_) | Tag::FootnoteDefinition(_)
                if self.text.len() > self.block =>
            {
                self.close();
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => {
                if let Some((language, code)) = self.code.take() {
                    self.apart(Piece::Code { language, lines: code.lines().count() });
                }
            }
            TagEnd::TableCell => {
                if let Some(table) = &mut self.table {
                    let cell = std::mem::take(&mut table.cell);
                    if let Some(row) = table.rows.last_mut() {
                        row.push(cell.trim().to_owned());
                    }
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    self.table(&table);
                }
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.close();
            }
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::FootnoteDefinition => self.close(),
            _ => {}
        }
    }

    fn say(&mut self, text: &str) {
        match &mut self.table {
            Some(table) => table.cell.push_str(text),
            None => self.text.push_str(text),
        }
    }

    /// Ends a block: in a pause, whatever it ended in.
    fn close(&mut self) {
        if self.table.is_some() {
            return self.say(", ");
        }
        self.text.truncate(self.text.trim_end().len());
        let block = self.text.get(self.block..).unwrap_or_default();
        let closers =
            |c: char| matches!(c, '"' | '»' | '”' | ')' | ']' | '*' | '_') || !c.is_ascii() && !c.is_alphanumeric();
        let said = block.trim_end_matches(|c| closers(c) && c != '…');
        if block.chars().any(char::is_alphanumeric) && !said.ends_with(['.', '!', '?', ';', ':', ',', '…']) {
            self.text.push('.');
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.block = self.text.len();
    }

    /// A small table row by row, `head: cell`; a large one is left to the caller.
    fn table(&mut self, table: &Table) {
        let Some((head, rows)) = table.rows.split_first() else { return };
        let is_small = head.len() * rows.len() <= MOST_CELLS
            && table.rows.iter().flatten().all(|cell| cell.chars().count() <= MOST_CELL_CHARS);
        if !is_small {
            return self.apart(Piece::Table { rows: rows.len(), columns: head.len().max(1) });
        }
        for row in rows {
            let cells = head.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
            let said: Vec<String> = cells
                .map(|(head, cell)| if head.is_empty() { cell.clone() } else { format!("{head}: {cell}") })
                .collect();
            self.say(&said.join(", "));
            self.close();
        }
    }

    /// A piece of its own between the words.
    fn apart(&mut self, piece: Piece) {
        self.close();
        self.flush();
        self.pieces.push(piece);
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.block = 0;
        for (part, lang) in language::parts(&text, self.hint) {
            let said = in_words(&part, lang);
            let said = said.trim();
            if said.chars().any(char::is_alphanumeric) {
                self.hint = lang;
                self.pieces.push(Piece::Text { text: said.to_owned(), lang });
            }
        }
    }

    fn finish(mut self) -> Vec<Piece> {
        self.close();
        self.flush();
        self.pieces
    }
}

/// A name in code as its words: `read_file()` is read file, `std::io` std io.
fn identifier(code: &str) -> String {
    let code = code.replace("()", "").replace("::", " ").replace("->", " ");
    code.chars().map(|c| if matches!(c, '_' | '`' | '{' | '}' | ';' | '<' | '>' | '|') { ' ' } else { c }).collect()
}
