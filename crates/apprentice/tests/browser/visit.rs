//! Somebody at the page: a world with a bot, a browser that is logged in, and what one does and sees there.

use crate::bot::{Bot, World};
use crate::chromium::Chromium;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sim::{openai, telegram};
use std::time::{Duration, Instant};
use thirtyfour::{By, Key, WebElement};

/// How long something may take to come into view, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(90);

pub struct Visit {
    pub world: World,
    pub bot: Bot,
    pub browser: Chromium,
    /// `http://127.0.0.1:port`
    pub base: String,
    /// Parts of browser errors that belong to the story.
    pub expected: Vec<&'static str>,
}

impl Visit {
    /// A page that the embedded model answers, logged in.
    pub async fn embedded() -> Self {
        Self::speaking("en-US,en", None).await
    }

    /// A page that a language model answers, logged in.
    pub async fn with(openai: openai::Config) -> Self {
        Self::speaking("en-US,en", Some(openai)).await
    }

    /// A page in a browser that prefers these languages, logged in.
    pub async fn speaking(languages: &str, openai: Option<openai::Config>) -> Self {
        Self::in_browser(languages, openai, &[]).await
    }

    /// The same, in a browser that is started with these arguments besides.
    pub async fn in_browser(languages: &str, openai: Option<openai::Config>, arguments: &[String]) -> Self {
        let embedded = openai.is_none();
        let mut world = World::with(telegram::Config::default(), openai.unwrap_or_default(), None).await;
        for name in ["TELEGRAM_TOKEN", "TELEGRAM_API_URL"] {
            world.unset(name);
        }
        if embedded {
            for name in ["OPENAI_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"] {
                world.unset(name);
            }
            world.set("APPRENTICE__MODEL__CHAIN", "embedded");
        }
        let start = tokio::task::spawn_blocking(move || (world.start(), world));
        let (started, browser) = tokio::join!(start, Chromium::start(languages, arguments));
        let (bot, world) = started.unwrap();
        let base = bot.login.split("/login").next().unwrap().to_owned();
        let visit = Self { world, bot, browser, base, expected: Vec::new() };
        visit.open(&visit.bot.login).await;
        visit.until("document.querySelector('#log') !== null").await;
        visit
    }

    /// Ends the story: no error in the browser, nothing left open in the bot.
    pub async fn end(mut self) {
        let log = self.browser.driver.browser_log().await.unwrap();
        let wrong: Vec<_> = log
            .iter()
            .filter(|entry| !["INFO", "DEBUG"].contains(&entry.level.as_str()))
            .map(|entry| format!("{}: {}", entry.level, entry.message))
            .filter(|line| !self.expected.iter().any(|part| line.contains(part)))
            .collect();
        assert!(wrong.is_empty(), "the browser says: {wrong:#?}");
        self.until_nothing_is_open().await;
        self.bot.stop();
        let log = self.world.read_log();
        assert_eq!(self.world.openai.violations(), Vec::<String>::new(), "{log}");
        assert!(!log.contains("ERROR") && !log.contains("sk-sim-key"), "{log}");
    }

