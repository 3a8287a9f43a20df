//! The root fields: reading the model, changing it, and signing in.

use std::sync::Arc;

use apollo_compiler::resolvers::{AsyncObjectValue, AsyncResolvedValue, FieldError, ResolveInfo};
use fourfold_model::{
    DataModel, FieldDraft, FieldUpdate, ObjectDraft, ObjectUpdate, create_field, create_object, delete_field,
    delete_object, update_field, update_object,
};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::arguments::{all, id, members, optional_text, text, uuid};
use super::errors::ErrorSink;
use super::nodes::{Edge, Node, Scope, connection, field_node};
use crate::accounts::{AuthToken, Caller, Identity, Session, TokenPair, WorkspaceRow};
use crate::app::App;
use crate::data_model::{self, apply, describe, report};
use crate::error::{ApiError, ApiResult, ErrorCode};

/// The value that an operation starts from.
pub(super) struct Root<'r> {
    app: &'r App,
    session: &'r Session,
    errors: Arc<ErrorSink>,
    is_mutation: bool,
}

type Answer<'a> = AsyncResolvedValue<'a>;

impl AsyncObjectValue for Root<'_> {
    fn type_name(&self) -> &str {
        if self.is_mutation { "Mutation" } else { "Query" }
    }

    fn resolve_field<'a>(
        &'a self,
        info: &'a ResolveInfo<'a>,
    ) -> BoxFuture<'a, Result<AsyncResolvedValue<'a>, FieldError>> {
        Box::pin(async move {
            let arguments = all(info);
            let answer = if self.is_mutation {
                self.mutate(info.field_name(), &arguments).await
            } else {
                self.query(info.field_name(), &arguments).await
            };
            answer.map_err(|error| self.errors.keep(error))
        })
    }
}

impl<'r> Root<'r> {
    pub(super) fn new(app: &'r App, session: &'r Session, errors: Arc<ErrorSink>, is_mutation: bool) -> Self {
        Self { app, session, errors, is_mutation }
    }

    async fn query<'a>(&self, name: &str, arguments: &Map<String, Json>) -> ApiResult<Answer<'a>> {
        match name {
            "objects" => self.objects(arguments),
            "object" => self.object(id(arguments, "id")?),
            "fields" => self.fields(arguments),
            "field" => self.field(id(arguments, "id")?),
            "objectRecordCounts" => self.object_record_counts().await,
            "currentWorkspace" => self.current_workspace().await,
            "currentUser" => self.current_user().await,
            "checkUserExists" => self.check_user_exists(text(arguments, "email")).await,
            _ => Err(unknown(name)),
        }
    }

    async fn mutate<'a>(&self, name: &str, arguments: &Map<String, Json>) -> ApiResult<Answer<'a>> {
        let empty = Map::new();
        let input = members(arguments, "input").unwrap_or(&empty);
        match name {
            "createOneObject" => self.create_object(members(input, "object").unwrap_or(&empty)).await,
            "createOneField" => self.create_field(members(input, "field").unwrap_or(&empty)).await,
            "updateOneObject" => {
                self.update_object(id(input, "id")?, members(input, "update").unwrap_or(&empty)).await
            }
            "updateOneField" => {
                self.update_field(id(input, "id")?, members(input, "update").unwrap_or(&empty)).await
            }
            "deleteOneObject" => self.delete_object(id(input, "id")?).await,
            "deleteOneField" => self.delete_field(id(input, "id")?).await,
            "getLoginTokenFromCredentials" => {
                let (email, password) = (text(arguments, "email"), text(arguments, "password"));
                let origin = text(arguments, "origin");
                let token = self.app.get_login_token_from_credentials(email, password, origin).await?;
                Ok(plain("LoginToken", json!({"loginToken": token_json(&token)})))
            }
            "getAuthTokensFromLoginToken" => {
                let (token, origin) = (text(arguments, "loginToken"), text(arguments, "origin"));
                let pair = self.app.get_auth_tokens_from_login_token(token, origin).await?;
                Ok(plain("AuthTokens", json!({"tokens": pair_json(&pair)})))
            }
            "renewToken" => {
                let pair = self.app.renew_token(text(arguments, "appToken")).await?;
                Ok(plain("AuthTokens", json!({"tokens": pair_json(&pair)})))
            }
            "signIn" => self.sign_in(text(arguments, "email"), text(arguments, "password")).await,
            "signOut" => {
                self.app.sign_out(optional_text(arguments, "refreshToken")).await?;
                Ok(AsyncResolvedValue::leaf(true))
            }
            _ => Err(unknown(name)),
        }
    }

