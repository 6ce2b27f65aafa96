//! A headless Chromium of one's own, driven by chromedriver on a free port. Both are gone when it is dropped.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver};

const ARGUMENTS: [&str; 13] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-breakpad",
    "--disable-dev-shm-usage",
    "--no-default-browser-check",
    "--window-size=1180,860",
];

/// Says what is missing, and how it comes.
const MISSING: &str = "The browser tests need Chromium and chromedriver. `make test` installs them; \
                       by hand: apt-get install chromium chromium-driver";

pub struct Chromium {
    pub driver: WebDriver,
    chromedriver: Child,
    /// Chromium itself, which may outlive its driver.
    process: Option<u64>,
    _profile: TempDir,
}

impl Chromium {
    /// Starts a browser that prefers these languages, with these arguments besides.
    pub async fn start(languages: &str, arguments: &[String]) -> Self {
        for program in ["chromium", "chromedriver"] {
            assert!(is_there(program), "{program} was not found. {MISSING}");
        }
        let mut chromedriver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver does not start: {error}. {MISSING}"));
        let port = port(&mut chromedriver);
        let profile = tempfile::tempdir().unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let started = WebDriver::builder(url, capabilities(&profile, languages, arguments))
            .request_timeout(Duration::from_secs(120))
            .connect()
            .await;
        let driver = started.unwrap_or_else(|error| {
            let _ = chromedriver.kill();
            panic!("Chromium does not start: {error}. {MISSING}")
        });
        let process = driver.capabilities().get("goog:processID").and_then(serde_json::Value::as_u64);
        Self { driver, chromedriver, process, _profile: profile }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.chromedriver.kill();
        let _ = self.chromedriver.wait();
        if let Some(process) = self.process {
            let _ = Command::new("kill").args(["-KILL", &process.to_string()]).stderr(Stdio::null()).status();
        }
        // Its session ended with it; nobody is there to be told.
        let _ = self.driver.clone().leak();
    }
}

fn is_there(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|path| path.join(program).is_file())
}

/// The port that chromedriver says it took.
fn port(chromedriver: &mut Child) -> u16 {
    let stdout = chromedriver.stdout.take().unwrap();
    let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let port =
        lines.find_map(|line| line.split("started successfully on port ").nth(1)?.trim_end_matches('.').parse().ok());
    // What else it says must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    port.expect("chromedriver named no port")
}

fn capabilities(profile: &TempDir, languages: &str, arguments: &[String]) -> thirtyfour::ChromeCapabilities {
    let mut wanted = DesiredCapabilities::chrome();
    for argument in ARGUMENTS.into_iter().chain(arguments.iter().map(String::as_str)) {
        wanted.add_arg(argument).unwrap();
    }
    wanted.add_arg(&format!("--user-data-dir={}", profile.path().display())).unwrap();
    let preferences = serde_json::json!({ "intl.accept_languages": languages });
    wanted.add_experimental_option("prefs", preferences).unwrap();
    wanted.set_browser_log_level(LoggingPrefsLogLevel::All).unwrap();
    wanted
}
