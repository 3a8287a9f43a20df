//! Records that are likely the same: finding them, and making one of them (`rest-core.md` 6.8, 6.10).

use axum::http::StatusCode;
use axum::response::Response;
use fourfold_model::{Object, inflection};
use fourfold_query::operation::{
    Answer, Change, DEFAULT_CHILDREN, Read, RecordData, Scope, Selection, Values, WholeFields, Write,
};
use serde_json::Value as Json;

use super::envelope;
use super::query_params::QueryParams;
use super::records::{RecordRequest, guard, json_answer, read_object, written};
use crate::accounts::{Caller, WriteKind};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::records::{self, MergeInput, ReadRequest, read_probes};

/// `POST /rest/people/duplicates`
pub(super) async fn find(
    caller: &Caller,
    object: &Object,
    params: &QueryParams,
    request: &RecordRequest<'_>,
) -> ApiResult<Response> {
    let mut body = read_object(&request.body)?;
    let (ids, data) = (body.remove("ids"), body.remove("data"));
    refuse_rest(&body)?;
    let mut values = Values::default();
    let read = Read {
        object: object.name_singular.clone(),
        scope: Scope::Duplicates(read_probes(ids, data, &mut values)?),
        answer: Answer::Item {
            key: inflection::rest_duplicates(object),
            selection: everything(params, false)?,
        },
    };
    let answer = records::read(&caller.reader()?, ReadRequest { read, values }).await?;
    Ok(json_answer(StatusCode::OK, envelope::items(&answer.output.json)))
}

/// `PATCH /rest/people/merge`
pub(super) async fn merge(
    caller: &Caller,
    object: &Object,
    params: &QueryParams,
    request: &RecordRequest<'_>,
) -> ApiResult<Response> {
    let mut body = read_object(&request.body)?;
    let input = MergeInput {
        ids: body.remove("ids"),
        conflict_priority_index: body.remove("conflictPriorityIndex"),
        dry_run: body.remove("dryRun"),
    };
    // A misspelt dryRun would merge.
    refuse_rest(&body)?;
    if input.conflict_priority_index.as_ref().is_none_or(Json::is_null) {
        // The contract takes it for the place of a record that is not there.
        let message = "conflictPriorityIndex: the record that stays was not found, since no place among the ids is given";
        return Err(ApiError::new(ErrorCode::RecordNotFound, message));
    }
    let merge = input.read()?;
    let guard = guard(caller, request, false)?;
    let write = Write {
        object: object.name_singular.clone(),
        // Nobody finds the record of a dry run, so its tag would be of no use.
        selection: everything(params, !merge.dry_run)?,
        change: Change::Merge(merge),
        values: Values::default(),
    };
    let answer = records::write(&caller.writer(WriteKind::Merge)?, write, &guard).await?;
    let body = envelope::data(&inflection::rest_merge(object), &answer.output.json);
    Ok(written(StatusCode::OK, body, &answer))
}

/// All fields, whatever the parameter `fields` says: these operations do not have it (`rest-core.md` 4.8).
fn everything(params: &QueryParams, tagged: bool) -> ApiResult<Selection> {
    let related = params.shows_related()?;
    Ok(Selection::Whole(WholeFields { only: None, related, children: DEFAULT_CHILDREN, tagged }))
}

fn refuse_rest(body: &RecordData) -> ApiResult<()> {
    match body.keys().next() {
        None => Ok(()),
        Some(unknown) => {
            let message = format!("the body has no member {unknown:?} here");
            Err(ApiError::new(ErrorCode::InvalidRecordList, message))
        }
    }
}
