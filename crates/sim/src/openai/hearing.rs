//! `POST /v1/audio/transcriptions`: what was said, by a script or by a real recogniser.

use super::route::Asked;
use super::{Shared, trouble};
use crate::fault::Kind;
use bytes::Bytes;
use serde_json::{Value, json};
use std::fmt;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

/// What hears.
#[derive(Clone, Default)]
pub enum Ears {
    /// Nothing is ever understood.
    #[default]
    Deaf,
    /// What this makes of a sound.
    Scripted(Arc<dyn Fn(&SoundFile) -> Script + Send + Sync>),
    /// A program that recognises speech.
    Program(Arc<Program>),
}

impl Ears {
    /// What a function makes of a sound.
    pub fn scripted(make: impl Fn(&SoundFile) -> Script + Send + Sync + 'static) -> Self {
        Self::Scripted(Arc::new(make))
    }
    /// Always these words.
    pub fn saying(text: &str) -> Self {
        let text = text.to_owned();
        Self::scripted(move |_| Script::of(&text))
    }
}

/// A sound as it came.
#[derive(Clone, Debug)]
pub struct SoundFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// The words that it may hold, as the caller says.
    pub prompt: String,
    /// The language, as the caller says.
    pub language: Option<String>,
}

/// What is told about a sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// The words.
    pub text: String,
    /// How long it lasts, seconds.
    pub seconds: f64,
    /// How likely it is that nobody speaks, 0 to 1.
    pub no_speech: f64,
    /// Mean log probability of the tokens.
    pub mean_logprob: f64,
    /// How well the words can be compressed; over 2.4 they repeat themselves.
    pub compression: f64,
}

impl Script {
    /// Words that are surely said.
    pub fn of(text: &str) -> Self {
        Self { text: text.to_owned(), seconds: 2.0, no_speech: 0.02, mean_logprob: -0.2, compression: 1.1 }
    }
}

/// What goes back.
pub(super) enum Told {
    Json(Value),
    Text(String),
}

/// The largest sound that is taken, bytes.
const LARGEST: usize = 25 * 1024 * 1024;
const ENDINGS: [&str; 10] = ["flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm"];

/// Answers a request whose body was checked.
pub(super) async fn transcribe(shared: &Shared, asked: &Asked<'_>) -> Result<Told, Kind> {
    refuse(asked)?;
    let sound = SoundFile {
        name: asked.text("file").to_owned(),
        bytes: asked.file.clone(),
        prompt: asked.text("prompt").to_owned(),
        language: Some(asked.text("language").to_owned()).filter(|language| !language.is_empty()),
    };
    let ears = shared.config().ears.clone();
    let script = match &ears {
        Ears::Deaf => Script { no_speech: 0.9, ..Script::of("") },
        Ears::Scripted(make) => make(&sound),
        Ears::Program(program) => program.hear(&sound).await.map_err(|why| unheard(shared, &why))?,
    };
    let format = asked.text("response_format");
    Ok(match format {
        "text" => Told::Text(format!("{}\n", script.text)),
        "verbose_json" => Told::Json(verbose(&script, sound.language.as_deref())),
        _ => Told::Json(brief(&script, asked.body.get("include").is_some())),
    })
}

fn unheard(shared: &Shared, why: &Fault) -> Kind {
    match why {
        Fault::BadSound => trouble::invalid(
            "file",
            "invalid_value",
            "The audio file could not be decoded or its format is not supported.",
        ),
        Fault::Broken(why) => {
            shared.violation(format!("the recogniser cannot be used: {why}"));
            trouble::server_error(500)
        }
    }
}

fn refuse(asked: &Asked<'_>) -> Result<(), Kind> {
    let (model, name) = (asked.text("model"), asked.text("file"));
    let newer = model.starts_with("gpt-");
    let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    if !ENDINGS.contains(&ending.as_str()) {
        let message = format!("Invalid file format. Supported formats: {ENDINGS:?}");
        return Err(trouble::invalid("file", "invalid_value", &message));
    }
    if asked.file.len() > LARGEST {
        return Err(trouble::sound_too_large(LARGEST, asked.file.len()));
    }
    if !is_sound(&asked.file) {
        let message = "The audio file could not be decoded or its format is not supported.";
        return Err(trouble::invalid("file", "invalid_value", message));
    }
    let language = asked.text("language");
    if asked.body.get("language").is_some() && (language.len() != 2 || !language.is_ascii()) {
        let message =
            format!("Invalid language '{language}'. Language parameter must be specified in ISO-639-1 format.");
        return Err(trouble::invalid("language", "invalid_language_format", &message));
    }
    let format = asked.text("response_format");
    if newer && !matches!(format, "" | "json" | "text") {
        let message =
            format!("response_format '{format}' is not compatible with model '{model}'. Use 'json' or 'text' instead.");
        return Err(trouble::invalid("response_format", "unsupported_value", &message));
    }
    if asked.body.get("include").is_some() && !model.starts_with("gpt-4o") {
        return Err(trouble::unsupported_parameter("include", None));
    }
    Ok(())
}

