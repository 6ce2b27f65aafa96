//! The recogniser within the program, through the whole bot: a voice message is decoded, a model hears it, and what
//! came of it is said. The model is real in every part but its weights, which mean nothing, so nothing is understood.

#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "front_door/bot.rs"]
mod bot;
#[path = "../../models/tests/media/tiny.rs"]
mod tiny;

use bot::World;
use sim::telegram::{Media, Say};
use std::process::Command;

/// An English sentence as a voice message.
fn recording() -> Say {
    let folder = tempfile::tempdir().unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let done = Command::new(program).args(arguments).current_dir(folder.path()).status();
        let done = done.unwrap_or_else(|error| panic!("{program} must be installed (scripts/install test): {error}"));
        assert!(done.success(), "{program} {arguments:?}");
    };
    run("espeak-ng", &["-w", "said.wav", "Good morning, how are you today?"]);
    run("opusenc", &["--quiet", "said.wav", "said.ogg"]);
    Say::media(Media::voice(std::fs::read(folder.path().join("said.ogg")).unwrap(), 3))
}

#[tokio::test]
async fn a_model_that_is_put_there_while_the_bot_runs_hears_the_next_voice_message() {
    let mut world = World::new("alice").await;
    world.set("APPRENTICE__HEARING__CHAIN", "embedded");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let first = alice.say_with(recording());
    let told = alice.await_reply(first).await;
    assert!(told.text.contains("no speech recogniser is set up"), "{}", alice.transcript());

    let file = world.path().join("mine.bin");
    std::fs::write(&file, tiny::model()).unwrap();
    assert!(world.command(&["models", "add", file.to_str().unwrap()]).status().unwrap().success());
    let asked = alice.say("/status");
    let told = alice.await_reply(asked).await;
    assert!(told.text.contains("Hears: embedded/mine\n"), "{}", alice.transcript());

    let second = alice.say_with(recording());
    let told = alice.await_reply(second).await;
    assert!(told.text.contains("could not make out the words"), "{}\n{}", alice.transcript(), world.read_log());
    let doctor = world.command(&["doctor"]).output().unwrap();
    let said = String::from_utf8(doctor.stdout).unwrap();
    assert!(said.contains("✓ Recordings are heard by: embedded/mine."), "{said}");
    assert!(said.contains("✓ Documents and pictures are taken apart in a process that is shut in."), "{said}");
    world.check(&mut bot).await;
}
