//! Asking a release a question with a known answer: without the conversation, without the lessons that it is tested on,
//! and once only: the answer is kept, so that a test that is taken up again costs nothing twice.

use crate::answer::Question;
use crate::bot::{Bot, now};
use crate::knowledge::Mind;
use crate::media::see::Shown;
use crate::release;
use crate::think::{self, Asking};
use domain::chat::Tokens;
use domain::exchange::Scope;
use domain::ids::{MessageId, Millis};
use domain::object::Object;
use domain::person::{ChatPrefs, Lang};
use domain::text;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// How a release answered a question.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Sample {
    id: String,
    /// The answer; empty when there is none.
    pub answer: String,
    /// Why there is none; empty when there is one.
    pub error: String,
    /// What answered.
    pub model: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Tokens used.
    pub tokens: Tokens,
    /// Milliseconds it took.
    pub ms: i64,
    /// Millionths of a US dollar, where the price is known.
    pub micro_usd: Option<u64>,
    at: Millis,
}

impl Object for Sample {
    const KIND: &'static str = "sample";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn state(&self) -> &'static str {
        "kept"
    }
    fn person(&self) -> &'static str {
        ""
    }
    fn at(&self) -> Millis {
        self.at
    }
}

impl Sample {
    /// No answer, and why.
    pub fn failed(error: &str) -> Self {
        Self { error: error.to_owned(), ..Self::default() }
    }
}

/// Who is asked, and under what name the answers are kept.
pub struct Examinee<'a> {
    /// The bot.
    pub bot: &'a Bot,
    /// The release and what it knows.
    pub mind: &'a Mind,
    /// What its answers are kept under: everything that they depend on beside the question.
    pub key: String,
    /// What is added to its instructions.
    pub system: String,
    /// Whose lessons count.
    pub scopes: Vec<Scope>,
    /// The language of its own words.
    pub lang: Lang,
    /// Ends it.
    pub stop: &'a CancellationToken,
}

impl Examinee<'_> {
    /// Its answer to a question: the one that was kept, else a new one, which is kept unless it failed.
    pub async fn ask(&self, question: &str) -> anyhow::Result<Sample> {
        let prefs = ChatPrefs { system: Some(self.system.clone()).filter(|s| !s.is_empty()), ..ChatPrefs::default() };
        let asking = Asking {
            shown: Shown::default(),
            read: &[],
            bot: self.bot,
            mind: self.mind.clone(),
            scopes: self.scopes.clone(),
            prefs: &prefs,
            log: &[],
            summary: "",
            looked_back_fully: false,
            group: false,
            lang: self.lang,
            alone: true,
            stop: self.stop,
        };
        let key = format!("{}\n{}\n{}\n{question}", self.key, release::surroundings(&asking), self.system);
        let id = blake3::hash(key.as_bytes()).to_hex().to_string();
        if let Some(kept) = self.bot.store.object::<Sample>(&id).await? {
            return Ok(kept);
        }
        let sample = self.ask_anew(&asking, id, question).await?;
        if sample.error.is_empty() {
            self.bot.store.put(&sample).await?;
        }
        Ok(sample)
    }

    async fn ask_anew(&self, asking: &Asking<'_>, id: String, question: &str) -> anyhow::Result<Sample> {
        let question = Question::plain(question.to_owned(), MessageId::from("test"));
        let from = now();
        let thought = think::think(asking, &question, &mut |_| {}).await?;
        let (at, lang) = (now(), self.lang);
        Ok(match thought {
            Ok(thought) => Sample {
                id,
                fingerprint: release::of(asking, &thought).id.0,
                micro_usd: self.bot.settings.current().prices.cost_micro_usd(&thought.model, &thought.tokens),
                answer: thought.markdown,
                error: String::new(),
                model: thought.model,
                tokens: thought.tokens,
                ms: at.since(from),
                at,
            },
            Err(sorry) => Sample {
                id,
                answer: String::new(),
                error: text::say_with(lang, sorry.key, &sorry.args),
                model: sorry.model,
                fingerprint: String::new(),
                tokens: Tokens::default(),
                ms: at.since(from),
                micro_usd: None,
                at,
            },
        })
    }
}
