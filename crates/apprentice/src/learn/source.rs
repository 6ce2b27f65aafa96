//! What there is to learn from, named in a chat: `/train`, `/select_dataset`, `/archive`, `/getfile`. A text, an
//! attachment, a file or a directory of the data root; nothing outside of it is ever read or handed out.

use crate::bot::Bot;
use crate::learn::{faults, run};
use crate::media::fetch::{self, Fetched, Refused};
use crate::media::read;
use crate::turn::Turn;
use domain::incoming::{Attached, Attachment, Channel};
use domain::markdown::escape;
use domain::outgoing::{File, Outgoing};
use domain::person::Standing;
use domain::run::Task;
use learning::shape;
use std::io::Write as _;
use store::Audit;
use vault::{Denied, Entry, INBOX, REPORTS};

/// Largest attachment that is learnt from, bytes: what Telegram hands out to bots.
const LARGEST: u64 = 20 * 1024 * 1024;
/// Bytes of a file by which its shape is told.
const HEAD: usize = 64 << 10;

/// `/train [data] [folder] [true | false]`, or with files
pub async fn train(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    if let Some(id) = argument.strip_prefix("from ").filter(|_| !is_data(argument)) {
        return crate::learn::propose::command(turn, id.trim()).await;
    }
    let Some(mut paths) = data_files(turn).await? else { return Ok(()) };
    let positive = if is_data(argument) {
        let (text, positive) = data(argument);
        paths.push(keep(turn, 0, "message.txt", text.as_bytes().to_vec()).await?);
        positive
    } else {
        let Given { words, positive } = given(argument);
        if let ([version], true) = (words.as_slice(), paths.is_empty())
            && let Some(number) = version.strip_prefix('v').and_then(|number| number.parse().ok())
        {
            run::begin(turn, Task::Train { dataset: number, trainer: trainer_of(turn.bot) })?;
            return Ok(());
        }
        for word in words {
            match resolve(turn, &word).await? {
                Ok(entry) => paths.push(entry.path),
                Err(denied) => return refuse(turn, &denied, &word),
            }
        }
        positive
    };
    let task = match paths.is_empty() {
        true => Task::Train { dataset: 0, trainer: trainer_of(turn.bot) },
        false => Task::Import { paths, positive, train: true },
    };
    run::begin(turn, task)?;
    Ok(())
}

/// Who trains when nobody says: the server of the settings, else the embedded model.
pub fn trainer_of(bot: &Bot) -> String {
    let named = bot.settings.current().training.model.is_some();
    if named { "server" } else { "embedded" }.to_owned()
}

/// `/select_dataset folder [true | false]`
pub async fn select_dataset(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let Given { words, positive } = given(argument);
    let [folder] = words.as_slice() else { return say(turn, "select-dataset-usage") };
    match directory(turn, folder).await? {
        Ok(entry) => {
            run::begin(turn, Task::Archive { directory: entry.path, select: Some(positive) })?;
            Ok(())
        }
        Err(denied) => refuse(turn, &denied, folder),
    }
}

/// `/archive folder`
pub async fn archive(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let words = shlex::split(argument).unwrap_or_default();
    let [folder] = words.as_slice() else { return say(turn, "archive-usage") };
    match directory(turn, folder).await? {
        Ok(entry) => {
            run::begin(turn, Task::Archive { directory: entry.path, select: None })?;
            Ok(())
        }
        Err(denied) => refuse(turn, &denied, folder),
    }
}

/// `/getfile path`
pub async fn get_file(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let typed = shlex::split(argument).and_then(|words| words.into_iter().next()).unwrap_or_default();
    if typed.is_empty() {
        return listing(turn).await;
    }
    match resolve(turn, &typed).await? {
        Ok(entry) if entry.dir => refuse(turn, &Denied::NotAFile { path: entry.path }, &typed),
        Ok(entry) if entry.size > largest(turn) => {
            let denied = Denied::TooLarge { size: entry.size, limit: largest(turn) };
            refuse(turn, &denied, &typed)
        }
        Ok(entry) => {
            audit(turn, "getfile", &entry.path);
            let markdown = turn.text_with("getfile-here", &[("name", escape(&entry.path))]);
            let path = stored(&entry.path);
            let file = File::stored(entry.name(), "application/octet-stream", path);
            turn.deliver(Outgoing { markdown, file: Some(file), ..Outgoing::default() });
            Ok(())
        }
        Err(denied) => refuse(turn, &denied, &typed),
    }
}

