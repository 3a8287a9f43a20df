//! Changing an object: its names, what people read, how it is shown, and the fields that name its records.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::draft::ObjectUpdate;
use super::naming::{check_free, check_label, check_name};
use super::report::{Action, EntityKind, Failures, Fault, FaultCode, field_identity, object_identity};
use super::update_field::{put, rename_indexes, set_override};
use super::{Edit, ModelChange, Refusal, create_object};
use crate::standard::ATTACHMENT_MORPH;
use crate::{DataModel, Field, FieldType, Object, Owner, inflection};

/// Changes the members of an object that `update` names.
///
/// # Errors
/// `UnknownObject`, `UnknownField` for a label identifier that does not exist; `ObjectMembersFixed` for
/// members that a standard object keeps; a report with every rule of `metadata.md` 4.5 and 4.6 that the
/// object would break.
pub fn update_object(
    model: &DataModel,
    id: Uuid,
    update: &ObjectUpdate,
    now: Timestamp,
) -> Result<ModelChange, Refusal> {
    const FIXED: [&str; 4] =
        ["nameSingular", "namePlural", "isLabelSyncedWithName", "labelIdentifierFieldMetadataId"];
    let old = model.object(id).ok_or(Refusal::UnknownObject(id))?;
    let refused: Vec<&str> = update.named().filter(|member| FIXED.contains(member)).collect();
    if old.owner == Owner::Standard && !refused.is_empty() {
        let (object, members) = (old.name_singular.clone(), refused.join(", "));
        return Err(Refusal::ObjectMembersFixed { object, members });
    }
    if let Some(field) = update.label_identifier.flatten()
        && model.field(field).is_none()
    {
        return Err(Refusal::UnknownEntity(field));
    }
    let mut edit = Edit::new(model);
    let Some(object) = edit.object(id) else { return Err(Refusal::UnknownObject(id)) };
    change(object, update, now);
    let mut failures = Failures::default();
    failures.add(EntityKind::Object, object_identity(old), check(model, old, object, update));
    let object = object.clone();
    rename_references(&mut edit, &mut failures, old, &object, now);
    failures.into_result(Action::Update)?;
    Ok(edit.finish(id))
}

fn change(object: &mut Object, update: &ObjectUpdate, now: Timestamp) {
    object.updated_at = now;
    if object.owner == Owner::Standard {
        let overrides = [
            (
                "labelSingular",
                json!(object.label_singular),
                update.label_singular.as_ref().map(|text| json!(text)),
            ),
            ("labelPlural", json!(object.label_plural), update.label_plural.as_ref().map(|text| json!(text))),
            ("description", json!(object.description), update.description.as_ref().map(|text| json!(text))),
            ("icon", json!(object.icon), update.icon.as_ref().map(|text| json!(text))),
            ("color", json!(object.color), update.color.as_ref().map(|text| json!(text))),
            (
                "imageIdentifierFieldMetadataId",
                json!(object.image_identifier),
                update.image_identifier.as_ref().map(|id| json!(id)),
            ),
        ];
        for (member, base, sent) in overrides {
            set_override(&mut object.overrides, member, &base, sent);
        }
    } else {
        set(&mut object.label_singular, update.label_singular.as_ref());
        set(&mut object.label_plural, update.label_plural.as_ref());
        set(&mut object.description, update.description.as_ref());
        set(&mut object.icon, update.icon.as_ref());
        set(&mut object.color, update.color.as_ref());
        set(&mut object.image_identifier, update.image_identifier.as_ref());
    }
    set(&mut object.name_singular, update.name_singular.as_ref());
    set(&mut object.name_plural, update.name_plural.as_ref());
    set(&mut object.is_label_synced_with_name, update.is_label_synced_with_name.as_ref());
    set(&mut object.is_active, update.is_active.as_ref());
    set(&mut object.is_searchable, update.is_searchable.as_ref());
    set(&mut object.open_record_in, update.open_record_in.as_ref());
    if let Some(Some(field)) = update.label_identifier {
        object.label_identifier = field;
        // What named records before stays searchable.
        if !object.search_fields.contains(&field) {
            object.search_fields.push(field);
        }
    }
}

