//! What a client sends along with a write so that it is safe to send: what the record must be like, and a
//! key under which the answer is kept.

use std::sync::Arc;

use fourfold_model::Value;
use fourfold_query::operation::{Answer, Change, Read, Scope, Selection, Target, Values, WholeFields, Write};
use fourfold_query::{CompiledRead, ReadOutput, RecordTag};
use uuid::Uuid;

use super::idempotency::Entry;
use super::plan;
use super::write::WriteError;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::store::Transaction;
use crate::workspace::{ModelSnapshot, Workspace};

/// What goes along with one write; by default nothing, which costs nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guard {
    /// The tags of which the record must have one when it is changed.
    pub(crate) expected: Option<Vec<RecordTag>>,
    /// Where the answer is kept.
    pub(crate) entry: Option<Entry>,
}

/// A guard with what it has to look up.
pub(super) struct PlannedGuard {
    expected: Option<Expected>,
    entry: Option<Entry>,
}

struct Expected {
    tags: Vec<RecordTag>,
    id: Uuid,
    read: Arc<CompiledRead>,
}

impl Guard {
    /// # Errors
    /// When the object does not exist.
    pub(super) fn plan(
        &self,
        workspace: &Workspace,
        snapshot: &ModelSnapshot,
        write: &Write,
    ) -> ApiResult<PlannedGuard> {
        let expected = match (&self.expected, only_id(&write.change)) {
            (Some(tags), Some(id)) => {
                let tagged = WholeFields { only: Some(Vec::new()), tagged: true, ..WholeFields::default() };
                let read = Read {
                    object: write.object.clone(),
                    scope: Scope::Locked,
                    answer: Answer::Records(Selection::Whole(tagged)),
                };
                let read = Arc::clone(&plan(workspace, snapshot, &read)?.compiled);
                Some(Expected { tags: tags.clone(), id, read })
            }
            _ => None,
        };
        Ok(PlannedGuard { expected, entry: self.entry.clone() })
    }
}

/// The id of the one record that is changed.
fn only_id(change: &Change) -> Option<Uuid> {
    match change {
        Change::Update(Target::One(id), _)
        | Change::Delete(Target::One(id))
        | Change::Restore(Target::One(id))
        | Change::Destroy(Target::One(id)) => Some((*id).into()),
        _ => None,
    }
}

impl PlannedGuard {
    /// Runs before the write, in its transaction. Where it finds an answer, the write has happened; then
    /// the record is no longer as it was expected, and nobody minds.
    pub(super) async fn before(
        &self,
        transaction: &mut Transaction<'_>,
    ) -> Result<Option<ReadOutput>, WriteError> {
        if let Some(entry) = &self.entry
            && let Some(kept) = entry.claim(transaction).await?
        {
            return Ok(Some(kept));
        }
        if let Some(expected) = &self.expected {
            expected.check(transaction).await?;
        }
        Ok(None)
    }

    /// Runs after the write, in its transaction.
    pub(super) async fn after(
        &self,
        transaction: &mut Transaction<'_>,
        output: &mut ReadOutput,
    ) -> Result<(), WriteError> {
        match &self.entry {
            Some(entry) => entry.keep(transaction, output).await,
            None => Ok(()),
        }
    }
}

impl Expected {
    /// A record that does not exist has no tag; the write itself will say so. One that does is locked, so
    /// that nobody changes it between this look and the write.
    async fn check(&self, transaction: &mut Transaction<'_>) -> Result<(), WriteError> {
        let bound = self.read.bind(&Values::default(), &[]).map_err(ApiError::from)?;
        let found = transaction.execute_and_fetch(&[], &self.read, &bound, &Value::ids([self.id])).await?;
        match found.tag {
            Some(tag) if !self.tags.contains(&tag) => {
                let message = "the record has changed since it was read; read it again, then decide";
                Err(ApiError::new(ErrorCode::PreconditionFailed, message).into())
            }
            _ => Ok(()),
        }
    }
}
