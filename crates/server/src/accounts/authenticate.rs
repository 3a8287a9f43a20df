//! From the headers of a request to its caller.
//!
//! A token is verified once and remembered; whom it belongs to is remembered for a second, or until
//! this server changes an account. So a repeated request costs two look-ups in memory, a change made
//! here counts at once, and one made by another process within a second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use fourfold_model::Value;
use jiff::Timestamp;
use quick_cache::sync::Cache;
use uuid::Uuid;

use super::roles::role_of;
use super::tokens::{Claims, VerifiedToken};
use super::{Caller, Identity, UserRow};
use crate::app::App;
use crate::error::{ApiError, ApiResult, ErrorCode};

/// How long what another process changed may go unnoticed.
const MAX_AGE: Duration = Duration::from_secs(1);

/// Keys and members that are remembered.
const REMEMBERED_PRINCIPALS: usize = 4096;

/// Who sends a request to an API that also serves people without a workspace, or without a name.
#[derive(Clone)]
pub(crate) enum Session {
    /// No token came.
    Anonymous,
    /// Somebody who signed in and has not chosen a workspace.
    Agnostic(UserRow),
    /// Somebody in a workspace.
    Caller(Caller),
}

/// What a token refers to, one row of the control data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Credential {
    ApiKey { key: Uuid, workspace: Uuid },
    Member { membership: Uuid, user: Uuid, workspace: Uuid },
}

/// A caller as the control data had it.
struct Principal {
    caller: Caller,
    /// The end of an API key; a member has none.
    expires_at: Option<Timestamp>,
    /// The count of this server's changes, taken before reading.
    changes: u64,
    checked_at: Instant,
}

/// Callers by what their tokens refer to. Only callers that may come in are kept.
pub(crate) struct Principals(Cache<Credential, Arc<Principal>>);

impl Principals {
    pub(crate) fn new() -> Self {
        Self(Cache::new(REMEMBERED_PRINCIPALS))
    }
}

impl App {
    /// The caller that a request's token belongs to.
    ///
    /// # Errors
    /// `MissingToken`, `InvalidToken`, `InvalidTokenType` (a token without a workspace included),
    /// `CredentialRefused`, `WorkspaceNotFound`, `UserNotFound`, `UserWorkspaceNotFound`.
    pub(crate) async fn authenticate(&self, headers: &HeaderMap) -> ApiResult<Caller> {
        let text = bearer_token(headers).ok_or_else(|| {
            let message = "no token came with the request; send `Authorization: Bearer` with an API key";
            ApiError::new(ErrorCode::MissingToken, message)
        })?;
        let token = self.token(text).await?;
        self.caller_of(&token).await
    }

    /// Who sends a request, where a token is optional.
    ///
    /// # Errors
    /// As [`Self::authenticate`], but for a missing token and one without a workspace.
    pub(crate) async fn session(&self, headers: &HeaderMap) -> ApiResult<Session> {
        let Some(text) = bearer_token(headers) else { return Ok(Session::Anonymous) };
        let token = self.token(text).await?;
        if let Claims::WorkspaceAgnostic { user_id, .. } = &token.claims {
            return Ok(Session::Agnostic(self.user(*user_id).await?));
        }
        Ok(Session::Caller(self.caller_of(&token).await?))
    }

    /// The user with this id.
    ///
    /// # Errors
    /// `UserNotFound`.
    pub(crate) async fn user(&self, id: Uuid) -> ApiResult<UserRow> {
        self.control.user(id).await?.ok_or_else(user_not_found)
    }

    async fn token(&self, text: &str) -> ApiResult<Arc<VerifiedToken>> {
        match self.tokens.remembered(text)? {
            Some(token) => Ok(token),
            None => self.tokens.verify(&self.control, text).await,
        }
    }

    async fn caller_of(&self, token: &VerifiedToken) -> ApiResult<Caller> {
        let credential = credential_of(&token.claims)?;
        if let Some(principal) = self.principals.0.get(&credential)
            && principal.changes == self.control.changes()
            && principal.checked_at.elapsed() < MAX_AGE
        {
            return principal.admit();
        }
        let principal = Arc::new(self.look_up(credential).await?);
        self.principals.0.insert(credential, Arc::clone(&principal));
        principal.admit()
    }

