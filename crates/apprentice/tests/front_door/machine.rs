//! As those who run it see it: health, logs, the webhook, replicas, copies, the command line.

use crate::bot::{Bot, World};
use sim::openai::{self, Answer};
use sim::telegram;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

fn address(bot: &Bot) -> String {
    bot.login.split("/login").next().unwrap().to_owned()
}

async fn get(url: &str) -> (u16, String) {
    let response = reqwest::get(url).await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn it_says_whether_it_lives_and_whether_it_is_ready() {
    let world = World::new("alice").await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("hello");
    alice.await_reply(asked).await;
    while !world.open_work().is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(get(&format!("{}/healthz", address(&bot))).await, (200, "ok".to_owned()));
    let (status, body) = get(&format!("{}/readyz", address(&bot))).await;
    let ready: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &ready["database"]), (200, &serde_json::json!("ok")), "{body}");
    assert!(ready["telegram_last_poll_ms"].as_i64().unwrap() < 60_000 && ready["open"] == 0, "{body}");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn logs_for_machines_have_one_span_per_item_and_no_words_of_people() {
    let mut world = World::new("alice").await;
    world.set("APPRENTICE__LOG__FORMAT", "json");
    world.set("APPRENTICE__LOG__LEVEL", "debug");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("my secret is a plum");
    alice.await_reply(asked).await;
    world.check(&mut bot).await;
    let log = world.read_log();
    assert!(!log.contains("plum"), "{log}");
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_items: Vec<_> = lines.iter().filter(|line| line["span"]["name"] == "work").collect();
    assert!(of_items.iter().any(|line| line["span"]["lane"].as_str().unwrap().starts_with("telegram:")), "{log}");
    assert!(lines.iter().all(|line| line["timestamp"].is_string() && line["level"].is_string()), "{log}");
}

/// One address in front of several processes: a connection goes to the next one that is there.
pub async fn in_front_of(backends: Vec<SocketAddr>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let turn = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (backends, first) = (backends.clone(), turn.fetch_add(1, Ordering::Relaxed));
            tokio::spawn(async move {
                for step in 0..backends.len() {
                    if let Ok(mut server) = TcpStream::connect(backends[(first + step) % backends.len()]).await {
                        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                        return;
                    }
                }
            });
        }
    });
    address
}

pub fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn two_replicas_behind_one_webhook_share_the_work_and_one_is_enough() {
    let answer = Answer::Func(Arc::new(|request: &serde_json::Value| {
        let last = request["messages"].as_array().and_then(|all| all.last()).cloned().unwrap_or_default();
        format!("re: {}", last["content"].as_str().unwrap_or_default())
    }));
    let openai = openai::Config { answer, ..openai::Config::default() };
    let telegram = telegram::Config { limits: None, ..telegram::Config::default() };
    let mut world = World::with(telegram, openai, Some("alice")).await;
    let (first, second) = (free_address(), free_address());
    let front = in_front_of(vec![first, second]).await;
    world.set("DATABASE_URL", &sim::postgres::Server::shared().database());
    world.set("APPRENTICE_ACCESS", "open");
    world.set("APPRENTICE__TELEGRAM__MODE", "webhook");
    world.set("APPRENTICE__BASE_URL", &format!("http://{front}"));
    for limit in ["CHAT_PER_S", "GROUP_PER_MIN", "GLOBAL_PER_S"] {
        world.set(&format!("APPRENTICE__TELEGRAM__LIMITS__{limit}"), "0");
    }
    world.set("APPRENTICE_LISTEN", &first.to_string());
    let mut one = world.start();
    world.set("APPRENTICE_LISTEN", &second.to_string());
    let mut two = world.start();
    world.telegram.await_calls("setWebhook", 2).await;
    let people: Vec<_> = (0..6).map(|n| world.telegram.person(&format!("person{n}")).private()).collect();
    let say = |round: usize| {
        for person in &people {
            person.say(&format!("m{round}"));
        }
    };
    (0..4).for_each(say);
    tokio::time::sleep(Duration::from_millis(30)).await;
    one.kill();
    (4..8).for_each(say);
    for person in &people {
        let seen = person.await_messages(|all| all.iter().filter(|m| m.by_bot).count() >= 8).await;
        let said: Vec<_> = seen.iter().filter(|m| m.by_bot).map(|m| m.text.clone()).collect();
        let wanted: Vec<_> = (0..8).map(|round| format!("re: m{round}")).collect();
        assert_eq!(said, wanted, "{}", person.transcript());
    }
    world.check(&mut two).await;
    let (status, _) = post(&format!("http://{second}/telegram"), "wrong").await.unwrap_or((0, String::new()));
    assert_eq!(status, 0, "it has stopped");
}

