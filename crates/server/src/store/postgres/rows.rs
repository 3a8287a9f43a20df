//! Rows in the server's binary form.

use std::error::Error;

use fourfold_model::Value;
use fourfold_query::{Cell, Cells};
use jiff::{Timestamp, ToSpan, civil};
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use super::EPOCH_MICROSECONDS;
use crate::store::Row;

/// Days from 1970 to 2000, from which the server counts.
const EPOCH_DAYS: i32 = 10_957;

/// What stands before the elements of an array of one dimension: dimensions, flags, type, length, and
/// the place of the first.
const ARRAY_HEADER_BYTES: usize = 20;

/// A row as it came.
pub(super) struct PostgresRow<'a>(pub(super) &'a tokio_postgres::Row);

impl Cells for PostgresRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        // The plan numbers the columns that it selects, so there is no other column to ask for.
        self.0.try_get::<_, Raw<'_>>(column).map_or(Cell::Null, |raw| raw.0)
    }
}

/// A column's value, of whatever type.
struct Raw<'a>(Cell<'a>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(decode(ty, raw).unwrap_or(Cell::Text(raw))))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Cell::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The value in its binary form; `None` for the types whose binary form is their text.
fn decode<'a>(ty: &Type, raw: &'a [u8]) -> Option<Cell<'a>> {
    Some(match *ty {
        Type::UUID => Cell::Uuid(raw.try_into().ok()?),
        Type::INT8 => Cell::Integer(i64::from_be_bytes(raw.try_into().ok()?)),
        Type::FLOAT8 => Cell::Float(f64::from_be_bytes(raw.try_into().ok()?)),
        Type::BOOL => Cell::Integer(i64::from(raw == [1])),
        Type::TIMESTAMPTZ => {
            let microseconds = i64::from_be_bytes(raw.try_into().ok()?) + EPOCH_MICROSECONDS;
            Cell::Integer(microseconds.div_euclid(1000))
        }
        Type::DATE => Cell::Date(i32::from_be_bytes(raw.try_into().ok()?) + EPOCH_DAYS),
        Type::INT4 => Cell::Integer(i32::from_be_bytes(raw.try_into().ok()?).into()),
        Type::TEXT_ARRAY => Cell::Elements(raw.get(ARRAY_HEADER_BYTES..).unwrap_or_default()),
        _ => return None,
    })
}

/// A row of a small answer.
pub(super) fn owned(row: &tokio_postgres::Row) -> Row {
    let cells = PostgresRow(row);
    let values = row.columns().iter().enumerate();
    Row(values.map(|(place, column)| owned_value(column.type_(), cells.cell(place))).collect())
}

fn owned_value(ty: &Type, cell: Cell<'_>) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(truth) if *ty == Type::BOOL => Value::Boolean(truth != 0),
        Cell::Integer(millis) if *ty == Type::TIMESTAMPTZ => {
            Timestamp::from_millisecond(millis).map_or(Value::Null, Value::DateTime)
        }
        Cell::Integer(number) => Value::Integer(number),
        Cell::Float(number) => Value::Float(number),
        Cell::Uuid(id) => Value::Uuid(Uuid::from_bytes(*id)),
        Cell::Date(days) => civil::date(1970, 1, 1).checked_add(days.days()).map_or(Value::Null, Value::Date),
        Cell::Text(text) | Cell::Elements(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_forms_are_read() {
        let id = [7; 16];
        for (ty, raw, expected) in [
            (Type::UUID, &id[..], Some(Cell::Uuid(&id))),
            (Type::INT8, &(-2_i64).to_be_bytes(), Some(Cell::Integer(-2))),
            (Type::INT4, &5_i32.to_be_bytes(), Some(Cell::Integer(5))),
            (Type::FLOAT8, &0.5_f64.to_be_bytes(), Some(Cell::Float(0.5))),
            (Type::BOOL, &[1], Some(Cell::Integer(1))),
            (Type::TIMESTAMPTZ, &0_i64.to_be_bytes(), Some(Cell::Integer(946_684_800_000))),
            (Type::TIMESTAMPTZ, &(-1_i64).to_be_bytes(), Some(Cell::Integer(946_684_799_999))),
            (Type::DATE, &0_i32.to_be_bytes(), Some(Cell::Date(10_957))),
            (Type::TEXT_ARRAY, &[0; 12], Some(Cell::Elements(&[]))),
            (Type::TEXT, b"abc", None),
            (Type::JSON, b"{}", None),
            // What is cut short is no value of its type.
            (Type::INT8, &[0, 1], None),
        ] {
            assert_eq!(decode(&ty, raw), expected, "{ty}");
        }
    }
}
