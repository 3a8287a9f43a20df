//! The argument `filter` of lists (`metadata.md` 3.1).

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::arguments::uuid;
use crate::error::{ApiError, ApiResult, ErrorCode};

/// What an entry has under a filter's member.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fact {
    Id(Uuid),
    Flag(bool),
}

/// Whether an entry passes: every member must hold. `fact` tells what the entry has; the schema has
/// no other members than those it knows.
pub(super) fn matches(filter: &Map<String, Json>, fact: &impl Fn(&str) -> Option<Fact>) -> ApiResult<bool> {
    for (member, condition) in filter.iter().filter(|(_, condition)| !condition.is_null()) {
        let holds = match (member.as_str(), condition) {
            ("and", Json::Array(filters)) => all(filters, fact)?,
            ("or", Json::Array(filters)) => filters.is_empty() || any(filters, fact)?,
            (_, Json::Object(comparison)) => match fact(member) {
                Some(Fact::Id(id)) => id_holds(id, comparison)?,
                Some(Fact::Flag(flag)) => flag_holds(flag, comparison),
                None => true,
            },
            _ => true,
        };
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

fn all(filters: &[Json], fact: &impl Fn(&str) -> Option<Fact>) -> ApiResult<bool> {
    for filter in filters.iter().filter_map(Json::as_object) {
        if !matches(filter, fact)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn any(filters: &[Json], fact: &impl Fn(&str) -> Option<Fact>) -> ApiResult<bool> {
    for filter in filters.iter().filter_map(Json::as_object) {
        if matches(filter, fact)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn flag_holds(flag: bool, comparison: &Map<String, Json>) -> bool {
    comparison.iter().all(|(operator, value)| match (operator.as_str(), value.as_bool()) {
        ("is", Some(wanted)) => flag == wanted,
        ("isNot", Some(unwanted)) => flag != unwanted,
        // A flag is never null.
        ("is", None) => false,
        _ => true,
    })
}

fn id_holds(id: Uuid, comparison: &Map<String, Json>) -> ApiResult<bool> {
    for (operator, value) in comparison {
        let is_list = matches!(operator.as_str(), "in" | "notIn");
        let holds = match (operator.as_str(), value) {
            // An id is never null.
            ("is", Json::Null) => false,
            ("isNot", Json::Null) => true,
            ("is" | "isNot", _) => {
                let message = format!("{operator} of an id takes only null");
                return Err(ApiError::new(ErrorCode::MetadataInput, message));
            }
            (_, Json::Null) => true,
            (_, Json::Array(ids)) if is_list => {
                let ids: Vec<Uuid> = ids.iter().map(uuid).collect::<ApiResult<_>>()?;
                ids.contains(&id) == (operator == "in")
            }
            (operator, value) => compare(operator, id, uuid(value)?),
        };
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A pattern of type `UUID` can only be a whole id, so `like` is equality.
fn compare(operator: &str, id: Uuid, other: Uuid) -> bool {
    match operator {
        "eq" | "like" | "iLike" => id == other,
        "neq" | "notLike" | "notILike" => id != other,
        "gt" => id > other,
        "gte" => id >= other,
        "lt" => id < other,
        "lte" => id <= other,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_combine() {
        let (id, other) = (Uuid::from_u128(2), Uuid::from_u128(3));
        let fact = |member: &str| match member {
            "id" => Some(Fact::Id(id)),
            "isActive" => Some(Fact::Flag(true)),
            _ => None,
        };
        for (filter, passes) in [
            (json!({}), Some(true)),
            (json!({"isActive": {"is": true}}), Some(true)),
            (json!({"isActive": {"isNot": true}}), Some(false)),
            (json!({"id": {"eq": id}, "isActive": {"is": false}}), Some(false)),
            (json!({"id": {"in": []}}), Some(false)),
            (json!({"id": {"notIn": []}}), Some(true)),
            (json!({"id": {"lt": other, "neq": other}}), Some(true)),
            (json!({"or": []}), Some(true)),
            (json!({"or": [{"id": {"eq": other}}, {"id": {"eq": id}}]}), Some(true)),
            (json!({"and": [{"id": {"eq": other}}, {"id": {"eq": id}}]}), Some(false)),
            (json!({"id": {"is": null}}), Some(false)),
            (json!({"id": {"isNot": null}}), Some(true)),
            (json!({"id": {"is": true}}), None),
            (json!({"id": {"eq": "x"}}), None),
        ] {
            let members = filter.as_object().cloned().unwrap_or_default();
            assert_eq!(matches(&members, &fact).ok(), passes, "{filter}");
        }
    }
}
