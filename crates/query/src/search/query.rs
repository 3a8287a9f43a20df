//! What somebody types: words between blanks, each of one or more terms.

use super::vector::words;
use crate::error::{PlanError, PlanErrorCode};

/// The longest text that is searched for, in characters.
pub const MAX_INPUT_CHARACTERS: usize = 1000;

/// The most terms of one search; each is a bit of a mask while hits are ranked.
const MAX_TERMS: usize = 32;

/// The words of a search. A record is found by any of them, and by a word whose terms it has all, in any
/// order, each as the beginning of one of its own words: `o'brien` asks for `o` and `brien`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchWords {
    pub(crate) words: Vec<Vec<String>>,
    /// All terms once, by their bytes.
    pub(crate) terms: Vec<String>,
}

impl SearchWords {
    /// Reads what was typed; `None` where there is nothing but blanks, which asks for all records.
    ///
    /// # Errors
    /// `TooComplex` when it is too long.
    pub fn read(input: &str) -> Result<Option<Self>, PlanError> {
        if input.chars().nth(MAX_INPUT_CHARACTERS).is_some() {
            let message = format!("searchInput has more than {MAX_INPUT_CHARACTERS} characters");
            return Err(PlanError::new(PlanErrorCode::TooComplex, message));
        }
        if input.trim().is_empty() {
            return Ok(None);
        }
        let of_word = input.split_whitespace().map(|word| {
            let mut terms = words(word);
            terms.sort();
            terms.dedup();
            terms
        });
        let words: Vec<Vec<String>> = of_word.filter(|terms| !terms.is_empty()).collect();
        let mut terms: Vec<String> = words.iter().flatten().cloned().collect();
        terms.sort();
        terms.dedup();
        if MAX_TERMS < terms.len() {
            let message =
                format!("searchInput has {} different words; {MAX_TERMS} are looked for", terms.len());
            return Err(PlanError::new(PlanErrorCode::TooComplex, message));
        }
        Ok(Some(Self { words, terms }))
    }

    /// Whether nothing can be found by it, since it is all punctuation.
    pub fn is_vain(&self) -> bool {
        self.terms.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_between_blanks_and_terms_between_punctuation() {
        let read = |input: &str| SearchWords::read(input).map(|words| words.map(|words| words.words));
        let expected = |words: &[&[&str]]| {
            Ok(Some(
                words.iter().map(|terms| terms.iter().map(|term| (*term).to_owned()).collect()).collect(),
            ))
        };
        assert_eq!(read(" \u{a0} "), Ok(None));
        assert_eq!(read("?!"), expected(&[]));
        assert_eq!(read("Ada  O'Brien"), expected(&[&["ada"], &["brien", "o"]]));
        assert_eq!(read("+33 a@a.example"), expected(&[&["33"], &["a", "example"]]));
        assert!(read(&"x".repeat(1001)).is_err());
        assert!(read(&"x".repeat(1000)).is_ok());
        assert!(read(&(0..33).map(|n| format!("{n} ")).collect::<String>()).is_err());
    }
}
