//! A turn is one transaction, its answer is delivered under the same lease, and what it left behind
//! is found again.

use crate::world::{
    LEASE, NOW, World, answered, author, both, claim_one, conversation, delivery, entry, exchange, place, record, said,
    text_of,
};
use domain::chat::Role;
use domain::exchange::{Feedback, Opinion};
use domain::ids::{ExchangeId, MessageId, PersonId};
use domain::incoming::{Act, ChatKind, Incoming};
use domain::person::ChatPrefs;
use domain::work::{Delivery, Job, Work};
use store::{Error, Fingerprint, Record, Store, UsageOf};

both!(
    an_answer_is_recorded_then_delivered_then_the_next_message_is_handled,
    what_is_shown_first_is_followed_by_what_it_was_shown_for,
    a_delivery_that_something_follows_is_taken_up_again_as_that,
    the_item_behind_another_is_seen_without_being_taken,
    the_log_comes_back_oldest_first_within_its_limits,
    a_fresh_start_hides_what_was_said_before,
    a_summary_that_comes_late_is_dropped,
    settings_of_a_conversation_are_kept,
    an_answer_is_found_by_the_messages_that_show_it,
    an_answer_shown_anew_belongs_to_the_later_exchange,
    opinions_are_kept_with_their_exchange,
    usage_adds_up_by_person_conversation_and_model,
    a_record_committed_twice_counts_once,
    nothing_of_a_turn_is_written_when_its_lane_is_lost,
    work_that_a_turn_brings_along_is_accepted_with_it,
    what_is_overheard_is_marked,
    odd_texts_come_back_as_they_were,
    fingerprints_are_stored_once,
    a_streaming_answer_survives_in_the_log_of_its_lane_only,
);

/// Accepts, answers and delivers one message; the id of its exchange.
async fn turn(store: &Store, chat: &str, text: &str, message: &str) -> ExchangeId {
    store.accept(vec![said(chat, text)]).await.unwrap();
    let work = claim_one(store, "me", NOW).await;
    let id = format!("x-{chat}-{text}");
    store.record(answered("me", &work, chat, &id, &format!("re: {text}"))).await.unwrap();
    let exchange = ExchangeId(id);
    let shown = vec![MessageId::from(message)];
    assert!(store.delivered("me", &work, Some(&exchange), &conversation(chat), shown, NOW).await.unwrap().is_none());
    exchange
}

async fn texts(store: &Store, chat: &str, most: u32, most_bytes: usize) -> Vec<String> {
    let view = store.turn_view(&place(chat), &author(chat, "Ann"), NOW, most, most_bytes).await.unwrap();
    view.log.into_iter().map(|entry| entry.text).collect()
}

async fn an_answer_is_recorded_then_delivered_then_the_next_message_is_handled(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "hi"), said("1", "and?")]).await.unwrap();
    let hi = claim_one(&store, "me", NOW).await;
    let recorded = store.record(answered("me", &hi, "1", "x1", "hello")).await.unwrap();
    assert!(recorded.next.is_none(), "the answer is not there yet");
    assert!(store.claim("you", 10, LEASE, NOW).await.unwrap().is_empty(), "the lane stays held");
    let next =
        store.delivered("me", &hi, Some(&"x1".into()), &conversation("1"), vec!["100".into()], NOW).await.unwrap();
    assert_eq!(text_of(&next.unwrap()), "and?");
    let again = store.delivered("me", &hi, Some(&"x1".into()), &conversation("1"), vec!["101".into()], NOW).await;
    assert!(matches!(again, Err(Error::Lost)), "{again:?}");
}

/// What was heard in a message is shown, and the message goes on as `heard`.
fn heard_first(store_owner: &str, work: &Work, chat: &str) -> (Record, Job) {
    let Job::Handle { incoming, shown } = said(chat, "heard").job else { panic!("no message") };
    let shows = Delivery { then: Some(incoming.clone()), ..delivery(chat, "what I heard") };
    (Record { becomes: Some(shows), ..record(store_owner, work) }, Job::Handle { incoming, shown })
}

