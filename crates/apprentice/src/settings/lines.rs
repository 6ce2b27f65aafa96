//! On which line each key of a settings file stands. The settings library forgets lines, so each
//! format is walked once more here; on the way syntax errors, depth and aliases are refused, so that
//! what reaches the library is small and plain. What is refused is said without the file's text.

use json5::Position;
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};
use yaml_rust2::Yaml;
use yaml_rust2::parser::{Event, Parser};
use yaml_rust2::scanner::TScalarStyle;

/// Keys with dots between their parts, and the line of each (from 1).
pub(super) type Lines = BTreeMap<String, usize>;

/// A file that does not follow its format.
#[derive(Debug)]
pub(super) struct Malformed {
    /// Where, if it is known (from 1).
    pub(super) line: Option<usize>,
    /// Why: a Fluent key of ours or the words of the format's parser.
    pub(super) why: Why,
}

/// Why a file is refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Why {
    /// A Fluent key.
    Key(&'static str),
    /// The parser's own words (English; they never repeat the text).
    Parser(String),
}

/// Deeper than any settings are.
const MAX_DEPTH: usize = 16;

fn refused(line: usize, key: &'static str) -> Malformed {
    Malformed { line: Some(line), why: Why::Key(key) }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Lines of a TOML file.
pub(super) fn of_toml(text: &str) -> Result<Lines, Malformed> {
    let starts: Vec<usize> = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
    let line_of = |offset: usize| starts.partition_point(|newline| *newline < offset) + 1;
    let table = DeTable::parse(text).map_err(|error| Malformed {
        line: error.span().map(|span| line_of(span.start)),
        why: Why::Parser(error.message().to_owned()),
    })?;
    let mut lines = Lines::new();
    walk_toml(table.get_ref(), "", 0, &line_of, &mut lines)?;
    Ok(lines)
}

fn walk_toml(
    table: &DeTable<'_>,
    path: &str,
    depth: usize,
    line_of: &dyn Fn(usize) -> usize,
    lines: &mut Lines,
) -> Result<(), Malformed> {
    for (key, value) in table {
        let line = line_of(key.span().start);
        if depth > MAX_DEPTH {
            return Err(refused(line, "settings-too-deep"));
        }
        let path = join(path, key.get_ref());
        if let DeValue::Table(inner) = value.get_ref() {
            walk_toml(inner, &path, depth + 1, line_of, lines)?;
        }
        lines.insert(path, line);
    }
    Ok(())
}

/// Lines of a YAML file.
pub(super) fn of_yaml(text: &str) -> Result<Lines, Malformed> {
    let mut parser = Parser::new_from_str(text);
    let mut walk = YamlWalk::default();
    loop {
        let (event, mark) = parser.next_token().map_err(|error| Malformed {
            line: Some(error.marker().line()),
            why: Why::Parser(error.info().to_owned()),
        })?;
        if event == Event::StreamEnd {
            return Ok(walk.lines);
        }
        walk.step(event, mark.line())?;
    }
}

/// A plain scalar as the settings library names a key: a number in its usual form, `016` as `16`.
fn plain(text: String) -> String {
    match Yaml::from_str(&text) {
        Yaml::Integer(number) => number.to_string(),
        _ => text,
    }
}

/// A mapping that is open: the path to it, and the key whose value comes next.
struct YamlMap {
    path: String,
    key: Option<String>,
}

#[derive(Default)]
struct YamlWalk {
    lines: Lines,
    /// What is open; none is a sequence.
    open: Vec<Option<YamlMap>>,
    documents: usize,
}

impl YamlWalk {
    fn step(&mut self, event: Event, line: usize) -> Result<(), Malformed> {
        match event {
            // An alias may stand for more than memory holds.
            Event::Alias(_) => return Err(refused(line, "settings-no-aliases")),
            Event::DocumentStart => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(refused(line, "settings-one-document"));
                }
            }
            Event::Scalar(text, TScalarStyle::Plain, ..) => self.scalar(&plain(text), line),
            Event::Scalar(text, ..) => self.scalar(&text, line),
            Event::MappingStart(..) => {
                let path = self.value_path();
                self.open(Some(YamlMap { path, key: None }), line)?;
            }
            Event::SequenceStart(..) => {
                self.value_path();
                self.open(None, line)?;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                self.open.pop();
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn open(&mut self, what: Option<YamlMap>, line: usize) -> Result<(), Malformed> {
        self.open.push(what);
        if self.open.len() > MAX_DEPTH { Err(refused(line, "settings-too-deep")) } else { Ok(()) }
    }

    fn scalar(&mut self, text: &str, line: usize) {
        if let Some(Some(map)) = self.open.last_mut()
            && map.key.take().is_none()
        {
            self.lines.insert(join(&map.path, text), line);
            map.key = Some(text.to_owned());
        }
    }

    /// The path of the value that begins here.
    fn value_path(&mut self) -> String {
        match self.open.last_mut() {
            Some(Some(map)) => map.key.take().map(|key| join(&map.path, &key)).unwrap_or_default(),
            _ => String::new(),
        }
    }
}

/// Lines of a JSON or JSON5 file.
pub(super) fn of_json(text: &str) -> Result<Lines, Malformed> {
    let lines = JsonWalk { rest: text.chars().peekable(), line: 1, lines: Lines::new() }.walk()?;
    match json5::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Ok(lines),
        Err(error) => Err(Malformed {
            // Without a place it is the end that came too early.
            line: Some(error.position().map_or(text.lines().count().max(1), |Position { line, .. }| line + 1)),
            why: error.code().map_or(Why::Key("settings-not-values"), |code| Why::Parser(code.to_string())),
        }),
    }
}

struct JsonWalk<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    line: usize,
    lines: Lines,
}

