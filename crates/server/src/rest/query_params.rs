//! Query strings as the contract reads them (`rest-core.md` 2): leniently.

use std::collections::BTreeSet;

use fourfold_query::cursor;
use fourfold_query::filter::Filter;
use fourfold_query::operation::{CursorKeys, Direction, OrderKey, Values};
use serde_json::Value as Json;

use super::filter_text;
use crate::error::{ApiError, ApiResult, ErrorCode};

/// Records on a page unless the request says otherwise.
const DEFAULT_LIMIT: u64 = 60;

/// The most records on a page; higher limits are capped in silence.
const MAX_LIMIT: u64 = 200;

/// What other APIs call a parameter that we have under another name. Ignoring these would answer
/// the first page for ever.
const FOREIGN_NAMES: [(&str, &str); 9] = [
    ("after", "starting_after"),
    ("before", "ending_before"),
    ("first", "limit"),
    ("last", "limit"),
    ("orderBy", "order_by"),
    ("sort", "order_by"),
    ("page", "starting_after"),
    ("offset", "starting_after"),
    ("cursor", "starting_after"),
];

/// A decoded query string. Unknown parameters are kept and ignored.
#[derive(Debug, Default)]
pub(crate) struct QueryParams(Vec<(String, String)>);

/// How often a parameter was given.
enum Given<'a> {
    Absent,
    Once(&'a str),
    Repeated,
}

impl QueryParams {
    pub(crate) fn parse(query: Option<&str>) -> Self {
        let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
    }

    fn get(&self, name: &str) -> Given<'_> {
        let mut found = self.0.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str());
        match (found.next(), found.next()) {
            (None, _) => Given::Absent,
            (Some(value), None) => Given::Once(value),
            (Some(_), Some(_)) => Given::Repeated,
        }
    }

    /// The value of a parameter that counts as absent when it is repeated.
    pub(super) fn once(&self, name: &str) -> Option<&str> {
        if let Given::Once(value) = self.get(name) { Some(value) } else { None }
    }

    /// The value of a parameter, the last one when it is repeated.
    pub(crate) fn last(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// A flag: true for the word `true` alone.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.once(name) == Some("true")
    }

    /// # Errors
    /// Names the right parameter when one of another API was given.
    pub(crate) fn refuse_foreign_names(&self) -> ApiResult<()> {
        for (foreign, ours) in FOREIGN_NAMES {
            if self.0.iter().any(|(given, _)| given == foreign) {
                return Err(invalid(format!("there is no parameter {foreign} here; use {ours}")));
            }
        }
        Ok(())
    }

    /// Whether related records are shown: `depth`, 0 by default.
    pub(crate) fn shows_related(&self) -> ApiResult<bool> {
        match self.get("depth") {
            Given::Absent | Given::Once("" | "0") => Ok(false),
            Given::Once("1") => Ok(true),
            Given::Once(other) => Err(invalid(format!("depth must be 0 or 1, not {other}"))),
            Given::Repeated => Err(invalid("depth is given more than once")),
        }
    }

    /// The names of the fields to show, in order; none means all of them.
    ///
    /// # Errors
    /// When the parameter is there and names nothing.
    pub(crate) fn fields(&self) -> ApiResult<Option<Vec<String>>> {
        let mut given = self.0.iter().filter(|(name, _)| name == "fields").map(|(_, value)| value).peekable();
        if given.peek().is_none() {
            return Ok(None);
        }
        let names = given.flat_map(|value| value.split(',')).map(str::trim).filter(|name| !name.is_empty());
        // In order, so that one selection has one plan.
        let names: BTreeSet<&str> = names.collect();
        if names.is_empty() {
            return Err(invalid(
                "fields names no field; list some, such as fields=name,createdAt, or leave it out",
            ));
        }
        Ok(Some(names.into_iter().map(str::to_owned).collect()))
    }

    pub(crate) fn limit(&self) -> ApiResult<u64> {
        Ok(self.asked_limit()?.unwrap_or(DEFAULT_LIMIT))
    }

    /// The limit that is asked for, capped; none when it is left to the operation.
    pub(super) fn asked_limit(&self) -> ApiResult<Option<u64>> {
        match self.get("limit") {
            Given::Absent | Given::Once("") => Ok(None),
            Given::Once(text) => {
                let digits = text.trim();
                if !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.is_empty() {
                    return Err(invalid(format!("limit must be a whole number from 0, not {text}")));
                }
                // One that is too long to be a number of ours is over the limit too.
                Ok(Some(digits.parse().unwrap_or(MAX_LIMIT).min(MAX_LIMIT)))
            }
            Given::Repeated => Err(invalid("limit is given more than once")),
        }
    }

    /// # Errors
    /// When the filter does not follow the grammar, which includes an empty one.
    pub(crate) fn filter(&self, values: &mut Values) -> ApiResult<Option<Filter>> {
        self.once("filter").map(|text| filter_text::parse(text, values)).transpose()
    }

    /// # Errors
    /// When a direction is unknown or the parameter is empty.
    pub(crate) fn order(&self) -> ApiResult<Vec<OrderKey>> {
        self.order_of("order_by")
    }

    /// As [`Self::order`], of another parameter.
    pub(super) fn order_of(&self, name: &str) -> ApiResult<Vec<OrderKey>> {
        let Some(text) = self.once(name) else { return Ok(Vec::new()) };
        text.split(',').map(|key| order_key(name, key)).collect()
    }

    /// A parameter that is JSON.
    ///
    /// # Errors
    /// When it is not.
    pub(super) fn json(&self, name: &str) -> ApiResult<Option<Json>> {
        let Some(text) = self.once(name) else { return Ok(None) };
        let json = serde_json::from_str(text).map_err(|error| {
            invalid(format!("{name} must be JSON, such as [{{\"name\": true}}]: {error}"))
        })?;
        Ok(Some(json))
    }

    /// # Errors
    /// When both cursors are given, or one cannot be read.
    pub(crate) fn cursor(&self, values: &mut Values) -> ApiResult<Option<CursorKeys>> {
        let (after, before) = (self.once("starting_after"), self.once("ending_before"));
        let (text, backward) = match (after.filter(|text| !text.is_empty()), before) {
            (Some(_), Some(_)) => {
                return Err(invalid("starting_after and ending_before exclude each other"));
            }
            (Some(after), None) => (after, false),
            // The page that ends at the end of the list.
            (None, Some("")) => return Ok(Some(CursorKeys { backward: true, keys: Vec::new() })),
            (None, Some(before)) => (before, true),
            (None, None) => return Ok(None),
        };
        let keys = cursor::decode(text, backward, values)
            .map_err(|error| ApiError::new(ErrorCode::MalformedCursor, error.to_string()))?;
        Ok(Some(keys))
    }
}

