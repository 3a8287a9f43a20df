//! A field of an object.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{FieldType, Owner, ParsedParts, Part, Relation, RelationKind, Value, ValueError, WriteMode};

/// One field of one object, with everything that the Metadata APIs tell about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Id in this workspace.
    pub id: Uuid,
    /// Id that stays the same across workspaces.
    pub universal_id: Uuid,
    /// API name, unique in the object.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What the field is for.
    pub description: Option<String>,
    /// Name of an icon.
    pub icon: Option<String>,
    /// The type; never changes.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// Who made the field.
    pub owner: Owner,
    /// Whether the UI shows the field. The Core APIs serve it anyway.
    pub is_active: bool,
    /// Whether the server itself relies on the field.
    pub is_system: bool,
    /// Whether people may edit its values; a hint for UIs.
    pub is_ui_editable: bool,
    /// Whether records may have no value.
    pub is_nullable: bool,
    /// Whether the name was made from the label.
    pub is_label_synced_with_name: bool,
    /// Default in the notation of the Metadata APIs, or null.
    pub default_value: Json,
    /// The choices of `SELECT`, `MULTI_SELECT` and `RATING`, in order.
    pub options: Vec<SelectOption>,
    /// Settings as clients sent them, or null.
    pub settings: Json,
    /// What is shown instead of what a standard field came with, by the member's name on the wire.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub overrides: serde_json::Map<String, serde_json::Value>,
    /// For relations: the other side.
    pub relation: Option<Relation>,
    /// When the field was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// One choice of a select.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectOption {
    /// Stays the same when the value is renamed.
    pub id: Uuid,
    /// What records store, such as `IN_PORT`.
    pub value: String,
    /// What people read.
    pub label: String,
    /// Place among the options.
    pub position: f64,
    /// Name of a colour.
    pub color: Option<String>,
}

impl Field {
    /// The columns of this field: each part with its name in the table. Empty for a to-many side.
    pub fn columns(&self) -> impl Iterator<Item = (&'static Part, String)> + '_ {
        let parts: &'static [Part] = if self.is_to_many() { &[] } else { self.field_type.spec().parts };
        parts.iter().map(|part| (part, self.column_name(part)))
    }

    /// The column of one part: `name`, `<name>Id` for a relation, `<name><Part>` for a composite.
    pub fn column_name(&self, part: &Part) -> String {
        if self.relation.is_some() {
            format!("{}Id", self.name)
        } else {
            format!("{}{}", self.name, crate::inflection::capitalise(part.name))
        }
    }

    /// Whether the column of this part is `NOT NULL`. A relation's never is: its record may go.
    pub fn requires(&self, part: &Part) -> bool {
        part.required && !self.is_nullable && self.relation.is_none()
    }

    /// Whether the field is the side of a relation that holds the join column.
    pub fn is_to_one(&self) -> bool {
        self.relation.as_ref().is_some_and(|relation| relation.kind != RelationKind::OneToMany)
    }

    /// Whether the field is the side of a relation that collects records.
    pub fn is_to_many(&self) -> bool {
        self.relation.as_ref().is_some_and(|relation| relation.kind == RelationKind::OneToMany)
    }

    /// Whether records can be put into groups by this field, or by parts of it (`graphql-core.md` 8.2). Of
    /// the fields that every object has these are only the two instants.
    pub fn is_groupable(&self) -> bool {
        const NEVER: [FieldType; 4] =
            [FieldType::Position, FieldType::RawJson, FieldType::Files, FieldType::TsVector];
        let is_instant_of_record = self.name == "createdAt" || self.name == "updatedAt";
        (!self.is_system || is_instant_of_record) && !NEVER.contains(&self.field_type) && !self.is_to_many()
    }

    /// The option values, in order; the sources of an `ACTOR`.
    pub fn option_values(&self) -> Vec<&str> {
        match self.field_type {
            FieldType::Actor => ACTOR_SOURCES.to_vec(),
            _ => self.options.iter().map(|option| option.value.as_str()).collect(),
        }
    }

    /// Reads what a client sent for this field.
    ///
    /// # Errors
    /// When the value does not fit the type, or is null where a value is required.
    pub fn parse(&self, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
        (self.field_type.spec().parse)(self, value, mode)
    }

    /// The values of the record at `survivor` when `records` become one; each is a value for every part.
    pub fn merge(&self, records: &[&[Value]], survivor: usize) -> Vec<Value> {
        crate::field_type::merge::merge(records, survivor, self.field_type.spec().merge)
    }

    /// The values of a new record that does not mention this field, for every part.
    ///
    /// `now` stands for the function `now`; `uuid` makes a fresh id.
    pub fn defaults(&self, now: Timestamp) -> Vec<Value> {
        let parts = self.field_type.spec().parts;
        let mut values = vec![Value::Null; parts.len()];
        match &self.default_value {
            Json::Null => {}
            Json::String(function) if function == "now" => {
                values[0] = match self.field_type {
                    FieldType::Date => Value::Date(now.to_zoned(jiff::tz::TimeZone::UTC).date()),
                    _ => Value::DateTime(now),
                };
            }
            Json::String(function) if function == "uuid" => {
                values[0] = Value::Uuid(crate::RecordId::generate(now).into());
            }
            default => {
                for (part, value) in (self.field_type.spec().parse_default)(self, default).unwrap_or_default()
                {
                    values[part] = value;
                }
            }
        }
        values
    }
}

/// Where a record can come from, in the order that filters compare them.
pub const ACTOR_SOURCES: [&str; 10] =
    ["EMAIL", "CALENDAR", "WORKFLOW", "AGENT", "API", "IMPORT", "MANUAL", "SYSTEM", "WEBHOOK", "APPLICATION"];
