//! Signing in: from an e-mail address and a password to tokens, as `platform.md` 5 has it.

use fourfold_model::Value;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::authenticate::user_not_found;
use super::tokens::{
    ACCESS_LIFETIME, AGNOSTIC_LIFETIME, AuthProvider, Claims, LOGIN_LIFETIME, REFRESH_LIFETIME,
    TargetedTokenType,
};
use super::{AuthToken, Email, MembershipRow, UserRow, WorkspaceRow};
use crate::app::App;
use crate::control::now;
use crate::error::{ApiError, ApiResult, ErrorCode};

/// How long after its first use a refresh token still works, for clients that lost the answer.
const REUSE_GRACE: SignedDuration = SignedDuration::from_mins(1);

/// What a client keeps after signing in.
#[derive(Clone, Debug)]
pub(crate) struct TokenPair {
    pub(crate) access_or_workspace_agnostic_token: AuthToken,
    pub(crate) refresh_token: AuthToken,
}

/// Somebody who signed in without choosing a workspace.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub(crate) tokens: TokenPair,
    pub(crate) available_workspaces: Vec<AvailableWorkspace>,
}

/// A workspace that a user may go on to, with the login token for it.
#[derive(Clone, Debug)]
pub(crate) struct AvailableWorkspace {
    pub(crate) workspace: WorkspaceRow,
    pub(crate) login_token: AuthToken,
}

/// Whether an e-mail address has an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UserExistence {
    pub(crate) exists: bool,
    pub(crate) available_workspaces_count: usize,
    pub(crate) is_email_verified: bool,
}

impl App {
    /// A login token for the workspace of `origin`, the URL that the client runs at.
    ///
    /// # Errors
    /// `UserNotFound`, `Forbidden` (wrong password, no member of any workspace), `Busy`.
    pub(crate) async fn get_login_token_from_credentials(
        &self,
        email: &str,
        password: &str,
        origin: &str,
    ) -> ApiResult<AuthToken> {
        let user = self.verified_user(email, password).await?;
        let membership = self.membership_at(user.id, origin).await?;
        self.login_token(&user.email, membership.workspace.id).await
    }

    /// The tokens that a login token stands for.
    ///
    /// # Errors
    /// `InvalidToken`, `InvalidTokenType`, `UserNotFound`, `Forbidden` when `origin` leads to another
    /// workspace.
    pub(crate) async fn get_auth_tokens_from_login_token(
        &self,
        login_token: &str,
        origin: &str,
    ) -> ApiResult<TokenPair> {
        let token = self.tokens.verify(&self.control, login_token).await?;
        let Claims::Login { workspace_id, .. } = token.claims else { return Err(wrong_type("login")) };
        let email = Email::parse(&token.subject)?;
        let (user, _) = self.control.credentials(&email).await?.ok_or_else(user_not_found)?;
        let memberships = self.control.memberships(user.id).await?;
        let elsewhere = workspace_named_by(origin, &memberships).is_some_and(|named| named != workspace_id);
        let membership = memberships.iter().find(|membership| membership.workspace.id == workspace_id);
        match membership {
            Some(membership) if !elsewhere => self.access_pair(&user, membership).await,
            _ => Err(forbidden("the login token is for another workspace; sign in again")),
        }
    }

    /// A new pair for a refresh token, which must not be used again; within a minute it still may.
    ///
    /// # Errors
    /// `InvalidToken`, `InvalidTokenType`, `InvalidAccountInput` for one that this server does not
    /// know, `Forbidden` for one that was used or signed out, `UserNotFound`, `UserWorkspaceNotFound`.
    pub(crate) async fn renew_token(&self, refresh_token: &str) -> ApiResult<TokenPair> {
        let token = self.tokens.verify(&self.control, refresh_token).await?;
        let Claims::Refresh { user_id, workspace_id, jti, .. } = token.claims else {
            return Err(wrong_type("refresh"));
        };
        self.use_refresh_token(jti).await?;
        let user = self.user(user_id).await?;
        let Some(workspace_id) = workspace_id else { return self.agnostic_pair(&user).await };
        let memberships = self.control.memberships(user_id).await?;
        let membership = memberships.iter().find(|membership| membership.workspace.id == workspace_id);
        let membership = membership.ok_or_else(|| {
            let message = "you are no longer a member of this workspace; ask its administrator";
            ApiError::new(ErrorCode::UserWorkspaceNotFound, message)
        })?;
        self.access_pair(&user, membership).await
    }

