//! Tables, columns, indexes and foreign keys of a data model.
//!
//! The steps of a change are found by comparing the model before it with the model after it, so that
//! tables cannot say anything else than the model does.
//!
//! Foreign keys stand at their columns, never at the table: SQLite drops such a column together with
//! its key, while it would refuse to drop one that a clause of the table names.

mod live_count;
mod options;
mod search;

pub(super) use search::SEARCH_TABLE;

use std::sync::Arc;

use fourfold_model::{
    DataModel, Field, Index, IndexType, NullReads, Object, OnDelete, Part, RelationKind, Scalar, Value,
};

pub(crate) use live_count::LIVE_TABLE;
pub use live_count::live_counts;

use super::condition::write_key;
use super::{SqlTarget, SqlWriter, Statement};
use crate::operation::Direction;
use crate::sort_key::{NoText, key_column, key_of};

/// One column of an object's table.
#[derive(Clone, Debug)]
pub struct TableColumn<'a> {
    /// The field that the column belongs to.
    pub field: &'a Field,
    /// The part of the field that the column is about.
    pub part: &'static Part,
    /// What of that part it holds.
    pub content: ColumnContent,
    /// Its name in the table.
    pub name: String,
}

/// What a column holds of a field's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnContent {
    /// The value itself.
    Value,
    /// The key that a text sorts by.
    SortKey,
}

/// The columns of an object's table, in the order of its fields and their parts.
///
/// A table that has had fields added may hold them in another order, so statements name columns.
pub fn table_columns(object: &Object) -> Vec<TableColumn<'_>> {
    object.fields.values().flat_map(table_columns_of).collect()
}

/// The columns of one field. Behind each column of text stands the one with its keys.
pub(crate) fn table_columns_of(field: &Field) -> impl Iterator<Item = TableColumn<'_>> {
    field.columns().flat_map(move |(part, name)| {
        let key = (part.scalar == Scalar::Text).then(|| TableColumn {
            field,
            part,
            content: ColumnContent::SortKey,
            name: key_column(&name),
        });
        std::iter::once(TableColumn { field, part, content: ColumnContent::Value, name }).chain(key)
    })
}

/// The statements that turn the tables of `before` into those of `after`, to be run in order in one
/// transaction.
///
/// Columns go before the tables that they refer to, and tables come before columns that refer to
/// them.
pub fn migrate(before: &DataModel, after: &DataModel, target: &SqlTarget) -> Vec<Statement> {
    let mut script = Script { after, target, statements: Vec::new() };
    if before.objects().is_empty() {
        script.statements.extend(live_count::create(target));
        script.statements.extend(search::create(target));
    }
    let pairs: Vec<(&Arc<Object>, &Arc<Object>)> = after
        .objects()
        .iter()
        .filter_map(|new| Some((before.object(new.id)?, new)))
        .filter(|(old, new)| !Arc::ptr_eq(old, new))
        .collect();
    for (old, new) in &pairs {
        script.drop_indexes(old, new);
        if search::has_changed(old, new) {
            script.forget_search(old);
        }
        script.drop_columns(old, new);
        script.rename_columns(old, new);
        script.move_options(old, new);
        script.rename_table(old, new);
    }
    for old in before.objects().iter().filter(|old| after.object(old.id).is_none()) {
        script.drop_table(old);
        script.push(|sql| live_count::forget(old, sql));
        script.drop_search(old);
    }
    let created: Vec<_> = after.objects().iter().filter(|new| before.object(new.id).is_none()).collect();
    for new in &created {
        script.create_table(new);
        live_count::install(new, |write| script.push(write));
    }
    for new in &created {
        script.add_columns(new, refers);
        script.create_indexes(None, new);
        script.keep_search(new);
    }
    for (old, new) in &pairs {
        script.add_columns(new, |field| old.field_by_id(field.id).is_none());
        script.create_indexes(Some(old), new);
        if search::has_changed(old, new) {
            script.fill_search(new);
            script.keep_search(new);
        }
    }
    script.statements
}

/// Counts the records of an object that a unique index of its model would not take: those that share all
/// values of its columns with another. One row, one number.
pub fn count_duplicates(object: &Object, index: &Index, target: &SqlTarget) -> Statement {
    let columns = object.index_columns(index);
    let mut sql = SqlWriter::new(target);
    sql.raw("SELECT CAST(coalesce(sum(records), 0) AS BIGINT) FROM (SELECT count(*) AS records FROM ");
    sql.table(&object.name_singular).raw(" WHERE ");
    sql.separated(" AND ", &columns, |sql, column| _ = sql.ident(column).raw(" IS NOT NULL"));
    if index.live_only {
        sql.raw(" AND \"deletedAt\" IS NULL");
    }
    sql.raw(" GROUP BY ").separated(", ", &columns, |sql, column| _ = sql.ident(column));
    sql.raw(" HAVING 1 < count(*)) AS shared");
    sql.statement()
}

