//! `/rest/*`.

mod bad_input;
mod comparators;
mod entity_tags;
mod fields;
mod parameters;
mod paths;
mod query_strings;
