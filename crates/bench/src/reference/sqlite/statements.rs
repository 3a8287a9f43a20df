//! The statements of the requests.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
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

macro_rules! values {
    () => {
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
        ?21, ?22, ?23, ?23, 'API', 'bench', ?24, '{}', 'API', 'bench', ?24, '{}',
        (SELECT coalesce(min(\"position\"), 1) - 1 FROM \"company\"))"
    };
}

const PAGE: &str =
    with_company_columns!("SELECT", r#"FROM "company" WHERE "deletedAt" IS NULL ORDER BY "id" LIMIT ?"#);
const COUNT: &str = r#"SELECT count(*) FROM "company" WHERE "deletedAt" IS NULL"#;
const ONE: &str = with_company_columns!("SELECT", r#"FROM "company" WHERE "id" = ? AND "deletedAt" IS NULL"#);

const INSERT: &str = insert_company!(values!());
const UPSERT: &str = insert_company!(concat!(values!(), or_update_company!(r#"RETURNING "id""#)));

const UPDATE: &str = r#"UPDATE "company" SET "name" = ?2, "name_key" = ?3, "annualRevenueAmountMicros" = ?4,
    "annualRevenueCurrencyCode" = ?5, "annualRevenueCurrencyCode_key" = ?6, "updatedAt" = ?7,
    "updatedBySource" = 'API', "updatedByWorkspaceMemberId" = NULL, "updatedByName" = 'bench',
    "updatedByName_key" = ?8, "updatedByContext" = '{}' WHERE "id" = ?1"#;

/// People of one company, or with a title: the page, and how many there are.
const PEOPLE_OF: [&str; 2] = [
    with_person_columns!(
        "SELECT",
        r#"FROM "person" AS t WHERE t."companyId" = ?1 AND t."deletedAt" IS NULL ORDER BY t."id" LIMIT ?2"#
    ),
    r#"SELECT count(*) FROM "person" WHERE "companyId" = ?1 AND "deletedAt" IS NULL"#,
];
/// SQLite's own `LIKE` minds no case, as long as it is ASCII.
const PEOPLE_TITLED: [&str; 2] = [
    with_person_columns!(
        "SELECT",
        r#"FROM "person" AS t WHERE t."jobTitle" LIKE ?1 AND t."deletedAt" IS NULL ORDER BY t."id" LIMIT ?2"#
    ),
    r#"SELECT count(*) FROM "person" WHERE "jobTitle" LIKE ?1 AND "deletedAt" IS NULL"#,
];

const RELATED_COMPANIES: &str = with_company_columns!(
    "SELECT",
    r#", (SELECT o."id" FROM "workspaceMember" AS o WHERE o."id" = "accountOwnerId" AND o."deletedAt" IS NULL) AS "owner"
    FROM "company" WHERE "deletedAt" IS NULL ORDER BY "id" LIMIT ?"#
);
/// The people of all companies at once, at most 60 of each.
const RELATED_PEOPLE: &str = with_person_columns!(
    "SELECT p.key,",
    r#"FROM json_each(?) AS p JOIN "person" AS t ON t."id" IN (
        SELECT "id" FROM "person" WHERE "companyId" = p.value AND "deletedAt" IS NULL
        ORDER BY "id" LIMIT 60)
    ORDER BY p.key, t."id""#
);
const OTHER_LISTS: [&str; 5] = other_lists!("IN (SELECT value FROM json_each(?))");

const NESTED_COMPANIES: &str = r#"SELECT "id", "name", "annualRevenueAmountMicros" FROM "company"
    WHERE "deletedAt" IS NULL ORDER BY "id" LIMIT 20"#;

const NESTED_PEOPLE: &str = r#"SELECT p.key, t."id", t."nameFirstName", t."nameLastName"
    FROM json_each(?) AS p JOIN "person" AS t ON t."id" IN (
        SELECT "id" FROM "person" WHERE "companyId" = p.value AND "deletedAt" IS NULL
        ORDER BY "id" LIMIT 60)
    ORDER BY p.key, t."id""#;

/// A page with its total, both from one snapshot.
pub(super) fn list(connection: &Connection, limit: u32) -> Outcome<Vec<u8>> {
    let mut page = Page::companies(limit);
    let total = in_snapshot(connection, || {
        each(connection, PAGE, [limit + 1], |row| page.push_company(row))?;
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

/// A page of people with the number of all that match.
pub(super) fn people(connection: &Connection, filter: &PeopleFilter, limit: u32) -> Outcome<Vec<u8>> {
    let ([page_sql, count], value) = match filter {
        PeopleFilter::Company(id) => (PEOPLE_OF, id),
        PeopleFilter::Title(pattern) => (PEOPLE_TITLED, pattern),
    };
    let mut page = Page::people(limit);
    let total = in_snapshot(connection, || {
        each(connection, page_sql, params![value, limit + 1], |row| page.push_person(row))?;
        Ok(connection.prepare_cached(count)?.query_row([value], |row| row.get(0))?)
    })?;
    page.finish(total)
}

pub(super) fn groups(connection: &Connection) -> Outcome<Vec<u8>> {
    let mut groups = Groups::new();
    each(connection, GROUPS, [], |row| {
        let city = row.get_ref(0)?.as_str_or_null()?;
        groups.push(city, row.get(1)?, row.get(2)?);
        Ok(())
    })?;
    Ok(groups.finish())
}

pub(super) fn list_related(connection: &Connection, limit: u32) -> Outcome<Vec<u8>> {
    let mut page = RelatedPage::new(limit);
    let mut ids: Vec<String> = Vec::new();
    let total = in_snapshot(connection, || {
        each(connection, RELATED_COMPANIES, [limit + 1], |row| {
            ids.push(row.get(company::COMPANY_ID)?);
            page.push(row)
        })?;
        let ids = serde_json::to_string(&ids)?;
        each(connection, RELATED_PEOPLE, [&ids], |row| {
            page.push_person(usize::try_from(row.get::<_, i64>(0)?)?, row)
        })?;
        for list in OTHER_LISTS {
            each(connection, list, [&ids], |_| Err("the benchmark has no such records".into()))?;
        }
        Ok(connection.prepare_cached(COUNT)?.query_row([], |row| row.get(0))?)
    })?;
    page.finish(total)
}

/// Stores a company in a transaction of its own, and answers it as it was stored.
pub(super) fn create(connection: &Connection, company: &NewCompany) -> Outcome<Vec<u8>> {
    let transaction = connection.unchecked_transaction()?;
    let id = insert(&transaction, company)?;
    let body = read_one(&transaction, &id, r#"{"data":{"createCompany":"#)?;
    transaction.commit()?;
    body.ok_or_else(|| "the company that was stored is not there".into())
}

/// Stores companies in one transaction; those whose domain is taken are changed, if that is wanted.
pub(super) fn create_many(
    connection: &Connection,
    companies: &[NewCompany],
    upsert: bool,
) -> Outcome<Vec<u8>> {
    let transaction = connection.unchecked_transaction()?;
    let store = if upsert { insert_or_update } else { insert };
    let mut batch = Batch::new();
    for company in companies {
        let id = store(&transaction, company)?;
        each(&transaction, ONE, [id], |row| batch.push(row))?;
    }
    transaction.commit()?;
    Ok(batch.finish())
}

/// Changes a company, if it is there.
pub(super) fn update(connection: &Connection, id: &str, change: &CompanyChange) -> Outcome<Option<Vec<u8>>> {
    let transaction = connection.unchecked_transaction()?;
    let CompanyChange { name, annual_revenue: revenue } = change;
    transaction.prepare_cached(UPDATE)?.execute(params![
        id,
        name.text,
        name.key,
        revenue.amount_micros,
        revenue.currency_code.text,
        revenue.currency_code.key,
        Timestamp::now().as_millisecond(),
        sort_key("bench"),
    ])?;
    let body = read_one(&transaction, id, r#"{"data":{"updateCompany":"#)?;
    transaction.commit()?;
    Ok(body)
}

fn insert(connection: &Connection, company: &NewCompany) -> Outcome<String> {
    let id = Uuid::now_v7().to_string();
    with_values(company, &id, |values| Ok(connection.prepare_cached(INSERT)?.execute(values)?))?;
    Ok(id)
}

fn insert_or_update(connection: &Connection, company: &NewCompany) -> Outcome<String> {
    with_values(company, &Uuid::now_v7().to_string(), |values| {
        Ok(connection.prepare_cached(UPSERT)?.query_row(values, |row| row.get(0))?)
    })
}

/// What the placeholders of [`INSERT`] and [`UPSERT`] stand for.
fn with_values<T>(
    company: &NewCompany,
    id: &str,
    run: impl FnOnce(&[&dyn ToSql]) -> Outcome<T>,
) -> Outcome<T> {
    let NewCompany { name, domain_name: domain, linkedin_link: link, address, annual_revenue: revenue } =
        company;
    run(params![
        id,
        name.text,
        name.key,
        domain.text(),
        domain.key(),
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
    ])
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
