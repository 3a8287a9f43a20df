//! Fourfold: one data model, four APIs.

mod accounts;
mod data_model;
mod error;
mod graphql;
mod store;
mod workspace;

fn main() {}
