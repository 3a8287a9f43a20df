//! What the GraphQL Metadata API needs of accounts: who asks, and signing in.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use uuid::Uuid;

use crate::accounts::Caller;
use crate::error::ApiResult;

/// Who sends a request.
pub(crate) enum Session {
    /// No token came.
    Anonymous,
    /// Somebody who signed in and has not chosen a workspace.
    Agnostic { user_id: Uuid },
    /// Somebody in a workspace.
    Caller(Caller),
}

/// A token to hand out.
#[derive(Clone, Debug)]
pub(crate) struct IssuedToken {
    pub(crate) token: String,
    pub(crate) expires_at: Timestamp,
}

/// What a client keeps after signing in.
#[derive(Clone, Debug)]
pub(crate) struct IssuedPair {
    pub(crate) access_or_workspace_agnostic: IssuedToken,
    pub(crate) refresh: IssuedToken,
}

/// A workspace that somebody may go on to.
#[derive(Clone, Debug)]
pub(crate) struct SignInWorkspace {
    pub(crate) id: Uuid,
    pub(crate) display_name: String,
    pub(crate) login_token: String,
}

/// Whether an e-mail address has an account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UserExistence {
    pub(crate) exists: bool,
    pub(crate) available_workspaces_count: usize,
    pub(crate) is_email_verified: bool,
}

/// What `currentWorkspace` tells.
#[derive(Clone, Debug)]
pub(crate) struct WorkspaceProfile {
    pub(crate) display_name: String,
    pub(crate) subdomain: String,
    /// Such as `ACTIVE`.
    pub(crate) activation_status: &'static str,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) members_count: usize,
}

/// What `currentUser` tells.
#[derive(Clone, Debug)]
pub(crate) struct UserProfile {
    pub(crate) email: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) has_password: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// The accounts of a server, as far as this API asks for them (`platform.md` 5).
pub(crate) trait Accounts: Send + Sync {
    fn check_user_exists<'a>(&'a self, email: &'a str) -> BoxFuture<'a, ApiResult<UserExistence>>;

    fn login_token_from_credentials<'a>(
        &'a self,
        email: &'a str,
        password: &'a str,
        origin: &'a str,
    ) -> BoxFuture<'a, ApiResult<IssuedToken>>;

    fn tokens_from_login_token<'a>(
        &'a self,
        login_token: &'a str,
        origin: &'a str,
    ) -> BoxFuture<'a, ApiResult<IssuedPair>>;

    fn renew_token<'a>(&'a self, refresh_token: &'a str) -> BoxFuture<'a, ApiResult<IssuedPair>>;

    fn sign_in<'a>(
        &'a self,
        email: &'a str,
        password: &'a str,
    ) -> BoxFuture<'a, ApiResult<(IssuedPair, Vec<SignInWorkspace>)>>;

    fn sign_out<'a>(&'a self, refresh_token: Option<&'a str>) -> BoxFuture<'a, ApiResult<()>>;

    fn workspace(&self, id: Uuid) -> BoxFuture<'_, ApiResult<WorkspaceProfile>>;

    fn user(&self, id: Uuid) -> BoxFuture<'_, ApiResult<UserProfile>>;
}
