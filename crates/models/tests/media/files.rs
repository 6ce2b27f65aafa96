#[path = "tiny.rs"]
mod tiny;

use apprentice_models::files::{FileFault, Known, NoModel, Shelf, check, known};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Response};
use sha1::{Digest as _, Sha1};
use std::sync::{Arc, Mutex};

/// Serves one file; each answer ends after so many bytes while there are such numbers left.
struct Served {
    base: String,
    ranges: Arc<Mutex<Vec<String>>>,
}

async fn serve(file: Vec<u8>, cuts: Vec<usize>, takes_ranges: bool) -> Served {
    let ranges: Arc<Mutex<Vec<String>>> = Arc::default();
    let (seen, cuts) = (ranges.clone(), Arc::new(Mutex::new(cuts)));
    let answer = move |headers: HeaderMap| {
        let asked = headers.get("range").map(|range| range.to_str().unwrap().to_owned()).unwrap_or_default();
        let from = asked.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap_or(0_usize);
        let from = if takes_ranges { from } else { 0 };
        seen.lock().unwrap().push(asked);
        let rest = file[from.min(file.len())..].to_vec();
        let mut cuts = cuts.lock().unwrap();
        let kept = if cuts.is_empty() { rest.len() } else { cuts.remove(0).min(rest.len()) };
        let broken = (kept < rest.len()).then(|| Err(std::io::Error::other("cut")));
        let pieces = rest[..kept].chunks(65_536).map(|piece| Ok(bytes::Bytes::copy_from_slice(piece)));
        let pieces: Vec<_> = pieces.chain(broken).collect();
        let mut response =
            Response::builder().status(if from > 0 { 206 } else { 200 }).header("content-length", rest.len());
        if from > 0 {
            response = response.header("content-range", format!("bytes {from}-{}/{}", file.len() - 1, file.len()));
        }
        std::future::ready(
            response
                .body(Body::from_stream(futures::StreamExt::then(futures::stream::iter(pieces), yielding)))
                .unwrap(),
        )
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/models", listener.local_addr().unwrap());
    let router = Router::new().route("/models/ggml-test.bin", axum::routing::get(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Served { base, ranges }
}

/// Lets the connection write a piece before the next one is asked for.
async fn yielding<T>(piece: T) -> T {
    tokio::task::yield_now().await;
    piece
}

fn described(file: &[u8]) -> Known {
    let sha1 = Sha1::digest(file).iter().map(|byte| format!("{byte:02x}")).collect();
    Known { name: "test".to_owned(), file: "ggml-test.bin".to_owned(), bytes: file.len() as u64, sha1 }
}

fn prepared() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

fn names(shelf: &tempfile::TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(shelf.path()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn a_model_is_loaded_on_from_where_it_broke_and_stands_there_whole() {
    prepared();
    let file = tiny::model();
    let served = serve(file.clone(), vec![300_000, 500_000], true).await;
    let directory = tempfile::tempdir().unwrap();
    let shelf = Shelf::new(directory.path(), Some(&served.base));
    let mut told = Vec::new();
    let stored = shelf.pull_known(&described(&file), |here, whole| told.push((here, whole))).await.unwrap();
    assert_eq!((stored.bytes, std::fs::read(&stored.path).unwrap() == file), (file.len() as u64, true));
    assert!(told.is_sorted() && told.last() == Some(&(stored.bytes, stored.bytes)), "{:?}", told.last());
    let ranges = served.ranges.lock().unwrap().clone();
    assert!(
        ranges.len() == 3 && ranges[0].is_empty() && ranges[1..].iter().all(|range| range.starts_with("bytes=")),
        "{ranges:?}"
    );
    assert_eq!(names(&directory), ["ggml-test.bin"]);
    shelf.pull_known(&described(&file), |_, _| {}).await.unwrap();
    assert_eq!(served.ranges.lock().unwrap().len(), 3, "a right file is not loaded again");
}

#[tokio::test]
async fn a_server_that_knows_no_ranges_is_read_from_the_beginning() {
    prepared();
    let file = tiny::model();
    let served = serve(file.clone(), vec![700_000], false).await;
    let directory = tempfile::tempdir().unwrap();
    let stored =
        Shelf::new(directory.path(), Some(&served.base)).pull_known(&described(&file), |_, _| {}).await.unwrap();
    assert!(std::fs::read(stored.path).unwrap() == file);
}

#[tokio::test]
async fn a_file_with_another_hash_is_thrown_away() {
    prepared();
    let file = tiny::model();
    let served = serve(file.clone(), Vec::new(), true).await;
    let directory = tempfile::tempdir().unwrap();
    let wanted = Known { sha1: "0".repeat(40), ..described(&file) };
    let told = Shelf::new(directory.path(), Some(&served.base)).pull_known(&wanted, |_, _| {}).await;
    assert!(matches!(told, Err(FileFault::WrongHash { found }) if found == described(&file).sha1));
    assert_eq!(names(&directory), [""; 0]);
}

#[tokio::test]
async fn what_is_not_there_too_large_or_unknown_is_told_apart() {
    prepared();
    let file = tiny::model();
    let served = serve(file.clone(), Vec::new(), true).await;
    let directory = tempfile::tempdir().unwrap();
    let shelf = Shelf::new(directory.path(), Some(&served.base));
    let pull = async |wanted: Known| shelf.pull_known(&wanted, |_, _| {}).await.unwrap_err();
    let elsewhere = Known { file: "ggml-other.bin".to_owned(), ..described(&file) };
    assert!(matches!(pull(elsewhere).await, FileFault::Refused { status: 404 }));
    assert!(matches!(pull(Known { bytes: 1000, ..described(&file) }).await, FileFault::TooLarge { most: 1100 }));
    assert!(matches!(shelf.pull("huge", |_, _| {}).await, Err(FileFault::Unknown { .. })));
    assert!(known().iter().any(|known| known.name == "base"));
}

#[test]
fn a_file_is_taken_from_elsewhere_only_when_it_is_a_model() {
    let directory = tempfile::tempdir().unwrap();
    let shelf = Shelf::new(directory.path().join("models"), None);
    assert_eq!(shelf.list().unwrap(), []);
    let (from, whole) = (directory.path().join("mine.bin"), tiny::model());
    std::fs::write(&from, &whole).unwrap();
    let stored = shelf.add(&from).unwrap();
    let header = stored.header.clone().unwrap();
    assert_eq!((stored.name.as_str(), header.tensors, header.is_multilingual()), ("mine", 50, true));
    assert_eq!((shelf.list().unwrap(), shelf.find("mine")), (vec![stored.clone()], Some(stored.path)));
    std::fs::write(&from, b"something else").unwrap();
    assert!(matches!(shelf.add(&from), Err(FileFault::NoModel(NoModel::OtherFile))));
    assert_eq!(shelf.list().unwrap().len(), 1, "what was there stays");
}

#[test]
fn a_model_is_looked_through_to_its_last_byte() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let whole = tiny::model();
    let of = |bytes: &[u8]| {
        std::fs::write(file.path(), bytes).unwrap();
        check(file.path())
    };
    assert!(of(&whole).is_ok());
    for cut in (0..whole.len()).step_by(39_983) {
        assert!(of(&whole[..cut]).is_err(), "{cut}");
    }
    for at in (0..48).step_by(4) {
        let mut changed = whole.clone();
        changed[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(of(&changed).is_err(), "{at}");
    }
    assert!(of(&[&whole[..], b"more"].concat()).is_err());
}
