//! Text without case, accents and punctuation.
//!
//! What is left out is told by ranges of characters, not by their properties, which change from one
//! version of Unicode to the next; PostgreSQL is given the same ranges.

use std::borrow::Cow;

use icu_normalizer::DecomposingNormalizerBorrowed;

use crate::bind::fold_case;

/// A range of characters, both ends included.
pub(crate) type Range = (char, char);

/// Accents and other marks that a reader may leave out: they go, and their letters stay.
pub(crate) const MARKS: &[Range] = &[
    ('\u{300}', '\u{36f}'), // Latin, Greek, Cyrillic
    ('\u{483}', '\u{487}'),
    ('\u{591}', '\u{5bd}'), // Hebrew points
    ('\u{5bf}', '\u{5bf}'),
    ('\u{5c1}', '\u{5c2}'),
    ('\u{5c4}', '\u{5c5}'),
    ('\u{610}', '\u{61a}'), // Arabic vowels
    ('\u{64b}', '\u{65f}'),
    ('\u{670}', '\u{670}'),
    ('\u{1ab0}', '\u{1aff}'),
    ('\u{1dc0}', '\u{1dff}'),
    ('\u{200b}', '\u{200f}'), // without width
    ('\u{2060}', '\u{2060}'),
    ('\u{20d0}', '\u{20ff}'),
    ('\u{fe00}', '\u{fe0f}'), // how the character before is drawn
    ('\u{fe20}', '\u{fe2f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ad}', '\u{ad}'), // where a word may be broken
];

/// What stands between words. Everything else belongs to one.
pub(crate) const SEPARATORS: &[Range] = &[
    ('\u{1}', '/'),
    (':', '@'),
    ('[', '`'),
    ('{', '\u{bf}'),
    ('×', '×'),
    ('÷', '÷'),
    ('\u{55a}', '\u{55f}'), // Armenian
    ('\u{589}', '\u{58a}'),
    ('\u{5be}', '\u{5be}'), // Hebrew
    ('\u{5c0}', '\u{5c0}'),
    ('\u{5c3}', '\u{5c3}'),
    ('\u{5f3}', '\u{5f4}'),
    ('\u{60c}', '\u{60d}'), // Arabic
    ('\u{61b}', '\u{61f}'),
    ('\u{66a}', '\u{66d}'),
    ('\u{6d4}', '\u{6d4}'),
    ('\u{964}', '\u{965}'), // Devanagari
    ('\u{2000}', '\u{206f}'),
    ('\u{20a0}', '\u{20cf}'), // currencies
    ('\u{2190}', '\u{2bff}'), // arrows and symbols
    ('\u{2e00}', '\u{2e7f}'),
    ('\u{3000}', '\u{3004}'), // Chinese, Japanese, Korean
    ('\u{3008}', '\u{3020}'),
    ('\u{3030}', '\u{3030}'),
    ('\u{30a0}', '\u{30a0}'),
    ('\u{30fb}', '\u{30fb}'),
    ('\u{fff9}', '\u{ffff}'),
];

/// Letters that look like another with something added but are not composed of it, and that other.
pub(crate) const LETTERS: (&str, &str) = ("øłđðħıŧς", "olddhitσ");

/// Letters that are written as two.
pub(crate) const LETTER_PAIRS: [(&str, &str); 4] = [("ß", "ss"), ("æ", "ae"), ("œ", "oe"), ("þ", "th")];

/// `text` in small letters without accents, with blanks between its words.
pub(super) fn fold(text: &str) -> String {
    let plain = if text.is_ascii() { Cow::Owned(text.to_ascii_lowercase()) } else { without_accents(text) };
    plain.chars().map(|character| if is_in(SEPARATORS, character) { ' ' } else { character }).collect()
}

fn without_accents(text: &str) -> Cow<'_, str> {
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(text);
    let mut plain = String::with_capacity(decomposed.len());
    for character in fold_case(&decomposed).chars().filter(|character| !is_in(MARKS, *character)) {
        let mut buffer = [0; 4];
        let letter: &str = character.encode_utf8(&mut buffer);
        let pair = LETTER_PAIRS.iter().find(|(one, _)| *one == letter);
        let place = LETTERS.0.chars().position(|known| known == character);
        match (pair, place.and_then(|place| LETTERS.1.chars().nth(place))) {
            (Some((_, two)), _) => plain.push_str(two),
            (None, Some(base)) => plain.push(base),
            (None, None) => plain.push(character),
        }
    }
    Cow::Owned(plain)
}

fn is_in(ranges: &[Range], character: char) -> bool {
    ranges.iter().any(|(first, last)| (*first..=*last).contains(&character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_punctuation_do_not_matter() {
        for (text, expected) in [
            ("Élan VITAL", "elan vital"),
            ("O'Brien, Jean-Luc", "o brien  jean luc"),
            ("Łódź Søren Straße Æsir", "lodz soren strasse aesir"),
            ("ΆΛΦΑΣ Ωμέγα", "αλφασ ωμεγα"),
            ("Йод Ёлка", "иод елка"),
            ("İstanbul ısı", "istanbul isi"),
            ("東京・大阪、ﾃｽﾄ", "東京 大阪 テスト"),
            ("ﬁne ①②", "fine 12"),
            ("a@b.example +33", "a b example  33"),
            ("co\u{ad}op 🦊", "coop 🦊"),
            ("हिन्दी", "हिन्दी"),
        ] {
            assert_eq!(fold(text), expected, "{text}");
        }
    }
}
