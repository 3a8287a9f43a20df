//! JSON text, written piece by piece.

use uuid::Uuid;

use crate::calendar::civil_date;

/// Writes a UUID as JSON.
pub(crate) fn write_uuid(id: Uuid, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut text = Uuid::encode_buffer();
    out.extend_from_slice(id.hyphenated().encode_lower(&mut text).as_bytes());
    out.push(b'"');
}

/// Writes UTF-8 text as a JSON string.
pub(crate) fn write_string(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut clean_from = 0;
    for (place, byte) in bytes.iter().enumerate() {
        let Some(escape) = escape(*byte) else { continue };
        out.extend_from_slice(&bytes[clean_from..place]);
        match escape {
            b'u' => {
                out.extend_from_slice(b"\\u00");
                out.extend([HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
            short => out.extend([b'\\', short]),
        }
        clean_from = place + 1;
    }
    out.extend_from_slice(&bytes[clean_from..]);
    out.push(b'"');
}

/// Writes a date, given in days since 1970, as a JSON string.
pub(crate) fn write_date(days: i64, out: &mut Vec<u8>) {
    let (year, month, day) = civil_date(days);
    out.push(b'"');
    write_year(year, out);
    for number in [month, day] {
        out.push(b'-');
        out.extend(two_digits(number));
    }
    out.push(b'"');
}

/// Writes elements, each as its length in four bytes and so many bytes of UTF-8, as a JSON list of strings.
pub(crate) fn write_list(mut elements: &[u8], out: &mut Vec<u8>) {
    out.push(b'[');
    let mut is_first = true;
    while let Some((length, rest)) = elements.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX).min(rest.len());
        let (element, rest) = rest.split_at(length);
        if !is_first {
            out.push(b',');
        }
        is_first = false;
        write_string(element, out);
        elements = rest;
    }
    out.push(b']');
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// What follows the backslash for a byte that must be escaped.
fn escape(byte: u8) -> Option<u8> {
    match byte {
        b'"' | b'\\' => Some(byte),
        b'\n' => Some(b'n'),
        b'\r' => Some(b'r'),
        b'\t' => Some(b't'),
        0x08 => Some(b'b'),
        0x0c => Some(b'f'),
        0..0x20 => Some(b'u'),
        _ => None,
    }
}

/// `"key":` as it stands in an object, with a comma before it unless it is the first.
pub(crate) fn key_text(key: &str, is_first: bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(key.len() + 4);
    if !is_first {
        text.push(b',');
    }
    write_string(key.as_bytes(), &mut text);
    text.push(b':');
    text
}

/// Writes an instant, in milliseconds since 1970, as `2026-03-01T09:30:00.000Z`.
pub(crate) fn write_date_time(millis: i64, out: &mut Vec<u8>) {
    let (days, in_day) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    let (year, month, day) = civil_date(days);
    let seconds = in_day / 1000;
    out.push(b'"');
    write_year(year, out);
    for (separator, number) in
        [(b'-', month), (b'-', day), (b'T', seconds / 3600), (b':', seconds / 60 % 60), (b':', seconds % 60)]
    {
        out.push(separator);
        out.extend(two_digits(number));
    }
    let fraction = in_day % 1000;
    out.extend([b'.', digit(fraction / 100)]);
    out.extend(two_digits(fraction % 100));
    out.extend(b"Z\"");
}

fn write_year(year: i64, out: &mut Vec<u8>) {
    if year < 0 {
        out.push(b'-');
    }
    let year = year.abs();
    if 9999 < year {
        out.extend(itoa::Buffer::new().format(year).as_bytes());
    } else {
        out.extend(two_digits(year / 100));
        out.extend(two_digits(year % 100));
    }
}

fn two_digits(number: i64) -> [u8; 2] {
    [digit(number / 10), digit(number % 10)]
}

fn digit(number: i64) -> u8 {
    b'0' + u8::try_from(number % 10).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_lists_are_those_that_went_in() {
        for (days, date) in [(0, "1970-01-01"), (20_000, "2024-10-04"), (-719_162, "0001-01-01")] {
            let mut out = Vec::new();
            write_date(days, &mut out);
            assert_eq!(out, format!("\"{date}\"").as_bytes());
        }
        for (elements, list) in [
            (&b""[..], "[]"),
            (b"\0\0\0\0", r#"[""]"#),
            (b"\0\0\0\x01a\0\0\0\x03b\"c", r#"["a","b\"c"]"#),
            // Cut short, which no database does.
            (b"\0\0\0\x09a", r#"["a"]"#),
        ] {
            let mut out = Vec::new();
            write_list(elements, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), list);
        }
    }

    #[test]
    fn strings_are_escaped_as_serde_json_does() {
        for text in [
            "",
            "plain",
            "a\"b\\c",
            "line\nbreak\ttab\r",
            "\u{1}\u{8}\u{c}\u{1f}\u{7f}",
            "Ελλάδα 🦉 </script>",
        ] {
            let mut out = Vec::new();
            write_string(text.as_bytes(), &mut out);
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }
    }

    #[test]
    fn instants_are_written_in_utc_with_milliseconds() {
        for (millis, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_007, "2000-02-29T00:00:00.007Z"),
            (1_772_357_400_000, "2026-03-01T09:30:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
        ] {
            let mut out = Vec::new();
            write_date_time(millis, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("\"{expected}\""));
        }
    }
}