async fn post(url: &str, secret: &str) -> Result<(u16, String), reqwest::Error> {
    let update = r#"{"update_id":1,"message":{"message_id":1,"date":1,"text":"hi","chat":{"id":5,"type":"private"},"from":{"id":5,"is_bot":false,"first_name":"X"}}}"#;
    let request = reqwest::Client::new().post(url).header("x-telegram-bot-api-secret-token", secret);
    let response = request.header("content-type", "application/json").body(update).send().await?;
    Ok((response.status().as_u16(), response.text().await?))
}

#[tokio::test]
async fn a_webhook_call_without_the_secret_is_not_telegrams() {
    let mut world = World::new("alice").await;
    let listen = free_address();
    world.set("APPRENTICE_LISTEN", &listen.to_string());
    world.set("APPRENTICE_ACCESS", "open");
    world.set("APPRENTICE__TELEGRAM__MODE", "webhook");
    world.set("APPRENTICE__TELEGRAM__WEBHOOK_SECRET", "right_secret");
    world.set("APPRENTICE__BASE_URL", &format!("http://{listen}"));
    let mut bot = world.start();
    world.telegram.await_calls("setWebhook", 1).await;
    let url = format!("http://{listen}/telegram");
    assert_eq!(post(&url, "wrong").await.unwrap().0, 401);
    assert_eq!(post(&url, "").await.unwrap().0, 401);
    assert!(world.open_work().is_empty());
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("hello");
    alice.await_reply(asked).await;
    world.check(&mut bot).await;
}

