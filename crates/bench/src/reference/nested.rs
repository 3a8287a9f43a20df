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
    let (companies, people) = found?;
    let mut body = Vec::with_capacity(16 << 10);
    body.extend_from_slice(br#"{"data":{"companies":{"edges":["#);
    for (place, (company, people)) in companies.iter().zip(&people).enumerate() {
        body.extend_from_slice(if place == 0 { br#"{"node":"# } else { br#",{"node":"# });
        body.extend_from_slice(company);
        body.extend_from_slice(br#","people":{"edges":["#);
        body.extend_from_slice(people);
        body.extend_from_slice(b"]}}}");
    }
    body.extend_from_slice(b"]}}}");
    Ok(Some(body))
}

/// Each company without its end, and the edges of its people.
fn read(connection: &Connection) -> Outcome<(Vec<Vec<u8>>, Vec<Vec<u8>>)> {
    let mut companies = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    let mut statement = connection.prepare_cached(COMPANIES)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut company = Vec::with_capacity(128);
        JsonRow::new(row, &mut company)
            .text(r#"{"id":"#)?
            .text(r#","name":"#)?
            .integer(r#","annualRevenue":{"amountMicros":"#)?
            .end("}");
        companies.push(company);
        ids.push(row.get(0)?);
    }
    let mut people = vec![Vec::new(); companies.len()];
    let mut statement = connection.prepare_cached(PEOPLE)?;
    let mut rows = statement.query([serde_json::to_string(&ids)?])?;
    while let Some(row) = rows.next()? {
        let company = usize::try_from(row.get::<_, i64>(0)?)?;
        let people = &mut people[company];
        if !people.is_empty() {
            people.push(b',');
        }
        JsonRow::after(1, row, people)
            .text(r#"{"node":{"id":"#)?
            .text(r#","name":{"firstName":"#)?
            .text(r#","lastName":"#)?
            .end("}}}");
    }
    Ok((companies, people))
}
