//! `MULTI_SELECT`: several of the field's options. The empty list is null.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::{FieldTypeSpec, NullReads, ParsedParts, Part, Scalar, WriteMode, nullable, quoted, scalar_value};
use crate::{Field, Value, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "MULTI_SELECT",
    parts: &[Part::new("", Scalar::OptionList).null_reads(NullReads::EmptyList)],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default,
    merge: super::merge::union,
};

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    nullable::parse(field, value, mode, |path, value| {
        scalar_value::option_list(path, value, &field.option_values())
    })
}

fn parse_default(field: &Field, default: &Json) -> Result<ParsedParts, ValueError> {
    let parsed = quoted::parse_list(field, default)?;
    match parsed.as_slice() {
        [(_, Value::TextList(options))] if are_distinct(options) => Ok(parsed),
        _ => Err(ValueError::invalid(&field.name, default, "at least one option, each only once")),
    }
}

fn are_distinct(options: &[String]) -> bool {
    options.iter().collect::<HashSet<_>>().len() == options.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        FieldType,
        field_type::sample::{assert_defaults, assert_stores, field, texts},
    };

    #[test]
    fn lists_of_options_are_accepted() {
        assert_stores(
            &field(FieldType::MultiSelect),
            [
                (json!(["LOW", "HIGH"]), Some(texts(&["LOW", "HIGH"]))),
                (json!(["LOW", "LOW"]), Some(texts(&["LOW", "LOW"]))),
                (json!("HIGH"), Some(texts(&["HIGH"]))),
                (json!([]), Some(Value::Null)),
                (Json::Null, Some(Value::Null)),
                (json!(["LOW", "MID"]), None),
                (json!([null]), None),
                (json!(""), None),
                (json!(1), None),
            ],
        );
    }

    #[test]
    fn defaults_are_distinct_options() {
        assert_defaults(
            &field(FieldType::MultiSelect),
            [
                (json!(["'LOW'", "'HIGH'"]), Some(vec![(0, texts(&["LOW", "HIGH"]))])),
                (json!([]), None),
                (json!(["'LOW'", "'LOW'"]), None),
                (json!(["'MID'"]), None),
                (json!(["LOW"]), None),
                (json!("'LOW'"), None),
            ],
        );
    }
}
