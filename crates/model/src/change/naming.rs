//! Which names are free, and the names of indexes.
//!
//! Names that differ only in upper and lower case count as equal: SQLite's identifiers ignore case
//! (`docs/decisions/names-ignore-case.md`).

use sha2::{Digest, Sha256};

use super::report::{Fault, FaultCode};
use crate::{Field, Index, NameError, Object, inflection, parse_name};

/// The longest label of an object or the far side of a relation, in characters.
pub(super) const MAX_LABEL_CHARACTERS: usize = 63;

/// The faults of a name by itself, reported under `code`.
pub(super) fn check_name(name: &str, code: FaultCode) -> Option<Fault> {
    parse_name(name).err().map(|error: NameError| Fault::new(code, error.to_string()).with_value(name))
}

/// The faults of a label by itself, reported under `code`.
pub(super) fn check_label(label: &str, code: FaultCode) -> Option<Fault> {
    let problem = if label.trim().is_empty() {
        "must not be blank"
    } else if MAX_LABEL_CHARACTERS < label.trim().chars().count() {
        "must not be longer than 63 characters"
    } else {
        return None;
    };
    Some(Fault::new(code, format!("the label `{}` {problem}", cut(label))).with_value(label))
}

fn cut(label: &str) -> String {
    label.chars().take(MAX_LABEL_CHARACTERS).collect()
}

/// Why `field` cannot be added to `object`: its name or one of its columns is taken.
pub(super) fn check_free(object: &Object, field: &Field) -> Option<Fault> {
    if let Some(other) = object.fields.values().find(|other| same(&other.name, &field.name)) {
        return Some(not_available(&field.name, &format!("the field `{}`", other.name)));
    }
    for other in object.fields.values() {
        let is_composite = other.field_type.spec().is_composite();
        let Some((_, column)) = other.columns().find(|(_, column)| same(column, &field.name)) else {
            continue;
        };
        let owner = format!("the column `{column}` of the field `{}`", other.name);
        if is_composite {
            let message = format!("the name `{}` is taken by {owner}", field.name);
            return Some(Fault::new(FaultCode::ReservedKeyword, message).with_value(field.name.as_str()));
        }
        return Some(not_available(&field.name, &owner));
    }
    let taken = |column: &str| {
        object.fields.values().find(|other| {
            same(&other.name, column) || other.columns().any(|(_, of_other)| same(&of_other, column))
        })
    };
    field.columns().find_map(|(_, column)| {
        let other = taken(&column)?;
        let owner = format!("the field `{}`, which takes `{column}`", other.name);
        Some(not_available(&field.name, &owner))
    })
}

fn not_available(name: &str, owner: &str) -> Fault {
    let message = format!("the name `{name}` is not available: the object already has {owner}");
    Fault::new(FaultCode::NotAvailable, message).with_value(name)
}

/// Whether two names are one to the database.
pub(super) fn same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}

/// The first GraphQL type of `object` that the schema would have twice.
pub(super) fn colliding_type<'a>(
    object: &Object,
    others: impl Iterator<Item = &'a Object>,
) -> Option<String> {
    let own = inflection::generated_types(object);
    if let Some(name) = own.iter().find(|name| inflection::is_built_in_type(name)) {
        return Some(name.clone());
    }
    let others: std::collections::HashSet<String> = others.flat_map(inflection::generated_types).collect();
    own.into_iter().find(|name| others.contains(name))
}

/// `IDX_` or `IDX_UNIQUE_` and 27 hexadecimal digits of a hash over table, columns and condition
/// (`field-types.md` 6.5), so that the same index has the same name everywhere.
pub(super) fn index_name(object: &Object, index: &Index) -> String {
    const HASH_DIGITS: usize = 27;
    let mut hash = Sha256::new();
    hash.update(&object.name_singular);
    for entry in &index.fields {
        let Some(field) = object.field_by_id(entry.field) else { continue };
        match &entry.sub_field {
            Some(sub_field) => hash.update(format!("{}{}", field.name, inflection::capitalise(sub_field))),
            None if field.is_to_one() => hash.update(inflection::join_column(field)),
            None => hash.update(&field.name),
        }
    }
    if index.live_only {
        hash.update("\"deletedAt\" IS NULL");
    }
    let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let prefix = if index.is_unique { "IDX_UNIQUE_" } else { "IDX_" };
    format!("{prefix}{}", &digits[..HASH_DIGITS])
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::standard;

    #[test]
    fn computed_index_names_are_those_of_the_standard_model() {
        let objects = standard::objects(Timestamp::UNIX_EPOCH);
        let computed: Vec<_> = objects
            .iter()
            .flat_map(|object| object.indexes.iter().map(move |index| (index_name(object, index), index)))
            .collect();
        assert!(computed.iter().all(|(name, index)| *name == index.name), "{computed:#?}");
    }

    #[test]
    fn standard_objects_have_types_of_their_own() {
        let objects = standard::objects(Timestamp::UNIX_EPOCH);
        for object in &objects {
            let others = objects.iter().filter(|other| other.id != object.id);
            assert_eq!(colliding_type(object, others), None, "{}", object.name_singular);
        }
    }
}
