//! Who sends a request, and the proofs of what they may do.
//!
//! A handler asks for the proof it needs, and only this file can make one: there is no way to
//! records without a role.

use std::sync::Arc;

use fourfold_query::Actor;
use uuid::Uuid;

use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::workspace::Workspace;

/// Somebody whose token was accepted for one workspace.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) workspace: Arc<Workspace>,
    pub(crate) role: Arc<Role>,
    pub(crate) identity: Identity,
}

/// Whom the token belongs to.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    /// A program with an API key.
    ApiKey { id: Uuid, name: String },
    /// A person who signed in.
    User { user_id: Uuid, user_workspace_id: Uuid, member_id: Uuid, name: String },
}

impl Identity {
    /// The id of the key or the user.
    pub(crate) fn id(&self) -> Uuid {
        match self {
            Self::ApiKey { id, .. } => *id,
            Self::User { user_id, .. } => *user_id,
        }
    }
}

/// What the callers who have it may do.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) id: Uuid,
    pub(crate) label: String,
    pub(crate) can_update_all_settings: bool,
    pub(crate) can_read_all_object_records: bool,
    pub(crate) can_update_all_object_records: bool,
    pub(crate) can_soft_delete_all_object_records: bool,
    pub(crate) can_destroy_all_object_records: bool,
    pub(crate) can_be_assigned_to_users: bool,
    pub(crate) can_be_assigned_to_api_keys: bool,
}

/// Proof that the caller may read records.
#[derive(Clone)]
pub(crate) struct Reader(Caller);

/// Proof that the caller may write records in the way it was asked for.
#[derive(Clone)]
pub(crate) struct Writer(Caller);

/// Proof that the caller may see and change the data model.
#[derive(Clone)]
pub(crate) struct DataModelAdmin(Caller);

/// How records are about to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteKind {
    /// Create or update.
    Update,
    /// Soft delete or restore.
    SoftDelete,
    /// Destroy.
    Destroy,
    /// Merge, which updates one record and destroys others.
    Merge,
}

impl Caller {
    /// Who `createdBy` and `updatedBy` will name.
    pub(crate) fn actor(&self) -> Actor {
        match &self.identity {
            Identity::ApiKey { name, .. } => {
                Actor { source: "API", name: name.clone(), workspace_member_id: None }
            }
            Identity::User { name, member_id, .. } => {
                Actor { source: "MANUAL", name: name.clone(), workspace_member_id: Some(*member_id) }
            }
        }
    }

    /// # Errors
    /// `PermissionDenied` when the role does not read records.
    pub(crate) fn reader(&self) -> ApiResult<Reader> {
        allowed(self.role.can_read_all_object_records, "read records")?;
        Ok(Reader(self.clone()))
    }

    /// # Errors
    /// `PermissionDenied` when the role does not write records in this way.
    pub(crate) fn writer(&self, kind: WriteKind) -> ApiResult<Writer> {
        let (may_update, may_destroy) =
            (self.role.can_update_all_object_records, self.role.can_destroy_all_object_records);
        let (granted, what) = match kind {
            WriteKind::Update => (may_update, "create or update records"),
            WriteKind::SoftDelete => {
                (self.role.can_soft_delete_all_object_records, "delete or restore records")
            }
            WriteKind::Destroy => (may_destroy, "destroy records"),
            WriteKind::Merge => (may_update && may_destroy, "merge records, which updates and destroys them"),
        };
        allowed(granted, what)?;
        Ok(Writer(self.clone()))
    }

    /// # Errors
    /// `SettingsPermissionDenied` when the role does not change settings.
    pub(crate) fn data_model_admin(&self) -> ApiResult<DataModelAdmin> {
        if !self.role.can_update_all_settings {
            let message = "your role may not see or change the data model here";
            return Err(ApiError::new(ErrorCode::SettingsPermissionDenied, message));
        }
        Ok(DataModelAdmin(self.clone()))
    }
}

fn allowed(granted: bool, what: &str) -> ApiResult<()> {
    if granted {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::PermissionDenied, format!("your role may not {what}")))
}

impl Reader {
    pub(crate) fn caller(&self) -> &Caller {
        &self.0
    }
}

impl Writer {
    pub(crate) fn caller(&self) -> &Caller {
        &self.0
    }
}

impl DataModelAdmin {
    pub(crate) fn caller(&self) -> &Caller {
        &self.0
    }
}
