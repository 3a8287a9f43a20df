//! Answers that are kept for a day under a key of the client's, so that a write that is sent again
//! happens once.
//!
//! An answer is stored in the transaction of the write itself: both are there or neither is, whatever
//! breaks and whichever server is asked next. The row is inserted before the write runs, so that a
//! second request with the same key waits for the first at the primary key. A write that is refused
//! leaves no row, and its key is as good as new.

use std::fmt::Write as _;

use fourfold_model::Value;
use fourfold_query::sql::{SqlTarget, SqlWriter, Statement};
use fourfold_query::{ReadOutput, RecordTag};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::write::WriteError;
use crate::accounts::Caller;
use crate::error::{ApiError, ErrorCode};
use crate::store::{Row, Transaction};

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Expired answers that each write with a key removes. It adds one, so any number above that is enough.
const REMOVED_ON_THE_WAY: i64 = 4;

/// The longest key, in characters.
pub(crate) const MAX_KEY_CHARACTERS: usize = 255;

const TABLE: &str = "_answer";

/// What a client calls one of its requests: 1 to 255 visible characters of ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

impl IdempotencyKey {
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let is_key = (1..=MAX_KEY_CHARACTERS).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic);
        is_key.then(|| Self(String::from_utf8_lossy(text).into_owned()))
    }
}

/// Where the answer to a write is kept, and what the write was.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Made from caller and key, so that nobody finds the answers of another.
    id: Uuid,
    /// Which of the writes of one request; each is atomic by itself.
    place: usize,
    /// A digest of the request.
    request: String,
}

impl Entry {
    /// The entry for a request of `caller`; `request` is all that makes it another one.
    pub(crate) fn new(caller: &Caller, key: &IdempotencyKey, request: &[&[u8]]) -> Self {
        let mut digest = Sha256::new();
        for part in request {
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(part);
        }
        let mut hex = String::with_capacity(64);
        for byte in digest.finalize() {
            _ = write!(hex, "{byte:02x}");
        }
        Self { id: Uuid::new_v5(&caller.identity.id(), key.0.as_bytes()), place: 0, request: hex }
    }

    /// The entry of one write among several of the request.
    pub(crate) fn at(&self, place: usize) -> Self {
        Self { place, ..self.clone() }
    }

    /// Takes the key for this write, or finds the answer that was kept under it.
    ///
    /// # Errors
    /// `IdempotencyKeyReused` when the key was taken for another request.
    pub(super) async fn claim(
        &self,
        transaction: &mut Transaction<'_>,
    ) -> Result<Option<ReadOutput>, WriteError> {
        let (target, now) = (transaction.target().clone(), Timestamp::now());
        let statements = [remove_expired(&target, now), self.insert(&target, now), self.find(&target, now)];
        let found = transaction.rows(&statements).await?.pop().unwrap_or_default();
        if found.iter().any(|row| row.text(0) != self.request) {
            let message =
                "this Idempotency-Key was sent with another request; take a new key for each request";
            return Err(ApiError::new(ErrorCode::IdempotencyKeyReused, message).into());
        }
        // The row that was inserted just now has no answer; one that was committed has.
        Ok(found.iter().find_map(kept_answer))
    }

    /// Stores the answer of the write.
    pub(super) async fn keep(
        &self,
        transaction: &mut Transaction<'_>,
        output: &mut ReadOutput,
    ) -> Result<(), WriteError> {
        // Answers can be large: the text goes into the statement and comes back, and is not copied.
        let json = String::from_utf8(std::mem::take(&mut output.json)).map_err(ApiError::internal)?;
        let mut update = [self.update(transaction.target(), json, output.tag)];
        transaction.execute(&update).await?;
        if let Some(Value::Text(json)) = update[0].binds.first_mut() {
            output.json = std::mem::take(json).into_bytes();
        }
        Ok(())
    }

    /// Nothing is inserted where another request has the key; one that has expired is taken over.
    fn insert(&self, target: &SqlTarget, now: Timestamp) -> Statement {
        let expires_at = Value::DateTime(now.checked_add(KEPT).unwrap_or(Timestamp::MAX));
        let values = [self.id(), self.place(), self.request(), expires_at];
        let mut sql = SqlWriter::new(target);
        sql.raw("INSERT INTO ").table(TABLE).raw(" AS a (id, place, request, expiresAt) VALUES (");
        sql.separated(", ", values, |sql, value| _ = sql.bind(value));
        sql.raw(") ON CONFLICT (id, place) DO UPDATE SET request = excluded.request, answer = NULL, ");
        sql.raw("tag = NULL, expiresAt = excluded.expiresAt WHERE a.expiresAt <= ")
            .bind(Value::DateTime(now));
        sql.statement()
    }

    /// The row of this write, and those of other requests that have the same key.
    fn find(&self, target: &SqlTarget, now: Timestamp) -> Statement {
        let mut sql = SqlWriter::new(target);
        sql.raw("SELECT request, CASE WHEN place = ").bind(self.place()).raw(" THEN answer END, tag FROM ");
        sql.table(TABLE).raw(" WHERE id = ").bind(self.id()).raw(" AND (place = ").bind(self.place());
        sql.raw(" OR request <> ").bind(self.request());
        sql.raw(") AND expiresAt > ").bind(Value::DateTime(now));
        sql.statement()
    }

    fn update(&self, target: &SqlTarget, json: String, tag: Option<RecordTag>) -> Statement {
        let tag = tag.map_or(Value::Null, |tag| Value::Text(tag.to_string()));
        let mut sql = SqlWriter::new(target);
        sql.raw("UPDATE ").table(TABLE).raw(" SET answer = ").bind(Value::Text(json));
        sql.raw(", tag = ").bind(tag).raw(" WHERE id = ").bind(self.id());
        sql.raw(" AND place = ").bind(self.place());
        sql.statement()
    }

    fn id(&self) -> Value {
        Value::Uuid(self.id)
    }

    fn place(&self) -> Value {
        Value::Integer(i64::try_from(self.place).unwrap_or(i64::MAX))
    }

    fn request(&self) -> Value {
        Value::Text(self.request.clone())
    }
}

/// Removes some answers that nobody asks for any more, found by their index.
fn remove_expired(target: &SqlTarget, now: Timestamp) -> Statement {
    let mut sql = SqlWriter::new(target);
    sql.raw("DELETE FROM ").table(TABLE).raw(" WHERE (id, place) IN (SELECT id, place FROM ").table(TABLE);
    sql.raw(" WHERE expiresAt <= ").bind(Value::DateTime(now)).raw(" ORDER BY expiresAt LIMIT ");
    let skip = sql.bind(Value::Integer(REMOVED_ON_THE_WAY)).dialect().lock_free_rows();
    sql.raw(skip).raw(")");
    sql.statement()
}

fn kept_answer(row: &Row) -> Option<ReadOutput> {
    let json = row.optional_text(1)?.as_bytes().to_vec();
    Some(ReadOutput { json, tag: row.optional_text(2).and_then(RecordTag::parse), ..ReadOutput::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_visible_ascii() {
        let longest = "k".repeat(MAX_KEY_CHARACTERS);
        for (text, is_key) in [
            ("8e03978e-40d5-43dd-bc93-6894a57f9324", true),
            ("\"quoted\"", true),
            ("!~", true),
            (&longest, true),
            (&format!("{longest}k"), false),
            ("", false),
            ("a b", false),
            ("a\t", false),
            ("ä", false),
        ] {
            assert_eq!(IdempotencyKey::parse(text.as_bytes()).is_some(), is_key, "{text}");
        }
    }
}
