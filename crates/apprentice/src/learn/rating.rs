//! Ratings as something to learn from: those of trainers become examples, which make no lessons; those of users are only
//! counted.

use crate::learn::outcome;
use crate::turn::Turn;
use domain::example::{Datum, Example, ExampleState, Origin};
use domain::exchange::{Exchange, Opinion, Scope};
use domain::ids::ExampleId;
use domain::incoming::ChatKind;
use domain::person::Standing;
use store::Row;

/// Notes an opinion as something to learn from, where it says whether the answer was good; one that was taken back teaches
/// nothing any more.
pub async fn note(turn: &mut Turn<'_>, exchange: &Exchange, opinion: &Opinion) -> anyhow::Result<()> {
    match outcome::is_good(opinion) {
        Some(good) => rated(turn, exchange, good),
        None if *opinion == Opinion::Retracted => taken_back(turn, exchange).await,
        None => Ok(()),
    }
}

async fn taken_back(turn: &mut Turn<'_>, exchange: &Exchange) -> anyhow::Result<()> {
    let known: Option<Example> = turn.bot.store.object(of(turn, exchange).as_str()).await?;
    if let Some(example) = known {
        turn.record.objects.push(Row::of(&Example { state: ExampleState::Retired, ..example })?);
    }
    Ok(())
}

/// Rated again, it is the same example.
fn of(turn: &Turn<'_>, exchange: &Exchange) -> ExampleId {
    ExampleId(format!("{}R{}", exchange.id, turn.person.id))
}

fn rated(turn: &mut Turn<'_>, exchange: &Exchange, good: bool) -> anyhow::Result<()> {
    if turn.standing < Standing::Trainer {
        return Ok(());
    }
    let answer = Some(exchange.answer_itself().to_owned());
    let (chosen, rejected) = if good { (answer, None) } else { (None, answer) };
    let datum = Datum { question: exchange.question.clone(), chosen, rejected, ..Datum::default() };
    let example = Example {
        id: of(turn, exchange),
        datum,
        state: ExampleState::Approved,
        scope: match turn.incoming.place.kind {
            ChatKind::Private => Scope::Everyone,
            _ => Scope::Conversation(turn.conversation()),
        },
        author: turn.person.id.clone(),
        asker: Some(exchange.person.clone()).filter(|asker| *asker != turn.person.id),
        platform: turn.incoming.place.channel,
        conversation: turn.conversation(),
        exchange: Some(exchange.id.clone()),
        release: Some(exchange.release.clone()),
        origin: Origin::Rating,
        reason: String::new(),
        at: turn.now,
    };
    turn.record.objects.push(Row::of(&example)?);
    Ok(())
}
