//! Changes to a data model: what is asked for, what must hold, and what follows from it.
//!
//! Everything here is pure: a model and a draft go in, the model after the change or a list of
//! failures comes out. Tables and rows follow from the two models side by side.

mod create_field;
mod create_object;
mod delete;
mod draft;
mod naming;
mod options;
mod relation;
mod report;
#[cfg(test)]
mod tests;
mod update_field;
mod update_object;

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{DataModel, Index, IndexField, IndexType, Object, RecordId};

pub use create_field::create_field;
pub use create_object::create_object;
pub use delete::{delete_field, delete_object};
pub use draft::{FieldDraft, FieldUpdate, ObjectDraft, ObjectUpdate, PropertyErrors};
pub use report::{Action, EntityKind, Failure, Fault, FaultCode, Report};
pub use update_field::update_field;
pub use update_object::update_object;

/// A change that keeps every rule.
#[derive(Clone, Debug)]
pub struct ModelChange {
    /// The model after the change, one version on.
    pub after: DataModel,
    /// The object or field that was asked for.
    pub subject: Uuid,
}

/// Why a change is refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// Rules are broken; the report says which.
    Report(Report),
    /// No object has this id.
    UnknownObject(Uuid),
    /// No field has this id.
    UnknownField(Uuid),
    /// The field belongs to the server and cannot be deleted.
    FieldBelongsToServer(String),
    /// These members of the field are not for clients to change.
    FieldMembersFixed {
        /// Name of the field.
        field: String,
        /// The members that were sent, with commas.
        members: String,
    },
    /// These members of a standard object stay as they are.
    ObjectMembersFixed {
        /// Name of the object.
        object: String,
        /// The members that were sent, with commas.
        members: String,
    },
    /// Something that the change refers to has no such id.
    UnknownEntity(Uuid),
}

/// The objects of a model while a change is being made.
struct Edit {
    version: u64,
    objects: Vec<Arc<Object>>,
}

impl Edit {
    fn new(model: &DataModel) -> Self {
        Self { version: model.version(), objects: model.objects().to_vec() }
    }

    /// The object with this id, to be changed. Objects that nobody changes stay shared.
    fn object(&mut self, id: Uuid) -> Option<&mut Object> {
        self.objects.iter_mut().find(|object| object.id == id).map(Arc::make_mut)
    }

    fn finish(self, subject: Uuid) -> ModelChange {
        ModelChange { after: DataModel::new(self.version + 1, self.objects), subject }
    }
}

/// A fresh id for an object, a field, an option or an index.
fn fresh_id(now: Timestamp) -> Uuid {
    RecordId::generate(now).into()
}

/// An index over the whole of one field.
fn field_index(object: &Object, field: Uuid, kind: NewIndex, now: Timestamp) -> Index {
    let mut index = Index {
        id: fresh_id(now),
        name: String::new(),
        fields: vec![IndexField { field, sub_field: None }],
        is_unique: kind == NewIndex::Unique,
        live_only: false,
        index_type: if kind == NewIndex::Search { IndexType::Gin } else { IndexType::Btree },
        is_custom: kind == NewIndex::Unique,
        created_at: now,
    };
    index.name = naming::index_name(object, &index);
    index
}

/// The indexes that come with fields.
#[derive(Clone, Copy, PartialEq)]
enum NewIndex {
    /// Over a join column.
    Join,
    /// Over the search vector.
    Search,
    /// The index that makes a field unique.
    Unique,
}
