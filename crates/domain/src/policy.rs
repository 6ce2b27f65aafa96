//! Who may do what, and when the bot speaks: the one gate that every kind of update passes.
//!
//! Pairing requests, limits and money will be decided here too.

use crate::incoming::{Act, ChatKind, Incoming, Message};
use crate::person::{ChatPrefs, Person, Standing};
use serde::{Deserialize, Serialize};

/// Who may talk to the bot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Only those whom an owner let in; others are told politely.
    #[default]
    Closed,
    /// As closed, and the owner is asked about each newcomer.
    Pairing,
    /// Everyone who is not blocked.
    Open,
}

/// What becomes of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is handled.
    Pass,
    /// Nothing is said; the reason is kept for `/why_silent` and the counters.
    Silent(Silence),
    /// The person is told that the bot is private, and the owner sees the attempt.
    TellPrivate,
}

/// Why the bot stayed silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Silence {
    /// The person is blocked.
    Blocked,
    /// Another bot wrote it.
    FromBot,
    /// A channel, where the bot does not answer.
    Broadcast,
    /// A group message that was not for the bot.
    NotAddressed,
    /// A stranger in a group, or one who has been told already today.
    Stranger,
    /// A command for another bot.
    ForeignCommand,
}

impl Silence {
    /// The Fluent key that explains it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Blocked => "why-blocked",
            Self::FromBot => "why-from-bot",
            Self::Broadcast => "why-broadcast",
            Self::NotAddressed => "why-not-addressed",
            Self::Stranger => "why-stranger",
            Self::ForeignCommand => "why-foreign-command",
        }
    }
}

/// Why the bot spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Addressed {
    /// In private every message is for the bot.
    Private,
    /// By name.
    Mention,
    /// As a reply to one of its messages.
    Reply,
    /// By a word that counts as its name.
    Keyword,
    /// By a command.
    Command,
}

impl Addressed {
    /// The Fluent key that explains it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Private => "why-private",
            Self::Mention => "why-mention",
            Self::Reply => "why-reply",
            Self::Keyword => "why-keyword",
            Self::Command => "why-command",
        }
    }
}

/// How long a stranger is not told again, milliseconds: one day.
pub const TELL_AGAIN_AFTER_MS: i64 = 24 * 60 * 60 * 1000;

/// The standing that counts under an access rule: open doors make strangers users.
pub fn standing(person: &Person, access: Access) -> Standing {
    match (person.standing, access) {
        (Standing::Stranger, Access::Open) => Standing::User,
        (standing, _) => standing,
    }
}

/// Decides on an update before anything else looks at it.
///
/// Every kind of [`Act`] passes here; the match has no wildcard, so a new kind must be decided on.
pub fn gate(incoming: &Incoming, person: &Person, access: Access) -> Verdict {
    if incoming.author.is_bot {
        return Verdict::Silent(Silence::FromBot);
    }
    if incoming.place.kind == ChatKind::Broadcast {
        return Verdict::Silent(Silence::Broadcast);
    }
    match standing(person, access) {
        Standing::Blocked => Verdict::Silent(Silence::Blocked),
        Standing::Stranger => stranger(incoming, person),
        Standing::User | Standing::Trainer | Standing::Owner => Verdict::Pass,
    }
}

/// A stranger may greet with a code and read the privacy notice; else they are told, once a day and
/// in private only.
fn stranger(incoming: &Incoming, person: &Person) -> Verdict {
    let private = incoming.place.kind == ChatKind::Private;
    match &incoming.act {
        // The chat's own facts are recorded whoever caused them.
        Act::Membership { .. } | Act::Migrated { .. } => Verdict::Pass,
        Act::Said(message) if private && opens_a_door(&message.text) => Verdict::Pass,
        Act::Said(_) if private && !told_lately(person, incoming) => Verdict::TellPrivate,
        Act::Pressed { .. }
        | Act::Said(_)
        | Act::Edited(_)
        | Act::Reacted { .. }
        | Act::Inline { .. }
        | Act::Stopped => Verdict::Silent(Silence::Stranger),
    }
}

fn opens_a_door(text: &str) -> bool {
    let mut words = text.split_whitespace();
    match words.next() {
        Some("/start") => words.next().is_some(),
        Some("/privacy") => true,
        _ => false,
    }
}

fn told_lately(person: &Person, incoming: &Incoming) -> bool {
    person.prefs.told_private.is_some_and(|told| incoming.at.0.saturating_sub(told) < TELL_AGAIN_AFTER_MS)
}

/// Decides whether a message is for the bot, and says why.
pub fn addressed(
    incoming: &Incoming,
    message: &Message,
    prefs: &ChatPrefs,
    keywords: &[String],
) -> Result<Addressed, Silence> {
    if incoming.place.kind == ChatKind::Private {
        return Ok(Addressed::Private);
    }
    if is_our_command(message) {
        return Ok(Addressed::Command);
    }
    if message.mentions_bot {
        return Ok(Addressed::Mention);
    }
    if message.reply_to.as_ref().is_some_and(|reply| reply.ours) {
        return Ok(Addressed::Reply);
    }
    let lower = message.text.to_lowercase();
    let named = |word: &String| contains_word(&lower, &word.to_lowercase());
    if prefs.keywords.iter().chain(keywords).any(named) {
        return Ok(Addressed::Keyword);
    }
    Err(Silence::NotAddressed)
}

