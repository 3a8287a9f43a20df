//! Writes the columns of a row as JSON, one after the other, in the order in which they were selected.

use std::io::Write;

use jiff::Timestamp;
use jiff::fmt::StdIoWrite;
use jiff::fmt::temporal::DateTimePrinter;
use rusqlite::Row;

use crate::Outcome;

const MILLISECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// A row that is being written. Each call writes the text before a value, such as `,"name":`, then the
/// next column.
pub(super) struct JsonRow<'a> {
    row: &'a Row<'a>,
    next: usize,
    out: &'a mut Vec<u8>,
}

impl<'a> JsonRow<'a> {
    pub(super) fn new(row: &'a Row<'a>, out: &'a mut Vec<u8>) -> Self {
        Self::after(0, row, out)
    }

    /// Leaves out the first columns.
    pub(super) fn after(first: usize, row: &'a Row<'a>, out: &'a mut Vec<u8>) -> Self {
        Self { row, next: first, out }
    }

    /// Text; `""` for nothing.
    pub(super) fn text(&mut self, before: &str) -> Outcome<&mut Self> {
        let text = self.column(before)?.as_str_or_null()?.unwrap_or_default();
        serde_json::to_writer(&mut *self.out, text)?;
        Ok(self)
    }

    /// Text or null.
    pub(super) fn optional_text(&mut self, before: &str) -> Outcome<&mut Self> {
        let text = self.column(before)?.as_str_or_null()?;
        serde_json::to_writer(&mut *self.out, &text)?;
        Ok(self)
    }

    /// JSON that is stored as text; `empty` for nothing.
    pub(super) fn json(&mut self, before: &str, empty: &str) -> Outcome<&mut Self> {
        let text = self.column(before)?.as_str_or_null()?.unwrap_or(empty);
        self.out.extend_from_slice(text.as_bytes());
        Ok(self)
    }

    /// A whole number or null.
    pub(super) fn integer(&mut self, before: &str) -> Outcome<&mut Self> {
        let number = self.column(before)?.as_i64_or_null()?;
        serde_json::to_writer(&mut *self.out, &number)?;
        Ok(self)
    }

    /// A number, without `.0` when it is whole, or null.
    pub(super) fn float(&mut self, before: &str) -> Outcome<&mut Self> {
        match self.column(before)?.as_f64_or_null()? {
            Some(number) => write!(self.out, "{number}")?,
            None => self.out.extend_from_slice(b"null"),
        }
        Ok(self)
    }

    /// Milliseconds since 1970 as `"2026-03-01T09:30:00.000Z"`, or null.
    pub(super) fn instant(&mut self, before: &str) -> Outcome<&mut Self> {
        let Some(millis) = self.column(before)?.as_i64_or_null()? else {
            self.out.extend_from_slice(b"null");
            return Ok(self);
        };
        let instant = Timestamp::from_millisecond(millis)?;
        self.out.push(b'"');
        MILLISECONDS.print_timestamp(&instant, StdIoWrite(&mut *self.out))?;
        self.out.push(b'"');
        Ok(self)
    }

    pub(super) fn end(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn column(&mut self, before: &str) -> Outcome<rusqlite::types::ValueRef<'a>> {
        self.out.extend_from_slice(before.as_bytes());
        let column = self.row.get_ref(self.next)?;
        self.next += 1;
        Ok(column)
    }
}
