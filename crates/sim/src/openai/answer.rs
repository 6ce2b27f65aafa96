//! What the model says: scripted, echoed or computed.

use super::adapter::Adapter;
use super::sight;
use super::student::Student;
use serde_json::Value;
use std::sync::Arc;

/// How the model answers. `{pictures}` in an answer becomes what the model was shown: `64x48 red, 32x32 blue`.
#[derive(Clone)]
pub enum Answer {
    /// With what the person said last.
    Echo,
    /// With this.
    Text(String),
    /// With the first answer whose key occurs in what the person said last; an echo otherwise.
    Script(Vec<(String, String)>),
    /// As one who learns: from the lessons in its prompt, and from what the asked model was trained with.
    Student(Student),
    /// With what this makes of the request's body.
    Func(Arc<dyn Fn(&Value) -> String + Send + Sync>),
}

impl Answer {
    /// With what a function makes of the request's body.
    pub fn func(make: impl Fn(&Value) -> String + Send + Sync + 'static) -> Self {
        Self::Func(Arc::new(make))
    }
    /// With the answer of the first key that occurs in what the person said last.
    pub fn script(lines: &[(&str, &str)]) -> Self {
        Self::Script(lines.iter().map(|(key, answer)| ((*key).to_owned(), (*answer).to_owned())).collect())
    }

    pub(super) fn to(&self, body: &Value, adapter: Option<&Adapter>) -> String {
        sight::told(self.said(body, adapter), body)
    }

    fn said(&self, body: &Value, adapter: Option<&Adapter>) -> String {
        match self {
            Self::Echo => last_said(body),
            Self::Text(text) => text.clone(),
            Self::Script(lines) => {
                let said = last_said(body);
                let line = lines.iter().find(|(key, _)| said.contains(key.as_str()));
                line.map_or(said.clone(), |(_, answer)| answer.clone())
            }
            Self::Student(student) => student.answer(body, adapter),
            Self::Func(make) => make(body),
        }
    }
}

/// What the person said last, in a request's body.
pub fn last_said(body: &Value) -> String {
    let messages = body.get("messages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let of_user = |message: &&Value| message.get("role").and_then(Value::as_str) == Some("user");
    let content = messages.iter().rev().find(of_user).and_then(|message| message.get("content"));
    content.map(text_of).unwrap_or_default()
}

/// The text of a content, plain or in parts.
pub(super) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part.get("text")?.as_str()).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// Cuts a text into what a model would send piece by piece: words with the space before them.
/// Joined again the pieces are the text.
pub(super) fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut begin = 0;
    let mut in_word = false;
    for (at, character) in text.char_indices() {
        let space = character.is_whitespace();
        if space && in_word {
            tokens.extend(text.get(begin..at));
            begin = at;
        }
        in_word = !space;
    }
    tokens.extend(text.get(begin..).filter(|rest| !rest.is_empty()));
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tokens_joined_are_the_text() {
        assert_eq!(tokens("Hello, big\n\nworld  "), ["Hello,", " big", "\n\nworld", "  "]);
        assert_eq!(tokens(""), [""; 0]);
        assert_eq!(tokens("один"), ["один"]);
    }

    #[test]
    fn a_script_answers_what_was_said_last() {
        let body = json!({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "x"}, {"role": "user", "content": "tell me b"}]});
        assert_eq!(Answer::script(&[("a ", "1"), ("b", "2")]).to(&body, None), "2");
        assert_eq!(Answer::script(&[("z", "1")]).to(&body, None), "tell me b");
    }
}