/// Where a file of the data root lies below the data directory.
pub fn stored(path: &str) -> String {
    format!("{}/{path}", crate::serve::FILES)
}

fn largest(turn: &Turn<'_>) -> u64 {
    match turn.incoming.place.channel {
        Channel::Telegram => channels::telegram::LARGEST_DOCUMENT,
        Channel::Discord | Channel::Web => 1 << 30,
    }
}

/// What can be got, when nobody says what.
async fn listing(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let vault = turn.bot.vault.clone();
    let directories = ["archives".to_owned(), "exports".to_owned(), format!("{REPORTS}/{}", turn.person.id)];
    let found = tokio::task::spawn_blocking(move || {
        directories.map(|name| vault.list(&name, 20).map(|list| list.entries).unwrap_or_default()).concat()
    })
    .await?;
    let lines: Vec<String> = found.iter().map(|entry| format!("- `{}` {}", entry.path, size(entry.size))).collect();
    let markdown = format!("{}\n{}", turn.text("getfile-usage"), lines.join("\n"));
    turn.reply(markdown);
    Ok(())
}

/// A size in the unit that fits.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..=9_999 => format!("{bytes} B"),
        10_000..=9_999_999 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// What a path names, for whoever typed it. Whether somebody else has such a file is not said; that it was asked for is
/// remembered.
async fn resolve(turn: &mut Turn<'_>, typed: &str) -> anyhow::Result<Result<Entry, Denied>> {
    let (vault, path) = (turn.bot.vault.clone(), typed.to_owned());
    let found = tokio::task::spawn_blocking(move || vault.resolve(&path)).await?;
    let mine = turn.bot.vault.visible_to(typed, &turn.person.id, turn.standing == Standing::Owner);
    // What is wrong with the typed words themselves says nothing about what is there.
    let unreadable = matches!(
        found,
        Err(Denied::Empty | Denied::Outside(_) | Denied::Backslash | Denied::Hidden { .. } | Denied::TooLong)
    );
    if mine || unreadable {
        return Ok(found);
    }
    audit(turn, "refused-path", typed);
    Ok(Err(Denied::NotFound { path: typed.to_owned(), nearest: None }))
}

async fn directory(turn: &mut Turn<'_>, typed: &str) -> anyhow::Result<Result<Entry, Denied>> {
    Ok(resolve(turn, typed).await?.and_then(|entry| match entry.dir {
        true => Ok(entry),
        false => Err(Denied::NotADirectory { path: entry.path }),
    }))
}

/// Says why a path is refused, and remembers those that led somewhere else.
fn refuse(turn: &mut Turn<'_>, denied: &Denied, typed: &str) -> anyhow::Result<()> {
    if matches!(denied, Denied::Outside(_) | Denied::Symlink { .. } | Denied::Hidden { .. } | Denied::Device { .. }) {
        audit(turn, "refused-path", typed);
    }
    let text = faults::of_path(turn.lang(), denied, typed);
    turn.reply(text);
    Ok(())
}

fn audit(turn: &mut Turn<'_>, what: &str, detail: &str) {
    turn.record.audit.push(Audit {
        person: turn.person.id.clone(),
        what: what.to_owned(),
        detail: detail.chars().take(300).collect(),
        at: turn.now,
    });
}

/// The paths of an argument, and whether the answers are right ones, as the last word may say.
#[derive(Debug, PartialEq)]
struct Given {
    words: Vec<String>,
    positive: bool,
}

fn given(argument: &str) -> Given {
    let mut words = shlex::split(argument).unwrap_or_else(|| argument.split_whitespace().map(str::to_owned).collect());
    let positive = words.last().and_then(|word| flag(word));
    if positive.is_some() {
        words.pop();
    }
    words.retain(|word| !matches!(word.as_str(), "None" | "none" | "-"));
    Given { words, positive: positive.unwrap_or(true) }
}

fn flag(word: &str) -> Option<bool> {
    match word.to_lowercase().as_str() {
        "true" | "yes" | "positive" | "да" => Some(true),
        "false" | "no" | "negative" | "нет" => Some(false),
        _ => None,
    }
}

