//! Which comparators each type of field has in query strings.

use serde_json::json;

use crate::outcome::assert_outcome;
use crate::support::model::create_object;
use crate::support::{Client, TestServer};

const ALL: [&str; 13] = [
    "eq",
    "neq",
    "gt",
    "gte",
    "lt",
    "lte",
    "in",
    "is",
    "like",
    "ilike",
    "startsWith",
    "endsWith",
    "containsAny",
];

const TEXT: &str = "eq neq gt gte lt lte in is like ilike startsWith endsWith";
const ORDERED: &str = "eq neq gt gte lt lte in is";

/// `containsAny` of a select is `in` (`field-types.md`); GraphQL has it too.
const SELECT: &str = "eq neq gt gte lt lte in is containsAny";

const ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

/// Tries every comparator on what `path` leads to: these work, and the others are refused by name.
async fn assert_comparators(client: &Client, objects: &str, (path, value): (&str, &str), comparators: &str) {
    for comparator in ALL {
        let value = match comparator {
            "in" | "containsAny" => format!("[{value}]"),
            "is" => "NULL".into(),
            _ => value.to_owned(),
        };
        let filter = format!("{path}[{comparator}]:{value}");
        let answer = client.get(&format!("/rest/{objects}?filter={filter}")).await;
        let is_there = comparators.split(' ').any(|known| known == comparator);
        assert_outcome(&answer, if is_there { "200" } else { "400 BadRequestException" }, &filter);
        if !is_there {
            // A field of a related record is named as its own object has it.
            let (message, path) = (answer.message(), path.strip_prefix("company.").unwrap_or(path));
            assert!(message.contains(path) && message.contains(comparator), "{filter}: {message}");
        }
    }
}

#[tokio::test]
async fn each_type_has_its_comparators() {
    let server = TestServer::start();
    let client = server.client();
    let object = create_object(&client, "parcel").await;
    let options = json!([
        {"value": "A", "label": "A", "position": 0, "color": "green"},
        {"value": "B", "label": "B", "position": 1, "color": "red"},
    ]);
    for field_type in [
        "NUMBER",
        "BOOLEAN",
        "DATE",
        "DATE_TIME",
        "UUID",
        "SELECT",
        "RATING",
        "MULTI_SELECT",
        "ARRAY",
        "RAW_JSON",
        "FILES",
        "EMAILS",
        "PHONES",
        "LINKS",
        "ADDRESS",
        "CURRENCY",
        "FULL_NAME",
        "RICH_TEXT",
    ] {
        let name = format!("f{}", field_type.to_lowercase().replace('_', ""));
        let mut field = json!({"objectMetadataId": object, "type": field_type, "name": name, "label": name});
        if field_type.ends_with("SELECT") {
            field["options"] = options.clone();
        }
        if field_type == "FILES" {
            field["settings"] = json!({"maxNumberOfValues": 3});
        }
        let made = client.post("/rest/metadata/fields", field).await;
        assert_eq!(made.outcome(), "201", "{field_type}: {}", made.body);
    }
    for (path, value, comparators) in [
        ("name", "x", TEXT),
        ("fnumber", "1", ORDERED),
        ("position", "1", ORDERED),
        ("fboolean", "true", "eq is"),
        ("fdate", "2026-03-01", ORDERED),
        ("fdatetime", "2026-03-01T10:00:00Z", ORDERED),
        ("createdAt", "2026-03-01", ORDERED),
        ("fuuid", ID, ORDERED),
        ("id", ID, ORDERED),
        ("fselect", "A", SELECT),
        ("frating", "RATING_3", SELECT),
        ("fmultiselect", "A", "containsAny is"),
        ("farray", "x", "is"),
        ("frawjson", "x", "is like"),
        ("ffiles", "x", "is like"),
        ("searchVector", "x", "eq neq is"),
        ("ffullname.firstName", "x", TEXT),
        ("femails.primaryEmail", "x", TEXT),
        ("femails.additionalEmails", "x", "is like"),
        ("fphones.primaryPhoneNumber", "1", TEXT),
        ("fphones.primaryPhoneCountryCode", "FR", TEXT),
        ("fphones.primaryPhoneCallingCode", "%2B33", TEXT),
        ("fphones.additionalPhones", "x", "is like"),
        ("flinks.primaryLinkUrl", "x", TEXT),
        ("flinks.primaryLinkLabel", "x", TEXT),
        ("flinks.secondaryLinks", "x", "is like"),
        ("faddress.addressCity", "Oslo", TEXT),
        ("faddress.addressLat", "1.5", ORDERED),
        ("fcurrency.amountMicros", "1", ORDERED),
        ("fcurrency.currencyCode", "EUR", TEXT),
        ("createdBy.source", "API", SELECT),
        ("createdBy.workspaceMemberId", ID, ORDERED),
        ("createdBy.name", "x", TEXT),
        ("createdBy.context", "x", "is like"),
        ("frichtext.blocknote", "x", TEXT),
        ("frichtext.markdown", "x", TEXT),
    ] {
        assert_comparators(&client, "parcels", (path, value), comparators).await;
    }
}

#[tokio::test]
async fn join_columns_and_related_fields_are_compared() {
    let server = TestServer::start();
    let client = server.client();
    for (path, value, comparators) in [
        ("companyId", ID, ORDERED),
        ("company.name", "x", TEXT),
        ("company.address.addressCity", "Oslo", TEXT),
    ] {
        assert_comparators(&client, "people", (path, value), comparators).await;
    }
    for (filter, named) in [
        ("company[eq]:x", "company"),
        ("company[is]:NULL", "company"),
        ("companyId.x[eq]:x", "companyId"),
        ("company.accountOwner.name.firstName[eq]:x", "accountOwner"),
        ("company.people.jobTitle[eq]:x", "people"),
        ("noteTargets.id[eq]:x", "noteTargets"),
    ] {
        let refused = client.get(&format!("/rest/people?filter={filter}")).await;
        assert_outcome(&refused, "400 BadRequestException", filter);
        assert!(refused.message().contains(named), "{filter}: {}", refused.message());
    }
}
