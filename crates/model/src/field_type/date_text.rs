//! The forms in which clients write dates and instants (`field-types.md` 4.6 and 4.7).
//!
//! Month names are English, in any case; numeric forms that end in the year are month first. Years
//! are 1 to 9999, which every database can store and every client can show.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::{Offset, TimeZone},
};

/// A calendar date: a calendar form, or a date-time with seconds, whose time and zone are dropped.
pub(super) fn date(text: &str) -> Option<Date> {
    calendar_date(text)
        .or_else(|| DateTimeText::parse(text).filter(|parsed| parsed.has_seconds).map(|parsed| parsed.date))
}

/// An instant, cut to milliseconds: an ISO 8601 instant, a local date-time read as UTC, or a calendar
/// form at midnight UTC. Unlike [`date`], it refuses `2025-1-3`.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let instant = if let Some(parsed) = DateTimeText::parse(text) {
        parsed.offset.to_timestamp(parsed.date.to_datetime(parsed.time)).ok()?
    } else if is_loose_iso_date(text) {
        return None;
    } else if let Some(date) = calendar_date(text) {
        date.to_zoned(TimeZone::UTC).ok()?.timestamp()
    } else {
        basic_iso_instant(text)?
    };
    let instant =
        Timestamp::from_millisecond(instant.as_nanosecond().div_euclid(1_000_000).try_into().ok()?).ok()?;
    (1..=9999).contains(&instant.to_zoned(TimeZone::UTC).year()).then_some(instant)
}

/// An instant in the basic form of ISO 8601, such as `20250113T103000Z`.
fn basic_iso_instant(text: &str) -> Option<Timestamp> {
    // jiff also reads a zone in brackets, which is no ISO 8601.
    let is_basic = text.as_bytes().get(8) == Some(&b'T') && !text.contains('[');
    if is_basic { text.parse().ok() } else { None }
}

/// Whether `text` is `yyyy-MM-dd` without its leading zeros.
fn is_loose_iso_date(text: &str) -> bool {
    let pieces: Vec<_> = text.split('-').collect();
    pieces.iter().all(|piece| number(piece).is_some()) && pieces[0].len() == 4 && text.len() < 10
}

/// A date, a time of day and an offset from UTC, as in `2025-01-13T10:30:00.5+02:00`. The time may
/// stand after a `T` or a blank; seconds, fraction and offset may be missing.
struct DateTimeText {
    date: Date,
    time: Time,
    has_seconds: bool,
    offset: Offset,
}

impl DateTimeText {
    fn parse(text: &str) -> Option<Self> {
        const DATE_BYTES: usize = "yyyy-MM-dd".len();
        let (date, rest) = (text.get(..DATE_BYTES)?, text.get(DATE_BYTES..)?);
        let clock = rest.strip_prefix(['T', 't', ' '])?;
        let offset_start = clock.find(['Z', 'z', '+', '-']).unwrap_or(clock.len());
        let (clock, offset) = clock.split_at(offset_start);
        let (time, has_seconds) = time(clock)?;
        Some(Self { date: iso_date(date)?, time, has_seconds, offset: offset_from_utc(offset)? })
    }
}

/// `HH:mm`, `HH:mm:ss` or `HH:mm:ss.SSS` with any number of digits, and whether it has seconds.
fn time(text: &str) -> Option<(Time, bool)> {
    let (clock, fraction) =
        text.split_once(['.', ',']).map_or((text, None), |(clock, fraction)| (clock, Some(fraction)));
    let pieces: Vec<i8> = clock.split(':').map(two_digits).collect::<Option<_>>()?;
    match (pieces.as_slice(), fraction) {
        ([hour, minute], None) => Some((Time::new(*hour, *minute, 0, 0).ok()?, false)),
        ([hour, minute, second], fraction) => {
            let nanosecond = fraction.map_or(Some(0), nanoseconds)?;
            Some((Time::new(*hour, *minute, *second, nanosecond).ok()?, true))
        }
        _ => None,
    }
}

/// Nanoseconds from the digits after the decimal sign; digits beyond the ninth are cut off.
fn nanoseconds(fraction: &str) -> Option<i32> {
    number(fraction)?;
    format!("{fraction:0<9.9}").parse().ok()
}