/// `field`, `field[Direction]`, with dots to parts and related fields.
fn order_key(parameter: &str, text: &str) -> ApiResult<OrderKey> {
    let text = text.trim();
    let (path, direction) = match text.split_once('[') {
        None => (text, Direction::AscNullsFirst),
        Some((path, rest)) => {
            let direction = rest.strip_suffix(']').and_then(Direction::from_api_name).ok_or_else(|| {
                let known: Vec<&str> = Direction::ALL.iter().map(|direction| direction.api_name()).collect();
                invalid(format!("{parameter}: unknown direction [{rest}; use one of {}", known.join(", ")))
            })?;
            (path, direction)
        }
    };
    if path.is_empty() {
        return Err(invalid(format!("{parameter} needs a field, such as createdAt[DescNullsLast]")));
    }
    Ok(OrderKey { path: path.split('.').map(str::to_owned).collect(), direction })
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidParameter, message)
}

/// Percent-decoding in which `+` is a blank and a sequence that is none stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while place < bytes.len() {
        let escaped = (bytes[place] == b'%').then(|| hex_pair(bytes.get(place + 1..place + 3))).flatten();
        match escaped {
            Some(byte) => {
                decoded.push(byte);
                place += 3;
            }
            None => {
                decoded.push(if bytes[place] == b'+' { b' ' } else { bytes[place] });
                place += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hex_pair(digits: Option<&[u8]>) -> Option<u8> {
    let [high, low] = digits? else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_is_lenient() {
        for (text, expected) in [
            ("a+b", "a b"),
            ("%41", "A"),
            ("%val%", "%val%"),
            ("100%", "100%"),
            ("%CE%B1", "α"),
            ("%ff", "\u{fffd}"),
        ] {
            assert_eq!(decode(text), expected, "{text}");
        }
    }

    #[test]
    fn limits_and_depths() {
        for (query, limit, related) in [
            ("", Some(60), Some(false)),
            ("limit=7&depth=1", Some(7), Some(true)),
            ("limit=1000&depth=0", Some(200), Some(false)),
            ("limit=&depth=2", Some(60), None),
            ("limit=-1&depth=one", None, None),
            ("limit=1&limit=2&depth=0&depth=0", None, None),
            ("limit:3", Some(60), Some(false)),
        ] {
            let params = QueryParams::parse(Some(query));
            assert_eq!((params.limit().ok(), params.shows_related().ok()), (limit, related), "{query}");
        }
    }
}
