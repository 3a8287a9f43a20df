//! A small HTTP client that speaks the four APIs.

use reqwest::Method;
use serde_json::{Value as Json, json};

/// A caller of one server.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

impl Client {
    pub(crate) fn new(url: &str, token: Option<&str>) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client can be made");
        Self { http, url: url.into(), token: token.map(Into::into) }
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(self.request(Method::GET, path)).await
    }

    /// A request with parameters, which are percent-encoded here.
    pub(crate) async fn get_with(&self, path: &str, parameters: &[(&str, &str)]) -> Response {
        self.send(self.request(Method::GET, path).query(parameters)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Json) -> Response {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Json) -> Response {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Response {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// A body that is sent as it stands, whether JSON or not.
    pub(crate) async fn post_text(&self, path: &str, body: impl Into<String>) -> Response {
        let request = self.request(Method::POST, path).header("content-type", "application/json");
        self.send(request.body(body.into())).await
    }

    /// A GraphQL document for the records.
    pub(crate) async fn graphql(&self, document: &str, variables: Json) -> Response {
        self.post("/graphql", json!({ "query": document, "variables": variables })).await
    }

    /// A GraphQL document for the records that is to be validated by the specification.
    pub(crate) async fn graphql_strictly(&self, document: &str) -> Response {
        let request = self.request(Method::POST, "/graphql").header("x-graphql-validation", "strict");
        self.send(request.json(&json!({ "query": document }))).await
    }

    /// A GraphQL document for the records, whose answer may have these media types.
    pub(crate) async fn graphql_accepting(&self, accept: &str, document: &str) -> Response {
        let request = self.request(Method::POST, "/graphql").header("accept", accept);
        self.send(request.json(&json!({ "query": document }))).await
    }

    /// A GraphQL document for the data model.
    pub(crate) async fn metadata(&self, document: &str, variables: Json) -> Response {
        self.post("/metadata", json!({ "query": document, "variables": variables })).await
    }

    /// A create that the server remembers by this key; `None` unless a whole answer came.
    pub(crate) async fn try_post_with_key(&self, path: &str, key: &str, body: &Json) -> Option<Response> {
        let request = self.request(Method::POST, path).header("idempotency-key", key).json(body);
        Response::read(request.send().await.ok()?).await
    }

    /// As `post`, for a server that may be gone: `None` unless a whole answer came.
    pub(crate) async fn try_post(&self, path: &str, body: Json) -> Option<Response> {
        Response::read(self.request(Method::POST, path).json(&body).send().await.ok()?).await
    }

    /// Any request with these headers.
    pub(crate) async fn send_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Json>,
    ) -> Response {
        let method = method.parse().expect("a method");
        let mut request = self.request(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(if let Some(body) = &body { request.json(body) } else { request }).await
    }

    /// Any request; the status and the bytes of the answer.
    pub(crate) async fn exchange(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&Json>,
    ) -> (u16, String) {
        let request = self.request(method, path).query(query);
        let request = if let Some(body) = body { request.json(body) } else { request };
        let answer = request.send().await.expect("the server answers");
        (answer.status().as_u16(), answer.text().await.expect("the answer is whole"))
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Response {
        let answer = request.send().await.expect("the server answers");
        Response::read(answer).await.expect("the answer is whole")
    }
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    /// The body; null when it is no JSON.
    pub(crate) body: Json,
}

impl Response {
    async fn read(answer: reqwest::Response) -> Option<Self> {
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = serde_json::from_slice(&answer.bytes().await.ok()?).unwrap_or_default();
        Some(Self { status, headers, body })
    }

    /// The status and the codes of the failure: `201`, `400 BadRequestException`,
    /// `400 Error INVALID_CURSOR`; over GraphQL `200 BAD_USER_INPUT INVALID_CURSOR`.
    pub(crate) fn outcome(&self) -> String {
        let error = &self.body["errors"][0];
        let extensions = &error["extensions"];
        if error.is_object() && extensions["code"].is_null() {
            return format!("{} (no code)", self.status);
        }
        let codes = [&self.body["error"], &self.body["code"], &extensions["code"], &extensions["subCode"]];
        let codes = codes.into_iter().filter_map(Json::as_str);
        std::iter::once(self.status.to_string().as_str()).chain(codes).collect::<Vec<_>>().join(" ")
    }

    /// A header's value; empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("headers are text"))
    }

    /// A part of the body by JSON pointer.
    ///
    /// # Panics
    /// When it is not there; the answer is part of the message.
    pub(crate) fn part(&self, pointer: &str) -> &Json {
        let part = self.body.pointer(pointer);
        part.unwrap_or_else(|| panic!("no {pointer} in {} {}", self.status, self.body))
    }

    /// A text in the body by JSON pointer.
    ///
    /// # Panics
    /// When there is none.
    pub(crate) fn text(&self, pointer: &str) -> String {
        let text = self.part(pointer).as_str();
        text.unwrap_or_else(|| panic!("no text at {pointer} in {}", self.body)).to_owned()
    }

    /// The items of a list in the body by JSON pointer.
    ///
    /// # Panics
    /// When there is none.
    pub(crate) fn list(&self, pointer: &str) -> &[Json] {
        let list = self.part(pointer).as_array();
        list.unwrap_or_else(|| panic!("no list at {pointer} in {}", self.body))
    }

    /// The message of a failure, over either door.
    pub(crate) fn message(&self) -> String {
        let places = ["/messages/0", "/message", "/message/0", "/errors/0/message"];
        let found = places.iter().find_map(|place| self.body.pointer(place)?.as_str());
        found.unwrap_or_else(|| panic!("no message in {} {}", self.status, self.body)).to_owned()
    }
}
