//! A store in PostgreSQL 15 or later: how the server is reached, and what its errors mean.

mod connect_error;
mod connection;
mod driver_error;
mod error;
#[cfg(test)]
mod fake_server;
#[cfg(test)]
#[allow(warnings)]
#[cfg(test)]
#[allow(warnings)]
mod pool;
mod pooler;
mod server_check;
mod session;
mod statement_cache;
mod tls;
mod url;
mod url_text;
