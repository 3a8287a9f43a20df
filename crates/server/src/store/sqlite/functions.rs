//! What SQLite lacks: case folding beyond ASCII, patterns that mind case, calendars, exact sums, search vectors and
//! ranks.

use fourfold_query::search;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};

use super::days;
use super::decimal_sum::DecimalSum;
use crate::store::StoreError;

/// Registers them under the names that statements use.
pub(super) fn register(connection: &Connection) -> Result<(), StoreError> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("fold_case", 1, flags, |context| {
        Ok(context.get_raw(0).as_str_or_null()?.map(fourfold_query::fold_case))
    })?;
    connection.create_scalar_function("like_pattern", 2, flags, |context| like(context, matches::<false>))?;
    connection.create_scalar_function("like_folded", 2, flags, |context| like(context, matches_folded))?;
    days::register(connection)?;
    connection.create_aggregate_function("decimal_sum", 1, flags, DecimalSum)?;
    connection.create_scalar_function("search_vector", 1, flags, |context| {
        Ok(context.get_raw(0).as_str_or_null()?.map(search::vector))
    })?;
    connection.create_scalar_function("search_lexemes", 1, flags, |context| {
        Ok(context.get_raw(0).as_str_or_null()?.map(search::lexemes))
    })?;
    connection.create_scalar_function("search_contains", 2, flags, |context| {
        Ok(search::contains(context.get_raw(0).as_str()?, context.get_raw(1).as_str()?.split(' ')))
    })?;
    for (name, rank) in RANKS {
        connection.create_scalar_function(name, 2, flags, move |context| {
            let terms: Vec<&str> = context.get_raw(1).as_str()?.split(' ').collect();
            Ok(rank(context.get_raw(0).as_str()?, &terms))
        })?;
    }
    Ok(())
}

/// How good a vector is for some terms.
type Rank = fn(&str, &[&str]) -> f64;

/// The functions that rank; the terms stand between blanks.
const RANKS: [(&str, Rank); 2] =
    [("search_rank_all", search::rank_all), ("search_rank_any", search::rank_any)];

/// `like_pattern(text, pattern)`: SQL's `LIKE`, minding case, with `\` before a literal `%` or `_`.
/// `like_folded(text, pattern)`: the same without case, of which the pattern has none.
fn like(context: &Context<'_>, matches: fn(&[u8], &[u8]) -> bool) -> rusqlite::Result<Option<bool>> {
    let (text, pattern) = (context.get_raw(0), context.get_raw(1));
    let (Ok(Some(text)), Ok(Some(pattern))) = (text.as_str_or_null(), pattern.as_str_or_null()) else {
        return Ok(None);
    };
    Ok(Some(matches(text.as_bytes(), pattern.as_bytes())))
}

/// ASCII, which most texts are, is folded while it is compared.
fn matches_folded(text: &[u8], pattern: &[u8]) -> bool {
    if text.is_ascii() {
        return matches::<true>(text, pattern);
    }
    let folded = fourfold_query::fold_case(&String::from_utf8_lossy(text));
    matches::<false>(folded.as_bytes(), pattern)
}

/// Walks both with one point to come back to: the last `%`. Linear but for what follows that `%`.
fn matches<const FOLDS_ASCII: bool>(text: &[u8], pattern: &[u8]) -> bool {
    let folded = |byte: u8| if FOLDS_ASCII { byte.to_ascii_lowercase() } else { byte };
    let (mut at, mut place) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        let byte = folded(text[at]);
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
            Some(b'\\') if pattern.get(place + 1) == Some(&byte) => {
                at += 1;
                place += 2;
                continue;
            }
            Some(wanted) if *wanted == byte && *wanted != b'\\' => {
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
            let found = matches::<false>(text.as_bytes(), pattern.as_bytes());
            assert_eq!(found, expected, "{text} LIKE {pattern}");
        }
    }

    #[test]
    fn like_folded_minds_no_case() {
        for (text, pattern, expected) in [
            ("Acme", "acme", true),
            ("ACME", "%c%", true),
            ("aCmé", "a__é", true),
            ("ΟΔΟΣ", "%δοσ", true),
            ("οδος", "οδοσ", true),
            ("100%", "100\\%", true),
            ("A\\B", "a\\\\b", true),
            ("Acme", "acmes", false),
            ("É", "e", false),
        ] {
            let found = matches_folded(text.as_bytes(), pattern.as_bytes());
            assert_eq!(found, expected, "{text} LIKE {pattern}");
        }
    }
}
