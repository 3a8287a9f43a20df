//! Days, the periods that they fall into, and what clocks of a time zone show.
//!
//! Days are counted from 1970-01-01 in the proleptic Gregorian calendar. Databases know time zones from
//! tables of many ages, so they get the offsets of a zone with the request that names it
//! (`docs/decisions/time-zones.md`).

use std::sync::LazyLock;

use fourfold_model::MONTHS;
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// How finely dates are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named as on the wire")]
pub enum Granularity {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    DayOfTheWeek,
    MonthOfTheYear,
    QuarterOfTheYear,
    None,
}

impl Granularity {
    /// Every granularity, in the order messages list them.
    pub const ALL: [Self; 9] = [
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Quarter,
        Self::Year,
        Self::DayOfTheWeek,
        Self::MonthOfTheYear,
        Self::QuarterOfTheYear,
        Self::None,
    ];

    /// The name on the wire.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::Day => "DAY",
            Self::Week => "WEEK",
            Self::Month => "MONTH",
            Self::Quarter => "QUARTER",
            Self::Year => "YEAR",
            Self::DayOfTheWeek => "DAY_OF_THE_WEEK",
            Self::MonthOfTheYear => "MONTH_OF_THE_YEAR",
            Self::QuarterOfTheYear => "QUARTER_OF_THE_YEAR",
            Self::None => "NONE",
        }
    }

    /// The granularity with this name.
    pub fn from_api_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|granularity| granularity.api_name() == name)
    }

    /// Whether instants are put on a calendar, which differs from one time zone to the other.
    pub(crate) fn is_calendar(self) -> bool {
        matches!(self, Self::Day | Self::Week | Self::Month | Self::Quarter | Self::Year)
    }

    /// The period that days fall into, for weeks that begin with `first_day`.
    pub(crate) fn period(self, first_day: FirstDay) -> Option<Period> {
        Some(match self {
            Self::Day => Period::Day,
            Self::Week => match first_day {
                FirstDay::Monday => Period::WeekFromMonday,
                FirstDay::Sunday => Period::WeekFromSunday,
                FirstDay::Saturday => Period::WeekFromSaturday,
            },
            Self::Month => Period::Month,
            Self::Quarter => Period::Quarter,
            Self::Year => Period::Year,
            Self::DayOfTheWeek => Period::DayOfTheWeek,
            Self::MonthOfTheYear => Period::MonthOfTheYear,
            Self::QuarterOfTheYear => Period::QuarterOfTheYear,
            Self::None => return None,
        })
    }
}

/// The day that a week begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named as on the wire")]
pub enum FirstDay {
    #[default]
    Monday,
    Sunday,
    Saturday,
}

impl FirstDay {
    /// The first day with this name on the wire.
    pub fn from_api_name(name: &str) -> Option<Self> {
        Some(match name {
            "MONDAY" => Self::Monday,
            "SUNDAY" => Self::Sunday,
            "SATURDAY" => Self::Saturday,
            _ => return None,
        })
    }
}

/// What days are gathered into. A period is the number of its first day or, where it recurs, its place
/// among the days, months or quarters, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each name says it")]
pub enum Period {
    Day,
    WeekFromMonday,
    WeekFromSunday,
    WeekFromSaturday,
    Month,
    Quarter,
    Year,
    DayOfTheWeek,
    MonthOfTheYear,
    QuarterOfTheYear,
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

const QUARTERS: [&str; 4] = ["Q1", "Q2", "Q3", "Q4"];

impl Period {
    /// Every period.
    pub const ALL: [Self; 10] = [
        Self::Day,
        Self::WeekFromMonday,
        Self::WeekFromSunday,
        Self::WeekFromSaturday,
        Self::Month,
        Self::Quarter,
        Self::Year,
        Self::DayOfTheWeek,
        Self::MonthOfTheYear,
        Self::QuarterOfTheYear,
    ];

