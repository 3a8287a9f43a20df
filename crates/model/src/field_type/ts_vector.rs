//! `TS_VECTOR`: text prepared for search. The server makes it, and refuses every write.

use serde_json::Value as Json;

use super::{FieldTypeSpec, ParsedParts, Part, Scalar, WriteMode, quoted};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "TS_VECTOR",
    parts: &[Part::new("", Scalar::SearchVector)],
    creatable: false,
    label_identifier: false,
    parse,
    parse_default: quoted::parse_none,
    merge: super::merge::preferred,
};

fn parse(field: &Field, value: &Json, _mode: WriteMode) -> Result<ParsedParts, ValueError> {
    Err(ValueError::invalid(&field.name, value, "no value, since the server makes it"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        FieldType,
        field_type::sample::{assert_defaults, assert_stores, field},
    };

    #[test]
    fn nothing_is_accepted() {
        let field = field(FieldType::TsVector);
        assert_stores(&field, [(json!("'a':1"), None), (Json::Null, None)]);
        assert_defaults(&field, [(json!("'a'"), None)]);
    }
}
