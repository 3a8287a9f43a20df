//! Merges: several records become one, in the transaction of the write.

use std::collections::HashMap;

use fourfold_model::{Scalar, Value};
use fourfold_query::operation::Values;
use fourfold_query::plan::MergedRecords;
use fourfold_query::sql::WriteStatements;
use fourfold_query::{CompiledRead, ReadOutput};
use uuid::Uuid;

use super::not_found;
use super::write::WriteError;
use crate::error::ApiError;
use crate::store::Transaction;

/// Merges, or only says what would become of the records. The answer is the record that stays.
pub(super) async fn merge(
    transaction: &mut Transaction<'_>,
    records: &MergedRecords,
    statements: &WriteStatements<'_>,
    read: &CompiledRead,
    values: &Values,
    object: &str,
) -> Result<ReadOutput, WriteError> {
    let scalars: Vec<Scalar> = std::iter::once(Scalar::Uuid).chain(records.scalars()).collect();
    let found = transaction.values(&statements.records_to_merge(records), &scalars).await?;
    let mut by_id: HashMap<Uuid, Vec<Value>> = found
        .into_iter()
        .filter_map(|mut row| match row.remove(0) {
            Value::Uuid(id) => Some((id, row)),
            _ => None,
        })
        .collect();
    let in_order: Option<Vec<Vec<Value>>> = records.ids().iter().map(|id| by_id.remove(id)).collect();
    let merged = records.merge(&in_order.ok_or_else(|| not_found(object))?);
    let bound = read.bind(values, std::slice::from_ref(&merged)).map_err(ApiError::from)?;
    let changes = if records.is_dry_run() { Vec::new() } else { statements.merge(records, &merged) };
    let survivor = Value::ids([records.survivor()]);
    Ok(transaction.execute_and_fetch(&changes, read, &bound, &survivor).await?)
}
