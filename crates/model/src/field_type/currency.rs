//! `CURRENCY`: an amount in millionths of its currency. The currency code is free text.

use super::{FieldTypeSpec, Part, Scalar, composite, quoted};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "CURRENCY",
    parts: &[Part::new("amountMicros", Scalar::BigInt), Part::new("currencyCode", Scalar::Text)],
    creatable: true,
    label_identifier: false,
    parse: composite::parse_parts,
    parse_default: quoted::parse_composite,
    merge: super::merge::preferred,
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        FieldType, Value,
        field_type::sample::{assert_defaults, assert_updates, field, refused, text},
    };

    #[test]
    fn amounts_are_whole_and_may_be_text() {
        let amount = |micros| Ok(vec![(0, Value::Integer(micros))]);
        assert_updates(
            &field(FieldType::Currency),
            [
                (
                    json!({"amountMicros": 19990000, "currencyCode": "EUR"}),
                    Ok(vec![(0, Value::Integer(19_990_000)), (1, text("EUR"))]),
                ),
                (json!({"amountMicros": "19990000"}), amount(19_990_000)),
                (json!({"amountMicros": "1e3"}), amount(1000)),
                (json!({"amountMicros": 1e3}), amount(1000)),
                (json!({"amountMicros": -1.9}), amount(-1)),
                (json!({"amountMicros": i64::MAX}), amount(i64::MAX)),
                (json!({"amountMicros": i64::MIN}), amount(i64::MIN)),
                (json!({"amountMicros": ""}), Ok(vec![(0, Value::Null)])),
                (
                    json!({"amountMicros": null, "currencyCode": ""}),
                    Ok(vec![(0, Value::Null), (1, Value::Null)]),
                ),
                (json!(null), Ok(vec![])),
                (json!({"amountMicros": u64::MAX}), refused()),
                (json!({"amountMicros": 1e19}), refused()),
                (json!({"amountMicros": "lots"}), refused()),
                (json!({"amountMicros": true}), refused()),
                (json!({"currencyCode": 978}), refused()),
                (json!(19.99), refused()),
            ],
        );
    }

    #[test]
    fn defaults_are_quoted_part_by_part() {
        assert_defaults(
            &field(FieldType::Currency),
            [
                (
                    json!({"amountMicros": "'1000000'", "currencyCode": "'USD'"}),
                    Some(vec![(0, Value::Integer(1_000_000)), (1, text("USD"))]),
                ),
                (
                    json!({"amountMicros": null, "currencyCode": "''"}),
                    Some(vec![(0, Value::Null), (1, Value::Null)]),
                ),
                (json!({"currencyCode": "USD"}), None),
            ],
        );
    }
}
