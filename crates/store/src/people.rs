//! People, across platforms: who an account belongs to, and what they may do.

use crate::engine::{Conn, args, sql};
use crate::record::{save_person, storable};
use crate::{Error, Store};
use domain::ids::{AccountId, Millis, PersonId};
use domain::incoming::{Author, Channel};
use domain::person::{Lang, Person, Prefs, Standing};
use serde_json::{Value, json};

/// A person's columns, in the order in which they are selected.
pub(crate) type Row = (String, String, String, String, String);

/// Who an account belongs to: channel `$1`, account `$2`.
const BY_ACCOUNT: &str = "SELECT person.id, person.standing, person.name, person.lang, person.prefs FROM identity \
     JOIN person ON person.id = identity.person WHERE identity.channel = $1 AND identity.account = $2";

/// Reads a person from the columns id, standing, name, lang, prefs.
pub(crate) fn person((id, standing, name, lang, prefs): Row) -> Result<Person, Error> {
    Ok(Person {
        id: PersonId(id),
        // A word that nobody knows must not open a door.
        standing: Standing::find(&standing).unwrap_or(Standing::Blocked),
        name,
        lang: Lang::find(&lang).unwrap_or_default(),
        prefs: serde_json::from_str(&prefs)?,
    })
}

impl Store {
    /// Who an account belongs to; somebody new becomes a stranger. A changed name is taken over.
    pub async fn meet(&self, channel: Channel, author: &Author, now: Millis) -> Result<Person, Error> {
        type Known = (String, String, String, String, String, String);
        let sql = "SELECT person.id, person.standing, person.name, person.lang, person.prefs, identity.username FROM identity \
                   JOIN person ON person.id = identity.person WHERE identity.channel = $1 AND identity.account = $2";
        let found: Option<Known> = self.pool.row(sql, args![channel.name(), author.account.as_str()]).await?;
        match found {
            Some((id, standing, name, lang, prefs, username)) => {
                let person = person((id, standing, name, lang, prefs))?;
                self.refreshed(channel, person, &username, author, now).await
            }
            None => self.introduce(channel, author, now).await,
        }
    }

    /// Changed names, and a changed guess of the language, are taken over.
    pub(crate) async fn refreshed(
        &self,
        channel: Channel,
        mut person: Person,
        username: &str,
        author: &Author,
        now: Millis,
    ) -> Result<Person, Error> {
        let guess = Lang::guess(author.language.as_deref());
        let language = !person.prefs.lang_chosen && author.language.is_some() && guess != person.lang;
        let named = !author.name.is_empty() && author.name != person.name;
        let handle = username_of(author);
        if !(language || named || handle != username) {
            return Ok(person);
        }
        if language {
            person.lang = guess;
        }
        if named {
            person.name.clone_from(&author.name);
        }
        let (known, account) = (person.clone(), author.account.clone());
        self.writer
            .other(move |conn| Box::pin(async move { rename(conn, channel, &account, &handle, &known, now).await }))
            .await?;
        Ok(person)
    }

    pub(crate) async fn introduce(&self, channel: Channel, author: &Author, now: Millis) -> Result<Person, Error> {
        self.introduce_all(&[(channel, author)], now).await?.pop().ok_or(Error::NotFound)
    }

    /// Stores new people, each as a stranger with their account, in one transaction.
    pub(crate) async fn introduce_all(
        &self,
        authors: &[(Channel, &Author)],
        now: Millis,
    ) -> Result<Vec<Person>, Error> {
        let new = |(channel, author): &(Channel, &Author)| New {
            channel: *channel,
            account: author.account.clone(),
            username: username_of(author),
            person: stranger(author.name.clone(), Lang::guess(author.language.as_deref()), now),
        };
        self.make(authors.iter().map(new).collect(), now).await
    }

    /// Stores new people with their accounts; whoever was there first stays. In the given order.
    async fn make(&self, new: Vec<New>, now: Millis) -> Result<Vec<Person>, Error> {
        self.writer.other(move |conn| Box::pin(async move { make(conn, &new, now).await })).await
    }

    /// A person by id.
    pub async fn person(&self, id: &PersonId) -> Result<Option<Person>, Error> {
        let sql = "SELECT id, standing, name, lang, prefs FROM person WHERE id = $1";
        self.pool.row(sql, args![id.as_str()]).await?.map(person).transpose()
    }

    /// A person by `channel:account`, `@username` or id.
    pub async fn find_person(&self, text: &str) -> Result<Option<Person>, Error> {
        let text = text.trim();
        if let Some((channel, account)) = text.split_once(':') {
            return self.pool.row(BY_ACCOUNT, args![channel, account.trim()]).await?.map(person).transpose();
        }
        let Some(username) = text.strip_prefix('@') else { return self.person(&PersonId::from(text)).await };
        let sql = "SELECT person.id, person.standing, person.name, person.lang, person.prefs FROM identity \
                   JOIN person ON person.id = identity.person WHERE identity.username = $1 AND identity.username <> '' LIMIT 1";
        self.pool.row(sql, args![username.to_lowercase()]).await?.map(person).transpose()
    }

