//! The object types of the schema, each resolved from one snapshot of the data model.

use std::future::ready;
use std::sync::Arc;

use apollo_compiler::ast::Type;
use apollo_compiler::resolvers::{AsyncObjectValue, AsyncResolvedValue, FieldError, ResolveInfo};
use apollo_compiler::schema::ExtendedType;
use fourfold_model::{DataModel, Field, FieldType, Index, IndexType, Object, RelationKind};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::arguments::{all, members};
use super::errors::ErrorSink;
use super::filter::{Fact, matches};
use super::paging;
use crate::data_model::describe;
use crate::data_model::page::page;
use crate::error::{ApiError, ApiResult};

/// What all nodes of one answer share.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) workspace: Uuid,
    pub(super) model: Arc<DataModel>,
    pub(super) errors: Arc<ErrorSink>,
}

/// A value of one of the object types.
pub(super) enum Node {
    Object {
        scope: Scope,
        object: Arc<Object>,
    },
    Field {
        scope: Scope,
        object: Arc<Object>,
        field: Field,
    },
    Relation {
        scope: Scope,
        object: Arc<Object>,
        field: Field,
        shown: Shown,
    },
    Connection {
        type_name: &'static str,
        entries: Vec<Edge>,
        page_info: Json,
    },
    Edge {
        type_name: &'static str,
        edge: Edge,
    },
    /// Anything that is JSON already; nested objects get their types from the schema.
    Plain {
        type_name: String,
        members: Map<String, Json>,
    },
}

/// How the near side of a relation is shown.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Shown {
    /// As the row that it is.
    Row,
    /// Under the base name of its morph relation.
    Group,
}

/// An entry of a connection.
#[derive(Clone)]
pub(super) enum Edge {
    Object(Scope, Arc<Object>),
    Field(Scope, Arc<Object>, Box<Field>),
    Index(Json, Uuid),
}

type Resolved<'a> = AsyncResolvedValue<'a>;

impl AsyncObjectValue for Node {
    fn type_name(&self) -> &str {
        match self {
            Self::Object { .. } => "Object",
            Self::Field { .. } => "Field",
            Self::Relation { .. } => "Relation",
            Self::Connection { type_name, .. } | Self::Edge { type_name, .. } => type_name,
            Self::Plain { type_name, .. } => type_name,
        }
    }

    fn resolve_field<'a>(
        &'a self,
        info: &'a ResolveInfo<'a>,
    ) -> BoxFuture<'a, Result<Resolved<'a>, FieldError>> {
        Box::pin(ready(self.resolve(info)))
    }
}

impl Node {
    /// A node of JSON.
    pub(super) fn plain(type_name: &str, value: Json) -> Self {
        let members = match value {
            Json::Object(members) => members,
            _ => Map::new(),
        };
        Self::Plain { type_name: type_name.into(), members }
    }

    fn resolve<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<Resolved<'a>, FieldError> {
        let name = info.field_name();
        match self {
            Self::Object { scope, object } => {
                object_field(scope, object, info).map_err(|error| scope.errors.keep(error))
            }
            Self::Field { scope, object, field } => Ok(field_field(scope, object, field, name)),
            Self::Relation { scope, object, field, shown } => {
                relation_field(scope, object, field, *shown, name)
                    .ok_or_else(|| self.unknown_field_error(info))
            }
            Self::Connection { entries, page_info, .. } => Ok(match name {
                "edges" => {
                    let type_name = edge_type(info);
                    AsyncResolvedValue::list(entries.iter().map(move |edge| {
                        AsyncResolvedValue::object(Node::Edge { type_name, edge: edge.clone() })
                    }))
                }
                _ => AsyncResolvedValue::object(Node::plain("PageInfo", page_info.clone())),
            }),
            Self::Edge { edge, .. } => Ok(edge_field(edge, name)),
            Self::Plain { members, .. } => Ok(plain_field(members, info)),
        }
    }
}

