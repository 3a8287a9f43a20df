//! Values that a field type has accepted, and why others were refused.

use jiff::{Timestamp, civil};
use uuid::Uuid;

use crate::Scalar;

/// One accepted value of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value. Empty text and empty lists are stored as this (`field-types.md` 2.2).
    Null,
    /// Text, an option, or a URL.
    Text(String),
    /// A whole number, such as millionths of a currency unit.
    Integer(i64),
    /// A double. Never NaN or infinite.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// A record's id or a field of type `UUID`.
    Uuid(Uuid),
    /// A calendar date.
    Date(civil::Date),
    /// An instant, cut to milliseconds.
    DateTime(Timestamp),
    /// A JSON object or array, as compact text.
    Json(String),
    /// A list of texts or options. No field takes an empty one: an empty list is `Null`.
    TextList(Vec<String>),
    /// Bytes that the server made, such as the key that a text sorts by.
    Bytes(Vec<u8>),
    /// Values to compare a column of this kind with. No column holds it.
    List(Scalar, Vec<Value>),
    /// The values that a column gets in several rows. No column holds it.
    Column(Vec<Value>),
}

impl Value {
    /// The ids of some records, to be compared with.
    pub fn ids(ids: impl IntoIterator<Item = Uuid>) -> Self {
        Self::List(Scalar::Uuid, ids.into_iter().map(Self::Uuid).collect())
    }
}

/// Why a value was refused. `Display` names the field and shows the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ValueError {
    /// What kind of refusal this is.
    pub code: ValueErrorCode,
    /// For the client: the field, the value, and what would have been accepted.
    pub message: String,
}

impl ValueError {
    /// A value of the wrong shape, type or content for the field at `path`.
    pub fn invalid(path: &str, value: &serde_json::Value, expected: &str) -> Self {
        let message = format!("{path} does not accept {}: expected {expected}", excerpt(value));
        Self { code: ValueErrorCode::InvalidArgsData, message }
    }

    /// A refusal with a code of its own, such as a phone number that cannot be parsed.
    pub fn coded(code: ValueErrorCode, path: &str, value: &str, problem: &str) -> Self {
        let shown = excerpt(&serde_json::Value::from(value));
        Self { code, message: format!("{path}: {shown} {problem}") }
    }
}

/// The codes of the contract (`field-types.md` 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueErrorCode {
    /// Wrong shape, type, option, date or e-mail.
    InvalidArgsData,
    /// A link that is neither a host name nor an http(s) URL.
    InvalidUrl,
    /// A phone number that cannot be parsed, or a local one without a country.
    InvalidPhoneNumber,
    /// A country code that no region has.
    InvalidPhoneCountryCode,
    /// A calling code that no region has.
    InvalidPhoneCallingCode,
    /// The number belongs to another country than the one given.
    ConflictingPhoneCountryCode,
    /// The number has another calling code than the one given.
    ConflictingPhoneCallingCode,
    /// The calling code does not belong to the country given.
    ConflictingPhoneCallingCodeAndCountryCode,
}

impl ValueErrorCode {
    /// The code as clients see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgsData => "INVALID_ARGS_DATA",
            Self::InvalidUrl => "INVALID_URL",
            Self::InvalidPhoneNumber => "INVALID_PHONE_NUMBER",
            Self::InvalidPhoneCountryCode => "INVALID_PHONE_COUNTRY_CODE",
            Self::InvalidPhoneCallingCode => "INVALID_PHONE_CALLING_CODE",
            Self::ConflictingPhoneCountryCode => "CONFLICTING_PHONE_COUNTRY_CODE",
            Self::ConflictingPhoneCallingCode => "CONFLICTING_PHONE_CALLING_CODE",
            Self::ConflictingPhoneCallingCodeAndCountryCode => {
                "CONFLICTING_PHONE_CALLING_CODE_AND_COUNTRY_CODE"
            }
        }
    }
}

/// The longest excerpt of a refused value that a message repeats, in characters.
const MAX_EXCERPT_CHARS: usize = 80;

fn excerpt(value: &serde_json::Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MAX_EXCERPT_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
