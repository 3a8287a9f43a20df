//! What only a server on PostgreSQL meets: roles, TLS, poolers, several servers, connections that are lost.
//!
//! `cargo xtask test --postgres` starts the cluster that these tests need; without it they fail.

#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test program uses a part of it")]
mod support;

mod duplicates;
mod harness;
mod idempotency;
mod killed;
mod limits;
mod lost_connection;
mod model_changes;
mod pair;
mod pooler;
mod refused;
mod same_answers;
mod search;
mod several_servers;
mod shared_model;
mod time_zones;
mod tls;
mod workspaces;
