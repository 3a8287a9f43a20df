//! `POST /metadata`: the GraphQL Metadata API.
//!
//! A static schema (`metadata/metadata.graphql`) is validated against, and run field by field: what
//! it tells comes from memory, so that resolving costs little.

mod arguments;
mod errors;
mod filter;
mod limits;
mod nodes;
mod paging;
mod root;

use std::sync::{Arc, OnceLock};

use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::resolvers::Execution;
use apollo_compiler::response::ExecutionResponse;
use apollo_compiler::validation::DiagnosticData;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use axum::http::StatusCode;
use serde_json::{Value as Json, json};

use super::introspection::json_map;
use super::{GraphqlRequest, document};
use crate::accounts::Session;
use crate::app::App;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::responses::graphql_status;
use errors::ErrorSink;
use root::Root;

const SCHEMA: &str = include_str!("metadata/metadata.graphql");

/// The schema, parsed on first use; called at start, so that a fault in it shows there.
pub(crate) fn schema() -> &'static Valid<Schema> {
    static PARSED: OnceLock<Valid<Schema>> = OnceLock::new();
    PARSED.get_or_init(|| {
        Schema::parse_and_validate(SCHEMA, "metadata.graphql")
            .unwrap_or_else(|errors| panic!("the metadata schema of this source tree: {}", errors.errors))
    })
}

/// What a document is answered.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Json,
}

/// Answers one document.
///
/// The engine's futures stay on one thread, and a large model takes long to describe; so each
/// document has a blocking thread, on which its changes wait for the database.
///
/// # Errors
/// `Internal` when that thread failed.
pub(super) async fn run(app: Arc<App>, session: Session, request: GraphqlRequest) -> ApiResult<Answer> {
    if let Session::Caller(caller) = &session {
        caller.workspace.catch_up().await?;
    }
    let runtime = tokio::runtime::Handle::current();
    let span = tracing::Span::current();
    let answer = move || span.in_scope(|| runtime.block_on(execute(&app, &session, request)));
    tokio::task::spawn_blocking(answer).await.map_err(ApiError::internal)
}

async fn execute(app: &App, session: &Session, request: GraphqlRequest) -> Answer {
    let document = match parse(&request.query) {
        Ok(document) => document,
        Err(errors) => return refused(errors),
    };
    let operation = match document.operations.get(request.operation_name.as_deref()) {
        Ok(operation) => operation,
        Err(error) => return refusal(ErrorCode::MalformedBody, &error.message().to_string()),
    };
    let variables = match coerce_variable_values(schema(), operation, &json_map(&request.variables)) {
        Ok(variables) => variables,
        Err(error) => return refusal(ErrorCode::MetadataInput, &error.message().to_string()),
    };
    let sink = Arc::new(ErrorSink::default());
    let root = Root::new(app, session, Arc::clone(&sink), operation.is_mutation());
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
///
/// # Errors
/// Everything that does not fit the schema; else the first thing that is wrong.
fn parse(query: &str) -> Result<Valid<ExecutableDocument>, Vec<ApiError>> {
    let document = document::parse(query).map_err(|error| vec![error])?;
    limits::check(&document).map_err(|error| vec![error])?;
    document.to_executable_validate(schema()).map_err(|refused| {
        // A selection of nothing but unknown fields is told as empty too; that says nothing new.
        let is_named = |error: &DiagnosticData, name| error.unstable_error_name() == Some(name);
        let has_unknown = refused.errors.iter().any(|told| is_named(told.error, "UndefinedField"));
        let told = refused.errors.iter();
        let told = told.filter(|told| !has_unknown || !is_named(told.error, "MissingSubselection"));
        let messages = told.map(|told| told.to_json().message);
        messages.map(|message| ApiError::new(ErrorCode::GraphqlValidationFailed, message)).collect()
    })
}

fn refusal(code: ErrorCode, message: &str) -> Answer {
    refused(vec![ApiError::new(code, message)])
}

fn refused(errors: Vec<ApiError>) -> Answer {
    let status = graphql_status(&errors);
    let errors: Vec<Json> = errors.into_iter().map(errors::describe).collect();
    Answer { status, body: json!({ "errors": errors }) }
}

fn with_errors(response: ExecutionResponse, sink: &ErrorSink) -> Answer {
    let data = json!(response.data);
    let status = sink.status();
    if response.errors.is_empty() {
        return Answer { status, body: json!({ "data": data }) };
    }
    let errors: Vec<Json> = response.errors.into_iter().map(|error| sink.describe(error)).collect();
    Answer { status, body: json!({"errors": errors, "data": data}) }
}

#[cfg(test)]
mod tests;
