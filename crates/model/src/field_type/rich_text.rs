//! `RICH_TEXT`: one text in two notations, blocks of BlockNote and Markdown.
//!
//! A write replaces both: the notation that was not sent is derived from the other.

use serde_json::Value as Json;

use super::{
    FieldTypeSpec, NullReads, ParsedParts, Part, Scalar, Searched, WriteMode, block_url,
    blocks_from_markdown, composite::Composite, markdown_from_blocks, quoted,
};
use crate::{Field, Value, ValueError};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "RICH_TEXT",
    parts: &[
        Part::new("blocknote", Scalar::Text),
        Part::new("markdown", Scalar::Text).null_reads(NullReads::EmptyText).searched(Searched::Words),
    ],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default: quoted::parse_composite,
    merge: super::merge::preferred,
};

const BLOCKNOTE: usize = 0;
const MARKDOWN: usize = 1;

/// Unlike for other composites, `null` clears the field.
fn parse(field: &Field, value: &Json, _mode: WriteMode) -> Result<ParsedParts, ValueError> {
    let (blocks, markdown) = match Composite::read(field, value)? {
        Some(sent) => (parse_blocks(&sent)?, sent.text(MARKDOWN)?),
        None => (None, None),
    };
    let (blocknote, markdown) = match (blocks, markdown) {
        (Some(blocks), Some(markdown)) => (Some(blocks.text), Some(markdown)),
        (Some(blocks), None) => {
            let markdown =
                markdown_from_blocks::convert(&blocks.parsed).unwrap_or_else(|| blocks.text.clone());
            (Some(blocks.text), Some(markdown).filter(|markdown| !markdown.is_empty()))
        }
        (None, Some(markdown)) => {
            (Some(blocks_from_markdown::convert(&markdown).to_string()), Some(markdown))
        }
        (None, None) => (None, None),
    };
    let text_or_null = |text: Option<String>| text.map_or(Value::Null, Value::Text);
    Ok(vec![(BLOCKNOTE, text_or_null(blocknote)), (MARKDOWN, text_or_null(markdown))])
}

/// Blocks as they were sent, and what they say.
struct Blocks {
    text: String,
    parsed: Json,
}

/// Reads a string that holds a JSON array of blocks with harmless URLs.
fn parse_blocks(sent: &Composite<'_>) -> Result<Option<Blocks>, ValueError> {
    let path = sent.path(BLOCKNOTE);
    let Some(text) = sent.text(BLOCKNOTE)? else {
        return Ok(None);
    };
    match serde_json::from_str::<Json>(&text) {
        Ok(parsed) if parsed.is_array() && block_url::are_allowed_in(&parsed) => {
            Ok(Some(Blocks { text, parsed }))
        }
        Ok(parsed) if parsed.is_array() => {
            let expected = "URLs that begin with / or use http, https, mailto or tel";
            Err(ValueError::invalid(&path, &text.into(), expected))
        }
        _ => Err(ValueError::invalid(&path, &text.into(), "a string that holds a JSON array of blocks")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        FieldType,
        field_type::sample::{assert_defaults, assert_updates, field, refused, text},
    };

    const BLOCKS: &str = r#"[ {"id":"b1","type":"paragraph","props":{},"content":[{"type":"text","text":"blocks","styles":{}}],"children":[]}]"#;

    fn empty() -> ParsedParts {
        vec![(0, Value::Null), (1, Value::Null)]
    }

    #[test]
    fn what_is_missing_is_derived() {
        let hologram = r#"[{"type":"hologram"}]"#;
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_updates(
            &field(FieldType::RichText),
            [
                (
                    json!({"blocknote": BLOCKS, "markdown": "plain"}),
                    Ok(vec![(0, text(BLOCKS)), (1, text("plain"))]),
                ),
                (json!({"blocknote": BLOCKS}), Ok(vec![(0, text(BLOCKS)), (1, text("blocks"))])),
                (
                    json!({"blocknote": BLOCKS, "markdown": null}),
                    Ok(vec![(0, text(BLOCKS)), (1, text("blocks"))]),
                ),
                (json!({"blocknote": hologram}), Ok(vec![(0, text(hologram)), (1, text(hologram))])),
                (json!({"blocknote": "[]"}), Ok(vec![(0, text("[]")), (1, Value::Null)])),
                (json!({"blocknote": null, "markdown": ""}), Ok(empty())),
                (json!({}), Ok(empty())),
                (json!(null), Ok(empty())),
                (json!({"blocknote": "{oops"}), refused()),
                (json!({"blocknote": "{}"}), refused()),
                (json!({"blocknote": "text"}), refused()),
                (json!({"blocknote": []}), refused()),
                (json!({"blocknote": deep}), refused()),
                (json!({"blocknote": r#"[{"props":{"url":"javascript:alert(1)"}}]"#}), refused()),
                (json!({"markdown": 7}), refused()),
                (json!({"html": "<p>"}), refused()),
                (json!("text"), refused()),
            ],
        );
    }

    #[test]
    fn markdown_gets_blocks_that_can_be_sent_back() {
        for value in [json!({"markdown": "Gate is **open**"}), json!(r#"{"markdown": "Gate is **open**"}"#)] {
            let parts = field(FieldType::RichText).parse(&value, WriteMode::Create).unwrap();
            let [(BLOCKNOTE, Value::Text(blocks)), (MARKDOWN, Value::Text(markdown))] = parts.as_slice()
            else {
                panic!("{parts:?}");
            };
            assert_eq!(markdown, "Gate is **open**");
            let again = field(FieldType::RichText).parse(&json!({"blocknote": blocks}), WriteMode::Update);
            assert_eq!(again, Ok(parts));
        }
    }

    #[test]
    fn defaults_are_quoted_part_by_part() {
        assert_defaults(
            &field(FieldType::RichText),
            [
                (
                    json!({"blocknote": "'[]'", "markdown": "'a'"}),
                    Some(vec![(0, text("[]")), (1, text("a"))]),
                ),
                (json!({"blocknote": null, "markdown": "''"}), Some(empty())),
                (json!({"markdown": "a"}), None),
            ],
        );
    }
}
