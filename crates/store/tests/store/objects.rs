//! Objects of the learning loop are kept whole and found again; which release answers whom is one row.

use crate::world::{NOW, World, answered, author, both, claim_one, lesson, said};
use domain::dataset::Dataset;
use domain::example::{Datum, Example, ExampleState, Origin};
use domain::exchange::{Lesson, Scope};
use domain::ids::PersonId;
use domain::incoming::Channel;
use domain::object::Object as _;
use domain::release::{Artifact, Release, Routing, Stage};
use store::{Added, Audit, Knowledge, Row};

both!(
    objects_are_found_by_id_state_key_and_order,
    a_state_is_changed_by_one_of_two_at_the_same_time,
    a_person_s_examples_go_with_the_person,
    what_others_taught_about_a_person_s_questions_goes_with_the_person,
    an_object_is_made_of_examples_that_are_there_or_not_at_all,
    of_a_person_who_is_forgotten_meanwhile_nothing_new_is_made,
    of_two_who_change_the_routing_at_once_one_does,
    what_is_taken_in_again_stays_as_it_is_and_is_taken_back_whole,
);

fn example(id: &str, author: &str) -> Example {
    Example {
        id: id.into(),
        datum: Datum::of("When is lunch?", "At noon."),
        state: ExampleState::Proposed,
        scope: Scope::Everyone,
        author: author.into(),
        asker: None,
        platform: Channel::Telegram,
        conversation: "telegram:1".into(),
        exchange: Some(format!("x-{id}").as_str().into()),
        release: None,
        origin: Origin::Correction,
        reason: String::new(),
        at: NOW,
    }
}

async fn objects_are_found_by_id_state_key_and_order(world: World) {
    let store = world.open().await;
    let all: Vec<Example> = (0..1200).map(|at| example(&format!("e{at:05}"), "ann")).collect();
    store.put_all(&all).await.unwrap();
    assert_eq!(store.object::<Example>("e00007").await.unwrap().as_ref(), all.get(7));
    assert_eq!(store.object::<Example>("none").await.unwrap(), None);
    assert_eq!(store.about::<Example>("x-e00009", 5).await.unwrap(), all[9..10]);
    let approved = Example { state: ExampleState::Approved, ..all[3].clone() };
    store.put(&approved).await.unwrap();
    assert!(!store.add(&all[3]).await.unwrap(), "what is there stays");
    assert_eq!(store.after::<Example>("approved", "", 10).await.unwrap(), [approved]);
    assert_eq!(store.latest::<Example>("", "e00002", 10).await.unwrap().len(), 2);
    assert_eq!(store.after::<Example>("", "e01197", 10).await.unwrap(), all[1198..]);
    assert_eq!(
        store.count::<Example>().await.unwrap().into_iter().collect::<Vec<_>>(),
        [("approved".into(), 1), ("proposed".into(), 1199)]
    );
    assert_eq!(store.made_by::<Example>("ann", NOW).await.unwrap(), 1200);
    store.remove::<Example>(&["e00003".to_owned(), "e00004".to_owned()]).await.unwrap();
    assert_eq!(store.object::<Example>("e00003").await.unwrap(), None);
}

async fn a_state_is_changed_by_one_of_two_at_the_same_time(world: World) {
    let store = world.open().await;
    let waiting = example("e1", "ann");
    store.put(&waiting).await.unwrap();
    let yes = Example { state: ExampleState::Approved, ..waiting.clone() };
    let no = Example { state: ExampleState::Rejected, ..waiting };
    let (one, two) = tokio::join!(store.put_if(&yes, "proposed"), store.put_if(&no, "proposed"));
    assert!(one.unwrap() ^ two.unwrap());
}

async fn a_person_s_examples_go_with_the_person(world: World) {
    let store = world.open().await;
    store.put_all(&[example("e1", "ann"), example("e2", "bob")]).await.unwrap();
    store.forget_person(&PersonId::from("ann"), NOW).await.unwrap();
    assert_eq!(store.object::<Example>("e1").await.unwrap(), None);
    assert!(store.object::<Example>("e2").await.unwrap().is_some());
}

