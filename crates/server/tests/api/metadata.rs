//! `/metadata` and `/rest/metadata/*`.

mod bad_input;
mod updates;
