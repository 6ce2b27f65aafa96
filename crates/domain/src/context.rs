//! What goes into a model request: instructions, what is known, the conversation, the question;
//! all of it under a budget of tokens, each piece with its source.
//!
//! The newest part of the conversation is kept whole; what falls out is named, so that it can be
//! summarised. The log itself keeps everything.

use crate::chat::{ChatRequest, PictureRef, Role, Turn};
use crate::exchange::LogEntry;
use crate::ids::MessageId;
use crate::person::Lang;
use crate::text;

/// What the request may be made of.
#[derive(Clone, Debug)]
pub struct Material<'a> {
    /// The persona's system text.
    pub persona: &'a str,
    /// The conversation's own system text, empty for none.
    pub system: &'a str,
    /// What is always to be kept to here, in full.
    pub rules: &'a [String],
    /// Lessons that fit the question: question and answer.
    pub lessons: &'a [(String, String)],
    /// Passages that fit the question: where they stand, and the text.
    pub passages: &'a [(String, String)],
    /// Summary of what is older than `log`, empty for none.
    pub summary: &'a str,
    /// The conversation, oldest first, without the question.
    pub log: &'a [LogEntry],
    /// The question, with the name of who asks in groups.
    pub question: &'a str,
    /// The text that the question replies to, empty for none.
    pub quoted: &'a str,
    /// Pictures that the question shows.
    pub shown: &'a [PictureRef],
    /// Pictures that messages of the log showed.
    pub seen: &'a [(MessageId, PictureRef)],
    /// Whether several people talk, so that names are shown.
    pub group: bool,
    /// Language of the instructions.
    pub lang: Lang,
}

/// The budget, in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// What the model can hold: prompt and answer.
    pub context: usize,
    /// What is kept free for the answer.
    pub answer: usize,
}

impl Budget {
    /// What the prompt may take.
    pub const fn prompt(self) -> usize {
        self.context.saturating_sub(self.answer)
    }
    /// The budget for the one retry after a provider still said "too long": half of it.
    #[must_use]
    pub const fn smaller(self) -> Self {
        Self { context: self.context / 2, answer: self.answer / 2 }
    }
}

/// A request and what it was made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Built {
    /// What is sent.
    pub request: ChatRequest,
    /// Tokens of it, as counted.
    pub tokens: usize,
    /// First and last log entry in it.
    pub log: Option<(i64, i64)>,
    /// How many entries of the material's log did not fit.
    pub dropped: usize,
    /// How many lessons and passages were kept.
    pub kept: (usize, usize),
}

/// The question alone does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuestionTooLong {
    /// Tokens it has.
    pub tokens: usize,
    /// Tokens it may have.
    pub limit: usize,
}

/// Tokens that a message costs beside its text, as the common chat formats count.
const PER_MESSAGE: usize = 4;
/// Tokens that a picture is taken to cost: more than the common models count for one of 1568 pixels a side.
const PER_PICTURE: usize = 1600;
/// Most pictures of a message that are shown at their full size; of more, each has half the width and height.
const AT_FULL_SIZE: usize = 4;

/// The longest side of a picture of a message with so many, where it is `side` for few: what a model reads of an album
/// is to fit before it.
pub const fn picture_side(side: u32, count: usize) -> u32 {
    if count > AT_FULL_SIZE { side / 2 } else { side }
}

const fn pictures_cost(count: usize) -> usize {
    count * if count > AT_FULL_SIZE { PER_PICTURE / 4 } else { PER_PICTURE }
}

