//! The index over the records of all objects, and what keeps it.
//!
//! `_search` has a row for each record: what an answer shows of it, and its vector. Triggers on each
//! object's table keep it, so that no write can forget it: when what is shown or searched changes, not
//! otherwise. The vector of a record stands in its own table too, for its own answers: PostgreSQL
//! generates it, on SQLite the triggers write it, since SQLite can neither add nor change a column that is
//! generated and stored.

mod postgres;
mod sqlite;

use fourfold_model::{Field, Object, Part, Scalar, Searched, Value};

use super::Script;
use crate::sql::{Dialect, SqlTarget, SqlWriter, Statement};

/// The index over all records.
pub(crate) const SEARCH_TABLE: &str = "_search";

/// The column of an object's table with the vector of each record.
const VECTOR_COLUMN: &str = "searchVector";

/// What makes the index, before there are objects.
pub(super) fn create(target: &SqlTarget) -> Vec<Statement> {
    match target.dialect() {
        Dialect::Sqlite => sqlite::create(target),
        Dialect::Postgres => postgres::create(target),
    }
}

/// What of an object's records the index holds.
#[derive(Debug, PartialEq)]
struct SearchedObject<'a> {
    table: &'a str,
    id: Value,
    /// The columns whose texts are the label, with a blank between them.
    label: Vec<Column>,
    /// The column with the address of a picture, where it is a text.
    image: Option<Column>,
    pieces: Vec<Piece>,
}

/// A column, and how its text is read.
#[derive(Debug, PartialEq)]
struct Column {
    name: String,
    scalar: Scalar,
}

/// A piece of the text that is searched.
#[derive(Debug, PartialEq)]
enum Piece {
    Text(Column, Searched),
    /// The columns of its number and its calling code.
    Phone {
        number: String,
        calling_code: String,
    },
}

impl<'a> SearchedObject<'a> {
    fn new(object: &'a Object) -> Self {
        let field = |id| object.field_by_id(id);
        let fields = object.search_fields.iter().filter_map(|id| field(*id));
        let mut image = object.image_identifier.and_then(field).map(columns).unwrap_or_default();
        Self {
            table: &object.name_singular,
            id: Value::Uuid(object.id),
            label: field(object.label_identifier).map(columns).unwrap_or_default(),
            // A list of links or files is no address.
            image: image.pop().filter(|column| image.is_empty() && column.scalar == Scalar::Text),
            pieces: fields.flat_map(pieces).collect(),
        }
    }

    /// The columns of a record that its row in the index depends on, besides `createdAt` and `deletedAt`.
    fn columns(&self) -> Vec<&str> {
        let of_pieces = self.pieces.iter().flat_map(|piece| match piece {
            Piece::Text(column, _) => vec![column.name.as_str()],
            Piece::Phone { number, calling_code } => vec![number.as_str(), calling_code.as_str()],
        });
        let shown = self.label.iter().chain(&self.image).map(|column| column.name.as_str());
        let mut columns: Vec<&str> = of_pieces.chain(shown).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// `search_vector(coalesce(NEW."name", '') || ' ' || …)`; `row` is `NEW.` or nothing.
    fn write_vector(&self, sql: &mut SqlWriter, row: &'static str) {
        let [before, after] = sql.dialect().search_vector();
        sql.schema().raw(before);
        if self.pieces.is_empty() {
            sql.raw("''");
        }
        sql.separated(" || ' ' || ", &self.pieces, |sql, piece| piece.write(sql, row)).raw(after);
    }

    /// The values of a row of the index but its vector, in the order of [`SHOWN_COLUMNS`].
    fn write_shown(&self, sql: &mut SqlWriter, row: &'static str) {
        sql.literal(&self.id).raw(", ").raw(row).raw("\"id\", ");
        match self.label.as_slice() {
            [one] => one.write(sql, row),
            several => {
                sql.raw("trim(");
                sql.separated(" || ' ' || ", several, |sql, column| column.write(sql, row)).raw(")");
            }
        }
        sql.raw(", ");
        match &self.image {
            Some(column) => column.write(sql, row),
            None => _ = sql.raw("''"),
        }
        sql.raw(", ").raw(row).raw("\"createdAt\", ").raw(row).raw("\"deletedAt\"");
    }
}

/// The columns of the index but the vector.
const SHOWN_COLUMNS: &str = "\"object\", \"id\", \"label\", \"image\", \"createdAt\", \"deletedAt\"";

fn columns(field: &Field) -> Vec<Column> {
    field.columns().map(|(part, name)| Column { name, scalar: part.scalar }).collect()
}

fn pieces(field: &Field) -> Vec<Piece> {
    let calling_code = field.columns().find(|(part, _)| part.searched == Searched::CallingCode);
    let calling_code = calling_code.map(|(_, name)| name).unwrap_or_default();
    let piece = |(part, name): (&'static Part, String)| match part.searched {
        Searched::Not | Searched::CallingCode => None,
        Searched::PhoneNumber => Some(Piece::Phone { number: name, calling_code: calling_code.clone() }),
        searched => Some(Piece::Text(Column { name, scalar: part.scalar }, searched)),
    };
    field.columns().filter_map(piece).collect()
}

impl Column {
    /// `coalesce(NEW."name", '')`
    fn write(&self, sql: &mut SqlWriter, row: &'static str) {
        self.write_searched(sql, row, Searched::Words);
    }

