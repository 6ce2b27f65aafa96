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
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) => Self::Busy,
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::Database(told) => match told.code().as_deref() {
                // SQLite: BUSY, LOCKED and their extended codes; PostgreSQL: locks, deadlocks, shutting down.
                Some("5" | "6" | "261" | "262" | "517" | "55P03" | "40P01" | "40001" | "57P01" | "57P03" | "53300") => {
                    Self::Busy
                }
                // SQLite: FULL; PostgreSQL: disk_full.
                Some("13" | "53100") => Self::Full,
                _ => Self::broken(error),
            },
            _ => Self::broken(error),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::broken(error)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::broken(error)
    }
}