/// A known command that names no other bot counts as said to this one, named or not.
fn is_our_command(message: &Message) -> bool {
    let Some(rest) = message.text.strip_prefix('/') else { return false };
    let word = rest.split_whitespace().next().unwrap_or("");
    match word.split_once('@') {
        Some(_) => message.mentions_bot,
        None => crate::command::find(&word.to_lowercase()).is_some(),
    }
}

/// Whether `word` stands in `text` by itself, not as a part of a longer word.
fn contains_word(text: &str, word: &str) -> bool {
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let before = text.get(..at).and_then(|head| head.chars().next_back());
            let after = text.get(at + word.len()..).and_then(|tail| tail.chars().next());
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AccountId, MessageId, Millis, PersonId};
    use crate::incoming::{Author, Channel, Place, ReplyTo};
    use crate::person::{Lang, Prefs};

    fn person(standing: Standing) -> Person {
        Person { id: PersonId::from("p"), standing, name: String::new(), lang: Lang::En, prefs: Prefs::default() }
    }

    fn said(text: &str) -> Message {
        Message {
            id: MessageId::from("1"),
            text: text.into(),
            reply_to: None,
            mentions_bot: false,
            attachments: vec![],
            ..Message::default()
        }
    }

    fn incoming(kind: ChatKind, act: Act) -> Incoming {
        Incoming {
            place: Place { channel: Channel::Telegram, chat: "5".into(), thread: None, kind },
            author: Author {
                account: AccountId::from("5"),
                name: "Ann".into(),
                username: None,
                language: None,
                is_bot: false,
            },
            at: Millis(TELL_AGAIN_AFTER_MS * 3),
            dedupe: "d".into(),
            act,
        }
    }

    fn every_act() -> Vec<Act> {
        vec![
            Act::Said(said("hi")),
            Act::Said(said("/help")),
            Act::Edited(said("hi")),
            Act::Pressed { press: "1".into(), message: MessageId::from("1"), data: "stop".into() },
            Act::Reacted { message: MessageId::from("1"), emoji: vec!["👍".into()] },
            Act::Stopped,
        ]
    }

    #[test]
    fn no_kind_of_update_gets_a_stranger_past_a_closed_door() {
        for act in every_act() {
            for kind in [ChatKind::Private, ChatKind::Group, ChatKind::Broadcast] {
                for access in [Access::Closed, Access::Pairing] {
                    let verdict = gate(&incoming(kind, act.clone()), &person(Standing::Stranger), access);
                    assert_ne!(verdict, Verdict::Pass, "{act:?} {kind:?}");
                }
                let blocked = gate(&incoming(kind, act.clone()), &person(Standing::Blocked), Access::Open);
                assert!(matches!(blocked, Verdict::Silent(_)), "{act:?}");
            }
        }
    }

    #[test]
    fn an_open_door_lets_strangers_in_and_a_closed_one_lets_friends_in() {
        for act in every_act() {
            let update = incoming(ChatKind::Private, act);
            assert_eq!(gate(&update, &person(Standing::Stranger), Access::Open), Verdict::Pass);
            assert_eq!(gate(&update, &person(Standing::User), Access::Closed), Verdict::Pass);
        }
    }

    #[test]
    fn a_stranger_is_told_once_a_day_and_only_in_private() {
        let hello = Act::Said(said("hi"));
        let mut stranger = person(Standing::Stranger);
        let private = incoming(ChatKind::Private, hello.clone());
        assert_eq!(gate(&private, &stranger, Access::Closed), Verdict::TellPrivate);
        stranger.prefs.told_private = Some(private.at.0 - 1000);
        assert_eq!(gate(&private, &stranger, Access::Closed), Verdict::Silent(Silence::Stranger));
        let group = incoming(ChatKind::Group, hello);
        assert_eq!(gate(&group, &person(Standing::Stranger), Access::Closed), Verdict::Silent(Silence::Stranger));
    }

    #[test]
    fn a_code_opens_the_door_but_other_bots_never_pass() {
        let mut code = incoming(ChatKind::Private, Act::Said(said("/start abc")));
        assert_eq!(gate(&code, &person(Standing::Stranger), Access::Closed), Verdict::Pass);
        code.author.is_bot = true;
        assert_eq!(gate(&code, &person(Standing::Owner), Access::Open), Verdict::Silent(Silence::FromBot));
    }

    #[test]
    fn in_groups_it_answers_when_named_replied_to_or_called_by_a_keyword() {
        let why = |message: Message| {
            let update = incoming(ChatKind::Group, Act::Said(message.clone()));
            addressed(&update, &message, &ChatPrefs::default(), &["Мудрец".into(), "bot".into()])
        };
        assert_eq!(why(said("hello all")), Err(Silence::NotAddressed));
        assert_eq!(why(said("/help")), Ok(Addressed::Command));
        assert_eq!(why(said("/help@other")), Err(Silence::NotAddressed));
        assert_eq!(why(said("/dance")), Err(Silence::NotAddressed));
        assert_eq!(why(said("robots rule")), Err(Silence::NotAddressed));
        assert_eq!(why(said("мудрец, скажи")), Ok(Addressed::Keyword));
        assert_eq!(why(said("hey BOT!")), Ok(Addressed::Keyword));
        assert_eq!(why(Message { mentions_bot: true, ..said("@b hi") }), Ok(Addressed::Mention));
        assert_eq!(why(Message { mentions_bot: true, ..said("/help@b") }), Ok(Addressed::Command));
        let reply = ReplyTo { message: MessageId::from("9"), ours: true, ..ReplyTo::default() };
        assert_eq!(why(Message { reply_to: Some(reply), ..said("and?") }), Ok(Addressed::Reply));
    }
}
