//! What is kept of sounds and pictures: files of somebody who is forgotten go with them, and what only helped a
//! conversation along goes when it is old.

use crate::bot::Bot;
use crate::learn::forget;
use crate::media::album;
use crate::media::draw::Drawing;
use crate::media::speak::Said;
use crate::media::transcript::{HEARD, PRIVATE, Spoken, Transcript};
use domain::ids::{Millis, PersonId};
use domain::object::Object;
use std::collections::BTreeSet;

/// How long it is kept, milliseconds: 30 days.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

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

impl Holds for Drawing {
    fn blobs(&self) -> Vec<String> {
        self.blobs.clone()
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
    sort::<Drawing>(bot, person, &mut theirs, &mut others).await?;
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

/// Lets go of what is old: what was heard, unless somebody corrected it for training, what was said, and albums whose
/// last part never came.
pub async fn expire(bot: &Bot, now: Millis) -> anyhow::Result<()> {
    let before = now.plus(-KEPT_MS);
    bot.store.expire::<Transcript>(before).await?;
    bot.store.expire::<album::Parts>(before).await?;
    for state in [HEARD, PRIVATE] {
        bot.store.expire_in::<Spoken>(state, before).await?;
    }
    for said in forget::all::<Said>(bot).await?.into_iter().filter(|said| said.at < before) {
        forget::delete_blob(bot, &said.id).await?;
        bot.store.remove::<Said>(&[said.id]).await?;
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
