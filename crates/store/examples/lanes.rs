//! Measures turns through the store: accept, claim, view, record, deliver, in a closed loop.
//!
//! `cargo run --release -p apprentice-store --example lanes -- [chats] [turns] [url]` prints turns
//! per second, and next to them what the engine does at best: the same bytes as plain inserts, many
//! to a commit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing)]

extern crate apprentice_store as store;

use domain::chat::{Finish, Role, Tokens};
use domain::exchange::{Exchange, LogEntry, RequestRef};
use domain::ids::{ExchangeId, MessageId, Millis, PersonId};
use domain::incoming::{Act, Author, Channel, ChatKind, Incoming, Message, Place};
use domain::outgoing::Outgoing;
use domain::work::{Delivery, Job, NewWork, Sent, Work};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use store::{Config, Record, Store};
use tokio::sync::{Mutex, mpsc};

const TEXT: &str = "What would you cook tonight from two eggs, some rice and a tired carrot? Keep it short, please.";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut args = std::env::args().skip(1);
    let chats: usize = args.next().map_or(500, |n| n.parse().unwrap());
    let turns: u64 = args.next().map_or(20_000, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let url = args.next().unwrap_or_else(|| format!("sqlite://{}", folder.path().join("lanes.db").display()));
    let store = Store::open(&Config { url, ..Config::default() }).await.unwrap();
    let kind = store.kind();
    let (took, rates) = run(&store, chats, turns).await;
    let rate = turns as f64 / took.as_secs_f64();
    println!("{kind}, {chats} chats: {rate:.0} turns/s ({turns} turns in {:.2} s)", took.as_secs_f64());
    for (name, mean) in rates {
        println!("  {name:<10} {:>8.2} ms", mean * 1000.0);
    }
    store.close().await;
    let raw = raw(&folder.path().join("raw.db")).await;
    println!("plain inserts of the same bytes, 256 to a commit: {raw:.0}/s; a turn costs {:.1} of them", raw / rate);
}

fn now() -> Millis {
    Millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64)
}

fn place(chat: usize) -> Place {
    Place { channel: Channel::Telegram, chat: format!("{}", 10_000_000 + chat), thread: None, kind: ChatKind::Private }
}

fn said(chat: usize, n: u64) -> NewWork {
    let incoming = Incoming {
        place: place(chat),
        author: author(chat),
        at: now(),
        dedupe: format!("telegram:77:{n}"),
        act: Act::Said(Message {
            id: MessageId(n.to_string()),
            text: TEXT.to_owned(),
            reply_to: None,
            mentions_bot: false,
            attachments: vec![],
            ..Message::default()
        }),
    };
    let (lane, dedupe, not_before) = (incoming.lane(), incoming.dedupe.clone(), incoming.at);
    NewWork {
        lane,
        dedupe,
        job: Job::Handle { incoming: Box::new(incoming), shown: Sent::default() },
        not_before,
        interrupts: false,
    }
}

fn author(chat: usize) -> Author {
    let account = format!("{}", 10_000_000 + chat).into();
    Author { account, name: "Ann".to_owned(), username: None, language: None, is_bot: false }
}

/// Mean seconds of each step.
#[derive(Default)]
struct Steps([AtomicU64; 5]);

impl Steps {
    fn add(&self, step: usize, since: Instant) {
        self.0[step].fetch_add(since.elapsed().as_micros() as u64, Ordering::Relaxed);
    }
    fn means(&self, turns: u64) -> Vec<(&'static str, f64)> {
        let names = ["accept", "wait+claim", "view", "record", "delivered"];
        let mean = |(n, sum): (usize, &AtomicU64)| (names[n], sum.load(Ordering::Relaxed) as f64 / 1e6 / turns as f64);
        self.0.iter().enumerate().map(mean).collect()
    }
}

