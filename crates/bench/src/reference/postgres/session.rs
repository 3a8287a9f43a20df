//! A connection with the statements of the requests prepared.

use futures_util::future::try_join_all;
use jiff::Timestamp;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Statement};
use uuid::Uuid;

use crate::Outcome;
use crate::reference::PeopleFilter;
use crate::reference::company::{
    self, Batch, CompanyChange, NewCompany, insert_company, or_update_company, with_company_columns,
};
use crate::reference::groups::{GROUPS, Groups};
use crate::reference::nested::CompaniesWithPeople;
use crate::reference::page::Page;
use crate::reference::person::with_person_columns;
use crate::reference::related::{RelatedPage, other_lists};
use crate::reference::sort_key::sort_key;

const PAGE: &str =
    with_company_columns!("SELECT", r#"FROM "company" WHERE "deletedAt" IS NULL ORDER BY "id" LIMIT $1"#);
const COUNT: &str = r#"SELECT count(*) FROM "company" WHERE "deletedAt" IS NULL"#;
const ONE: &str =
    with_company_columns!("SELECT", r#"FROM "company" WHERE "id" = $1 AND "deletedAt" IS NULL"#);

const INSERT: &str = insert_company!(with_company_columns!(
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
    $22, $23, $23, 'API', 'bench', $24, '{}', 'API', 'bench', $24, '{}',
    (SELECT coalesce(min(\"position\"), 1) - 1 FROM \"company\")) RETURNING",
    ""
));

macro_rules! rows {
    () => {
        "SELECT r.a, r.b, r.c, r.d, r.e, r.f, r.g, r.h, r.i, r.j, r.k, r.l, r.m, r.n, r.o, r.p, r.q, r.r, r.s,
        r.t, r.u, r.v, $23, $23, 'API', 'bench', $24, '{}', 'API', 'bench', $24, '{}',
        (SELECT coalesce(min(\"position\"), 1) FROM \"company\") - r.place
        FROM unnest($1::UUID[], $2::TEXT[], $3::BYTEA[], $4::TEXT[], $5::BYTEA[], $6::TEXT[], $7::BYTEA[],
        $8::TEXT[], $9::BYTEA[], $10::TEXT[], $11::BYTEA[], $12::TEXT[], $13::BYTEA[], $14::TEXT[],
        $15::BYTEA[], $16::TEXT[], $17::BYTEA[], $18::DOUBLE PRECISION[], $19::DOUBLE PRECISION[],
        $20::BIGINT[], $21::TEXT[], $22::BYTEA[]) WITH ORDINALITY
        AS r(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, place) "
    };
}

const INSERT_MANY: &str = insert_company!(concat!(rows!(), with_company_columns!("RETURNING", "")));
const UPSERT_MANY: &str =
    insert_company!(concat!(rows!(), or_update_company!(with_company_columns!("RETURNING", ""))));

const UPDATE: &str = with_company_columns!(
    r#"UPDATE "company" SET "name" = $2, "name_key" = $3, "annualRevenueAmountMicros" = $4,
    "annualRevenueCurrencyCode" = $5, "annualRevenueCurrencyCode_key" = $6, "updatedAt" = $7,
    "updatedBySource" = 'API', "updatedByWorkspaceMemberId" = NULL, "updatedByName" = 'bench',
    "updatedByName_key" = $8, "updatedByContext" = '{}' WHERE "id" = $1 RETURNING"#,
    ""
);

const PEOPLE_OF: [&str; 2] = [
    with_person_columns!(
        "SELECT",
        r#"FROM "person" AS t WHERE t."companyId" = $1 AND t."deletedAt" IS NULL ORDER BY t."id" LIMIT $2"#
    ),
    r#"SELECT count(*) FROM "person" WHERE "companyId" = $1 AND "deletedAt" IS NULL"#,
];
const PEOPLE_TITLED: [&str; 2] = [
    with_person_columns!(
        "SELECT",
        r#"FROM "person" AS t WHERE t."jobTitle" ILIKE $1 AND t."deletedAt" IS NULL ORDER BY t."id" LIMIT $2"#
    ),
    r#"SELECT count(*) FROM "person" WHERE "jobTitle" ILIKE $1 AND "deletedAt" IS NULL"#,
];

const RELATED_COMPANIES: &str = with_company_columns!(
    "SELECT",
    r#", (SELECT o."id" FROM "workspaceMember" AS o WHERE o."id" = "accountOwnerId" AND o."deletedAt" IS NULL) AS "owner"
    FROM "company" WHERE "deletedAt" IS NULL ORDER BY "id" LIMIT $1"#
);
/// The people of all companies at once, at most 60 of each.
const RELATED_PEOPLE: &str = with_person_columns!(
    "SELECT p.key,",
    r#"FROM unnest($1::UUID[]) WITH ORDINALITY AS p(value, key) CROSS JOIN LATERAL (
        SELECT * FROM "person" WHERE "companyId" = p.value AND "deletedAt" IS NULL ORDER BY "id" LIMIT 60) AS t
    ORDER BY p.key, t."id""#
);
const OTHER_LISTS: [&str; 5] = other_lists!("= ANY ($1::UUID[])");

const NESTED_COMPANIES: &str = r#"SELECT "id", "name", "annualRevenueAmountMicros" FROM "company"
    WHERE "deletedAt" IS NULL ORDER BY "id" LIMIT 20"#;

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
    insert_many: Statement,
    upsert_many: Statement,
    update: Statement,
    people_of: [Statement; 2],
    people_titled: [Statement; 2],
    related_companies: Statement,
    related_people: Statement,
    other_lists: Vec<Statement>,
    groups: Statement,
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
            insert_many: client.prepare(INSERT_MANY).await?,
            upsert_many: client.prepare(UPSERT_MANY).await?,
            update: client.prepare(UPDATE).await?,
            people_of: [client.prepare(PEOPLE_OF[0]).await?, client.prepare(PEOPLE_OF[1]).await?],
            people_titled: [client.prepare(PEOPLE_TITLED[0]).await?, client.prepare(PEOPLE_TITLED[1]).await?],
            related_companies: client.prepare(RELATED_COMPANIES).await?,
            related_people: client.prepare(RELATED_PEOPLE).await?,
            other_lists: try_join_all(OTHER_LISTS.map(|list| client.prepare(list))).await?,
            groups: client.prepare(GROUPS).await?,
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
        let mut page = Page::companies(limit);
        rows?.iter().try_for_each(|row| page.push_company(row))?;
        page.finish(count?.try_get(0)?)
    }

    /// One company, if it is there.
    pub(super) async fn find_one(&self, id: Uuid) -> Outcome<Option<Vec<u8>>> {
        let row = self.client.query_opt(&self.one, &[&id]).await?;
        row.map(|row| company::one(r#"{"data":{"company":"#, &row)).transpose()
    }

    /// Two round trips: whose people are wanted is known after the first.
    pub(super) async fn groups(&self) -> Outcome<Vec<u8>> {
        let mut groups = Groups::new();
        for row in self.client.query(&self.groups, &[]).await? {
            groups.push(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        }
        Ok(groups.finish())
    }

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

    /// A page of people with the number of all that match.
    pub(super) async fn people(&self, filter: &PeopleFilter, limit: u32) -> Outcome<Vec<u8>> {
        let id: Uuid;
        let ([page, count], value): (_, &(dyn ToSql + Sync)) = match filter {
            PeopleFilter::Company(text) => {
                id = text.parse()?;
                (&self.people_of, &id)
            }
            PeopleFilter::Title(pattern) => (&self.people_titled, pattern),
        };
        let rows_wanted = i64::from(limit) + 1;
        let binds = [value, &rows_wanted];
        let (begun, rows, count, ended) = tokio::join!(
            self.client.batch_execute(BEGIN_SNAPSHOT),
            self.client.query(page, &binds),
            self.client.query_one(count, &binds[..1]),
            self.client.batch_execute("COMMIT"),
        );
        begun.and(ended)?;
        let mut page = Page::people(limit);
        rows?.iter().try_for_each(|row| page.push_person(row))?;
        page.finish(count?.try_get(0)?)
    }

    pub(super) async fn list_related(&self, limit: u32) -> Outcome<Vec<u8>> {
        let rows_wanted = i64::from(limit) + 1;
        let binds: [&(dyn ToSql + Sync); 1] = [&rows_wanted];
        let (begun, rows, count) = tokio::join!(
            self.client.batch_execute(BEGIN_SNAPSHOT),
            self.client.query(&self.related_companies, &binds),
            self.client.query_one(&self.count, &[]),
        );
        begun?;
        let rows = rows?;
        let ids = rows.iter().map(|row| row.try_get(company::COMPANY_ID));
        let ids = ids.collect::<Result<Vec<Uuid>, _>>()?;
        let binds: [&(dyn ToSql + Sync); 1] = [&ids];
        let (people, others, ended) = tokio::join!(
            self.client.query(&self.related_people, &binds),
            try_join_all(self.other_lists.iter().map(|list| self.client.query(list, &binds))),
            self.client.batch_execute("COMMIT"),
        );
        ended?;
        if others?.iter().any(|list| !list.is_empty()) {
            return Err("the benchmark has no such records".into());
        }
        let mut page = RelatedPage::new(limit);
        rows.iter().try_for_each(|row| page.push(row))?;
        for person in people? {
            // Places count from 1.
            let place = usize::try_from(person.try_get::<_, i64>(0)?)?;
            page.push_person(place - 1, &person)?;
        }
        page.finish(count?.try_get(0)?)
    }

    /// Stores companies in one transaction; those whose domain is taken are changed, if that is wanted.
    pub(super) async fn create_many(&mut self, companies: &[NewCompany], upsert: bool) -> Outcome<Vec<u8>> {
        /// What one column gets in all rows.
        fn column<'c, T>(companies: &'c [NewCompany], value: impl Fn(&'c NewCompany) -> T) -> Vec<T> {
            companies.iter().map(value).collect()
        }
        let ids: Vec<Uuid> = column(companies, |_| Uuid::now_v7());
        let binds: [&(dyn ToSql + Sync); 24] = [
            &ids,
            &column(companies, |new| &new.name.text),
            &column(companies, |new| &new.name.key),
            &column(companies, |new| new.domain_name.text()),
            &column(companies, |new| new.domain_name.key()),
            &column(companies, |new| &new.linkedin_link.primary_link_label.text),
            &column(companies, |new| &new.linkedin_link.primary_link_label.key),
            &column(companies, |new| &new.linkedin_link.primary_link_url.text),
            &column(companies, |new| &new.linkedin_link.primary_link_url.key),
            &column(companies, |new| &new.address.address_street1.text),
            &column(companies, |new| &new.address.address_street1.key),
            &column(companies, |new| &new.address.address_city.text),
            &column(companies, |new| &new.address.address_city.key),
            &column(companies, |new| &new.address.address_postcode.text),
            &column(companies, |new| &new.address.address_postcode.key),
            &column(companies, |new| &new.address.address_country.text),
            &column(companies, |new| &new.address.address_country.key),
            &column(companies, |new| new.address.address_lat),
            &column(companies, |new| new.address.address_lng),
            &column(companies, |new| new.annual_revenue.amount_micros),
            &column(companies, |new| &new.annual_revenue.currency_code.text),
            &column(companies, |new| &new.annual_revenue.currency_code.key),
            &Timestamp::now(),
            &sort_key("bench"),
        ];
        let statement = if upsert { &self.upsert_many } else { &self.insert_many };
        let transaction = self.client.transaction().await?;
        let rows = transaction.query(statement, &binds).await?;
        transaction.commit().await?;
        let mut batch = Batch::new();
        rows.iter().try_for_each(|row| batch.push(row))?;
        Ok(batch.finish())
    }

    /// Changes a company, if it is there.
    pub(super) async fn update(&mut self, id: Uuid, change: &CompanyChange) -> Outcome<Option<Vec<u8>>> {
        let CompanyChange { name, annual_revenue: revenue } = change;
        let binds: [&(dyn ToSql + Sync); 8] = [
            &id,
            &name.text,
            &name.key,
            &revenue.amount_micros,
            &revenue.currency_code.text,
            &revenue.currency_code.key,
            &Timestamp::now(),
            &sort_key("bench"),
        ];
        let transaction = self.client.transaction().await?;
        let row = transaction.query_opt(&self.update, &binds).await?;
        transaction.commit().await?;
        row.map(|row| company::one(r#"{"data":{"updateCompany":"#, &row)).transpose()
    }

    /// Stores a company in a transaction of its own, and answers it as it was stored.
    pub(super) async fn create(&mut self, company: &NewCompany) -> Outcome<Vec<u8>> {
        let NewCompany { name, domain_name: domain, linkedin_link: link, address, annual_revenue: revenue } =
            company;
        let binds: [&(dyn ToSql + Sync); 24] = [
            &Uuid::now_v7(),
            &name.text,
            &name.key,
            &domain.text(),
            &domain.key(),
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
