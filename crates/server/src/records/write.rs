//! Writes: one transaction for each request, and the answer read inside it.

use std::sync::Arc;

use fourfold_model::Value;
use fourfold_query::operation::{Answer, Change, Read, RecordData, Scope, Target, Values, Write};
use fourfold_query::plan::{PlannedWrite, plan_write, refuse_member_writes};
use fourfold_query::sql::WriteStatements;
use fourfold_query::{Actor, BoundRead, CompiledRead, ReadOutput};
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{not_found, plan};
use crate::accounts::Writer;
use crate::data_model;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::store::{StoreError, Transaction};
use crate::workspace::{ModelSnapshot, PlannedRead, Workspace};

/// The most records that one update by filter may reach (`rest-core.md` 6.4).
const MAX_UPDATED: usize = 200;

/// How often a write is planned anew when the model changes under it.
const MAX_ATTEMPTS: usize = 5;

/// What a write answers, and which selected fields do not exist.
pub(crate) struct WriteAnswer {
    pub(crate) output: ReadOutput,
    pub(crate) planned: Arc<PlannedRead>,
}

/// Why a write did not happen.
enum WriteError {
    Api(ApiError),
    /// The model is not the one that the write was planned with.
    StaleModel,
    /// The values of these columns belong to another record; the place is that of the new record.
    Duplicate {
        columns: Vec<String>,
        place: usize,
    },
}

impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        Self::Api(error.into())
    }
}

impl From<ApiError> for WriteError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

/// Runs one write for a caller. All of it happens, or nothing.
pub(crate) async fn write(writer: &Writer, request: Write) -> ApiResult<WriteAnswer> {
    refuse_member_writes(&request)?;
    let caller = writer.caller();
    run(&caller.workspace, &request, &caller.actor()).await
}

async fn run(workspace: &Workspace, request: &Write, actor: &Actor) -> ApiResult<WriteAnswer> {
    for _ in 0..MAX_ATTEMPTS {
        match attempt(workspace, request, actor).await {
            Err(WriteError::StaleModel) => {}
            Err(WriteError::Api(error)) => return Err(error),
            Err(WriteError::Duplicate { .. }) => {
                return Err(ApiError::internal("a duplicate was not explained"));
            }
            Ok(answer) => return Ok(answer),
        }
    }
    Err(ApiError::new(ErrorCode::ModelChanged, "the data model keeps changing; try again"))
}

async fn attempt(workspace: &Workspace, request: &Write, actor: &Actor) -> Result<WriteAnswer, WriteError> {
    let snapshot = workspace.snapshot();
    let planned = Arc::new(plan_write(&snapshot.model, request, actor, now()).map_err(ApiError::from)?);
    let answer = plan_answer(workspace, &snapshot, request)?;
    let (write, read) = (Arc::clone(&planned), Arc::clone(&answer.compiled));
    let version = snapshot.model.version();
    let (object, values) = (request.object.clone(), request.values.clone());
    let outcome = workspace
        .store
        .write(move |transaction| {
            Box::pin(async move {
                if data_model::model_version(transaction).await? != version {
                    return Err(WriteError::StaleModel);
                }
                execute(transaction, &write, &read, &values, &object).await
            })
        })
        .await;
    match outcome {
        Ok(output) => Ok(WriteAnswer { output, planned: answer }),
        Err(WriteError::Duplicate { columns, place }) => {
            Err(explain_duplicate(workspace, &snapshot, request, &planned, &columns, place).await?.into())
        }
        Err(other) => Err(other),
    }
}

/// Instants are kept to the millisecond, in which both APIs tell them.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

fn plan_answer(
    workspace: &Workspace,
    snapshot: &ModelSnapshot,
    request: &Write,
) -> Result<Arc<PlannedRead>, ApiError> {
    let one = match &request.change {
        Change::Create(_) => false,
        Change::Update(target, _)
        | Change::Delete(target)
        | Change::Restore(target)
        | Change::Destroy(target) => {
            matches!(target, Target::One(_))
        }
    };
    let read = Read {
        object: request.object.clone(),
        scope: Scope::Written { one },
        answer: Answer::Records(request.selection.clone()),
    };
    Ok(plan(workspace, snapshot, &read)?)
}

async fn execute(
    transaction: &mut Transaction,
    write: &PlannedWrite,
    read: &CompiledRead,
    values: &Values,
    object: &str,
) -> Result<ReadOutput, WriteError> {
    let statements = WriteStatements::new(write, transaction.dialect());
    let connected = connect(transaction, write, &statements).await?;
    let bound = read.bind(values).map_err(ApiError::from)?;
    if let Some(created) = write.created_ids() {
        for (place, insert) in statements.inserts(&connected).iter().enumerate() {
            transaction.execute(insert).await.map_err(|error| refused(error, place))?;
        }
        return Ok(transaction.fetch_written(read, &bound, &ids_value(&created)).await?);
    }
    let ids = target_ids(transaction, write, &statements).await?;
    if write.is_destroy() {
        let before = read_written(transaction, write, read, &bound, &ids, object).await?;
        change(transaction, &statements, &ids, &connected).await?;
        return Ok(before);
    }
    change(transaction, &statements, &ids, &connected).await?;
    Ok(read_written(transaction, write, read, &bound, &ids, object).await?)
}

