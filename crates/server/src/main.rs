//! Fourfold: one data model, four APIs.

mod accounts;
mod app;
mod command_error;
mod commands;
mod config;
mod control;
mod data_folder;
mod data_model;
mod databases;
mod demo;
mod edge;
mod error;
mod graphql;
mod idempotency_header;
mod logging;
mod postgres_database;
mod records;
mod request_body;
mod responses;
mod rest;
mod router;
mod serve;
mod store;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use command_error::CommandError;
use config::{Cli, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run(Cli::parse().into_command()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fourfold: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), CommandError> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(CommandError::Runtime)?;
    let outcome = runtime.block_on(async {
        match command {
            Command::Serve(arguments) => serve::serve(arguments).await,
            Command::ApiKey(command) => commands::api_key(command).await,
            Command::User(command) => commands::user(command).await,
            Command::Workspace(command) => commands::workspace(command).await,
        }
    });
    // What still waits, for a lock that another process holds or for a terminal, must not keep us.
    runtime.shutdown_background();
    outcome
}
