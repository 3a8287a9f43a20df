//! Writes: one transaction for each request, and the answer read inside it.

use std::sync::Arc;

use fourfold_model::{Object, Value};
use fourfold_query::operation::{Answer, Change, Read, RecordData, Scope, Target, Values, Write};
use fourfold_query::plan::{NewRecords, PlannedWrite, plan_write, refuse_member_writes};
use fourfold_query::sql::ddl::table_columns;
use fourfold_query::sql::{Dialect, Extremes, Lookup, Statement, WriteStatements};
use fourfold_query::{Actor, CompiledRead, ReadOutput};
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::merge::merge;
use super::{Guard, MAX_ATTEMPTS, not_found, plan};
use crate::accounts::Writer;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::store::{Premise, StoreError, Transaction};
use crate::workspace::{ModelSnapshot, PlannedRead, Workspace};

/// The most records that one update by filter may reach (`rest-core.md` 6.4).
const MAX_UPDATED: usize = 200;

/// What a write answers, and which selected fields do not exist.
pub(crate) struct WriteAnswer {
    pub(crate) output: ReadOutput,
    pub(crate) planned: Arc<PlannedRead>,
    /// Whether the write happened before and this is the answer of then.
    pub(crate) is_replayed: bool,
}

/// Why a write did not happen.
pub(super) enum WriteError {
    Api(ApiError),
    /// Nothing is wrong with the write: planned and run again, it may well succeed.
    Again,
    /// The values of these columns belong to another record of this table.
    Duplicate {
        table: String,
        columns: Vec<String>,
    },
}

impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::StaleModel | StoreError::Conflict => Self::Again,
            StoreError::Duplicate { table, columns } => Self::Duplicate { table, columns },
            other => Self::Api(other.into()),
        }
    }
}

impl From<ApiError> for WriteError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

/// Runs one write for a caller. All of it happens, or nothing.
pub(crate) async fn write(writer: &Writer, request: Write, guard: &Guard) -> ApiResult<WriteAnswer> {
    refuse_member_writes(&request)?;
    let caller = writer.caller();
    run(&caller.workspace, &request, &caller.actor(), guard).await
}

async fn run(workspace: &Workspace, request: &Write, actor: &Actor, guard: &Guard) -> ApiResult<WriteAnswer> {
    for attempts in 0..MAX_ATTEMPTS {
        let snapshot = workspace.snapshot();
        match attempt(workspace, &snapshot, request, actor, guard, attempts).await {
            Err(WriteError::Again) => _ = workspace.has_newer_model(&snapshot).await,
            // What a stale model refused, the one in force may accept.
            Err(WriteError::Api(error)) => {
                if error.is_without_answer() || !workspace.has_newer_model(&snapshot).await {
                    return Err(error);
                }
            }
            Err(WriteError::Duplicate { .. }) => {
                return Err(ApiError::internal("a duplicate was not explained"));
            }
            Ok(answer) => return Ok(answer),
        }
    }
    Err(ApiError::new(ErrorCode::ModelChanged, "the records or their data model keep changing; try again"))
}

