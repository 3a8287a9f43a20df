//! Reads the values that filters compare with.
//!
//! Filters are more lenient than writes, since REST sends every value as text: numbers and booleans
//! may be text, and a number ends where its digits end (`12abc` is 12).

use serde_json::Value as Json;

use super::{Scalar, number_text, scalar_value};
use crate::{Value, ValueError};

/// Reads the value of a comparison with a column of `scalar`; for lists, that of one element.
/// `null` is `Value::Null` for every scalar; what it means is up to the operator.
///
/// # Errors
/// When the value cannot be compared with such a column; for options the message lists them.
pub(super) fn parse(scalar: Scalar, path: &str, value: &Json, options: &[&str]) -> Result<Value, ValueError> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    match scalar {
        Scalar::Float => float(path, value),
        Scalar::BigInt => whole_or_float(path, value),
        Scalar::Boolean => boolean(path, value),
        Scalar::Text | Scalar::TextList | Scalar::Json | Scalar::SearchVector => text(path, value),
        Scalar::Option | Scalar::OptionList => scalar_value::option(path, value, options),
        Scalar::Uuid | Scalar::Date | Scalar::DateTime => scalar_value::read(scalar, path, value, options),
    }
}

fn float(path: &str, value: &Json) -> Result<Value, ValueError> {
    let number = value.as_str().map_or_else(|| value.as_f64(), number_text::leading_float);
    number.map(Value::Float).ok_or_else(|| ValueError::invalid(path, value, "a number"))
}

/// Fractions stay: a column of whole numbers can be compared with 0.5.
fn whole_or_float(path: &str, value: &Json) -> Result<Value, ValueError> {
    let number = match value {
        Json::String(text) => number_text::leading_whole_or_float(text),
        _ => value.as_i64().map(Value::Integer).or_else(|| value.as_f64().map(Value::Float)),
    };
    number.ok_or_else(|| ValueError::invalid(path, value, "a number"))
}

fn boolean(path: &str, value: &Json) -> Result<Value, ValueError> {
    match value.as_str() {
        Some("true") => Ok(Value::Boolean(true)),
        Some("false") => Ok(Value::Boolean(false)),
        _ => scalar_value::boolean(path, value),
    }
}

/// Text as it is: here the empty text is a value of its own.
fn text(path: &str, value: &Json) -> Result<Value, ValueError> {
    match scalar_value::text(path, value)? {
        Value::Null => Ok(Value::Text(String::new())),
        text => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::field_type::sample;

    #[test]
    fn values_fit_their_columns() {
        let id = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";
        let date = Value::Date(jiff::civil::date(2025, 1, 13));
        let instant = |text: &str| Some(Value::DateTime(text.parse().unwrap()));
        for (scalar, value, expected) in [
            (Scalar::Uuid, json!(id), Some(Value::Uuid(id.parse().unwrap()))),
            (Scalar::Uuid, json!("one"), None),
            (Scalar::Text, json!("a%"), Some(sample::text("a%"))),
            (Scalar::Text, json!(""), Some(sample::text(""))),
            (Scalar::Text, json!(7), None),
            (Scalar::Text, json!("a\0"), None),
            (Scalar::Float, json!(1.5), Some(Value::Float(1.5))),
            (Scalar::Float, json!("12abc"), Some(Value::Float(12.0))),
            (Scalar::Float, json!("many"), None),
            (Scalar::Float, json!("NaN"), None),
            (Scalar::Float, json!("Infinity"), None),
            (Scalar::Float, json!(true), None),
            (Scalar::Float, json!([1]), None),
            (Scalar::Float, json!({}), None),
            (Scalar::BigInt, json!(i64::MAX), Some(Value::Integer(i64::MAX))),
            (Scalar::BigInt, json!("9007199254740993"), Some(Value::Integer(9_007_199_254_740_993))),
            (Scalar::BigInt, json!(0.5), Some(Value::Float(0.5))),
            (Scalar::BigInt, json!("0.5"), Some(Value::Float(0.5))),
            (Scalar::BigInt, json!(u64::MAX), Some(Value::Float(18_446_744_073_709_551_615.0))),
            (Scalar::BigInt, json!(""), None),
            (Scalar::BigInt, json!(true), None),
            (Scalar::Boolean, json!(true), Some(Value::Boolean(true))),
            (Scalar::Boolean, json!("false"), Some(Value::Boolean(false))),
            (Scalar::Boolean, json!("yes"), None),
            (Scalar::Boolean, json!(1), None),
            (Scalar::Date, json!("2025-01-13"), Some(date.clone())),
            (Scalar::Date, json!("01/13/2025"), Some(date)),
            (Scalar::Date, json!("yesterday"), None),
            (Scalar::DateTime, json!("2025-01-13"), instant("2025-01-13T00:00:00Z")),
            (Scalar::DateTime, json!("2025-01-13 10:30"), instant("2025-01-13T10:30:00Z")),
            (Scalar::DateTime, json!("2025-01-13 10:30:15.5"), instant("2025-01-13T10:30:15.5Z")),
            (Scalar::DateTime, json!("2025-01-13T10:30:15+02:00"), instant("2025-01-13T08:30:15Z")),
            (Scalar::DateTime, json!(1_736_757_000), None),
            (Scalar::Option, json!("LOW"), Some(sample::text("LOW"))),
            (Scalar::Option, json!("MID"), None),
            (Scalar::Option, json!(["LOW"]), None),
            (Scalar::OptionList, json!("HIGH"), Some(sample::text("HIGH"))),
            (Scalar::OptionList, json!("MID"), None),
            (Scalar::TextList, json!("%a%"), Some(sample::text("%a%"))),
            (Scalar::TextList, json!(["a"]), None),
            (Scalar::Json, json!("%a%"), Some(sample::text("%a%"))),
            (Scalar::Json, json!({"a": 1}), None),
            (Scalar::SearchVector, json!("ana"), Some(sample::text("ana"))),
            (Scalar::SearchVector, json!(1), None),
            (Scalar::Float, Json::Null, Some(Value::Null)),
            (Scalar::Option, Json::Null, Some(Value::Null)),
        ] {
            let parsed = scalar.parse_filter_value("sample", &value, &["LOW", "HIGH"]);
            assert_eq!(parsed.ok(), expected, "{scalar:?} {value}");
        }
    }

    #[test]
    fn a_refused_option_is_told_the_others() {
        let error = parse(Scalar::Option, "stage", &json!("MID"), &["LOW", "HIGH"]).unwrap_err();
        assert_eq!(error.message, r#"stage does not accept "MID": expected one of LOW, HIGH"#);
    }
}