/// Builds the request. `count` tells the tokens of a text and must not tell less than there are.
pub fn build(material: &Material<'_>, budget: Budget, count: &dyn Fn(&str) -> usize) -> Result<Built, QuestionTooLong> {
    let cost = |text: &str| count(text) + PER_MESSAGE;
    let question = question_text(material);
    let asked = cost(&question) + pictures_cost(material.shown.len());
    let base = cost(&instructions(material, 0, 0, false));
    let limit = budget.prompt();
    if asked + base > limit {
        return Err(QuestionTooLong { tokens: asked, limit: limit.saturating_sub(base) });
    }
    let (kept, system) = fit_instructions(material, limit - asked, &cost);
    let mut left = limit - asked - cost(&system);
    let mut turns = Vec::new();
    let mut first = material.log.len();
    for (at, entry) in material.log.iter().enumerate().rev() {
        let turn = turn_of(entry, material);
        let Some(rest) = left.checked_sub(cost(&turn.content) + pictures_cost(turn.pictures.len())) else { break };
        left = rest;
        first = at;
        turns.push(turn);
    }
    turns.push(Turn::new(Role::System, system));
    turns.reverse();
    turns.push(Turn::new(Role::User, question).showing(material.shown.to_vec()));
    let sent = material.log.get(first..).unwrap_or_default();
    Ok(Built {
        tokens: limit - left,
        log: sent.first().zip(sent.last()).map(|(a, b)| (a.seq, b.seq)),
        dropped: first,
        kept,
        request: ChatRequest {
            turns: merge(turns),
            max_tokens: u32::try_from(budget.answer).ok().filter(|n| *n > 0),
            temperature: None,
        },
    })
}

/// The fullest instructions that leave half of the room to the conversation: summary and passages
/// give way first, then lessons.
fn fit_instructions(m: &Material<'_>, room: usize, cost: &dyn Fn(&str) -> usize) -> ((usize, usize), String) {
    let (mut lessons, mut passages, mut summary) = (m.lessons.len(), m.passages.len(), !m.summary.is_empty());
    loop {
        let text = instructions(m, lessons, passages, summary);
        if (lessons, passages, summary) == (0, 0, false) || cost(&text) <= room / 2 {
            return ((lessons, passages), text);
        }
        if passages > 0 {
            passages -= 1;
        } else if summary {
            summary = false;
        } else {
            lessons -= 1;
        }
    }
}

fn instructions(m: &Material<'_>, lessons: usize, passages: usize, summary: bool) -> String {
    let mut parts: Vec<String> =
        [m.persona, m.system].iter().filter(|s| !s.trim().is_empty()).map(|s| (*s).to_owned()).collect();
    if !m.rules.is_empty() {
        let list: Vec<_> = m.rules.iter().map(|rule| format!("- {rule}")).collect();
        parts.push(format!("{}\n{}", text::say(m.lang, "prompt-rules"), list.join("\n")));
    }
    if lessons > 0 {
        let list: Vec<_> = m.lessons.iter().take(lessons).map(|(q, a)| format!("Q: {q}\nA: {a}")).collect();
        parts.push(format!("{}\n{}", text::say(m.lang, "prompt-lessons"), list.join("\n\n")));
    }
    if passages > 0 {
        let list: Vec<_> = m.passages.iter().take(passages).map(|(place, t)| format!("[{place}]\n{t}")).collect();
        parts.push(format!("{}\n{}", text::say(m.lang, "prompt-passages"), list.join("\n\n")));
    }
    if summary {
        parts.push(format!("{}\n{}", text::say(m.lang, "prompt-summary"), m.summary));
    }
    parts.join("\n\n")
}

fn question_text(m: &Material<'_>) -> String {
    if m.quoted.trim().is_empty() {
        return m.question.to_owned();
    }
    let quoted: Vec<_> = m.quoted.lines().map(|line| format!("> {line}")).collect();
    format!("{}\n\n{}", quoted.join("\n"), m.question)
}

fn turn_of(entry: &LogEntry, material: &Material<'_>) -> Turn {
    let content = match entry.role {
        Role::User if material.group && !entry.name.is_empty() => format!("{}: {}", entry.name, entry.text),
        _ => entry.text.clone(),
    };
    let of = |(message, picture): &(MessageId, PictureRef)| {
        (entry.role == Role::User && entry.message.as_ref() == Some(message)).then(|| picture.clone())
    };
    Turn::new(entry.role, content).showing(material.seen.iter().filter_map(of).collect())
}