fn edge_type(info: &ResolveInfo<'_>) -> &'static str {
    match info.field_definition().ty.inner_named_type().as_str() {
        "ObjectEdge" => "ObjectEdge",
        "IndexEdge" => "IndexEdge",
        _ => "FieldEdge",
    }
}

fn leaf<'a>(value: Json) -> Resolved<'a> {
    AsyncResolvedValue::leaf(value)
}

fn edge_field<'a>(edge: &Edge, name: &str) -> Resolved<'a> {
    let is_cursor = name == "cursor";
    match edge {
        Edge::Object(_, object) if is_cursor => leaf(json!(paging::cursor(object.id))),
        Edge::Field(_, _, field) if is_cursor => leaf(json!(paging::cursor(field.id))),
        Edge::Index(_, id) if is_cursor => leaf(json!(paging::cursor(*id))),
        Edge::Object(scope, object) => {
            AsyncResolvedValue::object(Node::Object { scope: scope.clone(), object: Arc::clone(object) })
        }
        Edge::Field(scope, object, field) => {
            AsyncResolvedValue::object(field_node(scope, object, (**field).clone()))
        }
        Edge::Index(index, _) => AsyncResolvedValue::object(Node::plain("Index", index.clone())),
    }
}

/// JSON under the types that the schema gives it.
fn plain_field<'a>(members: &Map<String, Json>, info: &ResolveInfo<'_>) -> Resolved<'a> {
    let value = members.get(info.field_name()).cloned().unwrap_or_default();
    let type_name = info.field_definition().ty.inner_named_type().as_str();
    let is_object = matches!(info.schema().types.get(type_name), Some(ExtendedType::Object(_)));
    match value {
        Json::Object(_) if is_object => AsyncResolvedValue::object(Node::plain(type_name, value)),
        Json::Array(items) if is_object => {
            let type_name = type_name.to_owned();
            AsyncResolvedValue::list(
                items.into_iter().map(move |item| AsyncResolvedValue::object(Node::plain(&type_name, item))),
            )
        }
        // The engine tells a Float from a whole number; JSON does not.
        Json::Number(number) if type_name == "Float" => leaf(json!(number.as_f64())),
        value => leaf(value),
    }
}

pub(super) fn field_node(scope: &Scope, object: &Arc<Object>, field: Field) -> Node {
    Node::Field { scope: scope.clone(), object: Arc::clone(object), field }
}

/// A connection of `entries`, filtered and cut to a page as the arguments ask.
pub(super) fn connection(
    type_name: &'static str,
    entries: Vec<(Uuid, Edge)>,
    arguments: &Map<String, Json>,
) -> ApiResult<Node> {
    let empty = Map::new();
    let filter = members(arguments, "filter").unwrap_or(&empty);
    let mut passing = Vec::new();
    for (id, edge) in entries {
        if matches(filter, &|member| edge_fact(&edge, member))? {
            passing.push((id, edge));
        }
    }
    let page = page(passing, paging::request(arguments)?);
    let cursor = |entry: Option<&(Uuid, Edge)>| json!(entry.map(|(id, _)| paging::cursor(*id)));
    let page_info = json!({
        "hasNextPage": page.has_next,
        "hasPreviousPage": page.has_previous,
        "startCursor": cursor(page.entries.first()),
        "endCursor": cursor(page.entries.last()),
    });
    let entries = page.entries.into_iter().map(|(_, edge)| edge).collect();
    Ok(Node::Connection { type_name, entries, page_info })
}

