//! Reads one JSON value as one scalar, for simple types and for the sub-fields of composites.
//!
//! Every function takes the name for messages, such as `address.addressCity`, and a value that is
//! not `null`; what null does is up to the caller. Each refuses, with `INVALID_ARGS_DATA`, what its
//! first line does not tell.

use serde_json::Value as Json;

use super::{Scalar, date_text, number_text};
use crate::{RecordId, Value, ValueError};

/// Reads a value for a part that holds `scalar`; `options` are the option values it may take.
pub(super) fn read(scalar: Scalar, path: &str, value: &Json, options: &[&str]) -> Result<Value, ValueError> {
    match scalar {
        Scalar::Uuid => uuid(path, value),
        Scalar::Text => text(path, value),
        Scalar::Float => number_or_text(path, value),
        Scalar::BigInt => whole_number_or_text(path, value),
        Scalar::Boolean => boolean(path, value),
        Scalar::Date => date(path, value),
        Scalar::DateTime => date_time(path, value),
        Scalar::Option => option(path, value, options),
        Scalar::OptionList => option_list(path, value, options),
        Scalar::TextList => text_list(path, value),
        Scalar::Json => json(path, value),
        Scalar::SearchVector => Err(ValueError::invalid(path, value, "nothing, since the server makes it")),
    }
}

/// A text; the empty one is null. NUL is refused, which PostgreSQL cannot store.
pub(super) fn text(path: &str, value: &Json) -> Result<Value, ValueError> {
    match value {
        Json::String(text) if text.is_empty() => Ok(Value::Null),
        Json::String(text) if !text.contains('\0') => Ok(Value::Text(text.clone())),
        Json::String(_) => Err(ValueError::invalid(path, value, "text without NUL characters")),
        _ => Err(ValueError::invalid(path, value, "a string")),
    }
}

/// A UUID as text.
pub(super) fn uuid(path: &str, value: &Json) -> Result<Value, ValueError> {
    value
        .as_str()
        .and_then(RecordId::parse)
        .map(|id| Value::Uuid(id.into()))
        .ok_or_else(|| ValueError::invalid(path, value, "a UUID of version 1 to 8"))
}

/// A JSON number.
pub(super) fn number(path: &str, value: &Json) -> Result<Value, ValueError> {
    value
        .as_f64()
        .filter(|number| number.is_finite())
        .map(Value::Float)
        .ok_or_else(|| ValueError::invalid(path, value, "a number"))
}

/// A JSON number or a numeric text; the empty text is null.
pub(super) fn number_or_text(path: &str, value: &Json) -> Result<Value, ValueError> {
    match value {
        Json::String(text) if text.is_empty() => Ok(Value::Null),
        Json::String(text) => number_text::float(text)
            .map(Value::Float)
            .ok_or_else(|| ValueError::invalid(path, value, "a number or a numeric string")),
        _ => number(path, value),
    }
}

/// A JSON number or a numeric text, without its fraction, that fits `i64`; the empty text is null.
pub(super) fn whole_number_or_text(path: &str, value: &Json) -> Result<Value, ValueError> {
    let whole = match value {
        Json::String(text) if text.is_empty() => return Ok(Value::Null),
        Json::String(text) => number_text::whole(text),
        _ => value.as_i64().or_else(|| number_text::truncate(value.as_f64()?)),
    };
    whole
        .map(Value::Integer)
        .ok_or_else(|| ValueError::invalid(path, value, "a number or a numeric string of at most 64 bits"))
}

/// `true` or `false`.
pub(super) fn boolean(path: &str, value: &Json) -> Result<Value, ValueError> {
    value.as_bool().map(Value::Boolean).ok_or_else(|| ValueError::invalid(path, value, "true or false"))
}

/// A calendar date in one of the forms of [`date_text::date`].
pub(super) fn date(path: &str, value: &Json) -> Result<Value, ValueError> {
    value
        .as_str()
        .and_then(date_text::date)
        .map(Value::Date)
        .ok_or_else(|| ValueError::invalid(path, value, "a date such as \"2025-01-13\""))
}

/// An instant in one of the forms of [`date_text::instant`].
pub(super) fn date_time(path: &str, value: &Json) -> Result<Value, ValueError> {
    value
        .as_str()
        .and_then(date_text::instant)
        .map(Value::DateTime)
        .ok_or_else(|| ValueError::invalid(path, value, "a date and time such as \"2025-01-13T10:30:00Z\""))
}

/// One of `options`.
pub(super) fn option(path: &str, value: &Json, options: &[&str]) -> Result<Value, ValueError> {
    known_option(path, value, options).map(Value::Text)
}

/// A list of `options`, or one of them; the empty list is null. Duplicates stay.
pub(super) fn option_list(path: &str, value: &Json, options: &[&str]) -> Result<Value, ValueError> {
    list(value, |element| known_option(path, element, options))
}

/// A list of texts, or one text; the empty list and the empty text are null.
pub(super) fn text_list(path: &str, value: &Json) -> Result<Value, ValueError> {
    if value == "" {
        return Ok(Value::Null);
    }
    list(value, |element| match element {
        Json::String(text) if !text.contains('\0') => Ok(text.clone()),
        _ => Err(ValueError::invalid(path, element, "a string or a list of strings")),
    })
}

/// A JSON object or array, or a text that spells one; the empty ones are null. Keys stay in order.
pub(super) fn json(path: &str, value: &Json) -> Result<Value, ValueError> {
    let parsed = value.as_str().and_then(|text| serde_json::from_str(text).ok());
    match parsed.as_ref().unwrap_or(value) {
        Json::Null => Ok(Value::Null),
        Json::Object(members) if members.is_empty() => Ok(Value::Null),
        Json::Array(elements) if elements.is_empty() => Ok(Value::Null),
        filled @ (Json::Object(_) | Json::Array(_)) => Ok(Value::Json(filled.to_string())),
        _ => Err(ValueError::invalid(path, value, "an object, a list, or a string that holds one as JSON")),
    }
}

/// `values` as the text of a JSON list; the empty list is null.
pub(super) fn json_list(values: Vec<Json>) -> Value {
    if values.is_empty() { Value::Null } else { Value::Json(Json::Array(values).to_string()) }
}

fn known_option(path: &str, value: &Json, options: &[&str]) -> Result<String, ValueError> {
    value
        .as_str()
        .filter(|text| options.contains(text))
        .map(str::to_owned)
        .ok_or_else(|| ValueError::invalid(path, value, &format!("one of {}", options.join(", "))))
}

fn list(value: &Json, element: impl Fn(&Json) -> Result<String, ValueError>) -> Result<Value, ValueError> {
    match value {
        Json::Array(elements) if elements.is_empty() => Ok(Value::Null),
        Json::Array(elements) => elements.iter().map(element).collect::<Result<_, _>>().map(Value::TextList),
        single => Ok(Value::TextList(vec![element(single)?])),
    }
}
