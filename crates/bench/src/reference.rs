//! The hand-written server: what one would write for exactly these four requests, and no others.
//!
//! It has the driver, the settings of SQLite, the allocator and the HTTP library of Fourfold, and runs
//! the same statements. It has no data model, no roles, no log and no plans: nothing is generic.

mod company;
mod database;
mod json_row;
mod nested;

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path as UrlPath, Query, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde::Deserialize;

use crate::Outcome;
use company::NewCompany;
use database::Database;

struct Reference {
    database: Database,
    /// The only value of `Authorization` that is let in.
    authorization: String,
}

/// Serves `file` to callers with `token`, and prints the URL, until the process is ended.
pub(crate) fn serve(file: &Path, token: &str) -> Outcome<()> {
    let database = Database::open(file)?;
    let state = Arc::new(Reference { database, authorization: format!("Bearer {token}") });
    let router = Router::new()
        .route("/rest/companies", get(list).post(create))
        .route("/rest/companies/{id}", get(find_one))
        .route("/graphql", post(nested))
        .with_state(state);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        println!("the reference serves http://{}", listener.local_addr()?);
        let listener = listener.tap_io(|stream| _ = stream.set_nodelay(true));
        Ok(axum::serve(listener, router).await?)
    })
}

#[derive(Deserialize)]
struct ListQuery {
    limit: u32,
}

async fn list(State(state): State<Arc<Reference>>, headers: HeaderMap, query: Query<ListQuery>) -> Response {
    let limit = query.limit;
    state.read(&headers, move |connection| company::list(connection, limit)).await
}

async fn find_one(
    State(state): State<Arc<Reference>>,
    headers: HeaderMap,
    UrlPath(id): UrlPath<String>,
) -> Response {
    state.read(&headers, move |connection| company::find_one(connection, &id)).await
}

/// The body is read, but not looked at: this route knows one document.
async fn nested(State(state): State<Arc<Reference>>, headers: HeaderMap, _document: Bytes) -> Response {
    state.read(&headers, nested::companies_with_people).await
}

async fn create(
    State(state): State<Arc<Reference>>,
    headers: HeaderMap,
    Json(company): Json<NewCompany>,
) -> Response {
    if !state.lets_in(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let created = state.database.write(move |connection| company::create(connection, &company)).await;
    answer(StatusCode::CREATED, created.map(Some))
}

impl Reference {
    fn lets_in(&self, headers: &HeaderMap) -> bool {
        headers.get(AUTHORIZATION).is_some_and(|value| value.as_bytes() == self.authorization.as_bytes())
    }

    async fn read(
        &self,
        headers: &HeaderMap,
        work: impl FnOnce(&rusqlite::Connection) -> Outcome<Option<Vec<u8>>> + Send + 'static,
    ) -> Response {
        if !self.lets_in(headers) {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        answer(StatusCode::OK, self.database.read(work).await)
    }
}

fn answer(status: StatusCode, body: Outcome<Option<Vec<u8>>>) -> Response {
    match body {
        Ok(Some(body)) => (status, [(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