    /// # Errors
    /// `MissingToken` for nobody, `Forbidden` for somebody without a workspace.
    fn caller(&self) -> ApiResult<&'r Caller> {
        match self.session {
            Session::Caller(caller) => Ok(caller),
            Session::Anonymous => {
                Err(ApiError::new(ErrorCode::MissingToken, "send a token: `Authorization: Bearer <token>`"))
            }
            Session::Agnostic(_) => {
                Err(ApiError::new(ErrorCode::Forbidden, "choose a workspace first; this token is for none"))
            }
        }
    }

    fn scope(&self, workspace: Uuid, model: Arc<DataModel>) -> Scope {
        Scope { workspace, model, errors: Arc::clone(&self.errors) }
    }

    fn current_scope(&self) -> ApiResult<Scope> {
        let workspace = &self.caller()?.workspace;
        Ok(self.scope(workspace.id, workspace.data_model()))
    }

    fn objects<'a>(&self, arguments: &Map<String, Json>) -> ApiResult<Answer<'a>> {
        let scope = self.current_scope()?;
        let entries = scope
            .model
            .objects()
            .iter()
            .map(|object| (object.id, Edge::Object(scope.clone(), Arc::clone(object))))
            .collect();
        Ok(AsyncResolvedValue::object(connection("ObjectConnection", entries, arguments)?))
    }

    fn fields<'a>(&self, arguments: &Map<String, Json>) -> ApiResult<Answer<'a>> {
        let scope = self.current_scope()?;
        let entries = scope
            .model
            .objects()
            .iter()
            .flat_map(|object| object.fields.values().map(move |field| (object, field)))
            .map(|(object, field)| {
                (field.id, Edge::Field(scope.clone(), Arc::clone(object), Box::new(field.clone())))
            })
            .collect();
        Ok(AsyncResolvedValue::object(connection("FieldConnection", entries, arguments)?))
    }

    fn object<'a>(&self, id: Uuid) -> ApiResult<Answer<'a>> {
        object_answer(self.current_scope()?, id)
    }

    fn field<'a>(&self, id: Uuid) -> ApiResult<Answer<'a>> {
        field_answer(&self.current_scope()?, id)
    }

    async fn create_object<'a>(&self, input: &Map<String, Json>) -> ApiResult<Answer<'a>> {
        let admin = self.caller()?.data_model_admin()?;
        let draft = ObjectDraft::parse(input).map_err(report::property_errors)?;
        let applied = apply(&admin, |model, now| create_object(model, &draft, now)).await?;
        let scope = self.scope(admin.caller().workspace.id, Arc::new(applied.change.after));
        object_answer(scope, applied.change.subject)
    }

    async fn create_field<'a>(&self, input: &Map<String, Json>) -> ApiResult<Answer<'a>> {
        let admin = self.caller()?.data_model_admin()?;
        id(input, "objectMetadataId")?;
        let draft = FieldDraft::parse(input).map_err(report::property_errors)?;
        let applied = apply(&admin, |model, now| create_field(model, &draft, now)).await?;
        let scope = self.scope(admin.caller().workspace.id, Arc::new(applied.change.after));
        field_answer(&scope, applied.change.subject)
    }

    async fn update_object<'a>(&self, id: Uuid, input: &Map<String, Json>) -> ApiResult<Answer<'a>> {
        let admin = self.caller()?.data_model_admin()?;
        for member in ["labelIdentifierFieldMetadataId", "imageIdentifierFieldMetadataId"] {
            input.get(member).filter(|sent| !sent.is_null()).map(uuid).transpose()?;
        }
        let update = ObjectUpdate::parse(input).map_err(report::property_errors)?;
        let applied = apply(&admin, |model, now| update_object(model, id, &update, now)).await?;
        object_answer(self.scope(admin.caller().workspace.id, Arc::new(applied.change.after)), id)
    }

    async fn update_field<'a>(&self, id: Uuid, input: &Map<String, Json>) -> ApiResult<Answer<'a>> {
        let admin = self.caller()?.data_model_admin()?;
        let update = FieldUpdate::parse(input).map_err(report::property_errors)?;
        let applied = apply(&admin, |model, now| update_field(model, id, &update, now)).await?;
        field_answer(&self.scope(admin.caller().workspace.id, Arc::new(applied.change.after)), id)
    }

    async fn delete_object<'a>(&self, id: Uuid) -> ApiResult<Answer<'a>> {
        let admin = self.caller()?.data_model_admin()?;
        let applied = apply(&admin, |model, _now| delete_object(model, id)).await?;
        object_answer(self.scope(admin.caller().workspace.id, applied.before), id)
    }

    async fn delete_field<'a>(&self, id: Uuid) -> ApiResult<Answer<'a>> {
        let admin = self.caller()?.data_model_admin()?;
        let applied = apply(&admin, |model, _now| delete_field(model, id)).await?;
        field_answer(&self.scope(admin.caller().workspace.id, applied.before), id)
    }

    async fn object_record_counts<'a>(&self) -> ApiResult<Answer<'a>> {
        let admin = self.caller()?.data_model_admin()?;
        let counts = data_model::record_counts(&admin).await?;
        let nodes = counts.into_iter().map(|(object, records)| {
            let told = json!({"objectNamePlural": object.name_plural, "totalCount": records});
            plain("ObjectRecordCount", told)
        });
        Ok(AsyncResolvedValue::list(nodes))
    }

    async fn current_workspace<'a>(&self) -> ApiResult<Answer<'a>> {
        Ok(plain("Workspace", self.workspace_json(self.caller()?).await?))
    }

    async fn workspace_json(&self, caller: &Caller) -> ApiResult<Json> {
        let workspace = &caller.workspace;
        let info = self.app.workspace_info(workspace.id).await?;
        let members = self.app.control.count_members(workspace.id).await?;
        Ok(json!({
            "id": workspace.id,
            "displayName": info.display_name,
            "subdomain": info.subdomain,
            // Empty, since this version keeps no pictures.
            "logo": "",
            "activationStatus": WorkspaceRow::ACTIVATION_STATUS,
            "metadataVersion": workspace.data_model().version(),
            "workspaceMembersCount": members,
            "workspaceCustomApplicationId": describe::custom_application(workspace.id),
            "createdAt": describe::instant(info.created_at),
            "updatedAt": describe::instant(info.updated_at),
        }))
    }

    async fn current_user<'a>(&self) -> ApiResult<Answer<'a>> {
        let (user_id, place) = match self.session {
            Session::Agnostic(user) => (user.id, None),
            _ => {
                let caller = self.caller()?;
                let Identity::User { user_id, user_workspace_id, member_id, .. } = caller.identity else {
                    let message = "an API key is no user; sign in for this operation";
                    return Err(ApiError::new(ErrorCode::Forbidden, message));
                };
                (user_id, Some((caller, user_workspace_id, member_id)))
            }
        };
        let user = self.app.user(user_id).await?;
        let mut told = json!({
            "id": user_id,
            "email": user.email,
            "firstName": user.first_name,
            "lastName": user.last_name,
            "hasPassword": user.has_password,
            "createdAt": describe::instant(user.created_at),
            "updatedAt": describe::instant(user.updated_at),
            "currentWorkspace": null,
            "workspaceMember": null,
        });
        if let Some((caller, user_workspace_id, member_id)) = place {
            told["currentWorkspace"] = self.workspace_json(caller).await?;
            told["workspaceMember"] = json!({
                "id": member_id,
                "name": {"firstName": user.first_name, "lastName": user.last_name},
                "userEmail": user.email,
                "userWorkspaceId": user_workspace_id,
            });
        }
        Ok(plain("User", told))
    }

    async fn check_user_exists<'a>(&self, email: &str) -> ApiResult<Answer<'a>> {
        let found = self.app.check_user_exists(email).await?;
        Ok(plain(
            "CheckUserExist",
            json!({
                "exists": found.exists,
                "availableWorkspacesCount": found.available_workspaces_count,
                "isEmailVerified": found.is_email_verified,
            }),
        ))
    }

    async fn sign_in<'a>(&self, email: &str, password: &str) -> ApiResult<Answer<'a>> {
        let signed_in = self.app.sign_in(email, password).await?;
        let workspaces: Vec<Json> = signed_in
            .available_workspaces
            .iter()
            .map(|available| {
                json!({
                    "id": available.workspace.id,
                    "displayName": available.workspace.display_name,
                    "loginToken": available.login_token.token,
                })
            })
            .collect();
        Ok(plain(
            "AvailableWorkspacesAndAccessTokens",
            json!({
                "tokens": pair_json(&signed_in.tokens),
                "availableWorkspaces": {
                    "availableWorkspacesForSignIn": workspaces,
                    "availableWorkspacesForSignUp": [],
                },
            }),
        ))
    }
}

