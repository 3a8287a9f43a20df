//! Reads objects with named sub-fields, which is how clients send composite values.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use super::{ParsedParts, WriteMode, scalar_value};
use crate::{Field, Value, ValueError};

/// What a client sent for a composite field: an object that has no members but the field's parts.
pub(super) struct Composite<'a> {
    field: &'a Field,
    members: Cow<'a, Map<String, Json>>,
}

impl<'a> Composite<'a> {
    /// Reads an object, or a string that holds one as JSON. `None` for `null`, which writes nothing.
    ///
    /// # Errors
    /// When `value` is something else, or has a member that is no sub-field.
    pub(super) fn read(field: &'a Field, value: &'a Json) -> Result<Option<Self>, ValueError> {
        if value.is_null() {
            return Ok(None);
        }
        let members = object(&field.name, value)?;
        let parts = field.field_type.spec().parts;
        match members.iter().find(|(name, _)| parts.iter().all(|part| part.name != name.as_str())) {
            None => Ok(Some(Self { field, members })),
            Some((unknown, member)) => {
                let names: Vec<_> = parts.iter().map(|part| part.name).collect();
                let expected = format!("nothing, since the sub-fields are {}", names.join(", "));
                Err(ValueError::invalid(&format!("{}.{unknown}", field.name), member, &expected))
            }
        }
    }

    /// What was sent for the part at `index`, `null` included; `None` where it is absent.
    pub(super) fn member(&self, index: usize) -> Option<&Json> {
        self.members.get(self.field.field_type.spec().parts[index].name)
    }

    /// The name of the part at `index` in messages, such as `emails.primaryEmail`.
    pub(super) fn path(&self, index: usize) -> String {
        format!("{}.{}", self.field.name, self.field.field_type.spec().parts[index].name)
    }

    /// The text sent for the part at `index`; `None` where it is absent, null or empty.
    ///
    /// # Errors
    /// When something else than a text was sent.
    pub(super) fn text(&self, index: usize) -> Result<Option<String>, ValueError> {
        match self.value(index)? {
            Some(Value::Text(text)) => Ok(Some(text)),
            _ => Ok(None),
        }
    }

    /// The value sent for the part at `index`, read by the part's scalar; `None` where it is absent.
    ///
    /// # Errors
    /// When the value does not fit the scalar.
    pub(super) fn value(&self, index: usize) -> Result<Option<Value>, ValueError> {
        let scalar = self.field.field_type.spec().parts[index].scalar;
        match self.member(index) {
            None => Ok(None),
            Some(Json::Null) => Ok(Some(Value::Null)),
            Some(value) => {
                scalar_value::read(scalar, &self.path(index), value, &self.field.option_values()).map(Some)
            }
        }
    }
}

/// Reads a composite whose parts do not depend on each other: each by its scalar, the absent stay.
///
/// # Errors
/// As [`Composite::read`] and [`Composite::value`].
pub(super) fn parse_parts(field: &Field, value: &Json, _mode: WriteMode) -> Result<ParsedParts, ValueError> {
    let Some(composite) = Composite::read(field, value)? else {
        return Ok(Vec::new());
    };
    let indexes = 0..field.field_type.spec().parts.len();
    indexes
        .filter_map(|index| Some(composite.value(index).transpose()?.map(|value| (index, value))))
        .collect()
}

/// Reads the entries of a list sub-field such as `secondaryLinks`: a list of objects, or a string
/// that holds one as JSON. `null` and the empty text are the empty list.
///
/// # Errors
/// When `value` is something else, or an entry has a member that is not in `names`.
pub(super) fn entries<'a>(
    path: &str,
    value: &'a Json,
    names: &[&str],
) -> Result<Vec<Cow<'a, Map<String, Json>>>, ValueError> {
    let read = |entry: Cow<'a, Json>| entry_object(path, entry, names);
    match value {
        Json::Null => Ok(Vec::new()),
        Json::String(text) if text.is_empty() => Ok(Vec::new()),
        Json::Array(elements) => elements.iter().map(|element| read(Cow::Borrowed(element))).collect(),
        Json::String(text) => match serde_json::from_str(text) {
            Ok(Json::Array(elements)) => {
                elements.into_iter().map(|element| read(Cow::Owned(element))).collect()
            }
            _ => Err(ValueError::invalid(path, value, "a list, or a string that holds one as JSON")),
        },
        _ => Err(ValueError::invalid(path, value, "a list, or a string that holds one as JSON")),
    }
}

/// The text under `name` in an entry; empty where it is absent or null.
///
/// # Errors
/// When something else than a text is there.
pub(super) fn entry_text<'e>(
    path: &str,
    entry: &'e Map<String, Json>,
    name: &str,
) -> Result<&'e str, ValueError> {
    match entry.get(name) {
        None | Some(Json::Null) => Ok(""),
        Some(Json::String(text)) => Ok(text),
        Some(other) => Err(ValueError::invalid(&format!("{path}.{name}"), other, "a string")),
    }
}

fn entry_object<'a>(
    path: &str,
    entry: Cow<'a, Json>,
    names: &[&str],
) -> Result<Cow<'a, Map<String, Json>>, ValueError> {
    let is_known = match &*entry {
        Json::Object(members) => members.keys().all(|name| names.contains(&name.as_str())),
        _ => false,
    };
    match entry {
        Cow::Borrowed(Json::Object(members)) if is_known => Ok(Cow::Borrowed(members)),
        Cow::Owned(Json::Object(members)) if is_known => Ok(Cow::Owned(members)),
        other => Err(ValueError::invalid(path, &other, &format!("objects of {}", names.join(", ")))),
    }
}

fn object<'a>(path: &str, value: &'a Json) -> Result<Cow<'a, Map<String, Json>>, ValueError> {
    if let Json::Object(members) = value {
        return Ok(Cow::Borrowed(members));
    }
    match value.as_str().map(serde_json::from_str) {
        Some(Ok(Json::Object(members))) => Ok(Cow::Owned(members)),
        _ => Err(ValueError::invalid(path, value, "an object with the field's sub-fields")),
    }
}
