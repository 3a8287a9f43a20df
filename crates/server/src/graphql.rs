//! The GraphQL door: documents in, `data` and `errors` out.

mod arguments;
pub(crate) mod core;
mod document;
pub(crate) mod introspection;
pub(crate) mod roots;
pub(crate) mod schema;
mod selection;

use serde_json::{Map, Value as Json};

use crate::error::{ApiError, ApiResult, ErrorCode};

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
    /// `MalformedBody` when it is no JSON object or a member has the wrong type.
    pub(crate) fn read(body: &[u8]) -> ApiResult<Self> {
        let mut members = match serde_json::from_slice(body) {
            Ok(Json::Object(members)) => members,
            Ok(_) => return Err(malformed("the body must be one object with a query; batches are not taken")),
            Err(error) => return Err(malformed(&format!("the body is not JSON: {error}"))),
        };
        let Some(Json::String(query)) = members.remove("query") else {
            return Err(malformed("the body needs a query, which is text"));
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
