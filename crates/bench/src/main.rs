//! `make bench`: Apprentice beside the smallest program that makes the same HTTP calls, in one run,
//! against the same simulators, on the same cores. Prints a table of medians. `--quick` is shorter,
//! `--soak` takes ten minutes more; `speed`, `loaded`, `start`, `lessons`, `streams`, `media`,
//! `soak` choose parts.
//!
//! Nothing here is a test: the figures depend on the machine, the ratios less so.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

mod drive;
mod echo;
mod fill;
mod media;
mod process;
mod table;

use process::Bot;
use std::time::Duration;
use table::Table;

/// How long each measurement runs.
#[derive(Clone, Copy)]
struct Plan {
    /// Chats in closed loop.
    chats: usize,
    /// One measurement of throughput.
    window: Duration,
    /// Measurements of each kind.
    rounds: usize,
    /// Conversations stored beforehand.
    stored: usize,
    /// Messages of history in a chat beforehand.
    history: usize,
    /// Lessons that are taught one after another.
    lessons: usize,
    /// Concurrent streamed answers.
    streams: usize,
    /// The soak; zero leaves it out.
    soak: Duration,
}

impl Plan {
    fn read(arguments: &[String]) -> Self {
        let has = |name: &str| arguments.iter().any(|argument| argument == name);
        let full = Self {
            chats: 500,
            window: Duration::from_secs(8),
            rounds: 3,
            stored: 50_000,
            history: 10_000,
            lessons: 200,
            streams: 500,
            soak: Duration::from_secs(if has("--soak") { 600 } else { 0 }),
        };
        if has("--quick") {
            return Self { window: Duration::from_secs(3), rounds: 1, stored: 2_000, history: 1_000, ..full };
        }
        full
    }
}

fn main() -> anyhow::Result<()> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    match arguments.first().map(String::as_str) {
        Some("echo") => runtime.block_on(echo::run()),
        _ => runtime.block_on(measure(Plan::read(&arguments), &arguments)),
    }
}

/// All parts, or those that are named.
async fn measure(plan: Plan, arguments: &[String]) -> anyhow::Result<()> {
    let named: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    let wanted = |part: &str| named.is_empty() || named.iter().any(|name| *name == part);
    let mut table = Table::default();
    if wanted("speed") {
        let rate = throughput(plan, &mut table).await?;
        latency(plan, rate, &mut table).await?;
    }
    if wanted("loaded") {
        loaded(plan, &mut table).await?;
    }
    if wanted("start") {
        start(plan, &mut table).await?;
    }
    if wanted("lessons") {
        lessons(plan, &mut table).await?;
    }
    if wanted("streams") {
        streams(plan, &mut table).await?;
        draft(&mut table).await?;
    }
    if wanted("media") {
        media::measure(&mut table).await?;
    }
    if !plan.soak.is_zero() && wanted("soak") {
        soak(plan, &mut table).await?;
    }
    table.row("release binary, stripped", format!("{:.1} MB", process::binary_size()? as f64 / 1e6), "≤ 40 MB");
    print!("{}", table.render());
    Ok(())
}

/// Messages per second, in turns with the echo limit.
async fn throughput(plan: Plan, table: &mut Table) -> anyhow::Result<f64> {
    let (mut echo, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        let world = drive::World::start(None).await;
        let bot = Bot::echo(&world)?;
        echo.push(drive::closed_loop(&world, &bot, plan.chats, plan.window).await?);
        drop(bot);
        let world = drive::World::start(None).await;
        let dir = tempfile::tempdir()?;
        let bot = Bot::apprentice(&world, dir.path())?;
        ours.push(drive::closed_loop(&world, &bot, plan.chats, plan.window).await?);
        drop(bot);
    }
    let rate = |of: &[drive::Speed]| table::median(&of.iter().map(|speed| speed.rate).collect::<Vec<_>>());
    let cpu = |of: &[drive::Speed]| table::median(&of.iter().map(|speed| speed.cpu_us).collect::<Vec<_>>());
    let (limit, reached) = (rate(&echo), rate(&ours));
    table.row("echo limit, 500 chats in closed loop", format!("{limit:.0} messages/s"), "");
    table.row("Apprentice, SQLite, full durability", format!("{reached:.0} messages/s"), "");
    table.row("ratio to the echo limit", format!("{:.2}", reached / limit), "≥ 0.50");
    table.row(
        "processor time per message: echo, Apprentice",
        format!("{:.0} µs, {:.0} µs", cpu(&echo), cpu(&ours)),
        "",
    );
    Ok(reached)
}

/// From a lesson to the next answer, which has it.
async fn lessons(plan: Plan, table: &mut Table) -> anyhow::Result<()> {
    let world = drive::World::with_student().await;
    let dir = tempfile::tempdir()?;
    let bot = Bot::apprentice(&world, dir.path())?;
    let (taught, plain) = drive::lessons(&world, plan.lessons).await?;
    drop(bot);
    let ms = |of: &[Duration], share: f64| table::quantile(of, share).as_secs_f64() * 1e3;
    table.row("lesson sent → next answer has it, p50", format!("{:.1} ms", ms(&taught, 0.5)), "≤ 1 000 ms");
    table.row("lesson sent → next answer has it, p99", format!("{:.1} ms", ms(&taught, 0.99)), "≤ 1 000 ms");
    let own = ms(&taught, 0.5) - ms(&plain, 0.5);
    table.row("of it beside two messages that teach nothing, p50", format!("{own:.1} ms"), "≤ 10 ms");
    Ok(())
}

