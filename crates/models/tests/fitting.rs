//! A fit on one's own questions: what a snapshot says, and how a model takes it up and lets it go.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use apprentice_models::embedded::fit::{Case, Wrong, train};
use apprentice_models::embedded::snapshot::{Alias, Ban, Snapshot, Taught, fingerprint};
use apprentice_models::embedded::{Embedded, Reply, Source};
use domain::exchange::{Lesson, Scope};
use domain::ids::{Millis, PersonId};
use domain::person::Lang;

fn taught(id: &str, question: &str, answer: &str) -> Taught {
    Taught { id: id.into(), question: question.into(), answer: answer.into(), scope: Scope::Everyone }
}

fn lesson(of: &Taught) -> Lesson {
    Lesson {
        id: of.id.as_str().into(),
        scope: of.scope.clone(),
        question: of.question.clone(),
        answer: of.answer.clone(),
        teacher: PersonId::from("t"),
        exchange: None,
        at: Millis(0),
    }
}

fn told(model: &Embedded, question: &str) -> Option<String> {
    match model.answer(question, &[Scope::Everyone], Lang::En, None) {
        Reply::Answer { markdown, .. } => Some(markdown.lines().next().unwrap_or_default().to_owned()),
        Reply::Unknown { .. } | Reply::Smalltalk { .. } => None,
    }
}

fn case(question: &str, right: Option<&Taught>, wrong: &[&Taught]) -> Case {
    let wrong = wrong.iter().map(|wrong| Wrong { id: Some(wrong.id.clone()), answer: wrong.answer.clone() });
    Case { question: question.into(), scope: Scope::Everyone, right: right.cloned(), wrong: wrong.collect() }
}

#[test]
fn a_lesson_is_found_by_its_aliases_as_long_as_it_is_known() {
    let own = taught("A", "When does the canteen close?", "At three.");
    let asked = "how late can I still grab some lunch downstairs";
    let mut model = Embedded::new();
    model.learn(&lesson(&own));
    assert_eq!(told(&model, asked), None);
    let aliases = vec![Alias { question: asked.into(), id: "A".into() }];
    let snapshot = Snapshot { aliases, ..Snapshot::default() };
    model.apply(&snapshot);
    assert_eq!(told(&model, asked).as_deref(), Some("At three."));
    model.learn(&lesson(&taught("A", "When does the canteen close?", "At four.")));
    assert_eq!(told(&model, asked).as_deref(), Some("At four."), "an alias must not keep an old answer");
    let found = model.recall(&own.question, &[Scope::Everyone], 9, Some(0.0));
    let lessons = found.iter().filter(|found| matches!(found.source, Source::Lesson(_)));
    assert_eq!(lessons.count(), 1, "one lesson was found twice");
    model.unlearn("A");
    assert_eq!(told(&model, asked), None);
    model.learn(&lesson(&own));
    assert_eq!(told(&model, asked).as_deref(), Some("At three."));
    model.clear();
    assert_eq!((told(&model, asked), told(&model, &own.question)), (None, Some("At three.".into())));
}

#[test]
fn a_banned_answer_is_not_given_again_and_still_answers_its_own_question() {
    let own = taught("A", "When does the library open on Saturday?", "At ten.");
    let asked = "library saturday opening";
    let mut model = Embedded::new();
    model.learn(&lesson(&own));
    assert_eq!(told(&model, asked).as_deref(), Some("At ten."));
    let ban = |id: Option<&str>| Ban {
        question: asked.into(),
        scope: Scope::Everyone,
        id: id.map(str::to_owned),
        answer: fingerprint("at  ten."),
    };
    for bans in [vec![ban(Some("A"))], vec![ban(None)]] {
        model.apply(&Snapshot { bans, ..Snapshot::default() });
        assert_eq!(told(&model, asked), None);
        assert_eq!(told(&model, "Library opening, Saturday, please"), None);
        assert_eq!(told(&model, &own.question).as_deref(), Some("At ten."));
    }
    model.clear();
    assert_eq!(told(&model, asked).as_deref(), Some("At ten."));
}

