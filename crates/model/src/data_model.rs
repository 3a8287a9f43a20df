//! The objects, fields and relations of one workspace, by name.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::{Field, Object};

/// An immutable snapshot of a workspace's model. A change makes a new one; objects that did not
/// change are shared between the two.
#[derive(Clone, Debug, Default)]
pub struct DataModel {
    version: u64,
    objects: Vec<Arc<Object>>,
    by_singular: HashMap<String, usize>,
    by_plural: HashMap<String, usize>,
    by_id: HashMap<Uuid, usize>,
    owner_of_field: HashMap<Uuid, usize>,
}

/// A field together with the object it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct FieldRef<'a> {
    /// The object.
    pub object: &'a Arc<Object>,
    /// Its field.
    pub field: &'a Field,
}

impl DataModel {
    /// A snapshot of these objects, listed in this order.
    pub fn new(version: u64, objects: Vec<Arc<Object>>) -> Self {
        let mut model = Self { version, ..Self::default() };
        for (place, object) in objects.iter().enumerate() {
            model.by_singular.insert(object.name_singular.clone(), place);
            model.by_plural.insert(object.name_plural.clone(), place);
            model.by_id.insert(object.id, place);
            model.owner_of_field.extend(object.fields.values().map(|field| (field.id, place)));
        }
        model.objects = objects;
        model
    }

    /// Grows by one with every change of the workspace's model.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// All objects.
    pub fn objects(&self) -> &[Arc<Object>] {
        &self.objects
    }

    /// The object whose one record is called `name`, such as `person`.
    pub fn by_singular(&self, name: &str) -> Option<&Arc<Object>> {
        self.by_singular.get(name).map(|place| &self.objects[*place])
    }

    /// The object whose records are called `name`, such as `people`.
    pub fn by_plural(&self, name: &str) -> Option<&Arc<Object>> {
        self.by_plural.get(name).map(|place| &self.objects[*place])
    }

    /// The object with this id.
    pub fn object(&self, id: Uuid) -> Option<&Arc<Object>> {
        self.by_id.get(&id).map(|place| &self.objects[*place])
    }

    /// The field with this id, and its object.
    pub fn field(&self, id: Uuid) -> Option<FieldRef<'_>> {
        let object = &self.objects[*self.owner_of_field.get(&id)?];
        Some(FieldRef { object, field: object.field_by_id(id)? })
    }

    /// The other side of a relation field; `None` for other fields.
    pub fn opposite(&self, field: &Field) -> Option<FieldRef<'_>> {
        self.field(field.relation.as_ref()?.target_field)
    }
}
