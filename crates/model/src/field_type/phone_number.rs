//! Splits a phone number as people write it into calling code, national number and region.
//!
//! Follows the parsing of libphonenumber over the metadata of the `phonenumber` crate. That crate's
//! own parser is not used: it needs a region where a calling code has several, takes `+336-12…` for
//! calling code 336, and strips trunk prefixes that belong to the number.

use phonenumber::metadata::{DATABASE, Descriptor, Metadata};

/// A number that parsed, which says nothing about whether it is assigned.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PhoneNumber {
    /// The digits of the national number, without trunk prefix.
    pub(super) national: String,
    /// ISO 3166 alpha-2, when the number settles it.
    pub(super) region: Option<&'static str>,
    /// Such as 33, without the `+`.
    pub(super) calling_code: u16,
}

/// What is known beside the number itself.
#[derive(Clone, Copy, Default)]
pub(super) struct Hints<'a> {
    /// A region that [`is_region`] knows.
    pub(super) region: Option<&'a str>,
    /// A calling code that [`regions`] knows; the region's own where it is absent.
    pub(super) calling_code: Option<u16>,
}

/// The longest text that is looked at, in characters, as in libphonenumber.
const MAX_CHARS: usize = 250;
/// How many digits a national number has (libphonenumber allows more than E.164, for Germany).
const NATIONAL_DIGITS: std::ops::RangeInclusive<usize> = 2..=17;
const MAX_CALLING_CODE_DIGITS: usize = 3;
/// The longest extension after a number, in digits.
const MAX_EXTENSION_DIGITS: usize = 20;

/// Whether `code` is a region with phone numbers, in upper-case ISO 3166 alpha-2.
pub(super) fn is_region(code: &str) -> bool {
    code.len() == 2 && DATABASE.by_id(code).is_some()
}

/// The regions that share a calling code, the main one first; none if nobody has the code.
pub(super) fn regions(calling_code: u16) -> Vec<&'static str> {
    DATABASE.region(&calling_code).unwrap_or_default()
}

/// Splits `text`, which may be international (`+33 6…`), dialled from a hinted region (`00 33 6…`),
/// or national to one (`06…`). `None` when it is no phone number, or national without a hint.
pub(super) fn parse(text: &str, hints: Hints<'_>) -> Option<PhoneNumber> {
    let digits = dialled_digits(text)?;
    let home = hints.plan();
    let (calling_code, national) = match digits.strip_prefix('+') {
        Some(international) => split_calling_code(international)?,
        None => split_with_plan(&digits, home?)?,
    };
    let plan = home
        .filter(|home| home.country_code() == calling_code)
        .or_else(|| DATABASE.by_code(&calling_code)?.first().copied())?;
    let national = without_trunk_prefix(national, plan);
    if !NATIONAL_DIGITS.contains(&national.len()) {
        return None;
    }
    Some(PhoneNumber { region: region_of(&national, calling_code, hints.region), national, calling_code })
}

impl Hints<'_> {
    /// The numbering plan to read a national number by.
    fn plan(self) -> Option<&'static Metadata> {
        match (self.region, self.calling_code) {
            (Some(region), _) => DATABASE.by_id(region),
            (None, Some(calling_code)) => DATABASE.by_code(&calling_code)?.first().copied(),
            (None, None) => None,
        }
    }
}

/// The ASCII digits of `text`, after a `+` if it has one; `None` if it holds anything but digits,
/// punctuation and an extension.
fn dialled_digits(text: &str) -> Option<String> {
    if MAX_CHARS < text.chars().count() {
        return None;
    }
    let text = text.trim();
    let text = without_extension(text.strip_prefix("tel:").unwrap_or(text));
    let (plus, rest) = match text.strip_prefix(['+', '＋']) {
        Some(rest) => ("+", rest),
        None => ("", text),
    };
    let mut digits = String::from(plus);
    for c in rest.chars() {
        match digit(c) {
            Some(digit) => digits.push(digit),
            None if is_punctuation(c) => {}
            None => return None,
        }
    }
    Some(digits)
}

