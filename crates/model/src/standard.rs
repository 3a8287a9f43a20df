//! The objects and fields that a new workspace starts with.
//!
//! They are read from `standard-model.json`, which also describes objects of later versions. What is
//! installed follows from the tiers alone: a relation whose other side is not installed is left out,
//! and so is an index that mentions it.

use std::collections::HashMap;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::{
    Field, FieldType, Index, IndexField, IndexType, Morph, Object, OnDelete, Owner, RecordId, Relation,
    RelationKind, SelectOption,
};

const DESCRIPTION: &str = include_str!("standard-model.json");

/// The tiers that a workspace has.
const INSTALLED_TIERS: [&str; 2] = ["core", "join"];

/// The objects on whose records every object's records may be attached, in the order in which their
/// fields are listed; each has a morph relation of the name [`ATTACHMENT_MORPH`].
pub(crate) const ATTACHED_OBJECTS: [AttachedObject; 4] = [
    AttachedObject { object: "timelineActivity", label: "Timeline Activities", icon: "IconTimelineEvent" },
    AttachedObject { object: "attachment", label: "Attachments", icon: "IconFileImport" },
    AttachedObject { object: "noteTarget", label: "Notes", icon: "IconNotes" },
    AttachedObject { object: "taskTarget", label: "Tasks", icon: "IconCheckbox" },
];

/// Base name of the morph relations of [`ATTACHED_OBJECTS`].
pub(crate) const ATTACHMENT_MORPH: &str = "target";

/// A standard object whose records point at records of any other, and the field that collects them
/// there; its name is the plural of the object.
pub(crate) struct AttachedObject {
    pub(crate) object: &'static str,
    pub(crate) label: &'static str,
    pub(crate) icon: &'static str,
}

/// The objects of a new workspace, with fresh ids.
pub fn objects(now: Timestamp) -> Vec<Object> {
    let description: Description =
        serde_json::from_str(DESCRIPTION).expect("the description is part of this source tree");
    let mut installed = description.objects;
    installed.retain(|object| INSTALLED_TIERS.contains(&object.tier.as_str()));
    let ids = Ids::generate(&installed, now);
    installed.into_iter().map(|object| ids.build(object, now)).collect()
}

