//! One question after another is corrected; what is answered then is measured.

use crate::data::Item;
use apprentice_models::embedded::fit::{Case, train};
use apprentice_models::embedded::snapshot::Taught;
use apprentice_models::embedded::{Embedded, Reply, Source};
use domain::exchange::{Lesson, Scope};
use domain::ids::{Millis, PersonId};
use domain::person::Lang;

/// What is answered after so many corrections, as shares.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// How many questions were corrected.
    pub corrections: usize,
    /// Of what was corrected, answered right in the wording that was taught; before the first correction, of all.
    pub same: f64,
    /// The same in other words: answered right, answered by something else.
    pub other_words: f64,
    /// Of the other words, answered by something else.
    pub wrong: f64,
    /// Of the questions beside what was corrected, those answered otherwise than before the first correction.
    pub spilled: f64,
    /// Of the questions that nothing answers, left alone.
    pub left_alone: f64,
}

/// What is answered after each of these numbers of corrections, ascending.
pub fn curve(items: &[Item], nothing: &[String], at: &[usize]) -> Vec<Point> {
    let mut model = Embedded::new();
    let before: Vec<Option<String>> = items.iter().map(|item| answered(&model, &item.near)).collect();
    let mut points = Vec::new();
    let mut taught = 0;
    for corrections in at {
        let more: Vec<Lesson> = items[taught..*corrections].iter().map(lesson).collect();
        model.learn_all(&more);
        taught = *corrections;
        let known = if taught == 0 { items } else { &items[..taught] };
        points.push(point(&model, known, &before, nothing, taught));
    }
    points
}

/// What is answered after all these corrections, without and with a fit. The fit sees what was taught and, of every
/// second template and every second question that nothing answers, the other wordings with what they mean and the
/// questions that have no answer; measured is by the other templates and questions.
pub fn around_a_fit(items: &[Item], nothing: &[String]) -> [Point; 2] {
    let mut model = Embedded::new();
    let (seen, unseen): (Vec<Item>, Vec<Item>) = items.iter().cloned().partition(|item| item.topic.is_multiple_of(2));
    let before: Vec<Option<String>> = unseen.iter().map(|item| answered(&model, &item.near)).collect();
    let taught = items.iter().map(|item| right(item, &item.taught));
    let meant = seen.iter().flat_map(|item| item.asked.iter().map(|asked| right(item, asked)));
    let unanswered = seen.iter().map(|item| &item.near).chain(nothing.iter().step_by(2));
    let cases: Vec<Case> = taught.chain(meant).chain(unanswered.map(|question| case(question, None))).collect();
    let others: Vec<String> = nothing.iter().skip(1).step_by(2).cloned().collect();
    model.learn_all(&items.iter().map(lesson).collect::<Vec<_>>());
    let without = point(&model, &unseen, &before, &others, items.len());
    model.apply(&train(&model, &cases, 1, &mut |_, _| {}));
    [without, point(&model, &unseen, &before, &others, items.len())]
}

fn right(item: &Item, asked: &str) -> Case {
    let (id, question, answer) = (item.id.clone(), item.taught.clone(), item.answer.clone());
    case(asked, Some(Taught { id, question, answer, scope: Scope::Everyone }))
}

fn case(question: &str, right: Option<Taught>) -> Case {
    Case { question: question.to_owned(), scope: Scope::Everyone, right, wrong: Vec::new() }
}

fn point(model: &Embedded, known: &[Item], before: &[Option<String>], nothing: &[String], corrections: usize) -> Point {
    let says = |item: &Item, question: &String| answered(model, question).map(|id| id == item.id);
    let same = known.iter().map(|item| says(item, &item.taught) == Some(true));
    let others = || known.iter().flat_map(|item| item.asked.iter().map(move |asked| says(item, asked)));
    let spilled = known.iter().zip(before).map(|(item, before)| answered(model, &item.near) != *before);
    Point {
        corrections,
        same: share(same),
        other_words: share(others().map(|right| right == Some(true))),
        wrong: share(others().map(|right| right == Some(false))),
        spilled: share(spilled),
        left_alone: share(nothing.iter().map(|question| answered(model, question).is_none())),
    }
}

fn share(hits: impl Iterator<Item = bool>) -> f64 {
    let hits: Vec<bool> = hits.collect();
    hits.iter().filter(|hit| **hit).count() as f64 / hits.len().max(1) as f64
}

/// What answered: the id of a lesson, the place of a passage.
fn answered(model: &Embedded, question: &str) -> Option<String> {
    match model.answer(question, &[Scope::Everyone], Lang::En, None) {
        Reply::Answer { sources, .. } => sources.first().map(|source| match source {
            Source::Lesson(id) => id.as_str().to_owned(),
            Source::Document { place, .. } | Source::Guide { place, .. } => place.clone(),
        }),
        Reply::Unknown { .. } | Reply::Smalltalk { .. } => None,
    }
}

fn lesson(item: &Item) -> Lesson {
    Lesson {
        id: item.id.as_str().into(),
        scope: Scope::Everyone,
        question: item.taught.clone(),
        answer: item.answer.clone(),
        teacher: PersonId::from("t"),
        exchange: None,
        at: Millis(0),
    }
}
