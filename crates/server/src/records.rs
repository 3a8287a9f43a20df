//! The operations on records that both doors call: plan, compile, run.

mod guard;
mod idempotency;
mod merge;
mod record_list;
pub(crate) mod search;
mod write;

use std::sync::Arc;

use fourfold_model::RecordId;
use fourfold_query::operation::{Read, Values};
use fourfold_query::plan::{plan_read, probe_rows};
use fourfold_query::sql::compile_read;
use fourfold_query::{BoundRead, PlanError, PlanErrorCode, ReadOutput};

use crate::accounts::Reader;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::workspace::{ModelSnapshot, PlannedRead, Workspace};

pub(crate) use guard::Guard;
pub(crate) use idempotency::{Entry, IdempotencyKey, MAX_KEY_CHARACTERS};
pub(crate) use record_list::{MergeInput, read_probes};
pub(crate) use write::{NewMember, WriteAnswer, create_member, seed, write};

/// How often a request is planned anew when the model changes under it.
const MAX_ATTEMPTS: usize = 5;

/// The largest shape whose plan is kept, in bytes of its text; a usual one has about 2 KiB.
const MAX_KEPT_SHAPE_BYTES: usize = 64 * 1024;

/// One read of a request.
pub(crate) struct ReadRequest {
    pub(crate) read: Read,
    pub(crate) values: Values,
}

/// What a read found, and which selected fields do not exist.
pub(crate) struct ReadAnswer {
    pub(crate) output: ReadOutput,
    pub(crate) planned: Arc<PlannedRead>,
}

/// Runs one read.
pub(crate) async fn read(reader: &Reader, request: ReadRequest) -> ApiResult<ReadAnswer> {
    let mut answers = read_all(reader, vec![request]).await;
    answers.pop().unwrap_or_else(|| Err(ApiError::internal("a read gave no answer")))
}

/// Runs the reads of one request, all on one snapshot of the records. Each fails or succeeds alone.
pub(crate) async fn read_all(reader: &Reader, requests: Vec<ReadRequest>) -> Vec<ApiResult<ReadAnswer>> {
    let workspace = &reader.caller().workspace;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let snapshot = workspace.snapshot();
        let answers = run_reads(workspace, &snapshot, &requests).await;
        let may_be_stale = match &answers {
            Ok(answers) => answers.iter().any(Result::is_err),
            Err(error) => !error.is_without_answer(),
        };
        // The model may have changed before the plan was made, or between planning and running: the next
        // plan fits, unless it changes again.
        if !may_be_stale || attempts == MAX_ATTEMPTS || !workspace.has_newer_model(&snapshot).await {
            return answers.unwrap_or_else(|error| fail_all(&requests, error));
        }
    }
}

/// One failure of the database is told for every read, but logged once.
fn fail_all(requests: &[ReadRequest], error: ApiError) -> Vec<ApiResult<ReadAnswer>> {
    let (code, message) = (error.code, error.message.clone());
    let others =
        requests.iter().skip(1).map(|_| Err(ApiError::new(code, message.clone()))).collect::<Vec<_>>();
    std::iter::once(Err(error)).chain(others).collect()
}

async fn run_reads(
    workspace: &Workspace,
    snapshot: &ModelSnapshot,
    requests: &[ReadRequest],
) -> ApiResult<Vec<ApiResult<ReadAnswer>>> {
    let planned: Vec<ApiResult<(Arc<PlannedRead>, BoundRead)>> = requests
        .iter()
        .map(|request| {
            let planned = plan(workspace, snapshot, &request.read)?;
            let rows = probe_rows(&snapshot.model, &request.read, &request.values)?;
            let bound = planned.compiled.bind(&request.values, &rows)?;
            Ok((planned, bound))
        })
        .collect();
    let runnable = planned.iter().filter_map(|planned| planned.as_ref().ok());
    let reads: Vec<_> =
        runnable.map(|(planned, bound)| (Arc::clone(&planned.compiled), bound.clone())).collect();
    let mut outputs = if reads.is_empty() {
        Vec::new()
    } else {
        workspace.store.fetch_json(&snapshot.basis, reads).await?
    }
    .into_iter();
    let answers = planned.into_iter().map(|planned| {
        let (planned, _) = planned?;
        let output = outputs.next().ok_or_else(|| ApiError::internal("a read gave no output"))?;
        Ok(ReadAnswer { output, planned })
    });
    Ok(answers.collect())
}

