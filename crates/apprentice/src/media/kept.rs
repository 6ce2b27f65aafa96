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
/// How long a file is kept that was brought and not sent, milliseconds: a day, after which no message may bring it, and
/// an hour in which one that just did is written.
const WAITED_MS: i64 = 25 * 60 * 60 * 1000;

/// A picture of somebody: shown by them, or drawn for them. Noted before anything refers to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    blob: String,
    person: PersonId,
    at: Millis,
}

impl Object for Kept {
    const KIND: &'static str = "picture";
    /// Of two who show the same picture each has it.
    fn id(&self) -> String {
        format!("{}/{}", self.blob, self.person)
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

/// Keeps a picture of somebody's.
pub(super) async fn keep(bot: &Bot, person: &PersonId, bytes: Bytes) -> anyhow::Result<BlobId> {
    let blob = bot.blobs.put(bytes).await?;
    bot.store.put(&Kept { blob: blob.as_str().to_owned(), person: person.clone(), at: crate::bot::now() }).await?;
    Ok(blob)
}

/// An object that has files in the blob store.
trait Holds: Object {
    /// Their hashes.
    fn blobs(&self) -> Vec<String>;
    /// How long it is kept, milliseconds.
    fn lasts(&self) -> i64 {
        KEPT_MS
    }
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
    fn lasts(&self) -> i64 {
        if self.is_sent() { KEPT_MS } else { WAITED_MS }
    }
}

impl Holds for Said {
    fn blobs(&self) -> Vec<String> {
        vec![self.id.clone()]
    }
}

/// That an object holds a file.
struct Hold {
    kind: &'static str,
    id: String,
    person: String,
    blob: String,
    /// Until when the object is kept.
    until: Millis,
}

/// Everything that holds a file.
async fn holds(bot: &Bot) -> anyhow::Result<Vec<Hold>> {
    let mut holds = holds_of::<Spoken>(bot).await?;
    holds.extend(holds_of::<Kept>(bot).await?);
    holds.extend(holds_of::<Uploaded>(bot).await?);
    holds.extend(holds_of::<Said>(bot).await?);
    Ok(holds)
}

async fn holds_of<T: Holds>(bot: &Bot) -> anyhow::Result<Vec<Hold>> {
    let objects = forget::all::<T>(bot).await?;
    let of_one = |object: &T| {
        let (id, person, until) = (object.id(), object.person().to_owned(), object.at().plus(object.lasts()));
        let hold = move |blob| Hold { kind: T::KIND, id: id.clone(), person: person.clone(), blob, until };
        object.blobs().into_iter().map(hold).collect::<Vec<_>>()
    };
    Ok(objects.iter().flat_map(of_one).collect())
}

/// Deletes the files of objects that go, except those that another one holds as well: equal files are one. The objects
/// must still be there, so that nothing is lost sight of when this is interrupted. How many files were held by what goes.
async fn let_go(bot: &Bot, goes: impl Fn(&Hold) -> bool) -> anyhow::Result<usize> {
    let (going, staying): (Vec<_>, Vec<_>) = holds(bot).await?.into_iter().partition(goes);
    let staying: BTreeSet<String> = staying.into_iter().map(|hold| hold.blob).collect();
    let going: BTreeSet<String> = going.into_iter().map(|hold| hold.blob).collect();
    for blob in going.difference(&staying) {
        forget::delete_blob(bot, blob).await?;
    }
    Ok(going.len())
}

/// Deletes the files of a person, except those that somebody else has too. What names them must still be there.
pub async fn erase(bot: &Bot, person: &PersonId) -> anyhow::Result<()> {
    let files = let_go(bot, |hold| hold.person == person.as_str()).await?;
    if files == 0 { Ok(()) } else { forget::delete_speech(bot).await }
}

/// Deletes the recordings that somebody let be trained on and does not any more.
pub async fn take_back(bot: &Bot, person: &PersonId) -> anyhow::Result<()> {
    let mut given = forget::all::<Spoken>(bot).await?;
    given.retain(|spoken| spoken.person == *person && spoken.consent);
    if given.is_empty() {
        return Ok(());
    }
    let ids: BTreeSet<String> = given.iter().map(Spoken::id).collect();
    let_go(bot, |hold| hold.kind == Spoken::KIND && ids.contains(&hold.id)).await?;
    for mut spoken in given {
        spoken.heard.blob = None;
        spoken.consent = false;
        bot.store.put(&spoken).await?;
    }
    forget::delete_speech(bot).await
}

/// Lets go of what is old: what was heard, unless somebody corrected it for training, what was said, shown, drawn and
/// brought, and albums whose last part never came.
pub async fn expire(bot: &Bot, now: Millis) -> anyhow::Result<()> {
    let before = now.plus(-KEPT_MS);
    bot.store.expire::<Transcript>(before).await?;
    bot.store.expire::<album::Parts>(before).await?;
    bot.store.expire::<Begun>(before).await?;
    for state in [HEARD, PRIVATE] {
        bot.store.expire_in::<Spoken>(state, before).await?;
    }
    // What was corrected for training stays for as long as it may be trained on.
    let_go(bot, |hold| hold.kind != Spoken::KIND && hold.until < now).await?;
    drop_old::<Said>(bot, now).await?;
    drop_old::<Uploaded>(bot, now).await?;
    drop_old::<Kept>(bot, now).await
}

async fn drop_old<T: Holds>(bot: &Bot, now: Millis) -> anyhow::Result<()> {
    let old = forget::all::<T>(bot).await?.into_iter().filter(|held| held.at().plus(held.lasts()) < now);
    let ids: Vec<String> = old.map(|held| held.id()).collect();
    if ids.is_empty() { Ok(()) } else { Ok(bot.store.remove::<T>(&ids).await?) }
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

    /// A file as the page keeps it.
    fn brought(id: &str, person: &str, blob: &BlobId, message: Option<&str>, at: i64) -> Uploaded {
        let made = serde_json::json!({
            "id": id, "person": person, "conversation": "web:1", "message": message, "blob": blob.as_str(),
            "name": "a", "mime": "", "bytes": 1, "media": domain::incoming::Media::Document, "ms": 0, "at": at,
        });
        serde_json::from_value(made).unwrap()
    }

    #[tokio::test]
    async fn a_file_stays_as_long_as_anybody_has_it() {
        let directory = tempfile::tempdir().unwrap();
        let bot = bot(directory.path()).await;
        let shared = keep(&bot, &"ann".into(), "same".into()).await.unwrap();
        keep(&bot, &"ben".into(), "same".into()).await.unwrap();
        let own = keep(&bot, &"ann".into(), "own".into()).await.unwrap();
        erase(&bot, &"ann".into()).await.unwrap();
        assert!(bot.blobs.get(&own).await.is_err());
        assert!(bot.blobs.get(&shared).await.is_ok(), "the other one has it too");
        let voice = bot.blobs.put("voice".into()).await.unwrap();
        let heard = Heard { text: "plum".to_owned(), blob: Some(voice.as_str().to_owned()), ..Heard::default() };
        let spoken = Spoken::new("web:1".into(), "eve".into(), "1".into(), &heard, None, Millis(1));
        bot.store.put(&Spoken { corrected: Some("plan".to_owned()), consent: true, ..spoken }).await.unwrap();
        bot.store.put(&brought("1", "eve", &voice, Some("1"), 1)).await.unwrap();
        expire(&bot, Millis(KEPT_MS + 2)).await.unwrap();
        assert!(forget::all::<Uploaded>(&bot).await.unwrap().is_empty());
        assert!(bot.blobs.get(&voice).await.is_ok(), "it is trained on");
        bot.store.put(&brought("2", "eve", &voice, Some("1"), 1)).await.unwrap();
        take_back(&bot, &"eve".into()).await.unwrap();
        assert!(bot.blobs.get(&voice).await.is_ok(), "it was brought as well");
        expire(&bot, Millis(KEPT_MS + 2)).await.unwrap();
        assert!(bot.blobs.get(&voice).await.is_err());
    }

    #[tokio::test]
    async fn what_was_never_sent_goes_after_a_day() {
        let directory = tempfile::tempdir().unwrap();
        let bot = bot(directory.path()).await;
        let (sent, waiting) =
            (bot.blobs.put("sent".into()).await.unwrap(), bot.blobs.put("waits".into()).await.unwrap());
        bot.store.put(&brought("1", "ann", &sent, Some("1"), 1)).await.unwrap();
        bot.store.put(&brought("2", "ann", &waiting, None, 1)).await.unwrap();
        expire(&bot, Millis(WAITED_MS + 1)).await.unwrap();
        assert!(bot.blobs.get(&waiting).await.is_ok(), "its day is not over");
        expire(&bot, Millis(WAITED_MS + 2)).await.unwrap();
        let left: Vec<String> = forget::all::<Uploaded>(&bot).await.unwrap().iter().map(Object::id).collect();
        assert_eq!(left, ["1"]);
        assert!(bot.blobs.get(&waiting).await.is_err() && bot.blobs.get(&sent).await.is_ok());
    }
}
