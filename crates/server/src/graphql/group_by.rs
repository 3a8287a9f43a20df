//! The arguments of `peopleGroupBy` (`graphql-core.md` 8).

use fourfold_model::RecordId;
use fourfold_query::grouping::{DEFAULT_GROUPS, Dimension, GroupOrder, Grouping};
use fourfold_query::operation::Values;

use super::arguments::{Arguments, invalid};
use crate::error::{ApiResult, ErrorCode};
use crate::records;

/// The most groups of one answer. The contract has no limit; this one keeps an answer in bounds.
const MAX_GROUPS: u64 = 10_000;

/// What to group by, and how.
pub(super) fn grouping(arguments: &mut Arguments<'_>, values: &mut Values) -> ApiResult<Grouping> {
    refuse_view(arguments)?;
    // Clients send it along with a selection of records, which alone decides.
    arguments.take("includeRecords");
    let dimensions = arguments.take("groupBy");
    let dimensions =
        dimensions.ok_or_else(|| invalid("groupBy is missing: what to group by, such as [{name: true}]"))?;
    let limit = arguments.take("limit").and_then(|limit| limit.as_u64()).filter(|limit| *limit != 0);
    let offset = arguments.count("offsetForRecords", ErrorCode::InvalidQueryInput)?;
    Ok(Grouping {
        filter: arguments.filter(values)?,
        dimensions: Dimension::read_all(dimensions, values)?,
        order: arguments.take("orderBy").map_or_else(|| Ok(Vec::new()), GroupOrder::read_all)?,
        omits_missing: false,
        limit: values.keep(limit.map_or(DEFAULT_GROUPS, |limit| limit.min(MAX_GROUPS)).into()),
        record_order: arguments.order("orderByForRecords")?,
        record_offset: offset.map(|offset| values.keep(offset.into())),
    })
}

/// A view adds its filters to the request's.
///
/// # Errors
/// When the view does not exist, or its id is malformed.
fn refuse_view(arguments: &mut Arguments<'_>) -> ApiResult<()> {
    let Some(id) = arguments.take("viewId") else { return Ok(()) };
    let parsed = id.as_str().and_then(RecordId::parse);
    Err(parsed.map_or_else(|| invalid(format!("viewId: {id} is not a UUID")), records::view_not_found))
}
