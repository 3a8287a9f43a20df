//! `LINKS`: a primary link and others, each a URL with a label.
//!
//! A write replaces the whole value: all three parts are written, whichever were sent.

use serde_json::{Value as Json, json};

use super::{
    FieldTypeSpec, NullReads, ParsedParts, Part, Scalar, Searched, WriteMode,
    composite::{self, Composite},
    link_url,
    merge::{self, Candidates},
    quoted, scalar_value,
};
use crate::{Field, Value, ValueError, ValueErrorCode};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "LINKS",
    parts: &[
        Part::new("primaryLinkLabel", Scalar::Text)
            .null_reads(NullReads::EmptyText)
            .searched(Searched::Words)
            .secondary(),
        Part::new("primaryLinkUrl", Scalar::Text)
            .null_reads(NullReads::EmptyText)
            .searched(Searched::Words)
            .unique(),
        Part::new("secondaryLinks", Scalar::Json)
            .null_reads(NullReads::EmptyList)
            .secondary()
            .searched(Searched::LinkList),
    ],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default: quoted::parse_composite,
    merge,
};

const LABEL: usize = 0;
const URL: usize = 1;
const SECONDARY: usize = 2;

/// The first link that has a URL becomes the primary one; links without a URL go.
fn parse(field: &Field, value: &Json, _mode: WriteMode) -> Result<ParsedParts, ValueError> {
    let Some(sent) = Composite::read(field, value)? else {
        return Ok(Vec::new());
    };
    let mut links = Vec::new();
    let label = sent.text(LABEL)?;
    if let Some(url) = sent.text(URL)? {
        links.push(Link { url: normalise(&sent.path(URL), &url)?, label });
    }
    links.extend(parse_secondary(&sent)?);

    let mut links = links.into_iter();
    let (label, url) = match links.next() {
        Some(Link { url, label }) => (label.map_or(Value::Null, Value::Text), Value::Text(url)),
        None => (Value::Null, Value::Null),
    };
    let secondary = scalar_value::json_list(links.map(Link::into_entry).collect());
    Ok(vec![(LABEL, label), (URL, url), (SECONDARY, secondary)])
}

/// Reads `[{url, label?}]`, or a string that holds it as JSON; the links that have a URL.
fn parse_secondary(sent: &Composite<'_>) -> Result<Vec<Link>, ValueError> {
    let Some(value) = sent.member(SECONDARY) else {
        return Ok(Vec::new());
    };
    let path = sent.path(SECONDARY);
    let mut links = Vec::new();
    for entry in composite::entries(&path, value, &["url", "label"])? {
        let label = composite::entry_text(&path, &entry, "label")?;
        match composite::entry_text(&path, &entry, "url")? {
            "" => {}
            url => links.push(Link {
                url: normalise(&format!("{path}.url"), url)?,
                label: (!label.is_empty()).then(|| label.to_owned()),
            }),
        }
    }
    Ok(links)
}

fn normalise(path: &str, url: &str) -> Result<String, ValueError> {
    link_url::normalise(url).ok_or_else(|| {
        let problem = "is not a web address such as https://acme.example or acme.example";
        ValueError::coded(ValueErrorCode::InvalidUrl, path, url, problem)
    })
}

struct Link {
    url: String,
    label: Option<String>,
}

impl Link {
    /// The link as an entry of `secondaryLinks`.
    fn into_entry(self) -> Json {
        json!({"url": self.url, "label": self.label})
    }
}

