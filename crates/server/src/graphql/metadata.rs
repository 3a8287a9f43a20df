//! `POST /metadata`: the GraphQL Metadata API.
//!
//! A static schema (`metadata/metadata.graphql`) is validated against, and run field by field: what
//! it tells comes from memory, so that resolving costs little.

pub(crate) mod accounts;
mod arguments;
mod errors;
mod filter;
mod limits;
mod nodes;
mod paging;
mod root;

use std::sync::{Arc, OnceLock};

use apollo_compiler::ast::Document;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::resolvers::Execution;
use apollo_compiler::response::{ExecutionResponse, JsonMap};
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{ExecutableDocument, Schema};
use axum::Json as JsonBody;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::error::{ApiError, ErrorCode};
use accounts::{Accounts, Session};
use errors::ErrorSink;
use root::Root;

const SCHEMA: &str = include_str!("metadata/metadata.graphql");

/// The body of a request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    query: Option<String>,
    #[serde(default)]
    variables: Option<JsonMap>,
    #[serde(default)]
    operation_name: Option<String>,
}

/// The schema, parsed on first use; called at start, so that a fault in it shows there.
pub(crate) fn schema() -> &'static Valid<Schema> {
    static PARSED: OnceLock<Valid<Schema>> = OnceLock::new();
    PARSED.get_or_init(|| {
        Schema::parse_and_validate(SCHEMA, "metadata.graphql")
            .unwrap_or_else(|errors| panic!("the metadata schema of this source tree: {}", errors.errors))
    })
}

/// Answers one request. The status is 200 but for a body that is no request at all.
pub(crate) async fn answer(session: &Session, accounts: &dyn Accounts, body: &[u8]) -> Response {
    let request: Request = match serde_json::from_slice(body) {
        Ok(request) => request,
        Err(error) => {
            let message = format!("the body must be a JSON object with a `query`: {error}");
            let error = ApiError::new(ErrorCode::MalformedBody, message);
            return (StatusCode::BAD_REQUEST, JsonBody(json!({"errors": [errors::describe(&error)]})))
                .into_response();
        }
    };
    JsonBody(run(session, accounts, request).await).into_response()
}

async fn run(session: &Session, accounts: &dyn Accounts, request: Request) -> Json {
    let Some(query) = request.query else {
        return refusal(ErrorCode::MalformedBody, "the body has no `query`");
    };
    let document = match parse(&query) {
        Ok(document) => document,
        Err(error) => return json!({"errors": [errors::describe(&error)]}),
    };
    let operation = match document.operations.get(request.operation_name.as_deref()) {
        Ok(operation) => operation,
        Err(error) => return refusal(ErrorCode::MalformedBody, &error.message().to_string()),
    };
    let variables = request.variables.unwrap_or_default();
    let variables = match coerce_variable_values(schema(), operation, &variables) {
        Ok(variables) => variables,
        Err(error) => return refusal(ErrorCode::MetadataInput, &error.message().to_string()),
    };
    let sink = Arc::new(ErrorSink::default());
    let root = Root::new(session, accounts, Arc::clone(&sink), operation.is_mutation());
    let executed = Execution::new(schema(), &document)
        .operation(operation)
        .coerced_variable_values(&variables)
        .enable_schema_introspection(true)
        .execute_async(&root)
        .await;
    match executed {
        Ok(response) => with_errors(response, &sink),
        Err(error) => refusal(ErrorCode::MetadataInput, &error.message().to_string()),
    }
}

/// Parses and validates a document, and measures it before anything expensive happens to it.
fn parse(query: &str) -> Result<Valid<ExecutableDocument>, ApiError> {
    let document = Document::parse(query, "query.graphql")
        .map_err(|errors| ApiError::new(ErrorCode::GraphqlParseFailed, first_message(&errors.errors)))?;
    limits::check(&document)?;
    document
        .to_executable_validate(schema())
        .map_err(|errors| ApiError::new(ErrorCode::GraphqlValidationFailed, first_message(&errors.errors)))
}

fn first_message(errors: &DiagnosticList) -> String {
    let first = errors.iter().next();
    first.map_or_else(|| "the document cannot be read".into(), |error| error.to_json().message)
}

fn refusal(code: ErrorCode, message: &str) -> Json {
    json!({"errors": [errors::describe(&ApiError::new(code, message))]})
}

fn with_errors(response: ExecutionResponse, sink: &ErrorSink) -> Json {
    let data = json!(response.data);
    if response.errors.is_empty() {
        return json!({"data": data});
    }
    let errors: Vec<Json> = response.errors.into_iter().map(|error| sink.describe(error)).collect();
    json!({"errors": errors, "data": data})
}

#[cfg(test)]
mod tests;
