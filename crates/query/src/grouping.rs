//! Groups as the doors ask for them: what records are gathered by, and what orders the groups.

use serde_json::{Map, Value as Json};

use crate::calendar::{FirstDay, Granularity};
use crate::error::{PlanError, PlanErrorCode};
use crate::filter::Filter;
use crate::operation::{Direction, OrderKey, SelectedField, Slot, Values};

/// The most groups of an answer unless the request says otherwise (`graphql-core.md` 8.1).
pub const DEFAULT_GROUPS: u64 = 50;

/// The records shown of one group at a time.
const RECORDS_PER_GROUP: i64 = 10;

/// The records that are read of each: one more tells whether there are more.
pub(crate) const READ_PER_GROUP: i64 = RECORDS_PER_GROUP + 1;

/// The most records in a to-many list of a record inside a group.
pub(crate) const CHILDREN_IN_GROUP: u32 = 5;

/// The most things to group by at once.
const MAX_DIMENSIONS: usize = 16;

/// The most criteria of an order of groups.
const MAX_ORDER: usize = 32;

/// A relation, a composite and its part: no path goes deeper.
const MAX_PATH: usize = 3;

/// How records are gathered into groups.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Grouping {
    /// Which records.
    pub filter: Option<Filter>,
    /// What the records of a group have in common.
    pub dimensions: Vec<Dimension>,
    /// The order of the groups; equal ones follow the dimensions.
    pub order: Vec<GroupOrder>,
    /// Whether groups in which a dimension has no value are left out.
    pub omits_missing: bool,
    /// The most groups, as a number among the values; the door has checked and capped it.
    pub limit: Slot,
    /// The order of the records inside a group; the id decides among equals.
    pub record_order: Vec<OrderKey>,
    /// Records of each group to leave out first.
    pub record_offset: Option<Slot>,
}

/// One thing that records are grouped by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dimension {
    /// A field, a composite and its part, or a relation and one of these.
    pub path: Vec<String>,
    /// What of its value counts.
    pub by: DimensionBy,
}

/// What of a value records are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DimensionBy {
    /// The value itself.
    Value,
    /// Each element of a list.
    Elements,
    /// The period that a date falls into.
    Period {
        /// How long it is.
        granularity: Granularity,
        /// What weeks begin with.
        first_day: FirstDay,
        /// The name of the time zone, among the values.
        zone: Option<Slot>,
    },
}

/// One criterion of an order of groups.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GroupOrder {
    /// What is compared.
    pub by: GroupOrderBy,
    /// Which way, and where groups without a value go.
    pub direction: Direction,
}

/// What groups are ordered by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GroupOrderBy {
    /// A figure over the records of each group.
    Figure(String),
    /// A dimension, or a field of a related record whose id is one.
    Path(Vec<String>, Option<Granularity>),
}

/// What of each group an answer holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GroupAnswer {
    /// What a GraphQL document names of a connection.
    Connection(Vec<SelectedField>),
    /// As REST answers: figures, the dimensions' values, and some records.
    Summary {
        /// The names of the figures.
        figures: Vec<String>,
        /// Whether records are shown.
        shows_records: bool,
    },
}

impl Dimension {
    /// Reads the JSON form of a list of dimensions, or of one alone.
    ///
    /// # Errors
    /// When there is none, or one is of the wrong shape.
    pub fn read_all(json: Json, values: &mut Values) -> Result<Vec<Self>, PlanError> {
        let items = list(json);
        if items.is_empty() {
            return Err(invalid("groups need at least one field to group by, such as {\"name\": true}"));
        }
        if MAX_DIMENSIONS < items.len() {
            return Err(invalid(format!("records are grouped by at most {MAX_DIMENSIONS} fields at once")));
        }
        items.into_iter().map(|item| Self::read(item, values)).collect()
    }

    fn read(item: Json, values: &mut Values) -> Result<Self, PlanError> {
        let mut path = Vec::new();
        let mut below = item;
        loop {
            let Json::Object(members) = below else { return Err(not_a_dimension(&path, &below)) };
            let mut members = without_nulls(members);
            if !path.is_empty() && members.contains_key("granularity") && !is_true(&members["granularity"]) {
                let by = read_period(&path, &mut members, values)?;
                return Ok(Self { path, by });
            }
            let [(name, value)] = <[_; 1]>::try_from(Vec::from_iter(members)).map_err(|members| {
                let place = if path.is_empty() { "each item".into() } else { path.join(".") };
                let names: Vec<String> = members.into_iter().map(|(name, _)| name).collect();
                invalid(format!(
                    "{place} must name exactly one field to group by, not [{}]",
                    names.join(", ")
                ))
            })?;
            if name == "unnest" && !path.is_empty() && is_true(&value) {
                return Ok(Self { path, by: DimensionBy::Elements });
            }
            if path.len() == MAX_PATH {
                return Err(invalid(format!("{}: groups follow one relation, not two", path.join("."))));
            }
            path.push(name);
            if is_true(&value) {
                return Ok(Self { path, by: DimensionBy::Value });
            }
            below = value;
        }
    }
}

