//! Words that the bot says on its own: to strangers that it is private, to owners that somebody
//! came, and to everybody what went wrong.

use crate::bot::{Bot, now};
use crate::turn::Turn;
use domain::ids::{Lane, Millis};
use domain::incoming::{Act, Channel, ChatKind, Incoming, Place};
use domain::outgoing::{Button, Outgoing, Press};
use domain::person::{Lang, Standing};
use domain::policy::{self, Verdict};
use domain::text;
use domain::work::{Delivery, Job, NewWork, Sent, Work};

/// Tells a stranger politely that the bot is private, and its owners that somebody came.
pub async fn tell_private(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    turn.person.prefs.told_private = Some(turn.now.0);
    turn.record.person = Some(turn.person.clone());
    let account = format!("{}:{}", turn.incoming.place.channel.name(), turn.incoming.author.account);
    let reply = turn.text_with("access-private", &[("account", account.clone())]);
    turn.reply(reply);
    let who = match &turn.incoming.author.username {
        Some(username) => format!("{} (@{username}, {account})", turn.incoming.author.name),
        None => format!("{} ({account})", turn.incoming.author.name),
    };
    let day = turn.now.0 / domain::policy::TELL_AGAIN_AFTER_MS;
    let args = [("who", who), ("account", account.clone())];
    let dedupe = format!("attempt:{account}:{day}");
    turn.record.also.extend(to_owners(turn.bot, "access-attempt", &args, &dedupe, turn.now).await?);
    Ok(())
}

/// A notice to every owner, in private, each in their language.
pub async fn to_owners(
    bot: &Bot,
    key: &str,
    args: &[(&str, String)],
    dedupe: &str,
    now: Millis,
) -> anyhow::Result<Vec<NewWork>> {
    ask_owners(bot, &Notice { key, args, why: None, press: None }, dedupe, now).await
}

/// A notice with a reason and a button.
pub struct Notice<'a> {
    /// Its text.
    pub key: &'a str,
    /// Its arguments.
    pub args: &'a [(&'a str, String)],
    /// The text that is its argument `why`, in the language of whoever reads it; none for no such argument.
    pub why: Option<&'a str>,
    /// The text of a button, and the command that it stands for.
    pub press: Option<(&'a str, String)>,
}

/// Such a notice to every owner, in private, each in their language.
pub async fn ask_owners(bot: &Bot, asked: &Notice<'_>, dedupe: &str, now: Millis) -> anyhow::Result<Vec<NewWork>> {
    let mut notices = Vec::new();
    for person in bot.store.people_with(Standing::Owner, 100).await? {
        let outgoing = in_language(asked, person.lang);
        for (channel, account) in bot.store.accounts(&person.id).await? {
            let dedupe = format!("{dedupe}:{}:{account}", channel.name());
            notices.push(notice(channel, account.as_str(), outgoing.clone(), &dedupe, now));
        }
    }
    Ok(notices)
}

fn in_language(asked: &Notice<'_>, lang: Lang) -> Outgoing {
    let mut args = asked.args.to_vec();
    args.extend(asked.why.map(|why| ("why", text::say(lang, why))));
    let button = |(key, command): &(&str, String)| Button {
        label: text::say(lang, key),
        data: Press::Say(command.clone()).encode(),
    };
    let buttons = asked.press.iter().map(|press| vec![button(press)]).collect();
    Outgoing { markdown: text::say_with(lang, asked.key, &args), buttons, ..Outgoing::default() }
}

fn notice(channel: Channel, chat: &str, outgoing: Outgoing, dedupe: &str, now: Millis) -> NewWork {
    let place = Place { channel, chat: chat.to_owned(), thread: None, kind: ChatKind::Private };
    NewWork {
        lane: Lane(place.conversation().0),
        dedupe: dedupe.to_owned(),
        job: Job::Deliver(Box::new(Delivery { place, outgoing, sent: Sent::default(), then: None })),
        not_before: now,
        interrupts: false,
    }
}

/// The apology with a reference code; the log has the same code.
pub fn apology(lang: Lang, why: &str, code: &str) -> String {
    text::say_with(
        lang,
        "failed",
        &[("apology", text::say(lang, "apology")), ("why", why.to_owned()), ("code", code.to_owned())],
    )
}

