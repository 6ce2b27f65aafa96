//! Files that people send reach the disk whole, however the way there breaks, and nothing tells the token.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

extern crate apprentice_channels as channels;

#[allow(dead_code, reason = "other tests use the rest")]
mod world;

use channels::telegram::{Config, Failure, LARGEST_DOCUMENT, LARGEST_DOWNLOAD, LARGEST_LOCAL, Telegram};
use domain::incoming::{Act, Attachment, Incoming};
use sim::telegram::{Media, Server, Talk};
use sim::{Fault, Kind};
use std::sync::Mutex;
use tokio_util::sync::CancellationToken;
use world::config;

struct Sent {
    server: Server,
    telegram: Telegram,
    alice: Talk,
}

impl Sent {
    async fn new() -> Self {
        Self::with(sim::telegram::Config::default(), |config| config).await
    }
    async fn with(server: sim::telegram::Config, change: impl Fn(Config) -> Config) -> Self {
        let server = Server::start(server).await;
        let telegram = Telegram::new(change(config(&server))).unwrap();
        let alice = server.person("alice").private();
        Self { telegram, server, alice }
    }
    /// The handle of what alice sends, by the update that the bot gets.
    async fn handle(&self, media: Media) -> String {
        let (end, happened) = (CancellationToken::new(), Mutex::new(Vec::<Incoming>::new()));
        self.alice.send(media);
        let accept = |mut batch: Vec<Incoming>| {
            happened.lock().unwrap().append(&mut batch);
            end.cancel();
            std::future::ready(Ok(()))
        };
        self.telegram.poll(accept, end.clone()).await.unwrap();
        let last = happened.into_inner().unwrap().pop().unwrap();
        let Act::Said(message) = last.act else { panic!("{last:?}") };
        let Some(Attachment::File(file)) = message.attachments.into_iter().next() else { panic!() };
        file.handle
    }
}

fn bytes(many: usize) -> Vec<u8> {
    (0..many).map(|at| (at * 7 % 251) as u8).collect()
}

#[tokio::test]
async fn a_file_streams_to_the_disk_whole() {
    let sent = Sent::new().await;
    let handle = sent.handle(Media::voice(bytes(3_000_000), 600)).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("v");
    let mut file = tokio::fs::File::create(&path).await.unwrap();
    let fetched = sent.telegram.fetch_to(&handle, u64::MAX, &mut file).await.unwrap();
    assert!(fetched.bytes == 3_000_000 && fetched.name.ends_with(".oga"), "{fetched:?}");
    assert!(std::fs::read(path).unwrap() == bytes(3_000_000));
    assert_eq!(sent.server.violations(), [""; 0]);
}

#[tokio::test]
async fn a_download_that_breaks_or_ends_too_soon_is_begun_again_three_times() {
    let kinds = [Kind::HalfBody, Kind::Truncated, Kind::Reset, Kind::Status(502), Kind::Status(404)];
    let each = kinds.into_iter().map(async |kind| {
        let sent = Sent::new().await;
        let handle = sent.handle(Media::document("a.bin", "", bytes(500_000))).await;
        sent.server.faults().push(Fault::on("file", kind.clone()).times(3));
        let fetched = sent.telegram.fetch_file(&handle, u64::MAX).await;
        assert!(fetched.is_ok_and(|fetched| fetched == bytes(500_000)), "{kind:?}");
        assert_eq!(sent.server.faults().waiting(), 0);
        sent.server.faults().push(Fault::on("file", kind.clone()).times(4));
        let failure = sent.telegram.fetch_file(&handle, u64::MAX).await.unwrap_err();
        assert!(matches!(failure, Failure::Broken(_)), "{kind:?}: {failure}");
        assert!(!format!("{failure} {failure:?}").contains(sent.server.token()), "{failure}");
    });
    futures::future::join_all(each).await;
}

#[tokio::test]
async fn a_download_that_is_to_wait_says_for_how_long() {
    let sent = Sent::new().await;
    let handle = sent.handle(Media::document("a.bin", "", "abc")).await;
    for method in ["file", "getFile"] {
        sent.server.faults().push(Fault::on(method, Kind::TooMany { retry_after: 7 }));
        assert_eq!(sent.telegram.fetch_file(&handle, 9).await, Err(Failure::RetryAfter(7000)));
    }
    sent.server.faults().push(Fault::on("file", Kind::Slow(std::time::Duration::from_millis(50))));
    assert_eq!(sent.telegram.fetch_file(&handle, 9).await, Ok(b"abc".to_vec()));
}