/// The plan for this shape of a read, made once for each model version.
pub(crate) fn plan(
    workspace: &Workspace,
    snapshot: &ModelSnapshot,
    read: &Read,
) -> Result<Arc<PlannedRead>, PlanError> {
    if let Some(planned) = snapshot.plans.get(read) {
        return Ok(planned);
    }
    let (plan, warnings) = plan_read(&snapshot.model, read)?;
    let compiled = Arc::new(compile_read(plan, workspace.store.target())?);
    let planned = Arc::new(PlannedRead { compiled, warnings });
    if is_kept(read) {
        snapshot.plans.insert(read.clone(), Arc::clone(&planned));
    }
    Ok(planned)
}

/// Whether a plan is worth keeping: shapes as large as this are made by programs and seldom recur, and
/// a thousand of them would fill the memory.
fn is_kept(read: &Read) -> bool {
    /// Counts what is written, up to a limit.
    struct Budget(usize);
    impl std::fmt::Write for Budget {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0 = self.0.checked_sub(text.len()).ok_or(std::fmt::Error)?;
            Ok(())
        }
    }
    // The text of a shape is about as long as the shape is large.
    std::fmt::write(&mut Budget(MAX_KEPT_SHAPE_BYTES), format_args!("{read:?}")).is_ok()
}

/// The error for a record that does not exist.
pub(crate) fn not_found(object: &str) -> ApiError {
    ApiError::new(ErrorCode::RecordNotFound, format!("no {object} was found with this id or filter"))
}

/// The error for a view that does not exist, as none does in this version.
pub(crate) fn view_not_found(id: RecordId) -> ApiError {
    let message = format!("no view was found with the id {}", uuid::Uuid::from(id));
    ApiError::new(ErrorCode::ViewNotFound, message)
}

impl From<PlanError> for ApiError {
    fn from(error: PlanError) -> Self {
        let code = match error.code {
            PlanErrorCode::UnknownObject => ErrorCode::UnknownPath,
            PlanErrorCode::InvalidFilter => ErrorCode::InvalidArgsFilter,
            PlanErrorCode::UnknownOption => ErrorCode::UnknownOption,
            PlanErrorCode::UnknownOrderField => ErrorCode::FieldNotFound,
            PlanErrorCode::InvalidArgument | PlanErrorCode::InvalidId => ErrorCode::InvalidQueryInput,
            PlanErrorCode::InvalidGroupBy => ErrorCode::InvalidParameter,
            PlanErrorCode::InvalidGroupOrder => ErrorCode::InvalidGroupOrder,
            PlanErrorCode::MissingTimeZone => ErrorCode::MissingTimeZone,
            PlanErrorCode::UnknownTimeZone => ErrorCode::InvalidTimeZone,
            PlanErrorCode::InvalidCursor => ErrorCode::InvalidCursor,
            PlanErrorCode::InvalidSelection => ErrorCode::InvalidParameter,
            PlanErrorCode::TooComplex => ErrorCode::TooComplexQuery,
            PlanErrorCode::InvalidMerge => ErrorCode::InvalidRecordList,
            PlanErrorCode::InvalidConnect => ErrorCode::InvalidConnect,
            PlanErrorCode::PermissionDenied => ErrorCode::PermissionDenied,
            PlanErrorCode::MemberDeletion => ErrorCode::MemberDeletion,
            PlanErrorCode::Value(code) => code.into(),
        };
        Self::new(code, error.message)
    }
}

#[cfg(test)]
pub(crate) mod tests;