/// Whether an argument is data itself and no path to it.
fn is_data(argument: &str) -> bool {
    let text = argument.trim_start();
    text.starts_with(['{', '[']) || text.contains('\n') || domain::correction::teach(text).is_some()
}

/// The data of an argument, and whether its answers are right ones, as a last word `true` or `false` may say; not where
/// that word is all that the last question is answered with.
fn data(argument: &str) -> (&str, bool) {
    const BEFORE_A_VALUE: [&str; 8] = ["=>", "->", "→", "⇒", ":", ",", ";", "\t"];
    let text = argument.trim_end();
    let flagged = [("true", true), ("false", false)]
        .into_iter()
        .find_map(|(word, positive)| text.strip_suffix(word).map(|rest| (rest, positive)));
    let Some((rest, positive)) = flagged.filter(|(rest, _)| rest.ends_with(char::is_whitespace)) else {
        return (text, true);
    };
    let before = rest.trim_end_matches([' ', '\n', '\r']);
    match BEFORE_A_VALUE.iter().any(|mark| before.ends_with(mark)) {
        true => (text, true),
        false => (before.trim_end(), positive),
    }
}

/// What came with the message, put into the data root; or the sentence that says why not.
pub async fn attached(turn: &Turn<'_>) -> anyhow::Result<Result<Vec<String>, String>> {
    Ok(match brought(turn, own(turn)).await? {
        Ok(files) => Ok(kept(turn, files).await?),
        Err(sentence) => Err(sentence),
    })
}

/// What is attached to the message.
fn own(turn: &Turn<'_>) -> Vec<Attachment> {
    turn.message().map(|message| message.attachments.clone()).unwrap_or_default()
}

/// What is attached to the message, else to the one that it replies to.
fn own_or_replied(turn: &Turn<'_>) -> Vec<Attachment> {
    let replied = || turn.message().and_then(|message| message.reply_to.as_ref()).filter(|reply| !reply.ours);
    let of_reply = || replied().map(|reply| reply.attachments.clone()).unwrap_or_default();
    Some(own(turn)).filter(|own| !own.is_empty()).unwrap_or_else(of_reply)
}

/// Fetches attachments; or the sentence that says why not.
async fn brought(
    turn: &Turn<'_>,
    attachments: Vec<Attachment>,
) -> anyhow::Result<Result<Vec<(Attached, Fetched)>, String>> {
    let channel = turn.incoming.place.channel;
    let mut files = Vec::new();
    for attachment in attachments {
        match attachment {
            Attachment::Text { name, text } => {
                let file = Attached { name, mime: "text/plain".to_owned(), ..Attached::default() };
                files.push((file, fetch::written(turn.bot, text.as_bytes())?));
            }
            Attachment::File(file) => {
                let limit = fetch::most(turn.bot, channel).min(LARGEST);
                let args = [("path", escape(&file.name)), ("size", size(file.size)), ("limit", size(limit))];
                match fetch::fetch(turn.bot, channel, &file, limit).await? {
                    Ok(fetched) => files.push((file, fetched)),
                    Err(Refused::TooLarge { .. }) => return Ok(Err(turn.text_with("path-too-large", &args))),
                    Err(Refused::Gone) => {
                        return Ok(Err(turn.text_with("file-gone", &[("name", escape(&file.name))])));
                    }
                }
            }
            Attachment::Unreadable { what } => return Ok(Err(turn.text_with("cannot-read", &[("what", what)]))),
        }
    }
    Ok(Ok(files))
}

async fn kept(turn: &Turn<'_>, files: Vec<(Attached, Fetched)>) -> anyhow::Result<Vec<String>> {
    let mut paths = Vec::new();
    for (number, (file, fetched)) in files.into_iter().enumerate() {
        paths.push(keep(turn, number + 1, &file.name, fetched.whole()?).await?);
    }
    Ok(paths)
}

/// Whether a file holds training data of a known shape, or is called so: then its faults are told by line.
fn is_data_file(name: &str, file: &Fetched) -> anyhow::Result<bool> {
    const ENDINGS: [&str; 3] = [".jsonl", ".ndjson", ".json"];
    let name = name.to_lowercase();
    Ok(ENDINGS.iter().any(|ending| name.ends_with(ending)) || shape::detect(&name, &file.head(HEAD)?).is_some())
}

