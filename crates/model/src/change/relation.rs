//! Relations and morph relations: always both sides at once.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::draft::FieldDraft;
use super::naming::{check_free, check_label, check_name, same};
use super::report::{EntityKind, Failures, Fault, FaultCode, field_identity};
use super::{Edit, NewIndex, field_index, fresh_id};
use crate::standard::relation_settings;
use crate::{
    DataModel, Field, FieldType, Morph, Object, OnDelete, Owner, Relation, RelationKind, inflection,
};

/// What happens to records when the target is destroyed, until somebody says otherwise.
const DEFAULT_ON_DELETE: OnDelete = OnDelete::SetNull;

const DEFAULT_ICON: &str = "IconRelationOneToMany";
const DEFAULT_FAR_ICON: &str = "Icon123";

/// One target, as `relationCreationPayload` names it (`metadata.md` 6.1).
#[derive(Debug)]
pub(super) struct TargetDraft {
    pub(super) kind: RelationKind,
    pub(super) object: Uuid,
    far_name: String,
    far_label: String,
    far_icon: String,
}

/// The target of a relation.
pub(super) fn parse_target(model: &DataModel, payload: &Json) -> Result<TargetDraft, Fault> {
    let Some(members) = payload.as_object() else {
        return Err(Fault::new(FaultCode::InvalidFieldInput, "a relation needs a relationCreationPayload"));
    };
    parse_members(model, members)
}

/// The targets of a morph relation of `object`, all of one kind.
pub(super) fn parse_targets(
    model: &DataModel,
    object: &Object,
    payload: &Json,
) -> Result<Vec<TargetDraft>, Fault> {
    if payload.is_null() {
        let message = "a morph relation needs a morphRelationsCreationPayload";
        return Err(Fault::new(FaultCode::InvalidFieldInput, message));
    }
    let items = payload.as_array().filter(|items| !items.is_empty());
    let items = items.ok_or_else(|| malformed("morphRelationsCreationPayload must be a list of targets"))?;
    let mut targets = Vec::with_capacity(items.len());
    let mut seen = HashSet::new();
    for item in items {
        let members = item.as_object().ok_or_else(|| malformed("a target must be an object"))?;
        let target = parse_members(model, members)?;
        if target.object == object.id {
            let message = "a morph relation must not have its own object as a target";
            return Err(Fault::new(FaultCode::InvalidFieldInput, message));
        }
        if !seen.insert(target.object) {
            return Err(malformed("a morph relation must not name a target twice"));
        }
        targets.push(target);
    }
    if targets.iter().any(|target| target.kind != targets[0].kind) {
        return Err(malformed("the targets of a morph relation must all have the same type"));
    }
    Ok(targets)
}

fn parse_members(model: &DataModel, members: &Map<String, Json>) -> Result<TargetDraft, Fault> {
    let text = |member: &str| members.get(member).and_then(Json::as_str);
    let kind = match text("type") {
        Some("MANY_TO_ONE") => RelationKind::ManyToOne { on_delete: DEFAULT_ON_DELETE },
        Some("ONE_TO_MANY") => RelationKind::OneToMany,
        _ => return Err(malformed("the type of a relation must be MANY_TO_ONE or ONE_TO_MANY")),
    };
    let object = text("targetObjectMetadataId").and_then(|id| Uuid::try_parse(id).ok());
    let object = object
        .filter(|id| model.object(*id).is_some())
        .ok_or_else(|| malformed("targetObjectMetadataId must be the id of an object"))?;
    let label = text("targetFieldLabel").map(str::trim).unwrap_or_default();
    if let Some(fault) = check_label(label, FaultCode::InvalidFieldInput) {
        return Err(fault);
    }
    let far_name = inflection::name_from_label(label).ok_or_else(|| {
        let message = format!("no name can be made from the label `{label}`");
        Fault::new(FaultCode::InvalidFieldInput, message).with_value(label)
    })?;
    Ok(TargetDraft {
        kind,
        object,
        far_name,
        far_label: label.to_owned(),
        far_icon: text("targetFieldIcon").filter(|icon| !icon.is_empty()).unwrap_or(DEFAULT_FAR_ICON).into(),
    })
}

fn malformed(message: &str) -> Fault {
    Fault::new(FaultCode::FieldMetadataRelationMalformed, message)
}

/// Adds a relation or a morph relation with one row for each target; the id of the first row.
pub(super) fn add(
    edit: &mut Edit,
    failures: &mut Failures,
    draft: &FieldDraft,
    targets: Vec<TargetDraft>,
    now: Timestamp,
) -> Uuid {
    let morph = (draft.field_type == FieldType::MorphRelation)
        .then(|| Morph { id: fresh_id(now), name: draft.name.clone() });
    let rows: Vec<Uuid> = targets
        .into_iter()
        .filter_map(|target| add_row(edit, failures, draft, morph.clone(), target, now))
        .collect();
    rows.first().copied().unwrap_or_default()
}

