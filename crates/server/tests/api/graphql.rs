//! `/graphql`.

mod bad_input;
mod every_code;
mod execution;
mod search;
mod search_arguments;
mod side_effects;
