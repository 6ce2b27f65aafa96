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
    Ok(())
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
