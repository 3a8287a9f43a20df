//! Tokens: JWTs signed with ES256, as `platform.md` 2 has them, and the keys that sign them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use fourfold_model::Value;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use p256::SecretKey;
use p256::elliptic_curve::rand_core::OsRng;
use p256::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::control::{Control, now};
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::store::{Row, StoreError};

/// Verified tokens that are remembered, at about 700 bytes each.
const REMEMBERED_TOKENS: usize = 4096;

pub(super) const ACCESS_LIFETIME: SignedDuration = SignedDuration::from_mins(30);
pub(super) const AGNOSTIC_LIFETIME: SignedDuration = SignedDuration::from_mins(30);
pub(super) const LOGIN_LIFETIME: SignedDuration = SignedDuration::from_mins(15);
pub(super) const REFRESH_LIFETIME: SignedDuration = SignedDuration::from_hours(60 * 24);

/// How a person proved who they are. The contract knows others, which this version does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum AuthProvider {
    Password,
}

/// What a refresh token is exchanged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum TargetedTokenType {
    Access,
    WorkspaceAgnostic,
}

/// The claims that depend on the type of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub(super) enum Claims {
    /// A user in one workspace.
    Access {
        user_id: Uuid,
        workspace_id: Uuid,
        user_workspace_id: Uuid,
        workspace_member_id: Uuid,
        auth_provider: AuthProvider,
        is_impersonating: bool,
    },
    /// Exchanged for a new pair of tokens; `jti` is its row.
    Refresh {
        user_id: Uuid,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        workspace_id: Option<Uuid>,
        auth_provider: AuthProvider,
        targeted_token_type: TargetedTokenType,
        is_impersonating: bool,
        jti: Uuid,
    },
    /// A user who has not chosen a workspace.
    WorkspaceAgnostic { user_id: Uuid, auth_provider: AuthProvider },
    /// Between credentials and an access token; the subject is the e-mail address.
    Login { workspace_id: Uuid, auth_provider: AuthProvider },
    /// A program; `jti` is the key's row.
    ApiKey { workspace_id: Uuid, jti: Uuid },
    /// A type that this version never gives out.
    #[serde(other, skip_serializing)]
    Other,
}

#[derive(Debug, Serialize, Deserialize)]
struct TokenBody {
    sub: String,
    #[serde(flatten)]
    claims: Claims,
    iat: i64,
    exp: i64,
}

/// A token whose signature was checked.
#[derive(Debug)]
pub(super) struct VerifiedToken {
    pub(super) subject: String,
    pub(super) claims: Claims,
    /// Seconds since 1970.
    expires_at: i64,
}

/// A token to hand out.
#[derive(Clone, Debug)]
pub(crate) struct AuthToken {
    pub(crate) token: String,
    pub(crate) expires_at: Timestamp,
}

/// Signs and verifies.
pub(crate) struct Tokens {
    signing: OnceCell<SigningKey>,
    verifying: RwLock<HashMap<Uuid, Arc<DecodingKey>>>,
    /// By the token's text. Only valid tokens get in, so that forged ones cannot push them out.
    verified: Cache<Box<str>, Arc<VerifiedToken>>,
}

struct SigningKey {
    header: Header,
    key: EncodingKey,
}

impl Tokens {
    pub(crate) fn new() -> Self {
        Self {
            signing: OnceCell::new(),
            verifying: RwLock::default(),
            verified: Cache::new(REMEMBERED_TOKENS),
        }
    }

    /// A signed token that ends at `expires_at`, cut to seconds.
    pub(super) async fn sign(
        &self,
        control: &Control,
        subject: String,
        claims: Claims,
        expires_at: Timestamp,
    ) -> ApiResult<AuthToken> {
        let signing = self.signing.get_or_try_init(|| current_key(control)).await?;
        let exp = expires_at.as_second();
        let body = TokenBody { sub: subject, claims, iat: Timestamp::now().as_second(), exp };
        let token = jsonwebtoken::encode(&signing.header, &body, &signing.key).map_err(ApiError::internal)?;
        Ok(AuthToken { token, expires_at: Timestamp::from_second(exp).map_err(ApiError::internal)? })
    }

    /// The token, if it was verified before and has not ended.
    ///
    /// # Errors
    /// `InvalidToken` when it has ended.
    pub(super) fn remembered(&self, text: &str) -> ApiResult<Option<Arc<VerifiedToken>>> {
        match self.verified.get(text) {
            Some(token) if token.expires_at <= Timestamp::now().as_second() => Err(expired()),
            found => Ok(found),
        }
    }

