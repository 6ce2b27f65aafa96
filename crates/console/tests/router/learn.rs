//! The page of the learning loop: who sees it, and what of others is never on it.

use crate::world::World;
use axum::http::StatusCode;
use domain::dataset::Dataset;
use domain::example::{Datum, Example, ExampleState, Origin};
use domain::exchange::Scope;
use domain::ids::{ExampleId, Millis, RunId};
use domain::incoming::{Act, Channel, ChatKind, Place};
use domain::person::{Lang, Person, Standing};
use domain::release::{Artifact, Release, Stage};
use domain::run::{Loss, Run, RunState, Task};

const TABS: [&str; 4] = ["/learn", "/learn/data", "/learn/work", "/learn/releases"];
const HOSTILE: &str = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>'</textarea><b>";

fn example(id: &str, scope: Scope, author: &Person, question: &str, answer: &str) -> Example {
    Example {
        id: ExampleId(id.to_owned()),
        datum: Datum { rejected: Some("The old answer.".to_owned()), ..Datum::of(question, answer) },
        state: ExampleState::Proposed,
        scope,
        author: author.id.clone(),
        asker: None,
        platform: Channel::Web,
        conversation: format!("web:{}", author.id).as_str().into(),
        exchange: None,
        release: None,
        origin: Origin::Import { file: HOSTILE.to_owned(), line: 3 },
        reason: "wider_scope".to_owned(),
        at: Millis(1_700_000_000_000),
    }
}

fn run(id: &str, person: &Person, state: RunState) -> Run {
    let place = Place { channel: Channel::Web, chat: person.id.0.clone(), thread: None, kind: ChatKind::Private };
    let task = Task::Train { dataset: 1, trainer: "embedded".to_owned() };
    Run { state, ..Run::new(RunId(id.to_owned()), task, place, person.id.clone(), Lang::En, Millis(1)) }
}

fn release(number: u32) -> Release {
    Release {
        number,
        artifact: Artifact::Tuned { model: HOSTILE.to_owned() },
        stage: Stage::Candidate,
        dataset: 1,
        run: RunId::from("r"),
        at: Millis(1),
        verdict: serde_json::Value::Null,
        moves: Vec::new(),
    }
}

