//! What hangs on a message: recordings are heard, pictures are looked at, documents are read. And what goes out as
//! sound and as pictures.
//!
//! What comes from people is hostile until it is known: documents and pictures are taken apart in a process of their
//! own ([`inside`]), sounds are decoded as a stream within bounds, and nothing they say is an order.

pub mod album;
pub mod delete;
pub mod docs;
pub mod draw;
#[cfg(feature = "whisper")]
mod embedded;
pub mod fetch;
pub mod hear;
pub mod inside;
pub mod kept;
mod problem;
pub mod read;
pub mod roles;
pub mod see;
pub mod speak;
pub mod transcript;
pub mod voice;

use crate::turn::Turn;
use console::Doing;
use domain::incoming::{Attachment, Message, Sense};

/// A message with something attached.
pub async fn take(turn: &mut Turn<'_>, message: &Message) -> anyhow::Result<()> {
    let sense = first_sense(message);
    crate::show::doing(turn, seen_to_do(sense));
    match sense {
        Some(Sense::Hear) => hear::hear(turn, message).await,
        Some(Sense::See) if !has(message, Sense::Read) => see::look(turn, message).await,
        Some(Sense::See | Sense::Read) | None => read::read(turn, message).await,
    }
}

/// As what people see it.
fn seen_to_do(sense: Option<Sense>) -> Doing {
    match sense {
        Some(Sense::Hear) => Doing::Listening,
        Some(Sense::See) => Doing::Looking,
        Some(Sense::Read) | None => Doing::Reading,
    }
}

/// What is to be done first: what was said may be about what is shown and written.
fn first_sense(message: &Message) -> Option<Sense> {
    [Sense::Hear, Sense::See, Sense::Read].into_iter().find(|sense| has(message, *sense))
}

fn has(message: &Message, sense: Sense) -> bool {
    message.attachments.iter().any(|attachment| is(attachment, sense))
}

/// Whether that is to be done with it.
fn is(attachment: &Attachment, sense: Sense) -> bool {
    match attachment {
        Attachment::File(file) => file.sense() == sense,
        Attachment::Text { .. } => sense == Sense::Read,
        Attachment::Unreadable { .. } => false,
    }
}
