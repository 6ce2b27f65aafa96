//! The recogniser within the program, made of the settings: which model file, how many threads, and how a recording
//! becomes the samples that it hears.
//!
//! Nothing is loaded before the first recording; the model is let go when nobody has spoken for a while.

use super::roles::shelf;
use crate::settings::Settings;
use models::files::Stored;
use models::hear::embedded::Whisper;
use models::hear::{Recogniser, Source, embedded};
use sound::Fault;
use std::fs::File;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long the model stays loaded after the last recording.
const IDLE: Duration = Duration::from_secs(600);
/// Time for a recording of no length, with loading.
const BASE: Duration = Duration::from_secs(120);
/// Seconds allowed for each second of sound: a large model on a small machine is that slow.
const PER_SECOND: f64 = 20.0;

/// The recogniser with the model of the settings; none where there is no such file.
pub(super) fn recogniser(settings: &Settings) -> Option<Recogniser> {
    let path = model(settings)?;
    let kind = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let longest = Duration::from_secs(u64::from(settings.hearing.max_minutes) * 60);
    Some(Recogniser::Embedded(Whisper::new(embedded::Settings {
        name: format!("embedded/{}", kind.trim_start_matches("ggml-")),
        model: path,
        threads: threads(),
        idle: IDLE,
        base: BASE,
        per_second: PER_SECOND,
        longest: longest.as_secs_f64(),
        decode: Arc::new(move |source| samples(source, longest).map_err(|fault| fault.to_string())),
    })))
}

/// Half of the processors: people go on to be answered.
fn threads() -> u16 {
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    u16::try_from(all / 2).unwrap_or(u16::MAX).max(1)
}

/// The model file that the settings name, or the best that is there.
fn model(settings: &Settings) -> Option<PathBuf> {
    let shelf = shelf(settings);
    match &settings.hearing.model {
        Some(name) => {
            let found = shelf.find(name);
            if found.is_none() {
                tracing::warn!(model = name, "hearing.model names no file");
            }
            found
        }
        None => best(shelf.list().ok()?),
    }
}

/// The largest that knows more than English, else the largest.
fn best(stored: Vec<Stored>) -> Option<PathBuf> {
    let rank = |stored: &Stored| {
        let header = stored.header.as_ref().ok()?;
        Some((header.is_multilingual(), header.audio_layers + header.text_layers, stored.bytes))
    };
    let ranked = stored.into_iter().filter_map(|stored| Some((rank(&stored)?, stored.path)));
    ranked.max_by_key(|(rank, _)| *rank).map(|(_, path)| path)
}

/// The samples of a recording. What comes before a damage counts.
fn samples(source: &Source, longest: Duration) -> Result<Vec<f32>, Fault> {
    match source {
        Source::File(path) => of_file(path, longest),
        Source::Bytes(bytes) => decoded(sound::decode(Cursor::new(bytes.clone()), longest)?),
    }
}

fn of_file(path: &Path, longest: Duration) -> Result<Vec<f32>, Fault> {
    decoded(sound::decode(File::open(path)?, longest)?)
}

fn decoded(mut decoder: sound::Decoder) -> Result<Vec<f32>, Fault> {
    let mut samples = Vec::new();
    loop {
        match decoder.next_block() {
            Ok(Some(block)) => samples.extend(block.iter().map(|sample| f32::from(*sample) / 32_768.0)),
            Ok(None) => return Ok(samples),
            Err(Fault::Damaged(_)) if !samples.is_empty() => return Ok(samples),
            Err(fault) => return Err(fault),
        }
    }
}