    /// Waits until the bot has nothing left to do, and checks that nothing was set aside.
    pub async fn until_nothing_is_open(&self) {
        let begun = Instant::now();
        loop {
            let ready: Value = reqwest::get(format!("{}/readyz", self.base)).await.unwrap().json().await.unwrap();
            if ready["open"] == 0 {
                return assert_eq!(ready["parked"], 0, "{ready}");
            }
            assert!(begun.elapsed() < PATIENCE, "left open: {ready}\n{}", self.world.read_log());
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    pub async fn open(&self, url: &str) {
        self.browser.driver.goto(url).await.unwrap();
    }

    pub async fn reload(&self) {
        self.browser.driver.refresh().await.unwrap();
        self.until("document.readyState === 'complete'").await;
    }

    /// What a script makes of the page.
    pub async fn see<T: DeserializeOwned>(&self, expression: &str) -> T {
        let script = format!("return {expression}");
        let value = self.browser.driver.execute(script, Vec::<Value>::new()).await;
        value.unwrap_or_else(|error| panic!("{expression}: {error}")).convert().unwrap()
    }

    /// Waits until something is true of the page.
    pub async fn until(&self, expression: &str) {
        let begun = Instant::now();
        loop {
            // While a page is being replaced there is nothing to look at.
            let script = format!("return Boolean({expression})");
            let seen = self.browser.driver.execute(script, Vec::<Value>::new()).await;
            if seen.as_ref().is_ok_and(|value| value.json() == &json!(true)) {
                return;
            }
            if begun.elapsed() > PATIENCE {
                let html: String = self.see("document.body.innerText").await;
                panic!("never true: {expression} ({seen:?})\n{html}\n{}", self.world.read_log());
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    pub async fn find(&self, selector: &str) -> WebElement {
        self.browser.driver.find(By::Css(selector)).await.unwrap_or_else(|error| panic!("{selector}: {error}"))
    }

    /// The last of its kind.
    pub async fn last(&self, selector: &str) -> WebElement {
        self.browser.driver.find_all(By::Css(selector)).await.unwrap().pop().unwrap_or_else(|| panic!("no {selector}"))
    }

    /// Types into whatever has the focus.
    pub async fn keys(&self, keys: impl Into<thirtyfour::TypingData>) {
        self.browser.driver.action_chain().send_keys(keys).perform().await.unwrap();
    }

    /// Writes a message and sends it.
    pub async fn say(&self, text: &str) {
        self.find("#words").await.send_keys(text.to_owned() + Key::Enter).await.unwrap();
    }

    /// Asks, and waits for the answer.
    pub async fn ask(&self, text: &str, answer: &str) {
        self.say(text).await;
        self.told(answer).await;
        self.quiet().await;
    }

    /// Waits until the last thing that the bot said has these words.
    pub async fn told(&self, words: &str) {
        self.until(&format!(
            "[...document.querySelectorAll('.theirs .bubble')].at(-1)?.innerText.includes({})",
            json!(words)
        ))
        .await;
    }

    /// Waits until nothing is being answered or sent.
    pub async fn quiet(&self) {
        self.until(
            "document.querySelector('#stop').hidden && !document.querySelector('.waiting') && \
             !document.querySelector('#log[aria-busy=true]')",
        )
        .await;
    }

    /// The line about what was done last.
    pub async fn noted(&self, words: &str) {
        self.until(&format!(
            "!document.querySelector('#note').hidden && document.querySelector('#note').innerText.includes({})",
            json!(words)
        ))
        .await;
    }

    /// Everything said so far, in order: `me:` and `bot:`.
    pub async fn transcript(&self) -> Vec<String> {
        self.see(
            "[...document.querySelectorAll('#log article')].map((article) => \
             (article.classList.contains('mine') ? 'me: ' : 'bot: ') + article.querySelector('.bubble').innerText.trim())",
        )
        .await
    }

    /// What a script's promise comes to.
    pub async fn see_later(&self, promise: &str) -> String {
        let script = format!("const done = arguments[0]; ({promise}).then(done, (error) => done(String(error)));");
        self.browser.driver.execute_async(script, Vec::<Value>::new()).await.unwrap().convert().unwrap()
    }

    /// Keeps what the window shows, where the environment says where to: for people who want to look at it.
    pub async fn keep(&self, name: &str) {
        let Some(directory) = std::env::var_os("APPRENTICE_TEST_PICTURES") else { return };
        let path = std::path::Path::new(&directory).join(format!("{name}.png"));
        self.browser.driver.screenshot(&path).await.unwrap();
    }

    /// Gives files to the page as if they had been dropped on it (`drop`) or pasted into the box (`paste`): name, media
    /// type, and a script's expression for what is in each.
    pub async fn give(&self, how: &str, files: &[(&str, &str, String)]) {
        let files: Vec<String> = files
            .iter()
            .map(|(name, mime, made)| format!("new File([await {made}], {}, {{ type: {} }})", json!(name), json!(mime)))
            .collect();
        let happens = match how {
            "paste" => {
                "document.querySelector('#words').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))"
            }
            _ => {
                "['dragenter', 'dragover', 'drop'].forEach((kind) => document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true })))"
            }
        };
        let script = format!(
            "const data = new DataTransfer(); for (const file of [{}]) data.items.add(file); {happens};",
            files.join(", ")
        );
        let asynchronous = format!(
            "const done = arguments[0]; (async () => {{ {script} }})().then(() => done(null), (error) => done(String(error)));"
        );
        let told = self.browser.driver.execute_async(asynchronous, Vec::<Value>::new()).await.unwrap();
        assert_eq!(told.json(), &Value::Null, "the files could not be given");
    }

    /// Makes the window so wide and so high; a narrow one is a phone's.
    pub async fn resize(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.browser.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", size).await.unwrap();
    }
}
