//! Why a call of training did not work, by what can be done about it.

use crate::Failure;

/// Why a call did not work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TuneFailure {
    /// Key, quota, model, file or parameter: asking again does not help.
    #[error("the provider refuses ({status}): {message}")]
    Refused {
        /// HTTP status; 0 where nothing was sent.
        status: u16,
        /// The provider's code, empty where it has none.
        code: String,
        /// The parameter that it is about, empty where it names none.
        param: String,
        /// The provider's words.
        message: String,
    },
    /// Too many requests or jobs: later.
    #[error("the provider is busy")]
    Busy {
        /// Milliseconds that it asks to wait.
        retry_after_ms: Option<u64>,
    },
    /// No connection, a broken one, or no sense in what came; nothing was changed at the provider, or changing it
    /// once more does no harm.
    #[error("the provider cannot be reached: {reason}")]
    Unreachable {
        /// Why, without addresses and keys.
        reason: String,
    },
    /// Whether the provider did it is not known: look before asking again.
    #[error("it is not known whether the provider did it: {reason}")]
    Unclear {
        /// Why, without addresses and keys.
        reason: String,
    },
    /// More than the provider takes, or than is read here.
    #[error("too large: {message}")]
    TooLarge {
        /// What is too large.
        message: String,
    },
    /// This server has no such thing: it cannot train.
    #[error("this server cannot do that ({status})")]
    Unsupported {
        /// HTTP status.
        status: u16,
    },
    /// The file to send cannot be read.
    #[error("the file cannot be read: {reason}")]
    Unreadable {
        /// Why.
        reason: String,
    },
}

impl TuneFailure {
    pub(super) fn refused(status: u16, message: String) -> Self {
        Self::Refused { status, code: String::new(), param: String::new(), message }
    }
    pub(super) fn unclear(reason: &str) -> Self {
        Self::Unclear { reason: reason.to_owned() }
    }
    pub(super) fn senseless() -> Self {
        Self::Unreachable { reason: "the answer makes no sense".to_owned() }
    }
    /// Whether the same may work in a moment.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unreachable { .. })
    }
}

impl From<Failure> for TuneFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::TooLong { message } => Self::TooLarge { message },
            Failure::Refused { status, message } => Self::refused(status, message),
            Failure::Busy { retry_after_ms } => Self::Busy { retry_after_ms },
            Failure::Unreachable { reason, .. } => Self::Unreachable { reason },
            Failure::TimedOut { .. } => Self::Unreachable { reason: "a time limit passed".to_owned() },
            Failure::CannotSee { model } => Self::refused(400, format!("{model} cannot see pictures")),
            Failure::Filtered => Self::refused(400, "the provider's filter refused".to_owned()),
            Failure::Stopped { .. } => Self::Unreachable { reason: "stopped".to_owned() },
        }
    }
}
