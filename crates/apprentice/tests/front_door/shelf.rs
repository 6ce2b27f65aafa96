//! `apprentice models`: the model files of the recogniser within the program, as those who run it see them.

#[path = "../../../models/tests/media/tiny.rs"]
mod tiny;

use crate::bot::World;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use futures::{StreamExt as _, stream};
use std::convert::Infallible;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a run of the program came to.
struct Told {
    code: Option<i32>,
    said: String,
    complained: String,
}

async fn run(world: &World, arguments: &[&str]) -> Told {
    let mut command = world.command(arguments);
    // The server that it asks runs in this process.
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Told { code: output.status.code(), said: text(output.stdout), complained: text(output.stderr) }
}

fn shelf(world: &World) -> PathBuf {
    world.path().join("data/models")
}

#[tokio::test]
async fn a_model_file_is_taken_in_and_listed_and_another_file_is_refused() {
    let mut world = World::new("alice").await;
    let told = run(&world, &["models", "list"]).await;
    assert_eq!(told.code, Some(0), "{}", told.complained);
    assert!(told.said.starts_with("There are no speech models in "), "{}", told.said);
    assert!(told.said.contains("\n  base: 148 MB\n"), "{}", told.said);

    let file = world.path().join("mine.bin");
    std::fs::write(&file, tiny::model()).unwrap();
    let told = run(&world, &["models", "add", file.to_str().unwrap()]).await;
    assert_eq!(told.code, Some(0), "{}", told.complained);
    assert!(told.said.starts_with("The model mine is here: "), "{}", told.said);
    let told = run(&world, &["models", "list"]).await;
    assert!(told.said.contains("\n  mine: 2 MB, many languages\n"), "{}", told.said);

    let half = world.path().join("half.bin");
    std::fs::write(&half, &tiny::model()[..1_000_000]).unwrap();
    let other = world.path().join("song.ogg");
    std::fs::write(&other, b"OggS and so on").unwrap();
    world.set("LANG", "ru_RU.UTF-8");
    for (file, complaint) in
        [(half, "Этот файл модели не целый. Скачайте его заново.\n"), (other, "Этот файл — не модель whisper.cpp.\n")]
    {
        let told = run(&world, &["models", "add", file.to_str().unwrap()]).await;
        assert_eq!((told.code, told.complained.as_str()), (Some(1), complaint));
    }
    assert_eq!(std::fs::read_dir(shelf(&world)).unwrap().count(), 1);
    let told = run(&world, &["models", "pull", "huge"]).await;
    assert!(told.code == Some(1) && told.complained.contains("large-v3-turbo"), "{}", told.complained);
    assert_eq!(run(&world, &["models", "pull"]).await.code, Some(2));
}

/// A server of model files. The first answer stands still after a part of the file; each asked range is noted.
#[derive(Clone, Default)]
struct Mirror(Arc<Mutex<Vec<String>>>);

const FILE: usize = 400_000;
const FIRST: usize = 150_000;

async fn give(State(mirror): State<Mirror>, headers: HeaderMap) -> Response {
    let range = headers.get("range").map(|range| range.to_str().unwrap().to_owned()).unwrap_or_default();
    let first = {
        let mut asked = mirror.0.lock().unwrap();
        asked.push(range.clone());
        asked.len() == 1
    };
    let from: usize = range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap_or(0);
    let length = [("content-length", (FILE - from).to_string())];
    let piece = |bytes: usize| Ok::<_, Infallible>(Bytes::from(vec![7; bytes]));
    if first {
        let still = stream::once(async move { piece(FIRST) }).chain(stream::pending());
        return (length, Body::from_stream(still)).into_response();
    }
    let range = [("content-range", format!("bytes {from}-{}/{FILE}", FILE - 1))];
    let rest = Body::from_stream(stream::once(async move { piece(FILE - from) }));
    (StatusCode::PARTIAL_CONTENT, length, range, rest).into_response()
}

#[tokio::test]
async fn an_interrupted_pull_goes_on_where_it_ended_and_what_is_not_the_model_is_thrown_away() {
    let mirror = Mirror::default();
    let router = Router::new().route("/own/ggml-tiny.bin", axum::routing::get(give)).with_state(mirror.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/own/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut world = World::new("alice").await;
    world.set("APPRENTICE__HEARING__PULL_URL", &base);

    let mut pulling = world.command(&["models", "pull", "tiny"]).stderr(Stdio::null()).spawn().unwrap();
    let part = shelf(&world).join("ggml-tiny.bin.part");
    let come = async {
        while part.metadata().map_or(0, |part| part.len()) < FIRST as u64 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), come).await.expect("nothing came");
    let told = run(&world, &["models", "pull", "tiny"]).await;
    assert_eq!(told.code, Some(1), "two at once: {}", told.said);
    assert_eq!(told.complained, "This model is being fetched already. Wait until that is done.\n");
    pulling.kill().unwrap();
    pulling.wait().unwrap();

    let told = run(&world, &["models", "pull", "tiny"]).await;
    assert_eq!(told.code, Some(1), "{}", told.said);
    assert_eq!(*mirror.0.lock().unwrap(), [String::new(), format!("bytes={FIRST}-")]);
    assert!(told.complained.contains("tiny: 100 %, 1 of 1 MB\n"), "{}", told.complained);
    assert!(
        told.complained.contains("What came is not the model that is known under this name"),
        "{}",
        told.complained
    );
    assert_eq!(std::fs::read_dir(shelf(&world)).unwrap().count(), 0, "it is thrown away");
}

#[tokio::test]
async fn a_server_without_the_model_is_named_as_the_cause() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new()).await });
    let mut world = World::new("alice").await;
    world.set("APPRENTICE__HEARING__PULL_URL", &base);
    let told = run(&world, &["models", "pull", "base"]).await;
    assert_eq!(told.code, Some(1));
    assert_eq!(told.complained, "The server does not give the file out: status 404. Check hearing.pull_url.\n");
}
