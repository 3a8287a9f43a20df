//! The index on PostgreSQL: a table with a GIN index, and the functions that fill it.

use fourfold_model::Value;

use super::{SEARCH_TABLE, SHOWN_COLUMNS, Script, SearchedObject, VECTOR_COLUMN, write_vector_column};
use crate::search::{
    LETTER_PAIRS, LETTERS, MARKS, MAX_LEXEME_CHARACTERS, MAX_PLACE, MAX_TEXT_CHARACTERS, SEPARATORS,
};
use crate::sql::{SqlTarget, SqlWriter, Statement};

/// What stands around the statement of a trigger's function.
const FUNCTION_BODY: [&str; 2] =
    ["() RETURNS TRIGGER LANGUAGE plpgsql AS $body$ BEGIN ", "; RETURN NULL; END $body$"];

pub(super) fn create(target: &SqlTarget) -> Vec<Statement> {
    let statement = |write: &dyn Fn(&mut SqlWriter)| {
        let mut sql = SqlWriter::new(target);
        write(&mut sql);
        sql.statement()
    };
    vec![
        statement(&|sql| {
            sql.raw("CREATE TABLE ").table(SEARCH_TABLE);
            sql.raw(
                " (\"object\" UUID NOT NULL, \"id\" UUID NOT NULL, \"label\" TEXT NOT NULL, \"image\" TEXT NOT NULL, \
                 \"createdAt\" TIMESTAMPTZ, \"deletedAt\" TIMESTAMPTZ, \"vector\" TSVECTOR NOT NULL, \
                 PRIMARY KEY (\"object\", \"id\"))",
            );
        }),
        statement(&|sql| {
            sql.raw("CREATE INDEX _search_vector ON ").table(SEARCH_TABLE).raw(" USING gin (\"vector\")");
        }),
        statement(&write_vector_function),
        statement(&|sql| {
            write_list_function(
                sql,
                "_search_texts",
                "string_agg(value, ' ') FROM json_array_elements_text(list)",
            );
        }),
        statement(&|sql| {
            write_list_function(
                sql,
                "_search_phones",
                "string_agg((value ->> 'number') || ' ' || coalesce(value ->> 'callingCode', '') || ' ' || \
                 coalesce(value ->> 'callingCode', '') || (value ->> 'number') || ' 0' || (value ->> 'number'), ' ') \
                 FROM json_array_elements(list) WHERE value ->> 'number' <> ''",
            );
        }),
        statement(&|sql| {
            write_list_function(
                sql,
                "_search_links",
                "string_agg(coalesce(value ->> 'label', '') || ' ' || coalesce(value ->> 'url', ''), ' ') \
                 FROM json_array_elements(list)",
            );
        }),
        statement(&|sql| {
            let [before, after] = FUNCTION_BODY;
            sql.raw("CREATE FUNCTION ").table(REMOVED).raw(before).raw("DELETE FROM ").table(SEARCH_TABLE);
            sql.raw(" WHERE \"object\" = TG_ARGV[0]::UUID AND \"id\" IN (SELECT \"id\" FROM removed)");
            sql.raw(after);
        }),
    ]
}

/// The same as `search::vector`, step by step. A loop costs a third of what a statement over the words
/// would, which the database plans as if it had many.
fn write_vector_function(sql: &mut SqlWriter) {
    let number = |number: usize| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let text = |text: String| Value::Text(text);
    sql.raw("CREATE FUNCTION ").table("_search_vector").raw("(content TEXT) RETURNS TEXT LANGUAGE plpgsql ");
    sql.raw("IMMUTABLE STRICT PARALLEL SAFE AS $body$ DECLARE ");
    sql.raw("folded TEXT COLLATE \"C\" := left(content, ").literal(&number(MAX_TEXT_CHARACTERS));
    sql.raw("); word TEXT COLLATE \"C\"; place INTEGER := 0; vector TEXT COLLATE \"C\" := ''; BEGIN ");
    sql.raw("IF octet_length(folded) = length(folded) THEN folded := lower(folded); ELSE ");
    sql.raw("folded := lower(normalize(folded, NFKD) COLLATE \"und-x-icu\"); ");
    sql.raw("folded := regexp_replace(folded, ").literal(&text(one_of(MARKS))).raw(", '', 'g'); ");
    sql.raw("folded := translate(folded, ").literal(&text(LETTERS.0.into())).raw(", ");
    sql.literal(&text(LETTERS.1.into())).raw("); ");
    for (one, two) in LETTER_PAIRS {
        sql.raw("folded := replace(folded, ").literal(&text(one.into())).raw(", ");
        sql.literal(&text(two.into())).raw("); ");
    }
    sql.raw("END IF; folded := left(regexp_replace(folded, ").literal(&text(one_of(SEPARATORS)));
    sql.raw(", ' ', 'g'), ").literal(&number(MAX_TEXT_CHARACTERS));
    sql.raw("); FOREACH word IN ARRAY string_to_array(folded, ' ') LOOP WHILE word <> '' LOOP ");
    sql.raw("place := least(place + 1, ").literal(&number(MAX_PLACE.into())).raw("); ");
    sql.raw("vector := vector || ' ' || left(word, ").literal(&number(MAX_LEXEME_CHARACTERS));
    sql.raw(") || ':' || place; word := substr(word, ").literal(&number(MAX_LEXEME_CHARACTERS + 1));
    sql.raw("); END LOOP; END LOOP; RETURN vector::TSVECTOR::TEXT; END $body$");
}

