//! Plans searches: which objects are in scope, and which of their records may be found.

use fourfold_model::{DataModel, Object};
use indexmap::IndexMap;
use uuid::Uuid;

use super::Condition;
use super::condition::ConditionPlanner;
use crate::bind::{Bind, resolve_all};
use crate::error::PlanError;
use crate::filter::Filter;
use crate::operation::Values;
use crate::search::{Ranks, SearchCursor, SearchWords};

/// What a search asks.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// What was typed; all records where it is nothing but blanks.
    pub input: String,
    /// The most hits.
    pub limit: u32,
    /// Where the page begins.
    pub after: Option<SearchCursor>,
    /// The only objects whose records may be found, searchable or not; all searchable ones where none is
    /// named.
    pub included: Vec<String>,
    /// Objects whose records are not found.
    pub excluded: Vec<String>,
    /// Which records may be found, by `id`, `createdAt`, `updatedAt` and `deletedAt`.
    pub filter: Option<Filter>,
    /// The values that the filter refers to.
    pub values: Values,
}

/// A search over the objects in its scope.
#[derive(Debug)]
pub struct SearchPlan {
    /// The objects with the ids behind which they are searched where ranks are those of the cursor; those
    /// whose hits come first among equals come first.
    pub(crate) scope: IndexMap<Uuid, Uuid>,
    /// The words that are looked for; none for all records.
    pub(crate) words: Option<SearchWords>,
    pub(crate) condition: Condition,
    /// The tables of the objects, where the condition asks for what only they know.
    pub(crate) tables: Vec<(Uuid, String)>,
    pub(crate) after: Option<Ranks>,
    pub(crate) limit: i64,
    values: Values,
}

impl SearchPlan {
    pub(crate) fn resolve(&self, binds: &[Bind]) -> Result<Vec<fourfold_model::Value>, PlanError> {
        resolve_all(binds, &self.values, &[])
    }
}

/// Objects whose records are seen by those alone who see their channel.
const HIDDEN: [&str; 8] = [
    "message",
    "messageThread",
    "messageParticipant",
    "messageChannelMessageAssociation",
    "calendarEvent",
    "calendarEventParticipant",
    "calendarChannelEventAssociation",
    "blocklist",
];

/// Whose hits come first among those of equal rank.
const FIRST: [&str; 5] = ["person", "company", "opportunity", "note", "task"];

/// The fields that a filter of a search may speak of.
const FILTERED: [&str; 4] = ["id", "createdAt", "updatedAt", "deletedAt"];

/// Resolves a search against a model; `None` when nothing can be found by it.
///
/// # Errors
/// When the input is too long, or the filter does not fit.
pub fn plan_search(model: &DataModel, search: &Search) -> Result<Option<SearchPlan>, PlanError> {
    let words = SearchWords::read(&search.input)?;
    let condition = condition(model, search.filter.as_ref())?;
    let mut objects: Vec<&Object> =
        model.objects().iter().map(|object| &**object).filter(|object| is_in_scope(object, search)).collect();
    let priority = |object: &&Object| FIRST.iter().position(|name| *name == object.name_singular);
    objects.sort_by_key(|object| priority(object).unwrap_or(FIRST.len()));
    if objects.is_empty() || words.as_ref().is_some_and(SearchWords::is_vain) {
        return Ok(None);
    }
    let last_id = |object: &Object| {
        let last = search.after.as_ref().and_then(|after| after.last_ids.get(&object.name_singular));
        last.copied().unwrap_or(Uuid::nil())
    };
    let needs_tables = search.filter.as_ref().is_some_and(|filter| filter.mentions("updatedAt"));
    let tables = objects.iter().filter(|_| needs_tables);
    Ok(Some(SearchPlan {
        tables: tables.map(|object| (object.id, object.name_singular.clone())).collect(),
        scope: objects.iter().map(|object| (object.id, last_id(object))).collect(),
        words,
        condition,
        after: search.after.as_ref().map(|after| after.ranks),
        limit: i64::from(search.limit),
        values: search.values.clone(),
    }))
}

fn is_in_scope(object: &Object, search: &Search) -> bool {
    let names = |list: &[String]| list.contains(&object.name_singular);
    let is_included = match search.included.is_empty() {
        true => object.is_searchable,
        false => names(&search.included) && !HIDDEN.contains(&object.name_singular.as_str()),
    };
    is_included && object.is_active && !names(&search.excluded)
}

/// Every object has the fields that a filter may speak of, so any of them stands for all.
fn condition(model: &DataModel, filter: Option<&Filter>) -> Result<Condition, PlanError> {
    let Some(object) = model.objects().first() else { return Ok(Condition::True) };
    let fields = FILTERED.iter().filter_map(|name| object.fields.get_key_value(*name));
    let any = Object {
        name_singular: "search".into(),
        fields: fields.map(|(name, field)| (name.clone(), field.clone())).collect(),
        ..Object::clone(object)
    };
    ConditionPlanner::new(model).live(&any, filter)
}
