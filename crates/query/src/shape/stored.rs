//! Columns back to values, for what the server itself goes on with.

use fourfold_model::{Scalar, Value};
use jiff::{Span, Timestamp, civil};

use super::{Cell, Cells};
use crate::json;

/// The values of a row whose columns hold these kinds, in this order; none when one holds something else,
/// which would be lost if it were written back.
pub fn read_values(row: &impl Cells, scalars: &[Scalar]) -> Option<Vec<Value>> {
    scalars.iter().enumerate().map(|(column, scalar)| value(row.cell(column), *scalar)).collect()
}

fn value(cell: Cell<'_>, scalar: Scalar) -> Option<Value> {
    Some(match (cell, scalar) {
        (Cell::Null, _) => Value::Null,
        (_, Scalar::Uuid) => Value::Uuid(cell.id()?),
        (Cell::Integer(millis), Scalar::DateTime) => {
            Value::DateTime(Timestamp::from_millisecond(millis).ok()?)
        }
        (Cell::Integer(truth), Scalar::Boolean) => Value::Boolean(truth != 0),
        (Cell::Integer(number), _) => Value::Integer(number),
        (Cell::Float(number), _) => Value::Float(number),
        (Cell::Date(days), _) => {
            let since_1970 = Span::new().try_days(days).ok()?;
            Value::Date(civil::date(1970, 1, 1).checked_add(since_1970).ok()?)
        }
        (Cell::Elements(elements), _) => {
            let mut list = Vec::with_capacity(elements.len() + 2);
            json::write_list(elements, &mut list);
            Value::TextList(serde_json::from_slice(&list).ok()?)
        }
        (Cell::Text(text), Scalar::OptionList | Scalar::TextList) => {
            Value::TextList(serde_json::from_slice(text).ok()?)
        }
        (Cell::Text(text), _) => {
            let text = std::str::from_utf8(text).ok()?;
            match scalar {
                Scalar::Date => Value::Date(text.parse().ok()?),
                Scalar::Json => Value::Json(text.to_owned()),
                _ => Value::Text(text.to_owned()),
            }
        }
        (Cell::Uuid(_), _) => return None,
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_a_column_cannot_hold_is_no_value() {
        for (cell, scalar) in [
            (Cell::Text(b"one"), Scalar::Uuid),
            (Cell::Integer(i64::MAX), Scalar::DateTime),
            (Cell::Date(i32::MAX), Scalar::Date),
            (Cell::Text(b"{}"), Scalar::TextList),
            (Cell::Text(b"\xff"), Scalar::Text),
        ] {
            assert_eq!(value(cell, scalar), None, "{cell:?}");
        }
    }

    #[test]
    fn both_databases_give_the_same_values() {
        let id = Uuid::from_bytes([7; 16]);
        let day = civil::date(2024, 10, 4);
        for (cells, scalar, expected) in [
            (
                vec![Cell::Text(b"07070707-0707-0707-0707-070707070707"), Cell::Uuid(&[7; 16])],
                Scalar::Uuid,
                Value::Uuid(id),
            ),
            (vec![Cell::Text(b"2024-10-04"), Cell::Date(20_000)], Scalar::Date, Value::Date(day)),
            (
                vec![Cell::Integer(7)],
                Scalar::DateTime,
                Value::DateTime(Timestamp::from_millisecond(7).unwrap()),
            ),
            (vec![Cell::Integer(1)], Scalar::Boolean, Value::Boolean(true)),
            (vec![Cell::Integer(1)], Scalar::BigInt, Value::Integer(1)),
            (vec![Cell::Float(-0.5)], Scalar::Float, Value::Float(-0.5)),
            (vec![Cell::Text(b"a")], Scalar::Text, Value::Text("a".into())),
            (vec![Cell::Text(b"[1]")], Scalar::Json, Value::Json("[1]".into())),
            (
                vec![Cell::Text(b"[\"a\",\"b\\\"\"]"), Cell::Elements(b"\0\0\0\x01a\0\0\0\x02b\"")],
                Scalar::TextList,
                Value::TextList(vec!["a".into(), "b\"".into()]),
            ),
            (vec![Cell::Null], Scalar::Uuid, Value::Null),
            (vec![Cell::Null], Scalar::Text, Value::Null),
        ] {
            for cell in cells {
                assert_eq!(value(cell, scalar).as_ref(), Some(&expected), "{cell:?}");
            }
        }
    }
}
