//! `/graphql`.

mod bad_input;
