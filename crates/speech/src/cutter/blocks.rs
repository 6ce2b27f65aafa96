//! What a line of Markdown begins with.

/// A block, or what marks a line as the beginning of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    Fence { mark: char, count: usize },
    Table,
    Formula,
    Heading,
    Item,
    Rule,
}

pub(super) enum Found {
    /// The block, and how many bytes its mark is; of a fence the whole line.
    Yes(Block, usize),
    No,
    /// What comes next decides.
    Wait,
}

/// Looks at a line from its beginning.
pub(super) fn at_line_start(rest: &str, is_last: bool) -> Found {
    let body = rest.trim_start_matches([' ', '\t', '>']);
    let indent = rest.len() - body.len();
    let line = body.split('\n').next().unwrap_or_default();
    let is_open = line.len() == body.len() && !is_last;
    if body.is_empty() {
        return if is_last { Found::No } else { Found::Wait };
    }
    let found = [fence, formula, heading, item, rule].iter().find_map(|look| match look(line, is_open) {
        Found::No => None,
        found => Some(found),
    });
    match found {
        Some(Found::Yes(block @ Block::Fence { .. }, _)) => {
            Found::Yes(block, indent + line.len() + usize::from(line.len() < body.len()))
        }
        Some(Found::Yes(block, bytes)) => Found::Yes(block, indent + bytes),
        Some(found) => found,
        None if line.starts_with('|') => Found::Yes(Block::Table, 0),
        None => Found::No,
    }
}

/// Whether a line closes a fence.
pub(super) fn closes(line: &str, mark: char, count: usize) -> bool {
    let body = line.trim_start_matches([' ', '\t', '>']).trim_end();
    body.len() >= count && body.chars().all(|c| c == mark)
}

fn fence(line: &str, is_open: bool) -> Found {
    let Some(mark) = line.chars().next().filter(|c| matches!(c, '`' | '~')) else { return Found::No };
    let info = line.trim_start_matches(mark);
    let count = line.len() - info.len();
    if count < 3 {
        return if info.is_empty() && is_open { Found::Wait } else { Found::No };
    }
    if mark == '`' && info.contains('`') {
        return Found::No;
    }
    // A backtick may still come, and make it code within a line.
    if is_open { Found::Wait } else { Found::Yes(Block::Fence { mark, count }, line.len()) }
}

fn formula(line: &str, is_open: bool) -> Found {
    if line.starts_with("$$") {
        Found::Yes(Block::Formula, 2)
    } else if line == "$" && is_open {
        Found::Wait
    } else {
        Found::No
    }
}

fn heading(line: &str, is_open: bool) -> Found {
    let text = line.trim_start_matches('#');
    let count = line.len() - text.len();
    if !(1..=6).contains(&count) {
        Found::No
    } else if text.starts_with([' ', '\t']) {
        Found::Yes(Block::Heading, count + 1)
    } else if text.is_empty() && is_open {
        Found::Wait
    } else {
        Found::No
    }
}

fn item(line: &str, is_open: bool) -> Found {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mark = line.get(digits..).unwrap_or_default();
    let Some(c) = mark.chars().next() else {
        return if is_open && digits <= 9 { Found::Wait } else { Found::No };
    };
    let marks = match digits {
        0 => ['-', '*', '+'].as_slice(),
        1..=9 => ['.', ')'].as_slice(),
        _ => &[],
    };
    if !marks.contains(&c) {
        return Found::No;
    }
    match mark.chars().nth(1) {
        Some(' ' | '\t') => Found::Yes(Block::Item, digits + 2),
        None if is_open => Found::Wait,
        _ => Found::No,
    }
}

/// `---`, `***`.
fn rule(line: &str, is_open: bool) -> Found {
    let Some(mark) = line.chars().next().filter(|c| matches!(c, '-' | '*' | '_')) else { return Found::No };
    if line.trim_end().chars().any(|c| c != mark) {
        Found::No
    } else if is_open {
        Found::Wait
    } else if line.trim_end().len() >= 3 {
        Found::Yes(Block::Rule, line.len())
    } else {
        Found::No
    }
}