/// The rows of morph relations are called after their targets, and indexes after their tables.
fn rename_references(edit: &mut Edit, failures: &mut Failures, old: &Object, new: &Object, now: Timestamp) {
    let names = [&new.name_singular, &new.name_plural];
    if [&old.name_singular, &old.name_plural] == names {
        return;
    }
    if let Some(object) = edit.object(new.id) {
        rename_indexes(object, |_| true);
    }
    let points_here = |field: &Field| {
        let relation = field.relation.as_ref();
        relation.is_some_and(|relation| relation.target_object == new.id && relation.morph.is_some())
    };
    let affected: Vec<Uuid> = edit
        .objects
        .iter()
        .filter(|object| object.fields.values().any(points_here))
        .map(|object| object.id)
        .collect();
    for id in affected {
        let Some(object) = edit.object(id) else { continue };
        let rows: Vec<Field> = object.fields.values().filter(|field| points_here(field)).cloned().collect();
        for row in rows {
            let renamed = row_of(&row, new, now);
            let mut others = object.clone();
            others.fields.shift_remove(&row.name);
            let fault = check_name(&renamed.name, FaultCode::InvalidFieldInput)
                .or_else(|| check_free(&others, &renamed));
            failures.add(EntityKind::Field, field_identity(object, &row), fault.into_iter().collect());
            put(object, &row.name, renamed);
            rename_indexes(object, |field| field == row.id);
        }
    }
}

/// The row of a morph relation, called after its target.
fn row_of(row: &Field, target: &Object, now: Timestamp) -> Field {
    let mut renamed = row.clone();
    let Some(morph) = row.relation.as_ref().and_then(|relation| relation.morph.as_ref()) else {
        return renamed;
    };
    renamed.updated_at = now;
    if row.is_to_many() {
        renamed.name = inflection::morph_field(&morph.name, &target.name_plural);
        return renamed;
    }
    renamed.name = inflection::morph_field(&morph.name, &target.name_singular);
    if row.settings.is_object() {
        renamed.settings["joinColumnName"] = json!(inflection::join_column(&renamed));
    }
    if morph.name == ATTACHMENT_MORPH {
        renamed.label = inflection::capitalise(&target.name_singular);
    }
    renamed
}

fn set<T: Clone>(member: &mut T, sent: Option<&T>) {
    if let Some(value) = sent {
        member.clone_from(value);
    }
}

fn check(model: &DataModel, old: &Object, new: &Object, update: &ObjectUpdate) -> Vec<Fault> {
    let invalid = |message: &str| Fault::new(FaultCode::InvalidObjectInput, message);
    let mut faults = Vec::new();
    if old.is_system && update.named().any(|member| ["isSearchable", "openRecordIn"].contains(&member)) {
        faults.push(invalid("of a system object only what people read and isActive can change"));
    }
    if old.owner == Owner::Workspace {
        faults.extend(create_object::check(model, new));
    }
    let overriding = [&update.label_singular, &update.label_plural].into_iter().flatten();
    for label in overriding.filter(|_| old.owner == Owner::Standard) {
        faults.extend(check_label(label, FaultCode::InvalidObjectInput));
    }
    match update.label_identifier {
        Some(None) => faults.push(invalid("a label identifier cannot be null")),
        Some(Some(id)) => {
            let may_name = [FieldType::Text, FieldType::FullName, FieldType::Uuid];
            if !new.field_by_id(id).is_some_and(|field| may_name.contains(&field.field_type)) {
                let message = "a label identifier is a field of this object of type TEXT, FULL_NAME or UUID";
                faults.push(invalid(message).with_value(id.to_string()));
            }
        }
        None => {}
    }
    if let Some(Some(id)) = update.image_identifier {
        let may_show = [FieldType::Files, FieldType::Links];
        let fits = |field: &crate::Field| field.is_active && may_show.contains(&field.field_type);
        if !new.field_by_id(id).is_some_and(fits) {
            let message = "an image identifier is an active field of this object of type FILES or LINKS";
            faults.push(invalid(message).with_value(id.to_string()));
        }
    }
    faults
}