async fn what_others_taught_about_a_person_s_questions_goes_with_the_person(world: World) {
    let store = world.open().await;
    let ann = store.meet(Channel::Telegram, &author("1", "Ann"), NOW).await.unwrap().id;
    store.accept(vec![said("1", "mine")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    let mut turn = answered("me", &work, "1", "x-1", "an answer");
    turn.log[0].author = Some(ann.clone());
    turn.exchange.as_mut().unwrap().person = ann.clone();
    turn.lessons = vec![
        Lesson { exchange: Some("x-1".into()), ..lesson("corrects", Scope::Everyone, "bob") },
        Lesson { exchange: Some("x-2".into()), ..lesson("another", Scope::Everyone, "bob") },
        lesson("proposed", Scope::Everyone, "bob"),
        lesson("quoted", Scope::Everyone, "bob"),
    ];
    store.record(turn).await.unwrap();
    let proposed = Example { asker: Some(ann.clone()), exchange: None, ..example("proposed", "bob") };
    let datum = Datum::of(format!("What is \"asker\":\"{ann}\"?"), "A field.");
    let quoted = Example { datum, exchange: None, ..example("quoted", "bob") };
    store.put_all(&[proposed, quoted]).await.unwrap();
    store.forget_person(&ann, NOW).await.unwrap();
    for (id, there) in [("corrects", false), ("another", true), ("proposed", false), ("quoted", true)] {
        assert_eq!(store.lesson(&id.into()).await.unwrap().is_some(), there, "{id}");
    }
    assert_eq!(store.object::<Example>("proposed").await.unwrap(), None);
    assert!(store.object::<Example>("quoted").await.unwrap().is_some());
}

fn version(number: u32) -> Dataset {
    Dataset {
        number,
        title: String::new(),
        parent: 0,
        manifest: serde_json::Value::Null,
        rows: String::new(),
        counts: (2, 0),
        subjects: vec!["ann".into()],
        private: 0,
        tainted: false,
        by: "ann".into(),
        at: NOW,
    }
}

async fn an_object_is_made_of_examples_that_are_there_or_not_at_all(world: World) {
    let store = world.open().await;
    store.put_all(&[example("e1", "ann"), example("e2", "bob")]).await.unwrap();
    let (both, people) = (["e1".into(), "e2".into()], ["ann".into(), "bob".into()]);
    assert_eq!(store.add_made_of(&version(1), &both, &people).await.unwrap(), Added::New);
    assert_eq!(store.add_made_of(&version(1), &both, &people).await.unwrap(), Added::Taken);
    store.forget_person(&"ann".into(), NOW).await.unwrap();
    assert_eq!(store.add_made_of(&version(2), &both, &people).await.unwrap(), Added::Gone);
    assert_eq!(store.object::<Dataset>("00000002").await.unwrap(), None);
}

async fn of_a_person_who_is_forgotten_meanwhile_nothing_new_is_made(world: World) {
    let store = world.open().await;
    for turn in 0..8 {
        let ann = store.meet(Channel::Telegram, &author(&format!("{turn}"), "Ann"), NOW).await.unwrap().id;
        let id = format!("e{turn}");
        store.put(&example(&id, ann.as_str())).await.unwrap();
        let version = version(turn + 1);
        let (examples, people) = ([id.as_str().into()], [ann.clone()]);
        let forgotten = async {
            store.forget_person(&ann, NOW).await.unwrap();
            // What is there now is what whoever forgets has to look through: nothing may come after it.
            store.object::<Dataset>(&version.id()).await.unwrap().is_some()
        };
        let made = store.add_made_of(&version, &examples, &people);
        let (seen, made) = tokio::join!(forgotten, made);
        assert_eq!(made.unwrap() == Added::New, seen, "{turn}");
    }
}

async fn of_two_who_change_the_routing_at_once_one_does(world: World) {
    let store = world.open().await;
    assert_eq!(store.routing().await.unwrap(), Routing::default());
    let from = store.knowledge_revision().await.unwrap();
    let artifact = Artifact::Tuned { model: "sim/ft".to_owned() };
    let release = |number| Release {
        number,
        artifact: artifact.clone(),
        stage: Stage::Live,
        dataset: 1,
        run: "run".into(),
        at: NOW,
        verdict: serde_json::Value::Null,
        moves: Vec::new(),
    };
    let promote = |number: u32| {
        let mut routing = Routing::default();
        routing.promote(number);
        let act = Audit { person: "ann".into(), what: "promote".to_owned(), detail: format!("r{number}"), at: NOW };
        let store = store.clone();
        async move { store.route(0, &routing, vec![Row::of(&release(number)).unwrap()], act).await.unwrap() }
    };
    let (one, two) = tokio::join!(promote(1), promote(2));
    assert!(one ^ two);
    let live = store.routing().await.unwrap().live;
    assert_eq!(live, if one { 1 } else { 2 });
    assert_eq!(store.latest::<Release>("live", "", 5).await.unwrap(), [release(live)], "both or nothing");
    let changes = store.knowledge_since(from, 10).await.unwrap();
    assert_eq!(changes.into_iter().map(|(_, change)| change).collect::<Vec<_>>(), [Knowledge::Routing]);
}

async fn what_is_taken_in_again_stays_as_it_is_and_is_taken_back_whole(world: World) {
    let store = world.open().await;
    let all: Vec<Example> = ["RUN10000", "RUN1ZZZZ", "RUN1ZZZZ", "RUN2AAAA"].map(|id| example(id, "ann")).into();
    let rows: Vec<Row> = all.iter().map(|example| Row::of(example).unwrap()).collect();
    store.take_in(Vec::new(), rows.clone()).await.unwrap();
    store.put(&Example { state: ExampleState::Rejected, ..all[0].clone() }).await.unwrap();
    store.take_in(Vec::new(), rows).await.unwrap();
    let states = store.examples_of("RUN1").await.unwrap();
    assert_eq!(states.into_iter().collect::<Vec<_>>(), [("proposed".into(), 1), ("rejected".into(), 1)]);
    store.take_back("RUN1").await.unwrap();
    assert_eq!(store.after::<Example>("", "", 10).await.unwrap(), all[3..]);
}
