//! Companies over REST: how they are selected, written as JSON and sent in.

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

/// SQL that begins an insert of companies and names their columns. The name of whoever creates is that of
/// the API key.
macro_rules! insert_company {
    ($rest:expr) => {
        concat!(
            r#"INSERT INTO "company" ("id", "name", "name_key",
            "domainNamePrimaryLinkUrl", "domainNamePrimaryLinkUrl_key",
            "linkedinLinkPrimaryLinkLabel", "linkedinLinkPrimaryLinkLabel_key",
            "linkedinLinkPrimaryLinkUrl", "linkedinLinkPrimaryLinkUrl_key",
            "addressAddressStreet1", "addressAddressStreet1_key", "addressAddressCity", "addressAddressCity_key",
            "addressAddressPostcode", "addressAddressPostcode_key",
            "addressAddressCountry", "addressAddressCountry_key", "addressAddressLat", "addressAddressLng",
            "annualRevenueAmountMicros", "annualRevenueCurrencyCode", "annualRevenueCurrencyCode_key",
            "createdAt", "updatedAt", "createdBySource", "createdByName", "createdByName_key",
            "createdByContext", "updatedBySource", "updatedByName", "updatedByName_key", "updatedByContext",
            "position") "#,
            $rest
        )
    };
}
pub(super) use insert_company;

/// SQL that changes the company that has the domain already.
macro_rules! or_update_company {
    ($rest:expr) => {
        concat!(
            r#" ON CONFLICT ("domainNamePrimaryLinkUrl") DO UPDATE SET
            "name" = excluded."name", "name_key" = excluded."name_key",
            "linkedinLinkPrimaryLinkLabel" = excluded."linkedinLinkPrimaryLinkLabel",
            "linkedinLinkPrimaryLinkLabel_key" = excluded."linkedinLinkPrimaryLinkLabel_key",
            "linkedinLinkPrimaryLinkUrl" = excluded."linkedinLinkPrimaryLinkUrl",
            "linkedinLinkPrimaryLinkUrl_key" = excluded."linkedinLinkPrimaryLinkUrl_key",
            "addressAddressStreet1" = excluded."addressAddressStreet1",
            "addressAddressStreet1_key" = excluded."addressAddressStreet1_key",
            "addressAddressCity" = excluded."addressAddressCity",
            "addressAddressCity_key" = excluded."addressAddressCity_key",
            "addressAddressPostcode" = excluded."addressAddressPostcode",
            "addressAddressPostcode_key" = excluded."addressAddressPostcode_key",
            "addressAddressCountry" = excluded."addressAddressCountry",
            "addressAddressCountry_key" = excluded."addressAddressCountry_key",
            "addressAddressLat" = excluded."addressAddressLat",
            "addressAddressLng" = excluded."addressAddressLng",
            "annualRevenueAmountMicros" = excluded."annualRevenueAmountMicros",
            "annualRevenueCurrencyCode" = excluded."annualRevenueCurrencyCode",
            "annualRevenueCurrencyCode_key" = excluded."annualRevenueCurrencyCode_key",
            "updatedAt" = excluded."updatedAt", "deletedAt" = NULL, "updatedBySource" = 'API',
            "updatedByWorkspaceMemberId" = NULL, "updatedByName" = excluded."updatedByName",
            "updatedByName_key" = excluded."updatedByName_key", "updatedByContext" = '{}' "#,
            $rest
        )
    };
}
pub(super) use or_update_company;

/// The place of the id among those columns.
pub(super) const COMPANY_ID: usize = 23;

/// The place of the owner's id behind those columns.
pub(super) const OWNER: usize = 32;

/// A company that begins an answer, such as `{"data":{"company":`.
pub(super) fn one(before: &str, row: &impl Columns) -> Outcome<Vec<u8>> {
    let mut body = Vec::with_capacity(2 << 10);
    body.extend_from_slice(before.as_bytes());
    write_company(row, &mut body)?;
    body.extend_from_slice(b"}}");
    Ok(body)
}

/// Companies that a batch has stored, as its answer.
pub(super) struct Batch(Vec<u8>);

impl Batch {
    pub(super) fn new() -> Self {
        let mut body = Vec::with_capacity(64 << 10);
        body.extend_from_slice(br#"{"data":{"createCompanies":["#);
        Self(body)
    }

    pub(super) fn push(&mut self, row: &impl Columns) -> Outcome<()> {
        if !self.0.ends_with(b"[") {
            self.0.push(b',');
        }
        write_company(row, &mut self.0)
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.0.extend_from_slice(b"]}}");
        self.0
    }
}

pub(super) fn write_company(row: &impl Columns, out: &mut Vec<u8>) -> Outcome<()> {
    write_company_start(row, "", out)?;
    write_company_end(row, out)
}

/// All up to where lists of related records stand. `owner` follows the id of the owner.
pub(super) fn write_company_start(row: &impl Columns, owner: &str, out: &mut Vec<u8>) -> Outcome<()> {
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
        .end(owner);
    json.instant(r#","createdAt":"#)?
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
        .end("}");
    Ok(())
}

/// All behind them.
pub(super) fn write_company_end(row: &impl Columns, out: &mut Vec<u8>) -> Outcome<()> {
    let mut json = JsonRow::after(COMPANY_ID, row, out);
    json.id(r#","id":"#)?
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
    #[serde(default)]
    pub(super) domain_name: NewDomain,
    pub(super) linkedin_link: NewLink,
    pub(super) address: NewAddress,
    pub(super) annual_revenue: NewAmount,
}

/// What an update of the benchmark sets.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CompanyChange {
    pub(super) name: Keyed,
    pub(super) annual_revenue: NewAmount,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewDomain {
    pub(super) primary_link_url: Option<Keyed>,
}

impl NewDomain {
    pub(super) fn text(&self) -> Option<&str> {
        self.primary_link_url.as_ref().map(|url| url.text.as_str())
    }

    pub(super) fn key(&self) -> Option<&[u8]> {
        self.primary_link_url.as_ref().map(|url| url.key.as_slice())
    }
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
