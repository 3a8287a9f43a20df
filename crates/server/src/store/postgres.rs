//! A store in PostgreSQL 15 or later: how the server is reached, and what its errors mean.

mod driver_error;
mod error;
mod url;
mod url_text;