/// `text` without an extension such as `ext. 12`, `x12`, `#12` or `;ext=12`.
fn without_extension(text: &str) -> &str {
    let number = text.trim_end_matches(|c: char| c.is_ascii_digit());
    if !(1..=MAX_EXTENSION_DIGITS).contains(&(text.len() - number.len())) {
        return text;
    }
    let lower = number.to_ascii_lowercase();
    [";ext=", "extension", "extn", "ext.", "ext", "x", "#"]
        .iter()
        .find_map(|mark| lower.trim_end().strip_suffix(mark))
        .map_or(text, |before| text[..before.len()].trim_end_matches([' ', ',', ';']))
}

/// The ASCII digit for a decimal digit of the scripts that phones are written in.
fn digit(c: char) -> Option<char> {
    const ZEROS: [char; 4] = ['0', '０', '٠', '۰'];
    let value =
        ZEROS.iter().find_map(|zero| (c as u32).checked_sub(*zero as u32).filter(|value| *value < 10))?;
    char::from_digit(value, 10)
}

fn is_punctuation(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '(' | ')' | '[' | ']' | '.' | '/' | '~' | 'x' | '*')
        || matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{ff0d}'..='\u{ff0f}')
        || matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(
            c,
            '\u{ff08}' | '\u{ff09}' | '\u{ff3b}' | '\u{ff3d}' | '\u{2053}' | '\u{223c}' | '\u{ff5e}'
        )
}

/// Splits digits that begin with a calling code. No code is the beginning of another.
fn split_calling_code(international: &str) -> Option<(u16, &str)> {
    (1..=MAX_CALLING_CODE_DIGITS).find_map(|digits| {
        let (code, national) = international.split_at_checked(digits)?;
        let code = code.parse().ok().filter(|_| !code.starts_with('0'))?;
        DATABASE.by_code(&code).map(|_| (code, national))
    })
}

/// Splits digits as they are dialled within a numbering plan.
fn split_with_plan<'d>(digits: &'d str, plan: &Metadata) -> Option<(u16, &'d str)> {
    if let Some(international) = without_international_prefix(digits, plan) {
        return split_calling_code(international);
    }
    let calling_code = plan.country_code();
    let national = match digits.strip_prefix(&calling_code.to_string()) {
        Some(shorter) if is_calling_code_without_plus(digits, shorter, plan) => shorter,
        _ => digits,
    };
    Some((calling_code, national))
}

/// What follows the prefix that dials abroad, such as `00`, if `digits` begin with it.
fn without_international_prefix<'d>(digits: &'d str, plan: &Metadata) -> Option<&'d str> {
    let prefix = plan.international_prefix()?.find(digits).filter(|found| found.start() == 0)?;
    let rest = &digits[prefix.end()..];
    (!prefix.is_empty() && !rest.starts_with('0')).then_some(rest)
}

/// Whether `digits` are a whole number with its calling code, of which `shorter` is the national part.
fn is_calling_code_without_plus(digits: &str, shorter: &str, plan: &Metadata) -> bool {
    let is_too_long = lengths(plan).all(|length| length < digits.len());
    is_too_long || (!is_of_plan(digits, plan) && is_of_plan(shorter, plan))
}

/// A national number without the digits that only domestic calls dial before it, such as `0`. They
/// stay where the number is right with them and wrong without.
fn without_trunk_prefix(digits: &str, plan: &Metadata) -> String {
    let stripped = strip_trunk_prefix(digits, plan).unwrap_or_else(|| digits.to_owned());
    let was_whole = is_of_plan(digits, plan) && !is_of_plan(&stripped, plan);
    let is_possible = lengths(plan).any(|length| length == stripped.len())
        || lengths(plan).all(|length| length < stripped.len());
    if was_whole || !is_possible { digits.to_owned() } else { stripped }
}

