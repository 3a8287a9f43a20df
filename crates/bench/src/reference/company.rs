//! Companies over REST: how they are selected, written as JSON and sent in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::json_row::{Columns, JsonRow};
use super::sort_key::sort_key;
use crate::Outcome;

/// SQL with all columns of a company, in the order in which [`write_company`] writes them, between
/// `SELECT` or `RETURNING` and the rest.
macro_rules! with_company_columns {
    ($before:expr, $rest:literal) => {
        concat!(
            $before,
            r#" "name", "domainNamePrimaryLinkLabel", "domainNamePrimaryLinkUrl", "domainNameSecondaryLinks",
            "createdBySource", "createdByWorkspaceMemberId", "createdByName", "createdByContext",
            "accountOwnerId", "createdAt",
            "linkedinLinkPrimaryLinkLabel", "linkedinLinkPrimaryLinkUrl", "linkedinLinkSecondaryLinks",
            "addressAddressStreet1", "addressAddressStreet2", "addressAddressCity", "addressAddressPostcode",
            "addressAddressState", "addressAddressCountry", "addressAddressLat", "addressAddressLng",
            "annualRevenueAmountMicros", "annualRevenueCurrencyCode", "id", "updatedAt", "deletedAt",
            "updatedBySource", "updatedByWorkspaceMemberId", "updatedByName", "updatedByContext",
            "position", "searchVector" "#,
            $rest
        )
    };
}
pub(super) use with_company_columns;

/// The place of the id among those columns.
const ID: usize = 23;

/// A company that begins an answer, such as `{"data":{"company":`.
pub(super) fn one(before: &str, row: &impl Columns) -> Outcome<Vec<u8>> {
    let mut body = Vec::with_capacity(2 << 10);
    body.extend_from_slice(before.as_bytes());
    write_company(row, &mut body)?;
    body.extend_from_slice(b"}}");
    Ok(body)
}

/// A page of companies that is being written.
pub(super) struct Page {
    body: Vec<u8>,
    limit: u32,
    /// How many rows have come; one more than `limit` when there are more.
    rows: u32,
    first_id: Vec<u8>,
    last_id: Vec<u8>,
}

impl Page {
    pub(super) fn new(limit: u32) -> Self {
        let mut body = Vec::with_capacity(64 << 10);
        body.extend_from_slice(br#"{"data":{"companies":["#);
        Self { body, limit, rows: 0, first_id: Vec::new(), last_id: Vec::new() }
    }

    pub(super) fn push(&mut self, row: &impl Columns) -> Outcome<()> {
        self.rows += 1;
        if self.limit < self.rows {
            return Ok(());
        }
        self.last_id.clear();
        row.write_id(ID, &mut self.last_id)?;
        if self.rows == 1 {
            self.first_id.clone_from(&self.last_id);
        } else {
            self.body.push(b',');
        }
        write_company(row, &mut self.body)
    }

    /// The whole body, with the number of all companies.
    pub(super) fn finish(mut self, total: i64) -> Outcome<Vec<u8>> {
        let tail = format!(
            r#"]}},"totalCount":{total},"pageInfo":{{"startCursor":{},"endCursor":{},"hasNextPage":{},"hasPreviousPage":false}}}}"#,
            cursor(&self.first_id)?,
            cursor(&self.last_id)?,
            self.limit < self.rows
        );
        self.body.extend_from_slice(tail.as_bytes());
        Ok(self.body)
    }
}

fn cursor(id: &[u8]) -> Outcome<String> {
    if id.is_empty() {
        return Ok("null".into());
    }
    let id = std::str::from_utf8(id)?;
    Ok(format!("\"{}\"", STANDARD.encode(format!(r#"{{"id":"{id}"}}"#))))
}

fn write_company(row: &impl Columns, out: &mut Vec<u8>) -> Outcome<()> {
    let mut json = JsonRow::new(row, out);
    json.text(r#"{"name":"#)?
        .text(r#","domainName":{"primaryLinkLabel":"#)?
        .text(r#","primaryLinkUrl":"#)?
        .json(r#","secondaryLinks":"#, "[]")?
        .text(r#"},"createdBy":{"source":"#)?
        .id(r#","workspaceMemberId":"#)?
        .text(r#","name":"#)?
        .json(r#","context":"#, "{}")?
        .id(r#"},"accountOwnerId":"#)?
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
        .id(r#"},"id":"#)?
        .instant(r#","updatedAt":"#)?
        .instant(r#","deletedAt":"#)?
        .text(r#","updatedBy":{"source":"#)?
        .id(r#","workspaceMemberId":"#)?
        .text(r#","name":"#)?
        .json(r#","context":"#, "{}")?
        .float(r#"},"position":"#)?
        .optional_text(r#","searchVector":"#)?
        .end("}");
    Ok(())
}

/// A company as it is sent in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewCompany {
    pub(super) name: Keyed,
    pub(super) linkedin_link: NewLink,
    pub(super) address: NewAddress,
    pub(super) annual_revenue: NewAmount,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewLink {
    pub(super) primary_link_url: Keyed,
    pub(super) primary_link_label: Keyed,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewAddress {
    pub(super) address_street1: Keyed,
    pub(super) address_city: Keyed,
    pub(super) address_postcode: Keyed,
    pub(super) address_country: Keyed,
    pub(super) address_lat: f64,
    pub(super) address_lng: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewAmount {
    pub(super) amount_micros: i64,
    pub(super) currency_code: Keyed,
}

/// Text, and the key by which it sorts, which is stored beside it.
#[derive(Deserialize)]
#[serde(from = "String")]
pub(super) struct Keyed {
    pub(super) text: String,
    pub(super) key: Vec<u8>,
}

impl From<String> for Keyed {
    fn from(text: String) -> Self {
        Self { key: sort_key(&text), text }
    }
}
