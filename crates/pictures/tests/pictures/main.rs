//! Pictures made by ImageMagick and libheif, whole and damaged, honest and hostile, go through and come out as
//! a model is to see them.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod colours;
mod edits;
mod formats;
mod hostile;
mod made;
mod metadata;
mod upright;
