//! Roles: the stock ones of a new workspace, and reading them.

use fourfold_model::Value;
use fourfold_query::sql::Statement;
use jiff::Timestamp;
use uuid::Uuid;

use super::Role;
use crate::control::Control;
use crate::store::{Row, StoreError};

/// A role that every workspace starts with (`platform.md` 7.2).
struct StockRole {
    label: &'static str,
    is_editable: bool,
    can_update_all_settings: bool,
    can_be_assigned_to_api_keys: bool,
}

const ADMIN: StockRole = StockRole {
    label: "Admin",
    is_editable: false,
    can_update_all_settings: true,
    can_be_assigned_to_api_keys: true,
};

const MEMBER: StockRole = StockRole {
    label: "Member",
    is_editable: true,
    can_update_all_settings: false,
    can_be_assigned_to_api_keys: false,
};

/// The ids of a new workspace's stock roles.
pub(super) struct StockRoles {
    pub(super) admin: Uuid,
    pub(super) member: Uuid,
}

impl StockRoles {
    pub(super) fn generate() -> Self {
        Self { admin: Uuid::new_v4(), member: Uuid::new_v4() }
    }

    /// What inserts them; the workspace's row goes first.
    pub(super) fn inserts(&self, control: &Control, workspace: Uuid, now: Timestamp) -> [Statement; 2] {
        [(self.admin, ADMIN), (self.member, MEMBER)].map(|(id, role)| {
            control.statement(
                "INSERT INTO role (id, workspace_id, label, is_editable, can_update_all_settings, \
                 can_be_assigned_to_api_keys, created_at, updated_at, can_access_all_tools, \
                 can_read_all_object_records, can_update_all_object_records, \
                 can_soft_delete_all_object_records, can_destroy_all_object_records, \
                 can_be_assigned_to_users) VALUES (?, ?, ?, ?, ?, ?, ?, ?, TRUE, TRUE, TRUE, TRUE, TRUE, TRUE)",
                [
                    Value::Uuid(id),
                    Value::Uuid(workspace),
                    Value::Text(role.label.into()),
                    Value::Boolean(role.is_editable),
                    Value::Boolean(role.can_update_all_settings),
                    Value::Boolean(role.can_be_assigned_to_api_keys),
                    Value::DateTime(now),
                    Value::DateTime(now),
                ],
            )
        })
    }
}

/// The role whose columns start at `first`: id, label, settings, read, update, soft delete, destroy,
/// to users, to API keys.
pub(super) fn role_of(row: &Row, first: usize) -> Role {
    Role {
        id: row.id(first),
        label: row.text(first + 1).into(),
        can_update_all_settings: row.flag(first + 2),
        can_read_all_object_records: row.flag(first + 3),
        can_update_all_object_records: row.flag(first + 4),
        can_soft_delete_all_object_records: row.flag(first + 5),
        can_destroy_all_object_records: row.flag(first + 6),
        can_be_assigned_to_users: row.flag(first + 7),
        can_be_assigned_to_api_keys: row.flag(first + 8),
    }
}

impl Control {
    /// The roles of a workspace, by label.
    pub(crate) async fn roles(&self, workspace: Uuid) -> Result<Vec<Role>, StoreError> {
        let rows = self
            .rows(
                "SELECT id, label, can_update_all_settings, can_read_all_object_records, \
                 can_update_all_object_records, can_soft_delete_all_object_records, \
                 can_destroy_all_object_records, can_be_assigned_to_users, can_be_assigned_to_api_keys \
                 FROM role WHERE workspace_id = ? ORDER BY label",
                [Value::Uuid(workspace)],
            )
            .await?;
        Ok(rows.iter().map(|row| role_of(row, 0)).collect())
    }
}
