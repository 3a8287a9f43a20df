//! The keys of unique indexes.

use fourfold_model::{Object, Value};

use super::{RowValue, invalid_data};
use crate::error::PlanError;

/// The longest key of a unique index, in bytes of its text. PostgreSQL's indexes hold a third of a page,
/// 2704 bytes; the limit is shared so that a workspace can move between databases.
const MAX_BYTES: usize = 2000;

/// # Errors
/// When the texts of a unique key are too long together. `value_of` has the values that are written, by
/// column.
pub(super) fn refuse_long<'v>(
    object: &Object,
    value_of: &dyn Fn(&str) -> Option<&'v RowValue>,
) -> Result<(), PlanError> {
    let text_bytes = |column: &String| match value_of(column) {
        Some(RowValue::Known(Value::Text(text))) => text.len(),
        _ => 0,
    };
    for index in object.indexes.iter().filter(|index| index.is_unique) {
        let bytes: usize = object.index_columns(index).iter().map(text_bytes).sum();
        if MAX_BYTES < bytes {
            let fields = index.fields.iter().filter_map(|entry| object.field_by_id(entry.field));
            let names: Vec<&str> = fields.map(|field| field.name.as_str()).collect();
            let message = format!(
                "{}: {bytes} bytes are too long for a field whose values are unique; it takes {MAX_BYTES}",
                names.join(", ")
            );
            return Err(invalid_data(message));
        }
    }
    Ok(())
}
