//! Companies over REST: a page of them, one of them, a new one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use serde::Deserialize;
use uuid::Uuid;

use super::json_row::JsonRow;
use crate::Outcome;

/// `SELECT` with all columns, in the order in which [`write_company`] writes them, then the rest.
macro_rules! select_company {
    ($rest:literal) => {
        concat!(
            r#"SELECT "name", "domainNamePrimaryLinkLabel", "domainNamePrimaryLinkUrl", "domainNameSecondaryLinks",
            "createdBySource", "createdByWorkspaceMemberId", "createdByName", "createdByContext",
            "accountOwnerId", "createdAt",
            "linkedinLinkPrimaryLinkLabel", "linkedinLinkPrimaryLinkUrl", "linkedinLinkSecondaryLinks",
            "addressAddressStreet1", "addressAddressStreet2", "addressAddressCity", "addressAddressPostcode",
            "addressAddressState", "addressAddressCountry", "addressAddressLat", "addressAddressLng",
            "annualRevenueAmountMicros", "annualRevenueCurrencyCode", "id", "updatedAt", "deletedAt",
            "updatedBySource", "updatedByWorkspaceMemberId", "updatedByName", "updatedByContext",
            "position", "searchVector" FROM "company" "#,
            $rest
        )
    };
}

const ID: usize = 23;

const PAGE: &str = select_company!(r#"WHERE "deletedAt" IS NULL ORDER BY "id" LIMIT ?"#);
const COUNT: &str = r#"SELECT count(*) FROM "company" WHERE "deletedAt" IS NULL"#;
const ONE: &str = select_company!(r#"WHERE "id" = ? AND "deletedAt" IS NULL"#);
const INSERT: &str = r#"INSERT INTO "company" ("id", "name",
    "linkedinLinkPrimaryLinkLabel", "linkedinLinkPrimaryLinkUrl",
    "addressAddressStreet1", "addressAddressCity", "addressAddressPostcode", "addressAddressCountry",
    "addressAddressLat", "addressAddressLng", "annualRevenueAmountMicros", "annualRevenueCurrencyCode",
    "createdAt", "updatedAt", "createdBySource", "createdByName", "createdByContext",
    "updatedBySource", "updatedByName", "updatedByContext", "position")
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13,
    'API', 'bench', '{}', 'API', 'bench', '{}', (SELECT coalesce(min("position"), 1) - 1 FROM "company"))"#;

