//! The records that are read: companies, and people who work there.

use std::net::SocketAddr;

use serde_json::{Value as Json, json};

use crate::{Outcome, load};

const COMPANIES: usize = 1000;
const PEOPLE: usize = 2000;

/// The most records that one request may create.
const BATCH: usize = 60;

/// Fills an empty workspace over its own REST API; the ids of the companies.
pub(crate) async fn fill(address: SocketAddr, token: &str) -> Outcome<Vec<String>> {
    let mut ids = Vec::with_capacity(COMPANIES);
    for numbers in batches(COMPANIES) {
        let records: Json = numbers.map(company).collect();
        let answer = create(address, token, "companies", records).await?;
        let created = answer["data"]["createCompanies"].as_array().ok_or("no companies were created")?;
        ids.extend(created.iter().filter_map(|company| Some(company["id"].as_str()?.to_owned())));
    }
    for numbers in batches(PEOPLE) {
        let records: Json = numbers.map(|number| person(number, &ids[number % ids.len()])).collect();
        create(address, token, "people", records).await?;
    }
    Ok(ids)
}

async fn create(address: SocketAddr, token: &str, objects: &str, records: Json) -> Outcome<Json> {
    load::fetch(address, &load::post(&format!("/rest/batch/{objects}"), token, &records)).await
}

fn batches(count: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    (0..count).step_by(BATCH).map(move |first| first..count.min(first + BATCH))
}

/// What a company has that somebody filled in; one in four has no revenue.
fn company(number: usize) -> Json {
    let revenue = json!({"amountMicros": number * 1_250_000_000, "currencyCode": "EUR"});
    let mut company = new_company(number);
    company["domainName"] = json!({"primaryLinkUrl": format!("https://company-{number}.example")});
    company["annualRevenue"] = if number.is_multiple_of(4) { Json::Null } else { revenue };
    company
}

/// A company without a domain, of which there can be many alike.
pub(crate) fn new_company(number: usize) -> Json {
    json!({
        "name": format!("Company \u{201c}{number}\u{201d} & Söhne"),
        "linkedinLink": {
            "primaryLinkUrl": format!("https://linkedin.example/company/{number}"),
            "primaryLinkLabel": format!("Company {number}"),
        },
        "address": {
            "addressStreet1": format!("{number} Harbour Street"),
            "addressCity": "Hamburg",
            "addressPostcode": "20457",
            "addressCountry": "Germany",
            "addressLat": 53.5,
            "addressLng": 9.25,
        },
        "annualRevenue": {"amountMicros": 4_000_000_000_i64, "currencyCode": "EUR"},
    })
}

fn person(number: usize, company: &str) -> Json {
    json!({
        "name": {"firstName": format!("Ada {number}"), "lastName": "Lovelace"},
        "emails": {"primaryEmail": format!("ada-{number}@people.example")},
        "jobTitle": "Engineer",
        "companyId": company,
    })
}
