//! Changing a field: what people read, its name, its choices, its default, whether values must differ.

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::create_field::{
    check_default, check_files, check_types, check_unique, kept_settings, normalise_default,
};
use super::draft::FieldUpdate;
use super::naming::{check_free, check_name, index_name};
use super::report::{Action, EntityKind, Failures, Fault, FaultCode, field_identity, refuse};
use super::{Edit, ModelChange, NewIndex, Refusal, field_index, options};
use crate::{DataModel, Field, FieldType, Object, Owner, inflection};

/// Changes the members of a field that `update` names. Of a morph relation, labels, description, icon and
/// activity spread to all rows; activity follows to the other side of any relation.
///
/// # Errors
/// `UnknownField`; `FieldMembersFixed` for members that this kind of field keeps; a report with every rule
/// of `metadata.md` 5.4, 5.5, 5.8 and 5.9 that the field would break.
pub fn update_field(
    model: &DataModel,
    id: Uuid,
    update: &FieldUpdate,
    now: Timestamp,
) -> Result<ModelChange, Refusal> {
    let found = model.field(id).ok_or(Refusal::UnknownField(id))?;
    check_may_change(model, found.object, found.field, update)?;
    let mut field = found.field.clone();
    let mut faults = change(&mut field, update, now);
    faults.extend(check(found.object, found.field, &field));
    if update.label.as_ref().is_some_and(|label| label.trim().is_empty()) {
        faults.push(Fault::new(FaultCode::InvalidFieldInput, "the label must not be blank"));
    }
    if field.field_type == FieldType::Files {
        faults.extend(check_files(&field.settings, update.is_unique == Some(true), &field.default_value));
    }
    let mut failures = Failures::default();
    let identity = field_identity(found.object, found.field);
    failures.add(EntityKind::Field, identity.clone(), faults);
    let is_unique = update.is_unique.unwrap_or_else(|| found.object.is_unique(found.field));
    if is_unique && field.relation.is_none() {
        failures.add(EntityKind::Index, identity, check_unique(&field).into_iter().collect());
    }
    let mut edit = Edit::new(model);
    if let Some(object) = edit.object(found.object.id) {
        let old_name = found.field.name.clone();
        put(object, &old_name, field);
        if old_name != object_field_name(object, id) {
            rename_indexes(object, |field| field == id);
        }
        make_unique(object, id, is_unique, now);
    }
    check_types(&edit, found.object.id, &found.field.name, &mut failures);
    failures.into_result(Action::Update)?;
    spread(&mut edit, model, id, update, now);
    Ok(edit.finish(id))
}

/// What only the server may change, or nobody.
fn check_may_change(
    model: &DataModel,
    object: &Object,
    field: &Field,
    update: &FieldUpdate,
) -> Result<(), Refusal> {
    let allowed: &[&str] = if is_engine_owned(model, field) {
        &["isActive"]
    } else if field.is_system {
        &["settings", "isActive"]
    } else if field.relation.is_some() {
        &["name", "label", "description", "icon", "isActive", "settings", "isLabelSyncedWithName"]
    } else {
        return check_standard(object, field, update);
    };
    let refused: Vec<&str> = update.named().filter(|member| !allowed.contains(member)).collect();
    if refused.is_empty() {
        return check_standard(object, field, update);
    }
    Err(fixed(field, &refused))
}

fn check_standard(object: &Object, field: &Field, update: &FieldUpdate) -> Result<(), Refusal> {
    if field.owner == Owner::Standard {
        let refused: Vec<&str> =
            update.named().filter(|member| ["name", "isLabelSyncedWithName"].contains(member)).collect();
        if !refused.is_empty() {
            return Err(fixed(field, &refused));
        }
    }
    if update.is_active == Some(false) && object.label_identifier == field.id {
        let message = format!("`{}` names the records of its object and stays active", field.name);
        let fault = Fault::new(FaultCode::LabelIdentifierFieldMetadataIdNotFound, message);
        let identity = field_identity(object, field);
        return Err(refuse(Action::Update, EntityKind::Field, identity, vec![fault]));
    }
    Ok(())
}

fn fixed(field: &Field, members: &[&str]) -> Refusal {
    Refusal::FieldMembersFixed { field: field.name.clone(), members: members.join(", ") }
}

/// Whether the field ties an object to those that attach to any other.
fn is_engine_owned(model: &DataModel, field: &Field) -> bool {
    let is_target = |field: &Field| {
        let morph = field.relation.as_ref().and_then(|relation| relation.morph.as_ref());
        field.is_to_one() && morph.is_some_and(|morph| morph.name == crate::standard::ATTACHMENT_MORPH)
    };
    is_target(field) || model.opposite(field).is_some_and(|other| is_target(other.field))
}

/// Takes over what was sent. What came with the workspace keeps what it was called beside what it is
/// called now.
fn change(field: &mut Field, update: &FieldUpdate, now: Timestamp) -> Vec<Fault> {
    let mut faults = Vec::new();
    field.updated_at = now;
    show(field, update);
    if let Some(name) = &update.name {
        field.name.clone_from(name);
    }
    if let Some(synced) = update.is_label_synced_with_name {
        field.is_label_synced_with_name = synced;
    }
    if let Some(active) = update.is_active {
        field.is_active = active;
    }
    let has_choices = matches!(field.field_type, FieldType::Select | FieldType::MultiSelect);
    if let Some(sent) = update.options.as_ref().filter(|_| has_choices) {
        match options::parse(field.field_type, sent, now) {
            Ok(options) => field.options = options,
            Err(problems) => faults.extend(problems),
        }
    }
    if let Some(sent) = &update.default_value {
        field.default_value = normalise_default(field.field_type, sent);
        if field.default_value.is_null() && !field.is_nullable {
            let message = "a field that requires a value keeps a default value";
            faults.push(Fault::new(FaultCode::InvalidFieldInput, message));
        }
    }
    if let Some(sent) = &update.settings {
        if field.relation.is_some() && *sent != field.settings {
            let message = "the settings of a relation cannot be changed in this version";
            faults.push(Fault::new(FaultCode::InvalidFieldInput, message).with_value(sent.clone()));
        }
        field.settings = kept_settings(field.field_type, sent);
    }
    faults
}

