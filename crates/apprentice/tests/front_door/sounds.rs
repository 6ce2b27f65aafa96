//! Sounds that people send: spoken by real programs, packed by real encoders.

use sim::openai::{self, Answer, Config, Ears, Program};
use sim::telegram::{self, Content, Message, Talk};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crate::bot::World;

/// Where sounds are heard.
pub const HEAR: &str = "/audio/transcriptions";
/// Where words are said.
pub const SAY: &str = "/audio/speech";

/// A recording, and how long it lasts, seconds.
pub struct Recording {
    pub bytes: Vec<u8>,
    pub seconds: u32,
}

/// Runs a program in a folder.
pub fn run(folder: &Path, program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{program} must be installed (scripts/install test): {error}"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A Python with PocketSphinx.
fn python() -> PathBuf {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    std::env::var_os("APPRENTICE_TEST_PYTHON").map_or(usual, PathBuf::from)
}

/// A real recogniser of English that knows the words of these sentences.
pub fn real_ears(sentences: &[&str]) -> Ears {
    let python = python();
    assert!(python.exists(), "{} with pocketsphinx is needed (scripts/install test)", python.display());
    Ears::Program(Arc::new(Program::pocketsphinx(&python, sentences).unwrap()))
}

/// A world in which that hears, that is answered, and everybody is let in.
pub async fn world(ears: Ears, answer: Answer) -> World {
    let openai = Config { ears, answer, ..Config::default() };
    let telegram = telegram::Config { limits: None, ..telegram::Config::default() };
    let mut world = World::with(telegram, openai, Some("alice")).await;
    world.set("APPRENTICE_ACCESS", "open");
    for limit in ["CHAT_PER_S", "GROUP_PER_MIN", "GLOBAL_PER_S"] {
        world.set(&format!("APPRENTICE__TELEGRAM__LIMITS__{limit}"), "0");
    }
    world
}

/// English by a clear voice, as a voice message.
pub fn english(text: &str) -> Recording {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), "flite", &["-voice", "slt", "-t", text, "-o", "s.wav"]);
    packed(folder.path())
}

/// Russian as a voice message.
pub fn russian(text: &str) -> Recording {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), "espeak-ng", &["-v", "ru", "-w", "s.wav", text]);
    packed(folder.path())
}

fn packed(folder: &Path) -> Recording {
    run(folder, "opusenc", &["--quiet", "--bitrate", "32", "s.wav", "s.ogg"]);
    let bytes = std::fs::read(folder.join("s.ogg")).unwrap();
    let seconds = length(bytes.clone()).as_secs_f64().ceil() as u32;
    Recording { bytes, seconds }
}

/// What ffmpeg makes of a recording (or, with none, of what the arguments say), in a file of that name.
pub fn made(recording: Option<&Recording>, arguments: &[&str], name: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let mut line = vec!["-nostdin", "-v", "error", "-y"];
    if let Some(recording) = recording {
        std::fs::write(folder.path().join("in.ogg"), &recording.bytes).unwrap();
        line.extend(["-i", "in.ogg"]);
    }
    line.extend(arguments);
    line.push(name);
    run(folder.path(), "ffmpeg", &line);
    std::fs::read(folder.path().join(name)).unwrap()
}

/// Seconds of silence, or of noise, as a voice message.
pub fn wordless(source: &str) -> Recording {
    let bytes = made(None, &["-f", "lavfi", "-i", source, "-t", "3", "-c:a", "libopus"], "s.ogg");
    Recording { bytes, seconds: 3 }
}

/// How long a sound lasts, decoded to its end.
pub fn length(bytes: Vec<u8>) -> Duration {
    let mut decoder = sound::decode(std::io::Cursor::new(bytes), Duration::from_secs(7200)).unwrap();
    while decoder.next_block().unwrap().is_some() {}
    decoder.facts().duration()
}

/// Checks that a voice message is one, and lasts as long as it says.
pub fn check_note(note: &Content) {
    assert_eq!((note.kind.as_str(), &note.bytes[..4]), ("voice", b"OggS".as_slice()));
    let length = length(note.bytes.to_vec());
    assert!(length > Duration::from_millis(300), "{length:?}");
    assert_eq!(u64::from(note.seconds), length.as_millis().div_ceil(1000) as u64);
}

/// The bot's messages, oldest first.
pub fn of_bot(talk: &Talk) -> Vec<Message> {
    talk.messages().into_iter().filter(|message| message.by_bot).collect()
}

/// The bot's messages in short: `heard: …`, `voice`, `audio`, or the words.
pub fn in_short(talk: &Talk) -> Vec<String> {
    of_bot(talk).iter().map(short).collect()
}

fn short(message: &Message) -> String {
    let quoted = message.entities.iter().find(|entity| entity.kind == "expandable_blockquote");
    let units: Vec<u16> = message.text.encode_utf16().collect();
    match (quoted, &message.content) {
        (Some(entity), _) => {
            let quote = &units[entity.offset..entity.offset + entity.length];
            format!("heard: {}", String::from_utf16_lossy(quote))
        }
        (None, Some(content)) => content.kind.clone(),
        (None, None) => message.text.clone(),
    }
}

/// Waits until the bot has sent so many messages; all of them in short.
pub async fn told(talk: &Talk, many: usize) -> Vec<String> {
    talk.await_messages(|all| all.iter().filter(|message| message.by_bot).count() >= many).await;
    in_short(talk)
}

/// What the speech server was asked to say, in order.
pub fn said_aloud(world: &World) -> Vec<String> {
    let requests = world.openai.requests();
    let asked = requests.iter().filter(|request| request.path == SAY);
    asked.map(|request| request.body["input"].as_str().unwrap().to_owned()).collect()
}

/// How often the recogniser was asked.
pub fn heard_times(world: &World) -> usize {
    world.openai.requests().iter().filter(|request| request.path == HEAR).count()
}

/// What a recogniser behind the simulator hears in a sound.
pub async fn recognised(server: &openai::Server, bytes: Vec<u8>) -> String {
    let part = reqwest::multipart::Part::bytes(bytes).file_name("note.ogg");
    let form = reqwest::multipart::Form::new().part("file", part).text("model", "whisper-1");
    let url = format!("{}{HEAR}", server.base_url());
    let response = reqwest::Client::new().post(url).bearer_auth(server.key()).multipart(form).send().await.unwrap();
    let body: serde_json::Value = response.json().await.unwrap();
    body["text"].as_str().unwrap_or_default().to_owned()
}
