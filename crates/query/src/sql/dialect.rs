//! Where databases differ, each difference with its answers side by side.
//!
//! SQLite is the only database so far; PostgreSQL adds its arm to every `match` below, and nothing
//! elsewhere.

use std::fmt::Write as _;

use fourfold_model::{Scalar, Value};

use crate::operation::Direction;

/// The database that a statement is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite 3.38 or newer, with the functions and collation that the server registers:
    /// `unicode_lower`, `like_pattern` and the collation `unicode`.
    Sqlite,
}

/// Limits of one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Tables that one `FROM` joins.
    pub(crate) tables: usize,
    /// Columns of a row.
    pub(crate) columns: usize,
    /// Placeholders.
    pub(crate) binds: usize,
}

impl Dialect {
    /// What one statement may hold at most; the database refuses more when it prepares the text.
    pub(crate) fn limits(self) -> Limits {
        match self {
            // https://sqlite.org/limits.html, the defaults
            Self::Sqlite => Limits { tables: 64, columns: 2000, binds: 32_766 },
        }
    }

    /// What stands before the number of a placeholder.
    pub(crate) fn placeholder(self) -> char {
        match self {
            Self::Sqlite => '?',
        }
    }

    /// The column type for values of this kind.
    ///
    /// SQLite has neither dates nor UUIDs: ids and dates are text, whose byte order is their order;
    /// instants are milliseconds since 1970, lists and JSON are JSON text.
    pub(crate) fn column_type(self, scalar: Scalar) -> &'static str {
        match self {
            Self::Sqlite => match scalar {
                Scalar::BigInt | Scalar::Boolean | Scalar::DateTime => "INTEGER",
                Scalar::Float => "REAL",
                Scalar::Uuid
                | Scalar::Text
                | Scalar::Date
                | Scalar::Option
                | Scalar::OptionList
                | Scalar::TextList
                | Scalar::Json
                | Scalar::SearchVector => "TEXT",
            },
        }
    }

    /// What follows the type of a text column, so that it sorts as people read: by the root collation
    /// of Unicode, in which case matters last.
    pub(crate) fn text_collation(self) -> &'static str {
        match self {
            Self::Sqlite => " COLLATE unicode",
        }
    }

    /// What follows an operand that must match byte for byte, whatever collation its column has.
    pub(crate) fn exact_collation(self) -> &'static str {
        match self {
            Self::Sqlite => " COLLATE BINARY",
        }
    }

    /// A pattern match that minds case: before the text, between text and pattern, after.
    ///
    /// SQLite's own `LIKE` folds ASCII, so our connections register a function.
    pub(crate) fn like(self) -> [&'static str; 3] {
        match self {
            Self::Sqlite => ["like_pattern(", ", ", ")"],
        }
    }

    /// The same without case. SQLite folds only ASCII by itself; our connections fold the rest.
    pub(crate) fn ilike(self) -> [&'static str; 3] {
        match self {
            Self::Sqlite => ["like_pattern(unicode_lower(", "), unicode_lower(", "))"],
        }
    }

    /// How a direction is written. Where nulls go by themselves it says nothing, so that an index in
    /// the database's own order serves it: SQLite takes null for the smallest value.
    pub(crate) fn direction(self, direction: Direction) -> &'static str {
        match self {
            Self::Sqlite => match direction {
                Direction::AscNullsFirst => "",
                Direction::AscNullsLast => " NULLS LAST",
                Direction::DescNullsFirst => " DESC NULLS FIRST",
                Direction::DescNullsLast => " DESC",
            },
        }
    }

    /// A table `p` of the bound list, with `key` (place in the list) and `value`.
    pub(crate) fn list_table(self) -> (&'static str, &'static str) {
        match self {
            Self::Sqlite => ("json_each(", ") AS p"),
        }
    }

    /// The values of a bound list, for `IN`.
    pub(crate) fn list_values(self) -> (&'static str, &'static str) {
        match self {
            Self::Sqlite => ("(SELECT value FROM json_each(", "))"),
        }
    }

    /// The elements of a list column, as a table with one column `value`.
    pub(crate) fn list_elements(self) -> (&'static str, &'static str) {
        match self {
            Self::Sqlite => ("(SELECT value FROM json_each(", "))"),
        }
    }

    /// One value made of several, equal to another when all of them are, nulls included.
    pub(crate) fn value_list(self) -> (&'static str, &'static str) {
        match self {
            Self::Sqlite => ("json_array(", ")"),
        }
    }

    /// The sum of a column as a double, null when all of it is: around the column, which is named twice.
    ///
    /// SQLite's `sum` fails when whole numbers exceed 64 bits, which two amounts can; `total` rounds
    /// then, but takes the sum of nothing for 0.
    pub(crate) fn sum(self) -> [&'static str; 3] {
        match self {
            Self::Sqlite => ["CASE WHEN count(", ") <> 0 THEN total(", ") END"],
        }
    }

    /// What closes a table definition.
    pub(crate) fn table_options(self) -> &'static str {
        match self {
            Self::Sqlite => " STRICT",
        }
    }
}

/// Writes a value as SQL text. DDL takes no binds.
pub(super) fn write_literal(dialect: Dialect, value: &Value, text: &mut String) {
    match dialect {
        Dialect::Sqlite => match value {
            Value::Null => text.push_str("NULL"),
            Value::Integer(number) => _ = write!(text, "{number}"),
            Value::Float(number) => _ = write!(text, "{number:?}"),
            Value::Boolean(truth) => text.push(if *truth { '1' } else { '0' }),
            Value::DateTime(instant) => _ = write!(text, "{}", instant.as_millisecond()),
            Value::Text(content) | Value::Json(content) => write_quoted(content, text),
            Value::Uuid(id) => write_quoted(&id.to_string(), text),
            Value::Date(date) => write_quoted(&date.to_string(), text),
            Value::TextList(items) => write_quoted(&serde_json::Value::from(items.clone()).to_string(), text),
        },
    }
}

fn write_quoted(content: &str, text: &mut String) {
    text.push('\'');
    for character in content.chars() {
        if character == '\'' {
            text.push('\'');
        }
        text.push(character);
    }
    text.push('\'');
}
