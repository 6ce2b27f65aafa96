//! People, across platforms: who an account belongs to, and what they may do.

use crate::engine::{Pool, exec, read, rows};
use crate::record::save_person;
use crate::{Error, Store};
use domain::ids::{AccountId, Millis, PersonId};
use domain::incoming::{Author, Channel};
use domain::person::{Lang, Person, Standing};

/// A person's columns, in the order in which they are selected.
pub(crate) type Row = (String, String, String, String, String);

/// Reads a person from the columns id, standing, name, lang, prefs.
pub(crate) fn person((id, standing, name, lang, prefs): Row) -> Result<Person, Error> {
    Ok(Person {
        id: PersonId(id),
        standing: Standing::find(&standing).unwrap_or(Standing::Blocked),
        name,
        lang: Lang::find(&lang).unwrap_or_default(),
        prefs: serde_json::from_str(&prefs)?,
    })
}

impl Store {
    /// Who an account belongs to; somebody new becomes a stranger.
    pub async fn meet(&self, channel: Channel, author: &Author, now: Millis) -> Result<Person, Error> {
        let found = read!(
            &self.pool,
            Row,
            "SELECT person.id, person.standing, person.name, person.lang, person.prefs FROM identity JOIN person ON person.id = identity.person \
             WHERE identity.channel = $1 AND identity.account = $2",
            channel.name(),
            author.account.as_str()
        )?;
        match found.into_iter().next() {
            Some(row) => self.refreshed(person(row)?, author).await,
            None => self.introduce(channel, author, now).await,
        }
    }

    /// A changed display name, and a changed guess of the language, are taken over.
    async fn refreshed(&self, mut person: Person, author: &Author) -> Result<Person, Error> {
        let guess = Lang::guess(author.language.as_deref());
        let language = !person.prefs.lang_chosen && author.language.is_some() && guess != person.lang;
        let named = !author.name.is_empty() && author.name != person.name;
        if !(language || named) {
            return Ok(person);
        }
        if language {
            person.lang = guess;
        }
        if named {
            person.name.clone_from(&author.name);
        }
        self.save_person(&person).await?;
        Ok(person)
    }

    async fn introduce(&self, channel: Channel, author: &Author, now: Millis) -> Result<Person, Error> {
        let person = Person {
            id: PersonId(ulid(now)),
            standing: Standing::Stranger,
            name: author.name.clone(),
            lang: Lang::guess(author.language.as_deref()),
            prefs: Default::default(),
        };
        self.make(channel, author.account.clone(), author.username.clone().unwrap_or_default(), person).await
    }

    /// Stores a new person with their account; whoever was there first stays.
    async fn make(&self, channel: Channel, account: AccountId, username: String, new: Person) -> Result<Person, Error> {
        self.writer.other(move |conn| Box::pin(async move {
            let known: Vec<Row> = rows!(*conn, Row,
                "SELECT person.id, person.standing, person.name, person.lang, person.prefs FROM identity JOIN person ON person.id = identity.person \
                 WHERE identity.channel = $1 AND identity.account = $2", channel.name(), account.as_str())?;
            if let Some(row) = known.into_iter().next() {
                return person(row);
            }
            save_person(conn, &new).await?;
            exec!(*conn, "INSERT INTO identity (channel, account, username, person) VALUES ($1, $2, $3, $4)", channel.name(), account.as_str(), username, new.id.as_str())?;
            Ok(new)
        })).await
    }

    /// A person by id.
    pub async fn person(&self, id: &PersonId) -> Result<Option<Person>, Error> {
        let found =
            read!(&self.pool, Row, "SELECT id, standing, name, lang, prefs FROM person WHERE id = $1", id.as_str())?;
        found.into_iter().next().map(person).transpose()
    }

    /// A person by `channel:account`, `@username` or id.
    pub async fn find_person(&self, text: &str) -> Result<Option<Person>, Error> {
        let text = text.trim();
        if let Some((channel, account)) = text.split_once(':') {
            let found = read!(
                &self.pool,
                (String,),
                "SELECT person FROM identity WHERE channel = $1 AND account = $2",
                channel,
                account
            )?;
            return self.first(found).await;
        }
        if let Some(username) = text.strip_prefix('@') {
            let found = read!(
                &self.pool,
                (String,),
                "SELECT person FROM identity WHERE lower(username) = lower($1)",
                username
            )?;
            return self.first(found).await;
        }
        self.person(&PersonId::from(text)).await
    }

