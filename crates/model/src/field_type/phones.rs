//! `PHONES`: a primary number and others, each as national digits, country and calling code.
//!
//! A number only has to parse; whether it is assigned to anybody is nobody's business here.

use serde_json::{Map, Value as Json};

use super::{
    FieldTypeSpec, NullReads, ParsedParts, Part, Scalar, Searched, WriteMode,
    composite::{self, Composite},
    merge::{self, Candidates},
    phone_number::{self, Hints},
    quoted, scalar_value,
};
use crate::{Field, Value, ValueError, ValueErrorCode};

pub(super) static SPEC: FieldTypeSpec = FieldTypeSpec {
    api_name: "PHONES",
    parts: &[
        Part::new("primaryPhoneNumber", Scalar::Text)
            .null_reads(NullReads::EmptyText)
            .searched(Searched::PhoneNumber)
            .unique(),
        Part::new("primaryPhoneCountryCode", Scalar::Text).null_reads(NullReads::EmptyText).unique(),
        Part::new("primaryPhoneCallingCode", Scalar::Text)
            .null_reads(NullReads::EmptyText)
            .searched(Searched::CallingCode)
            .unique(),
        Part::new("additionalPhones", Scalar::Json)
            .null_reads(NullReads::EmptyList)
            .secondary()
            .searched(Searched::PhoneList),
    ],
    creatable: true,
    label_identifier: false,
    parse,
    parse_default: quoted::parse_composite,
    merge,
};

const NUMBER: usize = 0;
const COUNTRY_CODE: usize = 1;
const CALLING_CODE: usize = 2;
const ADDITIONAL: usize = 3;

fn parse(field: &Field, value: &Json, mode: WriteMode) -> Result<ParsedParts, ValueError> {
    let Some(phones) = Composite::read(field, value)? else {
        return Ok(Vec::new());
    };
    let mut parts = parse_primary(&phones)?;
    match phones.member(ADDITIONAL) {
        Some(additional) => parts.push((ADDITIONAL, parse_additional(&phones.path(ADDITIONAL), additional)?)),
        None if mode == WriteMode::Update => parts.push((ADDITIONAL, Value::Null)),
        None => {}
    }
    Ok(parts)
}

/// The primary parts that were sent; all three when there is a number, which settles the codes.
fn parse_primary(phones: &Composite<'_>) -> Result<ParsedParts, ValueError> {
    let phone = Phone {
        number: phones.text(NUMBER)?.unwrap_or_default(),
        country_code: phones.text(COUNTRY_CODE)?.unwrap_or_default(),
        calling_code: phones.text(CALLING_CODE)?.unwrap_or_default(),
    };
    let has_number = !phone.number.is_empty();
    let paths = PhonePaths {
        number: phones.path(NUMBER),
        country_code: phones.path(COUNTRY_CODE),
        calling_code: phones.path(CALLING_CODE),
    };
    let phone = phone.normalise(&paths)?;
    let parts =
        [(NUMBER, phone.number), (COUNTRY_CODE, phone.country_code), (CALLING_CODE, phone.calling_code)];
    let written = parts.into_iter().filter(|(index, _)| has_number || phones.member(*index).is_some());
    Ok(written.map(|(index, text)| (index, text_or_null(text))).collect())
}

/// Reads `[{number, countryCode?, callingCode?}]`, or a string that holds it as JSON.
fn parse_additional(path: &str, value: &Json) -> Result<Value, ValueError> {
    let entries = composite::entries(path, value, &["number", "countryCode", "callingCode"])?;
    let paths = PhonePaths {
        number: format!("{path}.number"),
        country_code: format!("{path}.countryCode"),
        calling_code: format!("{path}.callingCode"),
    };
    let phones = entries.iter().map(|entry| {
        let phone = Phone {
            number: composite::entry_text(path, entry, "number")?.into(),
            country_code: composite::entry_text(path, entry, "countryCode")?.into(),
            calling_code: composite::entry_text(path, entry, "callingCode")?.into(),
        };
        Ok(phone.normalise(&paths)?.into_entry())
    });
    Ok(scalar_value::json_list(phones.collect::<Result<_, _>>()?))
}

/// One phone; what is unknown is empty.
struct Phone {
    number: String,
    country_code: String,
    calling_code: String,
}