/// One primary link; all others are secondary. A URL is a link, whatever its label.
fn merge(candidates: &Candidates<'_>) -> Vec<Value> {
    let mut parts = candidates.with_part(URL).to_vec();
    let links = candidates.all.iter().flat_map(|values| {
        let url = Some(merge::text(values, URL)).filter(|url| !url.is_empty());
        let own = url.map(|url| json!({"url": url, "label": merge::text(values, LABEL)}));
        own.into_iter().chain(merge::entries(values, SECONDARY))
    });
    let key = |link: &Json| link["url"].as_str().unwrap_or_default().to_owned();
    parts[SECONDARY] = merge::each_once(merge::text(&parts, URL).to_owned(), links, key);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        FieldType,
        field_type::sample::{assert_defaults, assert_updates, field, json_text, refused, text},
    };

    fn written(label: &str, url: &str, secondary: Json) -> ParsedParts {
        let text_or_null = |part: &str| if part.is_empty() { Value::Null } else { text(part) };
        let secondary = if secondary == json!([]) { Value::Null } else { json_text(&secondary) };
        vec![(0, text_or_null(label)), (1, text_or_null(url)), (2, secondary)]
    }

    #[test]
    fn a_write_replaces_all_parts() {
        let invalid_url = || Err(ValueErrorCode::InvalidUrl);
        assert_updates(
            &field(FieldType::Links),
            [
                (
                    json!({
                        "primaryLinkUrl": "HTTPS://Acme.example/",
                        "primaryLinkLabel": "Acme",
                        "secondaryLinks": [{"label": "b", "url": "blog.acme.example"}],
                    }),
                    Ok(written(
                        "Acme",
                        "https://acme.example",
                        json!([{"url": "blog.acme.example", "label": "b"}]),
                    )),
                ),
                (json!({"primaryLinkUrl": "acme.example"}), Ok(written("", "acme.example", json!([])))),
                (
                    json!({"secondaryLinks": [{"url": "https://Up.example/", "label": "up"}, {"url": "b.example"}]}),
                    Ok(written("up", "https://up.example", json!([{"url": "b.example", "label": null}]))),
                ),
                (
                    json!({"primaryLinkUrl": "", "primaryLinkLabel": "gone", "secondaryLinks": "[{\"url\":\"up.example\"}]"}),
                    Ok(written("", "up.example", json!([]))),
                ),
                (
                    json!({"primaryLinkUrl": "a.example", "secondaryLinks": [{"url": "", "label": "x"}, {"label": "y"}]}),
                    Ok(written("", "a.example", json!([]))),
                ),
                (json!({"primaryLinkLabel": "alone"}), Ok(written("", "", json!([])))),
                (json!({"primaryLinkUrl": null, "secondaryLinks": null}), Ok(written("", "", json!([])))),
                (json!({}), Ok(written("", "", json!([])))),
                (json!(null), Ok(vec![])),
                (json!({"primaryLinkUrl": "not a url"}), invalid_url()),
                (json!({"primaryLinkUrl": "mailto:a@b.co"}), invalid_url()),
                (json!({"primaryLinkUrl": "javascript:alert(1)"}), invalid_url()),
                (json!({"primaryLinkUrl": "ftp://acme.example"}), invalid_url()),
                (json!({"secondaryLinks": [{"url": "not a url"}]}), invalid_url()),
                (json!({"primaryLinkUrl": 7}), refused()),
                (json!({"primaryLinkLabel": 7}), refused()),
                (json!({"secondaryLinks": ["a.example"]}), refused()),
                (json!({"secondaryLinks": [{"url": 7}]}), refused()),
                (json!({"secondaryLinks": [{"url": "a.example", "label": 7}]}), refused()),
                (json!({"secondaryLinks": [{"href": "a.example"}]}), refused()),
                (json!({"secondaryLinks": "a.example"}), refused()),
                (json!({"secondaryLinks": {"url": "a.example"}}), refused()),
                (json!({"url": "a.example"}), refused()),
                (json!("a.example"), refused()),
            ],
        );
    }

    #[test]
    fn defaults_are_quoted_part_by_part() {
        assert_defaults(
            &field(FieldType::Links),
            [
                (
                    json!({"primaryLinkUrl": "'https://Acme.example'", "primaryLinkLabel": "'Acme'"}),
                    Some(written("Acme", "https://acme.example", json!([]))),
                ),
                (
                    json!({"primaryLinkUrl": "''", "primaryLinkLabel": "''", "secondaryLinks": "'[]'"}),
                    Some(written("", "", json!([]))),
                ),
                (json!({"primaryLinkUrl": "acme.example"}), None),
                (json!({"primaryLinkUrl": "'acme'"}), None),
            ],
        );
    }
}
