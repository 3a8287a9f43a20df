//! Filters as the doors read them: a tree of names over values, not yet checked against a model.

use std::hash::Hash;

use serde_json::Value as Json;

use crate::operation::{Slot, Values};

/// How deep a filter may nest. Deeper ones are refused before anything recurses into them.
pub const MAX_FILTER_DEPTH: usize = 32;

/// How many comparisons one filter may hold.
pub const MAX_FILTER_VALUES: usize = 500;

/// A filter, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Filter {
    /// Members of an object, all of which must hold: fields, operators, `and`, `or`, `not`.
    Members(Vec<(String, Filter)>),
    /// The items of `and` or `or`.
    Items(Vec<Filter>),
    /// A value to compare with.
    Value(Slot, ValueClass),
}

/// What of a value decides how the statement is written, so that the rest may vary.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ValueClass {
    /// `null`
    Null,
    /// `""`, which compares as null does
    EmptyText,
    /// `NULL`
    IsNull,
    /// `NOT_NULL`
    IsNotNull,
    /// `true`
    True,
    /// `false`
    False,
    /// `[…]`
    List,
    /// Anything else.
    Other,
}

impl ValueClass {
    fn of(value: &Json) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Bool(true) => Self::True,
            Json::Bool(false) => Self::False,
            Json::Array(_) => Self::List,
            Json::String(text) => match text.as_str() {
                "" => Self::EmptyText,
                "NULL" => Self::IsNull,
                "NOT_NULL" => Self::IsNotNull,
                _ => Self::Other,
            },
            Json::Number(_) | Json::Object(_) => Self::Other,
        }
    }
}

/// Why a filter could not even be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// It nests too deep.
    #[error("the filter nests deeper than {MAX_FILTER_DEPTH} levels")]
    TooDeep,
    /// It compares too much.
    #[error("the filter holds more than {MAX_FILTER_VALUES} comparisons")]
    TooManyValues,
    /// Something else than an object stands where conditions belong.
    #[error("a filter must be an object of fields and conditions")]
    NotAnObject,
}

impl Filter {
    /// A leaf that compares with `value`.
    pub fn value(value: Json, values: &mut Values) -> Self {
        let class = ValueClass::of(&value);
        Self::Value(values.keep(value), class)
    }

    /// Reads the JSON form of a filter, as GraphQL has it.
    ///
    /// # Errors
    /// When it is no object, or beyond [`MAX_FILTER_DEPTH`] or [`MAX_FILTER_VALUES`].
    pub fn from_json(filter: Json, values: &mut Values) -> Result<Self, FilterError> {
        if !filter.is_object() {
            return Err(FilterError::NotAnObject);
        }
        let mut budget = MAX_FILTER_VALUES;
        Self::read(filter, values, 0, &mut budget)
    }

    fn read(
        filter: Json,
        values: &mut Values,
        depth: usize,
        budget: &mut usize,
    ) -> Result<Self, FilterError> {
        if depth == MAX_FILTER_DEPTH {
            return Err(FilterError::TooDeep);
        }
        let members = match filter {
            // What holds nothing counts too, or any number of it would cost nothing.
            Json::Object(members) if !members.is_empty() => members,
            leaf => {
                *budget = budget.checked_sub(1).ok_or(FilterError::TooManyValues)?;
                return Ok(match leaf {
                    Json::Object(_) => Self::Members(Vec::new()),
                    value => Self::value(value, values),
                });
            }
        };
        let members = members.into_iter().map(|(name, body)| {
            let body = match body {
                Json::Array(items) if is_conjunction(&name) => {
                    if items.is_empty() {
                        *budget = budget.checked_sub(1).ok_or(FilterError::TooManyValues)?;
                    }
                    let items = items.into_iter().map(|item| Self::read(item, values, depth + 1, budget));
                    Self::Items(items.collect::<Result<_, _>>()?)
                }
                other => Self::read(other, values, depth + 1, budget)?,
            };
            Ok((name, body))
        });
        Ok(Self::Members(members.collect::<Result<_, _>>()?))
    }

    /// Whether the filter speaks of `deletedAt` in its own `and`, `or` and `not`, which lifts the
    /// condition that records in the trash stay hidden. Inside a relation it does not.
    pub fn mentions_deleted_at(&self) -> bool {
        self.mentions("deletedAt")
    }

    /// Whether the filter speaks of a field in its own `and`, `or` and `not`.
    pub(crate) fn mentions(&self, field: &str) -> bool {
        match self {
            Self::Members(members) => members.iter().any(|(name, body)| match name.as_str() {
                "and" | "or" | "not" => body.mentions(field),
                name => name == field,
            }),
            Self::Items(items) => items.iter().any(|item| item.mentions(field)),
            Self::Value(..) => false,
        }
    }
}

fn is_conjunction(name: &str) -> bool {
    name == "and" || name == "or"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_are_read_within_limits() {
        let deep =
            |levels: usize| (0..levels).fold(json!({"a": {"eq": 1}}), |below, _| json!({"not": below}));
        let many = |item: Json, count: usize| json!({"or": vec![item; count]});
        for (case, filter, expected) in [
            ("empty", json!({}), Ok(())),
            ("no object", json!([]), Err(FilterError::NotAnObject)),
            ("deep", deep(29), Ok(())),
            ("too deep", deep(30), Err(FilterError::TooDeep)),
            ("many", many(json!({"a": {"eq": 1}}), 500), Ok(())),
            ("too many", many(json!({"a": {"eq": 1}}), 501), Err(FilterError::TooManyValues)),
            ("too many of nothing", many(json!({}), 501), Err(FilterError::TooManyValues)),
            ("too many relations", many(json!({"a": {}}), 501), Err(FilterError::TooManyValues)),
            ("too many lists", many(json!({"and": []}), 501), Err(FilterError::TooManyValues)),
        ] {
            let read = Filter::from_json(filter, &mut Values::default()).map(drop);
            assert_eq!(read, expected, "{case}");
        }
    }
}
