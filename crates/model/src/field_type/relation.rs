//! `RELATION` and `MORPH_RELATION`

use serde_json::Value as Json;

use super::{FieldTypeSpec, ParsedParts, Part, Scalar, WriteMode};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "RELATION",
    parts: &[Part::new("", Scalar::Uuid)],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default,
};

pub(super) static MORPH_SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "MORPH_RELATION",
    parts: &[Part::new("", Scalar::Uuid)],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default,
};

fn parse(_field: &Field, _value: &Json, _mode: WriteMode) -> Result<ParsedParts, ValueError> {
    todo!()
}

fn parse_default(_field: &Field, _default: &Json) -> Result<ParsedParts, ValueError> {
    todo!()
}
