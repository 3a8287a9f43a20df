//! Errors as clients read them: three REST bodies (`platform.md` 3.4), and the items of GraphQL.

use std::error::Error;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};

use crate::error::{ApiError, ErrorCode, RestShape};

/// The member of an error's extensions that holds a message for each broken rule, for REST alone.
pub(crate) const ALL_MESSAGES: &str = "messages";

impl ApiError {
    /// The body of a REST answer.
    pub(crate) fn rest_body(&self) -> Json {
        let row = self.code.row();
        let (status, error) = (row.status.as_u16(), row.rest_error);
        match row.shape {
            RestShape::Authentication => {
                json!({"statusCode": status, "messages": [self.message], "error": error})
            }
            RestShape::Handler if self.code == ErrorCode::MetadataValidation => {
                let mut body = json!({"statusCode": status, "error": error, "message": self.message});
                for member in ["errors", "summary", "userFriendlyMessage"] {
                    body[member] = self.extensions.get(member).cloned().unwrap_or_default();
                }
                body
            }
            RestShape::Handler => {
                let mut body = json!({"statusCode": status, "error": error, "messages": [self.message]});
                if let Some(code) = row.rest_code {
                    body["code"] = code.into();
                }
                body
            }
            RestShape::Framework => {
                let all = self.extensions.get(ALL_MESSAGES).cloned();
                let message = all.unwrap_or_else(|| self.message.as_str().into());
                json!({"statusCode": status, "message": message, "error": error})
            }
        }
    }

    /// An item of `errors`, without `path` and `locations`.
    pub(crate) fn graphql_item(self) -> Json {
        self.log();
        let friendly = Json::from(self.message.clone());
        self.into_item(friendly)
    }

    /// The answer to a GraphQL request whose token is refused before anything runs: no `data`.
    pub(crate) fn graphql_refusal(self) -> Response {
        self.log();
        let status = graphql_status([&self]);
        // Raised before a request has a language, so the contract has an object here, not text.
        let friendly = json!({"id": self.code.row().graphql_code, "message": self.message});
        json_response(status, &json!({"errors": [self.into_item(friendly)]}))
    }

    fn into_item(self, friendly: Json) -> Json {
        let row = self.code.row();
        let mut extensions = self.extensions;
        extensions.remove(ALL_MESSAGES);
        extensions.insert("code".into(), row.graphql_code.into());
        if let Some(sub_code) = row.sub_code {
            extensions.insert("subCode".into(), sub_code.into());
        }
        extensions.entry("userFriendlyMessage").or_insert(friendly);
        json!({"message": self.message, "extensions": extensions})
    }

    /// Tells the log what a client must not see. Called once, where the error leaves the server.
    fn log(&self) {
        let mut reasons = Vec::new();
        let mut next = self.source();
        while let Some(error) = next {
            reasons.push(error.to_string());
            next = error.source();
        }
        let reason = reasons.join(": ");
        match self.code {
            ErrorCode::Internal => tracing::error!(reason, "a request failed"),
            _ if reason.is_empty() => {}
            _ => tracing::warn!(reason, "a request could not be answered"),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        json_response(self.code.row().status, &self.rest_body())
    }
}

/// The status of a GraphQL answer with these errors: 200, or 503 where trying again soon helps, which
/// proxies and clients do by the status.
pub(crate) fn graphql_status<'e>(errors: impl IntoIterator<Item = &'e ApiError>) -> StatusCode {
    let mut statuses = errors.into_iter().map(|error| error.code.row().status);
    match statuses.any(|status| status == StatusCode::SERVICE_UNAVAILABLE) {
        true => StatusCode::SERVICE_UNAVAILABLE,
        false => StatusCode::OK,
    }
}

/// An answer of JSON.
pub(crate) fn json_response(status: StatusCode, body: &Json) -> Response {
    json_text_response(status, body.to_string())
}

/// An answer of JSON that is text already.
pub(crate) fn json_text_response(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[test]
    fn each_rest_shape_has_its_members() {
        for (code, expected) in [
            (
                ErrorCode::MissingToken,
                json!({"statusCode": 403, "messages": ["m"], "error": "FORBIDDEN_EXCEPTION"}),
            ),
            (
                ErrorCode::InvalidToken,
                json!({"statusCode": 401, "messages": ["m"], "error": "UNAUTHENTICATED"}),
            ),
            (
                ErrorCode::PermissionDenied,
                json!({"statusCode": 400, "error": "Error", "messages": ["m"], "code": "PERMISSION_DENIED"}),
            ),
            (
                ErrorCode::InvalidParameter,
                json!({"statusCode": 400, "error": "BadRequestException", "messages": ["m"]}),
            ),
            (ErrorCode::RouteNotFound, json!({"statusCode": 404, "message": "m", "error": "Not Found"})),
        ] {
            assert_eq!(ApiError::new(code, "m").rest_body(), expected, "{code:?}");
        }
    }

    #[test]
    fn graphql_items_carry_codes_and_further_members() {
        let error = ApiError::new(ErrorCode::InvalidToken, "m").with_extension("conflictingRecordId", "r");
        let expected = json!({"message": "m", "extensions": {
            "conflictingRecordId": "r", "code": "UNAUTHENTICATED", "subCode": "UNAUTHENTICATED",
            "userFriendlyMessage": "m"}});
        assert_eq!(error.graphql_item(), expected);
    }

    #[tokio::test]
    async fn a_refused_token_answers_without_data() {
        let response = ApiError::new(ErrorCode::InvalidToken, "m").graphql_refusal();
        assert_eq!(response.status(), StatusCode::OK);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let body: Json = serde_json::from_slice(&body).unwrap();
        assert_eq!(body.get("data"), None);
        assert_eq!(body["errors"][0]["extensions"]["userFriendlyMessage"]["message"], "m");
    }

    #[test]
    fn graphql_answers_503_where_trying_again_helps() {
        let error = |code| ApiError::new(code, "m");
        for (codes, status) in [
            (&[][..], 200),
            (&[ErrorCode::Internal, ErrorCode::MissingToken, ErrorCode::QueryTimeout], 200),
            (&[ErrorCode::RecordNotFound, ErrorCode::DatabaseUnavailable], 503),
            (&[ErrorCode::Busy], 503),
        ] {
            let errors: Vec<_> = codes.iter().copied().map(error).collect();
            assert_eq!(graphql_status(&errors).as_u16(), status, "{codes:?}");
        }
    }

    #[test]
    fn clients_learn_whether_trying_again_helps() {
        for (error, status, code) in [
            (StoreError::Busy, 503, "TIMEOUT"),
            (StoreError::Conflict, 503, "TIMEOUT"),
            (StoreError::Unavailable("db.internal refused".into()), 503, "TIMEOUT"),
            // The contract has no code of its own for statements that take too long.
            (StoreError::TimedOut, 504, "INTERNAL_SERVER_ERROR"),
            (StoreError::TooLarge, 400, "BAD_USER_INPUT"),
            (StoreError::Other("disk on fire".into()), 500, "INTERNAL_SERVER_ERROR"),
        ] {
            let error = ApiError::from(error);
            let row = error.code.row();
            assert_eq!((row.status.as_u16(), row.graphql_code), (status, code), "{error}");
            assert!(!error.rest_body().to_string().contains("db.internal"), "{error}");
        }
    }

    #[test]
    fn clients_do_not_see_what_broke() {
        let error = ApiError::internal("disk on fire");
        assert!(!error.rest_body().to_string().contains("fire"));
        assert!(!error.graphql_item().to_string().contains("fire"));
    }
}
