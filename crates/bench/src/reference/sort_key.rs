//! The keys by which text sorts, made as `crates/query/src/sort_key.rs` makes them.

use std::sync::LazyLock;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};

const MAX_CHARACTERS: usize = 200;

static COLLATOR: LazyLock<CollatorBorrowed<'static>> = LazyLock::new(|| {
    let options = CollatorOptions::default();
    Collator::try_new(CollatorPreferences::default(), options).expect("the root collation is compiled in")
});

pub(crate) fn sort_key(text: &str) -> Vec<u8> {
    let end = text.char_indices().nth(MAX_CHARACTERS).map_or(text.len(), |(end, _)| end);
    let mut key = Vec::with_capacity(end + 8);
    let Ok(()) = COLLATOR.write_sort_key_to(&text[..end], &mut key);
    key
}