/// The files of `/train`, put into the data root; none when they are texts, which are read, and questions proposed from
/// them.
async fn data_files(turn: &mut Turn<'_>) -> anyhow::Result<Option<Vec<String>>> {
    let files = match brought(turn, own_or_replied(turn)).await? {
        Ok(files) => files,
        Err(sentence) => {
            turn.reply(sentence);
            return Ok(None);
        }
    };
    for (file, fetched) in &files {
        if !is_data_file(&file.name, fetched)? {
            read::to_learn_from(turn, &files).await?;
            return Ok(None);
        }
    }
    Ok(Some(kept(turn, files).await?))
}

/// Puts what came by chat into the data root, into a directory that nothing else has: `inbox/<person>/<message>-<number>/`.
/// The number tells the attachments of a message apart, from 1; its text is 0.
pub async fn keep(turn: &Turn<'_>, number: usize, name: &str, bytes: Vec<u8>) -> anyhow::Result<String> {
    let plain: String = name.chars().map(|c| if c.is_alphanumeric() || ".-_".contains(c) { c } else { '_' }).collect();
    let plain = plain.trim_start_matches('.');
    let start: String = plain.chars().take(60).collect();
    let start = if start.is_empty() { "data" } else { &start };
    let path = format!("{INBOX}/{}/{}-{number}/{start}", turn.person.id, turn.record.work);
    let (vault, into) = (turn.bot.vault.clone(), path.clone());
    tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
        let mut draft = vault.replace(&into)?;
        draft.write_all(&bytes)?;
        draft.commit()?;
        Ok(())
    })
    .await??;
    Ok(path)
}

fn say(turn: &mut Turn<'_>, key: &str) -> anyhow::Result<()> {
    let text = turn.text(key);
    turn.reply(text);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn words_and_their_flag_are_read_as_the_usage_line_shows_them() {
        let of = |text| {
            let Given { words, positive } = given(text);
            (words.join("|"), positive)
        };
        assert_eq!(of("data.jsonl"), ("data.jsonl".into(), true));
        assert_eq!(of("data.jsonl folder false"), ("data.jsonl|folder".into(), false));
        assert_eq!(of("\"a file.csv\" True"), ("a file.csv".into(), true));
        assert_eq!(of("None folder нет"), ("folder".into(), false));
        assert_eq!(of(""), (String::new(), true));
    }

    #[test]
    fn data_is_told_from_a_path_to_it() {
        assert!(is_data("When is lunch? => At noon."));
        assert!(is_data("{\"messages\":[]}"));
        assert!(is_data("Q: a\nA: b"));
        assert!(!is_data("folder/data.jsonl true"));
    }

    #[test]
    fn a_flag_after_data_is_never_its_last_answer() {
        for (typed, text, positive) in [
            ("a => b", "a => b", true),
            ("a => b false", "a => b", false),
            ("a => b\nc => d\nfalse\n", "a => b\nc => d", false),
            ("{\"q\": 1} false", "{\"q\": 1}", false),
            ("Is it open on Sunday? => no", "Is it open on Sunday? => no", true),
            ("Is it open on Sunday? => нет", "Is it open on Sunday? => нет", true),
            ("Is it open on Sunday? => false", "Is it open on Sunday? => false", true),
            ("Is it open on Sunday? => true", "Is it open on Sunday? => true", true),
            ("Is it open on Sunday? => false true", "Is it open on Sunday? => false", true),
            ("Is it open on Sunday? => false false", "Is it open on Sunday? => false", false),
            ("Q: Is it open?\nA: false", "Q: Is it open?\nA: false", true),
            ("Q: Is it open?\nA:\nfalse", "Q: Is it open?\nA:\nfalse", true),
            ("question\tanswer\nIs it open?\tfalse", "question\tanswer\nIs it open?\tfalse", true),
            ("question;answer\nIs it open?; false", "question;answer\nIs it open?; false", true),
            ("a => that is False", "a => that is False", true),
        ] {
            assert_eq!(data(typed), (text, positive), "{typed}");
        }
    }
}