fn strip_trunk_prefix(digits: &str, plan: &Metadata) -> Option<String> {
    let Some(pattern) = plan.national_prefix_for_parsing() else {
        return digits.strip_prefix(plan.national_prefix()?).map(str::to_owned);
    };
    let captures = pattern.captures(digits)?;
    let whole = captures.get(0).filter(|whole| whole.start() == 0)?;
    let has_last_group = 1 < captures.len() && captures.get(captures.len() - 1).is_some();
    match plan.national_prefix_transform_rule() {
        // Some plans move digits: Argentina writes the mobile mark 15 after the area code.
        Some(rule) if has_last_group => Some(pattern.replace(digits, rule).into_owned()),
        _ => Some(digits[whole.end()..].to_owned()),
    }
}

/// The region that a number belongs to. Where several share the calling code, one whose patterns
/// fit, the hinted one if it does; none if no pattern fits.
fn region_of(national: &str, calling_code: u16, hint: Option<&str>) -> Option<&'static str> {
    let regions = regions(calling_code);
    if let [only] = regions.as_slice() {
        return Some(*only).filter(|region| is_region(region));
    }
    let mut fitting = regions.into_iter().filter(|region| fits(national, region));
    let first = fitting.next()?;
    if Some(first) == hint {
        return Some(first);
    }
    Some(fitting.find(|region| Some(*region) == hint).unwrap_or(first))
}

fn fits(national: &str, region: &str) -> bool {
    let Some(plan) = DATABASE.by_id(region) else { return false };
    match plan.leading_digits() {
        Some(leading) => leading.find(national).is_some_and(|found| found.start() == 0),
        None => is_of_plan(national, plan) && kinds(plan).any(|kind| kind.is_match(national)),
    }
}

/// Whether `national` has a length and a beginning that numbers of the plan have.
fn is_of_plan(national: &str, plan: &Metadata) -> bool {
    lengths(plan).any(|length| length == national.len()) && plan.descriptors().general().is_match(national)
}

/// How many digits the numbers of a plan have, in no order; some more than once.
fn lengths(plan: &Metadata) -> impl Iterator<Item = usize> {
    kinds(plan).flat_map(Descriptor::possible_length).map(|length| usize::from(*length))
}

