//! What is kept of sounds and pictures: files of somebody who is forgotten go with them, and what only helped a
//! conversation along goes when it is old.

use crate::bot::Bot;
use crate::learn::forget;
use crate::media::album;
use crate::media::speak::{Begun, Said};
use crate::media::transcript::{HEARD, PRIVATE, Spoken, Transcript};
use bytes::Bytes;
use console::Uploaded;
use domain::ids::{Millis, PersonId};
use domain::object::Object;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::BlobId;

/// How long it is kept, milliseconds: 30 days.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// A picture of somebody: shown by them, or drawn for them. Noted before anything refers to it.
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

/// An object that has files in the blob store.
trait Holds: Object {
    /// Their hashes.
    fn blobs(&self) -> Vec<String>;
}

impl Holds for Spoken {
    fn blobs(&self) -> Vec<String> {
        self.heard.blob.iter().cloned().collect()
    }
}

impl Holds for Kept {
    fn blobs(&self) -> Vec<String> {
        vec![self.blob.clone()]
    }
}

impl Holds for Uploaded {
    fn blobs(&self) -> Vec<String> {
        vec![self.blob.clone()]
    }
}

impl Holds for Said {
    fn blobs(&self) -> Vec<String> {
        vec![self.id.clone()]
    }
}

/// Deletes the files of a person, except those that somebody else has too. What names them must still be there, so that
/// nothing is lost sight of when this is interrupted.
pub async fn erase(bot: &Bot, person: &PersonId) -> anyhow::Result<()> {
    let (mut theirs, mut others) = (BTreeSet::new(), BTreeSet::new());
    sort::<Spoken>(bot, person, &mut theirs, &mut others).await?;
    sort::<Kept>(bot, person, &mut theirs, &mut others).await?;
    sort::<Uploaded>(bot, person, &mut theirs, &mut others).await?;
    sort::<Said>(bot, person, &mut theirs, &mut others).await?;
    for blob in theirs.difference(&others) {
        forget::delete_blob(bot, blob).await?;
    }
    if theirs.is_empty() { Ok(()) } else { forget::delete_speech(bot).await }
}

async fn sort<T: Holds>(
    bot: &Bot,
    person: &PersonId,
    theirs: &mut BTreeSet<String>,
    others: &mut BTreeSet<String>,
) -> anyhow::Result<()> {
    for object in forget::all::<T>(bot).await? {
        let whose = if object.person() == person.as_str() { &mut *theirs } else { &mut *others };
        whose.extend(object.blobs());
    }
    Ok(())
}

/// Deletes the recordings that somebody let be trained on and does not any more.
pub async fn take_back(bot: &Bot, person: &PersonId) -> anyhow::Result<()> {
    let mut given = forget::all::<Spoken>(bot).await?;
    given.retain(|spoken| spoken.person == *person && spoken.consent);
    if given.is_empty() {
        return Ok(());
    }
    for mut spoken in given {
        if let Some(blob) = spoken.heard.blob.take() {
            forget::delete_blob(bot, &blob).await?;
        }
        spoken.consent = false;
        bot.store.put(&spoken).await?;
    }
    forget::delete_speech(bot).await
}

/// Lets go of what is old: what was heard, unless somebody corrected it for training, what was said, shown and drawn, and
/// albums whose last part never came.
pub async fn expire(bot: &Bot, now: Millis) -> anyhow::Result<()> {
    let before = now.plus(-KEPT_MS);
    bot.store.expire::<Transcript>(before).await?;
    bot.store.expire::<album::Parts>(before).await?;
    bot.store.expire::<Begun>(before).await?;
    for state in [HEARD, PRIVATE] {
        bot.store.expire_in::<Spoken>(state, before).await?;
    }
    drop_old::<Said>(bot, before).await?;
    drop_old::<Uploaded>(bot, before).await?;
    drop_old::<Kept>(bot, before).await
}

async fn drop_old<T: Holds>(bot: &Bot, before: Millis) -> anyhow::Result<()> {
    for old in forget::all::<T>(bot).await?.into_iter().filter(|held| held.at() < before) {
        for blob in old.blobs() {
            forget::delete_blob(bot, &blob).await?;
        }
        bot.store.remove::<T>(&[old.id()]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::settings::{self, Override, Sources};
    use domain::incoming::Heard;

    async fn bot(directory: &std::path::Path) -> Bot {
        let data = directory.join("data").display().to_string();
        let sources = Sources {
            dir: directory.to_owned(),
            working_dir: directory.to_owned(),
            set: vec![Override::of_flag("--set", "data_dir", &data)],
            ..Sources::default()
        };
        crate::serve::build(settings::load(&sources).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn after_thirty_days_only_what_was_corrected_for_training_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let bot = bot(directory.path()).await;
        let heard = Heard { text: "plum".to_owned(), ..Heard::default() };
        let said = bot.blobs.put("voice".into()).await.unwrap();
        bot.store.put(&Said { id: said.as_str().to_owned(), person: "ann".into(), at: Millis(1) }).await.unwrap();
        let words = Transcript { id: "1".to_owned(), person: "ann".into(), at: Millis(1), heard: heard.clone() };
        bot.store.put(&words).await.unwrap();
        for (message, corrected, consent) in [("1", None, false), ("2", Some("plan"), false), ("3", Some("plan"), true)]
        {
            let spoken = Spoken::new("web:1".into(), "ann".into(), message.into(), &heard, None, Millis(1));
            let corrected = corrected.map(str::to_owned);
            bot.store.put(&Spoken { corrected, consent, ..spoken }).await.unwrap();
        }
        expire(&bot, Millis(KEPT_MS)).await.unwrap();
        assert_eq!(forget::all::<Spoken>(&bot).await.unwrap().len(), 3, "it is not old yet");
        assert!(bot.blobs.get(&said).await.is_ok());
        expire(&bot, Millis(KEPT_MS + 2)).await.unwrap();
        let left = forget::all::<Spoken>(&bot).await.unwrap();
        assert_eq!(left.iter().map(|spoken| spoken.message.as_str()).collect::<Vec<_>>(), ["3"]);
        assert!(forget::all::<Transcript>(&bot).await.unwrap().is_empty());
        assert!(bot.blobs.get(&said).await.is_err() && forget::all::<Said>(&bot).await.unwrap().is_empty());
    }
}
