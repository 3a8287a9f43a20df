//! The demo records of a new workspace.

use uuid::Uuid;

use crate::error::ApiResult;
use crate::workspace::Workspace;

/// Fills a new workspace with demo records. `member_id` owns those that have an owner; a workspace
/// made on the command line has no member yet.
pub(crate) async fn seed(_workspace: &Workspace, _member_id: Option<Uuid>) -> ApiResult<()> {
    Ok(())
}