fn edge_fact(edge: &Edge, member: &str) -> Option<Fact> {
    Some(match (edge, member) {
        (Edge::Object(_, object), "id") => Fact::Id(object.id),
        (Edge::Object(_, object), "isActive") => Fact::Flag(object.is_active),
        (Edge::Object(..), "isRemote") => Fact::Flag(false),
        (Edge::Object(_, object), "isSearchable") => Fact::Flag(object.is_searchable),
        (Edge::Object(_, object), "isSystem") => Fact::Flag(object.is_system),
        (Edge::Object(_, object), "isUICreatable") => Fact::Flag(object.is_ui_creatable),
        (Edge::Object(_, object), "isUIEditable") => Fact::Flag(object.is_ui_editable),
        (Edge::Object(_, object), "isUIReadOnly") => Fact::Flag(!object.is_ui_editable),
        (Edge::Field(_, _, field), "id") => Fact::Id(field.id),
        (Edge::Field(_, object, _), "objectMetadataId") => Fact::Id(object.id),
        (Edge::Field(_, _, field), "isActive") => Fact::Flag(field.is_active),
        (Edge::Field(_, _, field), "isSystem") => Fact::Flag(field.is_system),
        (Edge::Field(_, _, field), "isUIEditable") => Fact::Flag(field.is_ui_editable),
        (Edge::Field(_, _, field), "isUIReadOnly") => Fact::Flag(!field.is_ui_editable),
        (Edge::Index(_, id), "id") => Fact::Id(*id),
        (Edge::Index(index, _), "isCustom") => Fact::Flag(index["isCustom"] == true),
        _ => return None,
    })
}

/// The fields of an object, each morph relation once, under its base name and in its first row's
/// place.
fn collapsed_fields(object: &Object) -> Vec<Field> {
    let mut groups = Vec::new();
    let mut fields = Vec::with_capacity(object.fields.len());
    for field in object.fields.values() {
        match describe::morph_id(field) {
            Some(group) if groups.contains(&group) => {}
            Some(group) => {
                groups.push(group);
                fields.push(under_base_name(field));
            }
            None => fields.push(field.clone()),
        }
    }
    fields
}

fn under_base_name(field: &Field) -> Field {
    let morph = field.relation.as_ref().and_then(|relation| relation.morph.as_ref());
    let name = morph.map_or(&field.name, |morph| &morph.name).clone();
    Field { name, ..field.clone() }
}

fn object_field<'a>(
    scope: &Scope,
    object: &Arc<Object>,
    info: &ResolveInfo<'_>,
) -> Result<Resolved<'a>, ApiError> {
    let field_edge =
        |field: Field| (field.id, Edge::Field(scope.clone(), Arc::clone(object), Box::new(field)));
    let index_edge = |index: &Index| (index.id, Edge::Index(index_json(index), index.id));
    Ok(match info.field_name() {
        "fields" => {
            let entries = collapsed_fields(object).into_iter().map(field_edge).collect();
            AsyncResolvedValue::object(connection("ObjectFieldsConnection", entries, &all(info))?)
        }
        "fieldsList" => {
            let nodes: Vec<Node> =
                collapsed_fields(object).into_iter().map(|field| field_node(scope, object, field)).collect();
            AsyncResolvedValue::list(nodes.into_iter().map(AsyncResolvedValue::object))
        }
        "indexMetadatas" => {
            let entries = object.indexes.iter().map(index_edge).collect();
            AsyncResolvedValue::object(connection("ObjectIndexMetadatasConnection", entries, &all(info))?)
        }
        "indexMetadataList" => {
            let nodes: Vec<Node> =
                object.indexes.iter().map(|index| Node::plain("Index", index_json(index))).collect();
            AsyncResolvedValue::list(nodes.into_iter().map(AsyncResolvedValue::object))
        }
        name => {
            let mut told = describe::object(scope.workspace, object);
            let value = object.overrides.get(name).cloned().or_else(|| told.remove(name)).unwrap_or_default();
            let depth = list_depth(&info.field_definition().ty);
            lists(empty_for_null(name, value), depth)
        }
    })
}

fn list_depth(field_type: &Type) -> usize {
    match field_type {
        Type::List(item) | Type::NonNullList(item) => 1 + list_depth(item),
        Type::Named(_) | Type::NonNullNamed(_) => 0,
    }
}

