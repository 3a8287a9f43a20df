//! How the values of several records become those of one (`graphql-core.md` 7).

use std::collections::HashSet;
use std::hash::Hash;

use serde_json::Value as Json;

use super::scalar_value;
use crate::Value;

/// The values of one field in records that become one, a value for each part. Records without any value
/// are not among them.
#[derive(Debug)]
pub struct Candidates<'v> {
    /// Those of the record that stays, or of the first that has any.
    pub(super) preferred: &'v [Value],
    /// Those of all records, in the order in which they were named.
    pub(super) all: Vec<&'v [Value]>,
}

/// The values that a field gets when `records` become the one at `survivor`.
pub(crate) fn merge<'v>(
    records: &[&'v [Value]],
    survivor: usize,
    rule: fn(&Candidates<'_>) -> Vec<Value>,
) -> Vec<Value> {
    let has_value = |values: &&'v [Value]| values.iter().any(is_filled);
    let all: Vec<&[Value]> = records.iter().copied().filter(has_value).collect();
    let Some(own) = records.get(survivor).copied() else { return Vec::new() };
    match all.as_slice() {
        [] => own.to_vec(),
        [only] => only.to_vec(),
        [first, ..] => rule(&Candidates { preferred: if has_value(&own) { own } else { first }, all }),
    }
}

/// One record's value as it is.
pub(super) fn preferred(candidates: &Candidates<'_>) -> Vec<Value> {
    candidates.preferred.to_vec()
}

/// Every element of all lists once.
pub(super) fn union(candidates: &Candidates<'_>) -> Vec<Value> {
    let lists = candidates.all.iter().filter_map(|values| match values {
        [Value::TextList(list)] => Some(list),
        _ => None,
    });
    let mut seen = HashSet::new();
    let items = lists.flatten().filter(|item| seen.insert(item.as_str()));
    vec![Value::TextList(items.cloned().collect())]
}

impl<'v> Candidates<'v> {
    /// The values among which the part at `part` wins: the preferred ones if they have it, else the first
    /// that do.
    pub(super) fn with_part(&self, part: usize) -> &'v [Value] {
        let mut in_turn = std::iter::once(self.preferred).chain(self.all.iter().copied());
        in_turn.find(|values| values.get(part).is_some_and(is_filled)).unwrap_or(self.preferred)
    }
}

