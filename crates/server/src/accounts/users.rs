//! Users, and the workspaces that they are members of.

use fourfold_model::Value;
use fourfold_query::sql::Statement;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Email, Password, WorkspaceRow};
use crate::app::App;
use crate::control::{Control, now};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::records::{self, NewMember};
use crate::store::{Row, StoreError};

/// Somebody with an account on this server.
#[derive(Clone, Debug)]
pub(crate) struct UserRow {
    pub(crate) id: Uuid,
    /// In lower case.
    pub(crate) email: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) has_password: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A user's place in one workspace.
#[derive(Clone, Debug)]
pub(crate) struct MembershipRow {
    /// The `userWorkspaceId` of tokens.
    pub(crate) id: Uuid,
    /// The `workspaceMember` record.
    pub(crate) member_id: Uuid,
    pub(crate) workspace: WorkspaceRow,
}

/// Somebody who is to become a member of a workspace.
pub(crate) struct NewUser {
    pub(crate) email: Email,
    pub(crate) password: Password,
    /// Without one, what stands before the `@` of the e-mail address.
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
}

/// A user on the way into a workspace: everything is decided, nothing is written.
pub(super) struct Joining {
    pub(super) user: UserRow,
    member_id: Uuid,
    /// `None` for an account that exists already.
    password_hash: Option<String>,
}

impl Joining {
    /// The record to make in the workspace.
    pub(super) fn member(&self) -> NewMember {
        NewMember {
            id: self.member_id,
            user_id: self.user.id,
            first_name: self.user.first_name.clone(),
            last_name: self.user.last_name.clone(),
            email: self.user.email.clone(),
        }
    }

    /// What inserts the account, if it is new, and the membership.
    pub(super) fn inserts(&self, control: &Control, workspace: Uuid, role: Uuid) -> Vec<Statement> {
        let now = Value::DateTime(now());
        let user = &self.user;
        let account = self.password_hash.as_ref().map(|hash| {
            control.statement(
                "INSERT INTO user_account (id, email, first_name, last_name, password_hash, created_at, \
                 updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    Value::Uuid(user.id),
                    Value::Text(user.email.clone()),
                    Value::Text(user.first_name.clone()),
                    Value::Text(user.last_name.clone()),
                    Value::Text(hash.clone()),
                    Value::DateTime(user.created_at),
                    Value::DateTime(user.updated_at),
                ],
            )
        });
        let membership = control.statement(
            "INSERT INTO user_workspace (id, user_id, workspace_id, member_id, role_id, created_at, \
             updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                Value::Uuid(Uuid::new_v4()),
                Value::Uuid(user.id),
                Value::Uuid(workspace),
                Value::Uuid(self.member_id),
                Value::Uuid(role),
                now.clone(),
                now,
            ],
        );
        account.into_iter().chain([membership]).collect()
    }
}

impl App {
    /// Makes somebody a member of a workspace, with a new account unless the address has one. The
    /// caller has checked that the role is of the workspace and may be given to users.
    ///
    /// # Errors
    /// `UserAlreadyExists` for a member; `Forbidden` when the address has an account with another
    /// password.
    pub(crate) async fn create_user(
        &self,
        workspace_id: Uuid,
        role_id: Uuid,
        new: NewUser,
    ) -> ApiResult<UserRow> {
        let workspace = self.workspace(workspace_id).await?;
        let _setup = self.databases.lock_for_setup().await?;
        let joining = self.joining(new).await?;
        let memberships = self.control.memberships(joining.user.id).await?;
        if memberships.iter().any(|membership| membership.workspace.id == workspace_id) {
            let message = format!("{} is a member of this workspace already", joining.user.email);
            return Err(ApiError::new(ErrorCode::UserAlreadyExists, message));
        }
        // The record first: a membership whose record is missing could not be used.
        records::create_member(&workspace, joining.member()).await?;
        self.control.apply(joining.inserts(&self.control, workspace_id, role_id)).await?;
        Ok(joining.user)
    }

    /// The account of an address, or a new one.
    pub(super) async fn joining(&self, new: NewUser) -> ApiResult<Joining> {
        let member_id = Uuid::new_v4();
        if let Some((user, hash)) = self.control.credentials(&new.email).await? {
            if !self.passwords.verify(new.password.reveal(), hash.as_deref()).await? {
                let message =
                    format!("{} has an account with another password; give that password", user.email);
                return Err(ApiError::new(ErrorCode::Forbidden, message));
            }
            return Ok(Joining { user, member_id, password_hash: None });
        }
        let password_hash = Some(self.passwords.hash(&new.password).await?);
        let now = now();
        let user = UserRow {
            id: Uuid::new_v4(),
            first_name: new.first_name.unwrap_or_else(|| new.email.local_part().into()),
            last_name: new.last_name.unwrap_or_default(),
            email: new.email.as_str().into(),
            has_password: true,
            created_at: now,
            updated_at: now,
        };
        Ok(Joining { user, member_id, password_hash })
    }
}

impl Control {
    /// The user with this id.
    pub(crate) async fn user(&self, id: Uuid) -> Result<Option<UserRow>, StoreError> {
        let rows = self
            .rows(
                "SELECT id, email, first_name, last_name, password_hash, created_at, updated_at \
                 FROM user_account WHERE id = ?",
                [Value::Uuid(id)],
            )
            .await?;
        Ok(rows.first().map(user_of))
    }

    /// The user with this address, and the hash of the password.
    pub(super) async fn credentials(
        &self,
        email: &Email,
    ) -> Result<Option<(UserRow, Option<String>)>, StoreError> {
        let rows = self
            .rows(
                "SELECT id, email, first_name, last_name, password_hash, created_at, updated_at \
                 FROM user_account WHERE email = ?",
                [Value::Text(email.as_str().into())],
            )
            .await?;
        Ok(rows.first().map(|row| (user_of(row), row.optional_text(4).map(str::to_owned))))
    }

    /// The workspaces of a user, the one that was made first at the head.
    pub(crate) async fn memberships(&self, user: Uuid) -> Result<Vec<MembershipRow>, StoreError> {
        let rows = self
            .rows(
                "SELECT w.id, w.display_name, w.subdomain, w.default_role_id, w.created_at, w.updated_at, \
                 m.id, m.member_id \
                 FROM user_workspace m JOIN workspace w ON w.id = m.workspace_id \
                 WHERE m.user_id = ? ORDER BY w.created_at, w.id",
                [Value::Uuid(user)],
            )
            .await?;
        let membership = |row: &Row| MembershipRow {
            workspace: WorkspaceRow::of(row),
            id: row.id(6),
            member_id: row.id(7),
        };
        Ok(rows.iter().map(membership).collect())
    }
}

fn user_of(row: &Row) -> UserRow {
    UserRow {
        id: row.id(0),
        email: row.text(1).into(),
        first_name: row.text(2).into(),
        last_name: row.text(3).into(),
        has_password: row.optional_text(4).is_some(),
        created_at: row.time(5),
        updated_at: row.time(6),
    }
}
