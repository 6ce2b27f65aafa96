//! Speech to train a recogniser on: what people really said beside their recordings, of those who corrected what was
//! heard and let it be trained on. Written as a directory of sounds with `metadata.jsonl`, the form that the common
//! trainers of recognisers read, and archived.

use crate::learn::run;
use crate::media::transcript::Spoken;
use crate::turn::Turn;
use domain::object::Object as _;
use domain::run::Task;
use serde_json::json;
use std::io::Write as _;
use store::BlobId;

/// Where it is written, below the data root.
const DIRECTORY: &str = "exports/speech";
/// Recordings that are read at once.
const PAGE: u32 = 100;

/// `/dataset export speech`
pub async fn export(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    let mut after = String::new();
    loop {
        let page = turn.bot.store.after::<Spoken>("corrected", &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.id();
        for spoken in &page {
            lines.extend(written(turn, spoken, lines.len() + 1).await?);
        }
    }
    if lines.is_empty() {
        let none = turn.text("dataset-no-speech");
        turn.reply(none);
        return Ok(());
    }
    put(turn, &format!("{DIRECTORY}/metadata.jsonl"), lines.concat().into_bytes()).await?;
    run::begin(turn, Task::Archive { directory: DIRECTORY.to_owned(), select: None })?;
    Ok(())
}

/// Writes a recording; its line, none where the recording is gone.
async fn written(turn: &Turn<'_>, spoken: &Spoken, number: usize) -> anyhow::Result<Option<String>> {
    let Some(text) = &spoken.corrected else { return Ok(None) };
    let Some(id) = spoken.heard.blob.as_deref().and_then(BlobId::parse) else { return Ok(None) };
    let sound = match turn.bot.blobs.get(&id).await {
        Ok(sound) => sound,
        Err(store::Error::NotFound) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let name = format!("{number:06}.{}", ending(spoken));
    put(turn, &format!("{DIRECTORY}/{name}"), sound.to_vec()).await?;
    let line = json!({
        "file_name": name,
        "transcription": text,
        "heard": spoken.heard.text,
        "language": spoken.heard.language,
        "ms": spoken.heard.ms,
        "recogniser": spoken.heard.by,
    });
    Ok(Some(format!("{line}\n")))
}

/// The ending of its name, as it was given.
fn ending(spoken: &Spoken) -> String {
    let file = spoken.file.as_ref();
    let named = file.and_then(|file| file.name.rsplit_once('.')).map(|(_, ending)| ending.to_lowercase());
    let plain =
        named.filter(|ending| (2..=4).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric()));
    plain.unwrap_or_else(|| "ogg".to_owned())
}

async fn put(turn: &Turn<'_>, path: &str, bytes: Vec<u8>) -> anyhow::Result<()> {
    let (vault, into) = (turn.bot.vault.clone(), path.to_owned());
    tokio::task::spawn_blocking(move || {
        let mut draft = vault.replace(&into)?;
        draft.write_all(&bytes)?;
        draft.commit()?;
        anyhow::Ok(())
    })
    .await?
}
