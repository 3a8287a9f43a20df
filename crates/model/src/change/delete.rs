//! Deleting objects and fields, with everything that refers to them.

use std::collections::HashSet;
use std::sync::Arc;

use uuid::Uuid;

use super::report::{Action, EntityKind, Fault, FaultCode, field_identity, object_identity, refuse};
use super::{Edit, ModelChange, Refusal};
use crate::{DataModel, Field, Object, Owner};

/// Removes an object, its records, and the other side of each of its relations.
///
/// # Errors
/// `UnknownObject`; a report for an object that came with the workspace.
pub fn delete_object(model: &DataModel, id: Uuid) -> Result<ModelChange, Refusal> {
    let object = model.object(id).ok_or(Refusal::UnknownObject(id))?;
    if object.owner == Owner::Standard || object.is_system {
        let message =
            format!("the object `{}` belongs to the server and cannot be deleted", object.name_singular);
        let fault = Fault::new(FaultCode::InvalidObjectInput, message);
        return Err(refuse(Action::Delete, EntityKind::Object, object_identity(object), vec![fault]));
    }
    let opposite = |field: &Field| model.opposite(field).map(|other| other.field.id);
    let removed: HashSet<Uuid> = object.fields.values().filter_map(opposite).collect();
    let mut edit = Edit::new(model);
    edit.objects.retain(|other| other.id != id);
    remove_fields(&mut edit, &removed);
    Ok(edit.finish(id))
}

/// Removes a field; for a relation both sides, for a morph relation the whole group with its targets.
///
/// # Errors
/// `UnknownField`; `FieldBelongsToServer`; a report for the field that names its records.
pub fn delete_field(model: &DataModel, id: Uuid) -> Result<ModelChange, Refusal> {
    let found = model.field(id).ok_or(Refusal::UnknownField(id))?;
    if found.field.is_system || found.field.owner == Owner::Standard {
        return Err(Refusal::FieldBelongsToServer(found.field.name.clone()));
    }
    if found.object.label_identifier == id {
        let message = format!(
            "`{}` names the records of its object; choose another label identifier first",
            found.field.name
        );
        let fault = Fault::new(FaultCode::FieldMutationNotAllowed, message);
        let identity = field_identity(found.object, found.field);
        return Err(refuse(Action::Delete, EntityKind::Field, identity, vec![fault]));
    }
    let mut edit = Edit::new(model);
    remove_fields(&mut edit, &with_dependents(model, found.object, found.field));
    Ok(edit.finish(id))
}

/// The field, the rest of its morph group on either side, and the other side of each.
fn with_dependents(model: &DataModel, object: &Arc<Object>, field: &Field) -> HashSet<Uuid> {
    let group_of = |object: &Object, field: &Field| -> Vec<Uuid> {
        match field.relation.as_ref().and_then(|relation| relation.morph.as_ref()) {
            Some(morph) => object.morph_fields(morph.id).map(|row| row.id).collect(),
            None => vec![field.id],
        }
    };
    let mut rows = group_of(object, field);
    if let Some(other) = model.opposite(field) {
        rows.extend(group_of(other.object, other.field));
    }
    let opposites: Vec<Uuid> = rows
        .iter()
        .filter_map(|row| model.opposite(model.field(*row)?.field).map(|other| other.field.id))
        .collect();
    rows.into_iter().chain(opposites).collect()
}

fn remove_fields(edit: &mut Edit, removed: &HashSet<Uuid>) {
    let affected: Vec<Uuid> = edit
        .objects
        .iter()
        .filter(|object| object.fields.values().any(|field| removed.contains(&field.id)))
        .map(|object| object.id)
        .collect();
    for id in affected {
        let Some(object) = edit.object(id) else { continue };
        object.fields.retain(|_, field| !removed.contains(&field.id));
        for index in &mut object.indexes {
            let fields_before = index.fields.len();
            index.fields.retain(|entry| !removed.contains(&entry.field));
            // What was unique together need not be unique without one of its fields.
            if index.is_unique && index.fields.len() < fields_before {
                index.fields.clear();
            }
        }
        object.indexes.retain(|index| !index.fields.is_empty());
        object.search_fields.retain(|field| !removed.contains(field));
        object.image_identifier = object.image_identifier.filter(|field| !removed.contains(field));
    }
}