/// The engine wants the lists of the schema as its own, and only what is in them as JSON.
fn lists<'a>(value: Json, depth: usize) -> Resolved<'a> {
    match value {
        Json::Array(items) if 0 < depth => {
            AsyncResolvedValue::list(items.into_iter().map(move |item| lists(item, depth - 1)))
        }
        value => leaf(value),
    }
}

/// What is not set reads as empty text in GraphQL, and is absent in REST.
fn empty_for_null(name: &str, value: Json) -> Json {
    match name {
        "description" | "icon" | "color" if value.is_null() => json!(""),
        _ => value,
    }
}

fn field_field<'a>(scope: &Scope, object: &Arc<Object>, field: &Field, name: &str) -> Resolved<'a> {
    let relation_node = |row: &Field, shown| Node::Relation {
        scope: scope.clone(),
        object: Arc::clone(object),
        field: row.clone(),
        shown,
    };
    match name {
        "object" => {
            AsyncResolvedValue::object(Node::Object { scope: scope.clone(), object: Arc::clone(object) })
        }
        "relation" if field.field_type == FieldType::Relation => {
            AsyncResolvedValue::object(relation_node(field, Shown::Row))
        }
        "morphRelations" if field.field_type == FieldType::MorphRelation => {
            let group = describe::morph_id(field).unwrap_or_default();
            let nodes: Vec<Node> =
                object.morph_fields(group).map(|row| relation_node(row, Shown::Group)).collect();
            AsyncResolvedValue::list(nodes.into_iter().map(AsyncResolvedValue::object))
        }
        "relation" | "morphRelations" => leaf(Json::Null),
        name => {
            let mut told = describe::field(scope.workspace, object, field);
            let value = field.overrides.get(name).cloned().or_else(|| told.remove(name)).unwrap_or_default();
            leaf(empty_for_null(name, value))
        }
    }
}

fn relation_field<'a>(
    scope: &Scope,
    object: &Arc<Object>,
    field: &Field,
    shown: Shown,
    name: &str,
) -> Option<Resolved<'a>> {
    let other = scope.model.opposite(field);
    let object_node = |object: &Arc<Object>| {
        AsyncResolvedValue::object(Node::Object { scope: scope.clone(), object: Arc::clone(object) })
    };
    Some(match name {
        "type" => leaf(json!(match field.relation.as_ref()?.kind {
            RelationKind::OneToMany => "ONE_TO_MANY",
            RelationKind::ManyToOne { .. } => "MANY_TO_ONE",
        })),
        "sourceObjectMetadata" => object_node(object),
        "targetObjectMetadata" => object_node(other?.object),
        "sourceFieldMetadata" => {
            let shown = if shown == Shown::Group { under_base_name(field) } else { field.clone() };
            AsyncResolvedValue::object(field_node(scope, object, shown))
        }
        "targetFieldMetadata" => {
            let other = other?;
            AsyncResolvedValue::object(field_node(scope, other.object, other.field.clone()))
        }
        _ => return None,
    })
}

fn index_json(index: &Index) -> Json {
    let time = describe::instant(index.created_at);
    let fields: Vec<Json> = index
        .fields
        .iter()
        .enumerate()
        .map(|(order, entry)| {
            json!({
                // An entry has no life of its own; its id follows from the index and its field.
                "id": Uuid::new_v5(&index.id, entry.field.as_bytes()),
                "fieldMetadataId": entry.field,
                "order": order,
                "subFieldName": entry.sub_field,
                "createdAt": time,
                "updatedAt": time,
            })
        })
        .collect();
    json!({
        "id": index.id,
        "name": index.name,
        "isCustom": index.is_custom,
        "isUnique": index.is_unique,
        "indexWhereClause": index.live_only.then_some("\"deletedAt\" IS NULL"),
        "indexType": match index.index_type { IndexType::Btree => "BTREE", IndexType::Gin => "GIN" },
        "createdAt": time,
        "updatedAt": time,
        "indexFieldMetadataList": fields,
    })
}
