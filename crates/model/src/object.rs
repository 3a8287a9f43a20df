//! An object of a workspace: its names, its fields, its indexes.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Field, Scalar};

/// One object with everything that the Metadata APIs tell about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// Id in this workspace.
    pub id: Uuid,
    /// Id that stays the same across workspaces.
    pub universal_id: Uuid,
    /// API name of one record, such as `person`; also the name of the table.
    pub name_singular: String,
    /// API name of many, such as `people`.
    pub name_plural: String,
    /// What people read for one.
    pub label_singular: String,
    /// What people read for many.
    pub label_plural: String,
    /// What the object is for.
    pub description: Option<String>,
    /// Name of an icon.
    pub icon: Option<String>,
    /// Name of a colour.
    pub color: Option<String>,
    /// One-letter key.
    pub shortcut: Option<String>,
    /// Who made the object.
    pub owner: Owner,
    /// Whether the UI shows it. The Core APIs serve it anyway.
    pub is_active: bool,
    /// Whether the server itself relies on it.
    pub is_system: bool,
    /// Whether global search covers it.
    pub is_searchable: bool,
    /// Whether people may edit its records; a hint for UIs.
    pub is_ui_editable: bool,
    /// Whether people may create records; a hint for UIs.
    pub is_ui_creatable: bool,
    /// Whether the names were made from the labels.
    pub is_label_synced_with_name: bool,
    /// `SIDE_PANEL`, `RECORD_PAGE` or `USER_CHOICE`.
    pub open_record_in: String,
    /// The field that names a record.
    pub label_identifier: Uuid,
    /// The field that gives its picture.
    pub image_identifier: Option<Uuid>,
    /// The fields whose text its records are found by, in order.
    pub search_fields: Vec<Uuid>,
    /// Alternatives of column sets that make two records duplicates.
    pub duplicate_criteria: Option<Vec<Vec<String>>>,
    /// When the object was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The fields by name.
    pub fields: IndexMap<String, Field>,
    /// What is shown instead of what a standard object came with, by the member's name on the wire.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub overrides: serde_json::Map<String, serde_json::Value>,
    /// The indexes.
    pub indexes: Vec<Index>,
}

/// Who made an object or a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Owner {
    /// It came with the workspace.
    Standard,
    /// The workspace's people made it.
    Workspace,
}

/// An index over columns of one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// Id in this workspace.
    pub id: Uuid,
    /// Name in the database, `IDX_…` or `IDX_UNIQUE_…`.
    pub name: String,
    /// Fields in order.
    pub fields: Vec<IndexField>,
    /// Whether values must differ between records. Rows in the trash count.
    pub is_unique: bool,
    /// Whether only live records are covered.
    pub live_only: bool,
    /// What kind of index.
    pub index_type: IndexType,
    /// Whether it was made over the API.
    pub is_custom: bool,
    /// When the index was made.
    pub created_at: Timestamp,
}

/// One field of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexField {
    /// The field.
    pub field: Uuid,
    /// One part of a composite; all parts of its unique key when absent.
    pub sub_field: Option<String>,
}

/// The kinds of indexes that the contract names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "named as in SQL")]
pub enum IndexType {
    Btree,
    Gin,
}

impl Object {
    /// The field with this id.
    pub fn field_by_id(&self, id: Uuid) -> Option<&Field> {
        self.fields.values().find(|field| field.id == id)
    }

    /// The to-one field whose join column is `column`, such as `companyId`.
    pub fn field_by_join_column(&self, column: &str) -> Option<&Field> {
        let field = self.fields.get(column.strip_suffix("Id")?)?;
        field.is_to_one().then_some(field)
    }

    /// The fields of the morph relation with this id, in order.
    pub fn morph_fields(&self, morph: Uuid) -> impl Iterator<Item = &Field> {
        self.fields.values().filter(move |field| {
            let group = field.relation.as_ref().and_then(|relation| relation.morph.as_ref());
            group.is_some_and(|group| group.id == morph)
        })
    }

    /// Whether `field` alone must differ between records.
    pub fn is_unique(&self, field: &Field) -> bool {
        self.indexes.iter().any(|index| {
            index.is_unique
                && !index.live_only
                && index.fields.len() == 1
                && index.fields[0].field == field.id
        })
    }

    /// The duplicate criteria that records can be compared by: all their columns exist and hold text.
    pub fn text_criteria(&self) -> impl Iterator<Item = &[String]> {
        let is_text = |column: &String| {
            let mut columns = self.fields.values().flat_map(Field::columns);
            columns.any(|(part, name)| part.scalar == Scalar::Text && name == *column)
        };
        let criteria = self.duplicate_criteria.iter().flatten();
        criteria.map(Vec::as_slice).filter(move |columns| !columns.is_empty() && columns.iter().all(is_text))
    }

    /// The columns that an index covers, in order.
    pub fn index_columns(&self, index: &Index) -> Vec<String> {
        index.fields.iter().flat_map(|entry| self.index_field_columns(entry)).collect()
    }

    fn index_field_columns(&self, entry: &IndexField) -> Vec<String> {
        let Some(field) = self.field_by_id(entry.field) else { return Vec::new() };
        let is_composite = field.field_type.spec().is_composite();
        field
            .columns()
            .filter(|(part, _)| match &entry.sub_field {
                Some(sub_field) => part.name == sub_field,
                None => !is_composite || part.in_unique_key,
            })
            .map(|(_, column)| column)
            .collect()
    }
}