    async fn look_up(&self, credential: Credential) -> ApiResult<Principal> {
        // Both before reading: what changes meanwhile makes this answer old.
        let (changes, checked_at) = (self.control.changes(), Instant::now());
        let (caller, expires_at) = match credential {
            Credential::ApiKey { key, workspace } => {
                let (caller, expires_at) = self.api_key_caller(key, workspace).await?;
                (caller, Some(expires_at))
            }
            Credential::Member { membership, user, workspace } => {
                (self.member_caller(membership, user, workspace).await?, None)
            }
        };
        Ok(Principal { caller, expires_at, changes, checked_at })
    }

    async fn api_key_caller(&self, key: Uuid, workspace: Uuid) -> ApiResult<(Caller, Timestamp)> {
        let workspace = self.workspace(workspace).await?;
        let rows = self
            .control
            .rows(
                "SELECT r.id, r.label, r.can_update_all_settings, r.can_read_all_object_records, \
                 r.can_update_all_object_records, r.can_soft_delete_all_object_records, \
                 r.can_destroy_all_object_records, r.can_be_assigned_to_users, \
                 r.can_be_assigned_to_api_keys, k.name, k.expires_at \
                 FROM api_key k JOIN role r ON r.id = k.role_id \
                 WHERE k.id = ? AND k.workspace_id = ? AND k.revoked_at IS NULL",
                [Value::Uuid(key), Value::Uuid(workspace.id)],
            )
            .await?;
        let row = rows.first().ok_or_else(|| refused("the API key has been revoked; use another one"))?;
        let identity = Identity::ApiKey { id: key, name: row.text(9).into() };
        Ok((Caller { workspace, role: Arc::new(role_of(row, 0)), identity }, row.time(10)))
    }

    async fn member_caller(&self, membership: Uuid, user: Uuid, workspace: Uuid) -> ApiResult<Caller> {
        let workspace = self.workspace(workspace).await?;
        let rows = self
            .control
            .rows(
                "SELECT r.id, r.label, r.can_update_all_settings, r.can_read_all_object_records, \
                 r.can_update_all_object_records, r.can_soft_delete_all_object_records, \
                 r.can_destroy_all_object_records, r.can_be_assigned_to_users, \
                 r.can_be_assigned_to_api_keys, m.member_id, u.first_name, u.last_name \
                 FROM user_account u \
                 LEFT JOIN user_workspace m ON m.user_id = u.id AND m.id = ? AND m.workspace_id = ? \
                 LEFT JOIN role r ON r.id = m.role_id WHERE u.id = ?",
                [Value::Uuid(membership), Value::Uuid(workspace.id), Value::Uuid(user)],
            )
            .await?;
        let row = rows.first().ok_or_else(user_not_found)?;
        let member_id = row.optional_id(9).ok_or_else(|| {
            let message = "you are no longer a member of this workspace; ask its administrator";
            ApiError::new(ErrorCode::UserWorkspaceNotFound, message)
        })?;
        let name = format!("{} {}", row.text(10), row.text(11)).trim().to_owned();
        let identity = Identity::User { user_id: user, user_workspace_id: membership, member_id, name };
        Ok(Caller { workspace, role: Arc::new(role_of(row, 0)), identity })
    }
}

impl Principal {
    fn admit(&self) -> ApiResult<Caller> {
        match self.expires_at {
            Some(end) if end <= Timestamp::now() => Err(refused("the API key has expired; use another one")),
            _ => Ok(self.caller.clone()),
        }
    }
}

fn credential_of(claims: &Claims) -> ApiResult<Credential> {
    match *claims {
        Claims::ApiKey { workspace_id, jti } => Ok(Credential::ApiKey { key: jti, workspace: workspace_id }),
        Claims::Access { user_id, workspace_id, user_workspace_id, .. } => {
            Ok(Credential::Member { membership: user_workspace_id, user: user_id, workspace: workspace_id })
        }
        Claims::WorkspaceAgnostic { .. } => {
            let message = "the token names no workspace; choose one when you sign in";
            Err(ApiError::new(ErrorCode::InvalidTokenType, message))
        }
        Claims::Refresh { .. } | Claims::Login { .. } | Claims::Other => {
            let message = "a token of this type opens nothing here; send an API key or an access token";
            Err(ApiError::new(ErrorCode::InvalidTokenType, message))
        }
    }
}

fn refused(message: &str) -> ApiError {
    ApiError::new(ErrorCode::CredentialRefused, message)
}

pub(super) fn user_not_found() -> ApiError {
    ApiError::new(ErrorCode::UserNotFound, "no account belongs to this e-mail address or token")
}

/// The token of `Authorization: Bearer …`, in any case; an empty one is none.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
