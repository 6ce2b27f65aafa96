//! Commands, each a short answer or a small change. What they are called and who may use them
//! stands in `domain::command`.

mod info;
mod owner;
mod personal;
mod setting;
mod why;

use crate::learn::{agree, compare, dataset, progress, releases, review, rules, run as runs, source, twin};
use crate::media::{delete, docs, draw, transcript, voice};
use crate::turn::Turn;
use crate::{answer, exam, feedback, teach};
use domain::command::{self, Command};
use domain::exchange::Opinion;

/// Runs a command for whoever typed it, if they may.
pub async fn run(turn: &mut Turn<'_>, command: Command, argument: &str) -> anyhow::Result<()> {
    if command::spec_of(command).is_some_and(|spec| turn.standing < spec.needs) {
        say(turn, "command-not-allowed");
        return Ok(());
    }
    if turn.in_group() && is_private(command, argument) {
        say(turn, "only-in-private");
        return Ok(());
    }
    match command {
        Command::Start => info::start(turn, argument).await?,
        Command::Help => info::help(turn),
        Command::New => fresh(turn),
        Command::Retry => retry(turn, argument.trim()).await?,
        Command::Stop => turn.stop_running(true).await?,
        Command::Model => setting::model(turn, argument).await,
        Command::Persona => setting::persona(turn, argument),
        Command::System => setting::system(turn, argument),
        Command::Lang => setting::lang(turn, argument),
        Command::Voice => voice::command(turn, argument),
        Command::Say => voice::say(turn, argument).await?,
        Command::Transcribe => transcript::command(turn).await?,
        Command::Image => draw::image(turn, argument).await?,
        Command::Vary => draw::vary(turn, argument).await?,
        Command::Docs => docs::command(turn, argument).await?,
        Command::Delete => delete::command(turn).await?,
        Command::Settings => setting::all(turn),
        Command::Usage => info::usage(turn).await?,
        Command::Status => info::status(turn).await?,
        Command::WhySilent => info::why_silent(turn),
        Command::Instruction => info::instruction(turn).await,
        Command::Privacy => personal::privacy(turn, argument).await?,
        Command::Correct => teach::correct_command(turn, argument).await?,
        Command::Test => exam::test(turn, argument).await?,
        Command::Why => why::why(turn, argument).await?,
        Command::Teach => teach::teach_command(turn, argument).await?,
        Command::Agree => agree::command(turn, argument).await?,
        Command::Rate => feedback::rate_command(turn, argument).await?,
        Command::Reason => feedback::reason_command(turn, argument).await?,
        Command::Rule => rules::command(turn, argument).await?,
        Command::Twin => twin::command(turn, argument).await?,
        Command::Progress => progress::command(turn).await?,
        Command::Review => review::command(turn, argument).await?,
        Command::Feedback => tell_owner(turn, argument).await?,
        Command::MyData => personal::my_data(turn).await?,
        Command::Export => personal::export(turn).await?,
        Command::Forget => personal::forget(turn, argument).await?,
        Command::Allow => owner::allow(turn, argument).await?,
        Command::Block => owner::block(turn, argument).await?,
        Command::Role => owner::role(turn, argument).await?,
        Command::Work => owner::work(turn, argument).await?,
        training => learning(turn, training, argument).await?,
    }
    Ok(())
}

/// Whether a command shows what is not for everybody in a group to see.
fn is_private(command: Command, argument: &str) -> bool {
    let first = argument.split_whitespace().next().unwrap_or_default();
    match command {
        Command::Progress | Command::GetFile | Command::MyData | Command::Export => true,
        Command::Forget => first.is_empty(),
        Command::Dataset => first == "export",
        _ => false,
    }
}

/// What trainers and owners do with what was learnt.
async fn learning(turn: &mut Turn<'_>, command: Command, argument: &str) -> anyhow::Result<()> {
    match command {
        Command::Train => source::train(turn, argument).await,
        Command::SelectDataset => source::select_dataset(turn, argument).await,
        Command::Archive => source::archive(turn, argument).await,
        Command::GetFile => source::get_file(turn, argument).await,
        Command::Dataset => dataset::command(turn, argument).await,
        Command::Jobs => runs::list(turn).await,
        Command::Job => runs::one(turn, argument).await,
        Command::Releases => releases::list(turn).await,
        Command::Compare => compare::command(turn, argument).await,
        Command::Promote => releases::promote(turn, argument).await,
        Command::Canary => releases::canary(turn, argument).await,
        Command::Shadow => releases::shadow(turn, argument).await,
        Command::Rollback => releases::rollback(turn).await,
        _ => Ok(()),
    }
}

/// Answers with one text.
fn say(turn: &mut Turn<'_>, key: &str) {
    let text = turn.text(key);
    turn.reply(text);
}

fn fresh(turn: &mut Turn<'_>) {
    turn.record.fresh_start = true;
    turn.prefs.seen.clear();
    turn.prefs.read.clear();
    turn.save_prefs();
    say(turn, "fresh-start");
}

/// `/retry [model]`: the last question once more, by another model from here on where one is named.
async fn retry(turn: &mut Turn<'_>, model: &str) -> anyhow::Result<()> {
    if !model.is_empty() && !setting::choose_model(turn, model).await {
        return Ok(());
    }
    if answer::unanswered(turn).await? {
        return Ok(());
    }
    match turn.bot.store.last_exchange(&turn.conversation()).await? {
        Some(exchange) => answer::again(turn, exchange).await,
        None => {
            say(turn, "retry-nothing");
            Ok(())
        }
    }
}

async fn tell_owner(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    if argument.trim().is_empty() {
        say(turn, "feedback-usage");
        return Ok(());
    }
    let about = turn.bot.store.last_exchange(&turn.conversation()).await?.map(|exchange| exchange.id);
    feedback::note(turn, about, Opinion::Comment { text: argument.to_owned() });
    let who = format!(
        "{} ({}:{})",
        turn.incoming.author.name,
        turn.incoming.place.channel.name(),
        turn.incoming.author.account
    );
    let args = [("who", who), ("text", argument.to_owned())];
    let dedupe = format!("feedback:{}", turn.incoming.dedupe);
    let notices = crate::notice::to_owners(turn.bot, "feedback-received", &args, &dedupe, turn.now).await?;
    turn.record.also.extend(notices);
    say(turn, "feedback-thanks");
    Ok(())
}
