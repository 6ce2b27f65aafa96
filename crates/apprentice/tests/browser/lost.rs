//! The bot goes away and comes back, and nothing is lost.

use crate::visit::Visit;
use sim::openai::{self, Answer};

const GONE: [&str; 2] = ["net::ERR_", "Failed to load resource"];

impl Visit {
    /// Kills the bot, and waits until the page says that it is gone.
    async fn lose(&mut self) {
        self.bot.kill();
        self.until("!document.querySelector('#offline').hidden").await;
        let said: String = self.see("document.querySelector('#offline').innerText").await;
        assert!(said.contains("No connection") && said.contains("is kept"), "{said}");
    }

    /// Starts the bot again where it was, and waits until the page has found it.
    async fn find_again(&mut self) {
        self.world.set("APPRENTICE_LISTEN", self.base.trim_start_matches("http://"));
        self.bot = self.world.start();
        self.until("document.querySelector('#offline').hidden").await;
    }
}

#[tokio::test]
async fn what_is_written_without_a_connection_is_sent_when_it_is_back() {
    let mut visit = Visit::embedded().await;
    visit.expected = GONE.to_vec();
    visit.ask("How do I teach you?", "no, it is").await;
    visit.lose().await;
    visit.say("How do I connect Telegram?").await;
    visit.say("/help").await;
    visit.until("document.querySelectorAll('.mine.waiting').length === 2").await;
    visit.find("#words").await.send_keys("a draft").await.unwrap();
    visit.find_again().await;
    visit.told("What I can do for you").await;
    visit.quiet().await;
    let said = visit.transcript().await;
    assert_eq!(said.len(), 6, "{said:?}");
    assert_eq!((said[0].as_str(), said[2].as_str()), ("me: How do I teach you?", "me: How do I connect Telegram?"));
    assert!(said[3].contains("BotFather"), "{said:?}");
    assert_eq!(visit.see::<String>("document.querySelector('#words').value").await, "a draft");
    visit.end().await;
}

#[tokio::test]
async fn an_answer_that_was_being_written_when_the_bot_died_comes_after_all() {
    let slow = openai::Config {
        answer: Answer::Text("slow words ".repeat(200)),
        tokens_per_second: Some(20.0),
        ..openai::Config::default()
    };
    let mut visit = Visit::with(slow).await;
    visit.expected = GONE.to_vec();
    visit.say("Tell me").await;
    visit.told("slow words").await;
    visit.lose().await;
    visit
        .world
        .openai
        .change(|config| (config.answer, config.tokens_per_second) = (Answer::Text("All of it.".into()), None));
    visit.find_again().await;
    visit.told("All of it.").await;
    visit.quiet().await;
    assert_eq!(visit.transcript().await, ["me: Tell me", "bot: All of it."]);
    visit.end().await;
}

#[tokio::test]
async fn a_reload_without_a_connection_forgets_nothing_that_was_written() {
    let mut visit = Visit::embedded().await;
    visit.expected = GONE.to_vec();
    visit.lose().await;
    visit.say("How do I teach you?").await;
    visit.until("document.querySelector('.mine.waiting') !== null").await;
    // Somebody closes the page meanwhile, and opens it again when the bot is back.
    visit.open("about:blank").await;
    visit.world.set("APPRENTICE_LISTEN", visit.base.trim_start_matches("http://"));
    visit.bot = visit.world.start();
    visit.open(&visit.base.clone()).await;
    visit.told("no, it is").await;
    visit.quiet().await;
    assert_eq!(visit.transcript().await.len(), 2);
    visit.end().await;
}
