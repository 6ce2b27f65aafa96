//! The programs under measurement, as processes of their own.

use crate::drive::World;
use anyhow::Context as _;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running bot; killed when dropped.
pub(crate) struct Bot(Child);

impl Bot {
    /// Starts the echo limit.
    pub(crate) fn echo(world: &World) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("echo");
        Ok(Self(with(command, world).spawn()?))
    }

    /// Starts Apprentice and waits until it says that it runs.
    pub(crate) fn apprentice(world: &World, dir: &Path) -> anyhow::Result<Self> {
        let mut bot = Self::spawn_apprentice(world, dir)?;
        let stdout = bot.0.stdout.take().context("no output")?;
        let mut lines = BufReader::new(stdout).lines();
        lines.by_ref().map_while(Result::ok).find(|line| line.contains("http")).context("it did not start")?;
        // The rest is read, so that the pipe never fills.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(bot)
    }

    /// Starts Apprentice.
    pub(crate) fn spawn_apprentice(world: &World, dir: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(beside("apprentice")?);
        command.arg("run").current_dir(dir).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut command = with(command, world);
        for (name, value) in [
            ("APPRENTICE_ACCESS", "open"),
            ("APPRENTICE_LISTEN", "127.0.0.1:0"),
            ("APPRENTICE_OWNER", "telegram:1"),
            ("APPRENTICE__LOG__LEVEL", "error"),
            ("APPRENTICE__TELEGRAM__LIMITS__CHAT_PER_S", "0"),
            ("APPRENTICE__TELEGRAM__LIMITS__GROUP_PER_MIN", "0"),
            ("APPRENTICE__TELEGRAM__LIMITS__GLOBAL_PER_S", "0"),
        ] {
            command.env(name, value);
        }
        command.env("APPRENTICE_DATA", dir.join("data"));
        Ok(Self(command.spawn()?))
    }

    /// Resident memory, MB.
    pub(crate) fn resident_mb(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        Ok(line.split_whitespace().nth(1).context("no number")?.parse::<f64>()? / 1024.0)
    }

    /// Processor time used so far, seconds (the kernel counts in hundredths).
    pub(crate) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        Ok((ticks(11) + ticks(12)) / 100.0)
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn with(mut command: Command, world: &World) -> Command {
    command.env_clear();
    for (name, value) in [
        ("TELEGRAM_TOKEN", world.telegram.token()),
        ("TELEGRAM_API_URL", world.telegram.base_url()),
        ("OPENAI_KEY", "sk-sim-key"),
        ("OPENAI_BASE_URL", world.openai.base_url()),
        ("OPENAI_MODEL", "sim-small"),
    ] {
        command.env(name, value);
    }
    command
}

fn beside(name: &str) -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe()?;
    Ok(here.parent().context("no folder")?.join(name))
}

/// Bytes of the release binary.
pub(crate) fn binary_size() -> anyhow::Result<u64> {
    Ok(std::fs::metadata(beside("apprentice")?)?.len())
}