/// The same with many conversations, and with long histories: ratio to an empty store.
async fn loaded(plan: Plan, table: &mut Table) -> anyhow::Result<()> {
    let mut rates = Vec::new();
    for fill in [fill::Fill::Nothing, fill::Fill::Conversations(plan.stored), fill::Fill::History(plan.history)] {
        let world = drive::World::start(None).await;
        let dir = tempfile::tempdir()?;
        // Long histories are measured in the chats that have them.
        let chats = if matches!(fill, fill::Fill::History(_)) { 20 } else { plan.chats };
        world.people(chats);
        fill::fill(dir.path(), &world, fill).await?;
        let bot = Bot::apprentice(&world, dir.path())?;
        rates.push(drive::closed_loop(&world, &bot, chats, plan.window).await?.rate);
        drop(bot);
    }
    let world = drive::World::start(None).await;
    let dir = tempfile::tempdir()?;
    let bot = Bot::apprentice(&world, dir.path())?;
    let few = drive::closed_loop(&world, &bot, 20, plan.window).await?.rate;
    drop(bot);
    let [empty, many, long] = rates.as_slice() else { return Ok(()) };
    table.row(&format!("with {} stored conversations", plan.stored), format!("{:.2} of empty", many / empty), "≥ 0.90");
    table.row(
        &format!("with {} messages in each of 20 chats", plan.history),
        format!("{:.2} of empty", long / few),
        "≥ 0.90",
    );
    Ok(())
}

/// Update received to first answering call, at half of the maximal rate; the echo limit at the same
/// rate shows how much of it the simulators and the machine are.
async fn latency(plan: Plan, rate: f64, table: &mut Table) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    for name in ["echo", "added"] {
        let world = drive::World::start(None).await;
        let bot = if name == "echo" { Bot::echo(&world)? } else { Bot::apprentice(&world, dir.path())? };
        let times = drive::open_loop(&world, plan.chats, rate / 2.0, plan.window).await;
        drop(bot);
        for (share, goal) in [(0.50, "≤ 3 ms"), (0.99, "≤ 25 ms")] {
            let shown = format!("{:.2} ms", table::quantile(&times, share).as_secs_f64() * 1e3);
            let goal = if name == "echo" { "" } else { goal };
            table.row(&format!("{name} latency at half rate, p{:.0}", share * 100.0), shown, goal);
        }
    }
    Ok(())
}

/// From start to first poll with a database that is there already, and memory when idle.
async fn start(plan: Plan, table: &mut Table) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let world = drive::World::start(None).await;
    drop(Bot::apprentice(&world, dir.path())?);
    let mut times = Vec::new();
    let mut idle = 0.0;
    for _ in 0..plan.rounds.max(3) {
        let world = drive::World::start(None).await;
        let began = std::time::Instant::now();
        let bot = Bot::spawn_apprentice(&world, dir.path())?;
        world.telegram.await_calls("getUpdates", 1).await;
        times.push(began.elapsed().as_secs_f64() * 1e3);
        tokio::time::sleep(Duration::from_secs(2)).await;
        idle = bot.resident_mb()?;
    }
    table.row("start to first poll", format!("{:.0} ms", table::median(&times)), "≤ 150 ms");
    table.row("resident, idle", format!("{idle:.1} MB"), "≤ 40 MB");
    Ok(())
}

/// Memory while many answers stream at once.
async fn streams(plan: Plan, table: &mut Table) -> anyhow::Result<()> {
    let world = drive::World::start(Some((20.0, 200))).await;
    let dir = tempfile::tempdir()?;
    let bot = Bot::apprentice(&world, dir.path())?;
    let peak = drive::peak_while(&bot, drive::once_each(&world, plan.streams)).await?;
    table.row(&format!("resident, {} concurrent streamed answers", plan.streams), format!("{peak:.1} MB"), "≤ 120 MB");
    Ok(())
}

/// The share of a core that one streamed answer of 2 000 tokens takes at 50 tokens/s.
async fn draft(table: &mut Table) -> anyhow::Result<()> {
    let world = drive::World::start(Some((50.0, 2_000))).await;
    let dir = tempfile::tempdir()?;
    let bot = Bot::apprentice(&world, dir.path())?;
    let (before, began) = (bot.cpu_seconds()?, std::time::Instant::now());
    drive::once_each(&world, 1).await;
    let share = (bot.cpu_seconds()? - before) / began.elapsed().as_secs_f64();
    table.row("draft streaming, 2 000 tokens at 50/s", format!("{:.2} % of a core", share * 100.0), "≤ 1 %");
    Ok(())
}

/// Memory over a long run at a steady rate.
async fn soak(plan: Plan, table: &mut Table) -> anyhow::Result<()> {
    let world = drive::World::start(None).await;
    let dir = tempfile::tempdir()?;
    let bot = Bot::apprentice(&world, dir.path())?;
    drive::open_loop(&world, plan.chats, 200.0, Duration::from_secs(60)).await;
    let early = bot.resident_mb()?;
    drive::open_loop(&world, plan.chats, 200.0, plan.soak).await;
    let late = bot.resident_mb()?;
    table.row("resident after 1 min and after the soak", format!("{early:.1} → {late:.1} MB"), "flat");
    Ok(())
}
