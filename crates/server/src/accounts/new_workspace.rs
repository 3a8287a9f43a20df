//! Making a workspace: all of it, or nothing that counts.
//!
//! The database is made under a name of its own and renamed when it is whole; the rows of the
//! control data follow, in one transaction. A workspace without its row does not exist.

use jiff::Timestamp;
use uuid::Uuid;

use super::roles::StockRoles;
use super::users::Joining;
use super::{NewUser, WorkspaceRow};
use crate::app::App;
use crate::control::now;
use crate::databases::SetupLock;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::store::{Store, StoreError};
use crate::workspace::Workspace;
use crate::{data_model, demo, records};

/// The longest display name, in characters (`platform.md` 5).
const MAX_NAME_CHARACTERS: usize = 100;

/// The longest subdomain: one label of a host name.
const MAX_SUBDOMAIN_BYTES: usize = 63;

/// What a workspace is made from.
pub(crate) struct NewWorkspace {
    /// 1 to 100 characters.
    pub(crate) display_name: String,
    pub(crate) with_demo_records: bool,
    /// Becomes a member with the role Admin.
    pub(crate) creator: Option<NewUser>,
}

impl App {
    /// Makes a workspace with the stock roles, the standard objects and its creator.
    ///
    /// # Errors
    /// `InvalidAccountInput` when the name is empty or too long; otherwise what making the creator, the
    /// database or the records met. Nothing remains then.
    pub(crate) async fn create_workspace(&self, new: NewWorkspace) -> ApiResult<WorkspaceRow> {
        let setup = self.databases.lock_for_setup().await?;
        self.create_workspace_alone(new, &setup).await
    }

    /// As [`Self::create_workspace`], unless there is a workspace already: of several servers that start
    /// on an empty database, one makes the first.
    pub(crate) async fn create_first_workspace(&self, new: NewWorkspace) -> ApiResult<Option<WorkspaceRow>> {
        let setup = self.databases.lock_for_setup().await?;
        if !self.control.workspaces().await?.is_empty() {
            return Ok(None);
        }
        self.create_workspace_alone(new, &setup).await.map(Some)
    }

    async fn create_workspace_alone(&self, new: NewWorkspace, setup: &SetupLock) -> ApiResult<WorkspaceRow> {
        let display_name = new.display_name.trim().to_owned();
        if display_name.is_empty() || MAX_NAME_CHARACTERS < display_name.chars().count() {
            let message = format!("the name of a workspace has 1 to {MAX_NAME_CHARACTERS} characters");
            return Err(ApiError::new(ErrorCode::InvalidAccountInput, message));
        }
        self.databases.remove_unfinished(setup).await?;
        let creator = match new.creator {
            Some(creator) => Some(self.joining(creator).await?),
            None => None,
        };
        let (id, roles) = (Uuid::new_v4(), StockRoles::generate());
        self.make_database(id, creator.as_ref(), new.with_demo_records, setup).await?;
        let row = self.workspace_row(id, display_name, roles.member).await?;
        let mut statements = vec![row.insert(&self.control)];
        statements.extend(roles.inserts(&self.control, id, row.created_at));
        if let Some(creator) = &creator {
            statements.extend(creator.inserts(&self.control, id, roles.admin));
        }
        if let Err(error) = self.control.apply(statements).await {
            // When no answer came, the row may be there all the same, and then the data must be too.
            if !matches!(error, StoreError::Unavailable(_)) {
                self.databases.remove_workspace(id).await;
            }
            return Err(error.into());
        }
        Ok(row)
    }

    async fn make_database(
        &self,
        id: Uuid,
        creator: Option<&Joining>,
        demo: bool,
        setup: &SetupLock,
    ) -> ApiResult<()> {
        let made = async {
            let store = self.databases.create_workspace(id, setup).await?;
            let filled = fill(id, &store, creator, demo).await;
            store.close().await;
            filled?;
            self.databases.finish_workspace(id).await
        };
        let outcome = made.await;
        if outcome.is_err() {
            // What cannot be removed now is removed by the next attempt to make a workspace.
            let _ = self.databases.remove_unfinished(setup).await;
        }
        outcome
    }

    async fn workspace_row(
        &self,
        id: Uuid,
        display_name: String,
        default_role_id: Uuid,
    ) -> ApiResult<WorkspaceRow> {
        let taken = self.control.workspaces().await?;
        let is_free = |subdomain: &str| taken.iter().all(|workspace| workspace.subdomain != subdomain);
        let subdomain = free_subdomain(&display_name, is_free);
        let now: Timestamp = now();
        Ok(WorkspaceRow { id, display_name, subdomain, default_role_id, created_at: now, updated_at: now })
    }
}

async fn fill(id: Uuid, store: &Store, creator: Option<&Joining>, demo: bool) -> ApiResult<()> {
    let model = data_model::create(store).await?;
    let workspace = Workspace::new(id, store.clone(), model);
    let member = creator.map(Joining::member);
    let member_id = member.as_ref().map(|member| member.id);
    if let Some(member) = member {
        records::create_member(&workspace, member).await?;
    }
    if demo {
        demo::seed(&workspace, member_id).await?;
    }
    Ok(())
}

/// `Ada's Bakery` becomes `ada-s-bakery`, or `ada-s-bakery-2` where that is taken.
fn free_subdomain(display_name: &str, is_free: impl Fn(&str) -> bool) -> String {
    let lower = display_name.to_ascii_lowercase();
    let words: Vec<&str> =
        lower.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut base = words.join("-");
    // Room for a number behind it.
    base.truncate(MAX_SUBDOMAIN_BYTES - 8);
    let base = match base.trim_end_matches('-') {
        "" => "workspace",
        base => base,
    };
    if is_free(base) {
        return base.into();
    }
    (2..).map(|number| format!("{base}-{number}")).find(|name| is_free(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subdomains_are_labels_of_host_names() {
        for (name, taken, expected) in [
            ("Harborline", &[][..], "harborline"),
            ("Ada's  Bakery!", &[], "ada-s-bakery"),
            ("Ada's Bakery", &["ada-s-bakery", "ada-s-bakery-2"], "ada-s-bakery-3"),
            ("北京", &[], "workspace"),
            ("-", &["workspace"], "workspace-2"),
        ] {
            assert_eq!(free_subdomain(name, |subdomain| !taken.contains(&subdomain)), expected, "{name}");
        }
        let long = free_subdomain(&"long name ".repeat(10), |_| true);
        assert!(long.len() <= MAX_SUBDOMAIN_BYTES && !long.ends_with('-'), "{long}");
    }
}
