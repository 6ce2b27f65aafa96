//! What the stories of the learning loop have in common: a model that learns from its prompt, people who talk, and the
//! owner's page.

use crate::bot::{Bot, World};
use serde_json::{Value, json};
use sim::openai::{self, Answer, Student};
use sim::telegram::{self, Message, Talk};
use std::time::Duration;

/// What the student says where it was taught nothing.
pub const UNTAUGHT: &str = "I was not taught that.";

/// A world in which everybody may talk, without the platform's limits, which have stories of their own.
pub async fn world(openai: openai::Config) -> World {
    let telegram = telegram::Config { limits: None, ..telegram::Config::default() };
    let mut world = World::with(telegram, openai, Some("alice")).await;
    world.set("APPRENTICE_ACCESS", "open");
    for limit in ["CHAT_PER_S", "GROUP_PER_MIN", "GLOBAL_PER_S"] {
        world.set(&format!("APPRENTICE__TELEGRAM__LIMITS__{limit}"), "0");
    }
    world
}

/// Such a world with a model that learns from its prompt.
pub async fn student() -> World {
    world(openai::Config::answering(Answer::Student(Student::saying(UNTAUGHT)))).await
}

/// Such a world without a language model.
pub async fn embedded() -> World {
    let mut world = world(openai::Config::default()).await;
    for name in ["OPENAI_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"] {
        world.unset(name);
    }
    world.set("APPRENTICE__MODEL__CHAIN", "embedded");
    world
}

/// Says something and waits for what is said to it.
pub async fn ask(talk: &Talk, text: &str) -> Message {
    let said = talk.say(text);
    talk.await_reply(said).await
}

/// Presses a button and waits for the message that it brings, which holds these words.
pub async fn tap(talk: &Talk, on: &Message, button: &str, brings: &str) -> Message {
    let newest = talk.messages().iter().map(|message| message.id).max().unwrap_or(0);
    talk.press_on(on.id, button);
    talk.await_message(|message| message.id > newest && message.text.contains(brings)).await
}

/// What the buttons under a message say.
pub fn labels(message: &Message) -> Vec<String> {
    message.buttons().into_iter().flatten().map(|button| button.label).collect()
}

/// The last word of a button's command: the id that it is about.
pub fn id_of(message: &Message, button: &str) -> String {
    let found = message.buttons().into_iter().flatten().find(|known| known.label == button);
    let data = found.unwrap_or_else(|| panic!("no {button} under {}", message.text)).data;
    data.split_whitespace().nth(1).unwrap_or_default().to_owned()
}

/// The records that `/export` hands out, of one kind.
pub async fn exported(talk: &Talk, kind: &str) -> Vec<Value> {
    let said = talk.say("/export");
    let file = talk.await_message(|message| message.id > said && message.document().is_some()).await;
    let text = String::from_utf8(file.document().unwrap().bytes.to_vec()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["kind"] == kind).map(|line| line["body"].clone()).collect()
}

/// Lets somebody do more; the owner says so.
pub async fn role(world: &World, owner: &Talk, name: &str, role: &str) {
    let said = ask(owner, &format!("/role telegram:{} {role}", world.telegram.person(name).id)).await;
    assert!(said.text.contains(role), "{}", said.text);
}

/// How many answers the model was asked for.
pub fn asked(world: &World) -> usize {
    world.openai.requests().iter().filter(|request| request.path.ends_with("/chat/completions")).count()
}

/// The owner's page, spoken to as its script does.
pub struct Page {
    base: String,
    cookie: String,
    client: reqwest::Client,
}

impl Page {
    /// Logs in by the link that was printed.
    pub async fn open(bot: &Bot) -> Self {
        let client = reqwest::Client::new();
        let response = client.get(&bot.login).send().await.unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let base = bot.login.split("/login").next().unwrap().to_owned();
        Self { base, cookie, client }
    }

    /// Says something.
    pub async fn say(&self, id: &str, text: &str) {
        let request = self.client.post(format!("{}/say", self.base)).header("origin", &self.base);
        let sent = request.header("cookie", &self.cookie).json(&json!({"id": id, "text": text})).send().await.unwrap();
        assert!(sent.status().is_success(), "{}", sent.status());
    }

    /// Says something that the bot answers with words of its own, which hold these.
    pub async fn is_told(&self, id: &str, text: &str, words: &str) {
        let request = self.client.get(format!("{}/events", self.base)).header("cookie", &self.cookie);
        let mut events = request.send().await.unwrap();
        let mut heard = String::from_utf8_lossy(&events.chunk().await.unwrap().unwrap()).into_owned();
        self.say(id, text).await;
        while !heard.contains(words) {
            let next = tokio::time::timeout(Duration::from_secs(60), events.chunk()).await;
            let chunk = next.unwrap_or_else(|_| panic!("the page was not told {words}: {heard}"));
            heard.push_str(&String::from_utf8_lossy(&chunk.unwrap().unwrap()));
        }
    }

    /// Waits until the conversation shows these words.
    pub async fn shows(&self, words: &str) {
        let mut seen = String::new();
        for _ in 0..600 {
            let request = self.client.get(format!("{}/history", self.base)).header("cookie", &self.cookie);
            seen = request.send().await.unwrap().text().await.unwrap();
            if seen.contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the page does not show {words}: {seen}");
    }
}