/// The kinds of numbers in a plan, such as mobile or toll-free.
fn kinds(plan: &Metadata) -> impl Iterator<Item = &Descriptor> {
    let kinds = plan.descriptors();
    [
        kinds.fixed_line(),
        kinds.mobile(),
        kinds.toll_free(),
        kinds.premium_rate(),
        kinds.shared_cost(),
        kinds.voip(),
        kinds.personal_number(),
        kinds.pager(),
        kinds.uan(),
        kinds.voicemail(),
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_split() {
        let none = Hints::default();
        let region = |region| Hints { region: Some(region), calling_code: None };
        let code = |calling_code| Hints { region: None, calling_code: Some(calling_code) };
        for (text, hints, expected) in [
            ("+33612345678", none, Some(("612345678", Some("FR"), 33))),
            ("+33 6 12 34 56 78", none, Some(("612345678", Some("FR"), 33))),
            ("+336-12-34-56-78", none, Some(("612345678", Some("FR"), 33))),
            ("+33 (0)6 12 34 56 78", none, Some(("612345678", Some("FR"), 33))),
            ("tel:+33-6-12-34-56-78", none, Some(("612345678", Some("FR"), 33))),
            ("＋３３６１２３４５６７８", none, Some(("612345678", Some("FR"), 33))),
            ("+331234", none, Some(("1234", Some("FR"), 33))),
            ("06 12 34 56 78", region("FR"), Some(("612345678", Some("FR"), 33))),
            ("0033612345678", region("FR"), Some(("612345678", Some("FR"), 33))),
            ("33612345678", region("FR"), Some(("612345678", Some("FR"), 33))),
            ("1234567890", region("FR"), Some(("1234567890", Some("FR"), 33))),
            ("2079460018", code(44), Some(("2079460018", Some("GB"), 44))),
            ("020 7946 0018", code(44), Some(("2079460018", Some("GB"), 44))),
            ("+447624123456", none, Some(("7624123456", Some("IM"), 44))),
            ("+4915123456789", none, Some(("15123456789", Some("DE"), 49))),
            ("+1123456789", none, Some(("123456789", None, 1))),
            ("+14155552671", none, Some(("4155552671", Some("US"), 1))),
            ("(415) 555-2671 ext. 12", region("US"), Some(("4155552671", Some("US"), 1))),
            ("415-555-2671x12", region("US"), Some(("4155552671", Some("US"), 1))),
            ("+14155552671;ext=12", none, Some(("4155552671", Some("US"), 1))),
            ("+14165550123", none, Some(("4165550123", Some("CA"), 1))),
            ("+14165550123", region("CA"), Some(("4165550123", Some("CA"), 1))),
            ("+12425550123", none, Some(("2425550123", Some("BS"), 1))),
            ("555123456", region("US"), Some(("555123456", None, 1))),
            ("+390236618300", none, Some(("0236618300", Some("IT"), 39))),
            ("+3758011234567", none, Some(("8011234567", Some("BY"), 375))),
            ("011 15-1234-5678", region("AR"), Some(("91112345678", Some("AR"), 54))),
            ("88005553535", region("RU"), Some(("8005553535", Some("RU"), 7))),
            ("+80012345678", none, Some(("12345678", None, 800))),
            ("+3312", none, Some(("12", Some("FR"), 33))),
            ("+331", none, None),
            ("+33", none, None),
            ("+33123456789012345678", none, None),
            ("123456789", none, None),
            ("0612345678", none, None),
            ("+999123456789", none, None),
            ("+0612345678", none, None),
            ("+", none, None),
            ("", none, None),
            ("call me", none, None),
            ("+33 6 12 34 56 78 or mail", none, None),
            ("1800FLOWERS", region("US"), None),
        ] {
            let parsed = parse(text, hints);
            let parsed =
                parsed.as_ref().map(|number| (number.national.as_str(), number.region, number.calling_code));
            assert_eq!(parsed, expected, "{text} {:?} {:?}", hints.region, hints.calling_code);
        }
    }

    #[test]
    fn every_example_of_the_metadata_parses_to_itself() {
        for plan in DATABASE.iter().filter(|plan| is_region(plan.id())) {
            let kinds = [plan.descriptors().fixed_line(), plan.descriptors().mobile()];
            for example in kinds.into_iter().flatten().filter_map(Descriptor::example) {
                let international = format!("+{}{example}", plan.country_code());
                let home = Hints { region: Some(plan.id()), calling_code: None };
                for (text, hints) in [(international.as_str(), Hints::default()), (example, home)] {
                    let national = parse(text, hints).map(|number| number.national);
                    assert_eq!(national.as_deref(), Some(example), "{text} {}", plan.id());
                }
            }
        }
    }

    #[test]
    fn odd_text_is_refused_and_never_panics() {
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        let mut random = |bound: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            (seed % bound as u64) as usize
        };
        let alphabet: Vec<char> = "0123456789+＋ ()x#;ext=.é😀٠۹\0-".chars().collect();
        let homes =
            [None, Some("FR"), Some("US"), Some("AR"), Some("BR"), Some("MX"), Some("CN"), Some("SM")];
        for _ in 0..3_000 {
            let text: String = (0..random(24)).map(|_| alphabet[random(alphabet.len())]).collect();
            let _ = parse(&text, Hints { region: homes[random(homes.len())], calling_code: None });
        }
        assert_eq!(parse(&format!("+33{}", "6".repeat(1_000_000)), Hints::default()), None);
        assert_eq!(parse(&format!("+33612345678{}", " ".repeat(300)), Hints::default()), None);
    }

    #[test]
    fn regions_are_upper_case() {
        for (code, expected) in [("FR", true), ("fr", false), ("QQ", false), ("001", false), ("", false)] {
            assert_eq!(is_region(code), expected, "{code}");
        }
        assert_eq!(regions(1).first(), Some(&"US"));
        assert_eq!(regions(999), Vec::<&str>::new());
    }
}
