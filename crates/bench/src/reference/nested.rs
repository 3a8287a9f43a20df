//! Companies with the names of their people as JSON, the answer to the benchmark's GraphQL document.

use super::json_row::{Columns, JsonRow};
use crate::Outcome;

/// The edges, as far as their rows have come.
#[derive(Default)]
pub(super) struct CompaniesWithPeople {
    companies: Vec<Company>,
}

/// JSON text of a company without its end, and of the edges of its people.
struct Company {
    members: Vec<u8>,
    people: Vec<u8>,
}

impl CompaniesWithPeople {
    /// Takes a row of id, name and amount.
    pub(super) fn push(&mut self, row: &impl Columns) -> Outcome<()> {
        let mut members = Vec::with_capacity(128);
        JsonRow::new(row, &mut members)
            .id(r#"{"id":"#)?
            .text(r#","name":"#)?
            .integer(r#","annualRevenue":{"amountMicros":"#)?
            .end("}");
        self.companies.push(Company { members, people: Vec::new() });
        Ok(())
    }

    /// Takes a row of a column of the database's own, then a person's id, first and last name.
    pub(super) fn push_person(&mut self, company: usize, row: &impl Columns) -> Outcome<()> {
        let people = &mut self.companies[company].people;
        if !people.is_empty() {
            people.push(b',');
        }
        JsonRow::after(1, row, people)
            .id(r#"{"node":{"id":"#)?
            .text(r#","name":{"firstName":"#)?
            .text(r#","lastName":"#)?
            .end("}}}");
        Ok(())
    }

    /// The whole body.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut body = Vec::with_capacity(16 << 10);
        body.extend_from_slice(br#"{"data":{"companies":{"edges":["#);
        for (place, Company { members, people }) in self.companies.iter().enumerate() {
            body.extend_from_slice(if place == 0 { br#"{"node":"# } else { br#",{"node":"# });
            body.extend_from_slice(members);
            body.extend_from_slice(br#","people":{"edges":["#);
            body.extend_from_slice(people);
            body.extend_from_slice(b"]}}}");
        }
        body.extend_from_slice(b"]}}}");
        body
    }
}
