//! The notation of defaults in the Metadata APIs: texts stand in single quotes inside JSON strings,
//! since bare words name functions (`field-types.md` 5.1).

use serde_json::{Map, Value as Json};

use super::{ParsedParts, WriteMode};
use crate::{Field, ValueError};

/// Reads the default of a type whose values are texts: `"'draft'"`.
///
/// # Errors
/// When `default` is not a quoted text, or the text is no value of the field.
pub(super) fn parse_text(field: &Field, default: &Json) -> Result<ParsedParts, ValueError> {
    // As for a record that exists, since for a new one what is empty stands for the default itself.
    field.parse(&unquote(&field.name, default)?, WriteMode::Update)
}

/// Reads the default of a type whose values are texts, or the name of the `function` that makes one;
/// the function gives nothing here (`Field::defaults` calls it).
///
/// # Errors
/// As `parse_text`.
pub(super) fn parse_text_or_function(
    field: &Field,
    default: &Json,
    function: &str,
) -> Result<ParsedParts, ValueError> {
    if default == function { Ok(Vec::new()) } else { parse_text(field, default) }
}

/// Reads the default of a type whose values are lists of texts: `["'A'", "'B'"]`.
///
/// # Errors
/// When `default` is not a list of quoted texts, or the texts are no value of the field.
pub(super) fn parse_list(field: &Field, default: &Json) -> Result<ParsedParts, ValueError> {
    let Json::Array(elements) = default else {
        return Err(ValueError::invalid(&field.name, default, "a list of texts in single quotes"));
    };
    let elements: Result<_, _> = elements.iter().map(|element| unquote(&field.name, element)).collect();
    field.parse(&Json::Array(elements?), WriteMode::Update)
}

/// Reads the default of a composite: an object whose texts are quoted, empty, or null.
///
/// # Errors
/// When `default` is not such an object, or its members are no value of the field.
pub(super) fn parse_composite(field: &Field, default: &Json) -> Result<ParsedParts, ValueError> {
    let Json::Object(members) = default else {
        return Err(ValueError::invalid(&field.name, default, "an object with the field's sub-fields"));
    };
    let members: Result<Map<_, _>, _> = members
        .iter()
        .map(|(name, member)| {
            let path = format!("{}.{name}", field.name);
            Ok((name.clone(), unquote_member(&path, member)?))
        })
        .collect();
    field.parse(&Json::Object(members?), WriteMode::Create)
}

/// Refuses the default of a type that takes none.
///
/// # Errors
/// Always.
pub(super) fn parse_none(field: &Field, default: &Json) -> Result<ParsedParts, ValueError> {
    Err(ValueError::invalid(&field.name, default, "no default, since the type takes none"))
}

/// A sub-field's default without its quotes. Empty parts are null.
fn unquote_member(path: &str, member: &Json) -> Result<Json, ValueError> {
    match member {
        Json::String(text) if text.is_empty() || text == "''" => Ok(Json::Null),
        Json::String(_) => unquote(path, member),
        Json::Array(elements) if elements.is_empty() => Ok(Json::Null),
        other => Ok(other.clone()),
    }
}

fn unquote(path: &str, default: &Json) -> Result<Json, ValueError> {
    default
        .as_str()
        .and_then(|text| text.strip_prefix('\'')?.strip_suffix('\''))
        .map(Json::from)
        .ok_or_else(|| ValueError::invalid(path, default, "a text in single quotes, such as \"'draft'\""))
}
