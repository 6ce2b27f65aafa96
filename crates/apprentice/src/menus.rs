//! Telegram's menus of commands: everybody's, that of groups, and those of people who may do more.

use crate::bot::Bot;
use channels::telegram::{Failure, MenuScope, Telegram};
use domain::command::{self, Spec};
use domain::ids::PersonId;
use domain::incoming::Channel;
use domain::person::{Lang, Standing};

/// Sets all menus; what fails is only logged, since every command can be typed.
pub(crate) async fn set(bot: &Bot, telegram: &Telegram) {
    if let Err(error) = shared(telegram).await {
        tracing::warn!(%error, "the menus of commands could not be set");
    }
    match bot.store.people_with(Standing::Owner, 100).await {
        Ok(owners) => {
            for owner in owners {
                renew(bot, &owner.id, owner.standing).await;
            }
        }
        Err(error) => tracing::warn!(%error, "the owners' menus could not be set"),
    }
}

async fn shared(telegram: &Telegram) -> Result<(), Failure> {
    let everyone = |_: &&Spec| true;
    fill(telegram, MenuScope::Everyone, Standing::User, everyone).await?;
    fill(telegram, MenuScope::Groups, Standing::User, |spec| spec.in_groups).await
}

/// Sets the menu of a person's private chats by what they may do now.
pub(crate) async fn renew(bot: &Bot, person: &PersonId, standing: Standing) {
    let Some(telegram) = &bot.telegram else { return };
    // Whoever may do no more than others sees everybody's menu.
    let more = command::allowed(standing).count() > command::allowed(Standing::User).count();
    for (channel, account) in bot.store.accounts(person).await.unwrap_or_default() {
        if channel == Channel::Telegram
            && let Err(error) = fill(telegram, MenuScope::Chat(account.as_str()), standing, |_| more).await
        {
            tracing::debug!(%error, "a menu of a chat is not set; they may not have written yet");
        }
    }
}

async fn fill(
    telegram: &Telegram,
    scope: MenuScope<'_>,
    standing: Standing,
    shown: impl Fn(&&'static Spec) -> bool,
) -> Result<(), Failure> {
    for lang in [Lang::En, Lang::Ru] {
        let line = |spec: &'static Spec| (spec.name().to_owned(), spec.help(lang));
        let commands = command::allowed(standing).filter(&shown).map(line).collect();
        telegram.set_menu(scope, lang, commands).await?;
    }
    Ok(())
}
