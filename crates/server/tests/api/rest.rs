//! `/rest/*`.

mod bad_input;
mod parameters;
