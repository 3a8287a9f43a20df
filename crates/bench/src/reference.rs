//! The hand-written servers: what one would write for exactly these requests, and no others.
//!
//! They have the drivers, the settings of the database, the allocator and the HTTP library of Fourfold,
//! and run the same statements. They have no data model, no roles, no log and no plans: only HTTP and
//! what a row looks like as JSON is the same for both databases.

mod company;
mod groups;
mod json_row;
mod nested;
mod page;
mod person;
mod postgres;
mod related;
mod sort_key;
mod sqlite;

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
use company::{CompanyChange, NewCompany};
use postgres::PostgresCompanies;
pub(crate) use sort_key::sort_key;
use sqlite::SqliteCompanies;
pub(crate) use sqlite::connect;

/// Which people are asked for.
enum PeopleFilter {
    /// Those of the company with this id.
    Company(String),
    /// Those whose title is like this pattern, whatever its case.
    Title(String),
}

/// The requests, each answered with a whole body.
trait Companies: Send + Sync + 'static {
    fn list(&self, limit: u32) -> impl Future<Output = Outcome<Vec<u8>>> + Send;

    /// With all that is related to each company.
    fn list_related(&self, limit: u32) -> impl Future<Output = Outcome<Vec<u8>>> + Send;

    fn people(&self, filter: PeopleFilter, limit: u32) -> impl Future<Output = Outcome<Vec<u8>>> + Send;

    /// Companies by their city.
    fn groups(&self) -> impl Future<Output = Outcome<Vec<u8>>> + Send;

    /// None when there is no such company.
    fn find_one(&self, id: String) -> impl Future<Output = Outcome<Option<Vec<u8>>>> + Send;

    /// Companies with the names of their people, as the GraphQL document of the benchmark wants them.
    fn with_people(&self) -> impl Future<Output = Outcome<Vec<u8>>> + Send;

    /// Stores a company, durably, and answers it as it was stored.
    fn create(&self, company: NewCompany) -> impl Future<Output = Outcome<Vec<u8>>> + Send;

    /// Stores companies, all or none; or changes those whose domain is there already.
    fn create_many(
        &self,
        companies: Vec<NewCompany>,
        upsert: bool,
    ) -> impl Future<Output = Outcome<Vec<u8>>> + Send;

    /// None when there is no such company.
    fn update(
        &self,
        id: String,
        change: CompanyChange,
    ) -> impl Future<Output = Outcome<Option<Vec<u8>>>> + Send;
}

struct Reference<C> {
    companies: C,
    /// The only value of `Authorization` that is let in.
    authorization: String,
}

/// Serves a SQLite file to callers with `token`, and prints the URL, until the process is ended.
pub(crate) fn serve_sqlite(file: &Path, token: &str) -> Outcome<()> {
    serve(SqliteCompanies::open(file)?, token)
}

/// The same for a schema of a PostgreSQL database.
pub(crate) fn serve_postgres(url: &str, schema: &str, token: &str) -> Outcome<()> {
    serve(PostgresCompanies::new(url, schema)?, token)
}

fn serve<C: Companies>(companies: C, token: &str) -> Outcome<()> {
    let state = Arc::new(Reference { companies, authorization: format!("Bearer {token}") });
    let router = Router::new()
        .route("/rest/companies", get(list::<C>).post(create::<C>))
        .route("/rest/companies/{id}", get(find_one::<C>).patch(update::<C>))
        .route("/rest/companies/groupBy", get(groups::<C>))
        .route("/rest/batch/companies", post(create_many::<C>))
        .route("/rest/people", get(people::<C>))
        .route("/graphql", post(nested::<C>))
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
    #[serde(default)]
    depth: u8,
    #[serde(default)]
    filter: String,
}

#[derive(Deserialize)]
struct BatchQuery {
    #[serde(default)]
    upsert: bool,
}

async fn list<C: Companies>(
    State(state): State<Arc<Reference<C>>>,
    headers: HeaderMap,
    query: Query<ListQuery>,
) -> Response {
    if !state.lets_in(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let body = match query.depth {
        0 => state.companies.list(query.limit).await,
        _ => state.companies.list_related(query.limit).await,
    };
    answer(StatusCode::OK, body.map(Some))
}

/// This route knows two filters.
async fn people<C: Companies>(
    State(state): State<Arc<Reference<C>>>,
    headers: HeaderMap,
    query: Query<ListQuery>,
) -> Response {
    if !state.lets_in(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let filter = match query.filter.split_once(':') {
        Some(("companyId[eq]", id)) => PeopleFilter::Company(id.to_owned()),
        Some(("jobTitle[ilike]", pattern)) => PeopleFilter::Title(pattern.to_owned()),
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    answer(StatusCode::OK, state.companies.people(filter, query.limit).await.map(Some))
}

/// This route knows one grouping.
async fn groups<C: Companies>(State(state): State<Arc<Reference<C>>>, headers: HeaderMap) -> Response {
    if !state.lets_in(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    answer(StatusCode::OK, state.companies.groups().await.map(Some))
}

async fn find_one<C: Companies>(
    State(state): State<Arc<Reference<C>>>,
    headers: HeaderMap,
    UrlPath(id): UrlPath<String>,
) -> Response {
    if !state.lets_in(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    answer(StatusCode::OK, state.companies.find_one(id).await)
}

/// The body is read, but not looked at: this route knows one document.
async fn nested<C: Companies>(
    State(state): State<Arc<Reference<C>>>,
    headers: HeaderMap,
    _document: Bytes,
) -> Response {
    if !state.lets_in(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    answer(StatusCode::OK, state.companies.with_people().await.map(Some))
}

async fn create<C: Companies>(
    State(state): State<Arc<Reference<C>>>,
    headers: HeaderMap,
    Json(company): Json<NewCompany>,
) -> Response {
    if !state.lets_in(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    answer(StatusCode::CREATED, state.companies.create(company).await.map(Some))
}

async fn create_many<C: Companies>(
    State(state): State<Arc<Reference<C>>>,
    headers: HeaderMap,
    query: Query<BatchQuery>,
    Json(companies): Json<Vec<NewCompany>>,
) -> Response {
    if !state.lets_in(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    answer(StatusCode::CREATED, state.companies.create_many(companies, query.upsert).await.map(Some))
}

async fn update<C: Companies>(
    State(state): State<Arc<Reference<C>>>,
    headers: HeaderMap,
    UrlPath(id): UrlPath<String>,
    Json(change): Json<CompanyChange>,
) -> Response {
    if !state.lets_in(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    answer(StatusCode::OK, state.companies.update(id, change).await)
}

impl<C> Reference<C> {
    fn lets_in(&self, headers: &HeaderMap) -> bool {
        headers.get(AUTHORIZATION).is_some_and(|value| value.as_bytes() == self.authorization.as_bytes())
    }
}

fn answer(status: StatusCode, body: Outcome<Option<Vec<u8>>>) -> Response {
    match body {
        Ok(Some(body)) => (status, [(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        // What a database says is in the source of its driver's error.
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:?}")).into_response(),
    }
}
