//! Fourfold: one data model, four APIs.

mod accounts;
mod error;
mod graphql;
mod store;
mod workspace;

fn main() {}