    /// Makes a person for an account that has not written yet (`channel:account`); none when it is no account.
    pub async fn expect_person(&self, text: &str, now: Millis) -> Result<Option<Person>, Error> {
        let Some((channel, account)) = text.trim().split_once(':') else { return Ok(None) };
        let Some(channel) = Channel::find(channel).filter(|_| !account.trim().is_empty()) else { return Ok(None) };
        let account = AccountId::from(account.trim());
        let person = stranger(String::new(), Lang::default(), now);
        let new = New { channel, account, username: String::new(), person };
        Ok(self.make(vec![new], now).await?.pop())
    }

    /// Stores a person as they are now.
    pub async fn save_person(&self, person: &Person) -> Result<(), Error> {
        let person = person.clone();
        self.writer.other(move |conn| Box::pin(async move { save_person(conn, &person, Millis(0)).await })).await
    }

    /// The accounts of a person.
    pub async fn accounts(&self, id: &PersonId) -> Result<Vec<(Channel, AccountId)>, Error> {
        let sql = "SELECT channel, account FROM identity WHERE person = $1 ORDER BY channel, account";
        let found: Vec<(String, String)> = self.pool.rows(sql, args![id.as_str()]).await?;
        let known = |(channel, account): (String, String)| Some((Channel::find(&channel)?, AccountId(account)));
        Ok(found.into_iter().filter_map(known).collect())
    }

    /// Everybody, those with most power first.
    pub async fn people(&self, limit: u32) -> Result<Vec<Person>, Error> {
        let sql = "SELECT id, standing, name, lang, prefs FROM person ORDER BY CASE standing WHEN 'owner' THEN 0 \
                   WHEN 'trainer' THEN 1 WHEN 'user' THEN 2 WHEN 'stranger' THEN 3 ELSE 4 END, id LIMIT $1";
        self.pool.rows(sql, args![limit]).await?.into_iter().map(person).collect()
    }

    /// Everybody with a standing, oldest first.
    pub async fn people_with(&self, standing: Standing, limit: u32) -> Result<Vec<Person>, Error> {
        let sql = "SELECT id, standing, name, lang, prefs FROM person WHERE standing = $1 ORDER BY id LIMIT $2";
        self.pool.rows(sql, args![standing.name(), limit]).await?.into_iter().map(person).collect()
    }

    /// The first owner, if there is one.
    pub async fn owner(&self) -> Result<Option<Person>, Error> {
        Ok(self.people_with(Standing::Owner, 1).await?.into_iter().next())
    }

    /// Whether there is an owner.
    pub async fn owner_exists(&self) -> Result<bool, Error> {
        Ok(self.owner().await?.is_some())
    }

    /// Whether some owner has an account on a platform.
    pub async fn owner_on(&self, channel: Channel) -> Result<bool, Error> {
        let sql = "SELECT count(*) FROM identity JOIN person ON person.id = identity.person \
                   WHERE person.standing = 'owner' AND identity.channel = $1";
        let found: Option<(i64,)> = self.pool.row(sql, args![channel.name()]).await?;
        Ok(found.is_some_and(|(count,)| count > 0))
    }

    /// Makes an account belong to a person: one person across platforms. Somebody who had only this
    /// account becomes that person, with everything they said and taught.
    pub async fn link(&self, channel: Channel, account: &AccountId, to: &PersonId) -> Result<(), Error> {
        let (account, to) = (account.clone(), to.clone());
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    let known: Vec<Row> = conn.rows(BY_ACCOUNT, args![channel.name(), account.as_str()]).await?;
                    conn.run(
                        "INSERT INTO identity (channel, account, person) VALUES ($1, $2, $3) \
                         ON CONFLICT (channel, account) DO UPDATE SET person = excluded.person",
                        args![channel.name(), account.as_str(), to.as_str()],
                    )
                    .await?;
                    match known.into_iter().next() {
                        Some((from, ..)) if from != to.as_str() => merge(conn, &from, to.as_str()).await,
                        _ => Ok(()),
                    }
                })
            })
            .await
    }
}

/// Takes over a changed name. What others changed meanwhile (a role) stays.
async fn rename(
    conn: &mut Conn<'_>,
    channel: Channel,
    account: &AccountId,
    username: &str,
    person: &Person,
    _now: Millis,
) -> Result<(), Error> {
    conn.run(
        "UPDATE person SET name = $2, lang = $3 WHERE id = $1",
        args![person.id.as_str(), &person.name, person.lang.tag()],
    )
    .await?;
    conn.run(
        "UPDATE identity SET username = $3 WHERE channel = $1 AND account = $2",
        args![channel.name(), account.as_str(), username],
    )
    .await?;
    Ok(())
}

