//! Commands that only tell: who the bot is, what it can do, how it is, why it spoke.

use super::say;
use crate::access;
use crate::think;
use crate::turn::Turn;
use domain::command;
use domain::person::Standing;

/// `/start [code]`: greets; a one-time code binds the owner.
pub(super) async fn start(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let code = argument.trim();
    if !code.is_empty() && access::redeem(turn, code).await? {
        say(turn, "owner-welcome");
        return Ok(());
    }
    if turn.standing < Standing::User {
        say(turn, "code-wrong");
        return Ok(());
    }
    let name = match turn.incoming.author.name.trim() {
        "" => "blank".to_owned(),
        name => domain::markdown::escape(name),
    };
    let greeting = turn.text_with("greeting", &[("name", name)]);
    turn.reply(greeting);
    Ok(())
}

/// `/help`: what this person may do here.
pub(super) fn help(turn: &mut Turn<'_>) {
    let lines: Vec<_> = command::allowed(turn.standing).map(|spec| line(turn, spec)).collect();
    let text = format!("{}\n\n{}\n\n{}", turn.text("help-head"), lines.join("\n"), turn.text("help-foot"));
    turn.reply(text);
}

fn line(turn: &Turn<'_>, spec: &command::Spec) -> String {
    let (args, help) = (spec.args(turn.lang()), spec.help(turn.lang()));
    let name = domain::markdown::escape(spec.name());
    match args.is_empty() {
        true => format!("- /{name} — {help}"),
        false => format!("- /{name} `{args}` — {help}"),
    }
}

/// `/status`: what answers here, and how it is.
pub(super) async fn status(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let health = turn.bot.store.healthy(turn.now).await?;
    let chain = think::chain(&turn.asking());
    let model = chain.first().cloned().unwrap_or_else(|| think::EMBEDDED.to_owned());
    let args = [
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("model", model),
        ("chain", chain.join(" → ")),
        ("open", health.open.to_string()),
        ("parked", health.parked.to_string()),
        ("store", turn.bot.store.kind().to_string()),
    ];
    let mut text = turn.text_with("status", &args);
    text.push_str(&format!("\n{}", senses(turn)));
    for provider in turn.bot.models.health() {
        text.push_str(&format!("\n- {}: {}", provider.name, provider.state));
    }
    turn.reply(text);
    Ok(())
}

/// Who hears, speaks and draws.
fn senses(turn: &Turn<'_>) -> String {
    let roles = turn.bot.cast.of(&turn.bot.settings.current());
    let names = |names: Vec<String>| match names.is_empty() {
        true => turn.text("status-nobody"),
        false => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" → "),
    };
    let args = [("hear", names(roles.hearing())), ("speak", names(roles.speaking())), ("draw", names(roles.drawing()))];
    turn.text_with("status-senses", &args)
}

/// `/usage`: tokens and cost, today and in all.
pub(super) async fn usage(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let usage = turn.bot.store.usage_of(&turn.person.id).await?;
    let args = [
        ("exchanges", usage.exchanges.to_string()),
        ("prompt", usage.prompt_tokens.to_string()),
        ("completion", usage.completion_tokens.to_string()),
        ("usd", format!("{:.4}", usage.micro_usd as f64 / 1e6)),
    ];
    let text = turn.text_with("usage", &args);
    turn.reply(text);
    Ok(())
}

/// `/why_silent`: why the bot spoke or stayed silent here.
pub(super) fn why_silent(turn: &mut Turn<'_>) {
    let key = match (turn.in_group(), turn.prefs.last_decision.clone()) {
        (false, _) => "why-private".to_owned(),
        (true, Some(key)) => key,
        (true, None) => "why-nothing-yet".to_owned(),
    };
    let rules = match turn.in_group() {
        true => format!("\n\n{}", turn.text("why-rules")),
        false => String::new(),
    };
    let text = turn.text(&key) + &rules;
    turn.reply(text);
}

/// `/instruction`: the file that the owner has set.
pub(super) async fn instruction(turn: &mut Turn<'_>) {
    let Some(path) = turn.bot.settings.current().instruction_file.clone() else {
        return say(turn, "instruction-none");
    };
    match tokio::fs::read_to_string(&path).await {
        Ok(text) if !text.trim().is_empty() => turn.reply(text),
        Ok(_) => say(turn, "instruction-none"),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "the instruction file cannot be read");
            say(turn, "instruction-unreadable");
        }
    }
}
