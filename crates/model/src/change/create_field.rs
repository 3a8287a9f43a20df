//! Creating a field, with its options, its default and its unique index.

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::draft::FieldDraft;
use super::naming::{check_free, check_name, colliding_type};
use super::report::{
    Action, EntityKind, Failures, Fault, FaultCode, draft_identity, field_identity, object_identity, refuse,
};
use super::{Edit, ModelChange, NewIndex, Refusal, field_index, fresh_id, options, relation};
use crate::{DataModel, Field, FieldType, Object, Owner, inflection};

/// The most entries that a `FILES` field may be set to hold.
const MAX_FILES: i64 = 60;

/// Adds the field of `draft`, and the other side when it is a relation.
///
/// # Errors
/// Every rule of `metadata.md` 5.4 to 5.9, 6.1 and 6.4 that the draft breaks.
pub fn create_field(model: &DataModel, draft: &FieldDraft, now: Timestamp) -> Result<ModelChange, Refusal> {
    let refused = |fault: Fault| {
        let identity = draft_identity(&draft.name, draft.object);
        refuse(Action::Create, EntityKind::Field, identity, vec![fault])
    };
    let object = model.object(draft.object).ok_or_else(|| {
        let message = format!("no object has the id {}", draft.object);
        refused(Fault::new(FaultCode::ObjectMetadataNotFound, message).with_value(draft.object.to_string()))
    })?;
    if let Some(fault) = check_creatable(draft) {
        return Err(refused(fault));
    }
    let mut edit = Edit::new(model);
    let mut failures = Failures::default();
    let subject = match draft.field_type {
        FieldType::Relation | FieldType::MorphRelation => {
            let targets = match draft.field_type {
                FieldType::Relation => relation::parse_target(model, &draft.relation).map(|one| vec![one]),
                _ => relation::parse_targets(model, object, &draft.morph_relations),
            };
            let targets = targets.map_err(refused)?;
            check_relation_draft(object, draft, &mut failures);
            relation::add(&mut edit, &mut failures, draft, targets, now)
        }
        _ => add_plain(&mut edit, object, &mut failures, draft, now),
    };
    failures.into_result(Action::Create)?;
    Ok(edit.finish(subject))
}

fn check_creatable(draft: &FieldDraft) -> Option<Fault> {
    let api_name = draft.field_type.spec().api_name;
    let message = if draft.is_remote {
        "remote fields are not supported".to_owned()
    } else if !draft.field_type.spec().creatable {
        format!("fields of type {api_name} cannot be created")
    } else {
        return None;
    };
    Some(Fault::new(FaultCode::InvalidFieldInput, message).with_value(api_name))
}

/// What a relation shares with other fields: its label, and what it must not have.
fn check_relation_draft(object: &Object, draft: &FieldDraft, failures: &mut Failures) {
    let mut faults: Vec<Fault> = check_label(draft).into_iter().collect();
    // The rows of a morph relation have longer names; its base name follows the same rules.
    faults.extend(check_name(&draft.name, FaultCode::InvalidFieldInput));
    if !draft.default_value.is_null() {
        faults.push(Fault::new(FaultCode::InvalidFieldInput, "a relation has no default value"));
    }
    failures.add(EntityKind::Field, draft_identity(&draft.name, object.id), faults);
    if draft.is_unique {
        let message = "a relation cannot be unique";
        let fault = Fault::new(FaultCode::IndexFieldInvalidTypeForUnique, message);
        failures.add(EntityKind::Index, draft_identity(&draft.name, object.id), vec![fault]);
    }
}

fn add_plain(
    edit: &mut Edit,
    object: &Object,
    failures: &mut Failures,
    draft: &FieldDraft,
    now: Timestamp,
) -> Uuid {
    let (options, mut faults) = match options::parse(draft.field_type, &draft.options, now) {
        Ok(options) => (options, Vec::new()),
        Err(faults) => (Vec::new(), faults),
    };
    let has_options = faults.is_empty();
    let field = Field {
        id: fresh_id(now),
        universal_id: Uuid::new_v4(),
        name: draft.name.clone(),
        label: draft.label.clone(),
        description: draft.description.clone(),
        icon: draft.icon.clone(),
        field_type: draft.field_type,
        owner: Owner::Workspace,
        is_active: true,
        is_system: draft.is_system,
        is_ui_editable: draft.is_ui_editable,
        is_nullable: draft.is_nullable,
        is_label_synced_with_name: draft.is_label_synced_with_name,
        overrides: serde_json::Map::new(),
        default_value: normalise_default(draft.field_type, &draft.default_value),
        options,
        settings: kept_settings(draft.field_type, &draft.settings),
        relation: None,
        created_at: now,
        updated_at: now,
    };
    let id = field.id;
    match check_name(&field.name, FaultCode::InvalidFieldInput) {
        Some(fault) => faults.push(fault),
        None => faults.extend(check_free(object, &field)),
    }
    faults.extend(check_label(draft));
    if field.field_type == FieldType::Files {
        faults.extend(check_files(&draft.settings, draft.is_unique, &draft.default_value));
    }
    if has_options {
        faults.extend(check_default(&field));
    }
    let identity = field_identity(object, &field);
    failures.add(EntityKind::Field, identity.clone(), faults);
    if draft.is_unique {
        failures.add(EntityKind::Index, identity, check_unique(&field).into_iter().collect());
    }
    let Some(object) = edit.object(object.id) else { return id };
    object.fields.insert(field.name.clone(), field);
    if draft.is_unique {
        let index = field_index(object, id, NewIndex::Unique, now);
        object.indexes.push(index);
    }
    check_types(edit, draft.object, &draft.name, failures);
    id
}

