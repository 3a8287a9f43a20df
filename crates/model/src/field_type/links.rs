//! `LINKS`

use serde_json::Value as Json;

use super::{FieldTypeSpec, NullReads, ParsedParts, Part, Scalar, WriteMode};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "LINKS",
    parts: &[
        Part::new("primaryLinkLabel", Scalar::Text).null_reads(NullReads::EmptyText),
        Part::new("primaryLinkUrl", Scalar::Text).null_reads(NullReads::EmptyText).unique(),
        Part::new("secondaryLinks", Scalar::Json).null_reads(NullReads::EmptyList),
    ],
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