    /// The period that a day falls into.
    pub fn of_day(self, day: i64) -> i64 {
        let (year, month, day_of_month) = civil_date(day);
        let quarter = (month - 1) / 3 + 1;
        match self {
            Self::Day => day,
            // 1970-01-01 was a Thursday.
            Self::WeekFromMonday => day - (day + 3).rem_euclid(7),
            Self::WeekFromSunday => day - (day + 4).rem_euclid(7),
            Self::WeekFromSaturday => day - (day + 5).rem_euclid(7),
            Self::Month => day - day_of_month + 1,
            Self::Quarter => day_number(year, quarter * 3 - 2),
            Self::Year => day_number(year, 1),
            Self::DayOfTheWeek => (day + 3).rem_euclid(7) + 1,
            Self::MonthOfTheYear => month,
            Self::QuarterOfTheYear => quarter,
        }
    }

    /// The period with this name in statements.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::WeekFromMonday => "week from monday",
            Self::WeekFromSunday => "week from sunday",
            Self::WeekFromSaturday => "week from saturday",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::DayOfTheWeek => "day of the week",
            Self::MonthOfTheYear => "month of the year",
            Self::QuarterOfTheYear => "quarter of the year",
        }
    }

    /// What recurring periods are called, from the first on; none for those that begin on a day of their own.
    pub(crate) fn names(self) -> Option<&'static [&'static str]> {
        match self {
            Self::DayOfTheWeek => Some(&WEEKDAYS),
            Self::MonthOfTheYear => Some(&MONTHS),
            Self::QuarterOfTheYear => Some(&QUARTERS),
            Self::Day
            | Self::WeekFromMonday
            | Self::WeekFromSunday
            | Self::WeekFromSaturday
            | Self::Month
            | Self::Quarter
            | Self::Year => None,
        }
    }
}

const MILLIS_PER_DAY: i64 = 86_400_000;

/// The day on which clocks show an instant: `starts` are the instants, in milliseconds, from which on they
/// are ahead of UTC by the seconds at the same place in `offsets`.
pub fn local_day(millis: i64, starts: &[i64], offsets: &[i64]) -> Option<i64> {
    let place = starts.partition_point(|start| *start <= millis).checked_sub(1)?;
    Some((millis + offsets.get(place)? * 1000).div_euclid(MILLIS_PER_DAY))
}

/// The day of an instant in UTC.
pub fn utc_day(millis: i64) -> i64 {
    millis.div_euclid(MILLIS_PER_DAY)
}

/// The zones that this program knows, whatever the machine does: servers on one database must agree.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The year 1, before which no record has an instant.
const FIRST_INSTANT_SECONDS: i64 = -62_135_596_800;

/// The year 2200. Until then rules of summer time are followed; who knows them for longer?
const LAST_CHANGE_SECONDS: i64 = 7_258_118_400;

/// When the offsets from UTC of the zone with this name begin, and what they are in seconds; none when
/// there is no such zone. Letters must have the case of the IANA's name.
pub(crate) fn zone_offsets(name: &str) -> Option<(Vec<Timestamp>, Vec<i64>)> {
    let zone: TimeZone = ZONES.get(name).ok()?;
    if zone.iana_name() != Some(name) || zone.is_unknown() {
        return None;
    }
    let first = Timestamp::from_second(FIRST_INSTANT_SECONDS).ok()?;
    let mut starts = vec![first];
    let mut offsets = vec![i64::from(zone.to_offset(first).seconds())];
    let changes =
        zone.following(first).take_while(|change| change.timestamp().as_second() < LAST_CHANGE_SECONDS);
    for change in changes {
        starts.push(change.timestamp());
        offsets.push(change.offset().seconds().into());
    }
    Some((starts, offsets))
}

/// Years begin in March here, so that the leap day is the last of its year.
const DAYS_TO_MARCH_0000: i64 = 719_468;
const DAYS_IN_400_YEARS: i64 = 146_097;

