//! Voice messages through the whole bot: its own processor time for hearing one of ten seconds and for answering one
//! aloud, and its memory while it listens to an hour.

use crate::drive::World;
use crate::process::Bot;
use crate::table::{self, Table};
use anyhow::Context as _;
use sim::openai::{self, Answer, Ears};
use sim::telegram::{self, Media, Talk};
use std::process::Command;
use std::time::{Duration, Instant};

/// Voice messages of one measurement.
const NOTES: u32 = 20;
/// Longest wait for an answer to the hour.
const PATIENCE: Duration = Duration::from_secs(600);
/// What is said aloud: about ten seconds of it.
const ANSWER: &str = "The office opens at nine in the morning and closes at six in the evening, from Monday to Friday. \
                      On Saturday it opens at ten and closes at two, and on Sunday it stays closed for everybody.";

/// All of it.
pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let note = speech(10)?;
    let text = per_message(&note, "off", false).await?;
    let heard = per_message(&note, "off", true).await?;
    let spoken = per_message(&note, "mirror", true).await?;
    table.row("a ten-second voice note, download to request: processor time", ms(heard - text), "≤ 60 ms");
    table.row("its answer said aloud, PCM to sent OGG: processor time", ms(spoken - heard), "≤ 100 ms");
    table.row("a sentence's PCM → its voice message is sent, p50", ms(first_sound(&note).await?), "≤ 50 ms");
    let (idle, peak) = hour().await?;
    table.row("an hour of sound, above idle", format!("{:.1} MB", peak - idle), "≤ 30 MB");
    Ok(())
}

fn ms(seconds: f64) -> String {
    format!("{:.0} ms", seconds * 1e3)
}

async fn world() -> World {
    answering(ANSWER).await
}

async fn answering(answer: &str) -> World {
    let openai = openai::Config {
        answer: Answer::Text(answer.to_owned()),
        ears: Ears::saying("When does the office open?"),
        record: false,
        ..openai::Config::default()
    };
    World {
        telegram: telegram::Server::start(telegram::Config::bench()).await,
        openai: openai::Server::start(openai).await,
    }
}

/// Processor seconds of the bot for one message, as text or as a voice note; the median of three rounds.
async fn per_message(note: &[u8], voice: &str, as_voice: bool) -> anyhow::Result<f64> {
    let mut rounds = Vec::new();
    for _ in 0..3 {
        let world = world().await;
        let dir = tempfile::tempdir()?;
        let bot = Bot::apprentice(&world, dir.path())?;
        let person = world.telegram.person("alice").private();
        let set = person.say(&format!("/voice {voice}"));
        person.await_reply(set).await;
        // The first one opens connections and starts what is started once.
        one(&world, &person, note, 0, as_voice, voice).await;
        let before = bot.cpu_seconds()?;
        for number in 1..=NOTES {
            one(&world, &person, note, number, as_voice, voice).await;
        }
        rounds.push((bot.cpu_seconds()? - before) / f64::from(NOTES));
    }
    Ok(table::median(&rounds))
}

/// One message and all that comes back.
async fn one(world: &World, person: &Talk, note: &[u8], number: u32, as_voice: bool, voice: &str) {
    let (texts, notes) = (world.telegram.count("sendMessage"), world.telegram.count("sendVoice"));
    // What was heard before is known by its bytes, so each is another file: OGG may hold more behind its end.
    let own = [note, format!("{number}").as_bytes()].concat();
    if as_voice {
        person.send(Media::voice(own, 10));
    } else {
        person.say("When does the office open?");
    }
    // What was heard is a message of its own.
    let texts = texts + if as_voice { 2 } else { 1 };
    world.telegram.await_calls("sendMessage", texts).await;
    if as_voice && voice != "off" {
        world.telegram.await_calls("sendVoice", notes + 1).await;
    }
}

/// From the moment in which the speech of one sentence is there to the call that sends it; the median, seconds.
async fn first_sound(note: &[u8]) -> anyhow::Result<f64> {
    let world = answering("The office opens at nine in the morning.").await;
    let dir = tempfile::tempdir()?;
    let bot = Bot::apprentice(&world, dir.path())?;
    let person = world.telegram.person("alice").private();
    let mut times = Vec::new();
    for number in 0..=NOTES {
        one(&world, &person, note, number, true, "mirror").await;
        let spoke = world.openai.spoke_at().context("nothing was said")?;
        times.push(spoke.elapsed().as_secs_f64());
    }
    drop(bot);
    Ok(table::median(&times))
}

/// Resident memory before, and at most, while an hour of sound is heard, MB.
async fn hour() -> anyhow::Result<(f64, f64)> {
    let world = world().await;
    let dir = tempfile::tempdir()?;
    let bot = Bot::apprentice(&world, dir.path())?;
    let person = world.telegram.person("alice").private();
    let said = person.say("/voice off");
    person.await_reply(said).await;
    let (idle, sound) = (bot.resident_mb()?, speech(3600)?);
    let before = world.telegram.count("sendMessage");
    person.send(Media::audio("lecture.ogg", sound, 3600));
    let (mut peak, began) = (idle, Instant::now());
    while world.telegram.count("sendMessage") < before + 2 {
        anyhow::ensure!(began.elapsed() < PATIENCE, "the hour was not answered");
        tokio::time::sleep(Duration::from_millis(100)).await;
        peak = peak.max(bot.resident_mb()?);
    }
    Ok((idle, peak))
}

/// Spoken words as OGG/Opus of so many seconds, as messengers send it.
fn speech(seconds: u32) -> anyhow::Result<Vec<u8>> {
    let dir = tempfile::tempdir()?;
    let (spoken, coded) = (dir.path().join("spoken.wav"), dir.path().join("coded.ogg"));
    let said = Command::new("espeak-ng").arg("-w").arg(&spoken).arg(ANSWER.repeat(3)).status();
    anyhow::ensure!(said.context("espeak-ng is needed")?.success(), "espeak-ng failed");
    let coding = Command::new("ffmpeg")
        .args(["-v", "error", "-stream_loop", "-1", "-i"])
        .arg(&spoken)
        .args(["-t", &seconds.to_string(), "-ac", "1", "-ar", "48000", "-c:a", "libopus", "-b:a", "24k"])
        .args(["-compression_level", "3"])
        .arg(&coded)
        .status();
    anyhow::ensure!(coding.context("ffmpeg is needed")?.success(), "ffmpeg failed");
    Ok(std::fs::read(coded)?)
}
