//! The workspaces of a server, as the control data knows them.

use fourfold_model::Value;
use fourfold_query::sql::Statement;
use jiff::Timestamp;
use uuid::Uuid;

use crate::control::Control;
use crate::store::{Row, StoreError};

/// One workspace.
#[derive(Clone, Debug)]
pub(crate) struct WorkspaceRow {
    pub(crate) id: Uuid,
    /// What people call it.
    pub(crate) display_name: String,
    /// Unique; letters, digits and hyphens in lower case.
    pub(crate) subdomain: String,
    /// The role of new members.
    pub(crate) default_role_id: Uuid,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl WorkspaceRow {
    /// A workspace is listed only when it is whole.
    pub(crate) const ACTIVATION_STATUS: &str = "ACTIVE";

    pub(super) fn insert(&self, control: &Control) -> Statement {
        control.statement(
            "INSERT INTO workspace (id, display_name, subdomain, default_role_id, created_at, updated_at) \
             VALUES (?, ?, ?, ?, ?, ?)",
            [
                Value::Uuid(self.id),
                Value::Text(self.display_name.clone()),
                Value::Text(self.subdomain.clone()),
                Value::Uuid(self.default_role_id),
                Value::DateTime(self.created_at),
                Value::DateTime(self.updated_at),
            ],
        )
    }

    /// The workspace in the first six columns: id, display name, subdomain, default role, two times.
    pub(super) fn of(row: &Row) -> Self {
        Self {
            id: row.id(0),
            display_name: row.text(1).into(),
            subdomain: row.text(2).into(),
            default_role_id: row.id(3),
            created_at: row.time(4),
            updated_at: row.time(5),
        }
    }
}

impl Control {
    /// All workspaces, the oldest (the default one) first.
    pub(crate) async fn workspaces(&self) -> Result<Vec<WorkspaceRow>, StoreError> {
        let rows = self
            .rows(
                "SELECT id, display_name, subdomain, default_role_id, created_at, updated_at \
                 FROM workspace ORDER BY created_at, id",
                [],
            )
            .await?;
        Ok(rows.iter().map(WorkspaceRow::of).collect())
    }

    /// The workspace with this id.
    pub(crate) async fn workspace(&self, id: Uuid) -> Result<Option<WorkspaceRow>, StoreError> {
        let rows = self
            .rows(
                "SELECT id, display_name, subdomain, default_role_id, created_at, updated_at \
                 FROM workspace WHERE id = ?",
                [Value::Uuid(id)],
            )
            .await?;
        Ok(rows.first().map(WorkspaceRow::of))
    }

    /// How many users may sign in to a workspace.
    pub(crate) async fn count_members(&self, workspace: Uuid) -> Result<i64, StoreError> {
        let rows = self
            .rows("SELECT count(*) FROM user_workspace WHERE workspace_id = ?", [Value::Uuid(workspace)])
            .await?;
        Ok(rows.first().map_or(0, |row| row.integer(0)))
    }
}
