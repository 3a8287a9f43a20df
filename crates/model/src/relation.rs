//! How one object refers to another.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One side of a relation. Every relation has two sides, each a field; each names the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Relation {
    /// Whether this side holds the join column.
    pub kind: RelationKind,
    /// The object on the other side.
    pub target_object: Uuid,
    /// The field on the other side.
    pub target_field: Uuid,
    /// The group that this side belongs to when it is one of several targets of a morph relation.
    pub morph: Option<Morph>,
}

/// Which side of a relation a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RelationKind {
    /// The field holds the id of one target record in its join column `<name>Id`.
    ManyToOne {
        /// What happens to this record when the target is destroyed.
        on_delete: OnDelete,
    },
    /// The records of the target that point here.
    OneToMany,
}

/// What a foreign key does when its target is destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "named as in SQL")]
pub enum OnDelete {
    Cascade,
    SetNull,
    Restrict,
    NoAction,
}

/// The group of fields that together are one polymorphic relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Morph {
    /// Shared by all fields of the group.
    pub id: Uuid,
    /// Base name of the group, such as `target`.
    pub name: String,
}
