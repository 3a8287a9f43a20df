//! What becomes of stored choices when the options of a select change.

use fourfold_model::{Field, FieldType, Object, Value};

use super::{Script, default_of, kept_fields, table_columns_of};
use crate::sql::{Dialect, SqlWriter};

/// A choice that no longer stands in the options under its value, and what it is called now, if it is
/// there at all.
struct Moved<'a> {
    from: &'a str,
    to: Option<&'a str>,
}

impl Script<'_> {
    /// Renames stored choices, by the ids of their options, and takes away those that are gone: a select
    /// falls back to its default, a multi-select loses just these.
    pub(super) fn move_options(&mut self, old: &Object, new: &Object) {
        for (before, after) in kept_fields(old, new) {
            let moved = moved(before, after);
            if moved.is_empty() {
                continue;
            }
            match after.field_type {
                FieldType::Select => self.move_choice(&old.name_singular, after, &moved),
                FieldType::MultiSelect => self.move_choices(&old.name_singular, after, &moved),
                _ => {}
            }
        }
    }

    /// `UPDATE "crate" SET "state" = CASE "state" WHEN 'IN' THEN 'INSIDE' ELSE NULL END WHERE "state" IN
    /// ('IN', 'OUT')`
    fn move_choice(&mut self, table: &str, field: &Field, moved: &[Moved<'_>]) {
        let Some(column) = table_columns_of(field).next() else { return };
        let fallback = default_of(&column, field.requires(column.part));
        self.push(|sql| {
            sql.raw("UPDATE ")
                .table(table)
                .raw(" SET ")
                .ident(&column.name)
                .raw(" = CASE ")
                .ident(&column.name);
            for Moved { from, to } in moved {
                sql.raw(" WHEN ").literal(&text(from)).raw(" THEN ");
                sql.literal(&to.map_or_else(|| fallback.clone(), text));
            }
            sql.raw(" END WHERE ").ident(&column.name).raw(" IN ");
            write_values(sql, moved.iter().map(|moved| moved.from));
        });
    }

    /// `UPDATE "crate" SET "tags" = <its elements, renamed> WHERE EXISTS (<an element that moved>)`
    fn move_choices(&mut self, table: &str, field: &Field, moved: &[Moved<'_>]) {
        let Some(column) = table_columns_of(field).next() else { return };
        self.push(|sql| {
            let is_sqlite = sql.dialect() == Dialect::Sqlite;
            let elements = |sql: &mut SqlWriter| {
                sql.raw(if is_sqlite { "json_each(" } else { "unnest(" }).ident(&column.name);
                sql.raw(if is_sqlite { ") AS e" } else { ") WITH ORDINALITY AS e(value, key)" });
            };
            sql.raw("UPDATE ").table(table).raw(" SET ").ident(&column.name).raw(" = ");
            sql.raw(if is_sqlite { "(SELECT json_group_array(" } else { "ARRAY(SELECT " });
            let renamed: Vec<_> = moved.iter().filter_map(|moved| Some((moved.from, moved.to?))).collect();
            if !renamed.is_empty() {
                sql.raw("CASE e.value");
                for (from, to) in &renamed {
                    sql.raw(" WHEN ").literal(&text(from)).raw(" THEN ").literal(&text(to));
                }
                sql.raw(" ELSE e.value END");
            } else {
                sql.raw("e.value");
            }
            sql.raw(if is_sqlite { " ORDER BY e.key) FROM " } else { " FROM " });
            elements(sql);
            let gone: Vec<&str> =
                moved.iter().filter(|moved| moved.to.is_none()).map(|moved| moved.from).collect();
            if !gone.is_empty() {
                sql.raw(" WHERE e.value NOT IN ");
                write_values(sql, gone);
            }
            sql.raw(if is_sqlite { ")" } else { " ORDER BY e.key)" });
            sql.raw(" WHERE EXISTS (SELECT 1 FROM ");
            elements(sql);
            sql.raw(" WHERE e.value IN ");
            write_values(sql, moved.iter().map(|moved| moved.from));
            sql.raw(")");
        });
    }
}

fn moved<'a>(before: &'a Field, after: &'a Field) -> Vec<Moved<'a>> {
    let now = |id| after.options.iter().find(|option| option.id == id).map(|option| option.value.as_str());
    before
        .options
        .iter()
        .map(|option| Moved { from: &option.value, to: now(option.id) })
        .filter(|moved| moved.to != Some(moved.from))
        .collect()
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn write_values<'v>(sql: &mut SqlWriter, values: impl IntoIterator<Item = &'v str>) {
    sql.raw("(");
    sql.separated(", ", values, |sql, value| _ = sql.literal(&text(value))).raw(")");
}