fn object_answer<'a>(scope: Scope, id: Uuid) -> ApiResult<Answer<'a>> {
    let object = scope.model.object(id).cloned().ok_or_else(|| report::object_not_found(id))?;
    Ok(AsyncResolvedValue::object(Node::Object { scope, object }))
}

fn field_answer<'a>(scope: &Scope, id: Uuid) -> ApiResult<Answer<'a>> {
    let found = scope.model.field(id).ok_or_else(|| report::field_not_found(id))?;
    Ok(AsyncResolvedValue::object(field_node(scope, found.object, found.field.clone())))
}

fn plain<'a>(type_name: &str, value: Json) -> Answer<'a> {
    AsyncResolvedValue::object(Node::plain(type_name, value))
}

fn token_json(token: &AuthToken) -> Json {
    json!({"token": token.token, "expiresAt": describe::instant(token.expires_at)})
}

fn pair_json(pair: &TokenPair) -> Json {
    json!({
        "accessOrWorkspaceAgnosticToken": token_json(&pair.access_or_workspace_agnostic_token),
        "refreshToken": token_json(&pair.refresh_token),
    })
}

/// A field that the schema has and this file has not.
fn unknown(name: &str) -> ApiError {
    ApiError::internal(format!("the metadata schema has a root field `{name}` that nothing resolves"))
}
