//! One change of the data model as one transaction: its rows, its tables, its version.

use fourfold_model::DataModel;
use fourfold_query::sql::ddl;

use super::storage;
use crate::error::ApiError;
use crate::store::{StoreError, Transaction};

/// Why a change was not written.
#[derive(Debug)]
pub(super) enum MigrateError {
    /// The model in the database is not the one that the change was planned on.
    Stale,
    Store(StoreError),
}

impl From<StoreError> for MigrateError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<MigrateError> for ApiError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Stale => {
                Self::internal(StoreError::Other("the file holds a workspace already".into()))
            }
            MigrateError::Store(error) => error.into(),
        }
    }
}

/// Turns the database of `before` into that of `after`.
pub(super) async fn run(
    transaction: &mut Transaction,
    before: DataModel,
    after: DataModel,
) -> Result<(), MigrateError> {
    if storage::model_version(transaction).await? != before.version() {
        return Err(MigrateError::Stale);
    }
    for statement in ddl::migrate(&before, &after, transaction.dialect()) {
        transaction.execute(&statement).await?;
    }
    storage::save(transaction, &before, &after).await?;
    Ok(())
}
