//! What a turn leaves behind: the messages of the log, and the exchange that ties an answer to
//! the exact request and release it came from. All of it is append-only.

use crate::chat::{Finish, Role, Tokens};
use crate::ids::{ConversationId, DocumentId, ExchangeId, LessonId, MessageId, Millis, PersonId, ReleaseId, RuleId};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The name of the embedded model.
const EMBEDDED: &str = "embedded";

/// One line of a conversation's log, kept for ever (until its author asks to be forgotten).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Place in the log, ascending within the store (0 before it is stored).
    pub seq: i64,
    /// Who speaks: a person, the bot, or the system (a notice).
    pub role: Role,
    /// Who wrote it; none for the bot.
    pub author: Option<PersonId>,
    /// Their name at that time, shown to the model in groups.
    pub name: String,
    /// The platform's id of the message (the first one, when an answer took several).
    pub message: Option<MessageId>,
    /// Plain text or Markdown.
    pub text: String,
    /// When.
    pub at: Millis,
    /// The exchange it belongs to, where there is one.
    pub exchange: Option<ExchangeId>,
    /// Whether it is part of the context (said to the bot, or answered by it) or was only
    /// overheard in a group.
    pub overheard: bool,
}

/// The exact request, by reference: the log is append-only, so these rebuild it to the byte.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestRef {
    /// First and last log entries whose text was sent.
    pub log: Option<(i64, i64)>,
    /// Lessons that were put before the model, with their score in thousandths.
    pub lessons: Vec<(LessonId, u32)>,
    /// Documents that were put before the model, with place and score in thousandths.
    pub passages: Vec<(DocumentId, String, u32)>,
    /// Rules that were put before the model.
    pub rules: Vec<RuleId>,
    /// BLAKE3 of the request as it was sent.
    pub hash: String,
    /// Tokens of the request, counted before it was sent.
    pub tokens: u64,
}

/// One answered request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Its id.
    pub id: ExchangeId,
    /// Where.
    pub conversation: ConversationId,
    /// Who asked.
    pub person: PersonId,
    /// The person's message.
    pub asked: MessageId,
    /// What they asked, as text.
    pub question: String,
    /// What was answered (as far as it went).
    pub answer: String,
    /// What was sent to the model.
    pub request: RequestRef,
    /// What answered: the fingerprint of all that had a part in it.
    pub release: ReleaseId,
    /// The release that was put to answer here, by its number; 0 is the base.
    #[serde(default)]
    pub answered_by: u32,
    /// Provider and model as the settings name them, `embedded` for the embedded one.
    pub model: String,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens used.
    pub tokens: Tokens,
    /// Cost in millionths of a US dollar, 0 when the price is not known.
    pub micro_usd: i64,
    /// Milliseconds from accepted to first word, and to the last.
    pub first_ms: i64,
    /// Milliseconds from accepted to the last word.
    pub total_ms: i64,
    /// When the answer was recorded.
    pub at: Millis,
}

impl Exchange {
    /// The answer without the line under it in which the embedded model says where it has it from: nobody is to learn
    /// that line.
    pub fn answer_itself(&self) -> &str {
        let cites = self.model == EMBEDDED && !(self.request.lessons.is_empty() && self.request.passages.is_empty());
        match self.answer.rsplit_once("\n\n_") {
            Some((answer, from)) if cites && from.ends_with('_') => answer,
            _ => &self.answer,
        }
    }
}

/// What a person thinks of an answer. Append-only: a later entry outweighs an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Opinion {
    /// 👍
    Up,
    /// 👎
    Down,
    /// The reaction was taken back.
    Retracted,
    /// Any other emoji.
    Emoji {
        /// The emoji.
        emoji: String,
    },
    /// One to five stars.
    Rating {
        /// How many.
        stars: u8,
    },
    /// Why it was not good, as a code: `wrong`, `long`, `short`, `tone`, `refused`, `language`.
    Reason {
        /// The code.
        code: String,
    },
    /// Words about the answer, or about the bot as a whole.
    Comment {
        /// The words.
        text: String,
    },
    /// What the answer should have been.
    Correction {
        /// The right answer.
        text: String,
    },
}

/// An opinion with its author and what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// The exchange, none for words about the bot as a whole.
    pub exchange: Option<ExchangeId>,
    /// Where it was said.
    pub conversation: ConversationId,
    /// Who said it.
    pub person: PersonId,
    /// What.
    pub opinion: Opinion,
    /// When.
    pub at: Millis,
}

/// Whom a lesson or a document counts for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "for", content = "id", rename_all = "snake_case")]
pub enum Scope {
    /// Everyone.
    Everyone,
    /// One person, in their private conversations on every platform.
    Person(PersonId),
    /// One group.
    Conversation(ConversationId),
}

impl Scope {
    /// The scope as one text, for keys: `*`, `p:…`, `c:…`.
    pub fn key(&self) -> String {
        match self {
            Self::Everyone => "*".to_owned(),
            Self::Person(id) => format!("p:{id}"),
            Self::Conversation(id) => format!("c:{id}"),
        }
    }
    /// Reads such a key.
    pub fn from_key(key: &str) -> Option<Self> {
        match key.split_once(':') {
            None if key == "*" => Some(Self::Everyone),
            Some(("p", id)) => Some(Self::Person(id.into())),
            Some(("c", id)) => Some(Self::Conversation(id.into())),
            _ => None,
        }
    }
}

/// A thing taught.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    /// Its id.
    pub id: LessonId,
    /// Whom it counts for.
    pub scope: Scope,
    /// The question it answers.
    pub question: String,
    /// The answer it should have.
    pub answer: String,
    /// Who taught it.
    pub teacher: PersonId,
    /// The exchange it corrects, where there is one.
    pub exchange: Option<ExchangeId>,
    /// When.
    pub at: Millis,
}

