//! `FULL_NAME`

use serde_json::Value as Json;

use super::{FieldTypeSpec, NullReads, ParsedParts, Part, Scalar, WriteMode};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "FULL_NAME",
    parts: &[
        Part::new("firstName", Scalar::Text).null_reads(NullReads::EmptyText),
        Part::new("lastName", Scalar::Text).null_reads(NullReads::EmptyText),
    ],
    creatable: true,
    label_identifier: true,
    parse,
    parse_default,
};

fn parse(_field: &Field, _value: &Json, _mode: WriteMode) -> Result<ParsedParts, ValueError> {
    todo!()
}

fn parse_default(_field: &Field, _default: &Json) -> Result<ParsedParts, ValueError> {
    todo!()
}
