//! Changing an object: what people read, how it is shown, and the fields that name its records.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::draft::ObjectUpdate;
use super::naming::check_label;
use super::report::{Action, EntityKind, Failures, Fault, FaultCode, object_identity};
use super::update_field::set_override;
use super::{Edit, ModelChange, Refusal};
use crate::{DataModel, FieldType, Object, Owner, inflection};

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
    failures.add(EntityKind::Object, object_identity(old), check(old, object, update));
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

fn set<T: Clone>(member: &mut T, sent: Option<&T>) {
    if let Some(value) = sent {
        member.clone_from(value);
    }
}

fn check(old: &Object, new: &Object, update: &ObjectUpdate) -> Vec<Fault> {
    let invalid = |message: &str| Fault::new(FaultCode::InvalidObjectInput, message);
    let mut faults = Vec::new();
    if old.is_system && update.named().any(|member| ["isSearchable", "openRecordIn"].contains(&member)) {
        faults.push(invalid("of a system object only what people read and isActive can change"));
    }
    let renamed = |name: &str, sent: Option<&String>| sent.is_some_and(|sent| sent != name);
    if renamed(&old.name_singular, update.name_singular.as_ref())
        || renamed(&old.name_plural, update.name_plural.as_ref())
    {
        faults.push(invalid("an object cannot be renamed in this version"));
    }
    for label in [&update.label_singular, &update.label_plural].into_iter().flatten() {
        faults.extend(check_label(label, FaultCode::InvalidObjectInput));
    }
    if new.is_label_synced_with_name {
        let expected = inflection::name_from_label(&new.label_singular).unwrap_or_default();
        if expected != new.name_singular {
            let message = format!("the singular name is not `{expected}`, which its label stands for");
            faults.push(invalid(&message).with_value(new.name_singular.as_str()));
        }
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
