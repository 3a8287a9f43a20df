//! Creating an object, with the fields and relations that it is born with.

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::draft::ObjectDraft;
use super::naming::{check_label, check_name, colliding_type, same};
use super::report::{Action, EntityKind, Failures, Fault, FaultCode, object_identity};
use super::{Edit, ModelChange, NewIndex, Refusal, field_index, fresh_id, relation};
use crate::standard::{ATTACHED_OBJECTS, ATTACHMENT_MORPH, AttachedObject};
use crate::{DataModel, Field, FieldType, Morph, Object, OnDelete, Owner, RelationKind, inflection};

/// Adds the object of `draft`, and on each of the four objects that attach to any other a field that
/// points at it.
///
/// # Errors
/// Every rule of `metadata.md` 4.6 that the draft breaks.
pub fn create_object(model: &DataModel, draft: &ObjectDraft, now: Timestamp) -> Result<ModelChange, Refusal> {
    let object = build(draft, now);
    let mut failures = Failures::default();
    let mut faults = check(model, &object);
    if draft.is_remote {
        faults.push(Fault::new(FaultCode::InvalidObjectInput, "remote objects are not supported"));
    }
    failures.add(EntityKind::Object, object_identity(&object), faults);
    failures.into_result(Action::Create)?;
    let mut failures = Failures::default();
    let id = object.id;
    let mut edit = Edit::new(model);
    edit.objects.push(object.into());
    for attached in &ATTACHED_OBJECTS {
        attach(&mut edit, &mut failures, attached, id, now);
    }
    failures.into_result(Action::Create)?;
    Ok(edit.finish(id))
}

/// The rules of names and labels that `object` breaks beside the others of the model.
pub(super) fn check(model: &DataModel, object: &Object) -> Vec<Fault> {
    const INVALID: FaultCode = FaultCode::InvalidObjectInput;
    let names = [&object.name_singular, &object.name_plural];
    let labels = [&object.label_singular, &object.label_plural];
    let others = || model.objects().iter().filter(|other| other.id != object.id);
    let mut faults: Vec<Fault> = names.iter().filter_map(|name| check_name(name, INVALID)).collect();
    faults.extend(labels.iter().filter_map(|label| check_label(label, INVALID)));
    if same(names[0], names[1]) {
        faults.push(
            Fault::new(INVALID, "the singular and the plural name must differ").with_value(names[0].as_str()),
        );
    }
    if object.is_label_synced_with_name {
        faults.extend(check_synced(object));
    }
    let taken = names.iter().find(|name| {
        others().any(|other| same(&other.name_singular, name) || same(&other.name_plural, name))
    });
    if let Some(name) = taken {
        let message = format!("another object is called `{name}` already");
        faults.push(Fault::new(FaultCode::ObjectAlreadyExists, message).with_value(name.as_str()));
    } else if faults.is_empty()
        && let Some(name) = colliding_type(object, others().map(|other| &**other))
    {
        let message = format!("the GraphQL type `{name}` of this object exists already; choose another name");
        faults.push(Fault::new(INVALID, message).with_value(object.name_singular.as_str()));
    }
    faults
}

/// The names must be those that the labels stand for; equal ones differ by an `s`.
fn check_synced(object: &Object) -> Vec<Fault> {
    let singular = inflection::name_from_label(&object.label_singular).unwrap_or_default();
    let mut plural = inflection::name_from_label(&object.label_plural).unwrap_or_default();
    if plural == singular {
        plural.push('s');
        plural.truncate(crate::MAX_NAME_BYTES);
    }
    [(&object.name_singular, singular), (&object.name_plural, plural)]
        .into_iter()
        .filter(|(name, expected)| *name != expected)
        .map(|(name, expected)| {
            let message = format!("the name `{name}` is not `{expected}`, which its label stands for");
            Fault::new(FaultCode::InvalidObjectInput, message).with_value(name.as_str())
        })
        .collect()
}

