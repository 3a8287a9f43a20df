//! Real servers on folders of their own, and clients that talk to them over HTTP.

mod client;
mod command;
mod server;
mod template;

pub(crate) use client::{Client, Response};
pub(crate) use command::{fourfold, fourfold_in, fourfold_with_input};
pub(crate) use server::{Credentials, Running, TestServer};