/// Label, description and icon; of a standard field they stand beside those it came with.
fn show(field: &mut Field, update: &FieldUpdate) {
    let (label, description, icon) = (&update.label, &update.description, &update.icon);
    if field.owner == Owner::Standard {
        let base = (json!(field.label), json!(field.description), json!(field.icon));
        set_override(&mut field.overrides, "label", &base.0, label.as_ref().map(|text| json!(text)));
        set_override(
            &mut field.overrides,
            "description",
            &base.1,
            description.as_ref().map(|text| json!(text)),
        );
        set_override(&mut field.overrides, "icon", &base.2, icon.as_ref().map(|text| json!(text)));
        return;
    }
    if let Some(label) = label {
        field.label.clone_from(label);
    }
    if let Some(description) = description {
        field.description.clone_from(description);
    }
    if let Some(icon) = icon {
        field.icon.clone_from(icon);
    }
}

/// Writing the value that is there anyway removes what stood beside it.
pub(super) fn set_override(overrides: &mut Map<String, Json>, member: &str, base: &Json, sent: Option<Json>) {
    match sent {
        None => {}
        Some(value) if value == *base => _ = overrides.remove(member),
        Some(value) => _ = overrides.insert(member.to_owned(), value),
    }
}

fn check(object: &Object, old: &Field, new: &Field) -> Vec<Fault> {
    let mut faults = Vec::new();
    if old.name != new.name {
        let is_row = old.relation.as_ref().is_some_and(|relation| relation.morph.is_some());
        if is_row {
            let message = "a row of a morph relation cannot be renamed in this version";
            faults.push(Fault::new(FaultCode::InvalidFieldInput, message).with_value(new.name.as_str()));
        }
        match check_name(&new.name, FaultCode::InvalidFieldInput) {
            Some(fault) => faults.push(fault),
            None => {
                let mut others = object.clone();
                others.fields.shift_remove(&old.name);
                faults.extend(check_free(&others, new));
            }
        }
    }
    let expected = inflection::name_from_label(&new.label).unwrap_or_default();
    if new.is_label_synced_with_name && expected != new.name {
        let message = format!("the name `{}` is not `{expected}`, which its label stands for", new.name);
        faults.push(Fault::new(FaultCode::FieldMutationNotAllowed, message).with_value(new.name.as_str()));
    }
    if faults.is_empty() && new.relation.is_none() {
        faults.extend(check_default(new));
    }
    faults
}

fn object_field_name(object: &Object, id: Uuid) -> String {
    object.field_by_id(id).map(|field| field.name.clone()).unwrap_or_default()
}

/// Puts the field in the place of the one that was called `old_name`.
pub(super) fn put(object: &mut Object, old_name: &str, field: Field) {
    let fields = std::mem::take(&mut object.fields);
    object.fields = fields
        .into_iter()
        .map(|(name, old)| if name == old_name { (field.name.clone(), field.clone()) } else { (name, old) })
        .collect();
}

/// The names of indexes follow those of their fields and of the table.
pub(super) fn rename_indexes(object: &mut Object, is_renamed: impl Fn(Uuid) -> bool) {
    for place in 0..object.indexes.len() {
        if object.indexes[place].fields.iter().any(|entry| is_renamed(entry.field)) {
            object.indexes[place].name = index_name(object, &object.indexes[place]);
        }
    }
}

fn make_unique(object: &mut Object, id: Uuid, is_unique: bool, now: Timestamp) {
    let Some(field) = object.field_by_id(id) else { return };
    if object.is_unique(field) == is_unique {
        return;
    }
    if is_unique {
        let index = field_index(object, id, NewIndex::Unique, now);
        object.indexes.push(index);
    } else {
        object.indexes.retain(|index| {
            !(index.is_unique && !index.live_only && index.fields.len() == 1 && index.fields[0].field == id)
        });
    }
}

/// What the rest of a morph relation, and the other sides, take over.
fn spread(edit: &mut Edit, model: &DataModel, id: Uuid, update: &FieldUpdate, now: Timestamp) {
    let Some(found) = model.field(id) else { return };
    let Some(relation) = &found.field.relation else { return };
    let rows: Vec<Uuid> = match &relation.morph {
        Some(morph) => found.object.morph_fields(morph.id).map(|row| row.id).collect(),
        None => vec![id],
    };
    for row in rows {
        if row != id {
            edit_field(edit, found.object.id, row, |field| {
                show(field, update);
                field.is_active = update.is_active.unwrap_or(field.is_active);
                field.updated_at = now;
            });
        }
        let Some(active) = update.is_active else { continue };
        let opposite = model.field(row).and_then(|row| model.opposite(row.field));
        if let Some(opposite) = opposite {
            edit_field(edit, opposite.object.id, opposite.field.id, |field| {
                field.is_active = active;
                field.updated_at = now;
            });
        }
    }
}

fn edit_field(edit: &mut Edit, object: Uuid, id: Uuid, change: impl FnOnce(&mut Field)) {
    let Some(object) = edit.object(object) else { return };
    if let Some(field) = object.fields.values_mut().find(|field| field.id == id) {
        change(field);
    }
}
