//! Where databases differ in searching.

use fourfold_model::{Scalar, Searched, Value};

use super::Dialect;
use crate::search::SearchWords;

impl Dialect {
    /// The vector of a text: before and after it. SQLite's connections register a function; PostgreSQL's
    /// stands in the schema, whose name is written between the pieces.
    pub(crate) fn search_vector(self) -> [&'static str; 2] {
        match self {
            Self::Sqlite => ["search_vector(", ")"],
            Self::Postgres => ["_search_vector(", ")"],
        }
    }

    /// What the words of a column are read from, as text: before and after the column. `None` for what is
    /// not read by itself.
    ///
    /// PostgreSQL allows no subquery where a column is generated, so what reads lists stands in functions
    /// of the schema.
    pub(crate) fn searched_text(self, searched: Searched, scalar: Scalar) -> Option<[&'static str; 2]> {
        Some(match (self, searched) {
            (_, Searched::Not | Searched::PhoneNumber | Searched::CallingCode) => return None,
            (Self::Postgres, Searched::Words) if scalar == Scalar::Uuid => ["", "::TEXT"],
            (_, Searched::Words) => ["", ""],
            (Self::Sqlite, Searched::TextList) => ["(SELECT group_concat(value, ' ') FROM json_each(", "))"],
            (Self::Sqlite, Searched::PhoneList) => [
                "(SELECT group_concat((value ->> 'number') || ' ' || coalesce(value ->> 'callingCode', '') || \
                 ' ' || coalesce(value ->> 'callingCode', '') || (value ->> 'number') || ' 0' || \
                 (value ->> 'number'), ' ') FROM json_each(",
                ") WHERE value ->> 'number' <> '')",
            ],
            (Self::Sqlite, Searched::LinkList) => [
                "(SELECT group_concat(coalesce(value ->> 'label', '') || ' ' || coalesce(value ->> 'url', ''), \
                 ' ') FROM json_each(",
                "))",
            ],
            (Self::Postgres, Searched::TextList) => ["_search_texts(", ")"],
            (Self::Postgres, Searched::PhoneList) => ["_search_phones(", ")"],
            (Self::Postgres, Searched::LinkList) => ["_search_links(", ")"],
        })
    }

    /// A bound JSON object of objects and the ids behind which they are searched, as a table.
    pub(crate) fn search_scope(self) -> [&'static str; 2] {
        match self {
            Self::Sqlite => ["SELECT key AS object, value AS \"lastId\", id AS place FROM json_each(", ")"],
            Self::Postgres => [
                "SELECT key::UUID AS object, value::UUID AS \"lastId\", place FROM json_each_text(",
                "::TEXT::JSON) WITH ORDINALITY AS e(key, value, place)",
            ],
        }
    }

    /// What finds the rows `t0` of the index, of objects in `_scope`, by [`Self::search_query`]: what stands
    /// before the index in `FROM`, behind it, and behind the bound query.
    ///
    /// `CROSS JOIN` makes SQLite look into the words first.
    pub(crate) fn search_match(self) -> [&'static str; 3] {
        match self {
            Self::Sqlite => [
                "_search_words AS w CROSS JOIN ",
                " ON t0.\"row\" = w.rowid CROSS JOIN _scope AS o ON o.object = t0.\"object\" \
                 WHERE w._search_words MATCH ",
                "",
            ],
            Self::Postgres => [
                "",
                " JOIN _scope AS o ON o.object = t0.\"object\" WHERE t0.\"vector\" @@ ",
                "::TEXT::TSQUERY",
            ],
        }
    }

    /// The query of [`Self::search_match`]. Terms have neither quotes nor anything else that queries mind.
    pub(crate) fn search_query(self, words: &SearchWords) -> Value {
        let (before, after, and) = match self {
            Self::Sqlite => ("\"", "\"*", " AND "),
            Self::Postgres => ("'", "':*", " & "),
        };
        let or = if self == Self::Sqlite { " OR " } else { " | " };
        let term = |term: &String| format!("{before}{term}{after}");
        let word =
            |terms: &Vec<String>| format!("({})", terms.iter().map(term).collect::<Vec<_>>().join(and));
        Value::Text(words.words.iter().map(word).collect::<Vec<_>>().join(or))
    }

    /// How good a row is for all terms: before and after what [`Self::all_terms`] binds.
    pub(crate) fn rank_all(self) -> [&'static str; 2] {
        match self {
            Self::Sqlite => ["search_rank_all(t0.\"vector\", ", ")"],
            Self::Postgres => ["ts_rank_cd(t0.\"vector\", ", "::TEXT::TSQUERY)::TEXT::DOUBLE PRECISION"],
        }
    }

    /// How good a row is for any of the terms: before and after what [`Self::any_terms`] binds.
    pub(crate) fn rank_any(self) -> [&'static str; 2] {
        match self {
            Self::Sqlite => ["search_rank_any(t0.\"vector\", ", ")"],
            Self::Postgres => ["ts_rank(t0.\"vector\", ", "::TEXT::TSQUERY)::TEXT::DOUBLE PRECISION"],
        }
    }

    /// Terms that all have to be there.
    pub(crate) fn all_terms(self, terms: &[String]) -> Value {
        Value::Text(match self {
            Self::Sqlite => terms.join(" "),
            Self::Postgres => prefixes(terms, " & "),
        })
    }

    /// Terms any of which has to be there.
    pub(crate) fn any_terms(self, terms: &[String]) -> Value {
        Value::Text(match self {
            Self::Sqlite => terms.join(" "),
            Self::Postgres => prefixes(terms, " | "),
        })
    }

    /// Whether each term stands inside a word of a row: before and after what [`Self::inner_terms`] binds.
    pub(crate) fn search_contains(self) -> [&'static str; 2] {
        match self {
            Self::Sqlite => ["search_contains(t0.\"vector\", ", ")"],
            Self::Postgres => ["strip(t0.\"vector\")::TEXT LIKE ALL (", "::TEXT[])"],
        }
    }

    /// Terms inside words. They have no character that a pattern minds.
    pub(crate) fn inner_terms(self, terms: &[String]) -> Value {
        match self {
            Self::Sqlite => Value::Text(terms.join(" ")),
            Self::Postgres => Value::TextList(terms.iter().map(|term| format!("%{term}%")).collect()),
        }
    }
}

fn prefixes(terms: &[String], operator: &str) -> String {
    terms.iter().map(|term| format!("'{term}':*")).collect::<Vec<_>>().join(operator)
}
