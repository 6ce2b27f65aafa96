//! The recogniser within the program, with a real model file whose weights mean nothing: it is loaded, run to the end,
//! and let go; damaged files are refused before whisper.cpp sees them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "media/tiny.rs"]
mod tiny;

use apprentice_models::hear::embedded::{RATE, Settings, Whisper};
use apprentice_models::hear::{HearFailure, Hint, NotUnderstood, Sound, Source};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

fn recogniser(model: &Path) -> Whisper {
    let samples = |source: &Source| match source {
        Source::Bytes(bytes) if bytes.is_empty() => Err("no sound".to_owned()),
        Source::Bytes(bytes) => Ok(bytes.iter().map(|byte| f32::from(*byte) / 256.0 - 0.5).collect()),
        Source::File(_) => Ok(Vec::new()),
    };
    Whisper::new(Settings {
        name: "embedded/tiny".to_owned(),
        model: model.to_owned(),
        threads: 1,
        idle: Duration::from_secs(1),
        base: Duration::from_secs(120),
        per_second: 1.0,
        longest: 60.0,
        decode: Arc::new(samples),
    })
}

fn sound(samples: usize) -> Sound {
    let bytes: Vec<u8> = (0..samples).map(|at| (at * 31 % 251) as u8).collect();
    let source = Source::Bytes(bytes.into());
    Sound { source, name: "voice.wav".to_owned(), mime: "audio/wav".to_owned(), seconds: None }
}

fn stored(file: &[u8]) -> tempfile::NamedTempFile {
    let stored = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(stored.path(), file).unwrap();
    stored
}

#[tokio::test]
async fn a_model_is_loaded_with_the_first_sound_runs_to_the_end_and_is_let_go() {
    let file = stored(&tiny::model());
    let whisper = recogniser(file.path());
    assert!(!whisper.is_loaded());
    for language in [None, Some("ru".to_owned())] {
        let hint = Hint { language, prompt: "Иван".to_owned() };
        let told = whisper.transcribe(&sound(2 * RATE), &hint).await;
        // Weights by chance say something by chance, and that is told from words.
        assert!(
            matches!(told, Err(HearFailure::NotUnderstood(NotUnderstood::LowConfidence | NotUnderstood::Empty))),
            "{told:?}"
        );
        assert_eq!((whisper.is_loaded(), whisper.progress()), (true, 100));
    }
    while whisper.is_loaded() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_damaged_model_is_told_and_does_not_end_the_program() {
    let whole = tiny::model();
    let mut layers = whole.clone();
    layers[20..24].copy_from_slice(&u32::MAX.to_le_bytes());
    for damaged in [&whole[..whole.len() - 7], &whole[..100], &layers, b"RIFF and so on", b""] {
        let file = stored(damaged);
        let told = recogniser(file.path()).transcribe(&sound(RATE), &Hint::default()).await;
        assert!(matches!(&told, Err(HearFailure::Refused { status: 0, .. })), "{told:?}");
    }
}

#[tokio::test]
async fn what_is_no_sound_or_too_long_is_told_apart() {
    let file = stored(&tiny::model());
    let whisper = recogniser(file.path());
    let of = async |sound: Sound| whisper.transcribe(&sound, &Hint::default()).await.unwrap_err();
    assert_eq!(of(sound(0)).await, HearFailure::BadSound { message: "no sound".to_owned() });
    assert!(matches!(of(sound(61 * RATE)).await, HearFailure::TooLong { .. }));
    let file = Sound { source: Source::File("x".into()), ..sound(1) };
    assert!(matches!(of(file).await, HearFailure::BadSound { .. }));
}

#[tokio::test]
async fn work_that_nobody_waits_for_stops() {
    let file = stored(&tiny::model());
    let whisper = recogniser(file.path());
    let long = sound(59 * RATE);
    let gone = tokio::time::timeout(Duration::from_millis(50), whisper.transcribe(&long, &Hint::default())).await;
    assert!(gone.is_err());
    // The next one has the processor to itself.
    assert!(whisper.transcribe(&sound(RATE), &Hint::default()).await.is_err());
}
