//! What SQLite lacks for text: a collation and case folding beyond ASCII, patterns that mind case.

use std::cmp::Ordering;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};

use crate::store::StoreError;

/// Registers the collation `unicode` and the functions `unicode_lower` and `like_pattern`.
pub(super) fn register(connection: &Connection) -> Result<(), StoreError> {
    let collator = root_collator()?;
    connection.create_collation("unicode", move |left: &str, right: &str| compare(&collator, left, right))?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("unicode_lower", 1, flags, |context| {
        Ok(context.get::<Option<String>>(0)?.map(|text| text.to_lowercase()))
    })?;
    connection.create_scalar_function("like_pattern", 2, flags, like_pattern)?;
    Ok(())
}

fn root_collator() -> Result<CollatorBorrowed<'static>, StoreError> {
    Collator::try_new(icu_collator::CollatorPreferences::default(), CollatorOptions::default())
        .map_err(|error| StoreError::Other(error.to_string()))
}

/// ASCII letters and digits, the bulk of what is sorted, compare as the collator would: letter by
/// letter without case, then lower case first. Anything else goes to the collator.
fn compare(collator: &CollatorBorrowed<'static>, left: &str, right: &str) -> Ordering {
    if left == right { Ordering::Equal } else { collator.compare(left, right) }
}

/// `like_pattern(text, pattern)`: SQL's `LIKE`, minding case, with `\` before a literal `%` or `_`.
fn like_pattern(context: &Context<'_>) -> rusqlite::Result<Option<bool>> {
    let (text, pattern) = (context.get_raw(0), context.get_raw(1));
    let (Ok(Some(text)), Ok(Some(pattern))) = (text.as_str_or_null(), pattern.as_str_or_null()) else {
        return Ok(None);
    };
    Ok(Some(matches(text.as_bytes(), pattern.as_bytes())))
}

/// Walks both with one point to come back to: the last `%`. Linear but for what follows that `%`.
fn matches(text: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut place) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(place) {
            Some(b'%') => {
                retry = Some((at, place + 1));
                place += 1;
                continue;
            }
            Some(b'_') => {
                at += character_bytes(text[at]);
                place += 1;
                continue;
            }
            Some(b'\\') if pattern.get(place + 1) == Some(&text[at]) => {
                at += 1;
                place += 2;
                continue;
            }
            Some(byte) if *byte == text[at] && *byte != b'\\' => {
                at += 1;
                place += 1;
                continue;
            }
            _ => {}
        }
        let Some((from, after)) = retry else { return false };
        let next = from + character_bytes(text[from]);
        (at, place) = (next, after);
        retry = Some((next, after));
    }
    pattern[place.min(pattern.len())..].iter().all(|byte| *byte == b'%')
}

/// The length of the UTF-8 character that starts with `first`.
fn character_bytes(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_minds_case_and_wildcards() {
        for (text, pattern, expected) in [
            ("Acme", "Acme", true),
            ("Acme", "acme", false),
            ("Acme", "A%", true),
            ("Acme", "%e", true),
            ("Acme", "%c%", true),
            ("Acme", "A__e", true),
            ("Ωmega", "_mega", true),
            ("100%", "100\\%", true),
            ("1000", "100\\%", false),
            ("", "%", true),
            ("", "_", false),
            ("aab", "%ab", true),
            ("a", "%%%%", true),
        ] {
            assert_eq!(matches(text.as_bytes(), pattern.as_bytes()), expected, "{text} LIKE {pattern}");
        }
    }

    #[test]
    fn text_sorts_as_people_read() {
        let collator = root_collator().unwrap();
        let mut words =
            vec!["Zebra", "acme", "ACME", "Éclair", "echo", "άλφα", "beta", "Ωμέγα", "", "10", "9"];
        words.sort_by(|left, right| compare(&collator, left, right));
        assert_eq!(
            words,
            ["", "10", "9", "acme", "ACME", "beta", "echo", "Éclair", "Zebra", "άλφα", "Ωμέγα"]
        );
    }
}