/// Whether the bytes begin as those of a known kind of sound.
fn is_sound(bytes: &[u8]) -> bool {
    let begins = |magic: &[u8]| bytes.starts_with(magic);
    let mp4 = bytes.get(4..8) == Some(b"ftyp".as_slice());
    let mpeg = matches!(bytes, [0xFF, second, ..] if second & 0xE0 == 0xE0);
    begins(b"OggS")
        || begins(b"RIFF")
        || begins(b"fLaC")
        || begins(b"ID3")
        || begins(&[0x1A, 0x45, 0xDF, 0xA3])
        || mp4
        || mpeg
}

fn verbose(script: &Script, language: Option<&str>) -> Value {
    let segment = json!({
        "id": 0, "seek": 0, "start": 0.0, "end": script.seconds, "text": script.text, "tokens": [50364],
        "temperature": 0.0, "avg_logprob": script.mean_logprob, "compression_ratio": script.compression,
        "no_speech_prob": script.no_speech,
    });
    let segments = if script.text.is_empty() { Vec::new() } else { vec![segment] };
    let language = match language {
        Some("ru") => "russian",
        Some("en") | None => "english",
        Some(other) => other,
    };
    json!({
        "language": language, "duration": script.seconds, "text": script.text,
        "segments": segments, "usage": {"type": "duration", "seconds": script.seconds.ceil()},
    })
}

fn brief(script: &Script, logprobs: bool) -> Value {
    let mut told = json!({"text": script.text});
    if let (true, Some(fields)) = (logprobs, told.as_object_mut()) {
        let token = |word: &str| json!({"token": word, "logprob": script.mean_logprob, "bytes": word.as_bytes()});
        fields.insert("logprobs".to_owned(), script.text.split_whitespace().map(token).collect());
    }
    told
}

/// Why a program heard nothing.
enum Fault {
    /// The sound cannot be read.
    BadSound,
    /// The program does not work.
    Broken(String),
}

/// A program that hears: started with the first sound, one line of JSON for each, as `recogniser/recogniser.py` has it.
pub struct Program {
    command: Vec<String>,
    sentences: Option<tempfile::NamedTempFile>,
    running: Mutex<Option<Running>>,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").field("command", &self.command.first()).finish_non_exhaustive()
    }
}

struct Running {
    _child: Child,
    asks: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// A program by its command.
    pub fn new(command: Vec<String>) -> Self {
        Self { command, sentences: None, running: Mutex::new(None) }
    }

    /// PocketSphinx (English) by a Python that has it, listening for the words of these sentences.
    pub fn pocketsphinx(python: &Path, sentences: &[&str]) -> std::io::Result<Self> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), sentences.join("\n"))?;
        let script = include_str!("../../recogniser/recogniser.py");
        let words = [&*python.to_string_lossy(), "-c", script, &*file.path().to_string_lossy()];
        let command = words.map(str::to_owned).to_vec();
        Ok(Self { sentences: Some(file), ..Self::new(command) })
    }

    async fn hear(&self, sound: &SoundFile) -> Result<Script, Fault> {
        let broken = |error: std::io::Error| Fault::Broken(format!("{error} ({:?})", self.command.first()));
        let ending = sound.name.rsplit('.').next().unwrap_or_default();
        let file = tempfile::Builder::new().suffix(&format!(".{ending}")).tempfile().map_err(broken)?;
        tokio::fs::write(file.path(), &sound.bytes).await.map_err(broken)?;
        let mut running = self.running.lock().await;
        let mut program = match running.take() {
            Some(program) => program,
            None => self.start().map_err(broken)?,
        };
        let asked = json!({"path": file.path()}).to_string() + "\n";
        program.asks.write_all(asked.as_bytes()).await.map_err(broken)?;
        let line = program.answers.next_line().await.map_err(broken)?;
        let line = line.ok_or_else(|| Fault::Broken("it has ended; its own words are in the log".to_owned()))?;
        *running = Some(program);
        let answer: Value = serde_json::from_str(&line).map_err(|error| Fault::Broken(error.to_string()))?;
        if let Some(why) = answer.get("error") {
            tracing::debug!(%why, "a sound cannot be read");
            return Err(Fault::BadSound);
        }
        let figure = |name: &str| answer.get(name).and_then(Value::as_f64).unwrap_or_default();
        let text = answer.get("text").and_then(Value::as_str).unwrap_or_default();
        Ok(Script {
            seconds: figure("seconds"),
            mean_logprob: figure("probability").max(1e-9).ln(),
            ..Script::of(text)
        })
    }

    fn start(&self) -> std::io::Result<Running> {
        let mut words = self.command.iter();
        let mut command = Command::new(words.next().map_or("", |word| word));
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let lost = || std::io::Error::other("a pipe is missing");
        let (asks, answers) = (child.stdin.take().ok_or_else(lost)?, child.stdout.take().ok_or_else(lost)?);
        tracing::debug!(with = self.sentences.is_some(), "a recogniser was started");
        Ok(Running { _child: child, asks, answers: BufReader::new(answers).lines() })
    }
}
