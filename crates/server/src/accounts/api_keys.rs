//! API keys: the rows, and the tokens made from them.

use fourfold_model::Value;
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use super::tokens::{AuthToken, Claims};
use crate::app::App;
use crate::control::now;
use crate::error::{ApiError, ApiResult, ErrorCode};

/// The longest name of a key, in characters.
const MAX_NAME_CHARACTERS: usize = 255;

/// One API key. Its tokens are made on demand and never stored.
#[derive(Clone, Debug)]
pub(crate) struct ApiKeyRow {
    pub(crate) id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) name: String,
}

/// When a key ends for which nobody named an end: in 100 years of 365 days.
pub(crate) fn farthest_expiry() -> Timestamp {
    now().checked_add((36_500 * 24).hours()).unwrap_or(Timestamp::MAX)
}

impl App {
    /// Makes an API key. The caller has checked that the role is of the workspace and may be given to
    /// keys.
    ///
    /// # Errors
    /// `InvalidAccountInput` when the name is empty or too long, or the end has passed.
    pub(crate) async fn create_api_key(
        &self,
        workspace_id: Uuid,
        name: &str,
        role_id: Uuid,
        expires_at: Timestamp,
    ) -> ApiResult<ApiKeyRow> {
        let (name, now) = (name.trim(), now());
        let refuse = |message: String| Err(ApiError::new(ErrorCode::InvalidAccountInput, message));
        if name.is_empty() || MAX_NAME_CHARACTERS < name.chars().count() {
            return refuse(format!("the name of an API key has 1 to {MAX_NAME_CHARACTERS} characters"));
        }
        if expires_at <= now {
            return refuse(format!("{expires_at} has passed; an API key must end in the future"));
        }
        let row = ApiKeyRow { id: Uuid::new_v4(), workspace_id, name: name.into() };
        let insert = self.control.statement(
            "INSERT INTO api_key (id, workspace_id, name, role_id, expires_at, created_at, updated_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                Value::Uuid(row.id),
                Value::Uuid(workspace_id),
                Value::Text(row.name.clone()),
                Value::Uuid(role_id),
                Value::DateTime(expires_at),
                Value::DateTime(now),
                Value::DateTime(now),
            ],
        );
        self.control.apply(vec![insert]).await?;
        Ok(row)
    }

    /// A token for `key` that ends at `expires_at`, or with the key if that is earlier.
    pub(crate) async fn api_key_token(&self, key: &ApiKeyRow, expires_at: Timestamp) -> ApiResult<AuthToken> {
        let claims = Claims::ApiKey { workspace_id: key.workspace_id, jti: key.id };
        self.tokens.sign(&self.control, key.workspace_id.to_string(), claims, expires_at).await
    }
}
