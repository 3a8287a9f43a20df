//! The REST door: paths and query strings in, envelopes out.

mod duplicates;
mod entity_tags;
mod envelope;
mod filter_text;
mod group_by;
mod path;
mod query_params;
#[cfg(test)]
mod random_tests;
mod records;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use crate::app::App;
use crate::error::ApiResult;
use crate::request_body::read_body;

pub(crate) use query_params::QueryParams;
#[cfg(test)]
pub(crate) use records::{RecordRequest, handle};

/// Answers `/rest/<objects>…`. Nothing is read of a request whose caller is not known.
pub(crate) async fn records(State(app): State<Arc<App>>, request: Request) -> ApiResult<Response> {
    let caller = app.authenticate(request.headers()).await?;
    let (parts, body) = request.into_parts();
    let request = records::RecordRequest {
        method: &parts.method,
        path: parts.uri.path().strip_prefix("/rest").unwrap_or_default(),
        query: parts.uri.query(),
        headers: &parts.headers,
        body: read_body(body).await?,
        max_batch: app.settings.max_batch_size,
    };
    records::handle(&caller, request).await
}