struct Script<'a> {
    after: &'a DataModel,
    target: &'a SqlTarget,
    statements: Vec<Statement>,
}

impl Script<'_> {
    fn push(&mut self, write: impl FnOnce(&mut SqlWriter)) {
        let mut sql = SqlWriter::new(self.target);
        write(&mut sql);
        self.statements.push(sql.statement());
    }

    /// `CREATE TABLE "vessel" ("id" TEXT PRIMARY KEY NOT NULL, …) STRICT`, without the columns that refer to
    /// other tables, of which some may not exist yet.
    fn create_table(&mut self, object: &Object) {
        let after = self.after;
        self.push(|sql| {
            sql.raw("CREATE TABLE ").table(&object.name_singular).raw(" (");
            let columns = table_columns(object).into_iter().filter(|column| !refers(column.field));
            sql.separated(", ", columns, |sql, column| write_column(sql, after, object, &column));
            let options = sql.dialect().table_options();
            sql.raw(")").raw(options);
        });
    }

    /// `DROP TABLE "vessel"`; its indexes go with it.
    fn drop_table(&mut self, object: &Object) {
        self.push(|sql| {
            sql.raw("DROP TABLE ").table(&object.name_singular);
        });
    }

    /// `ALTER TABLE "person" ADD COLUMN "vesselId" TEXT REFERENCES "vessel" ("id") ON DELETE SET NULL`
    fn add_columns(&mut self, object: &Object, is_added: impl Fn(&Field) -> bool) {
        let after = self.after;
        for column in table_columns(object).iter().filter(|column| is_added(column.field)) {
            self.push(|sql| {
                sql.raw("ALTER TABLE ").table(&object.name_singular).raw(" ADD COLUMN ");
                write_column(sql, after, object, column);
            });
        }
    }

    /// `ALTER TABLE "person" DROP COLUMN "vesselId"`
    fn drop_columns(&mut self, old: &Object, new: &Object) {
        for field in old.fields.values().filter(|field| new.field_by_id(field.id).is_none()) {
            for column in table_columns_of(field) {
                self.push(|sql| {
                    sql.raw("ALTER TABLE ").table(&old.name_singular);
                    sql.raw(" DROP COLUMN ").ident(&column.name);
                });
            }
        }
    }

    /// `ALTER TABLE "quay" RENAME TO "dock"`, with the triggers that are called after it.
    fn rename_table(&mut self, old: &Object, new: &Object) {
        if old.name_singular == new.name_singular {
            return;
        }
        live_count::stop(old, |write| self.push(write));
        self.push(|sql| {
            sql.raw("ALTER TABLE ").table(&old.name_singular).raw(" RENAME TO ").ident(&new.name_singular);
        });
        live_count::count(new, |write| self.push(write));
    }

    /// `ALTER TABLE "person" RENAME COLUMN "vesselId" TO "shipId"`
    fn rename_columns(&mut self, old: &Object, new: &Object) {
        for (before, after) in kept_fields(old, new).filter(|(before, after)| before.name != after.name) {
            for (from, to) in table_columns_of(before).zip(table_columns_of(after)) {
                self.push(|sql| {
                    sql.raw("ALTER TABLE ").table(&old.name_singular).raw(" RENAME COLUMN ");
                    sql.ident(&from.name).raw(" TO ").ident(&to.name);
                });
            }
        }
    }

    /// `CREATE INDEX "vessel_position" ON "vessel" ("position", "id")`
    fn create_indexes(&mut self, old: Option<&Object>, new: &Object) {
        let existing = old.map(table_indexes).unwrap_or_default();
        for index in table_indexes(new).into_iter().filter(|index| !existing.contains(index)) {
            self.push(|sql| write_index(sql, &new.name_singular, &index));
        }
    }

    /// `DROP INDEX "person_vesselId"`
    fn drop_indexes(&mut self, old: &Object, new: &Object) {
        let kept = table_indexes(new);
        for index in table_indexes(old).into_iter().filter(|index| !kept.contains(index)) {
            self.push(|sql| {
                sql.raw("DROP INDEX ").table(&index.name);
            });
        }
    }
}

