//! The limits hold for whoever speaks, and time is the test's own.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use domain::incoming::Channel;
use std::sync::Arc;

const NONE: Limits =
    Limits { chat_per_s: 0.0, group_per_min: 0, global_per_s: 0, draft_interval_ms: 0, edit_interval_ms: 0 };

fn place(chat: &str, kind: ChatKind) -> Place {
    Place { channel: Channel::Telegram, chat: chat.to_owned(), thread: None, kind }
}

/// The moments at which so many messages into these chats may go, all of them waiting at once.
async fn moments(limits: Limits, chats: usize, messages: usize, kind: ChatKind) -> Vec<Duration> {
    let pacer = Arc::new(Pacer::new(limits));
    let began = Instant::now();
    let mut waiting = tokio::task::JoinSet::new();
    for message in 0..messages {
        let (pacer, place) = (Arc::clone(&pacer), place(&(message % chats).to_string(), kind));
        waiting.spawn(async move {
            pacer.wait(&place).await;
            began.elapsed()
        });
    }
    let mut moments = waiting.join_all().await;
    moments.sort();
    moments
}

/// Whether in every stretch of time no more went than the burst and what the rate adds; nobody waits for
/// longer than that takes.
fn keeps(moments: &[Duration], burst: usize, every: Duration) {
    for (from, first) in moments.iter().enumerate() {
        for (to, last) in moments.iter().enumerate().skip(from + burst) {
            let least = every * u32::try_from(to - from + 1 - burst).unwrap();
            // A timer counts whole milliseconds, and a moment is noted after it.
            assert!(
                *last - *first + Duration::from_millis(2) >= least,
                "{} messages in {:?}",
                to - from + 1,
                *last - *first
            );
        }
    }
    let needed = every * u32::try_from(moments.len().saturating_sub(burst)).unwrap();
    let slack = Duration::from_millis(2) * u32::try_from(moments.len()).unwrap();
    assert!(*moments.last().unwrap() <= needed + slack, "{:?} where {needed:?} would do", moments.last());
}

#[tokio::test(start_paused = true)]
async fn a_chat_begins_with_a_small_burst_and_goes_on_at_its_pace() {
    let limits = Limits { chat_per_s: 1.0, ..NONE };
    keeps(&moments(limits, 1, 20, ChatKind::Private).await, 3, Duration::from_secs(1));
    let slow = Limits { chat_per_s: 0.25, ..NONE };
    keeps(&moments(slow, 1, 10, ChatKind::Group).await, 3, Duration::from_secs(4));
}

#[tokio::test(start_paused = true)]
async fn a_group_gets_so_many_messages_a_minute_and_a_private_chat_is_no_group() {
    let limits = Limits { group_per_min: 20, ..NONE };
    keeps(&moments(limits, 1, 50, ChatKind::Group).await, 20, Duration::from_secs(3));
    assert_eq!(moments(limits, 1, 50, ChatKind::Private).await, [Duration::ZERO; 50]);
}

#[tokio::test(start_paused = true)]
async fn all_chats_together_keep_the_limit_of_all() {
    let limits = Limits { global_per_s: 30, chat_per_s: 1.0, ..NONE };
    keeps(&moments(limits, 60, 120, ChatKind::Private).await, 30, Duration::from_secs(1) / 30);
}

#[tokio::test(start_paused = true)]
async fn one_chat_that_waits_holds_up_no_other() {
    let pacer = Pacer::new(Limits { chat_per_s: 0.001, ..NONE });
    let (busy, calm) = (place("1", ChatKind::Private), place("2", ChatKind::Private));
    for _ in 0..CHAT_BURST {
        pacer.wait(&busy).await;
    }
    let began = Instant::now();
    tokio::select! {
        () = pacer.wait(&busy) => unreachable!("the chat has had its burst"),
        () = pacer.wait(&calm) => {}
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_where_there_is_no_limit() {
    assert_eq!(moments(NONE, 3, 10_000, ChatKind::Group).await, vec![Duration::ZERO; 10_000]);
    assert!(Pacer::new(NONE).spare(&place("1", ChatKind::Group)));
}

#[tokio::test(start_paused = true)]
async fn edits_that_nobody_waits_for_leave_half_of_the_room_to_answers() {
    let pacer = Pacer::new(Limits { group_per_min: 20, ..NONE });
    let group = place("-1", ChatKind::Group);
    let mut edits = 0;
    for _ in 0..600 {
        edits += usize::from(pacer.spare(&group));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!((10..=20).contains(&edits), "{edits} edits in a minute");
    let began = Instant::now();
    for _ in 0..10 {
        pacer.wait(&group).await;
    }
    assert_eq!(began.elapsed(), Duration::ZERO, "an answer waits for edits");
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_may_not_go_does_not_wait() {
    let pacer = Pacer::new(Limits { chat_per_s: 1.0, ..NONE });
    let chat = place("1", ChatKind::Private);
    let gone = (0..10).filter(|_| pacer.spare(&chat)).count();
    assert_eq!(gone, CHAT_BURST as usize);
    tokio::time::sleep(Duration::from_millis(1001)).await;
    assert!(pacer.spare(&chat));
}