    /// Tokens without a workspace, and the workspaces to choose from.
    ///
    /// # Errors
    /// As [`Self::get_login_token_from_credentials`], but people without a workspace may come in.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> ApiResult<SignedIn> {
        let user = self.verified_user(email, password).await?;
        let tokens = self.agnostic_pair(&user).await?;
        let available_workspaces = self.available_workspaces(&user).await?;
        Ok(SignedIn { tokens, available_workspaces })
    }

    /// The workspaces that a user may go on to, each with a login token.
    pub(crate) async fn available_workspaces(&self, user: &UserRow) -> ApiResult<Vec<AvailableWorkspace>> {
        let mut available = Vec::new();
        for MembershipRow { workspace, .. } in self.control.memberships(user.id).await? {
            let login_token = self.login_token(&user.email, workspace.id).await?;
            available.push(AvailableWorkspace { workspace, login_token });
        }
        Ok(available)
    }

    /// Whether an e-mail address has an account. What is no address has none.
    pub(crate) async fn check_user_exists(&self, email: &str) -> ApiResult<UserExistence> {
        let found = match Email::parse(email) {
            Ok(email) => self.control.credentials(&email).await?,
            Err(_no_address) => None,
        };
        let Some((user, _)) = found else {
            return Ok(UserExistence {
                exists: false,
                available_workspaces_count: 0,
                is_email_verified: false,
            });
        };
        let available_workspaces_count = self.control.memberships(user.id).await?.len();
        // Addresses are not verified by mail in this version; whoever made the account vouched for it.
        Ok(UserExistence { exists: true, available_workspaces_count, is_email_verified: true })
    }

    /// Ends a refresh token at once. Tokens that are none, or have ended, are fine too.
    pub(crate) async fn sign_out(&self, refresh_token: Option<&str>) -> ApiResult<()> {
        let Some(text) = refresh_token else { return Ok(()) };
        let Ok(token) = self.tokens.verify(&self.control, text).await else { return Ok(()) };
        let Claims::Refresh { jti, .. } = token.claims else { return Ok(()) };
        let text = "UPDATE app_token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL";
        let revoke = self.control.statement(text, [Value::DateTime(now()), Value::Uuid(jti)]);
        self.control.apply(vec![revoke]).await?;
        Ok(())
    }

    async fn verified_user(&self, email: &str, password: &str) -> ApiResult<UserRow> {
        let found = match Email::parse(email) {
            Ok(email) => self.control.credentials(&email).await?,
            Err(_no_address) => None,
        };
        let hash = found.as_ref().and_then(|(_, hash)| hash.as_deref());
        let is_right = self.passwords.verify(password, hash).await?;
        match found {
            Some((user, _)) if is_right => Ok(user),
            Some((user, _)) if !user.has_password => {
                let message = "this account has no password; sign in another way";
                Err(ApiError::new(ErrorCode::InvalidAccountInput, message))
            }
            Some(_) => Err(forbidden("the password is wrong")),
            None => Err(user_not_found()),
        }
    }

    /// The workspace that `origin` names, otherwise the oldest of the user's: one server serves every
    /// workspace at any origin.
    async fn membership_at(&self, user: Uuid, origin: &str) -> ApiResult<MembershipRow> {
        let memberships = self.control.memberships(user).await?;
        let named = workspace_named_by(origin, &memberships);
        let place = memberships.iter().position(|membership| Some(membership.workspace.id) == named);
        memberships
            .into_iter()
            .nth(place.unwrap_or(0))
            .ok_or_else(|| forbidden("you are not a member of any workspace; ask an administrator"))
    }

    async fn login_token(&self, email: &str, workspace_id: Uuid) -> ApiResult<AuthToken> {
        let claims = Claims::Login { workspace_id, auth_provider: AuthProvider::Password };
        self.tokens.sign(&self.control, email.into(), claims, now() + LOGIN_LIFETIME).await
    }

    async fn access_pair(&self, user: &UserRow, membership: &MembershipRow) -> ApiResult<TokenPair> {
        let workspace_id = membership.workspace.id;
        let claims = Claims::Access {
            user_id: user.id,
            workspace_id,
            user_workspace_id: membership.id,
            workspace_member_id: membership.member_id,
            auth_provider: AuthProvider::Password,
            is_impersonating: false,
        };
        let end = now() + ACCESS_LIFETIME;
        Ok(TokenPair {
            access_or_workspace_agnostic_token: self
                .tokens
                .sign(&self.control, user.id.to_string(), claims, end)
                .await?,
            refresh_token: self.refresh_token(user.id, Some(workspace_id)).await?,
        })
    }

    async fn agnostic_pair(&self, user: &UserRow) -> ApiResult<TokenPair> {
        let claims = Claims::WorkspaceAgnostic { user_id: user.id, auth_provider: AuthProvider::Password };
        let end = now() + AGNOSTIC_LIFETIME;
        Ok(TokenPair {
            access_or_workspace_agnostic_token: self
                .tokens
                .sign(&self.control, user.id.to_string(), claims, end)
                .await?,
            refresh_token: self.refresh_token(user.id, None).await?,
        })
    }

    async fn refresh_token(&self, user_id: Uuid, workspace_id: Option<Uuid>) -> ApiResult<AuthToken> {
        let (jti, now) = (Uuid::new_v4(), now());
        let expires_at = now + REFRESH_LIFETIME;
        let claims = Claims::Refresh {
            user_id,
            workspace_id,
            auth_provider: AuthProvider::Password,
            targeted_token_type: match workspace_id {
                Some(_) => TargetedTokenType::Access,
                None => TargetedTokenType::WorkspaceAgnostic,
            },
            is_impersonating: false,
            jti,
        };
        let sweep =
            self.control.statement("DELETE FROM app_token WHERE expires_at < ?", [Value::DateTime(now)]);
        let insert = self.control.statement(
            "INSERT INTO app_token (id, user_id, workspace_id, expires_at, created_at) \
             VALUES (?, ?, ?, ?, ?)",
            [
                Value::Uuid(jti),
                Value::Uuid(user_id),
                workspace_id.map_or(Value::Null, Value::Uuid),
                Value::DateTime(expires_at),
                Value::DateTime(now),
            ],
        );
        self.control.apply(vec![sweep, insert]).await?;
        self.tokens.sign(&self.control, user_id.to_string(), claims, expires_at).await
    }

    /// Marks a refresh token as used, if it may be used now.
    async fn use_refresh_token(&self, jti: Uuid) -> ApiResult<()> {
        let now: Timestamp = now();
        let mark = self.control.statement(
            "UPDATE app_token SET used_at = COALESCE(used_at, ?) \
             WHERE id = ? AND revoked_at IS NULL AND (used_at IS NULL OR ? < used_at)",
            [Value::DateTime(now), Value::Uuid(jti), Value::DateTime(now - REUSE_GRACE)],
        );
        if self.control.apply(vec![mark]).await?.first() == Some(&1) {
            return Ok(());
        }
        let known = self.control.rows("SELECT 1 FROM app_token WHERE id = ?", [Value::Uuid(jti)]).await?;
        if known.is_empty() {
            let message = "this server does not know the refresh token; sign in again";
            return Err(ApiError::new(ErrorCode::InvalidAccountInput, message));
        }
        Err(forbidden("the refresh token has been used or signed out; sign in again"))
    }
}

/// The workspace whose subdomain is the first label of `origin`'s host: `http://acme.localhost:3000`
/// names `acme`. Other origins name none.
fn workspace_named_by(origin: &str, memberships: &[MembershipRow]) -> Option<Uuid> {
    let (_, host) = origin.split_once("://")?;
    let (label, _) = host.split_once('.')?;
    let named = memberships.iter().find(|membership| membership.workspace.subdomain == label)?;
    Some(named.workspace.id)
}

fn wrong_type(wanted: &str) -> ApiError {
    ApiError::new(ErrorCode::InvalidTokenType, format!("this is no {wanted} token"))
}

fn forbidden(message: &str) -> ApiError {
    ApiError::new(ErrorCode::Forbidden, message)
}
