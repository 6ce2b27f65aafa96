//! What can go wrong, named by what the caller can do.

/// A refusal or failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Locked or out of reach for a moment: refuse new work, try later.
    #[error("the database is busy")]
    Busy,
    /// No room on the disk: refuse new work until there is.
    #[error("the disk is full")]
    Full,
    /// The lane is somebody else's now: what was to be written must not be.
    #[error("the lane is held by somebody else")]
    Lost,
    /// There is no such thing.
    #[error("not found")]
    NotFound,
    /// Anything else.
    #[error("the database: {0}")]
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub(crate) fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Broken(Box::new(error))
    }
    /// Whether it says something about the database rather than about what was written.
    pub(crate) const fn is_passing(&self) -> bool {
        matches!(self, Self::Busy | Self::Full)
    }
    /// The same kind of failure once more, for each of those who waited for one batch.
    pub(crate) fn again(&self) -> Self {
        match self {
            Self::Busy => Self::Busy,
            Self::Full => Self::Full,
            Self::Lost => Self::Lost,
            Self::NotFound => Self::NotFound,
            Self::Broken(error) => Self::Broken(error.to_string().into()),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Busy
            }
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::Database(told) => match told.code() {
                Some(code) => by_code(&code).unwrap_or_else(|| Self::broken(error)),
                None => Self::broken(error),
            },
            _ => Self::broken(error),
        }
    }
}

/// SQLite tells an extended result code (its low byte is the kind), PostgreSQL an SQLSTATE of five characters.
fn by_code(code: &str) -> Option<Error> {
    if code.len() == 5 {
        return match code {
            // Deadlock, serialisation, lock timeout, shutting down or starting, too many connections.
            "40P01" | "40001" | "55P03" | "57P01" | "57P02" | "57P03" | "53300" | "25P03" => Some(Error::Busy),
            "53100" | "53200" => Some(Error::Full),
            _ if code.starts_with("08") => Some(Error::Busy),
            _ => None,
        };
    }
    match code.parse::<u32>().ok()? & 0xff {
        5 | 6 => Some(Error::Busy),
        13 => Some(Error::Full),
        _ => None,
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) => error.into(),
            other => Self::broken(other),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::broken(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_engines_say_what_the_caller_can_do() {
        for busy in ["5", "6", "261", "517", "40P01", "55P03", "57P01", "08006"] {
            assert!(matches!(by_code(busy), Some(Error::Busy)), "{busy}");
        }
        for full in ["13", "53100"] {
            assert!(matches!(by_code(full), Some(Error::Full)), "{full}");
        }
        for other in ["1", "19", "2067", "23505", "42601"] {
            assert!(by_code(other).is_none(), "{other}");
        }
    }
}