/// `{granularity: MONTH, timeZone: "Europe/Lisbon", weekStartDay: SUNDAY}`
fn read_period(
    path: &[String],
    members: &mut Map<String, Json>,
    values: &mut Values,
) -> Result<DimensionBy, PlanError> {
    let path = path.join(".");
    let granularity = members.remove("granularity").unwrap_or_default();
    let granularity = read_granularity(&granularity).ok_or_else(|| {
        invalid(format!("{path}: unknown granularity {granularity}; use one of {}", granularities()))
    })?;
    let first_day = match members.remove("weekStartDay") {
        None => FirstDay::default(),
        Some(name) => name.as_str().and_then(FirstDay::from_api_name).ok_or_else(|| {
            invalid(format!("{path}: weekStartDay must be MONDAY, SUNDAY or SATURDAY, not {name}"))
        })?,
    };
    let zone = members.remove("timeZone").map(|name| values.keep(name));
    if let Some(unknown) = members.keys().next() {
        return Err(invalid(format!(
            "{path}: a granularity goes with timeZone and weekStartDay, not {unknown}"
        )));
    }
    Ok(DimensionBy::Period { granularity, first_day, zone })
}

impl GroupOrder {
    /// Reads the JSON form of an order of groups, or of one criterion alone.
    ///
    /// # Errors
    /// When a criterion is of the wrong shape.
    pub fn read_all(json: Json) -> Result<Vec<Self>, PlanError> {
        let mut order = Vec::new();
        for item in list(json) {
            let Json::Object(members) = item else {
                return Err(invalid_order(format!("an order of groups takes objects, not {item}")));
            };
            let members = without_nulls(members);
            if members.is_empty() {
                continue;
            }
            if order.len() == MAX_ORDER {
                return Err(invalid_order(format!("groups are ordered by at most {MAX_ORDER} criteria")));
            }
            order.push(Self::read(members)?);
        }
        Ok(order)
    }

    fn read(members: Map<String, Json>) -> Result<Self, PlanError> {
        let (name, value) = only_criterion(members, "each item")?;
        if let ("aggregate", Json::Object(figures)) = (name.as_str(), &value) {
            let (figure, direction) = only_criterion(without_nulls(figures.clone()), "aggregate")?;
            let direction = read_direction(&figure, &direction)?;
            return Ok(Self { by: GroupOrderBy::Figure(figure), direction });
        }
        let mut path = vec![name];
        let mut below = value;
        loop {
            let members = match below {
                Json::Object(members) => without_nulls(members),
                direction => {
                    let direction = read_direction(&path.join("."), &direction)?;
                    return Ok(Self { by: GroupOrderBy::Path(path, None), direction });
                }
            };
            if members.get("orderBy").is_some_and(Json::is_string)
                || members.get("granularity").is_some_and(Json::is_string)
            {
                return Self::read_date(path, members);
            }
            let (name, value) = only_criterion(members, &path.join("."))?;
            if path.len() == MAX_PATH {
                return Err(invalid_order(format!(
                    "{}: an order follows one relation, not two",
                    path.join(".")
                )));
            }
            path.push(name);
            below = value;
        }
    }

    /// `{orderBy: AscNullsFirst, granularity: MONTH}`
    fn read_date(path: Vec<String>, mut members: Map<String, Json>) -> Result<Self, PlanError> {
        let shown = path.join(".");
        let direction = read_direction(&shown, &members.remove("orderBy").unwrap_or_default())?;
        let granularity = members.remove("granularity").unwrap_or_default();
        let granularity = read_granularity(&granularity).ok_or_else(|| {
            invalid_order(format!(
                "{shown}: the granularity must be that of the grouping, one of {}",
                granularities()
            ))
        })?;
        if let Some(unknown) = members.keys().next() {
            return Err(invalid_order(format!("{shown}: orderBy goes with granularity, not {unknown}")));
        }
        Ok(Self { by: GroupOrderBy::Path(path, Some(granularity)), direction })
    }
}

fn only_criterion(members: Map<String, Json>, place: &str) -> Result<(String, Json), PlanError> {
    let [only] = <[_; 1]>::try_from(Vec::from_iter(members)).map_err(|members| {
        let names: Vec<String> = members.into_iter().map(|(name, _)| name).collect();
        invalid_order(format!(
            "{place} must name exactly one criterion to order groups by, not [{}]",
            names.join(", ")
        ))
    })?;
    Ok(only)
}

fn read_direction(path: &str, value: &Json) -> Result<Direction, PlanError> {
    value.as_str().and_then(Direction::from_api_name).ok_or_else(|| {
        let known = Direction::ALL.map(Direction::api_name).join(", ");
        invalid_order(format!("{path}: unknown direction {value}; use one of {known}"))
    })
}

fn read_granularity(value: &Json) -> Option<Granularity> {
    Granularity::from_api_name(value.as_str()?)
}

pub(crate) fn granularities() -> String {
    Granularity::ALL.map(Granularity::api_name).join(", ")
}

/// A list, or one item alone.
fn list(json: Json) -> Vec<Json> {
    let items = match json {
        Json::Array(items) => items,
        one => vec![one],
    };
    items.into_iter().filter(|item| !item.is_null()).collect()
}

/// Null is the same as absent.
fn without_nulls(members: Map<String, Json>) -> Map<String, Json> {
    members.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

fn is_true(value: &Json) -> bool {
    *value == Json::Bool(true)
}

fn not_a_dimension(path: &[String], found: &Json) -> PlanError {
    match path.is_empty() {
        true => invalid(format!("a field to group by is an object such as {{\"name\": true}}, not {found}")),
        false => invalid(format!("{} takes true or an object, not {found}", path.join("."))),
    }
}

fn invalid(message: impl Into<String>) -> PlanError {
    PlanError::new(PlanErrorCode::InvalidGroupBy, message)
}

fn invalid_order(message: impl Into<String>) -> PlanError {
    PlanError::new(PlanErrorCode::InvalidGroupOrder, message)
}