impl JsonWalk<'_> {
    fn walk(mut self) -> Result<Lines, Malformed> {
        // What is open, with its path: an object, or (none) an array.
        let mut open: Vec<Option<String>> = Vec::new();
        // The last word or string, which a colon makes a key.
        let mut word = (String::new(), 1);
        let mut key = String::new();
        while let Some(c) = self.next() {
            match c {
                '{' | '[' => {
                    open.push((c == '{').then(|| std::mem::take(&mut key)));
                    key.clear();
                    if open.len() > MAX_DEPTH {
                        return Err(refused(self.line, "settings-too-deep"));
                    }
                }
                '}' | ']' => drop(open.pop()),
                ',' => key.clear(),
                ':' => {
                    key = join(open.last().and_then(Option::as_deref).unwrap_or_default(), &word.0);
                    self.lines.insert(key.clone(), word.1);
                }
                '"' | '\'' => word = (self.string(c), self.line),
                '/' => self.comment(),
                c if c.is_alphanumeric() || c == '_' || c == '$' => word = (self.identifier(c), self.line),
                _ => {}
            }
        }
        Ok(self.lines)
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn string(&mut self, quote: char) -> String {
        let mut text = String::new();
        while let Some(c) = self.next() {
            match c {
                c if c == quote => break,
                '\\' => text.extend(self.escaped()),
                c => text.push(c),
            }
        }
        text
    }

    /// What stands for the characters after a backslash; none for a line that goes on.
    fn escaped(&mut self) -> Option<char> {
        match self.next()? {
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'v' => Some('\u{b}'),
            '0' => Some('\0'),
            'x' => self.hex(2),
            'u' => self.hex(4),
            '\n' | '\u{2028}' | '\u{2029}' => None,
            '\r' => {
                self.rest.next_if_eq(&'\n').inspect(|_| self.line += 1);
                None
            }
            c => Some(c),
        }
    }

    fn hex(&mut self, digits: u32) -> Option<char> {
        let mut code = 0;
        for _ in 0..digits {
            let digit = self.rest.next_if(char::is_ascii_hexdigit)?.to_digit(16)?;
            code = code * 16 + digit;
        }
        char::from_u32(code)
    }

    fn identifier(&mut self, first: char) -> String {
        let mut text = String::from(first);
        while let Some(c) = self.rest.next_if(|c| c.is_alphanumeric() || *c == '_' || *c == '$') {
            text.push(c);
        }
        text
    }

    fn comment(&mut self) {
        match self.rest.peek() {
            Some('/') => while self.next().is_some_and(|c| c != '\n') {},
            Some('*') => {
                self.next();
                let mut last = ' ';
                while let Some(c) = self.next() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn shown(lines: Lines) -> String {
        lines.iter().map(|(key, line)| format!("{key}:{line} ")).collect()
    }

    #[test]
    fn every_format_knows_its_lines() {
        let toml = "# c\na = 1\n[b]\nc.d = '''\nx\n'''\n\"e-f\" = { g = 2 }\n";
        assert_eq!(shown(of_toml(toml).unwrap()), "a:2 b:3 b.c:4 b.c.d:4 b.e-f:7 b.e-f.g:7 ");
        let yaml = "# c\na: 1\nb:\n  c: [1, {x: 2}]\n  d: |\n    text\n  e: {f: 1}\n";
        assert_eq!(shown(of_yaml(yaml).unwrap()), "a:2 b:3 b.c:4 b.d:5 b.e:7 b.e.f:7 x:4 ");
        let json = "// {\n{ \"a\": 1, /* \n */ b: {\n 'c': [\"x:y\", 2],\n d: \"}\\\"\", },\n \"e\": true, }\n";
        assert_eq!(shown(of_json(json).unwrap()), "a:2 b:3 b.c:4 b.d:5 e:6 ");
    }

    #[test]
    fn a_key_is_found_however_it_is_written() {
        assert_eq!(shown(of_yaml("007: 1\n0x10: 2\n'08': 3\n").unwrap()), "08:3 16:2 7:1 ");
        let json = r#"{ "\u0061\x62": 1, 'c\
d\n': 2, "e": 3 }"#;
        assert_eq!(shown(of_json(json).unwrap()), "ab:1 cd\n:2 e:2 ");
    }

    #[test]
    fn a_malformed_file_says_on_which_line() {
        assert_eq!(of_toml("a = 1\nb = [\nc = 2\n").unwrap_err().line, Some(3));
        assert_eq!(of_yaml("a: 1\nb: [1\nc: }\n").unwrap_err().line, Some(3));
        assert_eq!(of_json("{\n a: 1,\n b 2\n}").unwrap_err().line, Some(3));
        assert_eq!(of_json("").unwrap_err().line, Some(1));
        assert!(of_yaml("a: &x 1\nb: *x\n").is_err());
        assert!(of_yaml("a: 1\n---\nb: 1\n").is_err());
    }

    #[test]
    fn deep_nesting_is_refused_before_it_hurts() {
        for depth in [20, 100_000] {
            assert!(of_json(&"[".repeat(depth)).is_err());
            assert!(of_yaml(&"[".repeat(depth)).is_err());
            assert!(of_toml(&format!("a = {}", "[".repeat(depth))).is_err());
            assert!(of_yaml(&"- ".repeat(depth)).is_err());
        }
    }
}
