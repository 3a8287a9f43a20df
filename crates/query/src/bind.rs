//! Where the values of a planned statement come from, and how a request's values become them.

use std::sync::Arc;

use fourfold_model::{Scalar, Value};
use jiff::Timestamp;
use serde_json::Value as Json;

use crate::calendar::zone_offsets;
use crate::error::{PlanError, PlanErrorCode};
use crate::operation::{Slot, Values};
use crate::sort_key::sort_key;

/// What a placeholder stands for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bind {
    /// The same value for every request of the plan.
    Constant(Value),
    /// A value to compare a column with.
    Comparison(Comparison),
    /// A number that the door has checked: a limit or an offset, plus one more.
    Number {
        /// Where it stands.
        slot: Slot,
        /// Added to it, to see whether there is more.
        plus: i64,
        /// What it counts for at most, before that.
        most: i64,
    },
    /// When the offsets from UTC of a named time zone begin.
    ZoneStarts(Slot),
    /// What they are, in seconds.
    ZoneOffsets(Slot),
    /// The ids of the parents whose related records are wanted, or of the records just written.
    Ids,
    /// Rows that come with the execution, as JSON.
    Rows,
    /// One column of these rows.
    RowsColumn(usize),
    /// One value of the only row.
    RowValue(usize),
}

/// How a request's value becomes one that a column compares with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Comparison {
    pub(crate) slot: Slot,
    pub(crate) scalar: Scalar,
    pub(crate) form: Form,
    /// The field as messages name it.
    pub(crate) path: Arc<str>,
    /// The field's option values, in order.
    pub(crate) options: Arc<[String]>,
    /// What to answer when the value does not fit.
    pub(crate) refusal: PlanErrorCode,
}

/// What is bound for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The value itself.
    Single,
    /// A list of values.
    List,
    /// A list of values that must not be empty.
    NonEmptyList,
    /// The place of an option among the field's options.
    Rank,
    /// The key that a text sorts by.
    SortKey,
    /// A pattern as the client wrote it.
    Pattern,
    /// The same without case.
    FoldedPattern,
    /// A pattern for texts that begin so.
    Prefix,
    /// A pattern for texts that end so.
    Suffix,
}

impl Bind {
    /// The number at `slot`, and `plus` more.
    pub(crate) fn number(slot: Slot, plus: i64) -> Self {
        Self::Number { slot, plus, most: i64::MAX }
    }

    fn resolve(&self, values: &Values, rows: &[Vec<Value>]) -> Result<Value, PlanError> {
        let cell = |row: &Vec<Value>, column: usize| row.get(column).cloned().unwrap_or(Value::Null);
        match self {
            Self::Constant(value) => Ok(value.clone()),
            Self::Comparison(comparison) => comparison.resolve(values),
            Self::Number { slot, plus, most } => {
                let number = values.get(*slot).as_i64().unwrap_or_default().min(*most);
                Ok(Value::Integer(number.saturating_add(*plus)))
            }
            Self::ZoneStarts(slot) => {
                let (starts, _) = zone(*slot, values)?;
                Ok(Value::List(Scalar::DateTime, starts.into_iter().map(Value::DateTime).collect()))
            }
            Self::ZoneOffsets(slot) => {
                let (_, offsets) = zone(*slot, values)?;
                Ok(Value::List(Scalar::BigInt, offsets.into_iter().map(Value::Integer).collect()))
            }
            // Only known when the statement runs.
            Self::Ids => Ok(Value::Null),
            Self::Rows => {
                let rows = rows.iter().map(|row| Value::List(Scalar::Json, row.clone()));
                Ok(Value::List(Scalar::Json, rows.collect()))
            }
            Self::RowsColumn(column) => {
                Ok(Value::Column(rows.iter().map(|row| cell(row, *column)).collect()))
            }
            Self::RowValue(column) => Ok(rows.first().map_or(Value::Null, |row| cell(row, *column))),
        }
    }
}

fn zone(slot: Slot, values: &Values) -> Result<(Vec<Timestamp>, Vec<i64>), PlanError> {
    let name = values.get(slot);
    name.as_str().and_then(zone_offsets).ok_or_else(|| {
        let message = format!("there is no time zone {name}; use a name such as \"Europe/Lisbon\"");
        PlanError::new(PlanErrorCode::UnknownTimeZone, message)
    })
}