async fn what_is_shown_first_is_followed_by_what_it_was_shown_for(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "voice"), said("1", "and?")]).await.unwrap();
    let voice = claim_one(&store, "me", NOW).await;
    let (shows, then) = heard_first("me", &voice, "1");
    store.record(shows).await.unwrap();
    let card = ExchangeId::from("heard:1@telegram:1");
    let noted =
        store.delivered_before("me", &voice, card.clone(), conversation("1"), vec!["100".into()], then).await.unwrap();
    assert_eq!((text_of(&noted).as_str(), noted.id), ("heard", voice.id));
    assert_eq!(store.noted_as(&conversation("1"), &"100".into()).await.unwrap(), Some(card));
    assert!(store.claim("you", 10, LEASE, NOW).await.unwrap().is_empty(), "the lane stays held");
    // It is answered as if nothing had been delivered of it before.
    store.record(answered("me", &noted, "1", "x1", "hello")).await.unwrap();
    let next = store.delivered("me", &noted, Some(&"x1".into()), &conversation("1"), vec!["101".into()], NOW).await;
    assert_eq!(text_of(&next.unwrap().unwrap()), "and?");
}

async fn a_delivery_that_something_follows_is_taken_up_again_as_that(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "voice")]).await.unwrap();
    let voice = claim_one(&store, "me", NOW).await;
    let (shows, then) = heard_first("me", &voice, "1");
    store.record(shows).await.unwrap();
    let again = store.delivered_before("you", &voice, "card".into(), conversation("1"), Vec::new(), then.clone()).await;
    assert!(matches!(again, Err(Error::Lost)), "{again:?}");
    store.delivered_before("me", &voice, "card".into(), conversation("1"), Vec::new(), then).await.unwrap();
    store.release("me").await.unwrap();
    let taken = claim_one(&store, "you", NOW).await;
    assert_eq!((text_of(&taken).as_str(), taken.id), ("heard", voice.id));
    assert!(store.noted_as(&conversation("1"), &"100".into()).await.unwrap().is_none());
}

async fn the_item_behind_another_is_seen_without_being_taken(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "one"), said("2", "elsewhere"), said("1", "two")]).await.unwrap();
    let one = store.claim("me", 10, LEASE, NOW).await.unwrap().into_iter().find(|work| text_of(work) == "one").unwrap();
    let behind = store.following(&one.lane, one.id).await.unwrap().unwrap();
    assert!(matches!(behind, Job::Handle { incoming, .. } if incoming == incoming_of("1", "two")));
    let last = store.delivered("me", &one, None, &conversation("1"), Vec::new(), NOW).await.unwrap().unwrap();
    assert_eq!(text_of(&last), "two");
    assert!(store.following(&last.lane, last.id).await.unwrap().is_none());
}

fn incoming_of(chat: &str, text: &str) -> Box<Incoming> {
    match said(chat, text).job {
        Job::Handle { incoming, .. } => incoming,
        other => panic!("{other:?}"),
    }
}

async fn the_log_comes_back_oldest_first_within_its_limits(world: World) {
    let store = world.open().await;
    for n in 1..=5 {
        turn(&store, "1", &format!("q{n}"), &n.to_string()).await;
    }
    turn(&store, "2", "elsewhere", "9").await;
    assert_eq!(texts(&store, "1", 4, 10_000).await, ["q4", "re: q4", "q5", "re: q5"]);
    assert_eq!(texts(&store, "1", 100, 10_000).await.len(), 10);
    assert_eq!(texts(&store, "1", 100, 8).await, ["q5", "re: q5"], "six and two bytes fit, six more do not");
    assert_eq!(texts(&store, "1", 100, 0).await, Vec::<String>::new());
    let all = store.history(&conversation("1"), None, 100).await.unwrap();
    assert!(all.is_sorted_by_key(|entry| entry.seq));
    let before = store.history(&conversation("1"), Some(all[4].seq), 2).await.unwrap();
    assert_eq!(before, all[2..4]);
    assert_eq!(all[1].message, Some("1".into()), "the message that shows the answer");
    assert_eq!((all[0].role, all[1].role), (Role::User, Role::Assistant));
    assert_eq!(all[1].exchange, Some("x-1-q1".into()));
}

