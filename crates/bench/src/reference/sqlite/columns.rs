//! Columns as SQLite has them: ids are text, instants milliseconds since 1970.

use jiff::Timestamp;
use rusqlite::Row;

use crate::Outcome;
use crate::reference::json_row::Columns;

impl Columns for Row<'_> {
    fn text(&self, column: usize) -> Outcome<Option<&str>> {
        Ok(self.get_ref(column)?.as_str_or_null()?)
    }

    fn json(&self, column: usize) -> Outcome<Option<&str>> {
        self.text(column)
    }

    fn integer(&self, column: usize) -> Outcome<Option<i64>> {
        Ok(self.get_ref(column)?.as_i64_or_null()?)
    }

    fn float(&self, column: usize) -> Outcome<Option<f64>> {
        Ok(self.get_ref(column)?.as_f64_or_null()?)
    }

    fn instant(&self, column: usize) -> Outcome<Option<Timestamp>> {
        Ok(self.integer(column)?.map(Timestamp::from_millisecond).transpose()?)
    }

    fn write_id(&self, column: usize, out: &mut Vec<u8>) -> Outcome<bool> {
        let id = self.text(column)?;
        out.extend_from_slice(id.unwrap_or_default().as_bytes());
        Ok(id.is_some())
    }
}
