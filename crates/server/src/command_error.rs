//! Why a command stops: what happened, and what to do about it.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use uuid::Uuid;

use crate::error::{ApiError, ErrorCode};
use crate::store::StoreError;
use crate::store::postgres::ConnectError;

/// A failure of a command or of starting the server; printed on standard error before a non-zero exit.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error(
        "cannot use the data folder {}: {source}; make it writable for this user, or choose another with --data or FOURFOLD_DATA",
        path.display()
    )]
    Folder { path: PathBuf, source: io::Error },
    #[error(
        "there is no Fourfold data in {}; name its folder with --data or FOURFOLD_DATA, or run `fourfold serve` there once to begin",
        .0.display()
    )]
    NoData(PathBuf),
    #[error(
        "another server is running on the data folder {}; stop it first, or choose another folder with --data",
        .0.display()
    )]
    FolderInUse(PathBuf),
    #[error(
        "the data in {} was written by a newer version of Fourfold (schema {found}, this version knows {known}); nothing was changed: run that version again, or choose another folder with --data",
        path.display()
    )]
    NewerData { path: PathBuf, found: i64, known: i64 },
    #[error(
        "cannot read the data in {}: {source}; check the disk and the file's owner, or restore a backup",
        path.display()
    )]
    Data { path: PathBuf, source: StoreError },
    #[error(
        "{address} is in use by another program; stop it, or choose another address with --listen or FOURFOLD_LISTEN"
    )]
    AddressInUse { address: String },
    #[error("cannot listen on {address}: {source}; choose another address with --listen or FOURFOLD_LISTEN")]
    Listen { address: String, source: io::Error },
    #[error("{0}")]
    Connect(ConnectError),
    #[error(
        "there is no Fourfold data in {0}; name its database with --database-url or DATABASE_URL, or run `fourfold serve` on it once to begin"
    )]
    NoDatabaseData(String),
    #[error(
        "the schema {schema} of {server} has tables of another program; nothing was changed: give Fourfold a database of its own with `createdb --encoding=UTF8 --template=template0 NAME`"
    )]
    ForeignSchema { schema: &'static str, server: String },
    #[error(
        "the data in {server} was written by a newer version of Fourfold (schema {found}, this version knows {known}); nothing was changed: run that version again, or name another database with --database-url"
    )]
    NewerDatabase { server: String, found: i64, known: i64 },
    #[error("cannot use the data in {server}: {source}; the log of PostgreSQL may say more")]
    Database { server: String, source: StoreError },
    #[error("no workspace is called `{wanted}`; there are {}", names(.known))]
    UnknownWorkspace { wanted: String, known: Vec<String> },
    #[error("there are several workspaces; say which one with --workspace: {}", names(.known))]
    WhichWorkspace { known: Vec<String> },
    #[error("there is no workspace yet; make one with `fourfold workspace create --name NAME`")]
    NoWorkspace,
    #[error("no role is called `{wanted}`; the workspace has {}", names(.known))]
    UnknownRole { wanted: String, known: Vec<String> },
    #[error("the role `{role}` cannot be given to {to}; choose another with --role")]
    RoleNotAssignable { role: String, to: &'static str },
    #[error("cannot read the password from standard input: {0}")]
    NoPassword(io::Error),
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
    #[error("cannot start: {0}")]
    Runtime(io::Error),
    #[error("the workspace {workspace} cannot be opened: {}", reason(.source))]
    Workspace { workspace: Uuid, source: Box<ApiError> },
    #[error("{}", reason(.0))]
    Refused(Box<ApiError>),
}

impl CommandError {
    /// A failure of the store in `path`.
    pub(crate) fn data(path: PathBuf, error: StoreError) -> Self {
        match error {
            StoreError::NewerSchema { found, known } => Self::NewerData { path, found, known },
            source => Self::Data { path, source },
        }
    }
}

impl CommandError {
    /// A failure of the database that `server` describes.
    pub(crate) fn database(server: String, error: StoreError) -> Self {
        match error {
            StoreError::NewerSchema { found, known } => Self::NewerDatabase { server, found, known },
            source => Self::Database { server, source },
        }
    }
}

impl From<ApiError> for CommandError {
    fn from(error: ApiError) -> Self {
        Self::Refused(error.into())
    }
}

fn names(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A client is not told about faults of ours; whoever runs the command is.
fn reason(error: &ApiError) -> String {
    match (error.code, error.source()) {
        (ErrorCode::Internal, Some(source)) => source.to_string(),
        _ => error.to_string(),
    }
}
