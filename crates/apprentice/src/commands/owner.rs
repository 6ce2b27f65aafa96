//! Commands for owners: who may come in, who teaches, and the work that waits.

use super::say;
use crate::access;
use crate::turn::Turn;
use domain::person::{Person, Standing};
use store::{Audit, WorkState};

/// `/allow who`
pub(super) async fn allow(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    set(turn, argument, Standing::User).await
}

/// `/block who`
pub(super) async fn block(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    set(turn, argument, Standing::Blocked).await
}

/// `/role who role`
pub(super) async fn role(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let (who, role) = argument.rsplit_once(char::is_whitespace).unwrap_or((argument, ""));
    match Standing::find(role.trim()) {
        Some(standing) if standing != Standing::Stranger => set(turn, who, standing).await,
        _ => {
            say(turn, "role-usage");
            Ok(())
        }
    }
}

async fn set(turn: &mut Turn<'_>, who: &str, standing: Standing) -> anyhow::Result<()> {
    let who = who.trim();
    if who.is_empty() {
        say(turn, "role-usage");
        return Ok(());
    }
    let found = turn.bot.store.find_person(who).await?;
    let person = match found {
        Some(person) => person,
        None => match turn.bot.store.expect_person(who, turn.now).await? {
            Some(person) => person,
            None => {
                let text = turn.text_with("person-unknown", &[("who", domain::markdown::escape(who))]);
                turn.reply(text);
                return Ok(());
            }
        },
    };
    if person.id == turn.person.id && standing < Standing::Owner && last_owner(turn).await? {
        say(turn, "role-last-owner");
        return Ok(());
    }
    commit(turn, person, standing);
    Ok(())
}

async fn last_owner(turn: &Turn<'_>) -> anyhow::Result<bool> {
    Ok(turn.bot.store.people_with(Standing::Owner, 2).await?.len() <= 1)
}

fn commit(turn: &mut Turn<'_>, person: Person, standing: Standing) {
    let name = if person.name.is_empty() { person.id.to_string() } else { person.name.clone() };
    turn.record.audit.push(Audit {
        person: turn.person.id.clone(),
        what: "role".to_owned(),
        detail: format!("{} → {}", person.id, standing.name()),
        at: turn.now,
    });
    let role = turn.text(&format!("role-{}", standing.name()));
    let text = turn.text_with("role-set", &[("name", domain::markdown::escape(&name)), ("role", role)]);
    let person = Person { standing, ..person };
    access::menu_follows(turn, &person);
    turn.record.person = Some(person);
    turn.reply(text);
}

/// `/work [list | retry n | drop n]`
pub(super) async fn work(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let by = turn.person.id.clone();
    match argument.split_whitespace().collect::<Vec<_>>().as_slice() {
        [] | ["list"] => list(turn).await,
        ["retry", id] => {
            let done = match id.parse() {
                Ok(id) => turn.bot.store.work_retry(id, &by, turn.now).await?,
                Err(_) => false,
            };
            say(turn, if done { "work-retried" } else { "work-unknown" });
            Ok(())
        }
        ["drop", id] => {
            let done = match id.parse() {
                Ok(id) => turn.bot.store.work_drop(id, &by, turn.now).await?,
                Err(_) => false,
            };
            say(turn, if done { "work-dropped" } else { "work-unknown" });
            Ok(())
        }
        _ => {
            say(turn, "work-usage");
            Ok(())
        }
    }
}

async fn list(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let mut rows = turn.bot.store.work_list(WorkState::Parked, 20).await?;
    rows.extend(turn.bot.store.work_list(WorkState::Open, 20).await?);
    // The item that is being handled right now is this very command.
    rows.retain(|row| row.id != turn.record.work);
    if rows.is_empty() {
        say(turn, "work-none");
        return Ok(());
    }
    let line = |row: &store::WorkRow| {
        format!(
            "- {} `{}` {} ×{} {}",
            row.id,
            row.lane,
            row.state.name(),
            row.attempts,
            domain::markdown::escape(&row.reason)
        )
    };
    let lines: Vec<_> = rows.iter().map(line).collect();
    let text = format!("{}\n{}\n\n{}", turn.text("work-head"), lines.join("\n"), turn.text("work-usage"));
    turn.reply(text);
    Ok(())
}