/// A regular expression for one of the characters of some ranges.
fn one_of(ranges: &[(char, char)]) -> String {
    let range =
        |(first, last): &(char, char)| format!("\\u{:04x}-\\u{:04x}", u32::from(*first), u32::from(*last));
    format!("[{}]", ranges.iter().map(range).collect::<String>())
}

fn write_list_function(sql: &mut SqlWriter, name: &str, select: &'static str) {
    sql.raw("CREATE FUNCTION ").table(name);
    sql.raw("(list JSON) RETURNS TEXT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$ SELECT ");
    sql.raw(select).raw(" $body$");
}

/// The trigger, and the function, for records that go.
const REMOVED: &str = "_search_removed";

/// The triggers of an object's table, and the functions that they call.
///
/// Records come and go by the statement, so that a batch is one call. Changes are told row by row: only such a
/// trigger can be for some columns.
pub(super) fn keep(script: &mut Script<'_>, searched: &SearchedObject<'_>) {
    let [added, changed] = function_names(searched);
    let [before, after] = FUNCTION_BODY;
    script.push(|sql| {
        sql.raw("CREATE FUNCTION ").table(&added).raw(before).raw("INSERT INTO ").table(SEARCH_TABLE);
        sql.raw(" (").raw(SHOWN_COLUMNS).raw(", \"vector\") SELECT ");
        searched.write_shown(sql, "");
        sql.raw(", ");
        write_vector_column(sql, "");
        sql.raw(" FROM added").raw(after);
    });
    script.push(|sql| {
        sql.raw("CREATE FUNCTION ").table(&changed).raw(before).raw("UPDATE ").table(SEARCH_TABLE);
        sql.raw(" SET (").raw(SHOWN_COLUMNS).raw(", \"vector\") = (");
        searched.write_shown(sql, "NEW.");
        sql.raw(", ");
        write_vector_column(sql, "NEW.");
        sql.raw(") WHERE \"object\" = ").literal(&searched.id).raw(" AND \"id\" = NEW.\"id\"").raw(after);
    });
    script.push(|sql| {
        sql.raw("CREATE TRIGGER _search_added AFTER INSERT ON ").table(searched.table);
        sql.raw(" REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ")
            .table(&added)
            .raw("()");
    });
    script.push(|sql| {
        sql.raw("CREATE TRIGGER _search_changed AFTER UPDATE OF \"createdAt\", \"deletedAt\"");
        for column in searched.columns() {
            sql.raw(", ").ident(column);
        }
        sql.raw(" ON ")
            .table(searched.table)
            .raw(" FOR EACH ROW EXECUTE FUNCTION ")
            .table(&changed)
            .raw("()");
    });
    script.push(|sql| {
        sql.raw("CREATE TRIGGER ").ident(REMOVED).raw(" AFTER DELETE ON ").table(searched.table);
        sql.raw(" REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION ").table(REMOVED);
        sql.raw("(").literal(&searched.id).raw(")");
    });
}

pub(super) fn forget(script: &mut Script<'_>, searched: &SearchedObject<'_>) {
    for trigger in ["_search_added", "_search_changed", REMOVED] {
        script.push(|sql| {
            sql.raw("DROP TRIGGER ").ident(trigger).raw(" ON ").table(searched.table);
        });
    }
    // What a column is generated from cannot go before it.
    script.push(|sql| {
        sql.raw("ALTER TABLE ").table(searched.table).raw(" DROP COLUMN ").ident(VECTOR_COLUMN);
    });
}

pub(super) fn drop_functions(script: &mut Script<'_>, searched: &SearchedObject<'_>) {
    for name in function_names(searched) {
        script.push(|sql| {
            sql.raw("DROP FUNCTION ").table(&name);
        });
    }
}

pub(super) fn make_vectors(script: &mut Script<'_>, searched: &SearchedObject<'_>) {
    script.push(|sql| {
        sql.raw("ALTER TABLE ").table(searched.table).raw(" ADD COLUMN ").ident(VECTOR_COLUMN);
        let column_type = sql.dialect().column_type(fourfold_model::Scalar::SearchVector);
        sql.raw(" ").raw(column_type).raw(" GENERATED ALWAYS AS (");
        searched.write_vector(sql, "");
        sql.raw(") STORED");
    });
}

/// The functions for records that come and for those that change.
fn function_names(searched: &SearchedObject<'_>) -> [String; 2] {
    ["added", "changed"].map(|end| format!("{}_search_{end}", searched.table))
}
