//! Where a page of hits ends: base64 of
//! `{"lastRanks":{"tsRankCD":0.1,"tsRank":0.06},"lastRecordIdsPerObject":{"person":"…"}}`.
//!
//! The ids are of the last record of each object that was shown *with these ranks*. An id that was shown
//! with a higher rank would hide records of that object which rank lower and have smaller ids.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::cursor::{MalformedCursor, decode_json, encode};

/// The longest cursor that is read, in bytes of its base64 text: some hundred objects may have an id in it.
const MAX_CURSOR_BYTES: usize = 64 * 1024;

/// The figures by which hits are ordered, the highest first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ranks {
    /// How good a hit is for all terms: `tsRankCD`.
    pub all: f64,
    /// How good it is for any of them: `tsRank`.
    pub any: f64,
}

/// Where a page of hits ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchCursor {
    /// The ranks of the last hit.
    pub ranks: Ranks,
    /// The last record with these ranks of each object, by the object's name.
    pub last_ids: IndexMap<String, Uuid>,
}

impl SearchCursor {
    /// Reads a cursor.
    ///
    /// # Errors
    /// When it was not made by [`Self::encode`].
    pub fn decode(text: &str) -> Result<Self, MalformedCursor> {
        let members = decode_json(text, MAX_CURSOR_BYTES)?;
        let rank = |name: &str| {
            let rank = members.get("lastRanks").and_then(|ranks| ranks.get(name)).and_then(Json::as_f64);
            rank.filter(|rank| rank.is_finite()).ok_or(MalformedCursor)
        };
        let ranks = Ranks { all: rank("tsRankCD")?, any: rank("tsRank")? };
        let ids = members.get("lastRecordIdsPerObject").and_then(Json::as_object).ok_or(MalformedCursor)?;
        let last_ids = ids.iter().map(|(object, id)| {
            let id = id.as_str().and_then(|id| Uuid::try_parse(id).ok()).ok_or(MalformedCursor)?;
            Ok((object.clone(), id))
        });
        Ok(Self { ranks, last_ids: last_ids.collect::<Result<_, _>>()? })
    }

    /// Goes on to the next hit.
    pub fn advance(&mut self, object: &str, id: Uuid, ranks: Ranks) {
        if self.ranks != ranks {
            self.last_ids.clear();
            self.ranks = ranks;
        }
        self.last_ids.insert(object.to_owned(), id);
    }

    /// The text of the cursor.
    pub fn encode(&self) -> String {
        let ids: serde_json::Map<String, Json> =
            self.last_ids.iter().map(|(object, id)| (object.clone(), id.to_string().into())).collect();
        let ranks = json!({"tsRankCD": self.ranks.all_json(), "tsRank": self.ranks.any_json()});
        let json = json!({"lastRanks": ranks, "lastRecordIdsPerObject": ids});
        let mut text = Vec::new();
        encode(json.to_string().as_bytes(), &mut text);
        String::from_utf8(text).unwrap_or_default()
    }
}

impl Ranks {
    /// `tsRankCD` as JSON; a whole number as one.
    pub fn all_json(self) -> Json {
        number(self.all)
    }

    /// `tsRank` as JSON.
    pub fn any_json(self) -> Json {
        number(self.any)
    }
}

fn number(rank: f64) -> Json {
    if rank == 0.0 { 0.into() } else { rank.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_and_forget_higher_ranks() {
        let (id, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut cursor = SearchCursor::default();
        cursor.advance("person", id, Ranks { all: 0.1, any: 0.060_792_71 });
        cursor.advance("company", id, Ranks { all: 0.1, any: 0.060_792_71 });
        assert_eq!(cursor.last_ids.len(), 2);
        assert_eq!(SearchCursor::decode(&cursor.encode()), Ok(cursor.clone()));
        cursor.advance("company", other, Ranks::default());
        assert_eq!(cursor.last_ids, IndexMap::from([("company".to_owned(), other)]));
        let text = r#"{"lastRanks":{"tsRankCD":0,"tsRank":0},"lastRecordIdsPerObject":{"company":"00000000-0000-0000-0000-000000000002"}}"#;
        let mut expected = Vec::new();
        encode(text.as_bytes(), &mut expected);
        assert_eq!(cursor.encode().as_bytes(), expected);
        for text in ["", "!", "e30=", "eyJsYXN0UmFua3MiOnt9fQ=="] {
            assert_eq!(SearchCursor::decode(text), Err(MalformedCursor), "{text}");
        }
    }
}
