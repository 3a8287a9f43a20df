//! `/rest/*`.

mod bad_input;
mod entity_tags;
mod parameters;
mod fields;
