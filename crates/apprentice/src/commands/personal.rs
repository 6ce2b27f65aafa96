//! Commands about what is stored of a person: see it, take it along, erase it.

use super::say;
use crate::learn;
use crate::turn::Turn;
use domain::example::{Example, ExampleState};
use domain::exchange::{Lesson, Scope};
use domain::ids::{ExampleId, LessonId};
use domain::outgoing::{File, Outgoing, Press};
use domain::person::Standing;
use store::Row;

/// `/mydata`
pub(super) async fn my_data(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let data = turn.bot.store.my_data(&turn.person.id).await?;
    let args = [
        ("messages", data.messages.to_string()),
        ("exchanges", data.exchanges.to_string()),
        ("lessons", data.lessons.to_string()),
        ("documents", data.documents.to_string()),
        ("feedback", data.feedback.to_string()),
        ("examples", data.examples.to_string()),
        ("role", turn.text(&format!("role-{}", turn.standing.name()))),
    ];
    let text = turn.text_with("mydata", &args);
    turn.reply(text);
    Ok(())
}

/// `/privacy [on | off]`: what is stored and why; whether it may be trained on.
pub(super) async fn privacy(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let wanted = match argument.trim() {
        "on" => true,
        "off" => false,
        _ => {
            privacy_notice(turn);
            return Ok(());
        }
    };
    if !wanted && !turn.in_group() {
        crate::media::kept::take_back(turn.bot, &turn.person.id).await?;
    }
    match turn.in_group() {
        true if turn.standing < Standing::Trainer => say(turn, "privacy-group-trainer"),
        true => {
            turn.prefs.training = wanted;
            turn.save_prefs();
            say(turn, if wanted { "privacy-group-on" } else { "privacy-group-off" });
        }
        false => {
            turn.person.prefs.training = Some(wanted);
            turn.record.person = Some(turn.person.clone());
            say(turn, if wanted { "privacy-on" } else { "privacy-off" });
        }
    }
    Ok(())
}

fn privacy_notice(turn: &mut Turn<'_>) {
    let agreed = match turn.in_group() {
        true => turn.prefs.training,
        false => turn.person.prefs.training == Some(true),
    };
    let now = turn.text(if agreed { "privacy-is-on" } else { "privacy-is-off" });
    let markdown = format!("{}\n\n{now}", turn.text("privacy"));
    let row = vec![
        turn.button("button-consent-yes", &Press::Say("/privacy on".to_owned())),
        turn.button("button-consent-no", &Press::Say("/privacy off".to_owned())),
    ];
    turn.deliver(Outgoing { markdown, buttons: vec![row], ..Outgoing::default() });
}

/// `/export`: everything stored about the person, as a JSON Lines file.
pub(super) async fn export(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let text = turn.bot.store.export_person(&turn.person.id).await?;
    let file = File::text("apprentice-export.jsonl", text);
    let markdown = turn.text("export-ready");
    turn.deliver(Outgoing { markdown, file: Some(file), ..Outgoing::default() });
    Ok(())
}

/// `/forget [me | lesson | mine lesson]`
pub(super) async fn forget(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    match argument.split_whitespace().collect::<Vec<_>>().as_slice() {
        [] => offer(turn).await,
        ["me"] => {
            ask_first(turn);
            Ok(())
        }
        ["me", "yes"] => forget_me(turn).await,
        ["mine", id] => keep_to_myself(turn, id).await,
        [id] => forget_one(turn, id).await,
        _ => {
            say(turn, "forget-usage");
            Ok(())
        }
    }
}

/// Lists the person's latest lessons, each with a button.
async fn offer(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let lessons = turn.bot.store.lessons_by(&turn.person.id, 8).await?;
    let mut buttons: Vec<_> = lessons
        .iter()
        .map(|lesson| {
            let label: String = lesson.question.chars().take(40).collect();
            let data = Press::Say(format!("/forget {}", lesson.id)).encode();
            vec![domain::outgoing::Button { label: format!("✖ {label}"), data }]
        })
        .collect();
    buttons.push(vec![turn.button("button-forget-me", &Press::Say("/forget me".to_owned()))]);
    let markdown = turn.text("forget-usage");
    turn.deliver(Outgoing { markdown, buttons, ..Outgoing::default() });
    Ok(())
}

fn ask_first(turn: &mut Turn<'_>) {
    let row = vec![turn.button("button-forget-me-yes", &Press::Say("/forget me yes".to_owned()))];
    let markdown = turn.text("forget-me-sure");
    turn.deliver(Outgoing { markdown, buttons: vec![row], ..Outgoing::default() });
}

async fn forget_me(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let gone = learn::forget::person(turn.bot, &turn.person.id, turn.now).await?;
    turn.bot.knowledge.refresh(&turn.bot.store).await?;
    let mut parts = vec![turn.text("forget-me-done")];
    if !gone.versions.is_empty() {
        let releases = if gone.releases.is_empty() { "none".to_owned() } else { gone.releases.join(", ") };
        let args = [("versions", gone.versions.join(", ")), ("releases", releases)];
        parts.push(turn.text_with("forget-me-tainted", &args));
    }
    if !gone.left.is_empty() {
        let left: Vec<String> = gone.left.iter().map(|name| format!("`{name}`")).collect();
        parts.push(turn.text_with("forget-me-left", &[("what", left.join(", "))]));
    }
    turn.reply(parts.join("\n\n"));
    Ok(())
}

async fn forget_one(turn: &mut Turn<'_>, id: &str) -> anyhow::Result<()> {
    let store = &turn.bot.store;
    let teacher = match store.lesson(&LessonId::from(id)).await? {
        Some(lesson) => Some(lesson.teacher),
        None => match store.document(&id.into()).await? {
            Some(document) => Some(document.teacher),
            // What waits can be taken back too.
            None => store.object::<Example>(id).await?.filter(|e| e.state != ExampleState::Retired).map(|e| e.author),
        },
    };
    match teacher {
        Some(teacher) if turn.standing == Standing::Owner || teacher == turn.person.id => {
            learn::lessons::retire(turn, id).await?;
            say(turn, "forget-done");
        }
        Some(_) => say(turn, "forget-not-yours"),
        None => say(turn, "forget-unknown"),
    }
    Ok(())
}

/// Narrows a lesson from everyone to its teacher: the old one goes, its copy stays.
async fn keep_to_myself(turn: &mut Turn<'_>, id: &str) -> anyhow::Result<()> {
    let lesson = turn.bot.store.lesson(&LessonId::from(id)).await?;
    let Some(lesson) = lesson.filter(|lesson| lesson.teacher == turn.person.id) else {
        say(turn, "forget-unknown");
        return Ok(());
    };
    let (new, scope) = (ulid::Ulid::generate().to_string(), Scope::Person(turn.person.id.clone()));
    if let Some(example) = turn.bot.store.object::<Example>(id).await? {
        let own = Example { id: ExampleId(new.clone()), scope: scope.clone(), at: turn.now, ..example };
        turn.record.objects.push(Row::of(&own)?);
    }
    turn.record.lessons.push(Lesson { id: LessonId(new), scope, at: turn.now, ..lesson });
    learn::lessons::retire(turn, id).await?;
    say(turn, "scope-person");
    Ok(())
}