fn add_row(
    edit: &mut Edit,
    failures: &mut Failures,
    draft: &FieldDraft,
    morph: Option<Morph>,
    target: TargetDraft,
    now: Timestamp,
) -> Option<Uuid> {
    let target_object = edit.object(target.object)?.clone();
    let source_object = edit.object(draft.object)?.clone();
    let name = match &morph {
        None => draft.name.clone(),
        Some(morph) if target.kind == RelationKind::OneToMany => {
            inflection::morph_field(&morph.name, &target_object.name_plural)
        }
        Some(morph) => inflection::morph_field(&morph.name, &target_object.name_singular),
    };
    let far_description = format!("{} of {}", source_object.label_plural, target_object.label_singular);
    let near_description = format!("{} of {}", target_object.label_plural, source_object.label_singular);
    let mut near = side(&name, &draft.label, draft.field_type, target.kind, target.object, now);
    near.description = draft.description.clone().or(Some(near_description));
    near.icon = Some(draft.icon.clone().unwrap_or_else(|| DEFAULT_ICON.into()));
    near.is_label_synced_with_name = draft.is_label_synced_with_name;
    near.is_nullable = draft.is_nullable;
    near.is_system = draft.is_system;
    near.is_ui_editable = draft.is_ui_editable;
    near.settings = merged_settings(&draft.settings, near.settings);
    let opposite = match target.kind {
        RelationKind::OneToMany => RelationKind::ManyToOne { on_delete: DEFAULT_ON_DELETE },
        RelationKind::ManyToOne { .. } => RelationKind::OneToMany,
    };
    let mut far = side(&target.far_name, &target.far_label, FieldType::Relation, opposite, draft.object, now);
    far.description = Some(far_description);
    far.icon = Some(target.far_icon);
    link(&mut near, &mut far, morph);
    let near_id = near.id;
    let clash = if draft.object == target.object { join_column_clash(&near, &far) } else { None };
    for (object, field, clash) in [(draft.object, near, clash), (target.object, far, None)] {
        let faults = check_name(&field.name, FaultCode::InvalidFieldInput).into_iter().chain(clash).collect();
        insert(edit, failures, object, field, faults, now);
    }
    Some(near_id)
}

/// One side of a relation, not yet linked to the other.
pub(super) fn side(
    name: &str,
    label: &str,
    field_type: FieldType,
    kind: RelationKind,
    target_object: Uuid,
    now: Timestamp,
) -> Field {
    Field {
        id: fresh_id(now),
        universal_id: Uuid::new_v4(),
        name: name.to_owned(),
        label: label.to_owned(),
        description: None,
        icon: None,
        field_type,
        owner: Owner::Workspace,
        is_active: true,
        is_system: false,
        is_ui_editable: true,
        is_nullable: true,
        is_label_synced_with_name: false,
        overrides: serde_json::Map::new(),
        default_value: Json::Null,
        options: Vec::new(),
        settings: relation_settings(name, kind),
        relation: Some(Relation { kind, target_object, target_field: Uuid::nil(), morph: None }),
        created_at: now,
        updated_at: now,
    }
}

/// Makes the two sides name each other; `morph` is the group of the near one.
pub(super) fn link(near: &mut Field, far: &mut Field, morph: Option<Morph>) {
    if let Some(relation) = &mut near.relation {
        relation.target_field = far.id;
        relation.morph = morph;
    }
    if let Some(relation) = &mut far.relation {
        relation.target_field = near.id;
    }
}

/// What clients add to the settings is kept; what the relation decides wins.
fn merged_settings(sent: &Json, decided: Json) -> Json {
    let (Json::Object(sent), Json::Object(decided)) = (sent, &decided) else { return decided };
    let mut merged = sent.clone();
    for decided_elsewhere in ["relationType", "onDelete", "joinColumnName"] {
        merged.remove(decided_elsewhere);
    }
    merged.extend(decided.clone());
    Json::Object(merged)
}

/// In a relation of an object to itself, a name that equals the join column of the other side.
fn join_column_clash(near: &Field, far: &Field) -> Option<Fault> {
    let (to_one, to_many) = if near.is_to_one() { (near, far) } else { (far, near) };
    same(&inflection::join_column(to_one), &to_many.name)
        .then(|| malformed("the name of one side must differ from the join column of the other"))
}

/// Adds one side to its object, with the index on its join column, if its name is free and no
/// other fault was found.
pub(super) fn insert(
    edit: &mut Edit,
    failures: &mut Failures,
    object: Uuid,
    field: Field,
    mut faults: Vec<Fault>,
    now: Timestamp,
) {
    let Some(object) = edit.object(object) else { return };
    if faults.is_empty() {
        faults.extend(check_free(object, &field));
    }
    let is_taken = !faults.is_empty();
    failures.add(EntityKind::Field, field_identity(object, &field), faults);
    if is_taken {
        return;
    }
    let (id, is_to_one) = (field.id, field.is_to_one());
    object.fields.insert(field.name.clone(), field);
    if is_to_one {
        let index = field_index(object, id, NewIndex::Join, now);
        object.indexes.push(index);
    }
}