/// Nothing or `Z` for UTC, else `+02:00`, `+0200` or `+02`.
fn offset_from_utc(text: &str) -> Option<Offset> {
    if matches!(text, "" | "Z" | "z") {
        return Some(Offset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.get(1..)?;
    let (hours, minutes) = match digits.len() {
        2 => (digits, "00"),
        4 => digits.split_at_checked(2)?,
        _ => digits.split_once(':')?,
    };
    let (hours, minutes) = (i32::from(two_digits(hours)?), i32::from(two_digits(minutes)?));
    if 23 < hours || 59 < minutes {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// A date without a time, in one of the forms below.
fn calendar_date(text: &str) -> Option<Date> {
    compact_date(text)
        .or_else(|| ['-', '/', '.'].into_iter().find_map(|separator| numeric_date(text, separator)))
        .or_else(|| short_month_date(text))
        .or_else(|| spoken_date(text))
}

/// `yyyyMMdd`
fn compact_date(text: &str) -> Option<Date> {
    let (year, rest) = text.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    date_of(year, i8::try_from(number(month)?).ok()?, day).filter(|_| day.len() == 2)
}

/// `yyyy-MM-dd`
fn iso_date(text: &str) -> Option<Date> {
    numeric_date(text, '-').filter(|_| text.len() == 10 && text.as_bytes()[4] == b'-')
}

/// `yyyy-MM-dd` or `MM-dd-yyyy` with `-`, `/` or `.` for a separator.
fn numeric_date(text: &str, separator: char) -> Option<Date> {
    let [first, second, third] = three(text.split(separator))?;
    let (year, month, day) = if first.len() == 4 { (first, second, third) } else { (third, first, second) };
    date_of(year, month_number(month)?, day)
}

/// `dd-MMM-yyyy` or `yyyy-MMM-dd`
fn short_month_date(text: &str) -> Option<Date> {
    let [first, month, third] = three(text.split('-'))?;
    let (year, day) = if first.len() == 4 { (first, third) } else { (third, first) };
    date_of(year, short_month(month)?, day)
}

/// `MMMM d, yyyy` or `d MMMM yyyy`; the month may be short.
fn spoken_date(text: &str) -> Option<Date> {
    let [first, second, year] = three(text.split(' '))?;
    match second.strip_suffix(',') {
        Some(day) => date_of(year, any_month(first)?, day),
        None => date_of(year, any_month(second)?, first),
    }
}

/// The date of a year with four digits and a day with one or two, if the calendar has it.
fn date_of(year: &str, month: i8, day: &str) -> Option<Date> {
    let has_lengths = year.len() == 4 && (1..=2).contains(&day.len());
    let (year, day) = (i16::try_from(number(year)?).ok()?, i8::try_from(number(day)?).ok()?);
    if has_lengths && year != 0 { Date::new(year, month, day).ok() } else { None }
}

fn month_number(text: &str) -> Option<i8> {
    let month = number(text).filter(|_| text.len() <= 2)?;
    i8::try_from(month).ok()
}

/// The months in English, which dates are written with and groups by month are named by.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn any_month(text: &str) -> Option<i8> {
    let is_text = |name: &str| name.eq_ignore_ascii_case(text);
    let index = MONTHS.iter().position(|month| is_text(month) || is_text(&month[..3]))?;
    i8::try_from(index + 1).ok()
}

fn short_month(text: &str) -> Option<i8> {
    any_month(text).filter(|_| text.len() == 3)
}

fn two_digits(text: &str) -> Option<i8> {
    i8::try_from(number(text).filter(|_| text.len() == 2)?).ok()
}

/// The number of a text that is all digits.
fn number(text: &str) -> Option<u64> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // Only the digits of a fraction can be too many for a number, and those are read as text.
    is_digits.then(|| text.parse().unwrap_or(u64::MAX))
}

fn three<'a>(mut pieces: impl Iterator<Item = &'a str>) -> Option<[&'a str; 3]> {
    let three = [pieces.next()?, pieces.next()?, pieces.next()?];
    pieces.next().is_none().then_some(three)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forms that stand for 13 January 2025 both as a date and, at midnight UTC, as an instant.
    const THE_13TH: [&str; 16] = [
        "2025-01-13",
        "20250113",
        "2025.01.13",
        "2025/01/13",
        "01-13-2025",
        "01/13/2025",
        "01.13.2025",
        "January 13, 2025",
        "Jan 13, 2025",
        "13 January 2025",
        "13 Jan 2025",
        "13-Jan-2025",
        "2025-Jan-13",
        "1/13/2025",
        "2025/1/13",
        "jan 13, 2025",
    ];

    /// What is neither a date nor an instant.
    const NEITHER: [&str; 25] = [
        "",
        "2024",
        "2024-01",
        "2024-13-01",
        "2024-02-31",
        "2023-02-29",
        "13/01/2025",
        "1736726400",
        "1736726400000",
        "yesterday",
        "0000-01-01",
        "12025-01-01",
        "2025-01-13T",
        "2025-01-13T25:00:00",
        "2025-01-13T10:61:00",
        "2025-01-13T10:30:60Z",
        "2025-01-13T10:30:00.",
        "2025-01-13T10:30:00+",
        "2025-01-13T10:30:00+2",
        "2025-01-13T10:30:00+24:00",
        "2025-01-13T10:30:00Z[UTC]",
        "2025-01-13 ",
        "٢٠٢٥-٠١-١٣",
        "2025-01-1é",
        "13 Janvier 2025",
    ];

    #[test]
    fn calendar_forms_are_dates_and_midnights() {
        for text in THE_13TH {
            assert_eq!(date(text).map(|date| date.to_string()).as_deref(), Some("2025-01-13"), "{text}");
            let instant = instant(text).map(|instant| instant.to_string());
            assert_eq!(instant.as_deref(), Some("2025-01-13T00:00:00Z"), "{text}");
        }
        for text in NEITHER {
            assert_eq!(date(text), None, "{text}");
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn dates_drop_times_and_zones() {
        for (text, expected) in [
            ("2025-1-3", Some("2025-01-03")),
            ("2024-02-29", Some("2024-02-29")),
            ("2025-01-13T10:30:00", Some("2025-01-13")),
            ("2025-01-13T10:30:00Z", Some("2025-01-13")),
            ("2025-01-13T10:30:00.123", Some("2025-01-13")),
            ("2025-01-13T10:30:00.123Z", Some("2025-01-13")),
            ("2025-01-13T23:30:00-05:00", Some("2025-01-13")),
            ("2025-01-13 10:30:00", Some("2025-01-13")),
            ("2025-01-13 10:30:00.123", Some("2025-01-13")),
            ("2025-01-03 10:00", None),
            ("2025-01-03T10:00", None),
        ] {
            assert_eq!(date(text).map(|date| date.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn instants_are_utc_without_an_offset_and_cut_to_milliseconds() {
        for (text, expected) in [
            ("2025-01-13T10:30:00Z", Some("2025-01-13T10:30:00Z")),
            ("2025-01-13T10:30:00+02:00", Some("2025-01-13T08:30:00Z")),
            ("2025-01-13T10:30:00-0530", Some("2025-01-13T16:00:00Z")),
            ("2025-01-13T10:30:00+02", Some("2025-01-13T08:30:00Z")),
            ("2025-01-13t10:30:00z", Some("2025-01-13T10:30:00Z")),
            ("2025-01-13T10:30:00", Some("2025-01-13T10:30:00Z")),
            ("2025-01-13T10:30", Some("2025-01-13T10:30:00Z")),
            ("2025-01-13T10:30Z", Some("2025-01-13T10:30:00Z")),
            ("2025-01-13 10:30", Some("2025-01-13T10:30:00Z")),
            ("2025-01-13 10:30:00", Some("2025-01-13T10:30:00Z")),
            ("2025-01-13 10:30:00.5", Some("2025-01-13T10:30:00.5Z")),
            ("2025-01-13T10:30:00.123456789Z", Some("2025-01-13T10:30:00.123Z")),
            ("2025-01-13T10:30:00.1239999999999999999999999Z", Some("2025-01-13T10:30:00.123Z")),
            ("1969-12-31T23:59:59.9999Z", Some("1969-12-31T23:59:59.999Z")),
            ("20250113T103000Z", Some("2025-01-13T10:30:00Z")),
            ("2025-1-3", None),
            ("2025-01-3", None),
            ("0001-01-01T00:00:00+01:00", None),
            ("9999-12-31T23:59:59-01:00", None),
        ] {
            assert_eq!(instant(text).map(|instant| instant.to_string()).as_deref(), expected, "{text}");
        }
    }
}
