//! `ARRAY`: a list of texts. The empty list is null.

use serde_json::Value as Json;

use super::{FieldTypeSpec, NullReads, ParsedParts, Part, Scalar, WriteMode, nullable, quoted, scalar_value};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "ARRAY",
    parts: &[Part::new("", Scalar::TextList).null_reads(NullReads::EmptyList)],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default: quoted::parse_list,
    merge: super::merge::union,
};

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    nullable::parse(field, value, mode, scalar_value::text_list)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        FieldType, Value,
        field_type::sample::{assert_defaults, assert_stores, field, texts},
    };

    #[test]
    fn lists_of_texts_are_accepted() {
        let field = field(FieldType::Array);
        assert_stores(
            &field,
            [
                (json!(["a", "b", "a"]), Some(texts(&["a", "b", "a"]))),
                (json!("a"), Some(texts(&["a"]))),
                (json!(["a", ""]), Some(texts(&["a", ""]))),
                (json!([]), Some(Value::Null)),
                (json!(""), Some(Value::Null)),
                (Json::Null, Some(Value::Null)),
                (json!([1]), None),
                (json!([null]), None),
                (json!(1), None),
                (json!({}), None),
            ],
        );
        assert_defaults(
            &field,
            [
                (json!(["'a'"]), Some(vec![(0, texts(&["a"]))])),
                (json!([]), Some(vec![(0, Value::Null)])),
                (json!(["a"]), None),
                (json!("'a'"), None),
            ],
        );
    }
}