/// Runs a command of the binary; whether it succeeded, and what it said.
fn run(world: &World, arguments: &[&str]) -> (bool, String) {
    let output = world.command(arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[tokio::test]
async fn a_copy_made_while_running_brings_everything_back() {
    let mut world = World::new("alice").await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    for text in ["/teach When is lunch? => At noon.", "my word is plum"] {
        let said = alice.say(text);
        alice.await_reply(said).await;
    }
    let copy = world.path().join("copy");
    let copy = copy.to_str().unwrap();
    let (good, said) = run(&world, &["backup", copy]);
    assert!(good && said.contains("copy"), "{said}");
    assert!(run(&world, &["restore", copy, "--check"]).0);
    let (good, said) = run(&world, &["restore", copy]);
    assert!(!good, "what is there is not overwritten unasked: {said}");
    world.check(&mut bot).await;
    std::fs::remove_dir_all(world.path().join("data")).unwrap();
    let (good, said) = run(&world, &["restore", copy]);
    assert!(good, "{said}");
    world.set("APPRENTICE__MODEL__CHAIN", "embedded");
    let mut bot = world.start();
    let asked = alice.say("When is lunch?");
    assert!(alice.await_reply(asked).await.text.contains("At noon."), "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn parked_work_is_listed_with_its_reason_and_tried_again_by_hand() {
    let world = World::new("alice").await;
    let mut bot = world.start();
    let (alice, bob) = (world.telegram.person("alice").private(), world.telegram.person("bobby").private());
    let hello = alice.say("hello");
    alice.await_reply(hello).await;
    let allow = alice.say(&format!("/allow telegram:{}", world.telegram.person("bobby").id));
    alice.await_reply(allow).await;
    world.openai.change(|config| config.tokens_per_second = Some(5.0));
    bob.say("are you there?");
    world.openai.await_streaming(1).await;
    bob.block();
    let listed = alice.say("/work");
    for _ in 0..100 {
        if !world.open_work().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    alice.await_reply(listed).await;
    let (mut good, mut said) = (false, String::new());
    for _ in 0..200 {
        (good, said) = run(&world, &["work", "list"]);
        if said.contains("parked") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(good && said.contains("parked") && said.contains("blocked"), "{said}\n{}", world.read_log());
    bob.unblock();
    let id = said.trim().split('\t').next().unwrap().to_owned();
    assert!(run(&world, &["work", "retry", &id]).1.contains('✓'));
    bob.await_message(|m| m.by_bot && m.text.contains("are you there?")).await;
    world.telegram.await_quiet(Duration::from_millis(300)).await;
    assert_eq!(world.open_work(), Vec::<String>::new(), "{}", world.read_log());
    bot.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_settings_and_the_doctor_speak_plainly_and_keep_secrets() {
    let openai = openai::Config { key: Some("sk-sim-key".to_owned()), ..openai::Config::default() };
    let mut world = World::with(telegram::Config::default(), openai, Some("alice")).await;
    let (good, said) = run(&world, &["config"]);
    assert!(good && said.contains("OPENAI_KEY") && !said.contains("sk-sim-key"), "{said}");
    assert!(!said.contains(world.telegram.token()), "{said}");
    let (good, said) = run(&world, &["doctor"]);
    assert!(good && said.contains("apprentice_sim_bot"), "{said}");
    world.set("OPENAI_KEY", "sk-wrong");
    let (good, said) = run(&world, &["doctor"]);
    assert!(!good && !said.contains("sk-wrong"), "{said}");
    world.set("LANG", "ru_RU.UTF-8");
    world.set("APPRENTICE__TELEGRAM__TOKN", "x");
    let (good, said) = run(&world, &["config"]);
    assert!(!good && said.contains("telegram.token") && said.contains("tokn"), "{said}");
}

#[tokio::test]
async fn two_pollers_and_a_wrong_token_are_explained_and_the_page_goes_on() {
    let mut world = World::new("alice").await;
    world.set("TELEGRAM_TOKEN", "123456:wrong_wrong_wrong_wrong_wrong_wrong_");
    let mut bot = world.start();
    for _ in 0..100 {
        if world.read_log().contains("@BotFather") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(world.read_log().contains("get one from @BotFather"), "{}", world.read_log());
    assert_eq!(get(&format!("{}/healthz", address(&bot))).await.0, 200);
    bot.stop();
    let token = world.telegram.token().to_owned();
    world.set("TELEGRAM_TOKEN", &token);
    let mut first = world.start();
    world.set("APPRENTICE_DATA", world.path().join("other").to_str().unwrap());
    let mut second = world.start();
    for _ in 0..300 {
        if world.read_log().contains("another process polls") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(world.read_log().contains("another process polls with the same token"), "{}", world.read_log());
    second.stop();
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("hello");
    alice.await_reply(asked).await;
    first.stop();
}

#[tokio::test]
async fn with_a_full_disk_people_are_told_and_answered_when_there_is_room() {
    let mut world = World::new("alice").await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let hello = alice.say("hello");
    alice.await_reply(hello).await;
    bot.stop();
    let database = world.path().join("data/apprentice.db");
    world.set("DATABASE_URL", &format!("sqlite://{}?max_pages=1", database.display()));
    let mut bot = world.start();
    let long = "поместится ли это? ".repeat(200);
    let first = alice.say(&long);
    let told = alice.await_draft(|draft| draft.text.contains("My disk is full")).await;
    assert!(told.text.contains("E-FULL"), "{}", told.text);
    let page = address(&bot);
    assert_eq!(get(&format!("{page}/healthz")).await.0, 200, "it lives");
    alice.say("and this?");
    bot.stop();
    world.set("DATABASE_URL", &format!("sqlite://{}", database.display()));
    let mut bot = world.start();
    alice.await_message(|m| m.by_bot && m.id > first && m.text.contains("поместится ли это?")).await;
    alice.await_message(|m| m.by_bot && m.id > first && m.text.contains("and this?")).await;
    assert!(!alice.messages().iter().any(|m| m.text.contains("My disk is full")), "{}", alice.transcript());
    bot.stop();
    assert_eq!(world.open_work(), Vec::<String>::new());
}
