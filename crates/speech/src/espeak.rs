//! Speech by the program eSpeak NG, which needs no key and no network. The program is run, never linked.
//!
//! The text goes to its standard input, never to its command line; it inherits no setting of this process but the
//! search path, and is killed with what waits for it. What would be a command within the text is taken out.

use domain::person::Lang;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{Instant, timeout, timeout_at};

/// Words a minute at speed 1.
const NORMAL_RATE: f32 = 175.0;
/// What the program's voices have; it is said of silence, for which the program writes nothing.
const USUAL_SAMPLE_RATE: u32 = 22_050;
/// The largest header that is read, in bytes: the program's own has 44.
const LARGEST_HEADER: usize = 4096;
/// Samples of a block: some 0.2 seconds.
const BLOCK: usize = 4096;

/// Why nothing, or not all of it, was said.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The program is not installed.
    #[error("the program {0} is not installed")]
    Missing(String),
    /// The program ended with an error, or what it gave is no sound. What it said goes to the log.
    #[error("the speech program failed: {0}")]
    Failed(String),
    /// The time limit passed; the program is ended.
    #[error("the speech program took too long")]
    TimedOut,
    /// The sound is longer than the limit; the program is ended. What was given until then is good.
    #[error("the speech is too long")]
    TooLong,
}

/// The program and how it is run.
#[derive(Debug, Clone)]
pub struct Espeak {
    /// Its name or path. Default `espeak-ng`.
    pub program: PathBuf,
    /// The voice of English. Default `en-us`.
    pub english: String,
    /// The voice of Russian. Default `ru`.
    pub russian: String,
    /// How long one text may take, from the start of the program to its end. Default 60 seconds.
    pub time: Duration,
    /// How long the sound of one text may be. Default 20 minutes.
    pub sound: Duration,
}

impl Default for Espeak {
    fn default() -> Self {
        Self {
            program: "espeak-ng".into(),
            english: "en-us".to_owned(),
            russian: "ru".to_owned(),
            time: Duration::from_secs(60),
            sound: Duration::from_secs(20 * 60),
        }
    }
}

impl Espeak {
    /// What the program says of its version, one line; [`Fault::Missing`] where it is not installed.
    pub async fn version(&self) -> Result<String, Fault> {
        let mut command = self.command();
        command.arg("--version").stdin(Stdio::null());
        let output = timeout(self.time, command.output()).await.map_err(|_| Fault::TimedOut)?;
        let output = output.map_err(|error| self.not_run(&error))?;
        let version = String::from_utf8_lossy(&output.stdout);
        match version.lines().next() {
            Some(line) if output.status.success() => Ok(line.trim().to_owned()),
            _ => Err(Fault::Failed(first_line(&output.stderr))),
        }
    }

    /// Begins to say a text. `speed` is 1 for the usual rate, between 0.5 and 2.5; what is beyond is said at the
    /// nearest of them. A text without anything to say is silence.
    pub async fn speak(&self, text: &str, lang: Lang, speed: f32) -> Result<Speech, Fault> {
        let until = Instant::now() + self.time;
        let mut child = self.spawn(lang, speed)?;
        let text = harmless(text);
        let stdin = child.stdin.take();
        let wrote = timeout_at(until, async {
            if let Some(mut stdin) = stdin {
                stdin.write_all(text.as_bytes()).await?;
                stdin.shutdown().await?;
            }
            Ok::<(), io::Error>(())
        });
        // A program that ends without reading tells why when it is waited for.
        drop(wrote.await.map_err(|_| Fault::TimedOut)?);
        let Some(stdout) = child.stdout.take() else { return Err(Fault::Failed("no output".to_owned())) };
        let mut speech = Speech { sample_rate: 0, left: 0, until, stdout, child: Some(child) };
        match timeout_at(until, header(&mut speech.stdout)).await.map_err(|_| Fault::TimedOut)? {
            Ok(sample_rate) => {
                speech.sample_rate = sample_rate;
                let samples = self.sound.as_secs_f64() * f64::from(sample_rate);
                speech.left = samples as usize;
                Ok(speech)
            }
            Err(reason) => {
                speech.end().await?;
                if !text.chars().any(char::is_alphanumeric) {
                    speech.sample_rate = USUAL_SAMPLE_RATE;
                    return Ok(speech);
                }
                Err(Fault::Failed(reason.to_owned()))
            }
        }
    }

