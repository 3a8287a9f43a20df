//! Where the data of a server lives: one database for the control data, one for each workspace.

use tokio::sync::mpsc;
use uuid::Uuid;

use crate::command_error::CommandError;
use crate::data_folder::{DataFolder, remove_database};
use crate::error::{ApiError, ApiResult};
use crate::postgres_database::PostgresDatabase;
use crate::store::postgres::{Change, PooledConnection};
use crate::store::{FileMode, Store, StoreError};
use crate::{control, data_model};

/// All databases of a server.
#[derive(Clone)]
pub(crate) enum Databases {
    /// SQLite files in a folder of one server.
    Folder(DataFolder),
    /// Schemas of a PostgreSQL database.
    Postgres(PostgresDatabase),
}

/// Held while a workspace or a user is being made; no other process does so meanwhile.
pub(crate) enum SetupLock {
    File { _file: std::fs::File },
    Transaction { _connection: PooledConnection },
}

impl Databases {
    /// The control data; made when it is missing, and brought to the latest version.
    pub(crate) async fn control(&self) -> Result<Store, CommandError> {
        match self {
            Self::Folder(folder) => {
                let path = folder.control_file();
                let opened = open_file(path.clone(), FileMode::CreateIfMissing, control::MIGRATIONS).await;
                opened.map_err(|error| CommandError::data(path, error))
            }
            Self::Postgres(database) => database.control().await,
        }
    }

    /// The database of a workspace, which must exist; brought to the latest version.
    pub(crate) async fn workspace(&self, id: Uuid) -> ApiResult<Store> {
        match self {
            Self::Folder(folder) => {
                Ok(open_file(folder.workspace_file(id), FileMode::Existing, data_model::MIGRATIONS).await?)
            }
            Self::Postgres(database) => Ok(database.workspace(id).await?),
        }
    }

    /// A database for a new workspace, under a name of its own until [`Self::finish_workspace`].
    pub(crate) async fn create_workspace(&self, id: Uuid, _setup: &SetupLock) -> ApiResult<Store> {
        match self {
            Self::Folder(folder) => {
                let path = folder.unfinished_file(id);
                Ok(open_file(path, FileMode::CreateIfMissing, data_model::MIGRATIONS).await?)
            }
            Self::Postgres(database) => Ok(database.create_workspace(id).await?),
        }
    }

    /// Gives the database of a workspace, which is whole and closed, its final name.
    pub(crate) async fn finish_workspace(&self, id: Uuid) -> ApiResult<()> {
        match self {
            Self::Folder(folder) => folder.finish_workspace(id).map_err(ApiError::internal),
            Self::Postgres(database) => Ok(database.finish_workspace(id).await?),
        }
    }

    /// Removes the database of a workspace of which no row of the control data knows.
    pub(crate) async fn remove_workspace(&self, id: Uuid) {
        match self {
            Self::Folder(folder) => remove_database(&folder.workspace_file(id)),
            Self::Postgres(database) => {
                if let Err(error) = database.remove_workspace(id).await {
                    tracing::warn!(%error, workspace = %id, "a schema that belongs to nothing stays");
                }
            }
        }
    }

    /// Removes what attempts to make a workspace left that were interrupted or failed.
    pub(crate) async fn remove_unfinished(&self, _setup: &SetupLock) -> ApiResult<()> {
        match self {
            Self::Folder(folder) => folder.remove_unfinished().map_err(ApiError::internal),
            Self::Postgres(database) => Ok(database.remove_unfinished().await?),
        }
    }

    /// Waits until no other process makes a workspace or a user.
    pub(crate) async fn lock_for_setup(&self) -> ApiResult<SetupLock> {
        match self {
            Self::Folder(folder) => {
                let file = folder.lock_for_setup().await.map_err(ApiError::internal)?;
                Ok(SetupLock::File { _file: file })
            }
            Self::Postgres(database) => {
                Ok(SetupLock::Transaction { _connection: database.lock_for_setup().await? })
            }
        }
    }

    /// What other servers on the same databases change; nothing where there can be none.
    pub(crate) fn changes(&self) -> Option<mpsc::Receiver<Change>> {
        match self {
            Self::Folder(_) => None,
            Self::Postgres(database) => Some(database.changes()),
        }
    }

    /// Closes what the stores share. They are closed before.
    pub(crate) async fn close(&self) {
        match self {
            Self::Folder(_) => {}
            Self::Postgres(database) => database.close().await,
        }
    }
}

async fn open_file(
    path: std::path::PathBuf,
    mode: FileMode,
    migrations: &'static [&'static str],
) -> Result<Store, StoreError> {
    let opened = tokio::task::spawn_blocking(move || Store::open_file(&path, mode, migrations)).await;
    opened.unwrap_or_else(|failure| Err(StoreError::Other(failure.to_string())))
}
