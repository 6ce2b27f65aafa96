//! Two answers to one question, without a word on which came from where; a tap says which is better. `/twin on` turns it
//! on in a private chat, the owner sets for what share of its questions.

use crate::answer::Question;
use crate::learn::lessons::labelled;
use crate::learn::oracle;
use crate::think::{self, Asking, Thought};
use crate::turn::Turn;
use domain::chat::Finish;
use domain::example::{Datum, Example, ExampleState, Origin};
use domain::exchange::{RequestRef, Rule, Scope};
use domain::ids::{ExampleId, ExchangeId, Millis, PersonId};
use domain::object::Object;
use domain::outgoing::Button;
use domain::person::Standing;
use serde::{Deserialize, Serialize};
use store::Row;

/// Why somebody's choice waits.
const WAITS: &str = "choice";
/// What passages of the user guide name in place of a document.
const GUIDE: &str = "guide";

/// Two answers that somebody may choose between.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Twins {
    exchange: ExchangeId,
    person: PersonId,
    question: String,
    /// What is shown first and second.
    pub shown: [String; 2],
    /// Whether both rest on nothing but what counts for everybody.
    #[serde(default)]
    shared: bool,
    at: Millis,
}

impl Object for Twins {
    const KIND: &'static str = "twins";
    fn id(&self) -> String {
        self.exchange.0.clone()
    }
    fn state(&self) -> &'static str {
        "asked"
    }
    fn person(&self) -> &str {
        self.person.as_str()
    }
    fn key(&self) -> String {
        self.exchange.0.clone()
    }
    fn at(&self) -> Millis {
        self.at
    }
}

/// `/twin [on | off | pick which exchange]`
pub async fn command(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    match argument.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["on"] if turn.in_group() => say(turn, "only-in-private"),
        ["on"] => {
            turn.prefs.twin = true;
            turn.save_prefs();
            say(turn, "twin-on")
        }
        ["off"] => {
            turn.prefs.twin = false;
            turn.save_prefs();
            say(turn, "twin-off")
        }
        ["pick", which, exchange] => pick(turn, which, exchange).await,
        _ => say(turn, if turn.prefs.twin { "twin-is-on" } else { "twin-is-off" }),
    }
}

fn say(turn: &mut Turn<'_>, key: &str) -> anyhow::Result<()> {
    let text = turn.text(key);
    turn.reply(text);
    Ok(())
}

/// Whether a question is one of those that get two answers. Neither is shown while it is being written, or it would be
/// known which came first.
pub fn wanted(turn: &Turn<'_>, id: &ExchangeId, question: &Question) -> bool {
    let share = turn.bot.settings.current().learning.twin_share;
    let asks = turn.prefs.twin && !turn.in_group() && question.replaces.is_none();
    asks && !oracle::chain(turn.bot).is_empty() && part(id) < share
}

/// A second answer beside the first, where this question is one of those that get two.
pub async fn beside(
    turn: &Turn<'_>,
    id: &ExchangeId,
    question: &Question,
    first: &Thought,
) -> anyhow::Result<Option<Twins>> {
    if first.finish != Finish::Complete || !wanted(turn, id, question) {
        return Ok(None);
    }
    let mut asking = turn.asking();
    // The one that would be promoted, where there is one; else the same once more.
    if let Some(shadow) = turn.bot.knowledge.routing().shadow {
        asking.mind = turn.bot.knowledge.mind_of(shadow);
    }
    let Ok(second) = think::think(&asking, question, &mut |_| {}).await? else { return Ok(None) };
    if second.finish != Finish::Complete || second.markdown.trim() == first.markdown.trim() {
        return Ok(None);
    }
    let shared = is_shared(turn, &asking, &first.request).await? && is_shared(turn, &asking, &second.request).await?;
    let mut shown = [first.markdown.clone(), second.markdown];
    // Nobody can tell by the place which is which.
    if part(&ExchangeId(format!("{id}/order"))) < 0.5 {
        shown.reverse();
    }
    let (exchange, person) = (id.clone(), turn.person.id.clone());
    Ok(Some(Twins { exchange, person, question: question.text.clone(), shown, shared, at: turn.now }))
}

/// Whether what was put before a model counts for everybody.
async fn is_shared(turn: &Turn<'_>, asking: &Asking<'_>, request: &RequestRef) -> anyhow::Result<bool> {
    let store = &turn.bot.store;
    for (id, _) in &request.lessons {
        if store.lesson(id).await?.is_none_or(|lesson| lesson.scope != Scope::Everyone) {
            return Ok(false);
        }
    }
    for (id, ..) in request.passages.iter().filter(|(id, ..)| id.as_str() != GUIDE) {
        if store.document(id).await?.is_none_or(|document| document.scope != Scope::Everyone) {
            return Ok(false);
        }
    }
    let rules = asking.mind.rules(&asking.scopes);
    let is_own = |rule: &Rule| rule.scope != Scope::Everyone && request.rules.contains(&rule.id);
    Ok(!rules.iter().any(is_own))
}

/// A number from 0 to 1 that belongs to an exchange.
fn part(id: &ExchangeId) -> f32 {
    let digest = blake3::hash(id.as_str().as_bytes());
    let first = digest.as_bytes().first_chunk::<2>().copied().unwrap_or_default();
    f32::from(u16::from_le_bytes(first)) / 65536.0
}

/// Both answers as one message, and the buttons to choose.
pub fn shown(turn: &Turn<'_>, twins: &Twins) -> (String, Vec<Button>) {
    let [one, two] = &twins.shown;
    let markdown = format!("**A**\n\n{one}\n\n---\n\n**B**\n\n{two}\n\n_{}_", turn.text("twin-which"));
    let say = |key: &str, which: &str| labelled(turn.text(key), format!("/twin pick {which} {}", twins.exchange));
    (markdown, vec![say("button-twin-a", "a"), say("button-twin-b", "b"), say("button-twin-same", "same")])
}

/// A choice is a preference to learn from. Where something private was before the model, it stays their own; else a
/// trainer's counts for everybody, and that of others waits for somebody who may approve it.
async fn pick(turn: &mut Turn<'_>, which: &str, exchange: &str) -> anyhow::Result<()> {
    let found = turn.bot.store.object::<Twins>(exchange).await?;
    let Some(twins) = found.filter(|twins| twins.person == turn.person.id) else { return say(turn, "twin-gone") };
    let [one, two] = twins.shown.clone();
    let (chosen, rejected) = match which {
        "a" => (one, two),
        "b" => (two, one),
        _ => return say(turn, "twin-noted"),
    };
    let (state, scope, reason) = match (twins.shared, turn.standing >= Standing::Trainer) {
        (false, _) => (ExampleState::Approved, Scope::Person(turn.person.id.clone()), ""),
        (true, true) => (ExampleState::Approved, Scope::Everyone, ""),
        (true, false) => (ExampleState::Proposed, Scope::Everyone, WAITS),
    };
    let example = Example {
        // Chosen again, it is the same example.
        id: ExampleId(format!("{}T", twins.exchange)),
        datum: Datum { question: twins.question, chosen: Some(chosen), rejected: Some(rejected), ..Datum::default() },
        state,
        scope,
        author: turn.person.id.clone(),
        asker: None,
        platform: turn.incoming.place.channel,
        conversation: turn.conversation(),
        exchange: Some(twins.exchange),
        release: None,
        origin: Origin::Choice,
        reason: reason.to_owned(),
        at: turn.now,
    };
    turn.record.objects.push(Row::of(&example)?);
    say(turn, "twin-noted")
}