/// Year, month and day of a day.
pub(crate) fn civil_date(day: i64) -> (i64, i64, i64) {
    let days = day + DAYS_TO_MARCH_0000;
    let (era, day_of_era) = (days.div_euclid(DAYS_IN_400_YEARS), days.rem_euclid(DAYS_IN_400_YEARS));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// The first day of a month.
fn day_number(year: i64, month: i64) -> i64 {
    let (year, month_from_march) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month_from_march + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_IN_400_YEARS + day_of_era - DAYS_TO_MARCH_0000
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::{self, Date, Weekday};

    use super::*;

    fn day(date: Date) -> i64 {
        i64::from(date.since(civil::date(1970, 1, 1)).unwrap().get_days())
    }

    fn first_of(date: Date, weekday: Weekday) -> Date {
        if date.weekday() == weekday { date } else { date.nth_weekday(-1, weekday).unwrap() }
    }

    #[test]
    fn periods_are_those_of_the_calendar() {
        // Every day of leap years, centuries and the edges of what records hold.
        for year in [-1, 0, 1, 4, 1600, 1899, 1900, 1969, 1970, 2000, 2023, 2024, 2100, 9998] {
            let mut date = civil::date(year, 1, 1);
            while date.year() == year {
                let number = day(date);
                let quarter = (date.month() - 1) / 3;
                for (period, expected) in [
                    (Period::Day, number),
                    (Period::WeekFromMonday, day(first_of(date, Weekday::Monday))),
                    (Period::WeekFromSunday, day(first_of(date, Weekday::Sunday))),
                    (Period::WeekFromSaturday, day(first_of(date, Weekday::Saturday))),
                    (Period::Month, day(date.first_of_month())),
                    (Period::Quarter, day(civil::date(year, quarter * 3 + 1, 1))),
                    (Period::Year, day(date.first_of_year())),
                    (Period::DayOfTheWeek, date.weekday().to_monday_one_offset().into()),
                    (Period::MonthOfTheYear, date.month().into()),
                    (Period::QuarterOfTheYear, i64::from(quarter) + 1),
                ] {
                    assert_eq!(period.of_day(number), expected, "{period:?} of {date}");
                }
                date = date.checked_add(1.day()).unwrap();
            }
        }
    }

    #[test]
    fn days_are_those_that_clocks_show() {
        for name in [
            "UTC",
            "Europe/Berlin",
            "America/St_Johns",
            "Africa/Casablanca",
            "Pacific/Apia",
            "Asia/Kathmandu",
        ] {
            let zone = ZONES.get(name).unwrap();
            let (starts, offsets) = zone_offsets(name).unwrap();
            let millis: Vec<i64> = starts.iter().map(|start| start.as_millisecond()).collect();
            // Around each change, and at instants between them.
            let instants =
                millis.iter().flat_map(|change| [-1, 0, 1, 3_599_999, 40_000_000_000].map(|by| change + by));
            for instant in instants.filter(|instant| FIRST_INSTANT_SECONDS * 1000 <= *instant) {
                let timestamp = Timestamp::from_millisecond(instant).unwrap();
                let expected = day(timestamp.to_zoned(zone.clone()).date());
                if timestamp.as_second() < LAST_CHANGE_SECONDS {
                    assert_eq!(
                        local_day(instant, &millis, &offsets),
                        Some(expected),
                        "{timestamp} in {name}"
                    );
                }
            }
        }
    }

    #[test]
    fn only_names_of_the_iana_are_zones() {
        for name in
            ["UTC", "Etc/UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Asia/Calcutta", "EST5EDT"]
        {
            assert!(zone_offsets(name).is_some(), "{name}");
        }
        for name in [
            "",
            "utc",
            "europe/berlin",
            "Berlin",
            "+02:00",
            "Etc/Unknown",
            "posix/UTC",
            "right/UTC",
            "Z",
            "../UTC",
        ] {
            assert!(zone_offsets(name).is_none(), "{name}");
        }
    }
}
