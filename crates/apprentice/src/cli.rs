//! The command line: what can be asked of the program, in the language of the person's terminal.

use crate::settings::{Override, Sources};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use domain::person::Lang;
use domain::text::say;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// Everything the command line can say.
#[derive(Debug, Parser)]
#[command(name = "apprentice", version)]
pub struct Cli {
    /// What to do; nothing is `run`.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What holds for every command.
    #[command(flatten)]
    pub shared: Shared,
}

/// What holds for every command.
#[derive(Debug, Args)]
pub struct Shared {
    /// A directory of settings, or one more settings file.
    #[arg(long, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// The data directory.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<String>,
    /// The page's address.
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Any key of the settings.
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub set: Vec<(String, String)>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Runs the bot and the page.
    Run,
    /// Prints the settings in effect.
    Config {
        /// Prints the table of all keys for the documentation instead.
        #[arg(long)]
        reference: bool,
    },
    /// Checks everything and says what to do.
    Doctor,
    /// Looks after work that waits or is parked.
    Work {
        /// What to do with it.
        #[command(subcommand)]
        what: Work,
    },
    /// Makes a consistent copy while running.
    Backup {
        /// The file to write.
        #[arg(value_name = "FILE")]
        to: PathBuf,
    },
    /// Brings a copy back.
    Restore {
        /// The file to read.
        #[arg(value_name = "FILE")]
        from: PathBuf,
        /// Replaces a database that already holds something.
        #[arg(long)]
        replace: bool,
        /// Only checks that the copy is whole.
        #[arg(long)]
        check: bool,
    },
    /// Looks after the model files of the recogniser within the program.
    Models {
        /// What to do with them.
        #[command(subcommand)]
        what: Models,
    },
    /// Shows the bot in a scripted conversation against simulators.
    Demo,
    /// Prints the version.
    Version,
}

/// What to do with work.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Work {
    /// Lists what waits and what is parked, with the reason.
    List,
    /// Tries a parked item again.
    Retry {
        /// Its number; none is all of them.
        id: Option<i64>,
    },
    /// Gives a parked item up.
    Drop {
        /// Its number.
        id: i64,
    },
}

