//! Cursors: standard base64 of a compact JSON object with the order's values, then the id.
//!
//! Clients treat them as opaque, but some build `{"id": …}` by hand, so exactly this form is read,
//! in either alphabet of base64, with or without padding (`rest-core.md` 4.3).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};
use serde_json::{Map, Value as Json};

use crate::operation::{CursorKey, CursorKeys, Values};

/// The longest cursor that is read, in bytes of its base64 text.
pub const MAX_CURSOR_BYTES: usize = 16 * 1024;

/// The cursor is not base64 of a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor cannot be read; use one that a page of the same list gave")]
pub struct MalformedCursor;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Reads a cursor.
///
/// # Errors
/// When it is not base64 of a JSON object of values, or too long.
pub fn decode(text: &str, backward: bool, values: &mut Values) -> Result<CursorKeys, MalformedCursor> {
    let mut keys = Vec::new();
    for (name, value) in decode_json(text, MAX_CURSOR_BYTES)? {
        flatten(vec![name], value, values, &mut keys)?;
    }
    Ok(CursorKeys { backward, keys })
}

/// The members of a cursor's JSON.
pub(crate) fn decode_json(text: &str, max_bytes: usize) -> Result<Map<String, Json>, MalformedCursor> {
    if max_bytes < text.len() {
        return Err(MalformedCursor);
    }
    // A `+` in a query string arrives as a blank; `-` and `_` are the other alphabet's.
    let standard = text.replace([' ', '-'], "+").replace('_', "/");
    let bytes = LENIENT.decode(standard).map_err(|_bad| MalformedCursor)?;
    match serde_json::from_slice(&bytes) {
        Ok(Json::Object(members)) => Ok(members),
        _ => Err(MalformedCursor),
    }
}

/// A relation, its composite field, and a part: no order goes deeper.
const MAX_PATH: usize = 3;

fn flatten(
    path: Vec<String>,
    value: Json,
    values: &mut Values,
    keys: &mut Vec<CursorKey>,
) -> Result<(), MalformedCursor> {
    match value {
        Json::Object(_) if path.len() == MAX_PATH => return Err(MalformedCursor),
        Json::Object(members) => {
            for (name, value) in members {
                let below = path.iter().cloned().chain([name]).collect();
                flatten(below, value, values, keys)?;
            }
        }
        value => {
            let is_null = value.is_null();
            keys.push(CursorKey { path, value: values.keep(value), is_null });
        }
    }
    Ok(())
}

/// Writes the base64 text of a cursor's JSON.
pub(crate) fn encode(json: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + json.len().div_ceil(3) * 4, 0);
    let written = general_purpose::STANDARD.encode_slice(json, &mut out[start..]).unwrap_or_default();
    out.truncate(start + written);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_are_read() {
        for text in ["eyJpZCI6Ij8/PyJ9", "eyJpZCI6Ij8_PyJ9", "eyJpZCI6Ij8/PyJ9===="] {
            let read = decode(text, false, &mut Values::default());
            if text.ends_with("====") {
                assert_eq!(read, Err(MalformedCursor), "{text}");
            } else {
                assert_eq!(read.unwrap().keys[0].path, ["id"], "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let mut values = Values::default();
        for text in ["!", "aGVsbG8=", "W10=", ""] {
            assert_eq!(decode(text, false, &mut values), Err(MalformedCursor), "{text}");
        }
    }
}
