//! Subtitles (SubRip, WebVTT): what is said, in stretches of about a minute.

use crate::Kind;
use crate::document::{Document, Place};
use crate::draft::Draft;
use crate::encoding;
use crate::problem::{Limits, Problem};

/// How long a stretch is, milliseconds, unless a cue is longer.
const STRETCH_MS: u64 = 60_000;

/// What stands between the times of a cue.
const ARROW: &str = "-->";

/// Reads subtitles.
///
/// # Errors
///
/// [`Problem::Empty`] when nothing is said.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    let text = encoding::decode(bytes);
    let mut draft = Draft::new(Kind::Subtitles, limits);
    let mut stretch = Stretch::default();
    let mut in_cue = false;
    for line in text.lines().map(str::trim) {
        if let Some((from_ms, to_ms)) = times(line) {
            stretch.cue(from_ms, to_ms, &mut draft);
            in_cue = true;
        } else if line.is_empty() {
            in_cue = false;
        } else if in_cue {
            stretch.say(&bare(line));
        }
        if draft.is_full() {
            break;
        }
    }
    stretch.end(&mut draft);
    draft.finish()
}

/// Whether a text looks like subtitles: a cue stands near its beginning.
pub(crate) fn looks_like(text: &str) -> bool {
    text.starts_with("WEBVTT") || text.lines().take(12).any(|line| times(line.trim()).is_some())
}

#[derive(Default)]
struct Stretch {
    from_ms: u64,
    to_ms: u64,
    text: String,
    last: String,
}

impl Stretch {
    fn cue(&mut self, from_ms: u64, to_ms: u64, draft: &mut Draft) {
        if self.text.is_empty() {
            (self.from_ms, self.to_ms) = (from_ms, to_ms);
        } else if to_ms.saturating_sub(self.from_ms) > STRETCH_MS || from_ms < self.from_ms {
            self.end(draft);
            (self.from_ms, self.to_ms) = (from_ms, to_ms);
        }
        self.to_ms = self.to_ms.max(to_ms);
    }

    /// Live captions roll: each cue repeats the line before it.
    fn say(&mut self, line: &str) {
        if line.is_empty() || line == self.last {
            return;
        }
        if !self.text.is_empty() {
            self.text.push(if line.starts_with(['-', '–', '—']) { '\n' } else { ' ' });
        }
        self.text.push_str(line);
        line.clone_into(&mut self.last);
    }

    fn end(&mut self, draft: &mut Draft) {
        let to_ms = self.to_ms.max(self.from_ms);
        draft.push(Place::Time { from_ms: self.from_ms, to_ms }, std::mem::take(&mut self.text));
    }
}

/// The times of a cue, milliseconds: `00:01:02,500 --> 00:01:04,000`, without hours and with a point in WebVTT.
fn times(line: &str) -> Option<(u64, u64)> {
    let (from, to) = line.split_once(ARROW)?;
    Some((milliseconds(from.trim())?, milliseconds(to.split_whitespace().next()?)?))
}

fn milliseconds(time: &str) -> Option<u64> {
    let (clock, fraction) = time.split_once([',', '.'])?;
    if fraction.len() != 3 {
        return None;
    }
    let seconds = clock.split(':').try_fold(0u64, |sum, part| {
        let part: u32 = part.parse().ok()?;
        sum.checked_mul(60)?.checked_add(u64::from(part))
    })?;
    seconds.checked_mul(1000)?.checked_add(fraction.parse().ok()?)
}

/// A line without its marks: `<i>`, `<v Name>`, `{\an8}`.
fn bare(line: &str) -> String {
    let mut bare = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['<', '{']) {
        let (before, mark) = rest.split_at(at);
        bare.push_str(before);
        let closing = if mark.starts_with('<') { '>' } else { '}' };
        let is_mark = mark.starts_with('<') || mark.starts_with("{\\");
        match mark.find(closing).filter(|_| is_mark) {
            Some(end) => rest = mark.get(end + 1..).unwrap_or_default(),
            None => {
                let (sign, after) = mark.split_at(1);
                bare.push_str(sign);
                rest = after;
            }
        }
    }
    bare.push_str(rest);
    quick_xml::escape::unescape(&bare).map_or_else(|_| bare.trim().to_owned(), |text| text.trim().to_owned())
}
