//! What a workspace's data looks like: objects, fields, relations, and the values they accept.
//!
//! No I/O and no SQL: everything here can be built and tested without a server.

mod aggregate;
mod change;
mod data_model;
mod field;
mod field_type;
pub mod inflection;
mod name;
mod object;
mod record_id;
mod relation;
pub mod standard;
mod value;

pub use aggregate::Aggregate;
pub use change::{
    Action, EntityKind, Failure, Fault, FaultCode, FieldDraft, FieldUpdate, ModelChange, ObjectDraft,
    ObjectUpdate, PropertyErrors, Refusal, Report, create_field, create_object, delete_field, delete_object,
    update_field, update_object,
};
pub use data_model::{DataModel, FieldRef};
pub use field::{ACTOR_SOURCES, Field, SelectOption};
pub use field_type::{
    FieldType, FieldTypeSpec, MONTHS, NullReads, Operator, ParsedParts, Part, Scalar, Searched, WriteMode,
};
pub use name::{MAX_NAME_BYTES, NameError, is_reserved, parse_name};
pub use object::{Index, IndexField, IndexType, Object, Owner};
pub use record_id::RecordId;
pub use relation::{Morph, OnDelete, Relation, RelationKind};
pub use value::{Value, ValueError, ValueErrorCode};
