//! What text is ordered by: a key whose bytes compare as people read the text.
//!
//! Beside each text column stands another with the key of its text. So both databases order text alike,
//! whatever Unicode data they were built with, and compare bytes instead of calling a collator
//! (`docs/decisions/text-order.md`).

use std::sync::LazyLock;

use fourfold_model::Value;
use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};

/// The characters of a text that its key is made of. It keeps keys short enough for any index: texts that
/// begin with the same 200 characters are equal in an order, as are texts that look alike.
const MAX_CHARACTERS: usize = 200;

static COLLATOR: LazyLock<CollatorBorrowed<'static>> = LazyLock::new(|| {
    let options = CollatorOptions::default();
    Collator::try_new(CollatorPreferences::default(), options).expect("the root collation is compiled in")
});

/// The key of a text by the root collation of Unicode: letters first, then accents, then case.
pub(crate) fn sort_key(text: &str) -> Vec<u8> {
    let end = text.char_indices().nth(MAX_CHARACTERS).map_or(text.len(), |(end, _)| end);
    let mut key = Vec::with_capacity(end + 8);
    let Ok(()) = COLLATOR.write_sort_key_to(&text[..end], &mut key);
    key
}

/// What the key column holds for a value of its text column.
pub(crate) fn key_of(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Bytes(sort_key(text)),
        _ => Value::Null,
    }
}

/// Where an order puts records without a text: before all others, or behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoText {
    Lowest,
    Highest,
}

impl NoText {
    /// What stands for the key that is missing. Only texts that begin with U+FFFF twice, which is no
    /// character, have one as high.
    pub(crate) fn key(self) -> Value {
        match self {
            Self::Lowest => Value::Bytes(Vec::new()),
            Self::Highest => Value::Bytes(vec![0xff; 4]),
        }
    }
}

/// The name of the column with the keys of a text column. No field's column has an underscore.
pub(crate) fn key_column(text_column: &str) -> String {
    format!("{text_column}_key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_sorts_as_people_read() {
        let mut words = vec![
            "Zebra",
            "acme",
            "ACME",
            "Éclair",
            "echo",
            "άλφα",
            "Άλφα",
            "beta",
            "Ωμέγα",
            "",
            "10",
            "9",
            "ωμεγα",
            "🦊",
            "Ada’s",
            "Ada's",
            "Adas",
            "éclair",
            "eclair",
            "Яблоко",
            "яблоко",
            "ёж",
        ];
        words.sort_by_key(|word| sort_key(word));
        assert_eq!(
            words,
            [
                "",
                "🦊",
                "10",
                "9",
                "acme",
                "ACME",
                "Ada's",
                "Ada’s",
                "Adas",
                "beta",
                "echo",
                "eclair",
                "éclair",
                "Éclair",
                "Zebra",
                "άλφα",
                "Άλφα",
                "ωμεγα",
                "Ωμέγα",
                "ёж",
                "яблоко",
                "Яблоко",
            ]
        );
    }

    /// Keys are stored. When a new version of the collation's data changes them, those of every record
    /// must be made anew; until that is built, the version of `icu_collator` stays.
    #[test]
    fn keys_are_those_that_are_stored() {
        for (text, key) in [
            ("", "0101"),
            ("Ada’s 10", "2b312b09704f0414120143730801dc0b"),
            ("Éclair Ωμέγα 🦊", "332f412b3b4d0461562a100a0603040d45940145883d880801dcbfd80b"),
        ] {
            let hex: String = sort_key(text).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, key, "{text}");
        }
    }

    #[test]
    fn every_text_is_between_those_that_stand_for_none() {
        let [lowest, highest] = [NoText::Lowest, NoText::Highest].map(NoText::key);
        for text in ["", "\u{1}", "a", "\u{fffd}", "\u{ffff}", "\u{10ffff}", "\u{e000}", "龘", "\u{ffff}"] {
            let key = sort_key(text);
            let as_bytes =
                |value: &Value| if let Value::Bytes(bytes) = value { bytes.clone() } else { Vec::new() };
            assert!(as_bytes(&lowest) < key && key < as_bytes(&highest), "{text:?}: {key:x?}");
        }
    }

    #[test]
    fn long_texts_have_short_keys() {
        for text in ["a".repeat(10_000), "𝔄🦊".repeat(5_000), "Ά\u{345}".repeat(5_000)] {
            assert!(sort_key(&text).len() < 2600, "{}", sort_key(&text).len());
        }
        assert_eq!(sort_key(&"a".repeat(200)), sort_key(&"a".repeat(201)));
    }
}
