//! Search without SQL: what of a text is found, how a hit ranks, where the next page begins.
//!
//! The text of a record becomes a *vector*, in PostgreSQL's notation of a `tsvector`: `'7':2 'crate':1`.
//! PostgreSQL makes it by a function whose text is beside this one (`sql/ddl/search.rs`), so that both
//! databases hold the same (`docs/decisions/search.md`).

mod cursor;
mod fold;
mod query;
mod rank;
mod vector;

pub use cursor::{Ranks, SearchCursor};
pub use query::{MAX_INPUT_CHARACTERS, SearchWords};
pub use rank::{rank_all, rank_any};
pub use vector::{contains, lexemes, vector};

pub(crate) use fold::{LETTER_PAIRS, LETTERS, MARKS, SEPARATORS};
pub(crate) use vector::{MAX_LEXEME_CHARACTERS, MAX_PLACE, MAX_TEXT_CHARACTERS};
