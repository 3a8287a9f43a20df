//! The options of select fields: what clients send, and the fixed ones of ratings.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::Value as Json;
use uuid::Uuid;

use super::fresh_id;
use super::report::{Fault, FaultCode};
use crate::{FieldType, SelectOption};

/// The longest value or label of an option, in characters.
const MAX_CHARACTERS: usize = 63;

/// How many choices a rating has.
const RATINGS: u8 = 5;

/// The options of a new field of this type; none for types without.
pub(super) fn parse(
    field_type: FieldType,
    sent: &Json,
    now: Timestamp,
) -> Result<Vec<SelectOption>, Vec<Fault>> {
    match field_type {
        FieldType::Rating => Ok((1..=RATINGS).map(|rating| rating_option(rating, now)).collect()),
        FieldType::Select | FieldType::MultiSelect => parse_list(sent, now),
        _ => Ok(Vec::new()),
    }
}

fn rating_option(rating: u8, now: Timestamp) -> SelectOption {
    SelectOption {
        id: fresh_id(now),
        value: format!("RATING_{rating}"),
        label: rating.to_string(),
        position: f64::from(rating - 1),
        color: None,
    }
}

fn parse_list(sent: &Json, now: Timestamp) -> Result<Vec<SelectOption>, Vec<Fault>> {
    let items = sent.as_array().map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() {
        return Err(vec![fault("a select needs a list of at least one option", sent)]);
    }
    let mut faults = Vec::new();
    let mut options = Vec::with_capacity(items.len());
    for item in items {
        match parse_option(item, now) {
            Ok(option) => options.push(option),
            Err(problem) => faults.push(fault(problem, item)),
        }
    }
    faults.extend(repeated(&options));
    if faults.is_empty() { Ok(options) } else { Err(faults) }
}

fn parse_option(item: &Json, now: Timestamp) -> Result<SelectOption, &'static str> {
    let text = |member: &str| item.get(member).and_then(Json::as_str).map(str::trim);
    let id = match item.get("id") {
        None => fresh_id(now),
        Some(id) => id
            .as_str()
            .and_then(|id| Uuid::try_parse(id).ok())
            .ok_or("the id of an option must be a UUID, or left out")?,
    };
    let value = text("value").filter(|value| is_option_value(value)).ok_or(
        "the value of an option must be 1 to 63 capitals and digits with single underscores, as in IN_PORT",
    )?;
    let label = text("label")
        .filter(|label| is_option_label(label))
        .ok_or("the label of an option must be 1 to 63 characters without a comma")?;
    let position =
        item.get("position").and_then(Json::as_f64).ok_or("the position of an option must be a number")?;
    let color = item.get("color").and_then(Json::as_str).map(str::to_owned);
    Ok(SelectOption { id, value: value.to_owned(), label: label.to_owned(), position, color })
}

/// Upper snake case: a letter first, no underscore at the ends, none doubled.
fn is_option_value(value: &str) -> bool {
    value.len() <= MAX_CHARACTERS
        && value.starts_with(|first: char| first.is_ascii_uppercase())
        && value.split('_').all(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        })
}

fn is_option_label(label: &str) -> bool {
    !label.is_empty() && label.chars().count() <= MAX_CHARACTERS && !label.contains(',')
}

fn repeated(options: &[SelectOption]) -> Vec<Fault> {
    let (mut ids, mut values, mut positions) = (HashSet::new(), HashSet::new(), HashSet::new());
    let mut faults = Vec::new();
    for option in options {
        for (is_new, what) in [
            (ids.insert(option.id), "id"),
            (values.insert(&option.value), "value"),
            // Zero and minus zero are one position.
            (positions.insert((option.position + 0.0).to_bits()), "position"),
        ] {
            if !is_new {
                let message = format!("two options have the same {what}");
                faults.push(fault(&message, &Json::from(option.value.as_str())));
            }
        }
    }
    faults
}

fn fault(message: &str, value: &Json) -> Fault {
    Fault::new(FaultCode::InvalidFieldInput, message).with_value(value.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn options_are_checked_each_and_together() {
        let option = |value: &str, position: f64| json!({"value": value, "label": "L", "position": position});
        for (sent, accepted) in [
            (json!([option("A", 0.0), option("B_2", 1.0)]), true),
            (json!([{"value": " A ", "label": " In port ", "position": 3, "color": "sky"}]), true),
            (json!(null), false),
            (json!([]), false),
            (json!("A"), false),
            (json!(["A"]), false),
            (json!([option("a", 0.0)]), false),
            (json!([option("A__B", 0.0)]), false),
            (json!([option("A_", 0.0)]), false),
            (json!([option("2A", 0.0)]), false),
            (json!([option(&"A".repeat(64), 0.0)]), false),
            (json!([{"value": "A", "label": "a,b", "position": 0}]), false),
            (json!([{"value": "A", "label": " ", "position": 0}]), false),
            (json!([{"value": "A", "label": "L"}]), false),
            (json!([{"value": "A", "label": "L", "position": 0, "id": null}]), false),
            (json!([{"value": "A", "label": "L", "position": 0, "id": "1"}]), false),
            (json!([option("A", 0.0), option(" A ", 1.0)]), false),
            (json!([option("A", 0.0), option("B", -0.0)]), false),
        ] {
            let parsed = parse(FieldType::Select, &sent, Timestamp::UNIX_EPOCH);
            assert_eq!(parsed.is_ok(), accepted, "{sent}");
        }
    }

    #[test]
    fn a_rating_has_five_options_whatever_was_sent() {
        let options = parse(FieldType::Rating, &json!([1]), Timestamp::UNIX_EPOCH).unwrap();
        let values: Vec<_> = options.iter().map(|option| (option.value.as_str(), option.position)).collect();
        assert_eq!(values[0], ("RATING_1", 0.0));
        assert_eq!(values[4], ("RATING_5", 4.0));
    }
}
