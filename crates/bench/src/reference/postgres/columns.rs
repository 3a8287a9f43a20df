//! Columns as PostgreSQL sends them in their binary form.

use std::error::Error;

use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use crate::Outcome;
use crate::reference::json_row::Columns;

impl Columns for Row {
    fn text(&self, column: usize) -> Outcome<Option<&str>> {
        Ok(self.try_get(column)?)
    }

    fn json(&self, column: usize) -> Outcome<Option<&str>> {
        Ok(self.try_get::<_, Option<JsonText<'_>>>(column)?.map(|json| json.0))
    }

    fn integer(&self, column: usize) -> Outcome<Option<i64>> {
        Ok(self.try_get(column)?)
    }

    fn float(&self, column: usize) -> Outcome<Option<f64>> {
        Ok(self.try_get(column)?)
    }

    fn instant(&self, column: usize) -> Outcome<Option<Timestamp>> {
        Ok(self.try_get(column)?)
    }

    fn write_id(&self, column: usize, out: &mut Vec<u8>) -> Outcome<bool> {
        let Some(id) = self.try_get::<_, Option<Uuid>>(column)? else { return Ok(false) };
        out.extend_from_slice(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()).as_bytes());
        Ok(true)
    }
}

/// A column of type `json`, whose binary form is its text.
struct JsonText<'a>(&'a str);

impl<'a> FromSql<'a> for JsonText<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(std::str::from_utf8(raw)?))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSON
    }
}
