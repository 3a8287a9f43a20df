//! A page of a REST list, written while its rows come.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::company::{COMPANY_ID, write_company};
use super::json_row::Columns;
use super::person::{PERSON_ID, write_person};
use crate::Outcome;

/// A page that is being written.
pub(super) struct Page {
    body: Vec<u8>,
    span: Span,
}

impl Page {
    pub(super) fn companies(limit: u32) -> Self {
        Self::new(limit, br#"{"data":{"companies":["#)
    }

    pub(super) fn people(limit: u32) -> Self {
        Self::new(limit, br#"{"data":{"people":["#)
    }

    fn new(limit: u32, before: &[u8]) -> Self {
        let mut body = Vec::with_capacity(64 << 10);
        body.extend_from_slice(before);
        Self { body, span: Span::new(limit) }
    }

    pub(super) fn push_company(&mut self, row: &impl Columns) -> Outcome<()> {
        self.push(row, COMPANY_ID, |out| write_company(row, out))
    }

    pub(super) fn push_person(&mut self, row: &impl Columns) -> Outcome<()> {
        self.push(row, PERSON_ID, |out| write_person(row, 0, out))
    }

    fn push(
        &mut self,
        row: &impl Columns,
        id: usize,
        write: impl FnOnce(&mut Vec<u8>) -> Outcome<()>,
    ) -> Outcome<()> {
        if !self.span.take(row, id)? {
            return Ok(());
        }
        if 1 < self.span.rows {
            self.body.push(b',');
        }
        write(&mut self.body)
    }

    /// The whole body, with the number of all records.
    pub(super) fn finish(mut self, total: i64) -> Outcome<Vec<u8>> {
        self.body.extend_from_slice(self.span.tail(total)?.as_bytes());
        Ok(self.body)
    }
}

/// Where a page begins and ends.
pub(super) struct Span {
    limit: u32,
    /// How many rows have come; one more than `limit` when there are more.
    rows: u32,
    first_id: Vec<u8>,
    last_id: Vec<u8>,
}

impl Span {
    pub(super) fn new(limit: u32) -> Self {
        Self { limit, rows: 0, first_id: Vec::new(), last_id: Vec::new() }
    }

    /// Whether the next row is part of the page.
    pub(super) fn take(&mut self, row: &impl Columns, id: usize) -> Outcome<bool> {
        self.rows += 1;
        if self.limit < self.rows {
            return Ok(false);
        }
        self.last_id.clear();
        row.write_id(id, &mut self.last_id)?;
        if self.rows == 1 {
            self.first_id.clone_from(&self.last_id);
        }
        Ok(true)
    }

    /// What follows the records.
    pub(super) fn tail(&self, total: i64) -> Outcome<String> {
        Ok(format!(
            r#"]}},"totalCount":{total},"pageInfo":{{"startCursor":{},"endCursor":{},"hasNextPage":{},"hasPreviousPage":false}}}}"#,
            cursor(&self.first_id)?,
            cursor(&self.last_id)?,
            self.limit < self.rows
        ))
    }
}

fn cursor(id: &[u8]) -> Outcome<String> {
    if id.is_empty() {
        return Ok("null".into());
    }
    let id = std::str::from_utf8(id)?;
    Ok(format!("\"{}\"", STANDARD.encode(format!(r#"{{"id":"{id}"}}"#))))
}
