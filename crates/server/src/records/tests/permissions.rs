//! What a role must allow for duplicates and merges.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method};
use serde_json::{Value as Json, json};

use super::random::Random;
use super::samples::Samples;
use crate::accounts::{Caller, Role};
use crate::error::ErrorCode;
use crate::rest::{RecordRequest, handle};

/// Why a request over REST is refused, if it is.
async fn refusal(caller: &Caller, method: Method, path: &str, body: &Json) -> Option<ErrorCode> {
    let body = Bytes::from(body.to_string());
    let request =
        RecordRequest { method: &method, path, query: None, headers: &HeaderMap::new(), body, max_batch: 60 };
    handle(caller, request).await.err().map(|error| error.code)
}

#[tokio::test]
async fn duplicates_need_reading_and_merges_updating_and_destroying() {
    let samples = Samples::create().await;
    let denied = Some(ErrorCode::PermissionDenied);
    let with = |change: fn(&mut Role)| {
        let mut caller = samples.caller().clone();
        let mut role = (*caller.role).clone();
        change(&mut role);
        caller.role = Arc::new(role);
        caller
    };
    for (caller, may_find, may_merge) in [
        (with(|_| {}), None, None),
        (with(|role| role.can_read_all_object_records = false), denied, None),
        (with(|role| role.can_update_all_object_records = false), None, denied),
        (with(|role| role.can_destroy_all_object_records = false), None, denied),
        (with(|role| role.can_soft_delete_all_object_records = false), None, None),
    ] {
        let body = json!({"data": [{"name": "Acme"}]});
        assert_eq!(refusal(&caller, Method::POST, "/companies/duplicates", &body).await, may_find);
        for dry_run in [true, false] {
            let ids = samples.make("company", vec![super::samples::company(&mut Random::new(1)); 2]).await;
            let body = json!({"ids": ids, "conflictPriorityIndex": 0, "dryRun": dry_run});
            assert_eq!(refusal(&caller, Method::PATCH, "/companies/merge", &body).await, may_merge);
        }
    }
}
