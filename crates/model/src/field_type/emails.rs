//! `EMAILS`: a primary address and others, in lower case.
//!
//! An update without `primaryEmail` keeps it, where Twenty clears it.

use serde_json::Value as Json;

use super::{
    FieldTypeSpec, NullReads, ParsedParts, Part, Scalar, Searched, WriteMode,
    composite::Composite,
    merge::{self, Candidates},
    quoted, scalar_value,
};
use crate::{Field, Value, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "EMAILS",
    parts: &[
        Part::new("primaryEmail", Scalar::Text)
            .null_reads(NullReads::EmptyText)
            .searched(Searched::Words)
            .unique(),
        Part::new("additionalEmails", Scalar::Json)
            .null_reads(NullReads::EmptyList)
            .secondary()
            .searched(Searched::TextList),
    ],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default: quoted::parse_composite,
    merge,
};

const PRIMARY: usize = 0;
const ADDITIONAL: usize = 1;

/// The longest address, in characters, and the longest part of it before the `@`.
const MAX_ADDRESS_CHARS: usize = 255;
const MAX_LOCAL_CHARS: usize = 64;

fn parse(field: &Field, value: &Json, _mode: WriteMode) -> Result<ParsedParts, ValueError> {
    let mut parts = Vec::new();
    let Some(emails) = Composite::read(field, value)? else {
        return Ok(parts);
    };
    if let Some(primary) = emails.member(PRIMARY) {
        parts.push((PRIMARY, parse_primary(&emails.path(PRIMARY), primary)?));
    }
    if let Some(additional) = emails.member(ADDITIONAL) {
        parts.push((ADDITIONAL, parse_additional(&emails.path(ADDITIONAL), additional)?));
    }
    Ok(parts)
}

fn parse_primary(path: &str, value: &Json) -> Result<Value, ValueError> {
    match value {
        Json::Null => Ok(Value::Null),
        value => Ok(match address(path, value)? {
            empty if empty.is_empty() => Value::Null,
            address => Value::Text(address),
        }),
    }
}

/// Reads a list of addresses, a string that holds one as JSON, or a single address.
fn parse_additional(path: &str, value: &Json) -> Result<Value, ValueError> {
    let listed = value.as_str().and_then(|text| serde_json::from_str(text).ok()).filter(Json::is_array);
    match listed.as_ref().unwrap_or(value) {
        Json::Null => Ok(Value::Null),
        Json::String(text) if text.is_empty() => Ok(Value::Null),
        Json::Array(elements) => {
            let addresses = elements.iter().map(|element| Ok(address(path, element)?.into()));
            Ok(scalar_value::json_list(addresses.collect::<Result<_, _>>()?))
        }
        single => Ok(scalar_value::json_list(vec![address(path, single)?.into()])),
    }
}

/// An address in lower case, or the empty text.
fn address(path: &str, value: &Json) -> Result<String, ValueError> {
    match value {
        Json::String(text) if text.is_empty() || is_address(text) => Ok(text.to_lowercase()),
        _ => Err(ValueError::invalid(path, value, "an e-mail address such as \"ana@mail.example\"")),
    }
}

/// Whether `text` is something, `@`, and something, without blanks; the first without quotes.
fn is_address(text: &str) -> bool {
    let is_blank = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}';
    let Some((local, domain)) = text.split_once('@') else { return false };
    (1..=MAX_LOCAL_CHARS).contains(&local.chars().count())
        && !domain.is_empty()
        && !domain.contains('@')
        && !local.contains('"')
        && !text.contains(is_blank)
        && text.chars().count() <= MAX_ADDRESS_CHARS
}

