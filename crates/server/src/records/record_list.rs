//! The records that duplicates are looked for of, or that become one, as both doors name them.

use fourfold_model::RecordId;
use fourfold_query::operation::{Merge, Probes, Values};
use fourfold_query::plan::MAX_PROBES;
use serde_json::Value as Json;

use crate::error::{ApiError, ApiResult, ErrorCode};

/// Either ids of records or data of new ones; values that are null count as absent.
///
/// # Errors
/// `InvalidRecordList` when neither or both are given, or they are no lists of what they should be.
pub(crate) fn read_probes(ids: Option<Json>, data: Option<Json>, values: &mut Values) -> ApiResult<Probes> {
    let present = |value: &Json| !value.is_null();
    match (ids.filter(present), data.filter(present)) {
        (Some(ids), None) => {
            let ids = read_ids(&ids)?;
            check_count("ids", ids.len())?;
            let ids = ids.into_iter().map(|id| uuid::Uuid::from(id).to_string().into());
            Ok(Probes::Ids(values.keep(Json::Array(ids.collect()))))
        }
        (None, Some(Json::Array(items))) => {
            if items.is_empty() {
                return Err(refused("data needs at least one record to look for duplicates of"));
            }
            check_count("data", items.len())?;
            if let Some(other) = items.iter().find(|item| !item.is_object()) {
                return Err(refused(format!(
                    "data takes objects with the fields of a record, not {}",
                    kind_of(other)
                )));
            }
            Ok(Probes::Data(values.keep(Json::Array(items))))
        }
        (None, Some(other)) => {
            Err(refused(format!("data must be a list of objects, not {}", kind_of(&other))))
        }
        (None, None) => Err(refused("duplicates need either ids of records or data of new ones")),
        (Some(_), Some(_)) => Err(refused("ids and data exclude each other")),
    }
}

/// What a client sent for a merge.
#[derive(Default)]
pub(crate) struct MergeInput {
    pub(crate) ids: Option<Json>,
    pub(crate) conflict_priority_index: Option<Json>,
    pub(crate) dry_run: Option<Json>,
}

impl MergeInput {
    /// What is to become one. How many records it takes, the plan knows.
    ///
    /// # Errors
    /// `InvalidRecordList` when something is missing or of the wrong type.
    pub(crate) fn read(self) -> ApiResult<Merge> {
        let ids = self.ids.ok_or_else(|| refused("ids: a merge needs those of the records"))?;
        let ids = read_ids(&ids)?;
        let index = self.conflict_priority_index.unwrap_or_default();
        let survivor = index.as_u64().and_then(|index| usize::try_from(index).ok()).ok_or_else(|| {
            refused(format!(
                "conflictPriorityIndex must be a place among the ids, from 0, not {}",
                kind_of(&index)
            ))
        })?;
        let dry_run = match self.dry_run.unwrap_or_default() {
            Json::Null => false,
            Json::Bool(dry_run) => dry_run,
            other => return Err(refused(format!("dryRun must be true or false, not {}", kind_of(&other)))),
        };
        Ok(Merge { ids, survivor, dry_run })
    }
}

fn read_ids(ids: &Json) -> ApiResult<Vec<RecordId>> {
    let Json::Array(items) = ids else {
        return Err(refused(format!("ids must be a list of UUIDs, not {}", kind_of(ids))));
    };
    let parsed = items.iter().map(|item| {
        let id = item.as_str().and_then(RecordId::parse);
        id.ok_or_else(|| {
            refused(fourfold_model::ValueError::invalid("ids", item, "UUIDs of records").message)
        })
    });
    parsed.collect()
}

fn check_count(name: &str, count: usize) -> ApiResult<()> {
    if count <= MAX_PROBES {
        return Ok(());
    }
    Err(refused(format!("{name}: one request looks for duplicates of {MAX_PROBES} records, not of {count}")))
}

fn kind_of(value: &Json) -> String {
    match value {
        Json::Null => "nothing".into(),
        Json::Bool(_) | Json::Number(_) => value.to_string(),
        Json::String(_) => "text".into(),
        Json::Array(_) => "a list".into(),
        Json::Object(_) => "an object".into(),
    }
}

fn refused(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidRecordList, message)
}
