//! A store in PostgreSQL 15 or later: how the server is reached, and what its errors mean.

mod connect_error;
mod driver_error;
mod error;
mod tls;
mod url;
mod url_text;