/// The fields that an object has before and after.
fn kept_fields<'a>(old: &'a Object, new: &'a Object) -> impl Iterator<Item = (&'a Field, &'a Field)> {
    old.fields.values().filter_map(|before| Some((before, new.field_by_id(before.id)?)))
}

fn write_column(sql: &mut SqlWriter, model: &DataModel, object: &Object, column: &TableColumn<'_>) {
    let (field, part) = (column.field, column.part);
    sql.ident(&column.name).raw(" ");
    if column.content == ColumnContent::SortKey {
        let key_type = sql.dialect().bytes_type();
        sql.raw(key_type);
        let default = key_of(&default_of(column, field.requires(part)));
        write_default(sql, &default);
        return;
    }
    let column_type = sql.dialect().column_type(part.scalar);
    sql.raw(column_type);
    if part.scalar == Scalar::SearchVector {
        search::write_generated(sql, object);
        return;
    }
    if is_primary_key(field) {
        sql.raw(" PRIMARY KEY NOT NULL");
        return;
    }
    let is_required = field.requires(part);
    if is_required {
        sql.raw(" NOT NULL");
    }
    write_default(sql, &default_of(column, is_required));
    write_reference(sql, model, field);
}

fn write_default(sql: &mut SqlWriter, default: &Value) {
    if *default != Value::Null {
        sql.raw(" DEFAULT ").literal(default);
    }
}

/// Whether the columns of a field refer to another table.
fn refers(field: &Field) -> bool {
    field.is_to_one()
}

fn write_reference(sql: &mut SqlWriter, model: &DataModel, field: &Field) {
    let Some(relation) = &field.relation else { return };
    let RelationKind::ManyToOne { on_delete } = relation.kind else { return };
    let Some(target) = model.object(relation.target_object) else { return };
    sql.raw(" REFERENCES ").table(&target.name_singular).raw(" (\"id\") ON DELETE ");
    sql.raw(match on_delete {
        OnDelete::Cascade => "CASCADE",
        OnDelete::SetNull => "SET NULL",
        OnDelete::Restrict => "RESTRICT",
        OnDelete::NoAction => "NO ACTION",
    });
}

fn is_primary_key(field: &Field) -> bool {
    field.is_system && field.name == "id"
}

/// What records that exist get when the column is added: the field's default, with `now` standing for
/// the moment of the change; else, where a value is required, the emptiest that there is.
///
/// New records do not rely on it: every statement that inserts names every column.
fn default_of(column: &TableColumn<'_>, is_required: bool) -> Value {
    let (field, part) = (column.field, column.part);
    // `uuid` differs for each record, which a column's default cannot.
    let of_field = if field.default_value == "uuid" {
        None
    } else {
        let place = field.field_type.spec().parts.iter().position(|candidate| std::ptr::eq(candidate, part));
        place.and_then(|place| field.defaults(field.created_at).into_iter().nth(place))
    };
    match of_field {
        Some(value) if value != Value::Null => value,
        _ if is_required => emptiest(field, part),
        _ => Value::Null,
    }
}

fn emptiest(field: &Field, part: &Part) -> Value {
    match part.scalar {
        Scalar::Uuid => Value::Uuid(uuid::Uuid::nil()),
        Scalar::Text | Scalar::SearchVector => Value::Text(String::new()),
        Scalar::Option => Value::Text(field.option_values().first().copied().unwrap_or_default().to_owned()),
        Scalar::Float => Value::Float(0.0),
        Scalar::BigInt => Value::Integer(0),
        Scalar::Boolean => Value::Boolean(false),
        Scalar::Date => Value::Date(jiff::civil::date(1970, 1, 1)),
        Scalar::DateTime => Value::DateTime(jiff::Timestamp::UNIX_EPOCH),
        Scalar::OptionList | Scalar::TextList => Value::TextList(Vec::new()),
        Scalar::Json if part.null_reads == NullReads::EmptyList => Value::Json("[]".into()),
        Scalar::Json => Value::Json("{}".into()),
    }
}

/// An index as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct TableIndex {
    name: String,
    is_unique: bool,
    rows: IndexedRows,
    columns: Vec<IndexColumn>,
}

/// The rows that an index covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IndexedRows {
    All,
    Live,
    InTrash,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct IndexColumn {
    name: String,
    may_be_null: bool,
    /// Of a column of keys, what it is ordered by.
    no_text: Option<NoText>,
}