async fn attempt(
    workspace: &Workspace,
    snapshot: &ModelSnapshot,
    request: &Write,
    actor: &Actor,
    guard: &Guard,
    attempts: usize,
) -> Result<WriteAnswer, WriteError> {
    let planned = Arc::new(plan_write(&snapshot.model, request, actor, now()).map_err(ApiError::from)?);
    let (answer, values) = plan_answer(workspace, snapshot, request)?;
    let guard = guard.plan(workspace, snapshot, request)?;
    let (write, read) = (Arc::clone(&planned), Arc::clone(&answer.compiled));
    let object = request.object.clone();
    let outcome = workspace
        .store
        .write(Premise::Model(snapshot.basis.clone()), move |mut transaction| {
            Box::pin(async move {
                if 0 < attempts && write.is_upsert() {
                    keep_others_out(&mut transaction, &write).await?;
                }
                if let Some(kept) = guard.before(&mut transaction).await? {
                    return Ok((kept, true));
                }
                let mut output = execute(&mut transaction, &write, &read, &values, &object).await?;
                guard.after(&mut transaction, &mut output).await?;
                Ok((output, false))
            })
        })
        .await;
    match outcome {
        Ok((output, is_replayed)) => Ok(WriteAnswer { output, planned: answer, is_replayed }),
        // Somebody may have made the record while an upsert looked for it. The next attempt keeps others out,
        // so that what it does not find nobody makes before it does.
        Err(WriteError::Duplicate { .. }) if attempts == 0 && planned.is_upsert() => Err(WriteError::Again),
        Err(WriteError::Duplicate { table, columns }) => {
            Err(explain_duplicate(workspace, snapshot, &planned, &table, &columns).await?.into())
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
) -> Result<(Arc<PlannedRead>, Values), ApiError> {
    let mut values = request.values.clone();
    let scope = match &request.change {
        Change::Create { .. } => Scope::Written { one: false },
        Change::Update(target, _)
        | Change::Delete(target)
        | Change::Restore(target)
        | Change::Destroy(target) => Scope::Written { one: matches!(target, Target::One(_)) },
        Change::Merge(merge) if merge.dry_run => {
            let ids = merge.ids.iter().map(|id| Uuid::from(*id).to_string().into());
            Scope::Merged { ids: values.keep(Json::Array(ids.collect())) }
        }
        Change::Merge(_) => Scope::Written { one: true },
    };
    let answer = Answer::Records(request.selection.clone());
    let read = Read { object: request.object.clone(), scope, answer };
    Ok((plan(workspace, snapshot, &read)?, values))
}

async fn execute(
    transaction: &mut Transaction<'_>,
    write: &PlannedWrite,
    read: &CompiledRead,
    values: &Values,
    object: &str,
) -> Result<ReadOutput, WriteError> {
    let target = transaction.target().clone();
    let statements = WriteStatements::new(write, &target);
    if let Some(records) = write.merged_records() {
        return merge(transaction, records, &statements, read, values, object).await;
    }
    let connected = connect(transaction, write, &statements).await?;
    let bound = read.bind(values, &[]).map_err(ApiError::from)?;
    if let Some(new) = write.new_records() {
        let (changes, ids) = create(transaction, new, &statements, &connected).await?;
        return Ok(transaction.execute_and_fetch(&changes, read, &bound, &ids).await?);
    }
    let ids = target_ids(transaction, write, &statements).await?;
    let mut changes: Vec<_> = statements.change(&ids, &connected).into_iter().collect();
    changes.extend(statements.followers(&ids));
    let output = if write.is_destroy() {
        let before = transaction.execute_and_fetch(&[], read, &bound, &ids).await?;
        transaction.execute(&changes).await?;
        before
    } else {
        transaction.execute_and_fetch(&changes, read, &bound, &ids).await?
    };
    // That one which must exist does not is an error; nothing was changed then.
    if write.only_id().is_some() && output.records == 0 {
        return Err(not_found(object).into());
    }
    Ok(output)
}

/// The ids that the connects of a write name, in their order.
async fn connect(
    transaction: &mut Transaction<'_>,
    write: &PlannedWrite,
    statements: &WriteStatements<'_>,
) -> Result<Vec<Uuid>, WriteError> {
    let lookups = statements.connects();
    if lookups.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<Vec<Uuid>> = vec![Vec::new(); write.connects.len()];
    for (place, id) in look_up(transaction, lookups).await? {
        found[place].push(id);
    }
    let ids = write.connects.iter().zip(found).map(|(connect, found)| match found.as_slice() {
        [id] => Ok(*id),
        found => {
            let what = if found.is_empty() { "no record was found" } else { "several records were found" };
            let message = format!("{}: {what} to connect", connect.field);
            Err(ApiError::new(ErrorCode::InvalidConnect, message).into())
        }
    });
    ids.collect()
}

/// What lookups find: places in the write, and ids that belong there.
async fn look_up(
    transaction: &mut Transaction<'_>,
    lookups: Vec<Lookup>,
) -> Result<Vec<(usize, Uuid)>, StoreError> {
    let (places, lookups): (Vec<_>, Vec<_>) =
        lookups.into_iter().map(|lookup| (lookup.places, lookup.statement)).unzip();
    let found = transaction.rows(&lookups).await?;
    let rows = places.iter().zip(&found).flat_map(|(places, rows)| rows.iter().map(move |row| (places, row)));
    let found = rows.filter_map(|(places, row)| {
        Some((*places.get(usize::try_from(row.integer(0)).ok()?)?, row.optional_id(1)?))
    });
    Ok(found.collect())
}

async fn keep_others_out(transaction: &mut Transaction<'_>, write: &PlannedWrite) -> Result<(), StoreError> {
    let target = transaction.target().clone();
    let lock = WriteStatements::new(write, &target).keep_others_out();
    transaction.execute(lock.as_slice()).await.map(drop)
}

/// The statements of a create or upsert, and the ids of its records in input order.
async fn create(
    transaction: &mut Transaction<'_>,
    new: &NewRecords,
    statements: &WriteStatements<'_>,
    connected: &[Uuid],
) -> Result<(Vec<Statement>, Value), WriteError> {
    let mut existing: Vec<Option<Uuid>> = vec![None; new.ids().count()];
    if new.is_upsert() {
        for (place, id) in look_up(transaction, statements.existing(connected)).await? {
            if existing[place].replace(id).is_some_and(|other| other != id) {
                let message = "the record's keys belong to different records; an upsert changes one";
                return Err(ApiError::new(ErrorCode::UpsertConflict, message).into());
            }
        }
    }
    let mut extremes = Extremes::default();
    if let Some(statement) = statements.extremes() {
        let rows = transaction.rows(&[statement]).await?.pop().unwrap_or_default();
        if let Some(row) = rows.first() {
            extremes = Extremes { lowest: row.float(0), highest: row.float(1) };
        }
    }
    let changes = statements.create(&existing, connected, extremes).map_err(ApiError::from)?;
    let ids = new.ids().zip(existing).map(|(id, existing)| existing.unwrap_or(id));
    Ok((changes, Value::ids(ids)))
}

async fn target_ids(
    transaction: &mut Transaction<'_>,
    write: &PlannedWrite,
    statements: &WriteStatements<'_>,
) -> Result<Value, WriteError> {
    if let Some(id) = write.only_id() {
        return Ok(Value::ids([id]));
    }
    let limit = write.is_update().then_some(MAX_UPDATED + 1);
    let Some(statement) = statements.matching_ids(limit).map_err(ApiError::from)? else {
        return Ok(Value::ids([]));
    };
    let rows = transaction.rows(&[statement]).await?.pop().unwrap_or_default();
    if write.is_update() && MAX_UPDATED < rows.len() {
        let message = format!("the filter matches more than {MAX_UPDATED} records; update them in parts");
        return Err(ApiError::new(ErrorCode::TooManyRecords, message).into());
    }
    Ok(Value::ids(rows.iter().filter_map(|row| row.optional_id(0))))
}

/// The columns that the database tells by the names that it knows them by, which may be shorter.
fn full_names(object: &Object, told: &[String], dialect: Dialect) -> Vec<String> {
    let columns = table_columns(object);
    let full = |told: &String| {
        let column = columns.iter().find(|column| dialect.identifier(&column.name) == told.as_str());
        column.map_or(told, |column| &column.name).clone()
    };
    told.iter().map(full).collect()
}

/// Names the fields that are taken, and the live record that has them.
async fn explain_duplicate(
    workspace: &Workspace,
    snapshot: &ModelSnapshot,
    write: &PlannedWrite,
    table: &str,
    columns: &[String],
) -> ApiResult<ApiError> {
    let dialect = workspace.store.target().dialect();
    // Writes change records of other objects too: those that follow, and those that refer.
    let mut objects = snapshot.model.objects().iter();
    let object = objects.find(|object| dialect.identifier(&object.name_singular) == table);
    let columns = object.map_or_else(|| columns.to_vec(), |object| full_names(object, columns, dialect));
    let name = object.map_or(table, |object| &object.name_singular);
    let fields: Vec<&str> = object
        .iter()
        .flat_map(|object| object.fields.values())
        .filter(|field| field.columns().any(|(_, column)| columns.contains(&column)))
        .map(|field| field.name.as_str())
        .collect();
    let message = format!(
        "{}: another {name} already has this {}",
        if write.merged_records().is_some() {
            "the merge would make a duplicate entry"
        } else {
            "a duplicate entry"
        },
        if fields.is_empty() { columns.join(", ") } else { fields.join(", ") }
    );
    let error = ApiError::new(ErrorCode::DuplicateEntry, message);
    let statements = WriteStatements::new(write, workspace.store.target());
    let Some(statement) = statements.conflicting(&columns) else { return Ok(error) };
    let rows = workspace.store.rows(statement).await?;
    let Some(id) = rows.first().and_then(|row| row.optional_id(1)) else { return Ok(error) };
    Ok(error
        .with_extension("conflictingRecordId", id.to_string())
        .with_extension("conflictingObjectNameSingular", name))
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
        change: Change::Create { records: records.collect::<Vec<RecordData>>(), upsert: false },
        selection: fourfold_query::operation::Selection::Fields(Vec::new()),
        values: Values::default(),
    };
    let system = Actor { source: "SYSTEM", name: "System".into(), workspace_member_id: None };
    run(workspace, &write, &system, &Guard::default()).await.map(drop)
}