/// A select brings an enum, whose name may be that of another object's type.
pub(super) fn check_types(edit: &Edit, object: Uuid, field: &str, failures: &mut Failures) {
    let Some(object) = edit.objects.iter().find(|other| other.id == object) else { return };
    let others = edit.objects.iter().filter(|other| other.id != object.id).map(|other| &**other);
    if let Some(name) = colliding_type(object, others) {
        let message = format!("the GraphQL type `{name}` of this field exists already");
        let fault = Fault::new(FaultCode::NotAvailable, message).with_value(field);
        failures.add(EntityKind::Field, object_identity(object), vec![fault]);
    }
}

fn check_label(draft: &FieldDraft) -> Option<Fault> {
    if draft.label.trim().is_empty() {
        return Some(Fault::new(FaultCode::InvalidFieldInput, "the label must not be blank"));
    }
    if !draft.is_label_synced_with_name {
        return None;
    }
    let expected = inflection::name_from_label(&draft.label).unwrap_or_default();
    (expected != draft.name).then(|| {
        let message = format!(
            "the name `{}` is not the one that the label `{}` stands for, which is `{expected}`",
            draft.name, draft.label
        );
        Fault::new(FaultCode::NameNotSyncedWithLabel, message).with_value(draft.name.as_str())
    })
}

/// How many files the field may hold must be said; neither a default nor a unique index fits files.
pub(super) fn check_files(settings: &Json, is_unique: bool, default_value: &Json) -> Vec<Fault> {
    let limit = settings.get("maxNumberOfValues").and_then(Json::as_i64);
    let is_limited = limit.is_some_and(|limit| (1..=MAX_FILES).contains(&limit));
    let limit = format!("settings.maxNumberOfValues of a FILES field must be 1 to {MAX_FILES}");
    [
        (!is_limited, limit.as_str()),
        (is_unique, "a FILES field cannot be unique"),
        (!default_value.is_null(), "a FILES field has no default value"),
    ]
    .into_iter()
    .filter(|(is_broken, _)| *is_broken)
    .map(|(_, message)| Fault::new(FaultCode::InvalidFieldInput, message))
    .collect()
}

pub(super) fn check_default(field: &Field) -> Option<Fault> {
    if field.default_value.is_null() || field.field_type == FieldType::Files {
        return None;
    }
    let error = (field.field_type.spec().parse_default)(field, &field.default_value).err()?;
    let message = format!("the default value does not fit: {error}");
    Some(Fault::new(FaultCode::InvalidFieldInput, message).with_value(field.default_value.clone()))
}

pub(super) fn check_unique(field: &Field) -> Option<Fault> {
    let spec = field.field_type.spec();
    let unique_parts = || spec.parts.iter().filter(|part| part.in_unique_key);
    if spec.is_composite() && unique_parts().next().is_none() {
        let message = format!("fields of type {} cannot be unique", spec.api_name);
        return Some(Fault::new(FaultCode::IndexFieldInvalidTypeForUnique, message));
    }
    let has_default = match &field.default_value {
        Json::Null => false,
        // Only a default for all that is compared would make every new record the same.
        Json::Object(members) if spec.is_composite() => {
            unique_parts().all(|part| members.get(part.name).is_some_and(|member| !member.is_null()))
        }
        _ => true,
    };
    has_default.then(|| {
        let message = "a unique field cannot have a default value";
        Fault::new(FaultCode::IndexFieldInvalidDefaultValue, message)
    })
}

/// Empty parts of a composite are null, and so is a default of nothing but nulls. An actor is never
/// without default.
pub(super) fn normalise_default(field_type: FieldType, sent: &Json) -> Json {
    if field_type == FieldType::Actor && sent.is_null() {
        return json!({"source": "'MANUAL'", "name": "'System'", "workspaceMemberId": null});
    }
    let Json::Object(members) = sent else { return sent.clone() };
    if !field_type.spec().is_composite() {
        return sent.clone();
    }
    let is_empty = |member: &Json| *member == json!("''") || *member == json!("") || *member == json!([]);
    let members: serde_json::Map<String, Json> = members
        .iter()
        .map(|(name, member)| (name.clone(), if is_empty(member) { Json::Null } else { member.clone() }))
        .collect();
    if members.values().all(Json::is_null) { Json::Null } else { Json::Object(members) }
}

/// Selects have no settings; all others keep what was sent.
pub(super) fn kept_settings(field_type: FieldType, sent: &Json) -> Json {
    match field_type {
        FieldType::Select | FieldType::MultiSelect | FieldType::Rating => Json::Null,
        _ => sent.clone(),
    }
}
