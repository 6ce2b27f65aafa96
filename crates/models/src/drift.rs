//! Parameter drift: servers differ in what they take, and say so in a refusal. What a refusal teaches is
//! remembered per model and tried at once.

use crate::content::Message;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What a model is known not to take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Habits {
    /// `max_completion_tokens` in place of `max_tokens`.
    pub(crate) completion_tokens: bool,
    /// No limit of length at all.
    pub(crate) no_limit: bool,
    /// No temperature.
    pub(crate) no_temperature: bool,
    /// No `stream_options`.
    pub(crate) no_stream_options: bool,
    /// No streaming.
    pub(crate) no_stream: bool,
    /// No system role: instructions go with the person's first message.
    pub(crate) no_system: bool,
    /// Whether it sees pictures, as far as that is known.
    pub(crate) sees: Option<bool>,
}

impl Habits {
    /// What is known after a refusal; none when it teaches nothing new.
    pub(crate) fn after(self, error: &Value) -> Option<Self> {
        let text = |field: &str| error.get(field).and_then(Value::as_str).unwrap_or_default().to_lowercase();
        let (message, parameter) = (text("message"), text("param"));
        let about = |name: &str| {
            parameter == name
                || message.contains(&format!("'{name}'"))
                || message.contains(&format!("`{name}`"))
                || message.contains(&format!("\"{name}\""))
        };
        let mut learnt = self;
        if about("max_completion_tokens") && self.completion_tokens && !message.contains("instead") {
            learnt.no_limit = true;
        } else if about("max_tokens") {
            learnt.completion_tokens = true;
        } else if about("temperature") {
            learnt.no_temperature = true;
        } else if about("stream_options") {
            learnt.no_stream_options = true;
        } else if about("stream") || message.contains("streaming is not supported") {
            learnt.no_stream = true;
        } else if message.contains("system") && (message.contains("role") || parameter.contains("role")) {
            learnt.no_system = true;
        }
        (learnt != self).then_some(learnt)
    }

    /// Makes a request as the model takes it.
    pub(crate) fn apply(self, body: &mut Body<'_>) {
        let fields = &mut body.fields;
        if self.completion_tokens
            && let Some(limit) = fields.remove("max_tokens")
        {
            fields.insert("max_completion_tokens".to_owned(), limit);
        }
        if self.no_limit {
            fields.remove("max_tokens");
            fields.remove("max_completion_tokens");
        }
        if self.no_temperature {
            fields.remove("temperature");
        }
        if self.no_stream_options || self.no_stream {
            fields.remove("stream_options");
        }
        if self.no_stream {
            fields.insert("stream".to_owned(), json!(false));
        }
        if self.no_system {
            without_system(&mut body.messages);
        }
    }
}

/// The body of a request for a completion.
#[derive(Serialize)]
pub(crate) struct Body<'a> {
    #[serde(flatten)]
    pub(crate) fields: Map<String, Value>,
    pub(crate) messages: Vec<Message<'a>>,
}

fn without_system(messages: &mut Vec<Message<'_>>) {
    let instructions: Vec<_> = messages.extract_if(.., |message| message.role == "system").collect();
    let instructions: Vec<&str> = instructions.iter().filter_map(|message| message.content.text()).collect();
    let first = messages.iter_mut().find(|message| message.role == "user");
    if let (Some(first), false) = (first, instructions.is_empty()) {
        first.content.precede(&instructions.join("\n\n"));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_refusal_teaches_one_thing_and_never_the_same_twice() {
        let refusal = json!({"message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "param": "max_tokens"});
        let learnt = Habits::default().after(&refusal).unwrap();
        assert!(learnt.completion_tokens);
        assert_eq!(learnt.after(&refusal), None);
        let refusal =
            json!({"message": "Unsupported value: 'temperature' does not support 0.2", "param": "temperature"});
        assert!(learnt.after(&refusal).unwrap().no_temperature);
        assert_eq!(learnt.after(&json!({"message": "You are out of quota"})), None);
    }

    #[test]
    fn a_request_is_made_as_the_model_takes_it() {
        let fields = json!({"max_tokens": 5, "temperature": 1.0, "stream": true, "stream_options": {}});
        let mut body = Body {
            fields: fields.as_object().cloned().unwrap_or_default(),
            messages: vec![
                Message { role: "system", content: "Be kind.".into() },
                Message { role: "user", content: "Hi".into() },
            ],
        };
        let habits = Habits {
            completion_tokens: true,
            no_temperature: true,
            no_system: true,
            no_stream: true,
            ..Habits::default()
        };
        habits.apply(&mut body);
        assert_eq!(
            json!(body),
            json!({"max_completion_tokens": 5, "stream": false, "messages": [{"role": "user", "content": "Be kind.\n\nHi"}]})
        );
    }
}
