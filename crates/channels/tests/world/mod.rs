//! Alice's chat with a bot, and what its deliveries keep: shared by the tests of what is sent and fetched.

use channels::telegram::{Config, Failure, Instead, Ledger, Lost, Opened, Telegram};
use domain::ids::MessageId;
use domain::incoming::{Channel, ChatKind, Place};
use domain::outgoing::{Contents, Outgoing};
use domain::work::{Delivery, Sent};
use futures::future::BoxFuture;
use sim::telegram::{Message, Server, Talk};
use std::io;
use tempfile::TempDir;

/// Keeps nothing but what was saved last; files lie in a directory of its own.
pub struct Kept {
    pub saved: Option<Sent>,
    pub delivered: Vec<MessageId>,
    pub files: TempDir,
    pub instead: Vec<Instead>,
}

impl Kept {
    pub fn new() -> Self {
        let files = tempfile::tempdir().unwrap();
        Self { saved: None, delivered: Vec::new(), files, instead: Vec::new() }
    }
}

impl Ledger for Kept {
    fn save(&mut self, sent: Sent) -> BoxFuture<'_, Result<(), Lost>> {
        self.saved = Some(sent);
        Box::pin(std::future::ready(Ok(())))
    }
    fn delivered_above(&mut self, _: i64) -> BoxFuture<'_, Vec<MessageId>> {
        Box::pin(std::future::ready(self.delivered.clone()))
    }
    fn open<'a>(&'a mut self, contents: &'a Contents) -> BoxFuture<'a, io::Result<Opened>> {
        let name = match contents {
            Contents::Stored { path } => path,
            Contents::Blob { id } => id,
            Contents::Text(text) => text,
        };
        let path = self.files.path().join(name);
        Box::pin(async move { Opened::file(&path).await })
    }
    fn instead(&mut self, what: Instead) {
        self.instead.push(what);
    }
}

pub struct World {
    pub server: Server,
    pub telegram: Telegram,
    pub alice: Talk,
    pub place: Place,
    pub kept: Kept,
}

impl World {
    pub async fn new() -> Self {
        let server = Server::start(sim::telegram::Config { limits: None, ..sim::telegram::Config::default() }).await;
        let alice = server.person("alice").private();
        alice.say("hello");
        let place =
            Place { channel: Channel::Telegram, chat: alice.id.to_string(), thread: None, kind: ChatKind::Private };
        Self { telegram: telegram(&server), server, alice, place, kept: Kept::new() }
    }

    /// Another process takes over: it knows what was saved and nothing else.
    pub fn restart(&mut self) {
        self.telegram = telegram(&self.server);
    }

    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        std::fs::write(self.kept.files.path().join(name), contents).unwrap();
    }

    pub async fn deliver(&mut self, outgoing: Outgoing) -> Result<Vec<MessageId>, Failure> {
        self.resume(outgoing, Sent::default(), false).await
    }

    pub async fn resume(&mut self, outgoing: Outgoing, sent: Sent, again: bool) -> Result<Vec<MessageId>, Failure> {
        let delivery = Delivery { place: self.place.clone(), outgoing, sent, then: None };
        self.telegram.deliver(&delivery, again, &mut self.kept).await
    }

    /// What the bot shows now.
    pub fn shown(&self) -> Vec<Message> {
        self.alice.messages().into_iter().filter(|message| message.by_bot).collect()
    }

    pub fn the_only(&self) -> Message {
        let [one] = <[Message; 1]>::try_from(self.shown()).unwrap_or_else(|_| panic!("{}", self.alice.transcript()));
        one
    }

    pub fn keeps_the_rules(&self) {
        assert_eq!(self.server.violations(), [""; 0]);
    }
}

pub fn telegram(server: &Server) -> Telegram {
    Telegram::new(config(server)).unwrap()
}

pub fn config(server: &Server) -> Config {
    Config { api_url: server.base_url().to_owned(), poll_timeout_s: 1, ..Config::new(server.token()) }
}

/// The beginning of a picture of that size, which is all that is looked at, and a mark to tell it by.
pub fn png(width: u32, height: u32, mark: &str) -> Vec<u8> {
    let head: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    [head, &width.to_be_bytes(), &height.to_be_bytes(), &[8, 2, 0, 0, 0, 0, 0, 0, 0], mark.as_bytes()].concat()
}
