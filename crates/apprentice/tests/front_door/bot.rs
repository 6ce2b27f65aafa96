//! The shipped binary, started against simulators in a directory of its own, and killed at will.

use sim::{openai, telegram};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use tempfile::TempDir;

/// A world: simulators and a directory; the bot comes and goes in it.
pub struct World {
    pub telegram: telegram::Server,
    pub openai: openai::Server,
    pub dir: TempDir,
    pub env: Vec<(String, String)>,
}

/// A running bot. Killed when dropped.
pub struct Bot {
    child: Child,
    /// The one-time link to the page.
    pub login: String,
    /// The code that binds an owner, when one was printed.
    pub code: Option<String>,
}

impl World {
    /// A world with Telegram and a language model, whose owner is `owner`.
    pub async fn new(owner: &str) -> Self {
        Self::with(telegram::Config::default(), openai::Config::default(), Some(owner)).await
    }

    pub async fn with(telegram: telegram::Config, openai: openai::Config, owner: Option<&str>) -> Self {
        let telegram = telegram::Server::start(telegram).await;
        let openai = openai::Server::start(openai).await;
        let owner = owner.map(|name| ("APPRENTICE_OWNER", format!("telegram:{}", telegram.person(name).id)));
        let mut env = vec![
            ("TELEGRAM_TOKEN", telegram.token().to_owned()),
            ("TELEGRAM_API_URL", telegram.base_url().to_owned()),
            ("OPENAI_KEY", "sk-sim-key".to_owned()),
            ("OPENAI_BASE_URL", openai.base_url().to_owned()),
            ("OPENAI_MODEL", "sim-small".to_owned()),
            ("APPRENTICE__PROVIDERS__OLLAMA__DETECT", "true".to_owned()),
            ("APPRENTICE_LISTEN", "127.0.0.1:0".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
        ];
        env.extend(owner);
        let env = env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { telegram, openai, dir: tempfile::tempdir().unwrap(), env }
    }

    /// Sets or replaces one variable of the bot's environment.
    pub fn set(&mut self, name: &str, value: &str) {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// Takes one variable away.
    pub fn unset(&mut self, name: &str) {
        self.env.retain(|(known, _)| known != name);
    }

    /// A command of the binary in this world.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apprentice"));
        command.args(arguments).current_dir(self.dir.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("APPRENTICE_DATA", self.dir.path().join("data"));
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts the bot and waits until it says where its page is.
    pub fn start(&self) -> Bot {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log()).unwrap();
        let mut child = self.command(&["run"]).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let (said, hear) = mpsc::channel();
        let stdout = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            BufReader::new(stdout).lines().map_while(Result::ok).for_each(|line| {
                let _ = said.send(line);
            })
        });
        let mut bot = Bot { child, login: String::new(), code: None };
        while bot.login.is_empty() {
            match hear.recv_timeout(Duration::from_secs(60)) {
                Ok(line) => bot.hear(&line),
                Err(_) => panic!("the bot did not start:\n{}", self.read_log()),
            }
        }
        // The code, if any, is printed right after the link.
        while let Ok(line) = hear.recv_timeout(Duration::from_millis(300)) {
            bot.hear(&line);
        }
        bot
    }

    fn log(&self) -> std::path::PathBuf {
        self.dir.path().join("log")
    }

    /// Everything the bot has logged, over all its lives.
    pub fn read_log(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// Ends a test: nothing wrong was sent, nothing is left open, no error was logged, no secret.
    pub async fn check(&self, bot: &mut Bot) {
        self.telegram.await_quiet(Duration::from_millis(300)).await;
        // What is quiet outside may still be committed inside, on a slow disk.
        let mut open = self.open_work();
        for _ in 0..100 {
            if open.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            open = self.open_work();
        }
        bot.stop();
        let log = self.read_log();
        assert_eq!(self.telegram.violations(), Vec::<String>::new(), "{log}");
        assert_eq!(self.openai.violations(), Vec::<String>::new(), "{log}");
        assert!(open.is_empty(), "left open: {open:?}\n{log}");
        assert!(!log.contains("ERROR"), "{log}");
        for secret in ["sk-sim-key", self.telegram.token()] {
            assert!(!log.contains(secret), "a secret is in the log");
        }
    }

    /// Lines of `apprentice work list` that name an item.
    pub fn open_work(&self) -> Vec<String> {
        let output = self.command(&["work", "list"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .filter(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit()))
            .map(str::to_owned)
            .collect()
    }

    /// The last request that a model got, as text.
    pub fn last_request(&self) -> String {
        self.openai.requests().last().unwrap().body.to_string()
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}

impl Bot {
    fn hear(&mut self, line: &str) {
        if let Some(at) = line.find("http://") {
            line[at..].trim().clone_into(&mut self.login);
        }
        if let Some(at) = line.find("/start ") {
            self.code = Some(line[at + 7..].trim().to_owned());
        }
    }

    /// SIGKILL: no warning, no clean-up.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The command lines of the processes that it has started and that are still there.
    pub fn children(&self) -> Vec<String> {
        let own = self.child.id().to_string();
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
        let of_bot = processes.filter(|path| {
            let stat = std::fs::read_to_string(path.join("stat")).unwrap_or_default();
            // The name in brackets may hold anything; the state and then the parent follow it.
            stat.rsplit(')').next().is_some_and(|rest| rest.split_whitespace().nth(1) == Some(own.as_str()))
        });
        let command = |path: std::path::PathBuf| std::fs::read(path.join("cmdline")).unwrap_or_default();
        of_bot.map(|path| String::from_utf8_lossy(&command(path)).replace('\0', " ")).collect()
    }

    /// SIGTERM, and waits for the end.
    pub fn stop(&mut self) {
        let _ = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        self.kill();
    }
}
