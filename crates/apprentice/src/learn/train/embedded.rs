//! The embedded model, trained here: how sure it must be, which wordings mean the same, and which answers are wrong are
//! fitted on the version's own examples. What it leaves is a snapshot, named by its hash.

use super::{Progress, add_losses};
use crate::bot::Bot;
use crate::learn::dataset;
use crate::learn::run::{Problem, Step};
use crate::learn::watch;
use domain::exchange::Scope;
use domain::ids::PersonId;
use domain::person::Standing;
use domain::release::Artifact;
use domain::run::{Loss, Run};
use learning::freeze::{Row, Split};
use learning::near;
use models::embedded::Embedded;
use models::embedded::fit::{self, Case, Wrong};
use models::embedded::snapshot::{Snapshot, Taught};
use std::collections::{BTreeMap, BTreeSet};

/// The seed of the fit: the same examples make the same snapshot.
const SEED: u64 = 7;
/// Of examples that nothing else says, one in so many stands for questions that nothing answers.
const UNANSWERED: u8 = 5;
/// Most cases that are fitted on; of more, the first ones.
const MOST: usize = 20_000;

/// Trains, in one step.
pub(super) async fn advance(
    step: &Step<'_>,
    run: &mut Run,
    rows: Vec<Row>,
) -> anyhow::Result<Result<Progress, Problem>> {
    let cases = cases(rows, &Told::of(step.bot).await?);
    let (snapshot, losses) = watch::over(step, run, move |_| {
        let mut losses = Vec::new();
        let mut heard =
            |step: usize, loss: f64| losses.push(Loss { step: step as u64, train: loss as f32, valid: None });
        let fitted = fit::train(&Embedded::new(), &cases, SEED, &mut heard);
        // What is known stands in the lessons, and only there: what is unlearnt later must not come back from here.
        let snapshot = Snapshot { aliases: Vec::new(), examples: Vec::new(), ..fitted };
        Ok((snapshot, losses))
    })
    .await?;
    add_losses(run, losses.into_iter());
    let id = step.bot.store.blobs()?.put(snapshot.to_bytes()?.into()).await?;
    Ok(Ok(Progress::Done(Artifact::Embedded { snapshot: id.as_str().to_owned() })))
}

/// The ids of the examples of which something is more than data.
#[derive(Default)]
struct Told {
    /// What counts for everybody as a lesson: only that is known to a model which answers everybody.
    lessons: BTreeSet<String>,
    /// What trainers said: only their word makes an answer wrong for everybody.
    by_trainers: BTreeSet<String>,
}

impl Told {
    async fn of(bot: &Bot) -> anyhow::Result<Self> {
        let mut told = Self::default();
        let mut trainers: BTreeMap<PersonId, bool> = BTreeMap::new();
        for example in dataset::approved(bot).await? {
            let is_trainer = match trainers.get(&example.author) {
                Some(known) => *known,
                None => bot.store.person(&example.author).await?.is_some_and(|who| who.standing >= Standing::Trainer),
            };
            if is_trainer {
                told.by_trainers.insert(example.id.0.clone());
            }
            if example.scope == Scope::Everyone && example.is_lesson() {
                told.lessons.insert(example.id.0.clone());
            }
            trainers.insert(example.author, is_trainer);
        }
        Ok(told)
    }
}

/// The version as questions with what is known of their answers. Wordings with one answer are wordings of one lesson; of
/// what is said only once, some stand for questions that nothing answers.
fn cases(rows: Vec<Row>, told: &Told) -> Vec<Case> {
    let train: Vec<Row> = rows.into_iter().filter(|row| row.split == Split::Train).take(MOST).collect();
    let mut said: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    for row in train.iter().filter(|row| told.lessons.contains(row.id.as_str())) {
        if let Some(answer) = &row.datum.chosen {
            said.entry(near::normal(answer)).or_default().push(row);
        }
    }
    train.iter().map(|row| case(row, &said, told)).collect()
}

fn case(row: &Row, said: &BTreeMap<String, Vec<&Row>>, told: &Told) -> Case {
    let rejected = row.datum.rejected.iter().filter(|_| told.by_trainers.contains(row.id.as_str()));
    let wrong = rejected.map(|answer| Wrong { id: None, answer: answer.clone() }).collect();
    let same = row.datum.chosen.as_deref().and_then(|answer| said.get(&near::normal(answer)));
    let mine = same.filter(|rows| rows.iter().any(|same| same.id == row.id)).map_or(&[][..], Vec::as_slice);
    let left_out = mine.len() == 1 && row.datum.rejected.is_none() && part(row).is_multiple_of(UNANSWERED);
    let right = mine.first().filter(|_| !left_out).and_then(|first| {
        let (id, question, answer) = (first.id.0.clone(), first.datum.question.clone(), first.datum.chosen.clone()?);
        Some(Taught { id, question, answer, scope: Scope::Everyone })
    });
    Case { question: row.datum.question.clone(), scope: Scope::Everyone, right, wrong }
}

/// A number that belongs to an example, the same each time.
fn part(row: &Row) -> u8 {
    blake3::hash(row.id.as_str().as_bytes()).as_bytes().first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::example::Datum;

    fn row(id: &str, question: &str, answer: &str, split: Split) -> Row {
        let (platform, origin, consent) = (None, String::new(), None);
        Row { id: id.into(), datum: Datum::of(question, answer), split, cluster: 0, platform, origin, consent }
    }

    #[test]
    fn wordings_with_one_answer_become_wordings_of_one_lesson_and_what_is_held_out_stays_out() {
        let rows = vec![
            row("a", "When is lunch?", "At noon.", Split::Train),
            row("b", "At what time do we eat?", "at noon", Split::Train),
            row("c", "When do we have lunch?", "At noon.", Split::HeldOut),
            row("d", "Somebody's own", "private", Split::Train),
        ];
        let told = Told { lessons: ["a", "b", "c"].map(str::to_owned).into(), ..Told::default() };
        let cases = cases(rows, &told);
        let right = |at: usize| cases.get(at).and_then(|case| case.right.as_ref()).map(|right| right.id.as_str());
        assert_eq!(cases.len(), 3);
        assert_eq!((right(0), right(1), right(2)), (Some("a"), Some("a"), None));
    }
    #[test]
    fn only_what_trainers_call_wrong_is_wrong_for_everybody() {
        let rejecting = |id: &str| {
            let mut row = row(id, "When is lunch?", "At noon.", Split::Train);
            row.datum.rejected = Some("At one.".to_owned());
            row
        };
        let told = Told { by_trainers: ["b".to_owned()].into(), ..Told::default() };
        let wrong: Vec<usize> =
            cases(vec![rejecting("a"), rejecting("b")], &told).iter().map(|case| case.wrong.len()).collect();
        assert_eq!(wrong, [0, 1]);
    }
}