/// The text in a part; empty when it holds none.
pub(super) fn text(values: &[Value], part: usize) -> &str {
    match values.get(part) {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

/// The entries of a part that holds a list as JSON.
pub(super) fn entries(values: &[Value], part: usize) -> Vec<Json> {
    match values.get(part) {
        Some(Value::Json(list)) => serde_json::from_str(list).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// A list of the entries, each key once, without that of the primary entry.
pub(super) fn each_once<K: Eq + Hash>(
    primary: K,
    entries: impl Iterator<Item = Json>,
    key: impl Fn(&Json) -> K,
) -> Value {
    let mut seen = HashSet::from([primary]);
    scalar_value::json_list(entries.filter(|entry| seen.insert(key(entry))).collect())
}

/// Whether a value says something. False and 0 do; blank text does not.
fn is_filled(value: &Value) -> bool {
    match value {
        Value::Null | Value::List(..) | Value::Column(_) => false,
        Value::Text(text) => !text.trim().is_empty(),
        Value::TextList(items) => !items.is_empty(),
        Value::Json(text) => serde_json::from_str(text).is_ok_and(|json| is_filled_json(&json)),
        Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Uuid(_)
        | Value::Date(_)
        | Value::DateTime(_)
        | Value::Bytes(_) => true,
    }
}

fn is_filled_json(json: &Json) -> bool {
    match json {
        Json::Null => false,
        Json::Bool(_) | Json::Number(_) => true,
        Json::String(text) => !text.trim().is_empty(),
        Json::Array(items) => !items.is_empty(),
        Json::Object(members) => members.values().any(is_filled_json),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::FieldType;
    use crate::Value::{self, Boolean, Float, Integer, Null};
    use crate::field_type::sample::{field, json_text, text, texts};

    /// What a field becomes when the record at this place stays.
    fn merged(field_type: FieldType, records: &[Vec<Value>], survivor: usize) -> Vec<Value> {
        let records: Vec<&[Value]> = records.iter().map(Vec::as_slice).collect();
        field(field_type).merge(&records, survivor)
    }

    #[test]
    fn the_record_that_stays_wins_and_else_the_first_with_a_value() {
        for (field_type, records, survivor, expected) in [
            (FieldType::Text, vec![text("a"), text("b"), Null], 1, text("b")),
            (FieldType::Text, vec![text("a"), text("b"), Null], 2, text("a")),
            (FieldType::Text, vec![Null, text("b"), text("  ")], 2, text("b")),
            (FieldType::Text, vec![text(" "), text("  ")], 1, text("  ")),
            (FieldType::Boolean, vec![Boolean(true), Boolean(false)], 1, Boolean(false)),
            (FieldType::Number, vec![Float(1.0), Float(0.0)], 1, Float(0.0)),
            (
                FieldType::RawJson,
                vec![json_text(&json!({"a": null})), json_text(&json!([0]))],
                0,
                json_text(&json!([0])),
            ),
            (
                FieldType::RawJson,
                vec![json_text(&json!({"a": [[]]})), json_text(&json!([0]))],
                0,
                json_text(&json!({"a": [[]]})),
            ),
            (FieldType::RawJson, vec![json_text(&json!(" ")), json_text(&json!(0))], 0, json_text(&json!(0))),
            (FieldType::Number, vec![Null, Null], 0, Null),
        ] {
            let records: Vec<_> = records.into_iter().map(|value| vec![value]).collect();
            assert_eq!(merged(field_type, &records, survivor), [expected], "{records:?} {survivor}");
        }
    }

    #[test]
    fn a_composite_comes_from_one_record() {
        let records = [vec![Null, text("EUR")], vec![Integer(5), text("USD")], vec![Null, Null]];
        assert_eq!(merged(FieldType::Currency, &records, 0), records[0]);
        assert_eq!(merged(FieldType::Currency, &records, 2), records[0]);
    }

    #[test]
    fn lists_become_one_without_repetitions() {
        let records = [vec![texts(&["b", "a"])], vec![Null], vec![texts(&["c", "a", "c"])]];
        for survivor in 0..3 {
            assert_eq!(merged(FieldType::Array, &records, survivor), [texts(&["b", "a", "c"])]);
        }
        let only = [vec![Null], vec![texts(&["a", "a"])]];
        assert_eq!(merged(FieldType::MultiSelect, &only, 0), [texts(&["a", "a"])]);
    }

    #[test]
    fn addresses_are_collected_behind_the_primary_one() {
        let emails = |primary: &str, others: &[&str]| {
            vec![if primary.is_empty() { Null } else { text(primary) }, json_text(&json!(others))]
        };
        let records =
            [emails("a@x.y", &["b@x.y"]), emails("c@x.y", &["a@x.y", "d@x.y"]), emails("", &["e@x.y"])];
        for (survivor, expected) in [
            (0, emails("a@x.y", &["b@x.y", "c@x.y", "d@x.y", "e@x.y"])),
            (1, emails("c@x.y", &["a@x.y", "b@x.y", "d@x.y", "e@x.y"])),
            (2, emails("a@x.y", &["b@x.y", "c@x.y", "d@x.y", "e@x.y"])),
        ] {
            assert_eq!(merged(FieldType::Emails, &records, survivor), expected, "{survivor}");
        }
        let alike = [emails("a@x.y", &["a@x.y"]), emails("a@x.y", &["a@x.y"])];
        assert_eq!(merged(FieldType::Emails, &alike, 0), [text("a@x.y"), Null]);
    }

    #[test]
    fn phones_are_collected_with_the_codes_that_are_known() {
        let records = [
            vec![
                text("612345678"),
                text("FR"),
                text("+33"),
                json_text(&json!([{"number": "1", "callingCode": "+44"}])),
            ],
            vec![
                text("123456789"),
                Null,
                text("+1"),
                json_text(&json!([{"number": "612345678", "callingCode": "+33"}])),
            ],
        ];
        let expected = |primary: &[Value], others: serde_json::Value| {
            let mut expected = primary[..3].to_vec();
            expected.push(json_text(&others));
            expected
        };
        let english = json!({"number": "1", "callingCode": "+44"});
        assert_eq!(
            merged(FieldType::Phones, &records, 0),
            expected(&records[0], json!([english, {"number": "123456789", "callingCode": "+1"}]))
        );
        let french = json!({"number": "612345678", "callingCode": "+33", "countryCode": "FR"});
        assert_eq!(merged(FieldType::Phones, &records, 1), expected(&records[1], json!([french, english])));
        let codes_alone = [vec![Null, text("DE"), text("+49"), Null], vec![Null, text("FR"), Null, Null]];
        assert_eq!(merged(FieldType::Phones, &codes_alone, 1), codes_alone[1]);
    }

    #[test]
    fn links_are_collected_with_their_labels() {
        let records = [
            vec![text("One"), text("one.example"), Null],
            vec![
                Null,
                text("two.example"),
                json_text(
                    &json!([{"url": "one.example", "label": null}, {"url": "s.example", "label": "s"}]),
                ),
            ],
        ];
        assert_eq!(
            merged(FieldType::Links, &records, 1),
            [
                Null,
                text("two.example"),
                json_text(
                    &json!([{"url": "one.example", "label": "One"}, {"url": "s.example", "label": "s"}])
                )
            ]
        );
        assert_eq!(
            merged(FieldType::Links, &records, 0),
            [
                text("One"),
                text("one.example"),
                json_text(&json!([{"url": "two.example", "label": ""}, {"url": "s.example", "label": "s"}]))
            ]
        );
    }
}
