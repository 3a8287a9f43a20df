//! The records that are read: companies, and people who work there.

use std::net::SocketAddr;

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::copies::Copy;
use crate::{Outcome, load};

pub(crate) const COMPANIES: usize = 1000;
const PEOPLE: usize = 2000;

/// How many people there are in the end; the others are copies of the last ones that were made one by one.
pub(crate) const ALL_PEOPLE: usize = 100_000;

/// One copy in so many is a curator.
const CURATORS: usize = 100;

/// The most records that one request may create.
const BATCH: usize = 60;

/// The ids of the records that requests made.
pub(crate) struct Dataset {
    pub(crate) companies: Vec<String>,
    people: Vec<String>,
}

/// Fills an empty workspace over its own REST API.
pub(crate) async fn fill(address: SocketAddr, token: &str) -> Outcome<Dataset> {
    let companies = fill_companies(address, token).await?;
    let person = |number: usize| person(number, &companies[number % companies.len()]);
    let people = make(address, token, ("people", "createPeople"), PEOPLE, person).await?;
    Ok(Dataset { companies, people })
}

/// The companies alone.
pub(crate) async fn fill_companies(address: SocketAddr, token: &str) -> Outcome<Vec<String>> {
    make(address, token, ("companies", "createCompanies"), COMPANIES, company).await
}

impl Dataset {
    /// The people who are left to be made. They work at the companies of the last people, so that the first
    /// companies have few.
    pub(crate) fn more_people(&self) -> impl Iterator<Item = Outcome<Copy>> + '_ {
        let engineers = &self.people[PEOPLE - COMPANIES / 2..PEOPLE - 1];
        let curator = &self.people[PEOPLE - 1];
        (PEOPLE..ALL_PEOPLE).map(move |number| {
            let is_curator = number.is_multiple_of(CURATORS);
            let template = if is_curator { curator } else { &engineers[number % engineers.len()] };
            Ok(Copy::new(number, format!("Ada {number}"), template.parse::<Uuid>()?))
        })
    }

    /// A company with many people.
    pub(crate) fn large_company(&self) -> &str {
        &self.companies[COMPANIES - 2]
    }
}

async fn make(
    address: SocketAddr,
    token: &str,
    (objects, answer_key): (&str, &str),
    count: usize,
    record: impl Fn(usize) -> Json,
) -> Outcome<Vec<String>> {
    let mut ids = Vec::with_capacity(count);
    for numbers in batches(count) {
        let answer = create(address, token, objects, numbers.map(&record).collect()).await?;
        let created = answer["data"][answer_key].as_array().ok_or("no records were created")?;
        ids.extend(created.iter().filter_map(|record| Some(record["id"].as_str()?.to_owned())));
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

/// What a company has in an upsert: some are there already, and one more each time is not.
pub(crate) fn upserted_company(number: usize) -> Json {
    let mut company = new_company(number);
    let new = load::SERIAL;
    let domain = match number.is_multiple_of(2) {
        true => format!("https://company-{number}.example"),
        false => format!("https://company-{new}-{number}.example"),
    };
    company["domainName"] = json!({"primaryLinkUrl": domain});
    company
}

/// A company without a domain, of which there can be many alike.
pub(crate) fn new_company(number: usize) -> Json {
    json!({
        "name": company_name(number),
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

pub(crate) fn company_name(number: usize) -> String {
    format!("Company \u{201c}{number}\u{201d} & Söhne")
}

fn person(number: usize, company: &str) -> Json {
    json!({
        "name": {"firstName": format!("Ada {number}"), "lastName": "Lovelace"},
        "emails": {"primaryEmail": format!("ada-{number}@people.example")},
        "jobTitle": if number == PEOPLE - 1 { "Curator of maps" } else { "Engineer" },
        "companyId": company,
    })
}
