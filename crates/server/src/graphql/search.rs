//! The root field `search`: arguments in, a connection of hits out.
//!
//! Unlike record fields it is validated as the specification has it (`graphql-core.md` 9).

use fourfold_query::filter::Filter;
use fourfold_query::operation::{SelectedField, Values};
use fourfold_query::plan::Search;
use fourfold_query::search::SearchCursor;
use serde_json::{Map, Value as Json, json};

use super::selection::{Root, SelectionReader};
use crate::accounts::Caller;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::records::search::{Hit, SearchAnswer, search};

/// The name of the root field. No object can have it.
pub(super) const ROOT: &str = "search";

/// The most hits of one page.
const MAX_LIMIT: u64 = 100;

/// The JSON text of the answer, and what was selected that does not exist.
pub(super) async fn run<'d>(
    caller: &Caller,
    reader: &mut SelectionReader<'_, 'd>,
    root: &Root<'d>,
) -> ApiResult<(Vec<u8>, Vec<String>)> {
    let asked = read_arguments(root.arguments.clone())?;
    if root.is_leaf() {
        return Err(needs_selection(ROOT));
    }
    let selection = reader.below(root, &mut Values::default())?;
    let answer = search(&caller.reader()?, &asked).await?;
    let mut warnings = Vec::new();
    let shown = select(&connection(&answer), CONNECTION, &selection, &mut warnings)?;
    Ok((shown.to_string().into_bytes(), warnings))
}

fn read_arguments(mut given: Map<String, Json>) -> ApiResult<Search> {
    let mut values = Values::default();
    let asked = Search {
        input: text(given.remove("searchInput"), "searchInput")?.ok_or_else(|| missing("searchInput"))?,
        limit: limit(given.remove("limit"))?,
        after: text(given.remove("after"), "after")?
            .filter(|text| !text.is_empty())
            .map(cursor)
            .transpose()?,
        included: names(given.remove("includedObjectNameSingulars"), "includedObjectNameSingulars")?,
        excluded: names(given.remove("excludedObjectNameSingulars"), "excludedObjectNameSingulars")?,
        filter: given.remove("filter").map(|filter| read_filter(filter, &mut values)).transpose()?,
        values,
    };
    match given.keys().next() {
        None => Ok(asked),
        Some(unknown) => Err(invalid(format!("Unknown argument {unknown:?} on field \"Query.search\""))),
    }
}

fn text(value: Option<Json>, name: &str) -> ApiResult<Option<String>> {
    match value {
        None => Ok(None),
        Some(Json::String(text)) if !text.contains('\0') => Ok(Some(text)),
        Some(other) => Err(invalid(format!("{name} must be a text without NUL characters, not {other}"))),
    }
}

fn limit(value: Option<Json>) -> ApiResult<u32> {
    let value = value.ok_or_else(|| missing("limit"))?;
    let limit =
        value.as_u64().filter(|limit| *limit <= MAX_LIMIT).and_then(|limit| u32::try_from(limit).ok());
    limit.ok_or_else(|| invalid(format!("limit must be a whole number from 0 to {MAX_LIMIT}, not {value}")))
}

fn cursor(text: String) -> ApiResult<SearchCursor> {
    SearchCursor::decode(&text).map_err(|error| ApiError::new(ErrorCode::MalformedCursor, error.to_string()))
}

/// A list of names; one alone counts as a list of one.
fn names(value: Option<Json>, argument: &str) -> ApiResult<Vec<String>> {
    let items = match value {
        None => return Ok(Vec::new()),
        Some(Json::Array(items)) => items,
        Some(one) => vec![one],
    };
    let names = items.into_iter().map(|item| match item {
        Json::String(name) => Ok(name),
        other => Err(invalid(format!("{argument} takes names of objects, not {other}"))),
    });
    names.collect()
}

fn read_filter(filter: Json, values: &mut Values) -> ApiResult<Filter> {
    Filter::from_json(filter, values)
        .map_err(|error| ApiError::new(ErrorCode::InvalidArgsFilter, error.to_string()))
}

fn missing(argument: &str) -> ApiError {
    invalid(format!("Argument {argument:?} is required on field \"Query.search\""))
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::GraphqlValidationFailed, message)
}

const CONNECTION: &str = "SearchResultConnection";

/// The type of what `member` of an object of type `parent` holds; `None` where that has no members.
fn type_below(parent: &str, member: &str) -> Option<&'static str> {
    Some(match (parent, member) {
        (CONNECTION, "edges") => "SearchResultEdge",
        (CONNECTION, "pageInfo") => "SearchResultPageInfo",
        ("SearchResultEdge", "node") => "SearchRecord",
        _ => return None,
    })
}

/// Everything that may be selected of an answer; at most 100 hits, so nothing is saved by less.
fn connection(answer: &SearchAnswer) -> Json {
    let edges: Vec<Json> = answer.hits.iter().map(edge).collect();
    let end = edges.last().map_or(Json::Null, |edge| edge["cursor"].clone());
    json!({"edges": edges, "pageInfo": {"endCursor": end, "hasNextPage": answer.has_next}})
}

fn edge(hit: &Hit) -> Json {
    json!({
        "cursor": hit.cursor.encode(),
        "node": {
            "recordId": hit.id.to_string(),
            "objectNameSingular": hit.object,
            "objectLabelSingular": hit.object_label,
            "label": hit.label,
            "imageUrl": hit.image,
            "tsRankCD": hit.ranks.all_json(),
            "tsRank": hit.ranks.any_json(),
        },
    })
}

fn needs_selection(name: &str) -> ApiError {
    invalid(format!("{name} needs a selection of fields"))
}

/// What is selected of a value of this type.
fn select(
    value: &Json,
    type_name: &str,
    selection: &[SelectedField],
    warnings: &mut Vec<String>,
) -> ApiResult<Json> {
    let members = match value {
        Json::Array(items) => {
            let items = items.iter().map(|item| select(item, type_name, selection, warnings));
            return items.collect::<ApiResult<_>>().map(Json::Array);
        }
        value => value.as_object(),
    };
    let mut shown = Map::new();
    for field in selection {
        let value = match (members.and_then(|members| members.get(&field.name)), field.name.as_str()) {
            (Some(value), name) => match type_below(type_name, name) {
                Some(_) if field.is_leaf() => return Err(needs_selection(name)),
                Some(below) => select(value, below, &field.selection, warnings)?,
                None if field.is_leaf() => value.clone(),
                None => return Err(invalid(format!("{type_name}.{name} has no fields to select"))),
            },
            (None, "__typename") => type_name.into(),
            (None, name) => {
                let warning = format!("{type_name} has no field {name}");
                if !warnings.contains(&warning) {
                    warnings.push(warning);
                }
                Json::Null
            }
        };
        shown.insert(field.key.clone(), value);
    }
    Ok(Json::Object(shown))
}
