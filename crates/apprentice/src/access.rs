//! One-time codes: the one that binds an owner's account, and the one that logs into the page.

use crate::bot::{Bot, now};
use crate::menus;
use crate::turn::Turn;
use domain::person::{Person, Standing};
use store::Store;

/// Kind of the code that binds an owner's account.
const OWNER: &str = "owner";
/// How long a code is good for, milliseconds: one day.
const GOOD_FOR_MS: i64 = 24 * 60 * 60 * 1000;
/// Characters of a code: nothing that looks like something else.
const ALPHABET: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz_";

/// Makes a one-time code that binds an owner's account by `/start <code>`.
pub async fn owner_code(store: &Store) -> anyhow::Result<String> {
    let code = random_code()?;
    store.put_code(OWNER, &digest(&code), now().plus(GOOD_FOR_MS), "").await?;
    Ok(code)
}

/// A code of 100 random bits.
pub fn random_code() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32)).map(|c| *c as char)).collect())
}

/// Only digests of codes are stored.
pub fn digest(code: &str) -> String {
    blake3::hash(code.as_bytes()).to_hex().to_string()
}

/// Takes a code that somebody typed; true when it was good, and is used up now.
pub async fn redeem(turn: &mut Turn<'_>, code: &str) -> anyhow::Result<bool> {
    let taken = turn.bot.store.take_code(OWNER, &digest(code), turn.now).await?;
    if taken.is_some() {
        let owner = turn.bot.store.owner().await?;
        bind(turn, owner).await?;
    }
    Ok(taken.is_some())
}

/// The account becomes the owner's: the same person as on the page, where there is one already.
async fn bind(turn: &mut Turn<'_>, owner: Option<Person>) -> anyhow::Result<()> {
    turn.standing = Standing::Owner;
    turn.person.standing = Standing::Owner;
    match owner {
        Some(owner) if owner.id != turn.person.id => {
            let channel = turn.incoming.place.channel;
            turn.bot.store.link(channel, &turn.incoming.author.account, &owner.id).await?;
            turn.person = Person { lang: turn.person.lang, ..owner };
        }
        _ => turn.record.person = Some(turn.person.clone()),
    }
    tracing::info!(person = %turn.person.id, "an owner's account is bound");
    menu_follows(turn, &turn.person);
    Ok(())
}

/// Sets a person's menu by their new standing, beside the turn.
pub fn menu_follows(turn: &Turn<'_>, person: &Person) {
    let (bot, person) = (turn.bot.clone(), person.clone());
    tokio::spawn(async move { menus::renew(&bot, &person.id, person.standing).await });
}

/// Makes the accounts named in the settings owners.
pub async fn owners_from_settings(bot: &Bot) -> anyhow::Result<()> {
    for account in &bot.settings.current().access.owner {
        let person = match bot.store.find_person(account).await? {
            Some(person) => Some(person),
            None => bot.store.expect_person(account, now()).await?,
        };
        match person {
            Some(person) if person.standing == Standing::Owner => {}
            Some(person) => bot.store.save_person(&Person { standing: Standing::Owner, ..person }).await?,
            None => tracing::warn!(account, "not an account: write it as telegram:123456"),
        }
    }
    Ok(())
}