    async fn first(&self, found: Vec<(String,)>) -> Result<Option<Person>, Error> {
        match found.into_iter().next() {
            Some((id,)) => self.person(&PersonId(id)).await,
            None => Ok(None),
        }
    }

    /// Makes a person for an account that has not written yet (`channel:account`); none when it is no account.
    pub async fn expect_person(&self, text: &str, now: Millis) -> Result<Option<Person>, Error> {
        let Some((channel, account)) = text.trim().split_once(':') else { return Ok(None) };
        let Some(channel) = Channel::find(channel).filter(|_| !account.is_empty()) else { return Ok(None) };
        let new = Person {
            id: PersonId(ulid(now)),
            standing: Standing::Stranger,
            name: String::new(),
            lang: Lang::default(),
            prefs: Default::default(),
        };
        self.make(channel, AccountId::from(account), String::new(), new).await.map(Some)
    }

    /// Stores a person as they are now.
    pub async fn save_person(&self, person: &Person) -> Result<(), Error> {
        let person = person.clone();
        self.writer.other(move |conn| Box::pin(async move { save_person(conn, &person).await })).await
    }

    /// Makes an account belong to a person: one person across platforms.
    pub async fn link(&self, channel: Channel, account: &AccountId, to: &PersonId) -> Result<(), Error> {
        let (account, to) = (account.clone(), to.clone());
        self.writer.other(move |conn| Box::pin(async move {
            exec!(*conn, "INSERT INTO identity (channel, account, person) VALUES ($1, $2, $3) ON CONFLICT (channel, account) DO UPDATE SET person = excluded.person",
                channel.name(), account.as_str(), to.as_str())?;
            Ok(())
        })).await
    }

    /// The accounts of a person.
    pub async fn accounts(&self, id: &PersonId) -> Result<Vec<(Channel, AccountId)>, Error> {
        let found = read!(
            &self.pool,
            (String, String),
            "SELECT channel, account FROM identity WHERE person = $1 ORDER BY channel, account",
            id.as_str()
        )?;
        Ok(found
            .into_iter()
            .filter_map(|(channel, account)| Some((Channel::find(&channel)?, AccountId(account))))
            .collect())
    }

    /// Everybody with a standing, oldest first.
    pub async fn people_with(&self, standing: Standing, limit: u32) -> Result<Vec<Person>, Error> {
        let found = read!(
            &self.pool,
            Row,
            "SELECT id, standing, name, lang, prefs FROM person WHERE standing = $1 ORDER BY id LIMIT $2",
            standing.name(),
            i64::from(limit)
        )?;
        found.into_iter().map(person).collect()
    }

    /// The first owner, if there is one.
    pub async fn owner(&self) -> Result<Option<Person>, Error> {
        Ok(self.people_with(Standing::Owner, 1).await?.into_iter().next())
    }

    /// Whether some owner has an account on a platform.
    pub async fn owner_on(&self, channel: Channel) -> Result<bool, Error> {
        let found = read!(
            &self.pool,
            (i64,),
            "SELECT count(*) FROM identity JOIN person ON person.id = identity.person WHERE person.standing = 'owner' AND identity.channel = $1",
            channel.name()
        )?;
        Ok(found.first().is_some_and(|(count,)| *count > 0))
    }

    /// Whether this store is shared by several processes.
    pub fn is_shared(&self) -> bool {
        matches!(self.pool, Pool::Postgres(_))
    }
}

/// A new id. The random part comes from the operating system.
fn ulid(now: Millis) -> String {
    let time = u64::try_from(now.0).unwrap_or(0);
    let mut bytes = [0_u8; 16];
    // Without randomness ids are still distinct by time; the primary key guards the rest.
    let _ = getrandom::fill(&mut bytes);
    let random = u128::from_le_bytes(bytes);
    ulid::Ulid::from_parts(time, random).to_string()
}
