//! What a member teaches a group counts once other members have confirmed it. Nobody confirms what they taught
//! themselves, and nobody twice; and however many confirm it, it takes the place of nothing that a trainer taught.

use crate::learn::lessons;
use crate::turn::Turn;
use domain::example::{Example, ExampleState};
use domain::ids::{ExampleId, Millis, PersonId};
use domain::object::Object;
use domain::person::Standing;
use serde::{Deserialize, Serialize};
use store::Row;

/// `/agree id`: a member of the group confirms what another one taught it.
pub async fn command(turn: &mut Turn<'_>, id: &str) -> anyhow::Result<()> {
    let found = turn.bot.store.object::<Example>(id.trim()).await?;
    let here = turn.conversation();
    let waiting = |example: &Example| {
        example.state == ExampleState::Proposed && example.reason == "public_group" && example.conversation == here
    };
    let Some(mut example) = found.filter(waiting) else { return say(turn, "agree-nothing") };
    if example.author == turn.person.id {
        return say(turn, "agree-own");
    }
    match missing(turn, &example).await? {
        0 => {
            let rivals = lessons::rivals(turn, &example).await?;
            if lessons::any_by_more_than(turn, &rivals, Standing::User).await? {
                return contradicts(turn, example).await;
            }
            example.state = ExampleState::Approved;
            for rival in rivals {
                lessons::retire(turn, rival.id.as_str()).await?;
            }
            lessons::counts(turn, &example)?;
            lessons::confirm(turn, &example, &[]);
        }
        missing => {
            let text = turn.text_with("agree-noted", &[("missing", missing.to_string())]);
            turn.reply(text);
        }
    }
    Ok(())
}

/// A trainer has taught another answer since: those who may decide are asked.
async fn contradicts(turn: &mut Turn<'_>, example: Example) -> anyhow::Result<()> {
    let example = Example { state: ExampleState::Conflicted, reason: "conflict".to_owned(), ..example };
    turn.record.objects.push(Row::of(&example)?);
    lessons::ask_owners(turn, &example).await?;
    say(turn, "agree-conflict")
}

/// Takes this member's yes; how many are missing then.
async fn missing(turn: &mut Turn<'_>, example: &Example) -> anyhow::Result<u32> {
    let vote = Vote { example: example.id.clone(), person: turn.person.id.clone(), at: turn.now };
    let mut voters: Vec<Vote> = turn.bot.store.about(example.id.as_str(), 100).await?;
    voters.retain(|known| known.person != vote.person);
    turn.record.objects.push(Row::of(&vote)?);
    let members = u32::try_from(turn.bot.store.members(&example.conversation).await?).unwrap_or(u32::MAX);
    let needed = turn.bot.settings.current().learning.quorum.min(members.saturating_sub(1).max(1));
    Ok(needed.saturating_sub(u32::try_from(voters.len()).unwrap_or(u32::MAX).saturating_add(1)))
}

fn say(turn: &mut Turn<'_>, key: &str) -> anyhow::Result<()> {
    let text = turn.text(key);
    turn.reply(text);
    Ok(())
}

/// A member's yes.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Vote {
    example: ExampleId,
    person: PersonId,
    at: Millis,
}

impl Object for Vote {
    const KIND: &'static str = "vote";
    fn id(&self) -> String {
        format!("{}:{}", self.example, self.person)
    }
    fn state(&self) -> &'static str {
        "given"
    }
    fn person(&self) -> &str {
        self.person.as_str()
    }
    fn key(&self) -> String {
        self.example.0.clone()
    }
    fn at(&self) -> Millis {
        self.at
    }
}
