//! `DATE_TIME`

use serde_json::Value as Json;

use super::{FieldTypeSpec, ParsedParts, Part, Scalar, WriteMode};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "DATE_TIME",
    parts: &[Part::new("", Scalar::DateTime).required()],
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
