//! Every route on one page.

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{any, get, post};

use crate::app::App;
use crate::error::{ApiError, ErrorCode};
use crate::{data_model, graphql, rest};

/// All routes. Unknown ones answer `RouteNotFound`, other methods `MethodNotAllowed`.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/rest/metadata/{*path}", any(data_model::rest::answer))
        .route("/rest", any(rest::records))
        .route("/rest/", any(rest::records))
        .route("/rest/{*path}", any(rest::records))
        .route("/metadata", post(graphql::metadata))
        .route("/graphql", post(graphql::core))
        .route("/healthz", get(health))
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .with_state(app)
}

/// The server lives. Looks at nothing, so that a slow disk does not get it restarted.
async fn health() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "application/json; charset=utf-8")],
        r#"{"status":"ok","info":{},"error":{},"details":{}}"#,
    )
}

async fn unknown_route() -> ApiError {
    ApiError::new(ErrorCode::RouteNotFound, "no route has this path")
}

async fn wrong_method() -> ApiError {
    ApiError::new(ErrorCode::MethodNotAllowed, "this route does not take this method")
}
