//! A workspace's database and the data model in it.

use std::path::Path;

use fourfold_model::DataModel;

use crate::error::{ApiError, ApiResult};
use crate::store::{FileMode, Store, StoreError};

/// Makes a workspace's database at `path`.
pub(crate) async fn create(path: &Path) -> ApiResult<(Store, DataModel)> {
    open_file(path, FileMode::CreateIfMissing).await
}

/// Opens a workspace's database, which must exist.
pub(crate) async fn open(path: &Path) -> ApiResult<(Store, DataModel)> {
    open_file(path, FileMode::Existing).await
}

async fn open_file(path: &Path, mode: FileMode) -> ApiResult<(Store, DataModel)> {
    let path = path.to_owned();
    let store = tokio::task::spawn_blocking(move || Store::open(&path, mode, &[]))
        .await
        .map_err(|failure| ApiError::internal(StoreError::Other(failure.to_string())))??;
    Ok((store, DataModel::default()))
}