/// A page with its total, both from one snapshot.
pub(super) fn list(connection: &Connection, limit: u32) -> Outcome<Option<Vec<u8>>> {
    let mut body = Vec::with_capacity(64 << 10);
    body.extend_from_slice(br#"{"data":{"companies":["#);
    connection.prepare_cached("BEGIN")?.execute([])?;
    let page = write_page(connection, limit, &mut body);
    let total = connection.prepare_cached(COUNT)?.query_row([], |row| row.get::<_, i64>(0));
    connection.prepare_cached("COMMIT")?.execute([])?;
    let (page, total) = (page?, total?);
    let tail = format!(
        r#"]}},"totalCount":{total},"pageInfo":{{"startCursor":{},"endCursor":{},"hasNextPage":{},"hasPreviousPage":false}}}}"#,
        cursor(page.first_id.as_deref()),
        cursor(page.last_id.as_deref()),
        page.has_next
    );
    body.extend_from_slice(tail.as_bytes());
    Ok(Some(body))
}

/// Where a page begins and ends.
#[derive(Default)]
struct Page {
    first_id: Option<String>,
    last_id: Option<String>,
    has_next: bool,
}

fn write_page(connection: &Connection, limit: u32, out: &mut Vec<u8>) -> Outcome<Page> {
    let mut statement = connection.prepare_cached(PAGE)?;
    let mut rows = statement.query([limit + 1])?;
    let mut page = Page::default();
    let mut written = 0;
    while let Some(row) = rows.next()? {
        if written == limit {
            page.has_next = true;
            break;
        }
        written += 1;
        if written == 1 {
            page.first_id = Some(row.get(ID)?);
        } else {
            out.push(b',');
        }
        if written == limit {
            page.last_id = Some(row.get(ID)?);
        }
        write_company(row, out)?;
    }
    Ok(page)
}

fn cursor(id: Option<&str>) -> String {
    match id {
        Some(id) => format!("\"{}\"", STANDARD.encode(format!(r#"{{"id":"{id}"}}"#))),
        None => "null".into(),
    }
}

/// One company, if it is there.
pub(super) fn find_one(connection: &Connection, id: &str) -> Outcome<Option<Vec<u8>>> {
    write_one(connection, id, r#"{"data":{"company":"#)
}

fn write_one(connection: &Connection, id: &str, before: &str) -> Outcome<Option<Vec<u8>>> {
    let mut body = Vec::with_capacity(2 << 10);
    body.extend_from_slice(before.as_bytes());
    let mut statement = connection.prepare_cached(ONE)?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    write_company(row, &mut body)?;
    body.extend_from_slice(b"}}");
    Ok(Some(body))
}

/// A company as it is sent in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewCompany {
    name: String,
    linkedin_link: NewLink,
    address: NewAddress,
    annual_revenue: NewAmount,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewLink {
    primary_link_url: String,
    primary_link_label: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewAddress {
    address_street1: String,
    address_city: String,
    address_postcode: String,
    address_country: String,
    address_lat: f64,
    address_lng: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewAmount {
    amount_micros: i64,
    currency_code: String,
}

/// Stores a company in a transaction of its own, and answers it as it was stored.
pub(super) fn create(connection: &Connection, company: &NewCompany) -> Outcome<Vec<u8>> {
    let transaction = connection.unchecked_transaction()?;
    let id = Uuid::now_v7().to_string();
    let NewCompany { name, linkedin_link: link, address, annual_revenue: revenue } = company;
    transaction.prepare_cached(INSERT)?.execute(params![
        id,
        name,
        link.primary_link_label,
        link.primary_link_url,
        address.address_street1,
        address.address_city,
        address.address_postcode,
        address.address_country,
        address.address_lat,
        address.address_lng,
        revenue.amount_micros,
        revenue.currency_code,
        Timestamp::now().as_millisecond(),
    ])?;
    let body = write_one(&transaction, &id, r#"{"data":{"createCompany":"#)?;
    transaction.commit()?;
    body.ok_or_else(|| "the company that was stored is not there".into())
}

fn write_company(row: &Row<'_>, out: &mut Vec<u8>) -> Outcome<()> {
    let mut json = JsonRow::new(row, out);
    json.text(r#"{"name":"#)?
        .text(r#","domainName":{"primaryLinkLabel":"#)?
        .text(r#","primaryLinkUrl":"#)?
        .json(r#","secondaryLinks":"#, "[]")?
        .text(r#"},"createdBy":{"source":"#)?
        .optional_text(r#","workspaceMemberId":"#)?
        .text(r#","name":"#)?
        .json(r#","context":"#, "{}")?
        .optional_text(r#"},"accountOwnerId":"#)?
        .instant(r#","createdAt":"#)?
        .text(r#","linkedinLink":{"primaryLinkLabel":"#)?
        .text(r#","primaryLinkUrl":"#)?
        .json(r#","secondaryLinks":"#, "[]")?
        .text(r#"},"address":{"addressStreet1":"#)?
        .text(r#","addressStreet2":"#)?
        .text(r#","addressCity":"#)?
        .text(r#","addressPostcode":"#)?
        .text(r#","addressState":"#)?
        .text(r#","addressCountry":"#)?
        .float(r#","addressLat":"#)?
        .float(r#","addressLng":"#)?
        .integer(r#"},"annualRevenue":{"amountMicros":"#)?
        .optional_text(r#","currencyCode":"#)?
        .text(r#"},"id":"#)?
        .instant(r#","updatedAt":"#)?
        .instant(r#","deletedAt":"#)?
        .text(r#","updatedBy":{"source":"#)?
        .optional_text(r#","workspaceMemberId":"#)?
        .text(r#","name":"#)?
        .json(r#","context":"#, "{}")?
        .float(r#"},"position":"#)?
        .optional_text(r#","searchVector":"#)?
        .end("}");
    Ok(())
}
