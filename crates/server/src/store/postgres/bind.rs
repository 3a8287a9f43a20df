//! Values on their way into a statement.
//!
//! The server says which type each placeholder has. What is sent often goes in that type's binary form;
//! everything else goes as text, which the server reads for any type.

use std::error::Error;
use std::fmt::Write as _;

use bytes::BytesMut;
use fourfold_model::Value;
use tokio_postgres::types::{Format, IsNull, Kind, ToSql, Type, to_sql_checked};

use super::EPOCH_MICROSECONDS;

/// A value that is bound.
#[derive(Debug)]
pub(super) struct Bound<'a>(pub(super) &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        if *self.0 == Value::Null {
            return Ok(IsNull::Yes);
        }
        if self.is_binary(ty) {
            write_binary(self.0, ty, out);
        } else {
            let mut text = String::new();
            write_text(self.0, &mut text);
            out.extend_from_slice(text.as_bytes());
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, ty: &Type) -> Format {
        if self.is_binary(ty) { Format::Binary } else { Format::Text }
    }

    to_sql_checked!();
}

impl Bound<'_> {
    fn is_binary(&self, ty: &Type) -> bool {
        match self.0 {
            Value::Integer(_) => *ty == Type::INT8,
            Value::Float(_) => *ty == Type::FLOAT8,
            Value::Boolean(_) => *ty == Type::BOOL,
            Value::Uuid(_) => *ty == Type::UUID,
            Value::DateTime(_) => *ty == Type::TIMESTAMPTZ,
            Value::Bytes(_) => *ty == Type::BYTEA,
            Value::List(_, items) | Value::Column(items) => {
                let Kind::Array(element) = ty.kind() else { return false };
                // Text is its own binary form, so that only its type must be known.
                let is_binary = |item: &Value| match item {
                    Value::Null => true,
                    Value::Text(_) => matches!(*element, Type::TEXT | Type::VARCHAR),
                    Value::Json(_) => *element == Type::JSON,
                    other => Bound(other).is_binary(element),
                };
                items.iter().all(is_binary)
            }
            Value::Null | Value::Text(_) | Value::Json(_) | Value::Date(_) | Value::TextList(_) => false,
        }
    }
}

fn write_binary(value: &Value, ty: &Type, out: &mut BytesMut) {
    match value {
        Value::Integer(number) => out.extend_from_slice(&number.to_be_bytes()),
        Value::Float(number) => out.extend_from_slice(&number.to_be_bytes()),
        Value::Boolean(truth) => out.extend_from_slice(&[u8::from(*truth)]),
        Value::Uuid(id) => out.extend_from_slice(id.as_bytes()),
        Value::DateTime(instant) => {
            out.extend_from_slice(&(instant.as_microsecond() - EPOCH_MICROSECONDS).to_be_bytes());
        }
        Value::Bytes(bytes) => out.extend_from_slice(bytes),
        Value::List(_, items) | Value::Column(items) => write_array(items, ty, out),
        Value::Text(text) | Value::Json(text) => out.extend_from_slice(text.as_bytes()),
        // These go as text, or not at all.
        Value::Null | Value::Date(_) | Value::TextList(_) => {}
    }
}

/// An array of one dimension that begins at 1.
fn write_array(items: &[Value], ty: &Type, out: &mut BytesMut) {
    let Kind::Array(element) = ty.kind() else { return };
    let put = |number: i32, out: &mut BytesMut| out.extend_from_slice(&number.to_be_bytes());
    put(i32::from(!items.is_empty()), out);
    put(i32::from(items.contains(&Value::Null)), out);
    out.extend_from_slice(&element.oid().to_be_bytes());
    if items.is_empty() {
        return;
    }
    put(i32::try_from(items.len()).unwrap_or(i32::MAX), out);
    put(1, out);
    for item in items {
        if *item == Value::Null {
            put(-1, out);
            continue;
        }
        let length_at = out.len();
        put(0, out);
        write_binary(item, element, out);
        let length = i32::try_from(out.len() - length_at - 4).unwrap_or(i32::MAX);
        out[length_at..length_at + 4].copy_from_slice(&length.to_be_bytes());
    }
}