#[derive(Deserialize)]
struct Description {
    objects: Vec<StandardObject>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StandardObject {
    tier: String,
    uid: Uuid,
    name_singular: String,
    name_plural: String,
    label_singular: String,
    label_plural: String,
    description: Option<String>,
    icon: Option<String>,
    color: Option<String>,
    shortcut: Option<String>,
    #[serde(default)]
    is_system: bool,
    #[serde(default)]
    is_searchable: bool,
    #[serde(rename = "isUICreatable", default = "yes")]
    is_ui_creatable: bool,
    open_record_in: String,
    label_identifier: String,
    image_identifier: Option<String>,
    #[serde(default)]
    search_fields: Vec<String>,
    duplicate_criteria: Option<Vec<Vec<String>>>,
    #[serde(default)]
    morphs: Vec<StandardMorph>,
    #[serde(default)]
    indexes: Vec<StandardIndex>,
    fields: Vec<StandardField>,
}

#[derive(Deserialize)]
struct StandardMorph {
    name: String,
    id: Uuid,
}

#[derive(Deserialize)]
struct StandardIndex {
    name: String,
    fields: Vec<String>,
    #[serde(default)]
    unique: bool,
    #[serde(rename = "type")]
    index_type: Option<IndexType>,
    #[serde(rename = "where")]
    condition: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StandardField {
    uid: Uuid,
    name: String,
    label: String,
    description: Option<String>,
    icon: Option<String>,
    #[serde(rename = "type")]
    field_type: FieldType,
    #[serde(default = "yes")]
    is_nullable: bool,
    #[serde(default)]
    is_system: bool,
    #[serde(rename = "isUIReadOnly", default)]
    is_ui_read_only: bool,
    #[serde(default)]
    default_value: Json,
    #[serde(default)]
    settings: Json,
    #[serde(default)]
    options: Vec<SelectOption>,
    relation: Option<StandardRelation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StandardRelation {
    kind: StandardKind,
    target: String,
    inverse: String,
    morph: Option<String>,
    on_delete: Option<OnDelete>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum StandardKind {
    ManyToOne,
    OneToMany,
    /// One target of a morph relation; every standard one holds the join column.
    Morph,
}

fn yes() -> bool {
    true
}

/// The ids of a workspace's standard objects and fields, made before the objects so that both sides
/// of a relation can name each other.
struct Ids {
    objects: HashMap<String, Uuid>,
    fields: HashMap<(String, String), Uuid>,
}

impl Ids {
    fn generate(installed: &[StandardObject], now: Timestamp) -> Self {
        let fresh = || Uuid::from(RecordId::generate(now));
        let objects = installed.iter().map(|object| (object.name_singular.clone(), fresh())).collect();
        let fields = installed
            .iter()
            .flat_map(|object| {
                object.fields.iter().map(|field| (object.name_singular.clone(), field.name.clone()))
            })
            .map(|key| (key, fresh()))
            .collect();
        Self { objects, fields }
    }

    fn field(&self, object: &str, field: &str) -> Option<Uuid> {
        self.fields.get(&(object.to_owned(), field.to_owned())).copied()
    }

    fn build(&self, source: StandardObject, now: Timestamp) -> Object {
        let name = source.name_singular;
        let indexes = source.indexes;
        let fields: IndexMap<String, Field> = source
            .fields
            .into_iter()
            .filter_map(|field| self.build_field(&name, field, &source.morphs, now))
            .map(|field| (field.name.clone(), field))
            .collect();
        let id_of = |field: &str| fields.get(field).map(|field| field.id);
        Object {
            id: self.objects[&name],
            universal_id: source.uid,
            name_plural: source.name_plural,
            label_singular: source.label_singular,
            label_plural: source.label_plural,
            description: source.description,
            icon: source.icon,
            color: source.color,
            shortcut: source.shortcut,
            owner: Owner::Standard,
            is_active: true,
            is_system: source.is_system,
            is_searchable: source.is_searchable,
            is_ui_editable: true,
            is_ui_creatable: source.is_ui_creatable,
            is_label_synced_with_name: false,
            overrides: serde_json::Map::new(),
            open_record_in: source.open_record_in,
            label_identifier: id_of(&source.label_identifier)
                .expect("every standard object has its label identifier"),
            image_identifier: source.image_identifier.and_then(|field| id_of(&field)),
            search_fields: source.search_fields.iter().filter_map(|field| id_of(field)).collect(),
            duplicate_criteria: source.duplicate_criteria,
            created_at: now,
            updated_at: now,
            indexes: indexes.into_iter().filter_map(|index| build_index(index, &fields, now)).collect(),
            name_singular: name,
            fields,
        }
    }

    /// `None` for a relation to an object that is not installed.
    fn build_field(
        &self,
        object: &str,
        source: StandardField,
        morphs: &[StandardMorph],
        now: Timestamp,
    ) -> Option<Field> {
        let relation = match source.relation {
            Some(relation) => Some(self.build_relation(relation, morphs)?),
            None => None,
        };
        let settings = match &relation {
            Some(relation) => relation_settings(&source.name, relation.kind),
            None => source.settings,
        };
        Some(Field {
            id: self.field(object, &source.name)?,
            universal_id: source.uid,
            name: source.name,
            label: source.label,
            description: source.description,
            icon: source.icon,
            field_type: source.field_type,
            owner: Owner::Standard,
            is_active: true,
            is_system: source.is_system,
            is_ui_editable: !source.is_ui_read_only,
            is_nullable: source.is_nullable,
            is_label_synced_with_name: false,
            overrides: serde_json::Map::new(),
            default_value: source.default_value,
            options: source.options,
            settings,
            relation,
            created_at: now,
            updated_at: now,
        })
    }

    fn build_relation(&self, source: StandardRelation, morphs: &[StandardMorph]) -> Option<Relation> {
        let kind = match source.kind {
            StandardKind::OneToMany => RelationKind::OneToMany,
            StandardKind::ManyToOne | StandardKind::Morph => {
                RelationKind::ManyToOne { on_delete: source.on_delete.unwrap_or(OnDelete::SetNull) }
            }
        };
        let morph = source.morph.and_then(|name| {
            let id = morphs.iter().find(|morph| morph.name == name)?.id;
            Some(Morph { id, name })
        });
        Some(Relation {
            kind,
            target_object: *self.objects.get(&source.target)?,
            target_field: self.field(&source.target, &source.inverse)?,
            morph,
        })
    }
}

/// The settings that the Metadata APIs show for one side of a relation.
pub(crate) fn relation_settings(field_name: &str, kind: RelationKind) -> Json {
    match kind {
        RelationKind::OneToMany => json!({"relationType": "ONE_TO_MANY"}),
        RelationKind::ManyToOne { on_delete } => json!({
            "relationType": "MANY_TO_ONE",
            "onDelete": on_delete,
            "joinColumnName": format!("{field_name}Id"),
        }),
    }
}

/// `None` for an index over a field that is not installed.
fn build_index(source: StandardIndex, fields: &IndexMap<String, Field>, now: Timestamp) -> Option<Index> {
    let entries: Option<Vec<IndexField>> = source
        .fields
        .iter()
        .map(|name| Some(IndexField { field: fields.get(name)?.id, sub_field: None }))
        .collect();
    Some(Index {
        id: RecordId::generate(now).into(),
        name: source.name,
        fields: entries?,
        is_unique: source.unique,
        live_only: source.condition.is_some(),
        index_type: source.index_type.unwrap_or(IndexType::Btree),
        is_custom: false,
        created_at: now,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use super::*;
    use crate::DataModel;

    fn model() -> DataModel {
        DataModel::new(1, objects(Timestamp::UNIX_EPOCH).into_iter().map(Arc::new).collect())
    }

    #[test]
    fn the_installed_objects_have_the_documented_number_of_fields() {
        let expected = [
            ("company", 20),
            ("person", 24 - 3),
            ("opportunity", 19),
            ("note", 13),
            ("task", 16),
            ("attachment", 19 - 2),
            ("workspaceMember", 28 - 3),
            ("timelineActivity", 26 - 6),
            ("noteTarget", 12),
            ("taskTarget", 12),
        ];
        let model = model();
        assert_eq!(model.objects().len(), expected.len());
        for (name, fields) in expected {
            assert_eq!(model.by_singular(name).unwrap().fields.len(), fields, "{name}");
        }
    }

    #[test]
    fn both_sides_of_every_relation_name_each_other() {
        let model = model();
        for object in model.objects() {
            for field in object.fields.values().filter(|field| field.relation.is_some()) {
                let other = model.opposite(field).unwrap();
                let back = other.field.relation.as_ref().unwrap();
                let name = format!("{}.{}", object.name_singular, field.name);
                assert_eq!((back.target_object, back.target_field), (object.id, field.id), "{name}");
                assert_ne!(field.is_to_one(), other.field.is_to_one(), "{name}");
                assert_eq!(field.relation.as_ref().unwrap().target_object, other.object.id, "{name}");
            }
        }
    }

    #[test]
    fn every_object_has_the_system_fields_and_its_identifiers() {
        const SYSTEM: [&str; 8] = [
            "id",
            "createdAt",
            "updatedAt",
            "deletedAt",
            "createdBy",
            "updatedBy",
            "position",
            "searchVector",
        ];
        let mut ids = HashSet::new();
        for object in model().objects() {
            for name in SYSTEM {
                assert!(object.fields[name].is_system, "{}.{name}", object.name_singular);
            }
            assert!(object.field_by_id(object.label_identifier).is_some(), "{}", object.name_singular);
            assert!(ids.insert(object.id) && object.fields.values().all(|field| ids.insert(field.id)));
            for index in &object.indexes {
                assert!(!object.index_columns(index).is_empty(), "{}", index.name);
            }
        }
        let company = model();
        let company = company.by_singular("company").unwrap();
        assert!(company.is_unique(&company.fields["domainName"]));
        assert!(!company.is_unique(&company.fields["name"]));
        let targets = model();
        let live_only =
            targets.by_singular("noteTarget").unwrap().indexes.iter().filter(|index| index.live_only);
        assert_eq!(live_only.count(), 0, "the partial unique indexes belong to later tiers");
    }
}
