//! Parameters that belong to another API, and those that belong to none.

use crate::outcome::assert_outcome;
use crate::support::TestServer;

#[tokio::test]
async fn another_apis_name_for_a_parameter_is_refused_with_the_right_one() {
    let server = TestServer::start();
    for (parameter, right) in [
        ("after", "starting_after"),
        ("before", "ending_before"),
        ("first", "limit"),
        ("last", "limit"),
        ("orderBy", "order_by"),
        ("sort", "order_by"),
        ("page", "starting_after"),
        ("offset", "starting_after"),
        ("cursor", "starting_after"),
    ] {
        let response = server.client().get_with("/rest/companies", &[(parameter, "1")]).await;
        assert_outcome(&response, "400 BadRequestException", parameter);
        for method in ["POST", "PATCH", "DELETE"] {
            let path = format!("/rest/companies?{parameter}=1");
            let refused = server.client().send_with(method, &path, &[], None).await;
            assert_outcome(&refused, "400 BadRequestException", &format!("{method} {path}"));
        }
        let message = response.message();
        assert!(message.contains(parameter) && message.contains(right), "{parameter}: {message}");
    }
}

#[tokio::test]
async fn other_unknown_parameters_are_ignored() {
    let server = TestServer::start();
    for query in ["colour=red", "limit:3", "filters=x", "=", "&&", "%zz=1"] {
        let response = server.client().get(&format!("/rest/companies?{query}")).await;
        assert_eq!(response.outcome(), "200", "{query}: {}", response.body);
    }
}
