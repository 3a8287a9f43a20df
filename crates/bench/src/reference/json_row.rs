//! Writes the columns of a row as JSON, one after the other, in the order in which they were selected.

use std::io::Write;

use jiff::Timestamp;
use jiff::fmt::StdIoWrite;
use jiff::fmt::temporal::DateTimePrinter;

use crate::Outcome;

const MILLISECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// A row of a driver. Columns are named by their place in the select list.
pub(super) trait Columns {
    fn text(&self, column: usize) -> Outcome<Option<&str>>;
    fn json(&self, column: usize) -> Outcome<Option<&str>>;
    fn integer(&self, column: usize) -> Outcome<Option<i64>>;
    fn float(&self, column: usize) -> Outcome<Option<f64>>;
    fn instant(&self, column: usize) -> Outcome<Option<Timestamp>>;

    /// Writes the text of an id; whether there is one.
    fn write_id(&self, column: usize, out: &mut Vec<u8>) -> Outcome<bool>;
}

/// A row that is being written. Each call writes the text before a value, such as `,"name":`, then the
/// next column.
pub(super) struct JsonRow<'a, C> {
    row: &'a C,
    next: usize,
    out: &'a mut Vec<u8>,
}

impl<'a, C: Columns> JsonRow<'a, C> {
    pub(super) fn new(row: &'a C, out: &'a mut Vec<u8>) -> Self {
        Self::after(0, row, out)
    }

    /// Leaves out the first columns.
    pub(super) fn after(first: usize, row: &'a C, out: &'a mut Vec<u8>) -> Self {
        Self { row, next: first, out }
    }

    /// Text; `""` for nothing.
    pub(super) fn text(&mut self, before: &str) -> Outcome<&mut Self> {
        let column = self.column(before);
        serde_json::to_writer(&mut *self.out, self.row.text(column)?.unwrap_or_default())?;
        Ok(self)
    }

    /// Text or null.
    pub(super) fn optional_text(&mut self, before: &str) -> Outcome<&mut Self> {
        let column = self.column(before);
        serde_json::to_writer(&mut *self.out, &self.row.text(column)?)?;
        Ok(self)
    }

    /// An id or null.
    pub(super) fn id(&mut self, before: &str) -> Outcome<&mut Self> {
        let column = self.column(before);
        let start = self.out.len();
        self.out.push(b'"');
        if self.row.write_id(column, self.out)? {
            self.out.push(b'"');
        } else {
            self.out.truncate(start);
            self.out.extend_from_slice(b"null");
        }
        Ok(self)
    }

    /// JSON as it is stored; `empty` for nothing.
    pub(super) fn json(&mut self, before: &str, empty: &str) -> Outcome<&mut Self> {
        let column = self.column(before);
        self.out.extend_from_slice(self.row.json(column)?.unwrap_or(empty).as_bytes());
        Ok(self)
    }

    /// A whole number or null.
    pub(super) fn integer(&mut self, before: &str) -> Outcome<&mut Self> {
        let column = self.column(before);
        serde_json::to_writer(&mut *self.out, &self.row.integer(column)?)?;
        Ok(self)
    }

    /// A number, without `.0` when it is whole, or null.
    pub(super) fn float(&mut self, before: &str) -> Outcome<&mut Self> {
        let column = self.column(before);
        match self.row.float(column)? {
            Some(number) => write!(self.out, "{number}")?,
            None => self.out.extend_from_slice(b"null"),
        }
        Ok(self)
    }

    /// An instant as `"2026-03-01T09:30:00.000Z"`, or null.
    pub(super) fn instant(&mut self, before: &str) -> Outcome<&mut Self> {
        let column = self.column(before);
        let Some(instant) = self.row.instant(column)? else {
            self.out.extend_from_slice(b"null");
            return Ok(self);
        };
        self.out.push(b'"');
        MILLISECONDS.print_timestamp(&instant, StdIoWrite(&mut *self.out))?;
        self.out.push(b'"');
        Ok(self)
    }

    pub(super) fn end(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn column(&mut self, before: &str) -> usize {
        self.out.extend_from_slice(before.as_bytes());
        self.next += 1;
        self.next - 1
    }
}