/// The indexes of an object's table: those of the model, one on each join column whether the model
/// lists it or not, those for the orders that lists usually have, one on what is in the trash, and one for
/// each duplicate criterion that none of these serves.
/// Where an index does not decide the order alone, the id does.
fn table_indexes(object: &Object) -> Vec<TableIndex> {
    let required: Vec<String> = table_columns(object)
        .into_iter()
        .filter(|column| column.content == ColumnContent::Value && column.field.requires(column.part))
        .map(|column| column.name)
        .collect();
    let plain = |column: &str| IndexColumn {
        name: column.to_owned(),
        may_be_null: !required.iter().any(|name| name == column),
        no_text: None,
    };
    // Object names hold no underscore, so these are the names of no other table or index.
    let index = |end: &str, columns: &[&str]| TableIndex {
        name: format!("{}_{end}", object.name_singular),
        is_unique: false,
        rows: IndexedRows::All,
        columns: columns.iter().chain(&["id"]).map(|column| plain(column)).collect(),
    };
    let ordered = |column: &str| index(column, &[column]);
    let label_keys: Vec<String> = object
        .field_by_id(object.label_identifier)
        .into_iter()
        .flat_map(table_columns_of)
        .filter(|column| column.content == ColumnContent::SortKey)
        .map(|column| column.name)
        .collect();
    let label_keys: Vec<&str> = label_keys.iter().map(String::as_str).collect();
    let by_keys = |end: &str, keys: &[&str], no_text: NoText| {
        let mut index = index(end, keys);
        for key in &mut index.columns[..keys.len()] {
            (key.no_text, key.may_be_null) = (Some(no_text), false);
        }
        index
    };
    let by_label = [("label", NoText::Lowest), ("labelLast", NoText::Highest)]
        .map(|(end, no_text)| by_keys(end, &label_keys, no_text));
    let by_label = by_label.into_iter().filter(|_| !label_keys.is_empty());
    // With all that a list of the trash and its total are about.
    let mut trash = TableIndex { rows: IndexedRows::InTrash, ..index("trash", &[]) };
    trash.columns.push(plain("deletedAt"));
    let join_columns: Vec<String> = object
        .fields
        .values()
        .filter(|field| field.is_to_one())
        .flat_map(|field| field.columns().map(|(_, column)| column))
        .collect();
    let of_model = object
        .indexes
        .iter()
        .filter(|index| index.index_type == IndexType::Btree)
        .map(|index| TableIndex {
            name: index.name.clone(),
            is_unique: index.is_unique,
            rows: if index.live_only { IndexedRows::Live } else { IndexedRows::All },
            columns: object.index_columns(index).iter().map(|name| plain(name)).collect(),
        })
        .filter(|index| {
            let covers_join_column =
                index.columns.len() == 1 && join_columns.contains(&index.columns[0].name);
            let is_plain = !index.is_unique && index.rows == IndexedRows::All;
            !index.columns.is_empty() && (!is_plain || !covers_join_column)
        });
    let mut indexes: Vec<TableIndex> = [ordered("position"), ordered("createdAt")]
        .into_iter()
        .chain(by_label)
        .chain([trash])
        .chain(join_columns.iter().map(|column| ordered(column)))
        .chain(of_model)
        .collect();
    for criterion in object.text_criteria() {
        // Texts may be too long for an index; the keys that they sort by are not.
        let keys: Vec<String> = criterion.iter().map(|column| key_column(column)).collect();
        let is_found_by = |index: &TableIndex| {
            index.rows == IndexedRows::All
                && (index.is_unique && index.covers(criterion, None)
                    || index.covers(&keys, Some(NoText::Lowest)))
        };
        if !indexes.iter().any(is_found_by) {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            indexes.push(by_keys(&criterion.join("_"), &keys, NoText::Lowest));
        }
    }
    indexes
}

impl TableIndex {
    /// Whether rows can be found in it by the values of just these columns, or by keys that stand so for no
    /// text.
    fn covers(&self, columns: &[String], no_text: Option<NoText>) -> bool {
        let mut own = self.columns.iter().zip(columns);
        columns.len() <= self.columns.len()
            && own.all(|(own, column)| own.name == *column && own.no_text == no_text)
    }
}

fn write_index(sql: &mut SqlWriter, table: &str, index: &TableIndex) {
    sql.raw(if index.is_unique { "CREATE UNIQUE INDEX " } else { "CREATE INDEX " });
    sql.ident(&index.name).raw(" ON ").table(table).raw(" (");
    sql.separated(", ", &index.columns, |sql, column| {
        // As lists are ordered unless they say otherwise, so that the index serves them both ways.
        let direction = sql.dialect().direction(Direction::AscNullsFirst, column.may_be_null);
        match column.no_text {
            Some(no_text) => write_key(sql, no_text, |sql| _ = sql.ident(&column.name)),
            None => _ = sql.ident(&column.name),
        }
        sql.raw(direction);
    });
    sql.raw(")");
    sql.raw(match index.rows {
        IndexedRows::All => "",
        IndexedRows::Live => " WHERE \"deletedAt\" IS NULL",
        IndexedRows::InTrash => " WHERE \"deletedAt\" IS NOT NULL",
    });
}

