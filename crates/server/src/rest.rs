//! The REST door: paths and query strings in, envelopes out.

pub(crate) mod envelope;
mod filter_text;
mod path;
mod query_params;
pub(crate) mod records;
