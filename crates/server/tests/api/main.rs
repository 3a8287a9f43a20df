//! The server as its clients see it: real processes, real HTTP, data folders of their own.

#[path = "../support/mod.rs"]
mod support;

mod callers;
mod command_line;
mod conformance;
mod documents;
mod durability;
mod graphql;
mod metadata;
mod outcome;
mod readme;
mod rest;
mod start;
mod tour;
