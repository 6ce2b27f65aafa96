//! Commands that set something for the conversation or the person.

use super::say;
use crate::think;
use crate::turn::Turn;
use domain::outgoing::{Button, Outgoing, Press};
use domain::person::Lang;
use std::time::Duration;

/// Longest system text of a conversation, characters.
const LONGEST_SYSTEM: usize = 4000;
/// How long the providers' own lists of models are waited for.
const MODELS_WITHIN: Duration = Duration::from_secs(3);
/// Most buttons offered for a choice.
const MOST_CHOICES: usize = 12;

/// `/model [name]`
pub(super) async fn model(turn: &mut Turn<'_>, argument: &str) {
    match argument.trim() {
        "" => {
            let current = think::chain(&turn.asking()).first().cloned().unwrap_or_default();
            let choices = models(turn).await;
            let named = choices.iter().map(|name| (name.clone(), name.clone()));
            offer(turn, "model-current", &current, "/model", named);
        }
        name if choose_model(turn, name).await => confirm(turn, "model-set", name),
        _ => {}
    }
}

/// Has a model answer here from now on; false when there is none of that name, which is then said.
pub(super) async fn choose_model(turn: &mut Turn<'_>, name: &str) -> bool {
    let choices = models(turn).await;
    let known = choices.iter().any(|choice| choice == name);
    if known {
        turn.prefs.model = Some(name.to_owned());
        turn.save_prefs();
    } else {
        refuse(turn, "model-unknown", name, &choices);
    }
    known
}

async fn models(turn: &Turn<'_>) -> Vec<String> {
    let settings = turn.bot.settings.current();
    let mut choices = settings.model.chain.clone();
    choices.extend(settings.model_choices());
    choices.extend(turn.bot.models.offered(MODELS_WITHIN).await);
    choices.push(think::EMBEDDED.to_owned());
    dedup(&mut choices);
    choices
}

/// `/persona [name]`
pub(super) fn persona(turn: &mut Turn<'_>, argument: &str) {
    let settings = turn.bot.settings.current();
    let choices = settings.persona_names();
    let current = turn.prefs.persona.clone().or_else(|| choices.first().cloned()).unwrap_or_default();
    match argument.trim() {
        "" => {
            let titled = choices.iter().map(|name| (settings.persona_title(name), name.clone()));
            offer(turn, "persona-current", &settings.persona_title(&current), "/persona", titled);
        }
        name if choices.iter().any(|choice| choice == name) => {
            turn.prefs.persona = Some(name.to_owned());
            turn.save_prefs();
            confirm(turn, "persona-set", &settings.persona_title(name));
        }
        name => refuse(turn, "persona-unknown", name, &choices),
    }
}

/// `/system [text | off]`
pub(super) fn system(turn: &mut Turn<'_>, argument: &str) {
    match argument.trim() {
        "" => {
            let key = if turn.prefs.system.is_some() { "system-current" } else { "system-none" };
            let current = turn.prefs.system.clone().unwrap_or_default();
            let text = turn.text_with(key, &[("text", current)]);
            turn.reply(text);
        }
        "off" => {
            turn.prefs.system = None;
            turn.save_prefs();
            say(turn, "system-off");
        }
        text if text.chars().count() > LONGEST_SYSTEM => {
            let sorry = turn.text_with("system-too-long", &[("limit", LONGEST_SYSTEM.to_string())]);
            turn.reply(sorry);
        }
        text => {
            turn.prefs.system = Some(text.to_owned());
            turn.save_prefs();
            say(turn, "system-set");
        }
    }
}

/// `/lang [en | ru]`
pub(super) fn lang(turn: &mut Turn<'_>, argument: &str) {
    match Lang::find(argument.trim()) {
        Some(lang) => {
            turn.person.lang = lang;
            turn.person.prefs.lang_chosen = true;
            turn.record.person = Some(turn.person.clone());
            say(turn, "lang-set");
        }
        None => {
            let names = [(Lang::En, "English"), (Lang::Ru, "Русский")];
            let row = names.map(|(lang, name)| Button {
                label: name.to_owned(),
                data: Press::Say(format!("/lang {}", lang.tag())).encode(),
            });
            let markdown = turn.text("lang-choose");
            turn.deliver(Outgoing { markdown, buttons: vec![row.to_vec()], ..Outgoing::default() });
        }
    }
}

/// `/settings`: everything that can be set, as it is now.
pub(super) fn all(turn: &mut Turn<'_>) {
    let none = turn.text("settings-none");
    let args = [
        ("lang", turn.lang().tag().to_owned()),
        ("model", think::chain(&turn.asking()).first().cloned().unwrap_or_default()),
        ("persona", turn.prefs.persona.clone().unwrap_or_else(|| none.clone())),
        ("system", turn.prefs.system.clone().unwrap_or(none)),
        ("role", turn.text(&format!("role-{}", turn.standing.name()))),
    ];
    let text = turn.text_with("settings", &args);
    turn.reply(text);
}

/// Offers choices, each with its label and its name.
fn offer(
    turn: &mut Turn<'_>,
    key: &str,
    current: &str,
    command: &str,
    choices: impl Iterator<Item = (String, String)>,
) {
    let markdown = turn.text_with(key, &[("current", domain::markdown::escape(current))]);
    let button = |(label, name): (String, String)| {
        let data = Press::Say(format!("{command} {name}")).encode();
        // A platform takes 64 bytes; a longer name is typed.
        (data.len() <= 64).then(|| vec![Button { label, data }])
    };
    let buttons = choices.filter_map(button).take(MOST_CHOICES).collect();
    turn.deliver(Outgoing { markdown, buttons, ..Outgoing::default() });
}

fn confirm(turn: &mut Turn<'_>, key: &str, name: &str) {
    let text = turn.text_with(key, &[("name", name.to_owned())]);
    turn.reply(text);
}

fn refuse(turn: &mut Turn<'_>, key: &str, name: &str, choices: &[String]) {
    let nearest = choices.iter().min_by_key(|choice| strsim::damerau_levenshtein(name, choice));
    let args = [
        ("name", domain::markdown::escape(name)),
        ("nearest", nearest.cloned().unwrap_or_default()),
        ("choices", choices.join(", ")),
    ];
    let text = turn.text_with(key, &args);
    turn.reply(text);
}

fn dedup(names: &mut Vec<String>) {
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
}