/// How messages name the parts of a phone.
struct PhonePaths {
    number: String,
    country_code: String,
    calling_code: String,
}

impl Phone {
    /// The primary phone among stored parts.
    fn of(values: &[Value]) -> Self {
        let text = |part| merge::text(values, part).to_owned();
        Self { number: text(NUMBER), country_code: text(COUNTRY_CODE), calling_code: text(CALLING_CODE) }
    }

    /// The phone as it is stored: national digits, and codes that were given or that the number says.
    /// Without a number, the codes as given.
    fn normalise(self, paths: &PhonePaths) -> Result<Self, ValueError> {
        let hints = self.hints(paths)?;
        let given_code = hints.calling_code.map(|code| format!("+{code}"));
        if self.number.is_empty() {
            return Ok(Self { calling_code: given_code.unwrap_or_default(), ..self });
        }
        let parsed = phone_number::parse(&self.number, hints).ok_or_else(|| {
            let problem = "is not a phone number; a local one needs its country or calling code";
            ValueError::coded(ValueErrorCode::InvalidPhoneNumber, &paths.number, &self.number, problem)
        })?;
        self.check_against(&parsed, hints, paths)?;
        let country_code = if self.country_code.is_empty() {
            parsed.region.unwrap_or_default().to_owned()
        } else {
            self.country_code
        };
        Ok(Self { number: parsed.national, country_code, calling_code: format!("+{}", parsed.calling_code) })
    }

    /// The codes that were given, which must exist and fit each other.
    fn hints(&self, paths: &PhonePaths) -> Result<Hints<'_>, ValueError> {
        use ValueErrorCode::{
            ConflictingPhoneCallingCodeAndCountryCode, InvalidPhoneCallingCode, InvalidPhoneCountryCode,
        };
        let region = Some(self.country_code.as_str()).filter(|code| !code.is_empty());
        if region.is_some_and(|code| !phone_number::is_region(code)) {
            let problem = "is not a country code such as FR";
            return Err(ValueError::coded(
                InvalidPhoneCountryCode,
                &paths.country_code,
                &self.country_code,
                problem,
            ));
        }
        if self.calling_code.is_empty() {
            return Ok(Hints { region, calling_code: None });
        }
        let refuse =
            |code, problem| ValueError::coded(code, &paths.calling_code, &self.calling_code, problem);
        let calling_code = calling_code(&self.calling_code)
            .ok_or_else(|| refuse(InvalidPhoneCallingCode, "is not a calling code such as +33"))?;
        if region.is_some_and(|region| !phone_number::regions(calling_code).contains(&region)) {
            let problem = format!("is not a calling code of {}", self.country_code);
            return Err(refuse(ConflictingPhoneCallingCodeAndCountryCode, &problem));
        }
        Ok(Hints { region, calling_code: Some(calling_code) })
    }

    /// Refuses a number that belongs elsewhere than the codes given with it.
    fn check_against(
        &self,
        parsed: &phone_number::PhoneNumber,
        hints: Hints<'_>,
        paths: &PhonePaths,
    ) -> Result<(), ValueError> {
        let is_elsewhere = |region: &str| {
            parsed.region.is_some_and(|parsed| parsed != region)
                || !phone_number::regions(parsed.calling_code).contains(&region)
        };
        if hints.region.is_some_and(is_elsewhere) {
            let problem = format!("is not a number of {}", self.country_code);
            return Err(self.conflict(ValueErrorCode::ConflictingPhoneCountryCode, paths, &problem));
        }
        if hints.calling_code.is_some_and(|code| code != parsed.calling_code) {
            let problem = format!("has calling code +{}, not {}", parsed.calling_code, self.calling_code);
            return Err(self.conflict(ValueErrorCode::ConflictingPhoneCallingCode, paths, &problem));
        }
        Ok(())
    }

    fn conflict(&self, code: ValueErrorCode, paths: &PhonePaths, problem: &str) -> ValueError {
        ValueError::coded(code, &paths.number, &self.number, problem)
    }

    /// The phone as an entry of `additionalPhones`; unknown codes are absent.
    fn into_entry(self) -> Json {
        let members =
            [("number", self.number), ("callingCode", self.calling_code), ("countryCode", self.country_code)];
        let known = members.into_iter().filter(|(name, text)| *name == "number" || !text.is_empty());
        Json::Object(known.map(|(name, text)| (name.to_owned(), text.into())).collect::<Map<_, _>>())
    }
}