/// What to do with model files.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Models {
    /// Lists what is here and what can be fetched.
    List,
    /// Takes a file from elsewhere.
    Add {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Fetches a known model, or the rest of it.
    Pull {
        /// Its name.
        #[arg(value_name = "NAME")]
        name: String,
    },
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

impl Cli {
    /// Reads the arguments of this process; help and mistakes are printed, and the process ends.
    pub fn read() -> Self {
        let lang = language(&texts(std::env::vars_os()));
        Self::read_from(std::env::args_os(), lang).unwrap_or_else(|error| error.exit())
    }

    /// Reads arguments; help and mistakes are clap's own error.
    pub fn read_from(arguments: impl IntoIterator<Item = OsString>, lang: Lang) -> Result<Self, clap::Error> {
        let matches = translated(Self::command(), "cli", lang).try_get_matches_from(arguments)?;
        Self::from_arg_matches(&matches)
    }

    /// What to do.
    pub fn command_or_run(&self) -> Command {
        self.command.clone().unwrap_or(Command::Run)
    }

    /// Where the settings are to be looked for by this process.
    pub fn sources_here(&self) -> std::io::Result<Sources> {
        Ok(self.sources(std::env::vars_os(), std::env::current_dir()?))
    }

    /// Where the settings are to be looked for.
    pub fn sources(&self, env: impl IntoIterator<Item = (OsString, OsString)>, working_dir: PathBuf) -> Sources {
        let named = self.shared.config.as_ref().map(|path| working_dir.join(path));
        let (dir, file) = match named {
            Some(path) if path.is_dir() => (path, None),
            file => (working_dir.join("config"), file),
        };
        Sources { dir, file, working_dir, env: texts(env), set: self.overrides() }
    }

    fn overrides(&self) -> Vec<Override> {
        let Shared { data, listen, set, .. } = &self.shared;
        let set = set.iter().map(|(key, value)| Override::of_flag(&format!("--set {key}"), key, value));
        let data = data.iter().map(|value| Override::of_flag("--data", "data_dir", value));
        let listen = listen.iter().map(|value| Override::of_flag("--listen", "listen", value));
        set.chain(data).chain(listen).collect()
    }
}

/// What of the environment is text; nothing else can be a setting.
fn texts(env: impl IntoIterator<Item = (OsString, OsString)>) -> BTreeMap<String, String> {
    env.into_iter().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

/// The language of a terminal, from `LC_ALL`, `LC_MESSAGES`, `LANG`.
pub fn language(env: &BTreeMap<String, String>) -> Lang {
    let set = |name: &&str| env.get(*name).is_some_and(|value| !value.is_empty());
    let name = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find(set);
    Lang::guess(name.and_then(|name| env.get(name)).map(|value| value.split('.').next().unwrap_or(value)))
}

/// Puts the Fluent texts into a command and all below it.
fn translated(command: clap::Command, key: &str, lang: Lang) -> clap::Command {
    command
        .about(say(lang, key))
        .mut_args(|arg| match arg.get_id().as_str() {
            "help" | "version" => arg,
            id @ ("config" | "data" | "listen" | "set") => {
                let help = say(lang, &format!("cli-arg-{id}"));
                arg.help(help)
            }
            id => {
                let help = say(lang, &format!("{key}-{id}"));
                arg.help(help)
            }
        })
        .mut_subcommands(|below| {
            let key = format!("{key}-{}", below.get_name());
            if below.get_name() == "help" { below } else { translated(below, &key, lang) }
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(line: &str) -> Result<Cli, clap::Error> {
        Cli::read_from(line.split_whitespace().map(OsString::from), Lang::Ru)
    }

    #[test]
    fn commands_are_read_and_run_is_the_default() {
        assert_eq!(read("apprentice").unwrap().command_or_run(), Command::Run);
        let retry = Command::Work { what: Work::Retry { id: Some(5) } };
        assert_eq!(read("apprentice work retry 5 --data x").unwrap().command_or_run(), retry);
        assert!(read("apprentice work drop").is_err() && read("apprentice dance").is_err());
    }

    #[test]
    fn arguments_become_settings() {
        let cli = read("apprentice run --set telegram.token=a=b --data d --listen 127.0.0.1:1").unwrap();
        let sources = cli.sources([], PathBuf::from("/w"));
        assert_eq!(sources.dir, PathBuf::from("/w/config"));
        let said: Vec<_> = sources.set.iter().map(|o| (o.flag.as_str(), o.key.as_str(), o.value.as_str())).collect();
        let expected = [
            ("--set telegram.token", "telegram.token", "a=b"),
            ("--data", "data_dir", "d"),
            ("--listen", "listen", "127.0.0.1:1"),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn the_terminals_language_is_spoken() {
        let lang = |pairs: &[(&str, &str)]| {
            language(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
        };
        assert_eq!(lang(&[("LANG", "ru_RU.UTF-8")]), Lang::Ru);
        assert_eq!(lang(&[("LANG", "ru_RU.UTF-8"), ("LC_ALL", "C.UTF-8")]), Lang::En);
        assert_eq!(lang(&[]), Lang::En);
        let help = read("apprentice --help").unwrap_err().to_string();
        assert!(help.contains("Проверяет") && !help.contains("cli-"), "{help}");
        let help = read("apprentice work retry --help").unwrap_err().to_string();
        assert!(!help.contains("cli-"), "{help}");
    }

    #[test]
    fn every_argument_has_a_text() {
        fn check(command: &clap::Command) {
            for text in command.get_arguments().filter_map(|arg| arg.get_help()).chain(command.get_about()) {
                assert!(!text.to_string().starts_with("cli"), "{text}");
            }
            command.get_subcommands().for_each(check);
        }
        for lang in [Lang::En, Lang::Ru] {
            check(&translated(Cli::command(), "cli", lang));
        }
    }
}
