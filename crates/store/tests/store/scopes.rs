//! Nothing of one conversation is ever shown in another: for any interleaving of turns, settings,
//! summaries and fresh starts, each conversation sees exactly its own.

use crate::world::{NOW, World, answered, author, claim_one, conversation, place, record, said};
use domain::exchange::Scope;
use domain::person::ChatPrefs;
use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use std::collections::HashMap;
use store::{Record, Store};

/// Conversations whose names are each other's prefixes, on purpose.
const CHATS: [&str; 4] = ["1", "11", "1:1", "-1"];

#[derive(Clone, Debug)]
enum Step {
    Turn(usize),
    Prefs(usize),
    Summary(usize),
    Fresh(usize),
    Teach(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let chat = 0..CHATS.len();
    vec(
        prop_oneof![
            4 => chat.clone().prop_map(Step::Turn),
            1 => chat.clone().prop_map(Step::Prefs),
            1 => chat.clone().prop_map(Step::Summary),
            1 => chat.clone().prop_map(Step::Fresh),
            1 => chat.prop_map(Step::Teach),
        ],
        1..24,
    )
}

/// What a conversation should see.
#[derive(Clone, Default)]
struct Own {
    log: Vec<String>,
    persona: Option<String>,
    summary: Option<String>,
    lessons: usize,
}

async fn take(store: &Store, step: &Step, n: usize, own: &mut HashMap<usize, Own>) {
    let (Step::Turn(chat) | Step::Prefs(chat) | Step::Summary(chat) | Step::Fresh(chat) | Step::Teach(chat)) = *step;
    let (name, expected) = (CHATS[chat], own.entry(chat).or_default());
    store.accept(vec![said(name, &format!("{n}"))]).await.unwrap();
    let work = claim_one(store, "me", NOW).await;
    let turn = match step {
        Step::Turn(_) => {
            expected.log.extend([format!("{n}"), format!("{name} says {n}")]);
            Record { becomes: None, ..answered("me", &work, name, &format!("x{n}"), &format!("{name} says {n}")) }
        }
        Step::Prefs(_) => {
            expected.persona = Some(format!("{n}"));
            let prefs = ChatPrefs { persona: expected.persona.clone(), ..ChatPrefs::default() };
            Record { chat_prefs: Some((conversation(name), prefs)), ..record("me", &work) }
        }
        Step::Summary(_) => {
            expected.summary = Some(format!("{n}"));
            Record { summary: Some((conversation(name), n as i64 + 100_000, format!("{n}"))), ..record("me", &work) }
        }
        Step::Fresh(_) => {
            expected.log.clear();
            expected.summary = None;
            Record { fresh_start: true, ..record("me", &work) }
        }
        Step::Teach(_) => {
            expected.lessons += 1;
            let scope = Scope::Conversation(conversation(name));
            Record { lessons: vec![crate::world::lesson(&format!("l{n}"), scope, "ann")], ..record("me", &work) }
        }
    };
    store.record(turn).await.unwrap();
}

async fn check(store: &Store, own: &HashMap<usize, Own>) {
    for (chat, name) in CHATS.iter().enumerate() {
        let expected = own.get(&chat).cloned().unwrap_or_default();
        let view = store.turn_view(&place(name), &author("1", "Ann"), NOW, 100, 100_000).await.unwrap();
        assert_eq!(view.log.into_iter().map(|entry| entry.text).collect::<Vec<_>>(), expected.log, "{name}");
        assert_eq!(view.chat_prefs.persona, expected.persona, "{name}");
        assert_eq!(view.summary.map(|(_, text)| text), expected.summary, "{name}");
        let scope = Scope::Conversation(conversation(name));
        assert_eq!(store.lessons(Some(&scope), 100).await.unwrap().len(), expected.lessons, "{name}");
    }
}

fn hold(world: fn() -> World, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&steps(), |steps| {
        runtime.block_on(async {
            let world = world();
            let store = world.open().await;
            let mut own = HashMap::new();
            for (n, step) in steps.iter().enumerate() {
                take(&store, step, n, &mut own).await;
            }
            check(&store, &own).await;
            store.close().await;
        });
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn a_conversation_sees_only_its_own_on_sqlite() {
    hold(World::sqlite, 24);
}

#[test]
fn a_conversation_sees_only_its_own_on_postgres() {
    hold(World::postgres, 6);
}