impl Comparison {
    fn resolve(&self, values: &Values) -> Result<Value, PlanError> {
        let value = values.get(self.slot);
        match self.form {
            Form::Single => self.parse(value),
            Form::NonEmptyList if value.as_array().is_some_and(Vec::is_empty) => {
                let message = format!("{}: in needs at least one value", self.path);
                Err(PlanError::new(PlanErrorCode::InvalidArgument, message))
            }
            Form::List | Form::NonEmptyList => self.parse_list(value),
            Form::Rank => self.rank(value),
            Form::SortKey => Ok(Value::Bytes(sort_key(self.text(value)?))),
            Form::Pattern => Ok(Value::Text(complete_pattern(self.text(value)?))),
            Form::FoldedPattern => Ok(Value::Text(fold_case(&complete_pattern(self.text(value)?)))),
            Form::Prefix => Ok(Value::Text(format!("{}%", escape_pattern(self.text(value)?)))),
            Form::Suffix => Ok(Value::Text(format!("%{}", escape_pattern(self.text(value)?)))),
        }
    }

    fn parse(&self, value: &Json) -> Result<Value, PlanError> {
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        self.scalar.parse_filter_value(&self.path, value, &options).map_err(|error| {
            let is_unknown_option = matches!(self.scalar, Scalar::Option | Scalar::OptionList)
                && value.is_string()
                && self.refusal == PlanErrorCode::InvalidFilter;
            let code = if is_unknown_option { PlanErrorCode::UnknownOption } else { self.refusal };
            PlanError::new(code, error.message)
        })
    }

    fn parse_list(&self, value: &Json) -> Result<Value, PlanError> {
        let Json::Array(items) = value else {
            return Err(self.refused(value, "a list"));
        };
        let parsed = items.iter().map(|item| self.parse(item));
        Ok(Value::List(self.scalar, parsed.collect::<Result<_, PlanError>>()?))
    }

    fn rank(&self, value: &Json) -> Result<Value, PlanError> {
        self.parse(value)?;
        let place = self.options.iter().position(|option| value.as_str() == Some(option));
        let place = place.ok_or_else(|| self.refused(value, "one of the field's options"))?;
        Ok(Value::Integer(i64::try_from(place).unwrap_or(i64::MAX)))
    }

    fn text<'a>(&self, value: &'a Json) -> Result<&'a str, PlanError> {
        match value.as_str() {
            // No text holds NUL, and PostgreSQL takes none that does.
            Some(text) if text.contains('\0') => Err(self.refused(value, "text without NUL characters")),
            Some(text) => Ok(text),
            None => Err(self.refused(value, "a string")),
        }
    }

    fn refused(&self, value: &Json, expected: &str) -> PlanError {
        let error = fourfold_model::ValueError::invalid(&self.path, value, expected);
        PlanError::new(self.refusal, error.message)
    }
}

/// A pattern that can be read to its end: a backslash with nothing behind it stands for itself.
fn complete_pattern(pattern: &str) -> String {
    let backslashes = pattern.bytes().rev().take_while(|byte| *byte == b'\\').count();
    let end = if backslashes.is_multiple_of(2) { "" } else { "\\" };
    format!("{pattern}{end}")
}

/// Text without its case, for comparing. The final sigma is a sigma, since a part of a word may end in it.
pub fn fold_case(text: &str) -> String {
    text.to_lowercase().replace('ς', "σ")
}

/// `text` as a pattern that matches only itself.
fn escape_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// The values for every statement of a read.
#[derive(Clone, Debug, Default)]
pub struct BoundRead {
    /// For the statement of the records.
    pub root: Vec<Value>,
    /// For the statement of their totals.
    pub totals: Vec<Value>,
    /// The most records that the page holds.
    pub limit: usize,
    /// For each to-many path; the ids of the parents among them are still null.
    pub children: Vec<BoundChild>,
}

/// The values for the statements of one to-many path.
#[derive(Clone, Debug, Default)]
pub struct BoundChild {
    /// For the statement of the related records.
    pub rows: Vec<Value>,
    /// For the statement of their totals.
    pub totals: Vec<Value>,
    /// The most records for each parent.
    pub limit: usize,
}

pub(crate) fn resolve_all(
    binds: &[Bind],
    values: &Values,
    rows: &[Vec<Value>],
) -> Result<Vec<Value>, PlanError> {
    binds.iter().map(|bind| bind.resolve(values, rows)).collect()
}

/// Puts `ids` where a statement's binds want them.
pub(crate) fn fill_ids(binds: &[Bind], resolved: &mut [Value], ids: &Value) {
    for (bind, value) in binds.iter().zip(resolved) {
        if matches!(bind, Bind::Ids) {
            value.clone_from(ids);
        }
    }
}
