//! The functions `day_number` and `period`: dates as groups gather them.

use std::error::Error;
use std::sync::Arc;

use fourfold_query::calendar::{Period, local_day, utc_day};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

/// Registers `day_number(date)`, `day_number(instant)`, `day_number(instant, offsets, starts)` and
/// `period(name, day)`.
pub(super) fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("day_number", 1, flags, |context| {
        Ok(match context.get_raw(0) {
            ValueRef::Integer(millis) => Some(utc_day(millis)),
            ValueRef::Text(date) => day_of_date(date),
            _ => None,
        })
    })?;
    connection.create_scalar_function("day_number", 3, flags, local_day_number)?;
    connection.create_scalar_function("period", 2, flags, |context| {
        let name = context.get_raw(0).as_str_or_null()?.and_then(Period::from_name);
        Ok(name.zip(context.get::<Option<i64>>(1)?).map(|(period, day)| period.of_day(day)))
    })
}

/// The day of a date as columns hold it, `2026-03-01`.
fn day_of_date(text: &[u8]) -> Option<i64> {
    let date: jiff::civil::Date = std::str::from_utf8(text).ok()?.parse().ok()?;
    let since = date.since(jiff::civil::date(1970, 1, 1)).ok()?;
    Some(since.get_days().into())
}

/// The clocks of a time zone come as two lists, which are the same for all rows of a statement.
fn local_day_number(context: &Context<'_>) -> Result<Option<i64>> {
    let ValueRef::Integer(millis) = context.get_raw(0) else { return Ok(None) };
    let (offsets, starts) = (list(context, 1)?, list(context, 2)?);
    Ok(local_day(millis, &starts, &offsets))
}

fn list(context: &Context<'_>, argument: i32) -> Result<Arc<Vec<i64>>> {
    context.get_or_create_aux(argument, |value| -> std::result::Result<_, Box<dyn Error + Send + Sync>> {
        Ok(serde_json::from_str(value.as_str()?)?)
    })
}
