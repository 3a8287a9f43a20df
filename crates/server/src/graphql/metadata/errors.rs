//! Errors of this API: `message`, `name` and `extensions`, where clients look for codes.

use std::sync::{Mutex, PoisonError};

use apollo_compiler::resolvers::FieldError;
use apollo_compiler::response::GraphQLError;
use axum::http::StatusCode;
use serde_json::{Value as Json, json};

use crate::error::{ApiError, ErrorCode};
use crate::responses::graphql_status;

/// What stands before a place in the list; no message of the engine has it.
const MARK: char = '\u{1}';

/// The errors of one request. The engine carries only text, so that a resolver's error waits here
/// and its place in the list travels instead.
#[derive(Default)]
pub(super) struct ErrorSink(Mutex<Vec<Option<ApiError>>>);

impl ErrorSink {
    pub(super) fn keep(&self, error: ApiError) -> FieldError {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(Some(error));
        FieldError { message: format!("{MARK}{}", kept.len() - 1) }
    }

    /// The status of an answer with these errors.
    pub(super) fn status(&self) -> StatusCode {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        graphql_status(kept.iter().flatten())
    }

    /// The error of the engine as the client reads it.
    pub(super) fn describe(&self, error: GraphQLError) -> Json {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The engine puts words of its own before the message.
        let place = error.message.rsplit_once(MARK).and_then(|(_, place)| place.parse::<usize>().ok());
        let cause = place.and_then(|place| kept.get_mut(place)?.take());
        let mut told = match cause {
            Some(cause) => describe(cause),
            // Arguments that the engine could not read.
            None => describe(ApiError::new(ErrorCode::MetadataInput, error.message)),
        };
        told["path"] = json!(error.path);
        told["locations"] = json!(error.locations);
        told
    }
}

/// One item of `errors`.
pub(super) fn describe(error: ApiError) -> Json {
    let name = error_name(error.code.row().graphql_code);
    let mut told = error.graphql_item();
    if let Some(name) = name {
        told["name"] = json!(name);
    }
    told
}

fn error_name(graphql_code: &str) -> Option<&'static str> {
    Some(match graphql_code {
        "FORBIDDEN" => "ForbiddenError",
        "NOT_FOUND" => "NotFoundError",
        "BAD_USER_INPUT" => "UserInputError",
        "CONFLICT" => "ConflictError",
        "UNAUTHENTICATED" => "AuthenticationError",
        "GRAPHQL_VALIDATION_FAILED" => "ValidationError",
        "METADATA_VALIDATION_FAILED" => "GraphQLError",
        _ => return None,
    })
}