#[test]
fn an_example_counts_until_a_lesson_takes_its_place() {
    let own = taught("E", "Who waters the ferns?", "Nobody.");
    let snapshot = Snapshot { examples: vec![own.clone()], ..Snapshot::default() };
    let mut model = Embedded::with_snapshot(&snapshot);
    assert_eq!(told(&model, &own.question).as_deref(), Some("Nobody."));
    model.learn(&lesson(&taught("E", "Who waters the ferns?", "The caretaker.")));
    assert_eq!(told(&model, &own.question).as_deref(), Some("The caretaker."));
    model.unlearn("E");
    assert_eq!(told(&model, &own.question), None, "what was forgotten came back from the snapshot");
}

const THINGS: [&str; 10] =
    ["kettle", "boiler", "ladder", "printer", "garden", "archive", "locker", "bicycle", "piano", "sauna"];
const PLACES: [&str; 8] = ["Riga", "Oslo", "Kiel", "Turin", "Porto", "Ghent", "Basel", "Malmo"];

/// Questions with an answer, and questions about places that nobody taught.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (at, (thing, place)) in THINGS.iter().flat_map(|t| PLACES.iter().map(move |p| (*t, *p))).enumerate() {
        if at % 2 == 0 {
            let own =
                taught(&format!("L{at}"), &format!("Who repairs the {thing} in {place}?"), &format!("Team {at}."));
            cases.push(case(&format!("{thing} {place} repaired by whom"), Some(&own), &[]));
        } else {
            cases.push(case(&format!("Who repairs the {thing} in {place}?"), None, &[]));
        }
    }
    cases
}

#[test]
fn a_fit_is_repeatable_lowers_its_loss_and_keeps_what_nothing_answers_alone() {
    let (base, cases) = (Embedded::new(), cases());
    let mut losses = Vec::new();
    let snapshot = train(&base, &cases, 7, &mut |step, loss| losses.push((step, loss)));
    assert_eq!(snapshot, train(&base, &cases, 7, &mut |_, _| {}));
    assert_eq!(snapshot, Snapshot::from_bytes(&snapshot.to_bytes().unwrap()).unwrap());
    assert_eq!(losses[0].0, 0);
    assert!(losses.len() > 1 && losses.last().unwrap().1 < losses[0].1, "{losses:?}");
    assert!((0.6..=0.99).contains(&snapshot.coefficients.minimum[0]), "{:?}", snapshot.coefficients.minimum);
    assert_ne!(snapshot.coefficients.weights, Snapshot::default().coefficients.weights, "nothing was learnt");
    let model = Embedded::with_snapshot(&snapshot);
    let right = |case: &&Case| case.right.as_ref().map(|right| right.answer.clone()) == told(&model, &case.question);
    let share = cases.iter().filter(right).count() as f64 / cases.len() as f64;
    assert!(share >= 0.98, "{share} of one's own questions");
}

#[test]
fn few_questions_do_not_lower_the_minimum_and_what_was_corrected_is_not_banned() {
    let (old, new) = (taught("A", "Who feeds the cat?", "Olga."), taught("B", "Who feeds the cat?", "Emil."));
    let cases = [case("Who feeds the cat?", None, &[&old]), case("Who feeds the cat?", Some(&new), &[&old])];
    let snapshot = train(&Embedded::new(), &cases, 1, &mut |_, _| {});
    assert!(snapshot.coefficients.minimum[0] >= Snapshot::default().coefficients.minimum[0]);
    assert_eq!(snapshot.bans.len(), 1);
    let mut model = Embedded::with_snapshot(&snapshot);
    model.learn(&lesson(&old));
    assert_eq!(told(&model, "who feeds the cat").as_deref(), Some("Emil."));
}

#[test]
fn a_snapshot_of_no_cases_is_the_built_in_one() {
    let snapshot = train(&Embedded::new(), &[], 3, &mut |_, _| {});
    assert_eq!(snapshot, Snapshot::default());
}
