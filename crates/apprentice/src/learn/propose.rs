//! The model in use proposes questions and answers from a document. Each is marked as a proposal and counts only when
//! somebody approves it.

use crate::bot::{Bot, now};
use crate::learn::lessons;
use crate::learn::oracle;
use crate::learn::run::{self, Next, Problem, Step, Stepped};
use crate::turn::Turn;
use domain::example::{Datum, Example, ExampleState, Origin};
use domain::exchange::Document;
use domain::ids::{DocumentId, ExampleId};
use domain::incoming::Channel;
use domain::person::Standing;
use domain::run::{Run, RunState, Task};
use domain::text;
use serde::Deserialize;
use store::Row;

/// Characters of one portion.
const PORTION: usize = 4000;
/// Most portions of one document.
const MOST: usize = 200;

#[derive(Deserialize)]
struct Proposed {
    question: String,
    answer: String,
}

/// Begins, where there is a language model to propose and somebody who may ask for it.
pub async fn command(turn: &mut Turn<'_>, id: &str) -> anyhow::Result<()> {
    let document = DocumentId::from(id);
    let found = turn.bot.store.document(&document).await?;
    if oracle::chain(turn.bot).is_empty() {
        let text = turn.text("oracle-none");
        turn.reply(text);
    } else if found.is_none_or(|document| !may_read(turn, &document)) {
        let text = turn.text("forget-unknown");
        turn.reply(text);
    } else {
        run::begin(turn, Task::Propose { document })?;
    }
    Ok(())
}

/// Nobody reads what somebody else keeps to themselves, or to another group.
fn may_read(turn: &Turn<'_>, document: &Document) -> bool {
    turn.standing == Standing::Owner || document.teacher == turn.person.id || turn.scopes().contains(&document.scope)
}

/// The next portion.
pub async fn step(step: &mut Step<'_>, run: &mut Run, id: &DocumentId) -> Stepped {
    let Some(document) = step.bot.store.document(id).await? else {
        return Ok(Err(Problem::new("forget-unknown")));
    };
    run.state = RunState::Running;
    let portions = portions(&document.whole());
    let at = run.done.0 as usize;
    run.done.1 = portions.len() as u64;
    let Some(portion) = portions.get(at) else { return Ok(Ok(done(run))) };
    let instruction = text::say(run.lang, "prompt-propose");
    let proposed: Vec<Proposed> = match oracle::ask(step.bot, &instruction, portion, step.stop).await {
        Ok(proposed) => proposed,
        Err(problem) => return Ok(Err(problem)),
    };
    let platform = platform(step.bot, run, &document).await?;
    let mut count: u64 = run.memory.recall("proposed").unwrap_or(0);
    for (number, one) in proposed.into_iter().enumerate().take(20) {
        if !one.question.trim().is_empty() && !one.answer.trim().is_empty() {
            step.record.objects.push(Row::of(&Example { platform, ..example(run, &document, at, number, one) })?);
            count += 1;
        }
    }
    run.memory.keep("proposed", count);
    run.done.0 += 1;
    Ok(Ok(Next::Step))
}

fn done(run: &mut Run) -> Next {
    let count: u64 = run.memory.recall("proposed").unwrap_or(0);
    run.report = text::say_with(run.lang, "propose-done", &[("count", count.to_string())]);
    if count > 0 {
        run.offers = vec![(text::say(run.lang, "button-review"), "/review".to_owned())];
    }
    run.note(now(), text::say_with(run.lang, "propose-done", &[("count", count.to_string())]));
    run.state = RunState::Succeeded;
    Next::Over
}

/// The platform that a document is from, by the accounts of whoever gave it. Discord, whose data may need a permission to be
/// trained on, as soon as it can be that.
async fn platform(bot: &Bot, run: &Run, document: &Document) -> anyhow::Result<Channel> {
    let accounts = bot.store.accounts(&document.teacher).await?;
    let known: Vec<Channel> = accounts.into_iter().map(|(channel, _)| channel).collect();
    let here = run.place.channel;
    Ok(match known.first() {
        Some(_) if known.contains(&Channel::Discord) => Channel::Discord,
        Some(first) if !known.contains(&here) => *first,
        _ => here,
    })
}

fn example(run: &Run, document: &Document, portion: usize, number: usize, one: Proposed) -> Example {
    let datum = Datum::of(one.question, one.answer);
    Example {
        id: ExampleId(format!("{}{portion:04}{number:02}", run.id)),
        reason: lessons::suspicion(&datum).unwrap_or("proposal").to_owned(),
        datum,
        state: ExampleState::Proposed,
        scope: document.scope.clone(),
        author: run.person.clone(),
        // Its words are those of whoever gave the document: they are asked as well, and it goes with them.
        asker: Some(document.teacher.clone()).filter(|teacher| *teacher != run.person),
        platform: run.place.channel,
        conversation: format!("document:{}", document.id).as_str().into(),
        exchange: None,
        release: None,
        origin: Origin::Proposal { document: document.id.clone() },
        at: run.at,
    }
}

/// A text cut at the ends of its paragraphs.
fn portions(text: &str) -> Vec<String> {
    let mut portions: Vec<String> = Vec::new();
    for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
        match portions.last_mut() {
            Some(last) if last.chars().count() + paragraph.chars().count() < PORTION => {
                last.push_str("\n\n");
                last.push_str(paragraph);
            }
            _ => portions.extend(pieces(paragraph)),
        }
    }
    portions.truncate(MOST);
    portions
}

/// A paragraph that is too long alone, in pieces.
fn pieces(paragraph: &str) -> Vec<String> {
    let letters: Vec<char> = paragraph.chars().collect();
    letters.chunks(PORTION).map(|piece| piece.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::exchange::Scope;
    use domain::ids::Millis;
    use domain::incoming::{ChatKind, Place};
    use domain::person::Lang;

    #[test]
    fn what_is_proposed_from_somebody_elses_document_holds_their_words() {
        let place = Place { channel: Channel::Telegram, chat: "1".to_owned(), thread: None, kind: ChatKind::Private };
        let task = Task::Propose { document: "d".into() };
        let run = Run::new("run".into(), task, place, "alice".into(), Lang::En, Millis(1));
        let document = |teacher: &str| Document {
            id: "d".into(),
            scope: Scope::Everyone,
            title: String::new(),
            text: String::new(),
            teacher: teacher.into(),
            passages: Vec::new(),
            given_in: None,
            source: String::new(),
            at: Millis(1),
        };
        let one = || Proposed { question: "When?".to_owned(), answer: "Now.".to_owned() };
        assert_eq!(example(&run, &document("bob"), 0, 0, one()).asker, Some("bob".into()));
        assert_eq!(example(&run, &document("alice"), 0, 0, one()).asker, None);
    }
}
