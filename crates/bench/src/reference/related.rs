//! A page of companies with all that is related to them.

use super::company::{COMPANY_ID, OWNER, write_company_end, write_company_start};
use super::json_row::Columns;
use super::page::Span;
use super::person::write_person;
use crate::Outcome;

/// The lists beside people. None of the companies of the benchmark has a record there, and none an owner; whoever
/// answers still has to look.
const NO_OTHERS: &[u8] =
    br#"],"taskTargets":[],"noteTargets":[],"opportunities":[],"attachments":[],"timelineActivities":[]"#;

/// SQL that tells which records of a table belong to some companies: once for each of those lists. `$ids` is
/// the list of the companies as the database writes it.
macro_rules! other_lists {
    ($ids:literal) => {
        [
            concat!(
                r#"SELECT "id" FROM "taskTarget" WHERE "deletedAt" IS NULL AND "targetCompanyId" "#,
                $ids
            ),
            concat!(
                r#"SELECT "id" FROM "noteTarget" WHERE "deletedAt" IS NULL AND "targetCompanyId" "#,
                $ids
            ),
            concat!(r#"SELECT "id" FROM "opportunity" WHERE "deletedAt" IS NULL AND "companyId" "#, $ids),
            concat!(
                r#"SELECT "id" FROM "attachment" WHERE "deletedAt" IS NULL AND "targetCompanyId" "#,
                $ids
            ),
            concat!(
                r#"SELECT "id" FROM "timelineActivity" WHERE "deletedAt" IS NULL AND "targetCompanyId" "#,
                $ids
            ),
        ]
    };
}
pub(super) use other_lists;

/// The page, as far as its rows have come.
pub(super) struct RelatedPage {
    companies: Vec<Company>,
    span: Span,
}

/// JSON text of a company before and behind its lists, and of its people.
struct Company {
    start: Vec<u8>,
    people: Vec<u8>,
    end: Vec<u8>,
}

impl RelatedPage {
    pub(super) fn new(limit: u32) -> Self {
        Self { companies: Vec::new(), span: Span::new(limit) }
    }

    /// Takes a row of a company's columns and the id of its owner.
    pub(super) fn push(&mut self, row: &impl Columns) -> Outcome<()> {
        if row.write_id(OWNER, &mut Vec::new())? {
            return Err("no company of the benchmark has an owner".into());
        }
        if self.span.take(row, COMPANY_ID)? {
            let (mut start, mut end) = (Vec::with_capacity(1 << 10), Vec::with_capacity(512));
            write_company_start(row, r#","accountOwner":null"#, &mut start)?;
            write_company_end(row, &mut end)?;
            self.companies.push(Company { start, people: Vec::new(), end });
        }
        Ok(())
    }

    /// Takes a row of a column of the database's own, then a person's.
    pub(super) fn push_person(&mut self, company: usize, row: &impl Columns) -> Outcome<()> {
        // The row beyond the page has people too.
        let Some(company) = self.companies.get_mut(company) else { return Ok(()) };
        if !company.people.is_empty() {
            company.people.push(b',');
        }
        write_person(row, 1, &mut company.people)
    }

    /// The whole body, with the number of all companies.
    pub(super) fn finish(self, total: i64) -> Outcome<Vec<u8>> {
        let mut body = Vec::with_capacity(256 << 10);
        body.extend_from_slice(br#"{"data":{"companies":["#);
        for (place, Company { start, people, end }) in self.companies.iter().enumerate() {
            body.extend_from_slice(if place == 0 { b"" } else { b"," });
            body.extend_from_slice(start);
            body.extend_from_slice(br#","people":["#);
            body.extend_from_slice(people);
            body.extend_from_slice(NO_OTHERS);
            body.extend_from_slice(end);
        }
        body.extend_from_slice(self.span.tail(total)?.as_bytes());
        Ok(body)
    }
}
