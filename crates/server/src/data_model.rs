//! The data model as data: kept in the workspace's own database, changed together with its tables,
//! told over the Metadata APIs.

pub(crate) mod describe;
mod migrate;
pub(crate) mod page;
pub(crate) mod report;
pub(crate) mod rest;
mod storage;

use std::collections::HashMap;
use std::sync::Arc;

use fourfold_model::{DataModel, Index, ModelChange, Object, Refusal, standard};
use fourfold_query::sql::ddl;
use jiff::Timestamp;

use crate::accounts::DataModelAdmin;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::store::{Basis, Store, StoreError};

/// The scripts that make a workspace's own tables, before those of its objects.
pub(crate) use storage::MIGRATIONS;

/// How often a change is planned again because another one came first.
const MAX_ATTEMPTS: usize = 5;

/// Fills the database of a new workspace with the standard objects and their tables.
///
/// # Errors
/// When it holds a workspace already.
pub(crate) async fn create(store: &Store) -> ApiResult<DataModel> {
    let now = current_time();
    let objects =
        tokio::task::spawn_blocking(move || standard::objects(now)).await.map_err(ApiError::internal)?;
    let model = DataModel::new(1, objects.into_iter().map(Arc::new).collect());
    migrate::run(store, DataModel::default(), model.clone()).await?;
    Ok(model)
}

/// The model in force in the database of a workspace.
///
/// # Errors
/// When it holds what cannot be read.
pub(crate) async fn load(store: &Store) -> ApiResult<DataModel> {
    Ok(storage::load(store).await?)
}

/// The version of the model in force.
pub(crate) async fn current_version(store: &Store) -> ApiResult<u64> {
    Ok(storage::current_version(store).await?)
}

/// How many live records each object of the workspace has, from the counts that triggers keep.
pub(crate) async fn record_counts(admin: &DataModelAdmin) -> ApiResult<Vec<(Arc<Object>, i64)>> {
    let workspace = &admin.caller().workspace;
    let model = workspace.data_model();
    let rows = workspace.store.rows(ddl::live_counts(workspace.store.target())).await?;
    let counts: HashMap<_, _> = rows.iter().map(|row| (row.optional_id(0), row.integer(1))).collect();
    // GraphQL's `Int` ends at 32 bits.
    let count =
        |object: &Object| counts.get(&Some(object.id)).copied().unwrap_or(0).clamp(0, i32::MAX.into());
    Ok(model.objects().iter().map(|object| (Arc::clone(object), count(object))).collect())
}

/// What a request relies on that was planned on this model.
pub(crate) fn basis(store: &Store, model: &DataModel) -> Basis {
    storage::basis(store.target(), model.version())
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
        match migrate::run(&workspace.store, DataModel::clone(&before), change.after.clone()).await {
            Ok(()) => {
                workspace.install_model(change.after.clone());
                return Ok(Applied { before, change });
            }
            // Another request, or another server, came in between.
            Err(StoreError::StaleModel | StoreError::Conflict) => _ = workspace.refresh().await?,
            Err(StoreError::Duplicate { .. }) => {
                return Err(not_unique(&workspace.store, &before, &change.after).await);
            }
            Err(error) => return Err(migration_failed(error)),
        }
    }
    let message = "the data model keeps changing while this change is being made; try again";
    Err(ApiError::new(ErrorCode::ModelChanged, message))
}

/// Records that exist share a value that is to be unique; how many there are was not part of the change.
async fn not_unique(store: &Store, before: &DataModel, after: &DataModel) -> ApiError {
    for new in after.objects() {
        let Some(old) = before.object(new.id).filter(|old| !Arc::ptr_eq(old, new)) else { continue };
        let is_added = |index: &&Index| old.indexes.iter().all(|known| known.id != index.id);
        for index in new.indexes.iter().filter(|index| index.is_unique).filter(is_added) {
            let counted = store.rows(ddl::count_duplicates(old, index, store.target())).await;
            let records = counted.ok().and_then(|rows| Some(rows.first()?.integer(0))).unwrap_or(0);
            if 0 < records {
                let message = format!(
                    "{records} records of `{}` share a value that would have to be unique; nothing was changed",
                    old.name_singular
                );
                let error = ApiError::internal("duplicates under a new unique index");
                return ApiError { message, ..error };
            }
        }
    }
    let message = "records share a value that would have to be unique; nothing was changed";
    ApiError { message: message.into(), ..ApiError::internal("duplicates under a new unique index") }
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
