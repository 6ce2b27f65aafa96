//! One-time codes and sessions of the page. Only hashes are stored.

use crate::engine::args;
use crate::{Error, Store};
use domain::ids::{Millis, PersonId};

impl Store {
    /// Keeps a one-time code by its hash; an earlier one of the same kind and hash is replaced.
    pub async fn put_code(&self, kind: &str, hash: &str, expires: Millis, data: &str) -> Result<(), Error> {
        let args = args![kind, hash, expires, data];
        let put = "INSERT INTO code (kind, hash, expires_at, data) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (kind, hash) DO UPDATE SET expires_at = excluded.expires_at, data = excluded.data";
        self.writer.other(move |conn| Box::pin(async move { conn.run(put, args).await.map(drop) })).await
    }

    /// Uses a one-time code up; its data if it was good.
    pub async fn take_code(&self, kind: &str, hash: &str, now: Millis) -> Result<Option<String>, Error> {
        let args = args![kind, hash];
        let take = "DELETE FROM code WHERE kind = $1 AND hash = $2 RETURNING data, expires_at";
        let taken: Vec<(String, i64)> =
            self.writer.other(move |conn| Box::pin(async move { conn.rows(take, args).await })).await?;
        Ok(taken.into_iter().next().filter(|(_, expires)| *expires >= now.0).map(|(data, _)| data))
    }

    /// Opens a session of the page, or prolongs it.
    pub async fn put_session(&self, hash: &str, person: &PersonId, expires: Millis) -> Result<(), Error> {
        let args = args![hash, person.as_str(), expires];
        let put = "INSERT INTO session (hash, person, expires_at) VALUES ($1, $2, $3) \
                   ON CONFLICT (hash) DO UPDATE SET person = excluded.person, expires_at = excluded.expires_at";
        self.writer.other(move |conn| Box::pin(async move { conn.run(put, args).await.map(drop) })).await
    }

    /// Whose session it is, while it lasts.
    pub async fn session(&self, hash: &str, now: Millis) -> Result<Option<PersonId>, Error> {
        let find = "SELECT person FROM session WHERE hash = $1 AND expires_at >= $2";
        let found: Option<(String,)> = self.pool.row(find, args![hash, now]).await?;
        Ok(found.map(|(id,)| PersonId(id)))
    }

    /// Ends a session.
    pub async fn drop_session(&self, hash: &str) -> Result<(), Error> {
        let args = args![hash];
        let end = "DELETE FROM session WHERE hash = $1";
        self.writer.other(move |conn| Box::pin(async move { conn.run(end, args).await.map(drop) })).await
    }
}