    fn spawn(&self, lang: Lang, speed: f32) -> Result<Child, Fault> {
        let voice = match lang {
            Lang::En => &self.english,
            Lang::Ru => &self.russian,
        };
        let speed = if speed.is_finite() { speed.clamp(0.5, 2.5) } else { 1.0 };
        let rate = (NORMAL_RATE * speed).round().to_string();
        let mut command = self.command();
        // Joined, so that no voice is taken for an option; 1 is UTF-8.
        command.arg(format!("-v{voice}")).args(["-s", &rate, "-b", "1", "--stdin", "--stdout"]);
        command.stdin(Stdio::piped()).spawn().map_err(|error| self.not_run(&error))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    fn not_run(&self, error: &io::Error) -> Fault {
        match error.kind() {
            io::ErrorKind::NotFound => Fault::Missing(self.program.display().to_string()),
            _ => Fault::Failed(error.to_string()),
        }
    }
}

/// A text being said. Dropping it ends the program.
#[derive(Debug)]
pub struct Speech {
    sample_rate: u32,
    /// Samples until the limit.
    left: usize,
    until: Instant,
    stdout: ChildStdout,
    /// Until its end is known.
    child: Option<Child>,
}

impl Speech {
    /// Samples a second; one channel.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// The next block, never empty, some 0.2 seconds of sound; `None` at the end.
    pub async fn block(&mut self) -> Result<Option<Vec<i16>>, Fault> {
        if self.child.is_none() {
            return Ok(None);
        }
        let mut bytes = vec![0_u8; BLOCK * 2];
        let mut filled = 0;
        while let Some(free) = bytes.get_mut(filled..).filter(|free| !free.is_empty()) {
            let read = timeout_at(self.until, self.stdout.read(free)).await.map_err(|_| self.give_up())?;
            match read.map_err(|error| Fault::Failed(error.to_string()))? {
                0 => break,
                read => filled += read,
            }
        }
        bytes.truncate(filled);
        let samples: Vec<i16> =
            bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok().map(i16::from_le_bytes)).collect();
        if samples.is_empty() {
            self.end().await?;
            return Ok(None);
        }
        let Some(left) = self.left.checked_sub(samples.len()) else {
            self.child = None;
            return Err(Fault::TooLong);
        };
        self.left = left;
        Ok(Some(samples))
    }

    fn give_up(&mut self) -> Fault {
        self.child = None;
        Fault::TimedOut
    }

    /// Waits for the program's end, and says what went wrong.
    async fn end(&mut self) -> Result<(), Fault> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        let ended = timeout_at(self.until, async {
            let mut said = Vec::new();
            if let Some(stderr) = child.stderr.take() {
                stderr.take(2000).read_to_end(&mut said).await?;
            }
            Ok::<_, io::Error>((child.wait().await?, said))
        });
        let (status, said) =
            ended.await.map_err(|_| Fault::TimedOut)?.map_err(|error| Fault::Failed(error.to_string()))?;
        if status.success() { Ok(()) } else { Err(Fault::Failed(format!("{status}: {}", first_line(&said)))) }
    }
}

/// Reads a WAV header up to the samples, and gives the sample rate. Lengths in it do not count: they are written
/// before the sound is made.
async fn header(sound: &mut (impl AsyncRead + Unpin)) -> Result<u32, &'static str> {
    let riff: [u8; 12] = read(sound).await?;
    if !riff.starts_with(b"RIFF") || !riff.ends_with(b"WAVE") {
        return Err("no WAV");
    }
    let mut rate = None;
    let mut total = riff.len();
    while total < LARGEST_HEADER {
        let name: [u8; 4] = read(sound).await?;
        let length = u32::from_le_bytes(read(sound).await?);
        if &name == b"data" {
            return rate.ok_or("no format before the samples");
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(LARGEST_HEADER);
        let mut chunk = vec![0; length];
        sound.read_exact(&mut chunk).await.map_err(|_| "no samples")?;
        if &name == b"fmt " {
            rate = Some(format(&chunk)?);
        }
        total += 8 + length;
    }
    Err("no samples")
}

async fn read<const N: usize>(sound: &mut (impl AsyncRead + Unpin)) -> Result<[u8; N], &'static str> {
    let mut bytes = [0; N];
    sound.read_exact(&mut bytes).await.map_err(|_| "no sound")?;
    Ok(bytes)
}

/// The sample rate of whole 16-bit samples of one channel.
fn format(chunk: &[u8]) -> Result<u32, &'static str> {
    match chunk {
        [1, 0, 1, 0, a, b, c, d, _, _, _, _, _, _, 16, 0, ..] => Ok(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => Err("another format than 16 bits of one channel"),
    }
}

/// A text without what the program takes for commands: control characters, and phonemes in double brackets.
fn harmless(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '[' && harmless.ends_with('[') {
            harmless.push(' ');
        }
        harmless.push(if c.is_control() && c != '\n' { ' ' } else { c });
    }
    harmless
}

fn first_line(said: &[u8]) -> String {
    String::from_utf8_lossy(said).lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
}