/// Somebody without any account left becomes another person.
async fn merge(conn: &mut Conn<'_>, from: &str, to: &str) -> Result<(), Error> {
    let left: Vec<(i64,)> = conn.rows("SELECT count(*) FROM identity WHERE person = $1", args![from]).await?;
    if left.first().is_none_or(|(count,)| *count > 0) {
        return Ok(());
    }
    let taught: Vec<(String,)> = conn
        .rows("SELECT id FROM knowledge WHERE (teacher = $1 OR scope = 'p:' || $1) AND retired = 0", args![from])
        .await?;
    for sql in [
        "UPDATE log SET author = $2 WHERE conversation IN (SELECT conversation FROM member WHERE person = $1) AND author = $1",
        "UPDATE exchange SET person = $2, body = replace(body, $1, $2) WHERE person = $1 AND id IN (SELECT exchange FROM log \
         WHERE exchange <> '' AND conversation IN (SELECT conversation FROM member WHERE person = $1))",
        "INSERT INTO member (person, conversation) SELECT $2, conversation FROM member WHERE person = $1 \
         ON CONFLICT (person, conversation) DO NOTHING",
        "UPDATE feedback SET person = $2 WHERE person = $1",
        "UPDATE object SET person = $2 WHERE person = $1",
        "UPDATE knowledge SET teacher = $2, body = replace(body, $1, $2) WHERE teacher = $1",
        "UPDATE knowledge SET scope = 'p:' || $2, body = replace(body, $1, $2) WHERE scope = 'p:' || $1",
        "UPDATE session SET person = $2 WHERE person = $1",
        "INSERT INTO usage (day, person, conversation, model, exchanges, prompt_tokens, completion_tokens, micro_usd) \
         SELECT day, $2, conversation, model, exchanges, prompt_tokens, completion_tokens, micro_usd FROM usage WHERE person = $1 \
         ON CONFLICT (person, conversation, model, day) DO UPDATE SET exchanges = usage.exchanges + excluded.exchanges, \
         prompt_tokens = usage.prompt_tokens + excluded.prompt_tokens, \
         completion_tokens = usage.completion_tokens + excluded.completion_tokens, \
         micro_usd = usage.micro_usd + excluded.micro_usd",
    ] {
        conn.run(sql, args![from, to]).await?;
    }
    conn.run("DELETE FROM usage WHERE person = $1", args![from]).await?;
    conn.run("DELETE FROM member WHERE person = $1", args![from]).await?;
    conn.run("DELETE FROM person WHERE id = $1", args![from]).await?;
    for (id,) in taught {
        crate::record::changed(conn, &id).await?;
    }
    Ok(())
}

fn username_of(author: &Author) -> String {
    author.username.as_deref().unwrap_or_default().trim_start_matches('@').to_lowercase()
}

/// Somebody who may be new.
struct New {
    channel: Channel,
    account: AccountId,
    username: String,
    person: Person,
}

async fn make(conn: &mut Conn<'_>, new: &[New], now: Millis) -> Result<Vec<Person>, Error> {
    let row = |(n, new): (usize, &New)| {
        let person = &new.person;
        Ok(json!({
            "n": n, "channel": new.channel.name(), "account": new.account, "handle": new.username, "who": person.id,
            "standing": person.standing.name(), "name": storable(&person.name), "lang": person.lang.tag(),
            "prefs": serde_json::to_string(&person.prefs)?, "at": now.0,
        }))
    };
    let rows = new.iter().enumerate().map(row).collect::<Result<Value, Error>>()?.to_string();
    conn.later(
        sql![
            "INSERT INTO identity (channel, account, username, person) SELECT r.channel, r.account, r.handle, r.who FROM ",
            (n bigint, channel text, account text, handle text, who text),
            "WHERE true ORDER BY r.n ON CONFLICT (channel, account) DO NOTHING"
        ],
        args![&rows],
    )
    .await?;
    conn.later(
        sql![
            "INSERT INTO person (id, standing, name, lang, prefs, met_at) \
             SELECT r.who, r.standing, r.name, r.lang, r.prefs, r.at FROM ",
            (who text, standing text, name text, lang text, prefs text, at bigint),
            "JOIN identity AS i ON i.person = r.who"
        ],
        args![&rows],
    )
    .await?;
    let known: Vec<Row> = conn
        .rows(
            sql![
                "SELECT p.id, p.standing, p.name, p.lang, p.prefs FROM ",
                (n bigint, channel text, account text),
                "JOIN identity AS i ON i.channel = r.channel AND i.account = r.account \
                 JOIN person AS p ON p.id = i.person ORDER BY r.n"
            ],
            args![rows],
        )
        .await?;
    known.into_iter().map(person).collect()
}

fn stranger(name: String, lang: Lang, now: Millis) -> Person {
    Person { id: PersonId(ulid(now)), standing: Standing::Stranger, name, lang, prefs: Prefs::default() }
}

/// A new id. The random part comes from the operating system.
fn ulid(now: Millis) -> String {
    let time = u64::try_from(now.0).unwrap_or(0);
    let mut bytes = [0_u8; 16];
    // Without randomness ids are still distinct by time; the primary key guards the rest.
    let _ = getrandom::fill(&mut bytes);
    ulid::Ulid::from_parts(time, u128::from_le_bytes(bytes)).to_string()
}
