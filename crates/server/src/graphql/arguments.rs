//! Arguments of fields become the parts of an operation.

use fourfold_model::RecordId;
use fourfold_query::cursor;
use fourfold_query::filter::Filter;
use fourfold_query::operation::{
    CursorKeys, DEFAULT_CHILDREN, Direction, Listing, Merge, OrderKey, Page, Probes, RecordData, Values,
};
use serde_json::{Map, Value as Json};

use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::records::{MergeInput, read_probes};

/// Records of a list unless the request says otherwise (`graphql-core.md` 4.1).
const DEFAULT_FIRST: u64 = 200;

/// The most records of one list. The contract has no limit; this one keeps an answer in bounds, and
/// `hasNextPage` tells that there is more.
const MAX_FIRST: u64 = 10_000;

/// How deep an order may nest: a relation, a composite, a part.
const MAX_ORDER_DEPTH: usize = 4;

/// The arguments of one field, taken one by one; what is left over is unknown.
pub(crate) struct Arguments<'a> {
    field: &'a str,
    given: Map<String, Json>,
}

impl<'a> Arguments<'a> {
    pub(crate) fn new(field: &'a str, given: Map<String, Json>) -> Self {
        Self { field, given }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Json> {
        self.given.remove(name)
    }

    /// # Errors
    /// When an argument was given that nothing took.
    pub(crate) fn finish(self) -> ApiResult<()> {
        match self.given.keys().next() {
            None => Ok(()),
            Some(unknown) => Err(invalid(format!("{} has no argument {unknown}", self.field))),
        }
    }

    pub(crate) fn filter(&mut self, values: &mut Values) -> ApiResult<Option<Filter>> {
        let Some(filter) = self.take("filter") else { return Ok(None) };
        let filter = Filter::from_json(filter, values)
            .map_err(|error| ApiError::new(ErrorCode::InvalidArgsFilter, error.to_string()))?;
        Ok(Some(filter))
    }

    /// A filter that must say something.
    pub(crate) fn required_filter(&mut self, values: &mut Values) -> ApiResult<Filter> {
        match self.filter(values)? {
            Some(Filter::Members(members)) if members.is_empty() => {
                Err(invalid(format!("{} needs a filter that is not empty", self.field)))
            }
            Some(filter) => Ok(filter),
            None => Err(invalid(format!("{} needs a filter", self.field))),
        }
    }

    pub(crate) fn id(&mut self) -> ApiResult<RecordId> {
        let id = self.take("id").ok_or_else(|| invalid(format!("{} needs an id", self.field)))?;
        id.as_str()
            .and_then(RecordId::parse)
            .ok_or_else(|| invalid(format!("{}: {id} is not a UUID", self.field)))
    }

    pub(crate) fn record(&mut self) -> ApiResult<RecordData> {
        match self.take("data") {
            Some(Json::Object(data)) => Ok(data),
            Some(_) => Err(invalid(format!("{}: data must be an object", self.field))),
            None => Err(invalid(format!("{} needs data", self.field))),
        }
    }

    pub(crate) fn records(&mut self) -> ApiResult<Vec<RecordData>> {
        let Some(Json::Array(items)) = self.take("data") else {
            return Err(invalid(format!("{} needs data, a list of objects", self.field)));
        };
        let records = items.into_iter().map(|item| match item {
            Json::Object(data) => Ok(data),
            _ => Err(invalid(format!("{}: every item of data must be an object", self.field))),
        });
        records.collect()
    }

    /// What duplicates are looked for of.
    pub(crate) fn probes(&mut self, values: &mut Values) -> ApiResult<Probes> {
        read_probes(self.take("ids"), self.take("data"), values)
    }

    /// What is to become one record.
    pub(crate) fn merge(&mut self) -> ApiResult<Merge> {
        let input = MergeInput {
            ids: self.take("ids"),
            conflict_priority_index: self.take("conflictPriorityIndex"),
            dry_run: self.take("dryRun"),
        };
        input.read()
    }

    /// A flag; absent is false.
    pub(crate) fn flag(&mut self, name: &'static str) -> ApiResult<bool> {
        match self.take(name) {
            None => Ok(false),
            Some(Json::Bool(flag)) => Ok(flag),
            Some(_) => Err(invalid(format!("{}: {name} must be true or false", self.field))),
        }
    }

    /// Filter, order and page of a connection.
    pub(crate) fn listing(&mut self, default_first: u64, values: &mut Values) -> ApiResult<Listing> {
        let filter = self.filter(values)?;
        let order = self.order("orderBy")?;
        Ok(Listing { filter, order, page: self.page(default_first, values)? })
    }

    /// The order of records that an argument holds.
    pub(super) fn order(&mut self, name: &str) -> ApiResult<Vec<OrderKey>> {
        self.take(name).map_or_else(|| Ok(Vec::new()), |order| read_order(name, order))
    }

    fn page(&mut self, default_first: u64, values: &mut Values) -> ApiResult<Page> {
        let first = self.count("first", ErrorCode::InvalidArgsFirst)?;
        let last = self.count("last", ErrorCode::InvalidArgsLast)?;
        let offset = self.count("offset", ErrorCode::InvalidQueryInput)?;
        let (after, before) = (self.cursor_text("after")?, self.cursor_text("before")?);
        for (conflicts, names) in [
            (first.is_some() && last.is_some(), "first and last"),
            (after.is_some() && before.is_some(), "after and before"),
            (before.is_some() && first.is_some(), "before and first"),
            (after.is_some() && last.is_some(), "after and last"),
        ] {
            if conflicts {
                return Err(ApiError::new(ErrorCode::ArgsConflict, format!("{names} exclude each other")));
            }
        }
        let limit = first.or(last).unwrap_or(default_first).min(MAX_FIRST);
        Ok(Page {
            limit: values.keep(limit.into()),
            offset: offset.map(|offset| values.keep(offset.into())),
            cursor: match (after, before) {
                (Some(after), _) => Some(read_cursor(&after, false, values)?),
                (None, Some(before)) => Some(read_cursor(&before, true, values)?),
                (None, None) => None,
            },
        })
    }

    pub(super) fn count(&mut self, name: &str, negative: ErrorCode) -> ApiResult<Option<u64>> {
        let Some(value) = self.take(name) else { return Ok(None) };
        match (value.as_u64(), value.as_i64()) {
            (Some(count), _) => Ok(Some(count.min(i64::MAX.unsigned_abs() - 1))),
            (None, Some(_)) => Err(ApiError::new(negative, format!("{name} must not be negative"))),
            (None, None) => Err(invalid(format!("{name} must be a whole number, not {value}"))),
        }
    }

    fn cursor_text(&mut self, name: &str) -> ApiResult<Option<String>> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(other) => Err(invalid(format!("{name} must be a cursor, not {other}"))),
        }
    }
}

