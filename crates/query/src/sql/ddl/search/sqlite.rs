//! The index on SQLite: a table, and beside it a full-text index without content, which finds its rows.

use super::{SHOWN_COLUMNS, Script, SearchedObject, VECTOR_COLUMN, write_vector_column};
use crate::sql::{SqlTarget, SqlWriter, Statement};

/// Words come folded and between blanks, so that the plainest tokenizer does. Neither places nor columns
/// are kept: whoever ranks reads the vector.
pub(super) fn create(_target: &SqlTarget) -> Vec<Statement> {
    [
        "CREATE TABLE _search (\"row\" INTEGER PRIMARY KEY, \"object\" TEXT NOT NULL, \"id\" TEXT NOT NULL, \
         \"label\" TEXT NOT NULL, \"image\" TEXT NOT NULL, \"createdAt\" INTEGER, \"deletedAt\" INTEGER, \
         \"vector\" TEXT NOT NULL) STRICT",
        "CREATE UNIQUE INDEX _search_record ON _search (\"object\", \"id\")",
        "CREATE VIRTUAL TABLE _search_words USING fts5(words, content='', contentless_delete=1, detail=none, \
         tokenize='ascii')",
        "CREATE TRIGGER _search_insert AFTER INSERT ON _search BEGIN \
         INSERT INTO _search_words (rowid, words) VALUES (NEW.\"row\", search_lexemes(NEW.\"vector\")); END",
        "CREATE TRIGGER _search_update AFTER UPDATE OF \"vector\" ON _search \
         WHEN OLD.\"vector\" <> NEW.\"vector\" BEGIN \
         UPDATE _search_words SET words = search_lexemes(NEW.\"vector\") WHERE rowid = NEW.\"row\"; END",
        "CREATE TRIGGER _search_delete AFTER DELETE ON _search BEGIN \
         DELETE FROM _search_words WHERE rowid = OLD.\"row\"; END",
    ]
    .map(Statement::fixed)
    .into()
}

/// The triggers of an object's table.
///
/// SQLite runs triggers of one event in no certain order, so none relies on what another has done.
pub(super) fn keep(script: &mut Script<'_>, searched: &SearchedObject<'_>) {
    script.push(|sql| {
        trigger(sql, searched, "_search_insert").raw(" AFTER INSERT ON ").table(searched.table);
        sql.raw(" BEGIN ");
        write_vector(sql, searched, "NEW.");
        sql.raw(" WHERE rowid = NEW.rowid; INSERT INTO _search (").raw(SHOWN_COLUMNS);
        sql.raw(", \"vector\") SELECT ");
        searched.write_shown(sql, "NEW.");
        sql.raw(", ");
        write_vector_column(sql, "");
        sql.raw(" FROM ").table(searched.table).raw(" WHERE rowid = NEW.rowid; END");
    });
    script.push(|sql| {
        trigger(sql, searched, "_search_update").raw(" AFTER UPDATE OF ");
        sql.separated(", ", searched.columns(), |sql, column| _ = sql.ident(column));
        sql.raw(" ON ").table(searched.table).raw(" BEGIN ");
        write_vector(sql, searched, "NEW.");
        sql.raw(" WHERE rowid = NEW.rowid; UPDATE _search SET (").raw(SHOWN_COLUMNS);
        sql.raw(", \"vector\") = (SELECT ");
        searched.write_shown(sql, "NEW.");
        sql.raw(", ");
        write_vector_column(sql, "");
        sql.raw(" FROM ").table(searched.table).raw(" WHERE rowid = NEW.rowid) WHERE ");
        write_row(sql, searched, "NEW.");
        sql.raw("; END");
    });
    script.push(|sql| {
        trigger(sql, searched, "_search_trash");
        sql.raw(" AFTER UPDATE OF \"createdAt\", \"deletedAt\" ON ").table(searched.table).raw(" BEGIN ");
        sql.raw(
            "UPDATE _search SET \"createdAt\" = NEW.\"createdAt\", \"deletedAt\" = NEW.\"deletedAt\" WHERE ",
        );
        write_row(sql, searched, "NEW.");
        sql.raw("; END");
    });
    script.push(|sql| {
        trigger(sql, searched, "_search_delete").raw(" AFTER DELETE ON ").table(searched.table);
        sql.raw(" BEGIN DELETE FROM _search WHERE ");
        write_row(sql, searched, "OLD.");
        sql.raw("; END");
    });
}

pub(super) fn forget(script: &mut Script<'_>, searched: &SearchedObject<'_>) {
    for name in ["_search_insert", "_search_update", "_search_trash", "_search_delete"] {
        script.push(|sql| {
            sql.raw("DROP TRIGGER ").ident(&format!("{}{name}", searched.table));
        });
    }
}

/// No trigger looks at the column with the vectors.
pub(super) fn make_vectors(script: &mut Script<'_>, searched: &SearchedObject<'_>) {
    script.push(|sql| write_vector(sql, searched, ""));
}

fn trigger<'s>(sql: &'s mut SqlWriter, searched: &SearchedObject<'_>, name: &str) -> &'s mut SqlWriter {
    sql.raw("CREATE TRIGGER ").ident(&format!("{}{name}", searched.table))
}

/// `UPDATE "person" SET "searchVector" = search_vector(…)`
fn write_vector(sql: &mut SqlWriter, searched: &SearchedObject<'_>, row: &'static str) {
    sql.raw("UPDATE ").table(searched.table).raw(" SET ").ident(VECTOR_COLUMN).raw(" = ");
    searched.write_vector(sql, row);
}

/// `"object" = '…' AND "id" = NEW."id"`
fn write_row(sql: &mut SqlWriter, searched: &SearchedObject<'_>, row: &'static str) {
    sql.raw("\"object\" = ").literal(&searched.id).raw(" AND \"id\" = ").raw(row).raw("\"id\"");
}
