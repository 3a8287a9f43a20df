//! Where a workspace lies that is measured, and the copy of it that the reference has.

mod cluster;
mod folder;

use std::ffi::OsString;

use crate::Outcome;
use crate::copies::{CopiedTable, Copy};
use cluster::Cluster;
use folder::Folder;

/// A database that Fourfold works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// The storage of one run.
pub(crate) enum Storage {
    Sqlite(Folder),
    Postgres(Box<Cluster>),
}

impl Storage {
    /// # Errors
    /// For PostgreSQL, when no cluster is named or it cannot be reached.
    pub(crate) async fn new(database: Database) -> Outcome<Self> {
        Ok(match database {
            Database::Sqlite => Self::Sqlite(Folder::new()?),
            Database::Postgres => Self::Postgres(Cluster::new().await?.into()),
        })
    }

    /// What it is, with its version.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Sqlite(_) => format!("SQLite {}", rusqlite::version()),
            Self::Postgres(cluster) => format!("PostgreSQL {}", cluster.version()),
        }
    }

    /// The arguments with which the commands of Fourfold find it.
    pub(crate) fn arguments(&self) -> [OsString; 2] {
        match self {
            Self::Sqlite(folder) => ["--data".into(), folder.data().into()],
            Self::Postgres(cluster) => ["--database-url".into(), cluster.url().into()],
        }
    }

    /// Makes copies of records, when the server has ended.
    pub(crate) async fn copy_records(
        &self,
        table: &CopiedTable,
        copies: impl Iterator<Item = Outcome<Copy>>,
    ) -> Outcome<()> {
        match self {
            Self::Sqlite(folder) => folder.copy_records(table, copies),
            Self::Postgres(cluster) => cluster.copy_records(table, copies).await,
        }
    }

    /// Copies the workspace when its server has ended; the arguments with which a reference serves the
    /// copy.
    pub(crate) async fn copy(&self) -> Outcome<Vec<OsString>> {
        match self {
            Self::Sqlite(folder) => Ok(vec!["sqlite".into(), folder.copy()?.into()]),
            Self::Postgres(cluster) => {
                let (url, schema) = cluster.copy().await?;
                Ok(vec!["postgres".into(), url.into(), schema.into()])
            }
        }
    }

    /// Leaves nothing behind.
    pub(crate) async fn remove(self) -> Outcome<()> {
        match self {
            Self::Sqlite(folder) => folder.remove(),
            Self::Postgres(cluster) => cluster.remove().await,
        }
    }
}