#[tokio::test]
async fn what_is_too_big_is_told_apart_before_and_while_it_comes() {
    let sent = Sent::new().await;
    let telegrams = sent.handle(Media::document("a.bin", "", "abc").claiming(LARGEST_DOWNLOAD + 1)).await;
    let told = sent.telegram.fetch_file(&telegrams, u64::MAX).await;
    assert_eq!(told, Err(Failure::TooBig { bytes: None, most: LARGEST_DOWNLOAD }));
    let ours = sent.handle(Media::document("a.bin", "", bytes(1000))).await;
    assert_eq!(sent.telegram.fetch_file(&ours, 999).await, Err(Failure::TooBig { bytes: Some(1000), most: 999 }));
    assert_eq!(sent.telegram.fetch_file(&ours, 1000).await.map(|bytes| bytes.len()), Ok(1000));
    let liar = sent.handle(Media::document("a.bin", "", bytes(1000)).claiming(10)).await;
    assert_eq!(sent.telegram.fetch_file(&liar, 999).await, Err(Failure::TooBig { bytes: None, most: 999 }));
    let told = sent.telegram.fetch_file("nothing", 999).await;
    assert!(matches!(told, Err(Failure::Refused { .. })), "{told:?}");
}

#[tokio::test]
async fn a_server_of_ones_own_shares_its_disk_below_one_directory() {
    let dir = tempfile::tempdir().unwrap();
    let here = |name: &str| {
        let local = Some(dir.path().join(name));
        sim::telegram::Config { local, ..sim::telegram::Config::default() }
    };
    let local = |config: Config| Config { local: true, local_dir: Some(dir.path().to_owned()), ..config };
    let sent = Sent::with(here("a"), local).await;
    let handle = sent.handle(Media::document("a.bin", "", bytes(30 << 20))).await;
    assert_eq!(sent.telegram.fetch_file(&handle, 30 << 20).await.map(|bytes| bytes.len()), Ok(30 << 20));
    assert_eq!((sent.telegram.largest_download(), sent.telegram.largest_upload()), (LARGEST_LOCAL, LARGEST_LOCAL));
    assert_eq!(sent.telegram.fetch_file(&handle, 5).await, Err(Failure::TooBig { bytes: Some(30 << 20), most: 5 }));

    let elsewhere = tempfile::tempdir().unwrap();
    let outside = |config| Config { local_dir: Some(elsewhere.path().to_owned()), ..local(config) };
    let sent = Sent::with(here("b"), outside).await;
    let handle = sent.handle(Media::document("a.bin", "", "abc")).await;
    assert!(matches!(sent.telegram.fetch_file(&handle, 9).await, Err(Failure::Refused { .. })));

    let sent = Sent::with(here("d"), |config| Config { local: true, ..config }).await;
    let handle = sent.handle(Media::document("a.bin", "", "abc")).await;
    assert!(matches!(sent.telegram.fetch_file(&handle, 9).await, Err(Failure::Refused { .. })), "any path is read");

    let sent = Sent::with(here("c"), |config| config).await;
    let handle = sent.handle(Media::document("a.bin", "", "abc")).await;
    assert!(matches!(sent.telegram.fetch_file(&handle, 9).await, Err(Failure::Refused { .. })));
    assert_eq!(
        (sent.telegram.largest_download(), sent.telegram.largest_upload()),
        (LARGEST_DOWNLOAD, LARGEST_DOCUMENT)
    );
}

#[tokio::test]
async fn a_link_out_of_the_servers_directory_is_not_followed() {
    let (dir, secret) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(secret.path().join("key"), "secret").unwrap();
    let server = sim::telegram::Config { local: Some(dir.path().to_owned()), ..sim::telegram::Config::default() };
    let sent =
        Sent::with(server, |config| Config { local: true, local_dir: Some(dir.path().to_owned()), ..config }).await;
    let handle = sent.handle(Media::document("a.bin", "", "abc123")).await;
    sent.telegram.fetch_file(&handle, 9).await.unwrap();
    let kept = std::fs::read_dir(dir.path().join("documents")).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_file(&kept).unwrap();
    std::os::unix::fs::symlink(secret.path().join("key"), &kept).unwrap();
    assert!(matches!(sent.telegram.fetch_file(&handle, 9).await, Err(Failure::Refused { .. })));
}
