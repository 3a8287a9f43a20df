//! Real servers on data of their own, and clients that talk to them over HTTP.

pub(crate) mod bulk;
mod client;
mod command;
pub(crate) mod conformance;
mod dump;
pub(crate) mod duplicates;
pub(crate) mod kept_answers;
pub(crate) mod load;
pub(crate) mod model;
pub(crate) mod pgbouncer;
pub(crate) mod postgres;
pub(crate) mod proxy;
mod server;
mod template;
mod test_data;

pub(crate) use client::{Client, Response};
pub(crate) use command::{begin_fourfold, fourfold, fourfold_in};
pub(crate) use server::{Credentials, Running, TestServer};
pub(crate) use test_data::TestData;
