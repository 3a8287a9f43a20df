//! `PHONES`

use serde_json::Value as Json;

use super::{FieldTypeSpec, NullReads, ParsedParts, Part, Scalar, WriteMode};
use crate::{Field, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "PHONES",
    parts: &[
        Part::new("primaryPhoneNumber", Scalar::Text).null_reads(NullReads::EmptyText).unique(),
        Part::new("primaryPhoneCountryCode", Scalar::Text).null_reads(NullReads::EmptyText).unique(),
        Part::new("primaryPhoneCallingCode", Scalar::Text).null_reads(NullReads::EmptyText).unique(),
        Part::new("additionalPhones", Scalar::Json).null_reads(NullReads::EmptyList),
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
