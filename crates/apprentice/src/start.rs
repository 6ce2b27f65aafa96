//! From the command line to what it asks for: settings are read, logs begin, the command runs.

use crate::bot::now;
use crate::cli::{Cli, Command};
use crate::media::inside;
use crate::settings::{self, Loaded};
use crate::{doctor, models_cli, ops, serve};
use domain::person::Lang;
use std::process::ExitCode;
use store::Store;

/// Does what the command line says.
pub fn start(cli: Cli) -> ExitCode {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let lang = crate::cli::language(&std::env::vars().collect());
    if cli.command_or_run() == Command::Version {
        return say(env!("CARGO_PKG_VERSION"), ExitCode::SUCCESS);
    }
    let loaded = cli.sources_here().map_err(anyhow::Error::from).map(|sources| settings::load(&sources));
    let loaded = match loaded {
        Ok(Ok(loaded)) => loaded,
        Ok(Err(problem)) => return complain(&problem.say(lang)),
        Err(error) => return complain(&format!("{error:#}")),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error.to_string()),
    };
    begin_log(&loaded);
    match runtime.block_on(run(cli.command_or_run(), loaded, lang)) {
        Ok(code) => code,
        Err(error) => complain(&format!("{error:#}")),
    }
}

async fn run(command: Command, loaded: Loaded, lang: Lang) -> anyhow::Result<ExitCode> {
    match command {
        Command::Run => serve::run(loaded).await.map(|()| ExitCode::SUCCESS),
        Command::Config { reference: true } => Ok(say(&settings::reference(), ExitCode::SUCCESS)),
        Command::Config { reference: false } => Ok(say(&settings::describe(&loaded, lang), ExitCode::SUCCESS)),
        Command::Doctor => check(&loaded, lang).await,
        Command::Work { what } => ops::work(&loaded, &what).await,
        Command::Backup { to } => ops::backup(&loaded, &to, lang).await,
        Command::Restore { from, replace, check } => ops::restore(&loaded, &from, replace, check, lang).await,
        Command::Models { what } => Ok(models_cli::models(&loaded, &what, lang).await),
        Command::Demo => crate::demo::run(loaded).await,
        Command::Version => Ok(ExitCode::SUCCESS),
    }
}

async fn check(loaded: &Loaded, lang: Lang) -> anyhow::Result<ExitCode> {
    let config = loaded.settings.store_config();
    let database = async {
        let store = Store::open(&config).await.map_err(|error| error.to_string())?;
        store.close().await;
        Ok(())
    };
    let report = doctor::run(loaded, now(), database, inside::confinement(&loaded.reading)).await;
    let code = if report.failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    Ok(say(&report.say(lang), code))
}

/// Logs go to standard error: text for people, JSON for machines.
fn begin_log(loaded: &Loaded) {
    use tracing_subscriber::EnvFilter;
    let level = &loaded.settings.log.level;
    // Libraries speak of requests and addresses; only their warnings are wanted, and never their bodies.
    let filter = EnvFilter::try_new(format!(
        "warn,apprentice={level},apprentice_channels={level},apprentice_models={level},apprentice_store={level},apprentice_console={level},sqlx=error"
    ));
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("info"));
    // One line per work item, with the time it took, when its span ends.
    let spans = tracing_subscriber::fmt::format::FmtSpan::CLOSE;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let log = log.with_span_events(spans);
    let begun = if loaded.settings.json_logs() { log.json().try_init() } else { log.with_ansi(false).try_init() };
    drop(begun);
    for warning in &loaded.warnings {
        tracing::warn!("{}", warning.say(Lang::En));
    }
}

/// Prints what was asked for.
#[allow(clippy::print_stdout)]
pub(crate) fn say(text: &str, code: ExitCode) -> ExitCode {
    println!("{}", text.trim_end());
    code
}

/// Says why nothing came of it.
#[allow(clippy::print_stderr)]
pub(crate) fn complain(text: &str) -> ExitCode {
    eprintln!("{}", text.trim_end());
    ExitCode::FAILURE
}
