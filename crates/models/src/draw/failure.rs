//! Why there is no picture, by what can be done about it.

use super::Param;
use crate::endpoint::{Refusal, Trouble};
use serde_json::Value;

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DrawFailure {
    /// The provider's rules forbid the prompt or the picture: put it differently.
    #[error("the provider's rules forbid it: {categories:?}")]
    Moderated {
        /// Rules that it is against, in the provider's words (`violence`); empty where they are not told.
        categories: Vec<String>,
    },
    /// The server does not take an option without which the picture would be another one.
    #[error("the painter does not take {which:?}: {message}")]
    UnsupportedOption {
        /// Which.
        which: Param,
        /// The server's words.
        message: String,
    },
    /// The prompt is longer than what is taken.
    #[error("the prompt is too long")]
    TooLong {
        /// Characters that are taken.
        characters: usize,
    },
    /// A given picture is broken, too large or of a kind that is not taken.
    #[error("a picture is not taken: {message}")]
    BadPicture {
        /// The server's words.
        message: String,
    },
    /// Too many requests: later.
    #[error("the painter is busy")]
    Busy {
        /// Milliseconds that it asks to wait.
        retry_after_ms: Option<u64>,
    },
    /// The server has failed.
    #[error("the painter fails (status {status})")]
    Service {
        /// HTTP status.
        status: u16,
    },
    /// A time limit passed.
    #[error("a time limit passed")]
    TimedOut,
    /// No connection, a broken one, or no picture in what came.
    #[error("the painter cannot be reached: {reason}")]
    Unreachable {
        /// Why, without addresses and keys.
        reason: String,
    },
    /// Key, quota, model or settings: asking again does not help.
    #[error("the painter refuses ({status}): {message}")]
    Refused {
        /// HTTP status; 0 where nothing was sent.
        status: u16,
        /// Why, in English.
        message: String,
    },
}

impl DrawFailure {
    pub(super) fn refused(status: u16, message: impl Into<String>) -> Self {
        Self::Refused { status, message: message.into() }
    }
    /// Whether another painter may do better. What the rules forbid is not carried to the next one.
    pub fn is_theirs(&self) -> bool {
        !matches!(self, Self::Moderated { .. })
    }
}

impl From<Trouble> for DrawFailure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Refused(refusal) => named(*refusal),
            Trouble::Failed { status: 429, retry_after_ms } => Self::Busy { retry_after_ms },
            Trouble::Failed { status, .. } => Self::Service { status },
            Trouble::TimedOut => Self::TimedOut,
            Trouble::Unreachable { reason } => Self::Unreachable { reason },
            Trouble::TooLarge { most } => Self::Unreachable { reason: format!("a picture has more than {most} bytes") },
        }
    }
}

fn named(refusal: Refusal) -> DrawFailure {
    let lower = refusal.lower();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| lower.contains(phrase));
    let forbids = ["moderation_blocked", "content_policy_violation", "contentfilter", "content_filter"];
    if forbids.contains(&refusal.code.to_lowercase().as_str()) || says(&["safety system", "content policy"]) {
        return DrawFailure::Moderated { categories: categories(&refusal) };
    }
    let (status, message) = (refusal.status, refusal.message);
    match status {
        413 => DrawFailure::BadPicture { message },
        400 | 415 | 422 if says(&["invalid image", "image file", "unsupported image", "uploaded image"]) => {
            DrawFailure::BadPicture { message }
        }
        status => DrawFailure::Refused { status, message },
    }
}

/// `safety_violations=[violence, sexual]` within the words, or Azure's table of filters that caught something.
fn categories(refusal: &Refusal) -> Vec<String> {
    let listed = refusal.message.split_once("safety_violations=[").and_then(|(_, rest)| rest.split_once(']'));
    if let Some((list, _)) = listed {
        return list.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect();
    }
    let inner = ["inner_error", "innererror"].iter().find_map(|name| refusal.error.get(*name));
    let filters =
        inner.and_then(|inner| inner.get("content_filter_results").or_else(|| inner.get("content_filter_result")));
    let caught = |(name, filter): (&String, &Value)| {
        (filter.get("filtered").and_then(Value::as_bool) == Some(true)).then(|| name.clone())
    };
    filters.and_then(Value::as_object).into_iter().flatten().filter_map(caught).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::refusal;

    #[test]
    fn what_the_rules_forbid_is_told_with_its_categories() {
        let openai = br#"{"error":{"message":"Your request was rejected by the safety system. safety_violations=[violence, self-harm].","type":"image_generation_user_error","param":null,"code":"moderation_blocked"}}"#;
        let of = |bytes| named(refusal(400, bytes));
        let categories = vec!["violence".to_owned(), "self-harm".to_owned()];
        assert_eq!(of(openai), DrawFailure::Moderated { categories });
        let azure = br#"{"error":{"code":"contentFilter","message":"Your task failed.","inner_error":{"content_filter_results":{"hate":{"filtered":false},"sexual":{"filtered":true}}}}}"#;
        assert_eq!(of(azure), DrawFailure::Moderated { categories: vec!["sexual".to_owned()] });
        assert!(matches!(of(br#"{"error":"Invalid image file"}"#), DrawFailure::BadPicture { .. }));
    }
}
