//! The statements of the four requests.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use crate::Outcome;
use crate::reference::company::{self, NewCompany, Page, with_company_columns};
use crate::reference::nested::CompaniesWithPeople;
use crate::reference::sort_key::sort_key;

const PAGE: &str =
    with_company_columns!("SELECT", r#"FROM "company" WHERE "deletedAt" IS NULL ORDER BY "id" LIMIT ?"#);
const COUNT: &str = r#"SELECT count(*) FROM "company" WHERE "deletedAt" IS NULL"#;
const ONE: &str = with_company_columns!("SELECT", r#"FROM "company" WHERE "id" = ? AND "deletedAt" IS NULL"#);

/// The name of whoever creates is that of the API key.
const INSERT: &str = r#"INSERT INTO "company" ("id", "name", "name_key",
    "linkedinLinkPrimaryLinkLabel", "linkedinLinkPrimaryLinkLabel_key",
    "linkedinLinkPrimaryLinkUrl", "linkedinLinkPrimaryLinkUrl_key",
    "addressAddressStreet1", "addressAddressStreet1_key", "addressAddressCity", "addressAddressCity_key",
    "addressAddressPostcode", "addressAddressPostcode_key",
    "addressAddressCountry", "addressAddressCountry_key", "addressAddressLat", "addressAddressLng",
    "annualRevenueAmountMicros", "annualRevenueCurrencyCode", "annualRevenueCurrencyCode_key",
    "createdAt", "updatedAt", "createdBySource", "createdByName", "createdByName_key", "createdByContext",
    "updatedBySource", "updatedByName", "updatedByName_key", "updatedByContext", "position")
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
    ?21, ?21, 'API', 'bench', ?22, '{}', 'API', 'bench', ?22, '{}',
    (SELECT coalesce(min("position"), 1) - 1 FROM "company"))"#;

const NESTED_COMPANIES: &str = r#"SELECT "id", "name", "annualRevenueAmountMicros" FROM "company"
    WHERE "deletedAt" IS NULL ORDER BY "id" LIMIT 20"#;

/// The people of all companies at once, at most 60 of each.
const NESTED_PEOPLE: &str = r#"SELECT p.key, t."id", t."nameFirstName", t."nameLastName"
    FROM json_each(?) AS p JOIN "person" AS t ON t."id" IN (
        SELECT "id" FROM "person" WHERE "companyId" = p.value AND "deletedAt" IS NULL
        ORDER BY "id" LIMIT 60)
    ORDER BY p.key, t."id""#;

/// A page with its total, both from one snapshot.
pub(super) fn list(connection: &Connection, limit: u32) -> Outcome<Vec<u8>> {
    let mut page = Page::new(limit);
    let total = in_snapshot(connection, || {
        each(connection, PAGE, [limit + 1], |row| page.push(row))?;
        Ok(connection.prepare_cached(COUNT)?.query_row([], |row| row.get(0))?)
    })?;
    page.finish(total)
}

/// One company, if it is there.
pub(super) fn find_one(connection: &Connection, id: &str) -> Outcome<Option<Vec<u8>>> {
    read_one(connection, id, r#"{"data":{"company":"#)
}

pub(super) fn with_people(connection: &Connection) -> Outcome<Vec<u8>> {
    let mut companies = CompaniesWithPeople::default();
    let mut ids: Vec<String> = Vec::new();
    in_snapshot(connection, || {
        each(connection, NESTED_COMPANIES, [], |row| {
            ids.push(row.get(0)?);
            companies.push(row)
        })?;
        each(connection, NESTED_PEOPLE, [serde_json::to_string(&ids)?], |row| {
            companies.push_person(usize::try_from(row.get::<_, i64>(0)?)?, row)
        })
    })?;
    Ok(companies.finish())
}

/// Stores a company in a transaction of its own, and answers it as it was stored.
pub(super) fn create(connection: &Connection, company: &NewCompany) -> Outcome<Vec<u8>> {
    let transaction = connection.unchecked_transaction()?;
    let id = Uuid::now_v7().to_string();
    let NewCompany { name, linkedin_link: link, address, annual_revenue: revenue } = company;
    transaction.prepare_cached(INSERT)?.execute(params![
        id,
        name.text,
        name.key,
        link.primary_link_label.text,
        link.primary_link_label.key,
        link.primary_link_url.text,
        link.primary_link_url.key,
        address.address_street1.text,
        address.address_street1.key,
        address.address_city.text,
        address.address_city.key,
        address.address_postcode.text,
        address.address_postcode.key,
        address.address_country.text,
        address.address_country.key,
        address.address_lat,
        address.address_lng,
        revenue.amount_micros,
        revenue.currency_code.text,
        revenue.currency_code.key,
        Timestamp::now().as_millisecond(),
        sort_key("bench"),
    ])?;
    let body = read_one(&transaction, &id, r#"{"data":{"createCompany":"#)?;
    transaction.commit()?;
    body.ok_or_else(|| "the company that was stored is not there".into())
}

fn read_one(connection: &Connection, id: &str, before: &str) -> Outcome<Option<Vec<u8>>> {
    let mut statement = connection.prepare_cached(ONE)?;
    statement.query_row([id], |row| Ok(company::one(before, row))).optional()?.transpose()
}

/// Runs `read` in a transaction, which ends whatever it says.
fn in_snapshot<T>(connection: &Connection, read: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    let found = read();
    connection.prepare_cached("COMMIT")?.execute([])?;
    found
}

fn each(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    mut take: impl FnMut(&Row<'_>) -> Outcome<()>,
) -> Outcome<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}
