//! Why there are no words, by what can be done about it.

use crate::endpoint::{Refusal, Trouble};

/// Why nothing was understood, although everything worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotUnderstood {
    /// There is no speech in it.
    Empty,
    /// There may be, but the words are a guess.
    LowConfidence,
}

/// Why there are no words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HearFailure {
    /// Nothing was understood: the person may say it again.
    #[error("nothing was understood: {0:?}")]
    NotUnderstood(NotUnderstood),
    /// The server is busy or has failed: later.
    #[error("the recogniser fails (status {status})")]
    Service {
        /// HTTP status.
        status: u16,
        /// Milliseconds that it asks to wait.
        retry_after_ms: Option<u64>,
    },
    /// The sound is longer or larger than what is taken.
    #[error("the sound is too long: {message}")]
    TooLong {
        /// What is too long, in English.
        message: String,
    },
    /// The file is no sound, broken, or of a format that is not known.
    #[error("the sound cannot be read: {message}")]
    BadSound {
        /// What is wrong, in English.
        message: String,
    },
    /// A time limit passed.
    #[error("a time limit passed")]
    TimedOut,
    /// No connection, a broken one, or no sense in what came.
    #[error("the recogniser cannot be reached: {reason}")]
    Unreachable {
        /// Why, without addresses and keys.
        reason: String,
    },
    /// Key, quota, model or settings: asking again does not help.
    #[error("the recogniser refuses ({status}): {message}")]
    Refused {
        /// HTTP status; 0 where nothing was sent.
        status: u16,
        /// Why, in English.
        message: String,
    },
}

impl HearFailure {
    pub(super) fn refused(status: u16, message: impl Into<String>) -> Self {
        Self::Refused { status, message: message.into() }
    }
    /// Whether the next recogniser of a chain may do better. One that takes less or reads fewer formats is no
    /// reason to give up.
    pub(super) fn is_theirs(&self) -> bool {
        !matches!(self, Self::NotUnderstood(_))
    }
}

impl From<Trouble> for HearFailure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Refused(refusal) => named(*refusal),
            Trouble::Failed { status, retry_after_ms } => Self::Service { status, retry_after_ms },
            Trouble::TimedOut => Self::TimedOut,
            Trouble::Unreachable { reason } => Self::Unreachable { reason },
            Trouble::TooLarge { most } => {
                Self::Unreachable { reason: format!("the answer has more than {most} bytes") }
            }
        }
    }
}

/// A refusal by its meaning, as the words of known servers tell it.
fn named(refusal: Refusal) -> HearFailure {
    let (lower, status, message) = (refusal.lower(), refusal.status, refusal.message);
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| lower.contains(phrase));
    match status {
        400 if refusal.code == "audio_too_short" || says(&["too short"]) => {
            HearFailure::NotUnderstood(NotUnderstood::Empty)
        }
        413 => HearFailure::TooLong { message },
        400 | 422 if says(&["size limit", "is longer than", "too long", "too large"]) => {
            HearFailure::TooLong { message }
        }
        400 | 415 | 422
            if says(&["file format", "not be decoded", "decode", "corrupt", "unsupported format", "invalid audio"]) =>
        {
            HearFailure::BadSound { message }
        }
        415 => HearFailure::BadSound { message },
        status => HearFailure::Refused { status, message },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_known_servers_tell_what_is_wrong() {
        let of = |status, message: &str| named(Refusal { status, message: message.to_owned(), ..Refusal::default() });
        assert!(matches!(
            of(400, "audio duration 1600.5 seconds is longer than 1500 seconds which is the maximum for this model"),
            HearFailure::TooLong { .. }
        ));
        assert!(matches!(of(413, "Maximum content size limit (26214400) exceeded"), HearFailure::TooLong { .. }));
        assert!(matches!(of(400, "Audio file might be corrupted or unsupported"), HearFailure::BadSound { .. }));
        assert!(matches!(of(400, "Invalid file format. Supported formats: ['flac']"), HearFailure::BadSound { .. }));
        assert_eq!(
            of(400, "Audio file is too short. Minimum audio length is 0.1 seconds."),
            HearFailure::NotUnderstood(NotUnderstood::Empty)
        );
        assert!(matches!(of(401, "Incorrect API key"), HearFailure::Refused { status: 401, .. }));
    }
}
