//! Fourfold: one data model, four APIs.

mod accounts;
mod app;
mod command_error;
mod control;
mod data_folder;
mod data_model;
mod demo;
mod error;
mod records;
mod store;
mod workspace;

fn main() {}
