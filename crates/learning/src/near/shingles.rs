//! Folding of texts, their sets of shingles, and how alike two sets are.

/// Characters of a shingle.
const LENGTH: usize = 5;
/// Characters of a folded text that are looked at; what follows does not count.
const MOST: usize = 4_096;

/// A text without what does not change its sense: case, spaces, the punctuation of sentences. Signs that do,
/// as in `C++`, `C#` and `-5`, stay.
pub fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let joins = !out.is_empty() && !out.ends_with(' ');
        let next = chars.peek().copied().unwrap_or(' ');
        let dash = c == '-' && !next.is_alphanumeric() && !joins;
        if c.is_whitespace() || is_mark(c) || dash || c.is_control() {
            if joins {
                out.push(' ');
            }
        } else {
            out.extend(c.to_lowercase().map(|c| if c == 'ё' { 'е' } else { c }));
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn is_mark(c: char) -> bool {
    matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '…' | '"' | '\'' | '`' | '(' | ')' | '[' | ']' | '*' | '_')
        || matches!(c, '«' | '»' | '„' | '“' | '”' | '‘' | '’' | '—' | '–' | '¿' | '¡')
}

/// Letters and digits with single spaces between, at most [`MOST`]; a text without any stays as it is.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase).take(4 * MOST) {
        if c.is_alphanumeric() {
            out.push(if c == 'ё' { 'е' } else { c });
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    if let Some((end, _)) = out.char_indices().nth(MOST) {
        out.truncate(end);
    }
    if out.is_empty() { text.trim().to_owned() } else { out }
}

/// Spreads the bits of a number: each bit of the result depends on each of the number.
pub(super) const fn mixed(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x7feb_352d);
    x ^= x >> 15;
    x = x.wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

/// Hashes of the shingles of a folded text, in order, each once. A shorter text is one shingle.
pub(super) fn set(folded: &str) -> Vec<u32> {
    let chars: Vec<u32> = folded.chars().map(u32::from).collect();
    let hash = |shingle: &[u32]| shingle.iter().fold(1, |hash: u32, c| mixed(hash.rotate_left(5) ^ c));
    let mut set: Vec<u32> = match chars.len() {
        0..LENGTH => vec![hash(&chars)],
        _ => chars.windows(LENGTH).map(hash).collect(),
    };
    set.sort_unstable();
    set.dedup();
    set
}

/// Many sets in one piece of memory.
#[derive(Default)]
pub(super) struct Sets {
    hashes: Vec<u32>,
    ends: Vec<usize>,
}

impl Sets {
    pub(super) fn push(&mut self, set: &[u32]) {
        self.hashes.extend_from_slice(set);
        self.ends.push(self.hashes.len());
    }

    fn get(&self, at: u32) -> &[u32] {
        let at = at as usize;
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(at).and_then(|end| self.hashes.get(start..*end)).unwrap_or_default()
    }

    /// Shingles of both by shingles of either, 0 to 1; 0 where the sizes alone rule out [`super::SIMILAR`].
    pub(super) fn similarity(&self, one: u32, other: u32) -> f64 {
        similarity(self.get(one), self.get(other))
    }
}

/// Shingles of both by shingles of either, of sets in order.
#[expect(clippy::cast_precision_loss, reason = "sets have a few thousand members")]
pub(super) fn similarity(one: &[u32], other: &[u32]) -> f64 {
    let (few, many) = (one.len().min(other.len()) as f64, one.len().max(other.len()) as f64);
    if few < super::SIMILAR * many || many == 0.0 {
        return 0.0;
    }
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    let mut both = 0_usize;
    while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
        match a.cmp(b) {
            std::cmp::Ordering::Less => drop(one.next()),
            std::cmp::Ordering::Greater => drop(other.next()),
            std::cmp::Ordering::Equal => {
                both += 1;
                (_, _) = (one.next(), other.next());
            }
        }
    }
    both as f64 / (few + many - both as f64)
}