/// The object with its own fields; relations are added with their other sides.
fn build(draft: &ObjectDraft, now: Timestamp) -> Object {
    let name = (!draft.skip_name_field).then(|| name_field(now));
    let fields: Vec<Field> = name.into_iter().chain(system_fields(now)).collect();
    let mut object = Object {
        id: fresh_id(now),
        universal_id: Uuid::new_v4(),
        name_singular: draft.name_singular.clone(),
        name_plural: draft.name_plural.clone(),
        label_singular: draft.label_singular.clone(),
        label_plural: draft.label_plural.clone(),
        description: draft.description.clone(),
        icon: draft.icon.clone(),
        color: draft.color.clone(),
        shortcut: draft.shortcut.clone(),
        owner: Owner::Workspace,
        is_active: true,
        is_system: false,
        is_searchable: true,
        is_ui_editable: true,
        is_ui_creatable: true,
        is_label_synced_with_name: draft.is_label_synced_with_name,
        overrides: serde_json::Map::new(),
        open_record_in: "USER_CHOICE".into(),
        // The first field is `name`, or `id` where that is skipped.
        label_identifier: fields[0].id,
        image_identifier: None,
        search_fields: vec![fields[0].id],
        duplicate_criteria: None,
        created_at: now,
        updated_at: now,
        fields: fields.into_iter().map(|field| (field.name.clone(), field)).collect(),
        indexes: Vec::new(),
    };
    let search = field_index(&object, object.fields["searchVector"].id, NewIndex::Search, now);
    object.indexes.push(search);
    object
}

fn name_field(now: Timestamp) -> Field {
    Field {
        is_system: false,
        is_ui_editable: true,
        owner: Owner::Workspace,
        ..system_field("name", "Name", "IconAbc", FieldType::Text, true, Json::Null, now)
    }
}

fn system_fields(now: Timestamp) -> [Field; 8] {
    use FieldType::{Actor, DateTime, Position, TsVector, Uuid};
    let actor = || json!({"name": "''", "source": "'MANUAL'"});
    let relative = || json!({"displayFormat": "RELATIVE"});
    let mut fields = [
        system_field("id", "Id", "Icon123", Uuid, false, json!("uuid"), now),
        system_field("createdAt", "Creation date", "IconCalendar", DateTime, false, json!("now"), now),
        system_field("updatedAt", "Last update", "IconCalendarClock", DateTime, false, json!("now"), now),
        system_field("deletedAt", "Deleted at", "IconCalendarClock", DateTime, true, Json::Null, now),
        system_field("createdBy", "Created by", "IconCreativeCommonsSa", Actor, false, actor(), now),
        system_field("updatedBy", "Updated by", "IconUserCircle", Actor, false, actor(), now),
        system_field("position", "Position", "IconHierarchy2", Position, false, json!(0), now),
        system_field("searchVector", "Search vector", "IconSearch", TsVector, true, Json::Null, now),
    ];
    for field in fields.iter_mut().filter(|field| field.field_type == DateTime) {
        field.settings = relative();
    }
    fields
}

fn system_field(
    name: &str,
    label: &str,
    icon: &str,
    field_type: FieldType,
    is_nullable: bool,
    default_value: Json,
    now: Timestamp,
) -> Field {
    Field {
        id: fresh_id(now),
        universal_id: Uuid::new_v4(),
        name: name.into(),
        label: label.into(),
        description: None,
        icon: Some(icon.into()),
        field_type,
        owner: Owner::Standard,
        is_active: true,
        is_system: true,
        is_ui_editable: false,
        is_nullable,
        is_label_synced_with_name: false,
        overrides: serde_json::Map::new(),
        default_value,
        options: Vec::new(),
        settings: Json::Null,
        relation: None,
        created_at: now,
        updated_at: now,
    }
}

/// Relates the new object to one of those that attach to any other.
fn attach(edit: &mut Edit, failures: &mut Failures, attached: &AttachedObject, id: Uuid, now: Timestamp) {
    let Some(target) = edit.objects.iter().find(|object| object.name_singular == attached.object).cloned()
    else {
        return;
    };
    let Some(object) = edit.objects.iter().find(|object| object.id == id).cloned() else { return };
    let group = target.fields.values().find_map(|field| {
        let morph = field.relation.as_ref()?.morph.as_ref()?;
        (morph.name == ATTACHMENT_MORPH).then(|| morph.clone())
    });
    let group = group.unwrap_or_else(|| Morph { id: fresh_id(now), name: ATTACHMENT_MORPH.into() });
    let mut collects = relation::side(
        &target.name_plural,
        attached.label,
        FieldType::Relation,
        RelationKind::OneToMany,
        target.id,
        now,
    );
    let mut points = relation::side(
        &inflection::morph_field(ATTACHMENT_MORPH, &object.name_singular),
        &inflection::capitalise(&object.name_singular),
        FieldType::MorphRelation,
        RelationKind::ManyToOne { on_delete: OnDelete::SetNull },
        object.id,
        now,
    );
    for field in [&mut collects, &mut points] {
        field.owner = Owner::Standard;
        field.icon = Some(attached.icon.into());
    }
    collects.description = Some(format!("{} of the {}", attached.label, object.label_singular));
    relation::link(&mut points, &mut collects, Some(group));
    relation::insert(edit, failures, object.id, collects, Vec::new(), now);
    relation::insert(edit, failures, target.id, points, Vec::new(), now);
}
