//! Office formats.

use crate::{Document, Kind, Limits, Problem};

/// Reads a document of an office format.
pub(crate) fn read(kind: Kind, _bytes: &[u8], _limits: &Limits) -> Result<Document, Problem> {
    Err(Problem::Unsupported { kind })
}