/// The arguments of a connection at the root.
pub(crate) fn root_listing(arguments: &mut Arguments<'_>, values: &mut Values) -> ApiResult<Listing> {
    arguments.listing(DEFAULT_FIRST, values)
}

/// The arguments of a connection below a record.
pub(crate) fn nested_listing(
    field: &str,
    given: Map<String, Json>,
    values: &mut Values,
) -> ApiResult<Listing> {
    let mut arguments = Arguments::new(field, given);
    let listing = arguments.listing(u64::from(DEFAULT_CHILDREN), values)?;
    arguments.finish()?;
    Ok(listing)
}

fn read_cursor(text: &str, backward: bool, values: &mut Values) -> ApiResult<CursorKeys> {
    cursor::decode(text, backward, values)
        .map_err(|error| ApiError::new(ErrorCode::MalformedCursor, error.to_string()))
}

/// A list of orders, or one: `[{name: {lastName: AscNullsLast}}]`.
fn read_order(argument: &str, order: Json) -> ApiResult<Vec<OrderKey>> {
    let items = match order {
        Json::Array(items) => items,
        one => vec![one],
    };
    let mut keys = Vec::new();
    for item in items.into_iter().filter(|item| !item.is_null()) {
        if !item.is_object() {
            return Err(invalid(format!("{argument} takes objects of fields and directions, not {item}")));
        }
        read_order_below(argument, &mut Vec::new(), item, &mut keys)?;
    }
    Ok(keys)
}

fn read_order_below(
    argument: &str,
    path: &mut Vec<String>,
    value: Json,
    keys: &mut Vec<OrderKey>,
) -> ApiResult<()> {
    match value {
        Json::Null => Ok(()),
        Json::String(name) => {
            let direction = Direction::from_api_name(&name).ok_or_else(|| {
                let known: Vec<&str> = Direction::ALL.iter().map(|direction| direction.api_name()).collect();
                invalid(format!("{argument}: unknown direction {name}; use one of {}", known.join(", ")))
            })?;
            keys.push(OrderKey { path: path.clone(), direction });
            Ok(())
        }
        Json::Object(members) if path.len() < MAX_ORDER_DEPTH => {
            for (name, below) in members {
                path.push(name);
                read_order_below(argument, path, below, keys)?;
                path.pop();
            }
            Ok(())
        }
        other => Err(invalid(format!("{argument}: {} takes a direction, not {other}", path.join(".")))),
    }
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidQueryInput, message)
}
