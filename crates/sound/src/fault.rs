//! Why a sound could not be read or written, named by what the caller can do about it.

use std::time::Duration;

/// What went wrong with a sound.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The bytes are no sound file that is known: a text, a picture, an empty file.
    #[error("not a sound file")]
    NotSound,
    /// A file that could hold sound and has none: a silent video.
    #[error("the file has no sound")]
    NoSound,
    /// The sound is coded in a way that is not read here.
    #[error("sound coded as {0} is not read")]
    Unsupported(String),
    /// The file is cut off or damaged from here on; what came before was decoded.
    #[error("the sound is damaged: {0}")]
    Damaged(String),
    /// There is more sound than the caller allows; what came before was decoded.
    #[error("the sound is longer than {} s", .0.as_secs())]
    TooLong(Duration),
    /// Reading or writing failed.
    #[error("sound could not be read or written")]
    Io(#[from] std::io::Error),
}

impl Fault {
    pub(crate) fn damaged(what: &str) -> Self {
        Self::Damaged(what.to_owned())
    }
}

impl From<symphonia::core::errors::Error> for Fault {
    fn from(error: symphonia::core::errors::Error) -> Self {
        use symphonia::core::errors::Error;
        match error {
            Error::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Self::damaged("it is cut off")
            }
            Error::IoError(error) => Self::Io(error),
            Error::Unsupported(what) => Self::Unsupported(what.to_owned()),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<opus_pure::Error> for Fault {
    fn from(error: opus_pure::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}