/// The number of a calling code that some region has; the leading `+` may be missing.
fn calling_code(text: &str) -> Option<u16> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    let code = digits.parse().ok().filter(|_| is_plain)?;
    (!phone_number::regions(code).is_empty()).then_some(code)
}

fn text_or_null(text: String) -> Value {
    if text.is_empty() { Value::Null } else { Value::Text(text) }
}

/// One primary phone; all others are additional. A number and its calling code are a phone.
fn merge(candidates: &Candidates<'_>) -> Vec<Value> {
    let mut parts = candidates.with_part(NUMBER).to_vec();
    let phones = candidates.all.iter().flat_map(|values| {
        let own = Phone::of(values);
        let own = Some(own).filter(|phone| !phone.number.is_empty()).map(Phone::into_entry);
        own.into_iter().chain(merge::entries(values, ADDITIONAL))
    });
    let member = |phone: &Json, name: &str| phone[name].as_str().unwrap_or_default().to_owned();
    let key = |phone: &Json| (member(phone, "number"), member(phone, "callingCode"));
    let primary = Phone::of(&parts);
    parts[ADDITIONAL] = merge::each_once((primary.number, primary.calling_code), phones, key);
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        FieldType,
        field_type::sample::{assert_defaults, field, json_text, text},
    };

    /// What an update writes: number, country, calling code, and the additional list.
    fn written(number: &str, country: &str, calling: &str) -> ParsedParts {
        let parts = [number, country, calling].map(|part| text_or_null(part.into()));
        parts.into_iter().chain([Value::Null]).enumerate().collect()
    }

    fn primary(number: &str, country: &str, calling: &str) -> Json {
        json!({
            "primaryPhoneNumber": number,
            "primaryPhoneCountryCode": country,
            "primaryPhoneCallingCode": calling,
        })
    }

    #[test]
    fn phones_are_split_and_completed() {
        for ((number, country, calling), expected) in [
            (("+33612345678", "", ""), ("612345678", "FR", "+33")),
            (("+33 6 12 34 56 78", "", ""), ("612345678", "FR", "+33")),
            (("06 12 34 56 78", "FR", ""), ("612345678", "FR", "+33")),
            (("0612345678", "FR", "33"), ("612345678", "FR", "+33")),
            (("+1123456789", "", ""), ("123456789", "", "+1")),
            (("+14155552671", "", ""), ("4155552671", "US", "+1")),
            (("+331234", "", ""), ("1234", "FR", "+33")),
            (("2079460018", "", "+44"), ("2079460018", "GB", "+44")),
            (("+4915123456789", "", ""), ("15123456789", "DE", "+49")),
            (("1234567890", "FR", "+33"), ("1234567890", "FR", "+33")),
            (("555123456", "US", "+1"), ("555123456", "US", "+1")),
            (("", "FR", "33"), ("", "FR", "+33")),
            (("", "FR", ""), ("", "FR", "")),
            (("", "", ""), ("", "", "")),
        ] {
            let value = primary(number, country, calling);
            let (number, country, calling) = expected;
            let parts = field(FieldType::Phones).parse(&value, WriteMode::Update);
            assert_eq!(parts, Ok(self::written(number, country, calling)), "{value}");
        }
    }

    #[test]
    fn refusals_have_codes_for_every_phone() {
        for (code, number, country, calling) in [
            ("INVALID_PHONE_NUMBER", "123456789", "", ""),
            ("INVALID_PHONE_NUMBER", "12345678", "", ""),
            ("INVALID_PHONE_NUMBER", "call me", "FR", ""),
            ("INVALID_PHONE_NUMBER", "1", "FR", "+33"),
            ("INVALID_PHONE_COUNTRY_CODE", "612345678", "QQ", ""),
            ("INVALID_PHONE_COUNTRY_CODE", "612345678", "fr", ""),
            ("INVALID_PHONE_COUNTRY_CODE", "", "France", ""),
            ("INVALID_PHONE_CALLING_CODE", "612345678", "", "+999"),
            ("INVALID_PHONE_CALLING_CODE", "612345678", "FR", "thirty"),
            ("INVALID_PHONE_CALLING_CODE", "", "", "+"),
            ("INVALID_PHONE_CALLING_CODE", "", "", "++33"),
            ("CONFLICTING_PHONE_CALLING_CODE_AND_COUNTRY_CODE", "612345678", "FR", "+49"),
            ("CONFLICTING_PHONE_CALLING_CODE_AND_COUNTRY_CODE", "", "FR", "+1"),
            ("CONFLICTING_PHONE_COUNTRY_CODE", "+4915123456789", "FR", ""),
            ("CONFLICTING_PHONE_COUNTRY_CODE", "+14155552671", "CA", ""),
            ("CONFLICTING_PHONE_COUNTRY_CODE", "+1123456789", "FR", ""),
            ("CONFLICTING_PHONE_CALLING_CODE", "+4915123456789", "", "+33"),
        ] {
            let entry = json!({"number": number, "countryCode": country, "callingCode": calling});
            for value in [primary(number, country, calling), json!({"additionalPhones": [entry]})] {
                let error = field(FieldType::Phones).parse(&value, WriteMode::Create).unwrap_err();
                assert_eq!(error.code.as_str(), code, "{value}");
                assert!(error.message.starts_with("sample."), "{}", error.message);
            }
        }
    }

    #[test]
    fn shapes_are_checked() {
        for value in [
            json!({"primaryPhoneNumber": 612345678}),
            json!({"primaryPhoneCountryCode": 33}),
            json!({"primaryPhoneCallingCode": 33}),
            json!({"number": "+33612345678"}),
            json!({"additionalPhones": ["+33612345678"]}),
            json!({"additionalPhones": [{"phone": "+33612345678"}]}),
            json!({"additionalPhones": [{"number": 612345678}]}),
            json!({"additionalPhones": "+33612345678"}),
            json!({"additionalPhones": {"number": "+33612345678"}}),
            json!("+33612345678"),
        ] {
            let error = field(FieldType::Phones).parse(&value, WriteMode::Create).unwrap_err();
            assert_eq!(error.code, ValueErrorCode::InvalidArgsData, "{value}");
        }
    }

    #[test]
    fn absent_parts_stay_but_an_update_clears_the_additional_ones() {
        use WriteMode::{Create, Update};
        let additional = json!([
            {"number": "698765432", "callingCode": "+33", "countryCode": "FR"},
            {"number": "123456789", "callingCode": "+1"},
        ]);
        let sent = json!([
            {"number": "+33698765432"},
            {"number": "+1123456789", "countryCode": null, "callingCode": ""},
        ]);
        for (value, mode, expected) in [
            (json!({}), Create, vec![]),
            (json!({}), Update, vec![(3, Value::Null)]),
            (json!(null), Update, vec![]),
            (json!({"primaryPhoneNumber": null}), Create, vec![(0, Value::Null)]),
            (json!({"primaryPhoneCountryCode": "FR"}), Create, vec![(1, text("FR"))]),
            (json!({"primaryPhoneCallingCode": "33"}), Create, vec![(2, text("+33"))]),
            (json!({"additionalPhones": sent}), Update, vec![(3, json_text(&additional))]),
            (json!({"additionalPhones": sent.to_string()}), Update, vec![(3, json_text(&additional))]),
            (json!({"additionalPhones": []}), Create, vec![(3, Value::Null)]),
            (json!({"additionalPhones": null}), Create, vec![(3, Value::Null)]),
            (json!({"additionalPhones": ""}), Create, vec![(3, Value::Null)]),
        ] {
            assert_eq!(field(FieldType::Phones).parse(&value, mode), Ok(expected), "{value} {mode:?}");
        }
    }

    #[test]
    fn defaults_are_quoted_part_by_part() {
        assert_defaults(
            &field(FieldType::Phones),
            [
                (
                    json!({
                        "primaryPhoneNumber": "''",
                        "primaryPhoneCountryCode": "'FR'",
                        "primaryPhoneCallingCode": "'+33'",
                        "additionalPhones": null,
                    }),
                    Some(vec![(0, Value::Null), (1, text("FR")), (2, text("+33")), (3, Value::Null)]),
                ),
                (json!({"primaryPhoneCountryCode": "FR"}), None),
                (json!({"primaryPhoneCountryCode": "'QQ'"}), None),
            ],
        );
    }
}
