//! Finds records that are likely the same: the object's criteria, and the probes that are compared by them.
//!
//! Two records are duplicates when all columns of some criterion are equal, byte for byte. A criterion
//! counts for a probe that has at least [`MIN_CHARACTERS`] in each of its columns (`rest-core.md` 6.8).

use fourfold_model::{DataModel, Object, Scalar, Value, WriteMode};
use serde_json::Value as Json;
use uuid::Uuid;

use super::read::unknown_object;
use super::write::{RowValue, read_data};
use crate::bind::{Bind, Comparison, Form};
use crate::error::{PlanError, PlanErrorCode};
use crate::operation::{Probes, Read, Scope, Slot, Values};
use crate::sort_key::key_of;

/// The fewest characters with which a value tells records apart.
pub(crate) const MIN_CHARACTERS: usize = 3;

/// The most duplicates of one probe that are shown.
pub(crate) const MAX_DUPLICATES: i64 = 200;

/// The most probes of one request.
pub const MAX_PROBES: usize = 200;

/// A search for duplicates.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DuplicateSearch {
    pub(crate) probes: ProbeSource,
    /// Alternatives of text columns that must all be equal.
    pub(crate) criteria: Vec<Vec<String>>,
}

/// Where the values of probes come from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ProbeSource {
    /// The live records with the bound ids, in their order.
    Records(Bind),
    /// Rows of [`probe_rows`].
    Rows,
}

pub(super) fn plan(object: &Object, probes: Probes) -> DuplicateSearch {
    let probes = match probes {
        Probes::Ids(slot) => ProbeSource::Records(id_list(slot)),
        Probes::Data(_) => ProbeSource::Rows,
    };
    DuplicateSearch { probes, criteria: object.text_criteria().map(<[String]>::to_vec).collect() }
}

/// A bound list of ids.
pub(super) fn id_list(slot: Slot) -> Bind {
    Bind::Comparison(Comparison {
        slot,
        scalar: Scalar::Uuid,
        form: Form::List,
        path: "ids".into(),
        options: [].into(),
        refusal: PlanErrorCode::InvalidArgument,
    })
}

/// The rows that a read takes beside its values: when it looks for duplicates of new data, one for each
/// probe. It has the id, nil where there is none, and for each column of each criterion the text and the
/// key that it sorts by, both null where the criterion does not count.
///
/// # Errors
/// When data has an unknown field, or a value that its field does not accept.
pub fn probe_rows(model: &DataModel, read: &Read, values: &Values) -> Result<Vec<Vec<Value>>, PlanError> {
    let Scope::Duplicates(Probes::Data(slot)) = read.scope else { return Ok(Vec::new()) };
    let object = model.by_singular(&read.object).ok_or_else(|| unknown_object(&read.object))?;
    let probes = values.get(slot).as_array().into_iter().flatten();
    probes.map(|data| probe_row(model, object, data)).collect()
}

fn probe_row(model: &DataModel, object: &Object, data: &Json) -> Result<Vec<Value>, PlanError> {
    let Json::Object(data) = data else {
        let message = format!("data: {} takes an object", object.name_singular);
        return Err(PlanError::new(PlanErrorCode::InvalidArgument, message));
    };
    // What it would be connected to does not make it a duplicate.
    let mut connects = Vec::new();
    let given = read_data(model, object, data, WriteMode::Create, &mut connects)?;
    let own_id = match given.column(object, "id") {
        Some(RowValue::Known(Value::Uuid(id))) => *id,
        _ => Uuid::nil(),
    };
    let mut row = vec![Value::Uuid(own_id)];
    for criterion in object.text_criteria() {
        let texts = criterion.iter().map(|column| match given.column(object, column) {
            Some(RowValue::Known(text @ Value::Text(_))) => text.clone(),
            _ => Value::Null,
        });
        let texts: Vec<Value> = texts.collect();
        let counts = texts.iter().all(tells_apart);
        for text in texts {
            let text = if counts { text } else { Value::Null };
            let key = key_of(&text);
            row.extend([text, key]);
        }
    }
    Ok(row)
}

fn tells_apart(value: &Value) -> bool {
    matches!(value, Value::Text(text) if MIN_CHARACTERS <= text.chars().count())
}