/// What a person is told whose message or whose long work was set aside; none for deliveries, which cannot arrive.
pub async fn for_parked(bot: &Bot, work: &Work, code: &str, reason: &str) -> Option<NewWork> {
    let (place, outgoing) = match &work.job {
        Job::Handle { incoming, .. } => (incoming.place.clone(), sorry(bot, incoming, code).await?),
        Job::Run { run, .. } => match crate::learn::run::broken(bot, run, code, reason).await {
            Ok(told) => told?,
            Err(error) => {
                tracing::error!(%run, error = format!("{error:#}"), "a run that cannot go on could not be ended");
                return None;
            }
        },
        Job::Speak(speak) => (speak.place.clone(), crate::media::speak::sorry(speak, code)),
        Job::Deliver(_) | Job::Shadow { .. } | Job::Summarise { .. } => return None,
    };
    Some(NewWork {
        lane: work.lane.clone(),
        dedupe: format!("parked:{}", work.id),
        job: Job::Deliver(Box::new(Delivery { place, outgoing, sent: Sent::default(), then: None })),
        not_before: now(),
        interrupts: false,
    })
}

/// The apology to whoever sent what was set aside, if they are somebody who is answered.
async fn sorry(bot: &Bot, incoming: &Incoming, code: &str) -> Option<Outgoing> {
    let asked = matches!(incoming.act, Act::Said(_) | Act::Pressed { .. });
    let person = bot.store.meet(incoming.place.channel, &incoming.author, now()).await.ok()?;
    let access = bot.settings.current().access.policy;
    if !asked || policy::gate(incoming, &person, access) != Verdict::Pass {
        return None;
    }
    let markdown = apology(person.lang, &text::say(person.lang, "sorry-parked"), code);
    Some(Outgoing { markdown, reply_to: incoming.message_id().cloned(), ..Outgoing::default() })
}

/// A short reference code for a work item: the same in the answer and in the log.
pub fn reference(work: i64) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut rest = u64::try_from(work).unwrap_or(0);
    let mut code = Vec::new();
    while rest > 0 || code.len() < 4 {
        code.push(DIGITS.get((rest % 32) as usize).copied().unwrap_or(b'0') as char);
        rest /= 32;
    }
    code.iter().rev().fold(String::from("E-"), |code, digit| code + &digit.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::settings::{self, Override, Sources};
    use domain::example::{Datum, Example, ExampleState, Origin};
    use domain::exchange::Scope;
    use domain::run::{Run, RunState, Task};
    use domain::work::RunAct;

    async fn bot(directory: &std::path::Path) -> Bot {
        let data = directory.join("data").display().to_string();
        let sources = Sources {
            dir: directory.to_owned(),
            working_dir: directory.to_owned(),
            set: vec![Override::of_flag("--set", "data_dir", &data)],
            ..Sources::default()
        };
        crate::serve::build(settings::load(&sources).unwrap()).await.unwrap()
    }

    fn import() -> Run {
        let place = Place { channel: Channel::Web, chat: "1".to_owned(), thread: None, kind: ChatKind::Private };
        let task = Task::Import { paths: vec!["a.jsonl".to_owned()], positive: true, train: false };
        let mut run = Run::new("01RUN".into(), task, place, "ann".into(), Lang::En, Millis(1));
        run.state = RunState::Running;
        run
    }

    fn of_run(run: &Run) -> Example {
        Example {
            id: "01RUNABC".into(),
            datum: Datum::of("When is lunch?", "At noon."),
            state: ExampleState::Approved,
            scope: Scope::Everyone,
            author: run.person.clone(),
            asker: None,
            platform: Channel::Web,
            conversation: run.place.conversation(),
            exchange: None,
            release: None,
            origin: Origin::Import { file: "a.jsonl".to_owned(), line: 1 },
            reason: String::new(),
            at: run.at,
        }
    }

    #[tokio::test]
    async fn a_run_that_was_set_aside_fails_with_a_sentence_and_takes_back_what_it_took_in() {
        let directory = tempfile::tempdir().unwrap();
        let bot = bot(directory.path()).await;
        let run = import();
        bot.store.put(&run).await.unwrap();
        bot.store.put(&of_run(&run)).await.unwrap();
        let job = Job::Run { run: run.id.clone(), act: RunAct::Step };
        let work = Work { id: 7, lane: Lane("run:01RUN".to_owned()), job, attempts: 8, created: Millis(1) };
        let told = for_parked(&bot, &work, "E-0007", "the handler panicked").await.unwrap();
        let Job::Deliver(delivery) = told.job else { panic!("{told:?}") };
        let card = delivery.outgoing;
        assert!(card.card.is_some(), "the card itself says it");
        for part in ["failed", "the handler panicked", "Code E-0007"] {
            assert!(card.markdown.contains(part), "{part} in {}", card.markdown);
        }
        let after = bot.store.object::<Run>("01RUN").await.unwrap().unwrap();
        assert_eq!(after.state, RunState::Failed);
        assert_eq!(bot.store.object::<Example>("01RUNABC").await.unwrap(), None);
        assert_eq!(for_parked(&bot, &work, "E-0007", "again").await, None, "it is over already");
    }
}
