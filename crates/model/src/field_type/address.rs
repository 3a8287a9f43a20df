//! `ADDRESS`

use serde_json::Value as Json;

use super::{FieldTypeSpec, NullReads, ParsedParts, Part, Scalar, WriteMode};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "ADDRESS",
    parts: &[
        Part::new("addressStreet1", Scalar::Text).null_reads(NullReads::EmptyText),
        Part::new("addressStreet2", Scalar::Text).null_reads(NullReads::EmptyText),
        Part::new("addressCity", Scalar::Text).null_reads(NullReads::EmptyText),
        Part::new("addressPostcode", Scalar::Text).null_reads(NullReads::EmptyText),
        Part::new("addressState", Scalar::Text).null_reads(NullReads::EmptyText),
        Part::new("addressCountry", Scalar::Text).null_reads(NullReads::EmptyText),
        Part::new("addressLat", Scalar::Float),
        Part::new("addressLng", Scalar::Float),
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