    fn write_searched(&self, sql: &mut SqlWriter, row: &'static str, searched: Searched) {
        let [before, after] = sql.dialect().searched_text(searched, self.scalar).unwrap_or(["", ""]);
        sql.raw("coalesce(");
        if before.starts_with('_') {
            sql.schema();
        }
        sql.raw(before).raw(row).ident(&self.name).raw(after).raw(", '')");
    }
}

impl Piece {
    fn write(&self, sql: &mut SqlWriter, row: &'static str) {
        let (number, calling_code) = match self {
            Self::Text(column, searched) => return column.write_searched(sql, row, *searched),
            Self::Phone { number, calling_code } => (number, calling_code),
        };
        // As people dial it: the number, the calling code, both together, and with a 0 in front.
        sql.raw("coalesce(").raw(row).ident(number).raw(" || ' ' || coalesce(").raw(row).ident(calling_code);
        sql.raw(", '') || ' ' || coalesce(").raw(row).ident(calling_code).raw(", '') || ");
        sql.raw(row).ident(number).raw(" || ' 0' || ").raw(row).ident(number).raw(", '')");
    }
}

impl Script<'_> {
    /// What keeps the rows of an object in the index.
    pub(super) fn keep_search(&mut self, object: &Object) {
        let searched = SearchedObject::new(object);
        match self.target.dialect() {
            Dialect::Sqlite => sqlite::keep(self, &searched),
            Dialect::Postgres => postgres::keep(self, &searched),
        }
    }

    /// Removes the rows of an object whose table is gone, and what was left of what kept them.
    pub(super) fn drop_search(&mut self, old: &Object) {
        let searched = SearchedObject::new(old);
        if self.target.dialect() == Dialect::Postgres {
            postgres::drop_functions(self, &searched);
        }
        self.push(|sql| {
            sql.raw("DELETE FROM ").table(SEARCH_TABLE).raw(" WHERE \"object\" = ").literal(&searched.id);
        });
    }

    /// Removes the rows of an object that is found or shown by other fields from now on.
    pub(super) fn forget_search(&mut self, old: &Object) {
        let searched = SearchedObject::new(old);
        match self.target.dialect() {
            Dialect::Sqlite => sqlite::forget(self, &searched),
            Dialect::Postgres => postgres::forget(self, &searched),
        }
        self.drop_search(old);
    }

    /// Makes the rows of records that exist.
    pub(super) fn fill_search(&mut self, object: &Object) {
        let searched = SearchedObject::new(object);
        match self.target.dialect() {
            Dialect::Sqlite => sqlite::make_vectors(self, &searched),
            Dialect::Postgres => postgres::make_vectors(self, &searched),
        }
        self.push(|sql| {
            sql.raw("INSERT INTO ").table(SEARCH_TABLE).raw(" (").raw(SHOWN_COLUMNS);
            sql.raw(", \"vector\") SELECT ");
            searched.write_shown(sql, "");
            sql.raw(", ");
            write_vector_column(sql, "");
            sql.raw(" FROM ").table(searched.table);
        });
    }
}

/// Whether the records of an object are found or shown by other fields than before.
pub(super) fn has_changed(old: &Object, new: &Object) -> bool {
    SearchedObject::new(old) != SearchedObject::new(new)
}

/// ` GENERATED ALWAYS AS (…) STORED`, where the database makes the vector of a record so.
pub(super) fn write_generated(sql: &mut SqlWriter, object: &Object) {
    if sql.dialect() == Dialect::Postgres {
        sql.raw(" GENERATED ALWAYS AS (");
        SearchedObject::new(object).write_vector(sql, "");
        sql.raw(") STORED");
    }
}

/// The vector of a record as the index holds it.
fn write_vector_column(sql: &mut SqlWriter, row: &'static str) {
    sql.raw(row).ident(VECTOR_COLUMN);
    if sql.dialect() == Dialect::Postgres {
        sql.raw("::TSVECTOR");
    }
}