async fn a_fresh_start_hides_what_was_said_before(world: World) {
    let store = world.open().await;
    turn(&store, "1", "old", "1").await;
    store.accept(vec![said("1", "/new")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    store.record(Record { fresh_start: true, ..record("me", &work) }).await.unwrap();
    assert!(texts(&store, "1", 10, 1000).await.is_empty());
    turn(&store, "1", "new", "2").await;
    assert_eq!(texts(&store, "1", 10, 1000).await, ["new", "re: new"]);
    assert_eq!(store.history(&conversation("1"), None, 10).await.unwrap().len(), 4, "nothing is erased");
}

async fn a_summary_that_comes_late_is_dropped(world: World) {
    let store = world.open().await;
    turn(&store, "1", "a", "1").await;
    let last = store.history(&conversation("1"), None, 1).await.unwrap()[0].seq;
    let summarise = async |upto: i64, text: &str| {
        store.accept(vec![said("1", &format!("{upto}{text}"))]).await.unwrap();
        let work = claim_one(&store, "me", NOW).await;
        let summary = Some((conversation("1"), upto, text.to_owned()));
        store.record(Record { summary, ..record("me", &work) }).await.unwrap();
    };
    summarise(last, "they said a").await;
    assert_eq!(store.summary(&conversation("1")).await.unwrap(), Some((last, "they said a".to_owned())));
    summarise(last - 1, "older").await;
    assert_eq!(store.summary(&conversation("1")).await.unwrap().unwrap().1, "they said a");
    store.accept(vec![said("1", "/new")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    store.record(Record { fresh_start: true, ..record("me", &work) }).await.unwrap();
    assert_eq!(store.summary(&conversation("1")).await.unwrap(), None);
    summarise(last, "too late").await;
    assert_eq!(store.summary(&conversation("1")).await.unwrap(), None);
}

async fn settings_of_a_conversation_are_kept(world: World) {
    let store = world.open().await;
    let prefs = ChatPrefs { model: Some("big".into()), keywords: vec!["бот".into()], ..ChatPrefs::default() };
    store.accept(vec![said("1", "set")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    let chat_prefs = Some((conversation("1"), prefs.clone()));
    store.record(Record { chat_prefs, ..record("me", &work) }).await.unwrap();
    let view = store.turn_view(&place("1"), &author("1", "Ann"), NOW, 10, 1000).await.unwrap();
    assert_eq!(view.chat_prefs, prefs);
    assert_eq!(store.chat_prefs(&conversation("2")).await.unwrap(), ChatPrefs::default());
}

async fn an_answer_is_found_by_the_messages_that_show_it(world: World) {
    let store = world.open().await;
    let first = turn(&store, "1", "a", "50").await;
    let second = turn(&store, "1", "b", "51").await;
    let chat = conversation("1");
    let found = store.exchange_of(&chat, &"50".into()).await.unwrap().unwrap();
    assert_eq!(found, exchange("x-1-a", "1", "a", "re: a"));
    assert!(store.exchange_of(&conversation("2"), &"50".into()).await.unwrap().is_none(), "ids count per chat");
    assert_eq!(store.last_exchange(&chat).await.unwrap().unwrap().id, second);
    assert_eq!(store.exchange_asked(&chat, &"a".into()).await.unwrap().unwrap().id, first);
    assert!(store.exchange_asked(&chat, &"zzz".into()).await.unwrap().is_none());
    assert_eq!(store.shown(&first).await.unwrap(), ["50".into()]);
    assert_eq!(store.exchange(&second).await.unwrap().unwrap().answer, "re: b");
    assert!(store.last_exchange(&conversation("2")).await.unwrap().is_none());
}

async fn an_answer_shown_anew_belongs_to_the_later_exchange(world: World) {
    let store = world.open().await;
    turn(&store, "1", "a", "50").await;
    store.accept(vec![said("1", "again")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    let mut record = answered("me", &work, "1", "x-again", "better");
    record.exchange.as_mut().unwrap().asked = "a".into();
    store.record(record).await.unwrap();
    let messages = vec!["50".into(), "52".into()];
    store.delivered("me", &work, Some(&"x-again".into()), &conversation("1"), messages, NOW).await.unwrap();
    let chat = conversation("1");
    assert_eq!(store.exchange_of(&chat, &"50".into()).await.unwrap().unwrap().id, "x-again".into());
    assert_eq!(store.shown(&"x-again".into()).await.unwrap(), ["50".into(), "52".into()]);
    assert_eq!(store.exchange_asked(&chat, &"a".into()).await.unwrap().unwrap().id, "x-again".into());
}

async fn opinions_are_kept_with_their_exchange(world: World) {
    let store = world.open().await;
    let id = turn(&store, "1", "a", "50").await;
    let opinion = |opinion| Feedback {
        exchange: Some(id.clone()),
        conversation: conversation("1"),
        person: PersonId::from("ann"),
        opinion,
        at: NOW,
    };
    let given = vec![opinion(Opinion::Up), opinion(Opinion::Correction { text: "no".into() })];
    store.accept(vec![said("1", "judge")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    store.record(Record { feedback: given.clone(), ..record("me", &work) }).await.unwrap();
    assert_eq!(store.feedback_of(&id).await.unwrap(), given);
}

async fn usage_adds_up_by_person_conversation_and_model(world: World) {
    let store = world.open().await;
    for n in 0..3 {
        turn(&store, "1", &format!("a{n}"), &format!("{n}")).await;
    }
    turn(&store, "2", "b", "1").await;
    let of = async |of| store.usage(&of, NOW).await.unwrap().exchanges;
    assert_eq!(of(UsageOf::Everybody).await, 4);
    assert_eq!(of(UsageOf::Conversation(conversation("1"))).await, 3);
    assert_eq!(of(UsageOf::Person(PersonId::from("bob"))).await, 0);
    let usage = store.usage_of(&PersonId::from("ann")).await.unwrap();
    assert_eq!((usage.prompt_tokens, usage.completion_tokens, usage.micro_usd), (40, 20, 28));
    let tomorrow = NOW.plus(86_400_000);
    assert_eq!(store.usage(&UsageOf::Everybody, tomorrow).await.unwrap().exchanges, 0);
    let by_model = store.usage_by_model(&UsageOf::Everybody, NOW).await.unwrap();
    assert_eq!((by_model.len(), by_model[0].0.as_str()), (1, "test/model"));
}

async fn a_record_committed_twice_counts_once(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "hi")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    let first = answered("me", &work, "1", "x1", "hello");
    store.record(first.clone()).await.unwrap();
    // The word of the first commit got lost; the same record is tried again.
    store.record(first).await.unwrap();
    assert_eq!(texts(&store, "1", 10, 1000).await, ["hi", "hello"]);
    assert_eq!(store.usage(&UsageOf::Everybody, NOW).await.unwrap().exchanges, 1);
    store.delivered("me", &work, Some(&"x1".into()), &conversation("1"), vec!["9".into()], NOW).await.unwrap();
    let late = store.record(answered("me", &work, "1", "x2", "hello?")).await;
    assert!(matches!(late, Err(Error::Lost)), "{late:?}");
}

async fn nothing_of_a_turn_is_written_when_its_lane_is_lost(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "hi")]).await.unwrap();
    let work = claim_one(&store, "slow", NOW).await;
    let taken = claim_one(&store, "quick", NOW.plus(LEASE + 1)).await;
    let late = Record { also: vec![said("2", "notice")], ..answered("slow", &work, "1", "x1", "late") };
    // Both in one commit, or nearly.
    let quick = store.record(answered("quick", &taken, "1", "x2", "in time"));
    let (late, quick) = tokio::join!(store.record(late), quick);
    assert!(matches!(late, Err(Error::Lost)), "{late:?}");
    quick.unwrap();
    assert_eq!(texts(&store, "1", 10, 1000).await, ["hi", "in time"]);
    assert!(store.exchange(&"x1".into()).await.unwrap().is_none());
    assert_eq!(store.usage(&UsageOf::Everybody, NOW).await.unwrap().exchanges, 1);
    assert_eq!(store.healthy(NOW).await.unwrap().open, 1, "no notice was sent");
}

async fn work_that_a_turn_brings_along_is_accepted_with_it(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "hi")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    let mut notice = said("2", "notice");
    notice.job = Job::Deliver(Box::new(delivery("2", "somebody came")));
    let record = Record { also: vec![notice.clone(), said("1", "more")], ..record("me", &work) };
    let next = store.record(record).await.unwrap().next.unwrap();
    assert_eq!(text_of(&next), "more", "work for the same lane is next in it");
    assert_eq!(text_of(&claim_one(&store, "you", NOW).await), "-> somebody came");
    assert_eq!(store.accept(vec![notice]).await.unwrap(), [false]);
}

async fn what_is_overheard_is_marked(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "psst")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    let mut aside = entry(Role::User, "psst", None);
    aside.overheard = true;
    store.record(Record { log: vec![aside], ..record("me", &work) }).await.unwrap();
    let log = store.history(&conversation("1"), None, 10).await.unwrap();
    assert!(log[0].overheard && log[0].exchange.is_none());
}

async fn odd_texts_come_back_as_they_were(world: World) {
    let store = world.open().await;
    let odd = "\u{1F469}\u{200D}\u{1F4BB} \"quoted\" \\u0000 \\ $1 '; -- \r\n\t\u{7}é";
    store.accept(vec![said("1", odd)]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    assert_eq!(text_of(&work), odd);
    store.record(answered("me", &work, "1", "x1", odd)).await.unwrap();
    assert_eq!(texts(&store, "1", 10, 1000).await, [odd, odd]);
    assert_eq!(store.exchange(&"x1".into()).await.unwrap().unwrap().answer, odd);
    store.release("me").await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    assert_eq!(text_of(&work), format!("-> {odd}"));
    // NUL, which PostgreSQL cannot hold, becomes the replacement character in the log.
    let mut nul = said("2", "nul");
    let Job::Handle { incoming, .. } = &mut nul.job else { panic!("{nul:?}") };
    let Act::Said(message) = &mut incoming.act else { panic!("{incoming:?}") };
    message.text = "a\0b".to_owned();
    store.accept(vec![nul]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    assert_eq!(text_of(&work), "a\0b");
    let mut turn = answered("me", &work, "2", "x2", "c\0d");
    turn.log[0].message = None;
    turn.exchange.as_mut().unwrap().asked = "7".into();
    store.record(turn).await.unwrap();
    assert_eq!(texts(&store, "2", 10, 1000).await, ["a\u{fffd}b", "c\u{fffd}d"]);
}

async fn fingerprints_are_stored_once(world: World) {
    let store = world.open().await;
    let print = Fingerprint { id: "r1".into(), parts: "{\"model\":\"a\"}".to_owned() };
    for (chat, parts) in [("1", "{\"model\":\"a\"}"), ("2", "{\"model\":\"changed\"}")] {
        store.accept(vec![said(chat, "hi")]).await.unwrap();
        let work = claim_one(&store, "me", NOW).await;
        let fingerprint = Some(Fingerprint { parts: parts.to_owned(), ..print.clone() });
        store.record(Record { fingerprint, ..record("me", &work) }).await.unwrap();
    }
    assert_eq!(store.fingerprint(&"r1".into()).await.unwrap(), Some(print));
}

async fn a_streaming_answer_survives_in_the_log_of_its_lane_only(world: World) {
    let store = world.open().await;
    let mut topic = place("1");
    topic.thread = Some("7".to_owned());
    topic.kind = ChatKind::Group;
    turn(&store, "1", "in the chat", "1").await;
    let view = store.turn_view(&topic, &author("1", "Ann"), NOW, 10, 1000).await.unwrap();
    assert!(view.log.is_empty(), "a topic is a conversation of its own");
}
