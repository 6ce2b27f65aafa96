//! `POST /v1/audio/speech`: real speech by espeak-ng, in pieces.

use super::chat::{respond, stream_of};
use super::route::Asked;
use super::{Shared, trouble};
use crate::fault::Kind;
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Command;

/// How speech comes.
#[derive(Clone, Debug)]
pub struct Mouth {
    /// Formats that it makes, of `pcm` and `wav`.
    pub formats: Vec<String>,
    /// Milliseconds of sound in a piece.
    pub piece_ms: usize,
    /// Time between two pieces.
    pub delay: Duration,
}

impl Default for Mouth {
    fn default() -> Self {
        Self { formats: vec!["pcm".to_owned(), "wav".to_owned()], piece_ms: 100, delay: Duration::ZERO }
    }
}

/// Samples a second of `pcm`.
const RATE: usize = 24_000;
/// Samples a second of espeak-ng.
const SPOKEN: usize = 22_050;
/// Bytes before the samples in a RIFF file with nothing but samples.
const HEADER: usize = 44;

/// Answers a request whose body was checked.
pub(super) async fn speak(shared: &Arc<Shared>, asked: &Asked<'_>, fault: Option<Kind>) -> Response {
    let mouth = shared.config().mouth.clone();
    let format = match asked.text("response_format") {
        "" => "mp3",
        format => format,
    };
    if !mouth.formats.iter().any(|made| made == format) {
        let message = format!("Unsupported response_format: '{format}' is not supported with this model.");
        return respond(&trouble::invalid("response_format", "unsupported_value", &message));
    }
    if asked.text("input").trim().is_empty() {
        return respond(&trouble::invalid("input", "invalid_value", "Input should not be empty"));
    }
    let speed = asked.body.get("speed").and_then(Value::as_f64).unwrap_or(1.0);
    let spoken = match spoken(asked.text("input"), speed).await {
        Ok(spoken) => spoken,
        Err(why) => {
            shared.violation(format!("espeak-ng is needed and cannot be run: {why}"));
            return respond(&trouble::server_error(500));
        }
    };
    let (bytes, media) = match format {
        "wav" => (spoken, "audio/wav"),
        _ => (resampled(spoken.get(HEADER..).unwrap_or_default()), "audio/pcm"),
    };
    let piece = (RATE * 2 * mouth.piece_ms / 1000).max(2);
    let pieces = bytes.chunks(piece).map(Bytes::copy_from_slice).collect();
    shared.state().spoke = Some(std::time::Instant::now());
    stream_of(pieces, mouth.delay, fault, media)
}

/// Russian where there are Cyrillic letters, English otherwise.
async fn spoken(text: &str, speed: f64) -> std::io::Result<Vec<u8>> {
    let voice = if text.chars().any(|c| ('\u{400}'..='\u{4FF}').contains(&c)) { "ru" } else { "en-us" };
    let pace = format!("{:.0}", 160.0 * speed);
    let ran = Command::new("espeak-ng").args(["--stdout", "-v", voice, "-s", &pace, "--", text]).output().await?;
    if ran.status.success() { Ok(ran.stdout) } else { Err(std::io::Error::other(ran.status.to_string())) }
}

/// The same samples at the API's rate, straight lines between them.
fn resampled(bytes: &[u8]) -> Vec<u8> {
    let samples: Vec<i32> = bytes.as_chunks::<2>().0.iter().map(|pair| i32::from(i16::from_le_bytes(*pair))).collect();
    let at = |index: usize| samples.get(index).copied().unwrap_or_default();
    let one = |index: usize| {
        let place = index * SPOKEN;
        let (whole, part) = (place / RATE, i32::try_from(place % RATE).unwrap_or_default());
        let rate = i32::try_from(RATE).unwrap_or(1);
        let sample = at(whole)
            + i32::try_from(i64::from(at(whole + 1) - at(whole)) * i64::from(part) / i64::from(rate))
                .unwrap_or_default();
        i16::try_from(sample).unwrap_or_default().to_le_bytes()
    };
    (0..samples.len() * RATE / SPOKEN).flat_map(one).collect()
}
