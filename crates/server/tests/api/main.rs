//! The server as its clients see it: real processes, real HTTP, data of their own, on either database.

#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test program uses a part of it")]
mod support;

mod callers;
mod command_line;
mod conformance;
mod documents;
mod duplicates;
mod durability;
mod field_types;
mod field_types_change;
mod figures;
mod graphql;
mod group_by;
mod idempotency;
mod long_names;
mod many_relations;
mod merge;
mod metadata;
mod outcome;
mod plans;
mod readme;
mod refused_writes;
mod rest;
mod start;
mod totals;
mod tour;
mod upsert;
