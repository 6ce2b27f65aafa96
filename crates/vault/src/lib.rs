//! The data root: the one directory that commands of a chat read from and write to.
//!
//! What always holds: nothing that a person types reaches a file outside of the root. Every path is walked name by
//! name from an open directory, no symbolic link is ever followed (not even one that stays inside: the simplest
//! rule that cannot be tricked), and what was checked is checked again on the opened file.
//!
//! Everything here blocks; async callers run it in `spawn_blocking`.

pub mod archive;
mod denied;
mod draft;
mod nearest;
mod typed;
mod usage;
mod vault;
mod walk;

pub use denied::{Denied, Way};
pub use draft::Draft;
pub use usage::Usage;
pub use vault::{Entry, INBOX, Listing, REPORTS, Vault};
pub use walk::{Left, MAX_DEPTH, MAX_ENTRIES, Walk, Why};
