//! A store of its own for each test, and people and messages to put into it.

use domain::chat::{Finish, Role, Tokens};
use domain::exchange::{Exchange, Lesson, LogEntry, RequestRef, Scope};
use domain::ids::{ConversationId, ExchangeId, Lane, LessonId, MessageId, Millis, PersonId};
use domain::incoming::{Act, Author, Channel, ChatKind, Incoming, Message, Place};
use domain::outgoing::Outgoing;
use domain::work::{Delivery, Job, NewWork, Sent, Work};
use sim::postgres::Server;
use store::{Config, Record, Store};
use tempfile::TempDir;

/// The moment at which every story begins.
pub const NOW: Millis = Millis(1_700_000_000_000);
/// A lease, milliseconds.
pub const LEASE: i64 = 10_000;

/// A database and where it is.
pub struct World {
    pub config: Config,
    pub folder: TempDir,
}

impl World {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("apprentice.db").display());
        Self {
            config: Config { url, blobs: folder.path().join("blobs").display().to_string(), s3: store::S3::default() },
            folder,
        }
    }

    pub fn postgres() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let blobs = folder.path().join("blobs").display().to_string();
        Self { config: Config { url: Server::shared().database(), blobs, s3: store::S3::default() }, folder }
    }

    pub async fn open(&self) -> Store {
        Store::open(&self.config).await.unwrap()
    }
}

/// Tells each story to both engines.
macro_rules! both {
    ($($story:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                super::$story($crate::world::World::sqlite()).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                super::$story($crate::world::World::postgres()).await;
            })+
        }
    };
}
pub(crate) use both;

pub fn place(chat: &str) -> Place {
    Place { channel: Channel::Telegram, chat: chat.to_owned(), thread: None, kind: ChatKind::Private }
}

pub fn conversation(chat: &str) -> ConversationId {
    place(chat).conversation()
}

pub fn lane(chat: &str) -> Lane {
    place(chat).lane()
}

pub fn author(account: &str, name: &str) -> Author {
    Author { account: account.into(), name: name.to_owned(), username: None, language: None, is_bot: false }
}

/// An item that says `text` in a chat; the text makes it one.
pub fn said(chat: &str, text: &str) -> NewWork {
    let incoming = Incoming {
        place: place(chat),
        author: author(chat, "Ann"),
        at: NOW,
        dedupe: format!("{chat}/{text}"),
        act: Act::Said(Message {
            id: MessageId::from(text),
            text: text.to_owned(),
            reply_to: None,
            mentions_bot: false,
            attachments: vec![],
            ..Message::default()
        }),
    };
    NewWork {
        lane: incoming.lane(),
        dedupe: incoming.dedupe.clone(),
        job: Job::Handle { incoming: Box::new(incoming), shown: Sent::default() },
        not_before: NOW,
        interrupts: false,
    }
}

/// What an item says; `-> text` for a delivery.
pub fn text_of(work: &Work) -> String {
    match &work.job {
        Job::Handle { incoming, .. } => match &incoming.act {
            Act::Said(message) => message.text.clone(),
            other => panic!("{other:?}"),
        },
        Job::Deliver(delivery) => format!("-> {}", delivery.outgoing.markdown),
        Job::Speak(speak) => format!("say {}", speak.markdown),
        Job::Summarise { .. } => "summarise".to_owned(),
        Job::Run { .. } => "run".to_owned(),
        Job::Shadow { .. } => "shadow".to_owned(),
    }
}

pub fn delivery(chat: &str, text: &str) -> Delivery {
    let outgoing = Outgoing { markdown: text.to_owned(), ..Outgoing::default() };
    Delivery { place: place(chat), outgoing, sent: Sent::default(), then: None }
}

/// A record that only ends its item.
pub fn record(owner: &str, work: &Work) -> Record {
    Record { owner: owner.to_owned(), work: work.id, lane: work.lane.clone(), now: NOW, ..Record::default() }
}

pub fn entry(role: Role, text: &str, exchange: Option<&str>) -> LogEntry {
    LogEntry {
        seq: 0,
        role,
        author: (role == Role::User).then(|| PersonId::from("ann")),
        name: "Ann".to_owned(),
        message: (role == Role::User).then(|| MessageId::from(text)),
        text: text.to_owned(),
        at: NOW,
        exchange: exchange.map(ExchangeId::from),
        overheard: false,
    }
}

pub fn exchange(id: &str, chat: &str, question: &str, answer: &str) -> Exchange {
    Exchange {
        id: ExchangeId::from(id),
        conversation: conversation(chat),
        person: PersonId::from("ann"),
        asked: MessageId::from(question),
        question: question.to_owned(),
        answer: answer.to_owned(),
        request: RequestRef::default(),
        release: "r1".into(),
        answered_by: 0,
        model: "test/model".to_owned(),
        finish: Finish::Complete,
        tokens: Tokens { prompt: 10, completion: 5, estimated: false },
        micro_usd: 7,
        first_ms: 1,
        total_ms: 2,
        at: NOW,
    }
}

/// A turn's record: question and answer in the log, the exchange, and the delivery.
pub fn answered(owner: &str, work: &Work, chat: &str, id: &str, answer: &str) -> Record {
    let question = text_of(work);
    let mut becomes = delivery(chat, answer);
    becomes.outgoing.exchange = Some(ExchangeId::from(id));
    Record {
        becomes: Some(becomes),
        log: vec![entry(Role::User, &question, Some(id)), entry(Role::Assistant, answer, Some(id))],
        exchange: Some(exchange(id, chat, &question, answer)),
        ..record(owner, work)
    }
}

pub fn lesson(id: &str, scope: Scope, teacher: &str) -> Lesson {
    Lesson {
        id: LessonId::from(id),
        scope,
        question: format!("question of {id}"),
        answer: format!("answer of {id}"),
        teacher: PersonId::from(teacher),
        exchange: None,
        at: NOW,
    }
}

/// Takes the one lane that is due.
pub async fn claim_one(store: &Store, owner: &str, now: Millis) -> Work {
    let mut claimed = store.claim(owner, 10, LEASE, now).await.unwrap();
    assert_eq!(claimed.len(), 1, "{claimed:?}");
    claimed.remove(0)
}
