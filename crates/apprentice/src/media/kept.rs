//! Whose pictures lie in the blob store, so that they go when their people are forgotten. Each is noted before anything
//! refers to it.

use crate::bot::Bot;
use bytes::Bytes;
use domain::ids::{Millis, PersonId};
use domain::object::Object;
use serde::{Deserialize, Serialize};
use store::BlobId;

/// Notes that are looked at, at once.
const PAGE: u32 = 500;

/// A picture of somebody: shown by them, or drawn for them.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    blob: String,
    person: PersonId,
    at: Millis,
}

impl Object for Kept {
    const KIND: &'static str = "picture";
    fn id(&self) -> String {
        self.blob.clone()
    }
    fn state(&self) -> &'static str {
        "kept"
    }
    fn person(&self) -> &str {
        self.person.as_str()
    }
    fn at(&self) -> Millis {
        self.at
    }
}

/// Keeps a picture of somebody's. Of two who show the same one, it is the later one's.
pub(super) async fn keep(bot: &Bot, person: &PersonId, bytes: Bytes) -> anyhow::Result<BlobId> {
    let blob = bot.blobs.put(bytes).await?;
    bot.store.put(&Kept { blob: blob.as_str().to_owned(), person: person.clone(), at: crate::bot::now() }).await?;
    Ok(blob)
}

/// Deletes the pictures of a person.
pub async fn forget(bot: &Bot, person: &PersonId) -> anyhow::Result<()> {
    loop {
        let page: Vec<Kept> = bot.store.of_person(person.as_str(), PAGE).await?;
        if page.is_empty() {
            return Ok(());
        }
        for id in page.iter().filter_map(|kept| BlobId::parse(&kept.blob)) {
            bot.blobs.delete(&id).await?;
        }
        bot.store.remove::<Kept>(&page.iter().map(Kept::id).collect::<Vec<_>>()).await?;
    }
}
