//! When a long answer's voice notes end: the first early, so that listening can begin, later ones at length; what is
//! left over at the end is no note of its own where it is short.

/// The lengths of notes, in characters that are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The first note ends with the sentence that brings it to this. Default 200.
    pub first: usize,
    /// So does each later one. Default 800.
    pub later: usize,
    /// A full note is handed out once what follows it is at least this long: less joins it. Default 80.
    pub rest: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { first: 200, later: 800, rest: 80 }
    }
}

/// Joins sentences, in whatever form, into notes.
#[derive(Debug)]
pub struct Notes<T> {
    bounds: Bounds,
    handed_out: bool,
    full: Vec<T>,
    next: Vec<T>,
    /// The lengths of the two.
    full_chars: usize,
    next_chars: usize,
}

impl<T> Notes<T> {
    /// Begins an answer.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, handed_out: false, full: Vec::new(), next: Vec::new(), full_chars: 0, next_chars: 0 }
    }

    /// Takes a sentence and how many characters of it are said. Gives the note that is ended, never an empty one.
    pub fn push(&mut self, sentence: T, chars: usize) -> Option<Vec<T>> {
        let bound = if self.handed_out { self.bounds.later } else { self.bounds.first };
        if self.full_chars < bound.max(1) {
            self.full.push(sentence);
            self.full_chars = self.full_chars.saturating_add(chars);
            return None;
        }
        self.next.push(sentence);
        self.next_chars = self.next_chars.saturating_add(chars);
        if self.next_chars < self.bounds.rest {
            return None;
        }
        self.handed_out = true;
        self.full_chars = std::mem::take(&mut self.next_chars);
        Some(std::mem::replace(&mut self.full, std::mem::take(&mut self.next)))
    }

    /// Ends the answer: the last note, `None` where nothing is left.
    pub fn finish(mut self) -> Option<Vec<T>> {
        self.full.append(&mut self.next);
        (!self.full.is_empty()).then_some(self.full)
    }
}
