//! Each `sslmode` connects as it says, to a server whose certificate is for `localhost`.

use serde_json::json;

use crate::support::postgres::cluster;
use crate::support::{Client, Running, TestData};

#[tokio::test]
async fn each_mode_protects_as_it_says() {
    let (data, credentials) = TestData::prepared();
    let database = data.database();
    let verified = database.tls_url();
    let (plain, ca) = (database.url(), cluster().ca.display());
    for (case, url, is_protected) in [
        ("verify-full", verified.clone(), true),
        // The address is no name of the certificate.
        ("verify-ca", format!("{plain}?sslmode=verify-ca&sslrootcert={ca}"), true),
        ("require", format!("{plain}?sslmode=require"), true),
        ("prefer, which is the default", plain.clone(), true),
        ("disable", format!("{plain}?sslmode=disable"), false),
    ] {
        let running = Running::start_at(&["--database-url", &url], &[]);
        let made = Client::new(&running.url, Some(&credentials.key))
            .post("/rest/companies", json!({ "name": case }))
            .await;
        assert_eq!(made.outcome(), "201", "{case}: {}", made.body);
        let connections = "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                           WHERE datname = current_database() AND application_name = 'fourfold'";
        let found = database.sql(connections);
        assert_eq!(found, if is_protected { "t" } else { "f" }, "{case}");
        running.terminate();
        assert!(running.wait().success(), "{case}");
    }
}