/// One primary address; all others are additional.
fn merge(candidates: &Candidates<'_>) -> Vec<Value> {
    let mut parts = candidates.with_part(PRIMARY).to_vec();
    let addresses = candidates.all.iter().flat_map(|values| {
        let own = Some(merge::text(values, PRIMARY)).filter(|address| !address.is_empty());
        own.map(Json::from).into_iter().chain(merge::entries(values, ADDITIONAL))
    });
    let key = |address: &Json| address.as_str().unwrap_or_default().to_owned();
    parts[ADDITIONAL] = merge::each_once(merge::text(&parts, PRIMARY).to_owned(), addresses, key);
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        FieldType,
        field_type::sample::{assert_defaults, assert_updates, field, json_text, refused, text},
    };

    #[test]
    fn addresses_are_checked() {
        for (address, expected) in [
            ("ana@mail.example", true),
            ("ana.sol+crm@mail.example", true),
            ("ana@localhost", true),
            ("åna@müller.example", true),
            (&format!("{}@b.example", "a".repeat(64)), true),
            (&format!("{}@b.example", "a".repeat(65)), false),
            (&format!("a@{}", "b".repeat(253)), true),
            (&format!("a@{}", "b".repeat(254)), false),
            ("nobody at home", false),
            ("ana", false),
            ("@mail.example", false),
            ("ana@", false),
            ("ana@mail@example", false),
            (" ana@mail.example", false),
            ("ana@mail.example\n", false),
            ("\"ana\"@mail.example", false),
        ] {
            assert_eq!(is_address(address), expected, "{address}");
        }
    }

    #[test]
    fn addresses_are_lower_cased_and_absent_parts_stay() {
        assert_updates(
            &field(FieldType::Emails),
            [
                (
                    json!({"primaryEmail": "Ana@Mail.example", "additionalEmails": ["A2@mail.example"]}),
                    Ok(vec![(0, text("ana@mail.example")), (1, json_text(&json!(["a2@mail.example"])))]),
                ),
                (
                    json!({"additionalEmails": "[\"A@b.example\"]"}),
                    Ok(vec![(1, json_text(&json!(["a@b.example"])))]),
                ),
                (
                    json!({"additionalEmails": "A@b.example"}),
                    Ok(vec![(1, json_text(&json!(["a@b.example"])))]),
                ),
                (
                    json!({"additionalEmails": ["a@b.example", "a@b.example"]}),
                    Ok(vec![(1, json_text(&json!(["a@b.example", "a@b.example"])))]),
                ),
                (
                    json!({"primaryEmail": "", "additionalEmails": []}),
                    Ok(vec![(0, Value::Null), (1, Value::Null)]),
                ),
                (
                    json!({"primaryEmail": null, "additionalEmails": null}),
                    Ok(vec![(0, Value::Null), (1, Value::Null)]),
                ),
                (json!({"additionalEmails": ""}), Ok(vec![(1, Value::Null)])),
                (json!({}), Ok(vec![])),
                (json!(null), Ok(vec![])),
                (json!({"primaryEmail": "nobody at home"}), refused()),
                (json!({"primaryEmail": 7}), refused()),
                (json!({"primaryEmail": ["a@b.example"]}), refused()),
                (json!({"additionalEmails": ["nobody"]}), refused()),
                (json!({"additionalEmails": [null]}), refused()),
                (json!({"additionalEmails": {"a": 1}}), refused()),
                (json!({"additionalEmails": "nobody"}), refused()),
                (json!({"email": "a@b.example"}), refused()),
                (json!("a@b.example"), refused()),
            ],
        );
    }

    #[test]
    fn refusals_name_the_part() {
        for (value, path) in [
            (json!({"primaryEmail": "x"}), "sample.primaryEmail "),
            (json!({"additionalEmails": ["x"]}), "sample.additionalEmails "),
        ] {
            let error = field(FieldType::Emails).parse(&value, WriteMode::Create).unwrap_err();
            assert!(error.message.starts_with(path), "{}", error.message);
        }
    }

    #[test]
    fn defaults_are_quoted_part_by_part() {
        assert_defaults(
            &field(FieldType::Emails),
            [
                (
                    json!({"primaryEmail": "'Ana@mail.example'", "additionalEmails": null}),
                    Some(vec![(0, text("ana@mail.example")), (1, Value::Null)]),
                ),
                (
                    json!({"primaryEmail": "''", "additionalEmails": "'[\"a@b.example\"]'"}),
                    Some(vec![(0, Value::Null), (1, json_text(&json!(["a@b.example"])))]),
                ),
                (json!({"primaryEmail": "ana@mail.example"}), None),
                (json!({"primaryEmail": "'ana'"}), None),
            ],
        );
    }
}
