//! A connection with the statements of the four requests prepared.

use jiff::Timestamp;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Statement};
use uuid::Uuid;

use crate::Outcome;
use crate::reference::company::{self, NewCompany, Page, with_company_columns};
use crate::reference::nested::CompaniesWithPeople;
use crate::reference::sort_key::sort_key;

const PAGE: &str =
    with_company_columns!("SELECT", r#"FROM "company" WHERE "deletedAt" IS NULL ORDER BY "id" LIMIT $1"#);
const COUNT: &str = r#"SELECT count(*) FROM "company" WHERE "deletedAt" IS NULL"#;
const ONE: &str =
    with_company_columns!("SELECT", r#"FROM "company" WHERE "id" = $1 AND "deletedAt" IS NULL"#);

/// The name of whoever creates is that of the API key.
const INSERT: &str = with_company_columns!(
    r#"INSERT INTO "company" ("id", "name", "name_key",
    "linkedinLinkPrimaryLinkLabel", "linkedinLinkPrimaryLinkLabel_key",
    "linkedinLinkPrimaryLinkUrl", "linkedinLinkPrimaryLinkUrl_key",
    "addressAddressStreet1", "addressAddressStreet1_key", "addressAddressCity", "addressAddressCity_key",
    "addressAddressPostcode", "addressAddressPostcode_key",
    "addressAddressCountry", "addressAddressCountry_key", "addressAddressLat", "addressAddressLng",
    "annualRevenueAmountMicros", "annualRevenueCurrencyCode", "annualRevenueCurrencyCode_key",
    "createdAt", "updatedAt", "createdBySource", "createdByName", "createdByName_key", "createdByContext",
    "updatedBySource", "updatedByName", "updatedByName_key", "updatedByContext", "position")
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
    $21, $21, 'API', 'bench', $22, '{}', 'API', 'bench', $22, '{}',
    (SELECT coalesce(min("position"), 1) - 1 FROM "company")) RETURNING"#,
    ""
);

const NESTED_COMPANIES: &str = r#"SELECT "id", "name", "annualRevenueAmountMicros" FROM "company"
    WHERE "deletedAt" IS NULL ORDER BY "id" LIMIT 20"#;

/// The people of all companies at once, at most 60 of each.
const NESTED_PEOPLE: &str = r#"SELECT p.key, t."id", t."nameFirstName", t."nameLastName"
    FROM unnest($1::UUID[]) WITH ORDINALITY AS p(value, key) CROSS JOIN LATERAL (
        SELECT "id", "nameFirstName", "nameLastName" FROM "person"
        WHERE "companyId" = p.value AND "deletedAt" IS NULL ORDER BY "id" LIMIT 60) AS t
    ORDER BY p.key, t."id""#;

const BEGIN_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

pub(super) struct Session {
    client: Client,
    page: Statement,
    count: Statement,
    one: Statement,
    insert: Statement,
    nested_companies: Statement,
    nested_people: Statement,
}

impl Session {
    pub(super) async fn open(config: &Config) -> Outcome<Self> {
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(Self {
            page: client.prepare(PAGE).await?,
            count: client.prepare(COUNT).await?,
            one: client.prepare(ONE).await?,
            insert: client.prepare(INSERT).await?,
            nested_companies: client.prepare(NESTED_COMPANIES).await?,
            nested_people: client.prepare(NESTED_PEOPLE).await?,
            client,
        })
    }

    /// A page with its total, both from one snapshot and in one round trip.
    pub(super) async fn list(&self, limit: u32) -> Outcome<Vec<u8>> {
        let rows_wanted = i64::from(limit) + 1;
        let binds: [&(dyn ToSql + Sync); 1] = [&rows_wanted];
        let (begun, rows, count, ended) = tokio::join!(
            self.client.batch_execute(BEGIN_SNAPSHOT),
            self.client.query(&self.page, &binds),
            self.client.query_one(&self.count, &[]),
            self.client.batch_execute("COMMIT"),
        );
        begun.and(ended)?;
        let mut page = Page::new(limit);
        rows?.iter().try_for_each(|row| page.push(row))?;
        page.finish(count?.try_get(0)?)
    }

    /// One company, if it is there.
    pub(super) async fn find_one(&self, id: Uuid) -> Outcome<Option<Vec<u8>>> {
        let row = self.client.query_opt(&self.one, &[&id]).await?;
        row.map(|row| company::one(r#"{"data":{"company":"#, &row)).transpose()
    }

    /// Two round trips: whose people are wanted is known after the first.
    pub(super) async fn with_people(&self) -> Outcome<Vec<u8>> {
        let (begun, rows) = tokio::join!(
            self.client.batch_execute(BEGIN_SNAPSHOT),
            self.client.query(&self.nested_companies, &[])
        );
        begun?;
        let rows = rows?;
        let ids = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<Uuid>, _>>()?;
        let binds: [&(dyn ToSql + Sync); 1] = [&ids];
        let (people, ended) =
            tokio::join!(self.client.query(&self.nested_people, &binds), self.client.batch_execute("COMMIT"));
        ended?;
        let mut companies = CompaniesWithPeople::default();
        rows.iter().try_for_each(|row| companies.push(row))?;
        for person in people? {
            // Places count from 1.
            let place = usize::try_from(person.try_get::<_, i64>(0)?)?;
            companies.push_person(place - 1, &person)?;
        }
        Ok(companies.finish())
    }

    /// Stores a company in a transaction of its own, and answers it as it was stored.
    pub(super) async fn create(&mut self, company: &NewCompany) -> Outcome<Vec<u8>> {
        let NewCompany { name, linkedin_link: link, address, annual_revenue: revenue } = company;
        let binds: [&(dyn ToSql + Sync); 22] = [
            &Uuid::now_v7(),
            &name.text,
            &name.key,
            &link.primary_link_label.text,
            &link.primary_link_label.key,
            &link.primary_link_url.text,
            &link.primary_link_url.key,
            &address.address_street1.text,
            &address.address_street1.key,
            &address.address_city.text,
            &address.address_city.key,
            &address.address_postcode.text,
            &address.address_postcode.key,
            &address.address_country.text,
            &address.address_country.key,
            &address.address_lat,
            &address.address_lng,
            &revenue.amount_micros,
            &revenue.currency_code.text,
            &revenue.currency_code.key,
            &Timestamp::now(),
            &sort_key("bench"),
        ];
        let transaction = self.client.transaction().await?;
        let row = transaction.query_one(&self.insert, &binds).await?;
        transaction.commit().await?;
        company::one(r#"{"data":{"createCompany":"#, &row)
    }
}
