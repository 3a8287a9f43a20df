//! Numbers that come as text.

use crate::Value;

/// The finite number that all of `text` spells, such as `12.5` or `1e3`; blanks around it are fine.
pub(super) fn float(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// The finite number that `text` begins with, such as 12 in `12abc`.
pub(super) fn leading_float(text: &str) -> Option<f64> {
    let text = text.trim_start();
    float(&text[..leading_float_bytes(text)])
}

/// The whole number that `text` spells, its fraction cut off; exact as far as `i64` reaches.
pub(super) fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.parse() {
        Ok(number) => Some(number),
        Err(_) => truncate(float(text)?),
    }
}

/// `number` without its fraction, unless it is out of the range of `i64`.
pub(super) fn truncate(number: f64) -> Option<i64> {
    const BOUND: f64 = 9_223_372_036_854_775_808.0; // 2^63, which `i64::MAX` rounds to
    let whole = number.trunc();
    // The cast saturates, hence the check before it.
    (-BOUND..BOUND).contains(&whole).then_some(whole as i64)
}

/// `number` as `Value::Integer` where `text` spells one that fits, else as `Value::Float`.
pub(super) fn leading_whole_or_float(text: &str) -> Option<Value> {
    let text = text.trim_start();
    let number = &text[..leading_float_bytes(text)];
    match number.parse() {
        Ok(whole) => Some(Value::Integer(whole)),
        Err(_) => float(number).map(Value::Float),
    }
}

/// How many bytes at the start of `text` spell a decimal number.
fn leading_float_bytes(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = |at: usize| usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));

    let mut end = sign(0);
    end += digits(end);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let exponent = end + 1 + sign(end + 1);
        if digits(exponent) > 0 {
            end = exponent + digits(exponent);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_lose_their_fraction_and_nothing_else() {
        for (text, number) in [
            ("19990000", Some(19_990_000)),
            (" -7 ", Some(-7)),
            ("+7", Some(7)),
            ("1e3", Some(1000)),
            ("12.99", Some(12)),
            ("-12.99", Some(-12)),
            ("9007199254740993", Some(9_007_199_254_740_993)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("1e19", None),
            ("1e999", None),
            ("NaN", None),
            ("inf", None),
            ("12abc", None),
            ("1_000", None),
            (" ", None),
            ("", None),
        ] {
            assert_eq!(whole(text), number, "{text}");
        }
    }

    #[test]
    fn a_leading_number_is_found() {
        for (text, number) in [
            ("12", Some(12.0)),
            ("12abc", Some(12.0)),
            (" -1.5e2x", Some(-150.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("1e", Some(1.0)),
            ("1e+", Some(1.0)),
            ("1.2.3", Some(1.2)),
            ("1é", Some(1.0)),
            ("é1", None),
            ("1e999", None),
            ("Infinity", None),
            ("NaN", None),
            ("-", None),
            (".", None),
            ("abc", None),
            ("", None),
        ] {
            assert_eq!(leading_float(text), number, "{text}");
        }
    }

    #[test]
    fn whole_numbers_stay_exact_in_comparisons() {
        for (text, value) in [
            ("9007199254740993", Some(Value::Integer(9_007_199_254_740_993))),
            ("12abc", Some(Value::Integer(12))),
            ("12.5", Some(Value::Float(12.5))),
            ("1e3", Some(Value::Float(1000.0))),
            ("many", None),
        ] {
            assert_eq!(leading_whole_or_float(text), value, "{text}");
        }
    }
}
