//! The data model as data: kept in the workspace's own database, changed together with its tables,
//! told over the Metadata APIs.

pub(crate) mod describe;
mod migrate;
pub(crate) mod page;
pub(crate) mod report;
pub(crate) mod rest;
mod storage;

use std::path::Path;
use std::sync::Arc;

use fourfold_model::{DataModel, ModelChange, Refusal, standard};
use jiff::Timestamp;

use crate::accounts::DataModelAdmin;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::store::{FileMode, Store, StoreError};

pub(crate) use storage::model_version;

/// How often a change is planned again because another one came first.
const MAX_ATTEMPTS: usize = 5;

/// Makes the database of a new workspace, with the standard objects and their tables.
///
/// # Errors
/// When `path` is not writable, or holds a workspace already.
pub(crate) async fn create(path: &Path) -> ApiResult<(Store, DataModel)> {
    let store = open_store(path, FileMode::CreateIfMissing).await?;
    let now = current_time();
    let objects =
        tokio::task::spawn_blocking(move || standard::objects(now)).await.map_err(ApiError::internal)?;
    let model = DataModel::new(1, objects.into_iter().map(Arc::new).collect());
    let (before, after) = (DataModel::default(), model.clone());
    store.write(move |transaction| Box::pin(migrate::run(transaction, before, after))).await?;
    Ok((store, model))
}

/// Opens the database of a workspace, which must exist.
///
/// # Errors
/// When the file cannot be opened, was written by a newer version, or holds what cannot be read.
pub(crate) async fn open(path: &Path) -> ApiResult<(Store, DataModel)> {
    let store = open_store(path, FileMode::Existing).await?;
    let model = storage::load(&store).await?;
    Ok((store, model))
}

async fn open_store(path: &Path, mode: FileMode) -> ApiResult<Store> {
    let path = path.to_owned();
    let opened = tokio::task::spawn_blocking(move || Store::open(&path, mode, storage::MIGRATIONS)).await;
    Ok(opened.map_err(ApiError::internal)??)
}

/// A change that is in force, with the model that it replaced.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) before: Arc<DataModel>,
    pub(crate) change: ModelChange,
}

/// Plans a change on the model in force, writes it together with its tables, and puts the new model
/// in force before it answers. When another change came first, the plan is made again.
///
/// # Errors
/// The refusal of `plan`; `ModelChanged` when others keep coming first.
pub(crate) async fn apply(
    admin: &DataModelAdmin,
    plan: impl Fn(&DataModel, Timestamp) -> Result<ModelChange, Refusal>,
) -> ApiResult<Applied> {
    let workspace = &admin.caller().workspace;
    for _ in 0..MAX_ATTEMPTS {
        let before = workspace.data_model();
        let change = plan(&before, current_time()).map_err(report::refusal)?;
        let (old, new) = (DataModel::clone(&before), change.after.clone());
        let written = workspace.store.write(move |transaction| Box::pin(migrate::run(transaction, old, new)));
        match written.await {
            Ok(()) => {
                workspace.install_model(change.after.clone());
                return Ok(Applied { before, change });
            }
            // Another request, or another process, changed the model in between.
            Err(migrate::MigrateError::Stale) => {
                workspace.install_model(storage::load(&workspace.store).await?)
            }
            Err(migrate::MigrateError::Store(error)) => return Err(migration_failed(error)),
        }
    }
    let message = "the data model keeps changing while this change is being made; try again";
    Err(ApiError::new(ErrorCode::ModelChanged, message))
}

/// What the database refuses here is never the client's record, so only what passes with time keeps
/// its own code.
fn migration_failed(error: StoreError) -> ApiError {
    match error {
        StoreError::Busy | StoreError::Conflict | StoreError::TimedOut | StoreError::Unavailable(_) => {
            error.into()
        }
        other => {
            let message = "the change could not be applied and nothing was changed; the log has the details";
            ApiError { message: message.into(), ..ApiError::internal(other) }
        }
    }
}

/// The moment of a change, in the milliseconds that are stored.
fn current_time() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

#[cfg(test)]
pub(crate) mod tests;
