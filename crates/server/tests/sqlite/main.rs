//! What only a server on SQLite has: a data folder, and files in it.

#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test program uses a part of it")]
mod support;

mod data_folder;
mod duplicates;
mod newer_version;
