//! What the Metadata APIs tell of objects and fields: the values that both spell the same way, and
//! the JSON of REST.

use fourfold_model::{Field, FieldType, Object, Owner, SelectOption};
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};
use uuid::{Uuid, uuid};

/// Who owns what came with the workspace; the same in every workspace.
pub(crate) const STANDARD_APPLICATION: Uuid = uuid!("20202020-64aa-4b6f-b003-9c74b97cee20");

/// Who owns what a workspace's people made, one for each workspace.
pub(crate) fn custom_application(workspace: Uuid) -> Uuid {
    Uuid::new_v5(&workspace, b"workspaceCustomApplication")
}

pub(crate) fn application(workspace: Uuid, owner: Owner) -> Uuid {
    match owner {
        Owner::Standard => STANDARD_APPLICATION,
        Owner::Workspace => custom_application(workspace),
    }
}

/// `2026-09-01T08:00:00.000Z`
pub(crate) fn instant(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The options of a field; null for types without.
pub(crate) fn options(field: &Field) -> Json {
    match field.field_type {
        FieldType::Select | FieldType::MultiSelect | FieldType::Rating => {
            field.options.iter().map(option).collect()
        }
        _ => Json::Null,
    }
}

fn option(option: &SelectOption) -> Json {
    let whole = option.position.fract() == 0.0 && option.position.abs() < 1e15;
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
    let position = if whole { json!(option.position as i64) } else { json!(option.position) };
    let mut told =
        json!({"id": option.id, "value": option.value, "label": option.label, "position": position});
    if let Some(color) = &option.color {
        told["color"] = json!(color);
    }
    told
}

/// The group of a morph relation's rows.
pub(crate) fn morph_id(field: &Field) -> Option<Uuid> {
    Some(field.relation.as_ref()?.morph.as_ref()?.id)
}

/// An object over REST, without its fields (`metadata.md` 4.3).
pub(crate) fn object(workspace: Uuid, object: &Object) -> Map<String, Json> {
    let mut told = members(json!({
        "id": object.id,
        "universalIdentifier": object.universal_id,
        "applicationId": application(workspace, object.owner),
        "workspaceId": workspace,
        "nameSingular": object.name_singular,
        "namePlural": object.name_plural,
        "labelSingular": object.label_singular,
        "labelPlural": object.label_plural,
        "isActive": object.is_active,
        "isSystem": object.is_system,
        "isRemote": false,
        "isSearchable": object.is_searchable,
        "isUIEditable": object.is_ui_editable,
        "isUICreatable": object.is_ui_creatable,
        "isUIReadOnly": !object.is_ui_editable,
        "isLabelSyncedWithName": object.is_label_synced_with_name,
        "openRecordIn": object.open_record_in,
        "labelIdentifierFieldMetadataId": object.label_identifier,
        "imageIdentifierFieldMetadataId": object.image_identifier,
        "createdAt": instant(object.created_at),
        "updatedAt": instant(object.updated_at),
    }));
    insert_present(
        &mut told,
        [
            ("description", json!(object.description)),
            ("icon", json!(object.icon)),
            ("color", json!(object.color)),
            ("shortcut", json!(object.shortcut)),
            ("duplicateCriteria", json!(object.duplicate_criteria)),
            ("overrides", overrides(&object.overrides)),
        ],
    );
    told
}

/// An object over REST with all its fields, each row of a morph relation on its own.
pub(crate) fn object_with_fields(workspace: Uuid, of: &Object) -> Map<String, Json> {
    let mut told = object(workspace, of);
    let fields = of.fields.values().map(|row| Json::Object(field(workspace, of, row))).collect();
    told.insert("fields".into(), fields);
    told
}

/// A field over REST (`metadata.md` 5.3).
pub(crate) fn field(workspace: Uuid, object: &Object, field: &Field) -> Map<String, Json> {
    let mut told = members(json!({
        "id": field.id,
        "universalIdentifier": field.universal_id,
        "objectMetadataId": object.id,
        "applicationId": application(workspace, field.owner),
        "workspaceId": workspace,
        "type": field.field_type.spec().api_name,
        "name": field.name,
        "label": field.label,
        "isActive": field.is_active,
        "isSystem": field.is_system,
        "isUIEditable": field.is_ui_editable,
        "isUIReadOnly": !field.is_ui_editable,
        "isNullable": field.is_nullable,
        "isUnique": object.is_unique(field),
        "isLabelSyncedWithName": field.is_label_synced_with_name,
        "defaultValue": field.default_value,
        "options": options(field),
        "createdAt": instant(field.created_at),
        "updatedAt": instant(field.updated_at),
    }));
    insert_present(
        &mut told,
        [
            ("description", json!(field.description)),
            ("icon", json!(field.icon)),
            ("settings", field.settings.clone()),
            ("morphId", json!(morph_id(field))),
            ("overrides", overrides(&field.overrides)),
        ],
    );
    told
}

fn overrides(overrides: &Map<String, Json>) -> Json {
    if overrides.is_empty() { Json::Null } else { Json::Object(overrides.clone()) }
}

fn members(value: Json) -> Map<String, Json> {
    match value {
        Json::Object(members) => members,
        _ => Map::new(),
    }
}

/// Adds the members that are not null; REST leaves the others out.
fn insert_present<const N: usize>(told: &mut Map<String, Json>, optional: [(&str, Json); N]) {
    told.extend(
        optional.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.into(), value)),
    );
}
