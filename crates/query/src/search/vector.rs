//! Vectors: the words of a text, each with the places where it stands.

use std::collections::BTreeMap;

use super::fold::fold;

/// How much of a record's text is searched, in characters. More would not fit a `tsvector`, which counts
/// 16 383 places and holds a megabyte.
pub(crate) const MAX_TEXT_CHARACTERS: usize = 100_000;

/// Longer words are taken for several: those of scripts without blanks, mostly.
pub(crate) const MAX_LEXEME_CHARACTERS: usize = 64;

/// The last place of a `tsvector`; what follows stands there too.
pub(crate) const MAX_PLACE: u16 = 16_383;

/// How many places of one word PostgreSQL keeps.
const MAX_PLACES: usize = 256;

/// The words of a text, in order.
pub(super) fn words(text: &str) -> Vec<String> {
    let folded = fold(first_characters(text, MAX_TEXT_CHARACTERS));
    let mut words = Vec::new();
    for mut word in first_characters(&folded, MAX_TEXT_CHARACTERS).split(' ') {
        while !word.is_empty() {
            let lexeme = first_characters(word, MAX_LEXEME_CHARACTERS);
            words.push(lexeme.to_owned());
            word = &word[lexeme.len()..];
        }
    }
    words
}

fn first_characters(text: &str, count: usize) -> &str {
    let end = text.char_indices().nth(count).map_or(text.len(), |(end, _)| end);
    &text[..end]
}

/// The vector of a text: `'7':2 'crate':1`, ordered by the bytes of the words.
pub fn vector(text: &str) -> String {
    let mut places: BTreeMap<String, Vec<u16>> = BTreeMap::new();
    for (place, word) in (1_usize..).zip(words(text)) {
        let place = u16::try_from(place).unwrap_or(MAX_PLACE).min(MAX_PLACE);
        let known = places.entry(word).or_default();
        if known.len() < MAX_PLACES && known.last() != Some(&place) {
            known.push(place);
        }
    }
    let mut vector = String::with_capacity(text.len() * 2);
    let mut number = itoa::Buffer::new();
    for (word, places) in places {
        vector.push_str(if vector.is_empty() { "'" } else { " '" });
        vector.push_str(&word);
        vector.push('\'');
        for (nth, place) in places.into_iter().enumerate() {
            vector.push(if nth == 0 { ':' } else { ',' });
            vector.push_str(number.format(place));
        }
    }
    vector
}

/// The words of a vector, each with its places as text: `2,14`. No word holds a quote or a blank.
pub(super) fn entries(vector: &str) -> impl Iterator<Item = (&str, &str)> {
    vector.split(' ').filter_map(|entry| entry.strip_prefix('\'')?.split_once("':"))
}

/// The words of a vector, with blanks between them.
pub fn lexemes(vector: &str) -> String {
    let mut lexemes = String::with_capacity(vector.len());
    for (word, _) in entries(vector) {
        lexemes.push_str(if lexemes.is_empty() { "" } else { " " });
        lexemes.push_str(word);
    }
    lexemes
}

/// Whether each of some terms stands inside a word of a vector.
pub fn contains<'t>(vector: &str, mut terms: impl Iterator<Item = &'t str>) -> bool {
    terms.all(|term| entries(vector).any(|(word, _)| word.contains(term)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_list_words_and_places() {
        for (text, expected) in [
            ("", ""),
            (" , ", ""),
            ("Crate 7", "'7':2 'crate':1"),
            ("b a, B", "'a':2 'b':1,3"),
            ("Ö’Brien's", "'brien':2 'o':1 's':3"),
            ("東京 tokyo", "'tokyo':2 '東京':1"),
        ] {
            assert_eq!(vector(text), expected, "{text}");
            let words: Vec<_> = entries(expected).map(|(word, _)| word).collect();
            assert_eq!(lexemes(expected), words.join(" "));
        }
    }

    #[test]
    fn long_texts_and_words_are_cut() {
        assert_eq!(vector(&"x".repeat(65)), format!("'x':2 '{}':1", "x".repeat(64)));
        let places = |text: &str| vector(text).matches(',').count() + 1;
        assert_eq!(places(&"a ".repeat(300)), 256);
        assert!(vector(&(0..40_000).map(|n| format!("{n:x} ")).collect::<String>()).contains(":16383"));
        assert!(vector(&"é".repeat(1_000_000)).len() < 2_000);
    }

    #[test]
    fn parts_of_words_are_contained() {
        let vector = vector("東京都庁 12 Ada");
        for (terms, expected) in [
            (&["京都"][..], true),
            (&["da", "都庁"], true),
            (&["da", "x"], false),
            (&["1,"], false),
            (&["3"], false),
        ] {
            assert_eq!(contains(&vector, terms.iter().copied()), expected, "{terms:?}");
        }
    }
}