async fn change(
    transaction: &mut Transaction,
    statements: &WriteStatements<'_>,
    ids: &Value,
    connected: &[Uuid],
) -> Result<(), WriteError> {
    if let Some(statement) = statements.change(ids, connected) {
        transaction.execute(&statement).await.map_err(|error| refused(error, 0))?;
    }
    for statement in statements.followers(ids) {
        transaction.execute(&statement).await?;
    }
    Ok(())
}

/// The records as they are; that one which must exist does not is an error.
async fn read_written(
    transaction: &mut Transaction,
    write: &PlannedWrite,
    read: &CompiledRead,
    bound: &BoundRead,
    ids: &Value,
    object: &str,
) -> ApiResult<ReadOutput> {
    let output = transaction.fetch_written(read, bound, ids).await?;
    if write.only_id().is_some() && output.records == 0 {
        return Err(not_found(object));
    }
    Ok(output)
}

async fn connect(
    transaction: &mut Transaction,
    write: &PlannedWrite,
    statements: &WriteStatements<'_>,
) -> Result<Vec<Uuid>, WriteError> {
    let mut found = Vec::with_capacity(write.connects.len());
    for connect in &write.connects {
        let rows = transaction.rows(&statements.connect(connect)).await?;
        let ids: Vec<Uuid> = rows.iter().filter_map(|row| Uuid::try_parse(row.text(0)).ok()).collect();
        let [id] = ids.as_slice() else {
            let what = if ids.is_empty() { "no record was found" } else { "several records were found" };
            let message = format!("{}: {what} to connect", connect.field);
            return Err(ApiError::new(ErrorCode::InvalidConnect, message).into());
        };
        found.push(*id);
    }
    Ok(found)
}

async fn target_ids(
    transaction: &mut Transaction,
    write: &PlannedWrite,
    statements: &WriteStatements<'_>,
) -> Result<Value, WriteError> {
    if let Some(id) = write.only_id() {
        return Ok(ids_value(&[id]));
    }
    let limit = write.is_update().then_some(MAX_UPDATED + 1);
    let Some(statement) = statements.matching_ids(limit).map_err(ApiError::from)? else {
        return Ok(ids_value(&[]));
    };
    let rows = transaction.rows(&statement).await?;
    if write.is_update() && MAX_UPDATED < rows.len() {
        let message = format!("the filter matches more than {MAX_UPDATED} records; update them in parts");
        return Err(ApiError::new(ErrorCode::TooManyRecords, message).into());
    }
    Ok(Value::TextList(rows.iter().map(|row| row.text(0).to_owned()).collect()))
}

fn ids_value(ids: &[Uuid]) -> Value {
    Value::TextList(ids.iter().map(Uuid::to_string).collect())
}

fn refused(error: StoreError, place: usize) -> WriteError {
    match error {
        StoreError::Duplicate { columns, .. } => WriteError::Duplicate { columns, place },
        other => other.into(),
    }
}

/// Names the fields that are taken, and the live record that has them.
async fn explain_duplicate(
    workspace: &Workspace,
    snapshot: &ModelSnapshot,
    request: &Write,
    write: &PlannedWrite,
    columns: &[String],
    place: usize,
) -> ApiResult<ApiError> {
    let object = snapshot.model.by_singular(&request.object);
    let fields: Vec<&str> = object
        .iter()
        .flat_map(|object| object.fields.values())
        .filter(|field| field.columns().any(|(_, column)| columns.contains(&column)))
        .map(|field| field.name.as_str())
        .collect();
    let message = format!(
        "a duplicate entry: another {} already has this {}",
        request.object,
        if fields.is_empty() { columns.join(", ") } else { fields.join(", ") }
    );
    let error = ApiError::new(ErrorCode::DuplicateEntry, message);
    let statements = WriteStatements::new(write, workspace.store.dialect());
    let Some(statement) = statements.conflicting(columns, place) else { return Ok(error) };
    let rows = workspace.store.rows(statement).await?;
    let Some(row) = rows.first() else { return Ok(error) };
    Ok(error
        .with_extension("conflictingRecordId", row.text(0))
        .with_extension("conflictingObjectNameSingular", request.object.as_str()))
}

/// A member to be, for whom an account exists.
pub(crate) struct NewMember {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: String,
}

/// Makes the record of a new member. Only accounts do this; the record APIs refuse it.
pub(crate) async fn create_member(workspace: &Workspace, member: NewMember) -> ApiResult<()> {
    let data = json!({
        "id": member.id.to_string(),
        "name": {"firstName": member.first_name, "lastName": member.last_name},
        "userEmail": member.email,
        "userId": member.user_id.to_string(),
        "colorScheme": "System",
        "openRecordIn": "SIDE_PANEL",
    });
    seed(workspace, "workspaceMember", vec![data]).await
}

/// Makes records on behalf of the server itself.
pub(crate) async fn seed(workspace: &Workspace, object: &str, records: Vec<Json>) -> ApiResult<()> {
    let records = records.into_iter().filter_map(|record| match record {
        Json::Object(data) => Some(data),
        _ => None,
    });
    let write = Write {
        object: object.to_owned(),
        change: Change::Create(records.collect::<Vec<RecordData>>()),
        selection: fourfold_query::operation::Selection::Fields(Vec::new()),
        values: Values::default(),
    };
    let system = Actor { source: "SYSTEM", name: "System".into(), workspace_member_id: None };
    run(workspace, &write, &system).await.map(drop)
}
