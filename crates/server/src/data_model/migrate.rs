//! One change of the data model as one transaction: its rows, its tables, its version.

use fourfold_model::DataModel;
use fourfold_query::sql::ddl;

use super::storage;
use crate::store::{Premise, Store, StoreError};

/// Turns the database of `before` into that of `after`.
///
/// # Errors
/// `StaleModel` when `before` is not the model in force.
pub(super) async fn run(store: &Store, before: DataModel, after: DataModel) -> Result<(), StoreError> {
    let mut statements = ddl::migrate(&before, &after, store.target());
    statements.extend(storage::save(store.target(), &before, &after)?);
    let premise = Premise::ReplacedModel(storage::basis(store.target(), before.version()));
    store.apply(premise, statements).await.map(drop)
}
