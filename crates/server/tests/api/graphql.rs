//! `/graphql`.

mod bad_input;
mod search;
mod search_arguments;