    /// Checks the signature and the end of a token.
    ///
    /// # Errors
    /// `InvalidToken` when it is malformed, has ended, or was not signed with a key of this server.
    pub(super) async fn verify(&self, control: &Control, text: &str) -> ApiResult<Arc<VerifiedToken>> {
        if let Some(token) = self.remembered(text)? {
            return Ok(token);
        }
        let header = jsonwebtoken::decode_header(text).map_err(|_malformed| invalid())?;
        let kid = header.kid.as_deref().and_then(|kid| Uuid::try_parse(kid).ok()).ok_or_else(invalid)?;
        let key = self.verifying_key(control, kid).await?;
        let body = decode(text, &key)?;
        let token = Arc::new(VerifiedToken { subject: body.sub, claims: body.claims, expires_at: body.exp });
        self.verified.insert(text.into(), Arc::clone(&token));
        Ok(token)
    }

    async fn verifying_key(&self, control: &Control, kid: Uuid) -> ApiResult<Arc<DecodingKey>> {
        let known = self.verifying.read().unwrap_or_else(PoisonError::into_inner).get(&kid).cloned();
        if let Some(key) = known {
            return Ok(key);
        }
        let text = "SELECT public_key FROM signing_key WHERE id = ? AND revoked_at IS NULL";
        let rows = control.rows(text, [Value::Uuid(kid)]).await?;
        let pem = rows.first().ok_or_else(invalid)?.text(0);
        let key = Arc::new(DecodingKey::from_ec_pem(pem.as_bytes()).map_err(ApiError::internal)?);
        let mut keys = self.verifying.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(keys.entry(kid).or_insert(key)))
    }
}

fn decode(text: &str, key: &DecodingKey) -> ApiResult<TokenBody> {
    // One algorithm: a token cannot choose a weaker one.
    let mut validation = Validation::new(Algorithm::ES256);
    validation.leeway = 0;
    validation.validate_aud = false;
    match jsonwebtoken::decode::<TokenBody>(text, key, &validation) {
        Ok(token) => Ok(token.claims),
        Err(error) if *error.kind() == ErrorKind::ExpiredSignature => Err(expired()),
        Err(_) => Err(invalid()),
    }
}

fn invalid() -> ApiError {
    ApiError::new(
        ErrorCode::InvalidToken,
        "the token is not valid here; sign in again or use another API key",
    )
}

fn expired() -> ApiError {
    ApiError::new(ErrorCode::InvalidToken, "the token has expired; sign in again or use another API key")
}

/// The key that signs now; made when there is none.
async fn current_key(control: &Control) -> ApiResult<SigningKey> {
    if let Some(row) = find_current(control).await? {
        return signing_key(&row);
    }
    match insert_key(control).await {
        // Another process made one in the meantime; that one counts.
        Ok(_) | Err(StoreError::Duplicate { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let row = find_current(control).await?;
    signing_key(&row.ok_or_else(|| ApiError::internal("the signing key that was made is gone"))?)
}

async fn find_current(control: &Control) -> Result<Option<Row>, StoreError> {
    let text = "SELECT id, private_key FROM signing_key \
                WHERE is_current AND revoked_at IS NULL AND private_key IS NOT NULL";
    Ok(control.rows(text, []).await?.into_iter().next())
}

fn signing_key(row: &Row) -> ApiResult<SigningKey> {
    let header = Header { kid: Some(row.id(0).to_string()), ..Header::new(Algorithm::ES256) };
    let key = EncodingKey::from_ec_pem(row.text(1).as_bytes()).map_err(ApiError::internal)?;
    Ok(SigningKey { header, key })
}

async fn insert_key(control: &Control) -> Result<Vec<u64>, StoreError> {
    let unwritable = |problem: String| StoreError::Other(format!("cannot write a signing key: {problem}"));
    let secret = SecretKey::random(&mut OsRng);
    let private = secret.to_pkcs8_pem(LineEnding::LF).map_err(|error| unwritable(error.to_string()))?;
    let public = secret
        .public_key()
        .to_public_key_pem(LineEnding::LF)
        .map_err(|error| unwritable(error.to_string()))?;
    let now = now();
    let insert = control.statement(
        "INSERT INTO signing_key (id, public_key, private_key, is_current, created_at, updated_at) \
         VALUES (?, ?, ?, TRUE, ?, ?)",
        [
            Value::Uuid(Uuid::new_v4()),
            Value::Text(public),
            Value::Text(private.to_string()),
            Value::DateTime(now),
            Value::DateTime(now),
        ],
    );
    control.apply(vec![insert]).await
}