/// Some servers refuse two messages of one role in a row, so neighbours are joined.
fn merge(turns: Vec<Turn>) -> Vec<Turn> {
    let mut merged: Vec<Turn> = Vec::with_capacity(turns.len());
    for turn in turns.into_iter().filter(|turn| !turn.is_empty()) {
        match merged.last_mut() {
            Some(last) if last.role == turn.role => {
                last.content.push_str("\n\n");
                last.content.push_str(&turn.content);
                last.pictures.extend(turn.pictures);
            }
            _ => merged.push(turn),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::ids::Millis;
    use proptest::prelude::*;

    fn entry(seq: i64, role: Role, text: &str) -> LogEntry {
        LogEntry {
            seq,
            role,
            author: None,
            name: "Ann".into(),
            message: None,
            text: text.into(),
            at: Millis(0),
            exchange: None,
            overheard: false,
        }
    }

    fn material<'a>(log: &'a [LogEntry], question: &'a str) -> Material<'a> {
        Material {
            persona: "Be kind.",
            system: "",
            rules: &[],
            lessons: &[],
            passages: &[],
            summary: "",
            log,
            question,
            quoted: "",
            shown: &[],
            seen: &[],
            group: false,
            lang: Lang::En,
        }
    }

    fn words(text: &str) -> usize {
        text.split_whitespace().count()
    }

    #[test]
    fn the_newest_part_of_the_conversation_is_kept_and_the_rest_is_named() {
        let log = [
            entry(1, Role::User, "one two three four five six"),
            entry(2, Role::Assistant, "a b c"),
            entry(3, Role::User, "d e"),
        ];
        let built = build(&material(&log, "and now?"), Budget { context: 30, answer: 4 }, &words).unwrap();
        assert_eq!(built.dropped, 1);
        assert_eq!(built.log, Some((2, 3)));
        let texts: Vec<_> = built.request.turns.iter().map(|t| t.content.as_str()).collect();
        assert_eq!(texts, ["Be kind.", "a b c", "d e\n\nand now?"]);
    }

    #[test]
    fn a_question_that_does_not_fit_is_refused_with_its_size() {
        let refused = build(&material(&[], "a b c d e f g"), Budget { context: 15, answer: 2 }, &words);
        assert_eq!(refused, Err(QuestionTooLong { tokens: 11, limit: 7 }));
    }

    #[test]
    fn a_whole_album_fits_where_as_many_large_pictures_would_not() {
        let shown = vec![PictureRef::new("image/jpeg", "AAAA"); 10];
        let budget = Budget { context: 6_000, answer: 1_000 };
        let album = Material { shown: &shown, ..material(&[], "which?") };
        assert_eq!(build(&album, budget, &words).unwrap().request.turns.last().unwrap().pictures.len(), 10);
        let few = Material { shown: &shown[..4], ..material(&[], "which?") };
        assert!(build(&few, budget, &words).is_err(), "these are shown at their full size");
        assert_eq!((picture_side(1568, 4), picture_side(1568, 5)), (1568, 784));
    }

    #[test]
    fn lessons_stay_when_passages_give_way() {
        let lessons = [("q".to_owned(), "a".to_owned())];
        let passages = [("p".to_owned(), "x ".repeat(200))];
        let m = Material { lessons: &lessons, passages: &passages, ..material(&[], "hi") };
        let built = build(&m, Budget { context: 160, answer: 10 }, &words).unwrap();
        assert_eq!(built.kept, (1, 0));
        assert!(built.request.turns[0].content.contains("A: a"));
    }

    proptest! {
        #[test]
        fn the_budget_is_never_exceeded_and_the_question_is_always_there(
            texts in proptest::collection::vec("[a-zа-я ]{0,60}", 0..30),
            question in "[a-z]{1,5}( [a-z]{1,5}){0,10}",
            context in 0_usize..200, answer in 0_usize..50,
        ) {
            let log: Vec<_> = texts.iter().enumerate()
                .map(|(i, t)| entry(i as i64, if i % 2 == 0 { Role::User } else { Role::Assistant }, t)).collect();
            let budget = Budget { context, answer };
            match build(&material(&log, &question), budget, &words) {
                Ok(built) => {
                    prop_assert!(built.tokens <= budget.prompt());
                    let sent: usize = built.request.turns.iter().map(|t| words(&t.content)).sum();
                    prop_assert!(sent <= built.tokens);
                    prop_assert!(built.request.turns.last().unwrap().content.ends_with(&question));
                }
                Err(refused) => prop_assert!(refused.tokens > refused.limit),
            }
        }
    }
}