#[tokio::test]
async fn the_page_is_for_trainers_and_owners_and_the_chat_links_to_it_for_them() {
    let world = World::new().await;
    for tab in TABS {
        let answer = world.get(tab, &[]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{tab}");
    }
    for (standing, sees) in
        [(Standing::Stranger, false), (Standing::User, false), (Standing::Trainer, true), (Standing::Owner, true)]
    {
        let cookie = world.login(&world.person(standing.name(), standing).await).await;
        for tab in TABS {
            let answer = world.get(tab, &[("cookie", &cookie)]).await;
            let expected = if sees { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(answer.status, expected, "{standing:?} {tab}");
        }
        let chat = world.get("/", &[("cookie", &cookie)]).await;
        assert_eq!(chat.body.contains("href=\"/learn\""), sees, "{standing:?}");
    }
}

#[tokio::test]
async fn what_somebody_may_not_decide_about_is_never_in_their_page() {
    let world = World::new().await;
    let trainer = world.person("trainer", Standing::Trainer).await;
    let other = world.person("other", Standing::Trainer).await;
    let owner = world.person("owner", Standing::Owner).await;
    let own = Scope::Person(trainer.id.clone());
    let others = Scope::Person(other.id.clone());
    let group = Scope::Conversation("telegram:7".into());
    let examples = [
        example("01A", own, &trainer, "my own matter", "one"),
        example("01B", others, &other, "a private matter of another", "two"),
        example("01C", group, &other, "a matter of a group", "three"),
        example("01D", Scope::Everyone, &other, "a matter of everybody", "four"),
        Example {
            state: ExampleState::Approved,
            ..example("01E", Scope::Everyone, &other, "a matter that was decided", "five")
        },
    ];
    world.store.put_all(&examples).await.unwrap();
    let cookie = world.login(&trainer).await;
    let page = world.get("/learn", &[("cookie", &cookie)]).await.body;
    for (question, shown) in [
        ("my own matter", false),
        ("a private matter of another", false),
        ("a matter of a group", true),
        ("a matter of everybody", true),
        ("a matter that was decided", false),
    ] {
        assert_eq!(page.contains(question), shown, "{question}");
    }
    assert!(!page.contains("01B") && !page.contains("/review 01A everyone"), "{page}");
    for tab in TABS {
        assert!(!world.get(tab, &[("cookie", &cookie)]).await.body.contains("a private matter"), "{tab}");
    }
    let cookie = world.login(&owner).await;
    let page = world.get("/learn", &[("cookie", &cookie)]).await.body;
    assert!(page.contains("a private matter of another") && page.contains("/review 01B everyone"), "{page}");
}

#[tokio::test]
async fn what_waits_for_a_trainer_is_found_behind_many_private_items_of_others() {
    let world = World::new().await;
    let (trainer, other) =
        (world.person("trainer", Standing::Trainer).await, world.person("other", Standing::User).await);
    let private = |at: u32| example(&format!("01A{at:04}"), Scope::Person(other.id.clone()), &other, "private", "x");
    let mut examples: Vec<_> = (0..450).map(private).collect();
    examples.push(example("01B", Scope::Everyone, &other, "a matter of everybody", "four"));
    world.store.put_all(&examples).await.unwrap();
    let cookie = world.login(&trainer).await;
    let page = world.get("/learn", &[("cookie", &cookie)]).await.body;
    assert!(page.contains("a matter of everybody") && page.contains("One item waits"), "{page}");
    assert!(!page.contains("01A0"), "{page}");
}

#[tokio::test]
async fn runs_of_others_are_seen_by_owners_alone() {
    let world = World::new().await;
    let (trainer, other) =
        (world.person("trainer", Standing::Trainer).await, world.person("other", Standing::Trainer).await);
    let owner = world.person("owner", Standing::Owner).await;
    world
        .store
        .put_all(&[run("01AAAAAA", &trainer, RunState::Running), run("01BBBBBB", &other, RunState::Failed)])
        .await
        .unwrap();
    let cookie = world.login(&trainer).await;
    let page = world.get("/learn/work", &[("cookie", &cookie)]).await.body;
    assert!(page.contains("AAAAAA") && !page.contains("BBBBBB"), "{page}");
    let cookie = world.login(&owner).await;
    let page = world.get("/learn/work", &[("cookie", &cookie)]).await.body;
    assert!(page.contains("AAAAAA") && page.contains("BBBBBB"), "{page}");
}

#[tokio::test]
async fn nothing_that_somebody_wrote_becomes_part_of_the_page() {
    let world = World::new().await;
    let owner = Person { name: HOSTILE.to_owned(), ..world.person("owner", Standing::Owner).await };
    world.store.save_person(&owner).await.unwrap();
    let other = Person { name: HOSTILE.to_owned(), ..world.person("other", Standing::User).await };
    world.store.save_person(&other).await.unwrap();
    let alike = format!("The old answer. {HOSTILE}");
    let examples = [
        example("01A", Scope::Everyone, &other, HOSTILE, HOSTILE),
        example("01B", Scope::Everyone, &other, HOSTILE, &alike),
    ];
    world.store.put_all(&examples).await.unwrap();
    let mut failed = run("01RUN123", &other, RunState::Failed);
    failed.fail(Millis(2), HOSTILE);
    failed.report = HOSTILE.to_owned();
    failed.offers = vec![(HOSTILE.to_owned(), HOSTILE.to_owned())];
    world.store.put(&failed).await.unwrap();
    let told = serde_json::Value::String(HOSTILE.to_owned());
    world.store.put(&Release { verdict: told, ..release(1) }).await.unwrap();
    let dataset = Dataset {
        private: 0,
        number: 1,
        title: HOSTILE.to_owned(),
        parent: 0,
        manifest: serde_json::json!({ "blake3": HOSTILE }),
        rows: "x".to_owned(),
        counts: (1, 1),
        subjects: Vec::new(),
        tainted: false,
        by: other.id.clone(),
        at: Millis(1),
    };
    world.store.put(&dataset).await.unwrap();
    let cookie = world.login(&owner).await;
    for tab in TABS {
        let page = world.get(tab, &[("cookie", &cookie)]).await.body;
        assert!(page.contains("&lt;script&gt;"), "{tab} does not show it: {page}");
        for harm in ["<script>", "<img src=x", "<b>", "<textarea><", " style=", " onclick="] {
            assert!(!page.contains(harm), "{tab}: {harm}: {page}");
        }
        assert_eq!(page.matches("</textarea>").count(), page.matches("<textarea").count(), "{tab}");
    }
}

#[tokio::test]
async fn what_is_pressed_there_is_a_command_of_whoever_presses() {
    let world = World::new().await;
    let trainer = world.person("trainer", Standing::Trainer).await;
    let cookie = world.login(&trainer).await;
    let text = format!("line one\\nline two {}", "x".repeat(9000));
    let body = format!(r#"{{"id":"1","data":"say:/review 01A edit {text}"}}"#);
    assert_eq!(world.post("/press", &[("cookie", &cookie)], body).await.status, StatusCode::ACCEPTED);
    let said = world.said.lock().unwrap()[0].clone();
    assert_eq!(said.author.account.0, trainer.id.0);
    let Act::Pressed { data, .. } = said.act else { panic!("{:?}", said.act) };
    assert_eq!(data, format!("say:/review 01A edit {}", text.replace("\\n", "\n")));
}

#[tokio::test]
async fn owners_alone_are_offered_to_promote_and_everybody_else_to_compare() {
    let world = World::new().await;
    world.store.put(&release(1)).await.unwrap();
    for (standing, offered) in [(Standing::Trainer, false), (Standing::Owner, true)] {
        let cookie = world.login(&world.person(standing.name(), standing).await).await;
        let page = world.get("/learn/releases", &[("cookie", &cookie)]).await.body;
        assert!(page.contains("say:/compare r1"), "{page}");
        for command in ["say:/promote r1", "say:/canary r1 10%", "say:/shadow r1"] {
            assert_eq!(page.contains(command), offered, "{standing:?} {command}");
        }
    }
}

#[tokio::test]
async fn a_run_shows_how_far_it_is_what_it_asks_and_its_loss() {
    let world = World::new().await;
    let owner = world.person("owner", Standing::Owner).await;
    let mut training = run("01RUN123", &owner, RunState::Running);
    training.done = (9, 20);
    training.losses =
        (0..900).map(|step| Loss { step, train: 1.0 / (1.0 + step as f32), valid: Some(f32::NAN) }).collect();
    let mut asking = run("01RUN456", &owner, RunState::Waiting);
    asking.ways = vec!["train".to_owned(), "learn".to_owned()];
    world.store.put_all(&[training, asking]).await.unwrap();
    let cookie = world.login(&owner).await;
    let page = world.get("/learn/work", &[("cookie", &cookie)]).await.body;
    assert!(page.contains("45 % (9 of 20)") && page.contains("<polyline") && !page.contains("NaN"), "{page}");
    assert!(page.contains("/job RUN456 go train") && page.contains("/job RUN456 go learn"), "{page}");
    assert!(page.contains("/job RUN123 cancel") && !page.contains("/job RUN123 go"), "{page}");
    assert!(page.len() < 30_000, "{}", page.len());
}
