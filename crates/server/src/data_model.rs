//! The data model as data: kept in the workspace's own database, changed together with its tables,
//! told over the Metadata APIs.

mod migrate;
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

