//! Records in groups over REST (`rest-core.md` 6.9).

use axum::http::StatusCode;
use axum::response::Response;
use fourfold_model::{Object, RecordId};
use fourfold_query::grouping::{DEFAULT_GROUPS, Dimension, GroupAnswer, GroupOrder, Grouping};
use fourfold_query::operation::{Answer, Read, Scope, Values};
use serde_json::Value as Json;

use super::query_params::{QueryParams, invalid};
use super::records::json_answer;
use crate::accounts::Caller;
use crate::error::ApiResult;
use crate::records::{self, ReadRequest};

/// Answers `GET /rest/<objects>/groupBy` with an array of groups, nothing around it.
pub(super) async fn group_by(caller: &Caller, object: &Object, params: &QueryParams) -> ApiResult<Response> {
    refuse_view(params)?;
    let mut values = Values::default();
    let Some(dimensions) = params.json("group_by")? else {
        return Err(invalid("group_by is missing: what to group by, such as [{\"name\": true}]"));
    };
    let grouping = Grouping {
        filter: params.filter(&mut values)?,
        dimensions: Dimension::read_all(dimensions, &mut values)?,
        order: params.json("order_by")?.map_or_else(|| Ok(Vec::new()), GroupOrder::read_all)?,
        omits_missing: params.flag("omit_null_values"),
        limit: values.keep(limit(params)?.into()),
        record_order: params.order_of("order_by_for_records")?,
        record_offset: None,
    };
    let answer = GroupAnswer::Summary {
        figures: figures(params)?,
        shows_records: params.flag("include_records_sample"),
    };
    let read = Read {
        object: object.name_singular.clone(),
        scope: Scope::Groups(Box::new(grouping)),
        answer: Answer::Groups(answer),
    };
    let answer = records::read(&caller.reader()?, ReadRequest { read, values }).await?;
    Ok(json_answer(StatusCode::OK, answer.output.json))
}

/// No groups at all is not worth asking for, so 0 is as good as no limit.
fn limit(params: &QueryParams) -> ApiResult<u64> {
    Ok(params.asked_limit()?.filter(|limit| *limit != 0).unwrap_or(DEFAULT_GROUPS))
}

/// The names of the figures in `aggregate`, a JSON array.
fn figures(params: &QueryParams) -> ApiResult<Vec<String>> {
    let expected = || invalid("aggregate must be a JSON array of names, such as [\"totalCount\"]");
    match params.json("aggregate")? {
        None => Ok(Vec::new()),
        Some(Json::Array(names)) => {
            names.iter().map(|name| name.as_str().map(str::to_owned).ok_or_else(expected)).collect()
        }
        Some(_) => Err(expected()),
    }
}

/// A view adds its filters to the request's.
///
/// # Errors
/// When the view does not exist, or its id is malformed.
fn refuse_view(params: &QueryParams) -> ApiResult<()> {
    for name in ["viewId", "view_id"] {
        let Some(text) = params.once(name).filter(|text| !text.is_empty()) else { continue };
        let id = RecordId::parse(text).ok_or_else(|| invalid(format!("{name}: {text:?} is not a UUID")))?;
        return Err(records::view_not_found(id));
    }
    Ok(())
}
