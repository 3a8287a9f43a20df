//! Companies with the names of their people, as the GraphQL document of the benchmark wants them.

use rusqlite::Connection;

use super::json_row::JsonRow;
use crate::Outcome;

const COMPANIES: &str = r#"SELECT "id", "name", "annualRevenueAmountMicros" FROM "company"
    WHERE "deletedAt" IS NULL ORDER BY "id" LIMIT 20"#;

/// The people of all companies at once, at most 60 of each.
const PEOPLE: &str = r#"SELECT p.key, t."id", t."nameFirstName", t."nameLastName"
    FROM json_each(?) AS p JOIN "person" AS t ON t."id" IN (
        SELECT "id" FROM "person" WHERE "companyId" = p.value AND "deletedAt" IS NULL
        ORDER BY "id" LIMIT 60)
    ORDER BY p.key, t."id""#;

pub(super) fn companies_with_people(connection: &Connection) -> Outcome<Option<Vec<u8>>> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    let found = read(connection);
    connection.prepare_cached("COMMIT")?.execute([])?;
    let found = found?;
    let mut body = Vec::with_capacity(16 << 10);
    body.extend_from_slice(br#"{"data":{"companies":{"edges":["#);
    for (place, Company { members, people }) in found.iter().enumerate() {
        body.extend_from_slice(if place == 0 { br#"{"node":"# } else { br#",{"node":"# });
        body.extend_from_slice(members);
        body.extend_from_slice(br#","people":{"edges":["#);
        body.extend_from_slice(people);
        body.extend_from_slice(b"]}}}");
    }
    body.extend_from_slice(b"]}}}");
    Ok(Some(body))
}

/// JSON text of a company without its end, and of the edges of its people.
struct Company {
    members: Vec<u8>,
    people: Vec<u8>,
}

fn read(connection: &Connection) -> Outcome<Vec<Company>> {
    let mut companies = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    let mut statement = connection.prepare_cached(COMPANIES)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut members = Vec::with_capacity(128);
        JsonRow::new(row, &mut members)
            .text(r#"{"id":"#)?
            .text(r#","name":"#)?
            .integer(r#","annualRevenue":{"amountMicros":"#)?
            .end("}");
        companies.push(Company { members, people: Vec::new() });
        ids.push(row.get(0)?);
    }
    let mut statement = connection.prepare_cached(PEOPLE)?;
    let mut rows = statement.query([serde_json::to_string(&ids)?])?;
    while let Some(row) = rows.next()? {
        let company = usize::try_from(row.get::<_, i64>(0)?)?;
        let people = &mut companies[company].people;
        if !people.is_empty() {
            people.push(b',');
        }
        JsonRow::after(1, row, people)
            .text(r#"{"node":{"id":"#)?
            .text(r#","name":{"firstName":"#)?
            .text(r#","lastName":"#)?
            .end("}}}");
    }
    Ok(companies)
}
