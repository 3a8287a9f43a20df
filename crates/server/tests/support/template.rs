//! Data that is prepared once and copied for each test.

use std::sync::OnceLock;

use super::server::{Credentials, Running};
use super::test_data::TestData;

struct Template {
    data: TestData,
    credentials: Credentials,
}

/// A copy of the prepared data; the credentials that work there.
pub(super) fn copy() -> (TestData, Credentials) {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    let template = TEMPLATE.get_or_init(prepare);
    (template.data.copy(), template.credentials.clone())
}

fn prepare() -> Template {
    let data = TestData::for_template();
    let running = Running::start(&data, &["--empty"]);
    let credentials = running.wait_for_credentials();
    // An orderly end, so that the copies have no log to replay and nobody is connected.
    running.terminate();
    assert!(running.wait().success(), "the server that prepares the template ends well");
    Template { data, credentials }
}