/// An instruction that counts in every answer of its scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// Whom it counts for.
    pub scope: Scope,
    /// What is to be done, or never done.
    pub text: String,
    /// Who made it.
    pub teacher: PersonId,
    /// When.
    pub at: Millis,
}

/// A text given to learn from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// Whom it counts for.
    pub scope: Scope,
    /// What a citation calls it: file name or title.
    pub title: String,
    /// The text of a plain one; empty where there are passages.
    pub text: String,
    /// What it says place by place, where it has pages, sheets or chapters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passages: Vec<Passage>,
    /// Who gave it.
    pub teacher: PersonId,
    /// When.
    pub at: Millis,
    /// The conversation in which it was given, where it was given to be talked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_in: Option<ConversationId>,
    /// The hash of the file that it was read from; empty where there was none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// A piece of a document that is cited by its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// What a citation calls its place: “page 12”.
    pub place: String,
    /// The heading that it stands under; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub heading: String,
    /// The text.
    pub text: String,
}

impl Document {
    /// All that it says, in order, with marks of where it stands.
    pub fn whole(&self) -> Cow<'_, str> {
        if self.passages.is_empty() {
            return Cow::Borrowed(&self.text);
        }
        let mut whole = String::new();
        let mut place = "";
        for (passage, text) in self.passages.iter().zip(self.texts()) {
            if passage.place != place {
                place = &passage.place;
                whole.push_str(&format!("[{place}]\n"));
            }
            whole.push_str(text);
            whole.push_str("\n\n");
        }
        Cow::Owned(whole)
    }

    /// How many words it has, marks of lists and tables not counted.
    pub fn words(&self) -> usize {
        let is_word = |word: &&str| word.contains(char::is_alphanumeric);
        let texts = self.texts().chain(std::iter::once(self.text.as_str()));
        texts.map(|text| text.split_whitespace().filter(is_word).count()).sum()
    }

    /// The text of each passage without the words of the one before that it repeats.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let before = std::iter::once("").chain(self.passages.iter().map(|passage| passage.text.as_str()));
        self.passages.iter().zip(before).map(|(passage, before)| without_repeated(before, &passage.text))
    }
}

/// What is left of a text when it begins with whole words that the text before it ends with.
fn without_repeated<'a>(before: &str, text: &'a str) -> &'a str {
    /// More than passages ever repeat, bytes.
    const MOST: usize = 1_000;
    let ends = text.char_indices().take_while(|(at, _)| *at <= MOST).filter(|(_, c)| c.is_whitespace());
    let repeated = ends.map(|(at, _)| text.split_at_checked(at)).filter_map(|split| {
        let (start, rest) = split?;
        let kept = before.strip_suffix(start)?;
        (!start.is_empty() && kept.ends_with(char::is_whitespace)).then_some(rest)
    });
    repeated.last().map_or(text, str::trim_start)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn document(texts: &[&str]) -> Document {
        let passage =
            |text: &&str| Passage { place: "page 1".into(), heading: String::new(), text: (*text).to_owned() };
        Document {
            id: "d".into(),
            scope: Scope::Everyone,
            title: "a.pdf".into(),
            text: String::new(),
            passages: texts.iter().map(passage).collect(),
            teacher: "p".into(),
            at: Millis(0),
            given_in: None,
            source: String::new(),
        }
    }

    #[test]
    fn what_a_passage_repeats_of_the_one_before_it_is_said_and_counted_once() {
        let whole = |texts: &[&str]| document(texts).whole().into_owned();
        let repeated = ["The gate is green. It is old.", "It is old. Nobody knows how old."];
        assert_eq!(whole(&repeated), "[page 1]\nThe gate is green. It is old.\n\nNobody knows how old.\n\n");
        assert_eq!(document(&repeated).words(), 11);
        // A word that only ends alike is no repetition, and nothing that is said again in full is lost.
        assert_eq!(whole(&["A cold", "old gate"]), "[page 1]\nA cold\n\nold gate\n\n");
        assert_eq!(whole(&["Yes.", "Yes."]), "[page 1]\nYes.\n\nYes.\n\n");
        assert_eq!(document(&["| a | b |\n|---|---|\n| 1 | 2 |", "# Head", "- item"]).words(), 6);
    }

    fn answered(model: &str, answer: &str, lessons: &[&str]) -> Exchange {
        let request = RequestRef {
            lessons: lessons.iter().map(|id| (LessonId::from(*id), 900)).collect(),
            ..RequestRef::default()
        };
        let mut exchange: Exchange = serde_json::from_value(serde_json::json!({
            "id": "1", "conversation": "web:1", "person": "p", "asked": "m", "question": "q", "answer": answer,
            "request": request, "release": "r", "model": model, "finish": "complete", "tokens": Tokens::default(),
            "micro_usd": 0, "first_ms": 0, "total_ms": 0, "at": 0,
        }))
        .unwrap();
        exchange.request = request;
        exchange
    }

    #[test]
    fn the_line_that_says_where_an_answer_is_from_is_no_part_of_it() {
        let cited = "At *ten*.\n\n_Closed_ on Monday.\n\n_I was taught this._";
        let answer = |model, lessons| answered(model, cited, lessons).answer_itself().to_owned();
        assert_eq!(answer(EMBEDDED, &["1"]), "At *ten*.\n\n_Closed_ on Monday.");
        assert_eq!(answer("openai/small", &["1"]), cited);
        assert_eq!(answer(EMBEDDED, &[]), cited);
        assert_eq!(answered(EMBEDDED, "At ten.", &["1"]).answer_itself(), "At ten.");
    }
}
