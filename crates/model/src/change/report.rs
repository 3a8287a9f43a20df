//! What a refused change tells: which entities broke which rules.

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::{Field, Object};

/// The failures of one change, at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What was asked for.
    pub action: Action,
    /// One entry for each entity that broke a rule.
    pub failures: Vec<Failure>,
}

/// What a change does with its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each name says it")]
pub enum Action {
    Create,
    Update,
    Delete,
}

impl Action {
    /// The name in a report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// One entity that broke rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What kind of entity.
    pub entity: EntityKind,
    /// What a client needs to recognise it, such as its name.
    pub identity: Map<String, Json>,
    /// The rules that are broken, at least one.
    pub faults: Vec<Fault>,
}

/// The kinds of entities that a report names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each name says it")]
pub enum EntityKind {
    Object,
    Field,
    Index,
}

impl EntityKind {
    /// The name in a report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Object => "objectMetadata",
            Self::Field => "fieldMetadata",
            Self::Index => "index",
        }
    }
}

/// One broken rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The rule, as clients match on it.
    pub code: FaultCode,
    /// What is wrong and what would be right.
    pub message: String,
    /// What was sent, if a single value is to blame.
    pub value: Option<Json>,
}

impl Fault {
    pub(super) fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), value: None }
    }

    pub(super) fn with_value(mut self, value: impl Into<Json>) -> Self {
        self.value = Some(value.into());
        self
    }
}

/// The codes of broken rules (`metadata.md` 2.4, 4.6, 5.5, 5.9, 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named as on the wire")]
pub enum FaultCode {
    InvalidObjectInput,
    ObjectAlreadyExists,
    InvalidFieldInput,
    NotAvailable,
    ReservedKeyword,
    NameNotSyncedWithLabel,
    ObjectMetadataNotFound,
    FieldMetadataRelationMalformed,
    FieldMutationNotAllowed,
    LabelIdentifierFieldMetadataIdNotFound,
    IndexFieldInvalidDefaultValue,
    IndexFieldInvalidTypeForUnique,
}

impl FaultCode {
    /// The code as clients see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidObjectInput => "INVALID_OBJECT_INPUT",
            Self::ObjectAlreadyExists => "OBJECT_ALREADY_EXISTS",
            Self::InvalidFieldInput => "INVALID_FIELD_INPUT",
            Self::NotAvailable => "NOT_AVAILABLE",
            Self::ReservedKeyword => "RESERVED_KEYWORD",
            Self::NameNotSyncedWithLabel => "NAME_NOT_SYNCED_WITH_LABEL",
            Self::ObjectMetadataNotFound => "OBJECT_METADATA_NOT_FOUND",
            Self::FieldMetadataRelationMalformed => "FIELD_METADATA_RELATION_MALFORMED",
            Self::FieldMutationNotAllowed => "FIELD_MUTATION_NOT_ALLOWED",
            Self::LabelIdentifierFieldMetadataIdNotFound => "LABEL_IDENTIFIER_FIELD_METADATA_ID_NOT_FOUND",
            Self::IndexFieldInvalidDefaultValue => "INDEX_FIELD_INVALID_DEFAULT_VALUE",
            Self::IndexFieldInvalidTypeForUnique => "INDEX_FIELD_INVALID_TYPE_FOR_UNIQUE",
        }
    }
}

/// Gathers the failures of a change, entity by entity.
#[derive(Default)]
pub(super) struct Failures(Vec<Failure>);

impl Failures {
    /// Adds an entity, unless it broke no rule.
    pub(super) fn add(&mut self, entity: EntityKind, identity: Map<String, Json>, faults: Vec<Fault>) {
        if !faults.is_empty() {
            self.0.push(Failure { entity, identity, faults });
        }
    }

    /// The report, or nothing when no rule is broken.
    pub(super) fn into_result(self, action: Action) -> Result<(), super::Refusal> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(super::Refusal::Report(Report { action, failures: self.0 }))
    }
}

/// A report with one failure.
pub(super) fn refuse(
    action: Action,
    entity: EntityKind,
    identity: Map<String, Json>,
    faults: Vec<Fault>,
) -> super::Refusal {
    super::Refusal::Report(Report { action, failures: vec![Failure { entity, identity, faults }] })
}

pub(super) fn object_identity(object: &Object) -> Map<String, Json> {
    identity([
        ("id", json!(object.id)),
        ("universalIdentifier", json!(object.universal_id)),
        ("nameSingular", json!(object.name_singular)),
        ("namePlural", json!(object.name_plural)),
    ])
}

pub(super) fn field_identity(object: &Object, field: &Field) -> Map<String, Json> {
    identity([
        ("id", json!(field.id)),
        ("universalIdentifier", json!(field.universal_id)),
        ("objectMetadataUniversalIdentifier", json!(object.universal_id)),
        ("name", json!(field.name)),
    ])
}

/// A draft that could not be expanded into entities: it has a name and no id.
pub(super) fn draft_identity(name: &str, object: Uuid) -> Map<String, Json> {
    identity([("id", json!("")), ("name", json!(name)), ("objectMetadataId", json!(object))])
}

fn identity<const N: usize>(members: [(&str, Json); N]) -> Map<String, Json> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