async fn run(store: &Store, chats: usize, turns: u64) -> (Duration, Vec<(&'static str, f64)>) {
    let begun = Instant::now();
    let steps = Arc::new(Steps::default());
    let (count, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (mut tells, mut hears) = (Vec::new(), Vec::new());
    for _ in 0..chats {
        let (tell, hear) = mpsc::channel::<Instant>(4);
        tells.push(tell);
        hears.push(hear);
    }
    let people: Vec<_> = hears
        .into_iter()
        .enumerate()
        .map(|(chat, hear)| {
            let (store, count, steps) = (store.clone(), count.clone(), steps.clone());
            tokio::spawn(async move { talk(store, chat, count, turns, hear, steps).await })
        })
        .collect();
    let tells = Arc::new(tells);
    while done.load(Ordering::Relaxed) < turns {
        let claimed = store.claim_or_wait("me", 128, 15_000, now(), Duration::from_millis(200)).await.unwrap();
        for work in claimed {
            let (store, done, steps, tells) = (store.clone(), done.clone(), steps.clone(), tells.clone());
            tokio::spawn(async move {
                let mut next = Some(work);
                while let Some(work) = next.take() {
                    next = answer(&store, work, &steps, &tells).await;
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    }
    let took = begun.elapsed();
    people.into_iter().for_each(|person| person.abort());
    (took, steps.means(turns))
}

async fn talk(
    store: Store,
    chat: usize,
    count: Arc<AtomicU64>,
    turns: u64,
    mut hear: mpsc::Receiver<Instant>,
    steps: Arc<Steps>,
) {
    loop {
        let n = count.fetch_add(1, Ordering::Relaxed);
        if n >= turns {
            return;
        }
        let began = Instant::now();
        store.accept(vec![said(chat, n)]).await.unwrap();
        steps.add(0, began);
        let accepted = Instant::now();
        let Some(claimed) = hear.recv().await else { return };
        steps.0[1].fetch_add(claimed.saturating_duration_since(accepted).as_micros() as u64, Ordering::Relaxed);
        let _ = hear.recv().await;
    }
}

async fn answer(store: &Store, work: Work, steps: &Steps, tells: &[mpsc::Sender<Instant>]) -> Option<Work> {
    let Job::Handle { incoming, .. } = &work.job else { return None };
    let chat: usize = incoming.place.chat.parse::<usize>().unwrap() - 10_000_000;
    let _ = tells[chat].send(Instant::now()).await;
    let at = Instant::now();
    let view = store.turn_view(&incoming.place, &incoming.author, now(), 80, 256 * 1024).await.unwrap();
    steps.add(2, at);
    let at = Instant::now();
    store.record(turn(&work, incoming, view.person.id)).await.unwrap();
    steps.add(3, at);
    let at = Instant::now();
    let exchange = ExchangeId(format!("01HX{:022}", work.id));
    let message = MessageId(format!("{}", 1_000_000 + work.id));
    let next = store
        .delivered("me", &work, Some(&exchange), &incoming.place.conversation(), vec![message], now())
        .await
        .unwrap();
    steps.add(4, at);
    let _ = tells[chat].send(Instant::now()).await;
    next
}

fn turn(work: &Work, incoming: &Incoming, person: PersonId) -> Record {
    let id = ExchangeId(format!("01HX{:022}", work.id));
    let line = |role, author| LogEntry {
        seq: 0,
        role,
        author,
        name: "Ann".to_owned(),
        message: None,
        text: TEXT.to_owned(),
        at: now(),
        exchange: Some(id.clone()),
        overheard: false,
    };
    let outgoing = Outgoing { markdown: TEXT.to_owned(), exchange: Some(id.clone()), ..Outgoing::default() };
    let exchange = Exchange {
        id: id.clone(),
        conversation: incoming.place.conversation(),
        person: person.clone(),
        asked: MessageId("1".to_owned()),
        question: TEXT.to_owned(),
        answer: TEXT.to_owned(),
        request: RequestRef::default(),
        release: "abc".into(),
        answered_by: 0,
        model: "echo".to_owned(),
        finish: Finish::Complete,
        tokens: Tokens { prompt: 50, completion: 30, estimated: false },
        micro_usd: 3,
        first_ms: 1,
        total_ms: 2,
        at: now(),
    };
    Record {
        owner: "me".to_owned(),
        work: work.id,
        lane: work.lane.clone(),
        becomes: Some(Delivery { place: incoming.place.clone(), outgoing, sent: Sent::default(), then: None }),
        log: vec![line(Role::User, Some(person)), line(Role::Assistant, None)],
        exchange: Some(exchange),
        fingerprint: Some(store::Fingerprint { id: "abc".into(), parts: "{}".to_owned() }),
        now: now(),
        ..Record::default()
    }
}

/// Plain inserts of about a turn's bytes into a table without indexes, 256 to a commit, per second.
async fn raw(path: &std::path::Path) -> f64 {
    use sqlx::Connection as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .synchronous(sqlx::sqlite::SqliteSynchronous::Full);
    let conn = Mutex::new(sqlx::SqliteConnection::connect_with(&options).await.unwrap());
    let mut conn = conn.lock().await;
    sqlx::query("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT")
        .execute(&mut *conn)
        .await
        .unwrap();
    let body = TEXT.repeat(8);
    let begun = Instant::now();
    let mut rows = 0;
    while begun.elapsed() < Duration::from_secs(2) {
        let mut tx = conn.begin().await.unwrap();
        for _ in 0..256 {
            sqlx::query("INSERT INTO t (body) VALUES ($1)").bind(&body).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        rows += 256;
    }
    f64::from(rows) / begun.elapsed().as_secs_f64()
}
