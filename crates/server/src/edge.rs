//! What every request meets first and every answer last: its id, its line in the log, the headers
//! for browsers, and a net for panics.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN,
    RETRY_AFTER, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tower::ServiceExt;
use tracing::Instrument;

use crate::error::ApiError;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// When to come back after a 503: what causes one, a queue or a restart, is over within seconds.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// The longest id that is taken over from a client or a proxy.
const MAX_REQUEST_ID_BYTES: usize = 128;

/// The routes with everything around them.
pub(crate) struct Edge {
    router: Router,
    /// The origin of the server's own URL, which browsers may use with credentials.
    own_origin: Option<HeaderValue>,
    ids: RequestIds,
}

impl Edge {
    pub(crate) fn new(router: Router, server_url: &str) -> Self {
        Self { router, own_origin: origin_of(server_url), ids: RequestIds::new() }
    }

    /// Answers one request; a panic becomes a 500.
    pub(crate) async fn answer<B>(&self, request: Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let started = Instant::now();
        let id = self.ids.of(request.headers());
        // At the highest level, so that the lines of a request carry its id whatever else is filtered.
        let span = tracing::error_span!("request", id = id.to_str().unwrap_or_default());
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let origin = request.headers().get(ORIGIN).cloned();
        let answer = async {
            let response = match method {
                Method::OPTIONS => preflight(request.headers()),
                _ => self.route(request.map(Body::new)).await,
            };
            log(&method, &uri, response.status(), started);
            response
        };
        let mut response = answer.instrument(span).await;
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        self.add_headers(response.headers_mut(), id, origin.as_ref());
        response
    }

    async fn route(&self, request: Request<Body>) -> Response {
        match AssertUnwindSafe(self.router.clone().oneshot(request)).catch_unwind().await {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(panic) => ApiError::internal(panic_message(panic.as_ref())).into_response(),
        }
    }

    /// Browsers of any origin may send bearer tokens (`platform.md` 12); only the server's own origin
    /// is named back.
    fn add_headers(&self, headers: &mut HeaderMap, id: HeaderValue, origin: Option<&HeaderValue>) {
        let own = origin.filter(|origin| self.own_origin.as_ref() == Some(origin));
        let allowed = own.cloned().unwrap_or(HeaderValue::from_static("*"));
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(
                "ETag, Idempotency-Replayed, Retry-After, WWW-Authenticate, X-Request-Id",
            ),
        );
        headers.append(VARY, HeaderValue::from_static("Origin"));
        headers.insert(REQUEST_ID, id);
    }
}

fn log(method: &Method, uri: &Uri, status: StatusCode, started: Instant) {
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    // Without the query: filters may hold personal data.
    tracing::info!(target: "fourfold::requests", %method, path = uri.path(), status = status.as_u16(), micros);
}

fn preflight(headers: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let methods = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    if let Some(requested) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_HEADERS, requested.clone());
        response.headers_mut().insert(VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
    }
    response
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("a request panicked: {}", text.unwrap_or("without a message"))
}

/// `https://crm.example.com/path` has the origin `https://crm.example.com`.
fn origin_of(url: &str) -> Option<HeaderValue> {
    let uri: Uri = url.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    HeaderValue::try_from(format!("{scheme}://{authority}")).ok()
}

/// Ids of requests: eight digits of chance for the process, then a count.
struct RequestIds {
    process: u32,
    next: AtomicU64,
}

impl RequestIds {
    fn new() -> Self {
        Self { process: rand::random(), next: AtomicU64::new(1) }
    }

    /// The id that came with the request if it is a plain word, otherwise a fresh one.
    fn of(&self, headers: &HeaderMap) -> HeaderValue {
        let given = headers.get(REQUEST_ID).filter(|value| is_plain_word(value.as_bytes()));
        given.cloned().unwrap_or_else(|| {
            let count = self.next.fetch_add(1, Ordering::Relaxed);
            HeaderValue::try_from(format!("{:08x}-{count:08x}", self.process))
                .unwrap_or(HeaderValue::from_static("unknown"))
        })
    }
}

fn is_plain_word(bytes: &[u8]) -> bool {
    (1..=MAX_REQUEST_ID_BYTES).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:=+/".contains(byte))
}

#[cfg(test)]
mod tests {
    use axum::routing::get;

    use super::*;
    use crate::store::StoreError;

    async fn be_busy() -> ApiError {
        StoreError::Busy.into()
    }

    async fn explode() -> &'static str {
        panic!("on purpose")
    }

    fn edge() -> Edge {
        let router = Router::new()
            .route("/", get(async || "fine"))
            .route("/busy", get(be_busy))
            .route("/panic", get(explode));
        Edge::new(router, "https://crm.example.com/")
    }

    async fn send(method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        edge().answer(request.body(Body::empty()).unwrap()).await
    }

    fn header<'a>(response: &'a Response, name: &str) -> &'a str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn every_answer_has_a_request_id() {
        let long = "a".repeat(129);
        for (given, kept) in [("abc-1", true), ("a b", false), ("", false), (long.as_str(), false)] {
            let response = send("GET", "/", &[("x-request-id", given)]).await;
            let id = header(&response, "x-request-id");
            assert!(!id.is_empty() && (id == given) == kept, "{given} became {id}");
        }
        let first = edge();
        let ids = [first.ids.of(&HeaderMap::new()), first.ids.of(&HeaderMap::new())];
        assert_ne!(ids[0], ids[1]);
    }

    #[tokio::test]
    async fn a_panic_becomes_an_answer_that_tells_nothing() {
        let response = send("GET", "/panic", &[]).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!header(&response, "x-request-id").is_empty());
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("on purpose"), "{body:?}");
    }

    #[tokio::test]
    async fn only_a_503_says_when_to_come_back() {
        for (path, status, retry_after) in [("/busy", 503, "1"), ("/", 200, ""), ("/panic", 500, "")] {
            let response = send("GET", path, &[]).await;
            let answered = (response.status().as_u16(), header(&response, "retry-after"));
            assert_eq!(answered, (status, retry_after), "{path}");
        }
    }

    #[tokio::test]
    async fn browsers_are_let_in() {
        for (origin, allowed) in
            [("https://crm.example.com", "https://crm.example.com"), ("https://evil.example", "*")]
        {
            let response = send("GET", "/", &[("origin", origin)]).await;
            assert_eq!(header(&response, "access-control-allow-origin"), allowed);
            assert_eq!(header(&response, "access-control-allow-credentials"), "true");
            assert_eq!(header(&response, "vary"), "Origin");
        }
        let asked =
            [("origin", "https://a.example"), ("access-control-request-headers", "authorization,x-a")];
        let response = send("OPTIONS", "/anything", &asked).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(header(&response, "access-control-allow-headers"), "authorization,x-a");
        assert_eq!(header(&response, "access-control-allow-methods"), "GET,HEAD,PUT,PATCH,POST,DELETE");
    }
}