#[cfg(test)]
mod tests {
    use fourfold_model::{
        FieldDraft, ModelChange, ObjectDraft, create_field, create_object, delete_object, standard,
    };
    use jiff::Timestamp;
    use serde_json::{Map, Value as Json, json};

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn members(value: Json) -> Map<String, Json> {
        match value {
            Json::Object(members) => members,
            _ => Map::new(),
        }
    }

    fn script(before: &DataModel, after: &DataModel) -> String {
        let on = |target: &SqlTarget| {
            let lines = migrate(before, after, target).into_iter();
            lines.map(|statement| statement.text.replace(", \"", ",\n  \"")).collect::<Vec<_>>().join(";\n")
        };
        format!("{}\n\n-- PostgreSQL:\n{}", on(&SqlTarget::sqlite()), on(&SqlTarget::postgres("ws")))
    }

    fn with_vessel(model: &DataModel) -> ModelChange {
        let input = json!({
            "nameSingular": "vessel", "namePlural": "vessels", "labelSingular": "Vessel", "labelPlural": "Vessels",
        });
        create_object(model, &ObjectDraft::parse(&members(input)).unwrap(), NOW).unwrap()
    }

    fn with_field(model: &DataModel, object: uuid::Uuid, input: Json) -> DataModel {
        let mut input = members(input);
        input.insert("objectMetadataId".into(), json!(object));
        input.insert("label".into(), json!("A label"));
        create_field(model, &FieldDraft::parse(&input).unwrap(), NOW).unwrap().after
    }

    #[test]
    fn the_tables_of_a_custom_object() {
        let standard = DataModel::new(1, standard::objects(NOW).into_iter().map(Arc::new).collect());
        let created = with_vessel(&standard);
        let script = |before: &DataModel, after: &DataModel| {
            script(before, after).replace(&created.subject.to_string(), "<vessel>")
        };
        insta::assert_snapshot!("create_object", script(&standard, &created.after));
        let company = standard.by_singular("company").unwrap().id;
        let relation = json!({"type": "RELATION", "name": "owner", "relationCreationPayload": {
            "type": "MANY_TO_ONE", "targetObjectMetadataId": company, "targetFieldLabel": "Fleet",
        }});
        let related = with_field(&created.after, created.subject, relation);
        insta::assert_snapshot!("create_relation", script(&created.after, &related));
        let email = json!({"type": "EMAILS", "name": "contact", "isUnique": true});
        let unique = with_field(&related, created.subject, email);
        insta::assert_snapshot!("create_unique_field", script(&related, &unique));
        let deleted = delete_object(&unique, created.subject).unwrap().after;
        insta::assert_snapshot!("delete_object", script(&unique, &deleted));
    }

    #[test]
    fn the_index_over_all_records_comes_with_the_first_objects() {
        let standard = DataModel::new(1, standard::objects(NOW).into_iter().map(Arc::new).collect());
        let first = |target: &SqlTarget| {
            let lines = migrate(&DataModel::default(), &standard, target).into_iter();
            let lines =
                lines.map(|statement| statement.text).take_while(|text| !text.contains("\"company\""));
            lines.collect::<Vec<_>>().join(";\n")
        };
        let both = format!(
            "{}\n\n-- PostgreSQL:\n{}",
            first(&SqlTarget::sqlite()),
            first(&SqlTarget::postgres("ws"))
        );
        insta::assert_snapshot!("create_search", both);
        let other_label = |object: &Arc<Object>| {
            let mut object = Object::clone(object);
            if object.name_singular == "task" {
                object.id = uuid::Uuid::from_u128(1);
                object.search_fields.truncate(1);
            }
            Arc::new(object)
        };
        let with_id = DataModel::new(
            1,
            standard
                .objects()
                .iter()
                .map(|object| {
                    let id =
                        if object.name_singular == "task" { uuid::Uuid::from_u128(1) } else { object.id };
                    Arc::new(Object { id, ..Object::clone(object) })
                })
                .collect(),
        );
        let changed = DataModel::new(2, with_id.objects().iter().map(other_label).collect());
        insta::assert_snapshot!("change_search", script(&with_id, &changed));
    }
}
