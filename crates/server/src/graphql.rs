//! The GraphQL door: documents in, `data` and `errors` out.

#[cfg(test)]
mod aggregate_tests;
mod arguments;
mod core;
mod document;
mod group_by;
pub(crate) mod introspection;
pub(crate) mod metadata;
#[cfg(test)]
mod random_tests;
pub(crate) mod roots;
pub(crate) mod schema;
mod search;
mod selection;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::idempotency_header::read_key;
use crate::request_body::read_body;
use crate::responses::json_response;

/// The media type of answers to GraphQL documents.
const GRAPHQL_TYPE: &str = "application/graphql-response+json";

/// Asks for validation by the specification.
const VALIDATION_HEADER: &str = "x-graphql-validation";

/// Answers `POST /graphql`.
pub(crate) async fn core(State(app): State<Arc<App>>, request: Request) -> Response {
    let caller = match app.authenticate(request.headers()).await {
        Ok(caller) => caller,
        Err(refused) => return refused.graphql_refusal(),
    };
    let is_strict = request.headers().get(VALIDATION_HEADER).is_some_and(|value| value == "strict");
    let key = read_key(request.headers());
    let refusal = refusal_status(request.headers());
    match read_request(request).await {
        Ok(document) => {
            let max_batch = app.settings.max_batch_size;
            core::handle(&caller, core::CoreRequest { document, key, is_strict, max_batch, refusal }).await
        }
        Err(error) => unreadable(error, refusal),
    }
}

/// Answers `POST /metadata`.
pub(crate) async fn metadata(State(app): State<Arc<App>>, request: Request) -> Response {
    let session = match app.session(request.headers()).await {
        Ok(session) => session,
        Err(refused) => return refused.graphql_refusal(),
    };
    match read_request(request).await {
        Ok(document) => match metadata::run(app, session, document).await {
            Ok(answer) => json_response(answer.status, &answer.body),
            Err(error) => error.graphql_refusal(),
        },
        Err(error) => unreadable(error, StatusCode::OK),
    }
}

/// The status for a document that nothing of was run. Clients look at `errors`; those that know only the
/// media type of GraphQL look at the status too (`graphql-core.md` 1.4).
fn refusal_status(headers: &HeaderMap) -> StatusCode {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types = accepted
        .flat_map(|value| value.split(','))
        .map(|accepted| accepted.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    match types.next() {
        Some(first) if first == GRAPHQL_TYPE && types.all(|other| other == GRAPHQL_TYPE) => {
            StatusCode::BAD_REQUEST
        }
        _ => StatusCode::OK,
    }
}

async fn read_request(request: Request) -> ApiResult<GraphqlRequest> {
    GraphqlRequest::read(&read_body(request.into_body()).await?)
}

/// A body from which no document can be read: an error that is no answer to a document.
fn unreadable(error: ApiError, refusal: StatusCode) -> Response {
    let status = match error.code {
        ErrorCode::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::MalformedBody => StatusCode::BAD_REQUEST,
        // JSON of the right form without a document is answered as a document that fails.
        _ => refusal,
    };
    json_response(status, &json!({"errors": [error.graphql_item()]}))
}

/// The body of a GraphQL request.
#[derive(Debug)]
pub(crate) struct GraphqlRequest {
    pub(crate) query: String,
    pub(crate) variables: Map<String, Json>,
    pub(crate) operation_name: Option<String>,
}

impl GraphqlRequest {
    /// Reads `{"query": …, "variables": …, "operationName": …}`.
    ///
    /// # Errors
    /// `MalformedBody` when it is no JSON object or a member has the wrong type, `InvalidQueryInput`
    /// without a query.
    pub(crate) fn read(body: &[u8]) -> ApiResult<Self> {
        let mut members = match serde_json::from_slice(body) {
            Ok(Json::Object(members)) => members,
            Ok(_) => {
                return Err(malformed("the body must be one object with a query; batches are not taken"));
            }
            Err(error) => return Err(malformed(&format!("the body is not JSON: {error}"))),
        };
        let Some(Json::String(query)) = members.remove("query") else {
            let message = "the body needs a query, which is text";
            return Err(ApiError::new(ErrorCode::InvalidQueryInput, message));
        };
        let variables = match members.remove("variables") {
            None | Some(Json::Null) => Map::new(),
            Some(Json::Object(variables)) => variables,
            Some(_) => return Err(malformed("variables must be an object")),
        };
        let operation_name = match members.remove("operationName") {
            None | Some(Json::Null) => None,
            Some(Json::String(name)) => Some(name).filter(|name| !name.is_empty()),
            Some(_) => return Err(malformed("operationName must be text")),
        };
        Ok(Self { query, variables, operation_name })
    }
}

fn malformed(message: &str) -> ApiError {
    ApiError::new(ErrorCode::MalformedBody, message)
}