/// The text from which the server reads the value, whatever type it wants.
fn write_text(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("NULL"),
        Value::Text(text) | Value::Json(text) => out.push_str(text),
        Value::Integer(number) => _ = write!(out, "{number}"),
        Value::Float(number) => _ = write!(out, "{number:?}"),
        Value::Boolean(truth) => _ = write!(out, "{truth}"),
        Value::Uuid(id) => _ = write!(out, "{id}"),
        Value::Date(date) => _ = write!(out, "{date}"),
        Value::DateTime(instant) => _ = write!(out, "{instant}"),
        Value::Bytes(bytes) => {
            out.push_str("\\x");
            for byte in bytes {
                _ = write!(out, "{byte:02x}");
            }
        }
        Value::TextList(items) => write_list(items, |item, out| write_element(item, out), out),
        Value::List(_, items) | Value::Column(items) => write_list(
            items,
            |item, out| {
                if *item == Value::Null {
                    return out.push_str("NULL");
                }
                let mut text = String::new();
                write_text(item, &mut text);
                write_element(&text, out);
            },
            out,
        ),
    }
}

fn write_list<T>(items: &[T], write: impl Fn(&T, &mut String), out: &mut String) {
    out.push('{');
    for (place, item) in items.iter().enumerate() {
        if 0 < place {
            out.push(',');
        }
        write(item, out);
    }
    out.push('}');
}

/// An element of an array's text, always quoted (manual, 8.15.6).
fn write_element(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use fourfold_model::Scalar;
    use uuid::Uuid;

    use super::*;

    fn sent(value: Value, ty: &Type) -> (Vec<u8>, bool) {
        let mut out = BytesMut::new();
        let bound = Bound(&value);
        bound.to_sql(ty, &mut out).unwrap();
        (out.to_vec(), matches!(bound.encode_format(ty), Format::Binary))
    }

    #[test]
    fn usual_values_are_binary_and_others_text() {
        let id: Uuid = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11".parse().unwrap();
        let list = |texts: &[&str]| Value::TextList(texts.iter().map(|text| (*text).into()).collect());
        for (value, ty, expected) in [
            (Value::Integer(7), Type::INT4, "7"),
            (Value::Float(1e300), Type::NUMERIC, "1e300"),
            (Value::Uuid(id), Type::UNKNOWN, "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11"),
            (Value::Bytes(vec![0, 255]), Type::UNKNOWN, "\\x00ff"),
            (Value::Date(jiff::civil::date(1, 2, 3)), Type::DATE, "0001-02-03"),
            (list(&["a", "b\"c\\", "{}, NULL"]), Type::TEXT_ARRAY, r#"{"a","b\"c\\","{}, NULL"}"#),
            (
                Value::List(Scalar::Float, vec![Value::Float(0.5), Value::Null]),
                Type::UNKNOWN,
                r#"{"0.5",NULL}"#,
            ),
            (Value::List(Scalar::Uuid, Vec::new()), Type::UNKNOWN, "{}"),
        ] {
            let (bytes, is_binary) = sent(value.clone(), &ty);
            assert_eq!(
                (String::from_utf8(bytes).unwrap().as_str(), is_binary),
                (expected, false),
                "{value:?}"
            );
        }
        assert_eq!(sent(Value::Integer(-2), &Type::INT8), ((-2_i64).to_be_bytes().to_vec(), true));
        assert_eq!(sent(Value::Uuid(id), &Type::UUID), (id.as_bytes().to_vec(), true));
        let epoch = Value::DateTime("2000-01-01T00:00:00.001Z".parse().unwrap());
        assert_eq!(sent(epoch, &Type::TIMESTAMPTZ), (1000_i64.to_be_bytes().to_vec(), true));
        let (ids, is_binary) = sent(Value::ids([id, id]), &Type::UUID_ARRAY);
        assert_eq!((ids.len(), is_binary), (20 + 2 * 20, true));
    }
}
