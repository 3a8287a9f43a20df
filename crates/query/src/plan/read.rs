//! Plans reads: one statement for the records with their to-one relations, one for each to-many path.

use fourfold_model::{DataModel, FieldRef, Object, Scalar, Value};

use super::condition::ConditionPlanner;
use super::duplicates::{self, MAX_DUPLICATES};
use super::group::plan_groups;
use super::order::{OrderedBy, keyset, plan_order, terms};
use super::selection::{Columns, SelectionPlanner};
use super::write::value_columns;
use super::{ChildPlan, ColumnRef, Condition, ReadPlan, RowsPlan, Source};
use crate::bind::Bind;
use crate::error::{PlanError, PlanErrorCode};
use crate::filter::Filter;
use crate::json::key_text;
use crate::operation::{Answer, Listing, Page, Read, Scope, SelectedField, Selection};
use crate::shape::{CursorPiece, Cut};
use crate::sql::Alias;

/// The table that a statement is about; every statement numbers its own.
pub(super) const ROOT: Alias = Alias::table(0);

/// Resolves a read against a model. The second part names selected fields that do not exist.
///
/// # Errors
/// When the object, a field, an operator or a cursor key does not exist, or limits are exceeded.
pub fn plan_read(model: &DataModel, read: &Read) -> Result<(ReadPlan, Vec<String>), PlanError> {
    let object = model.by_singular(&read.object).ok_or_else(|| unknown_object(&read.object))?;
    if let (Scope::Groups(grouping), Answer::Groups(answer)) = (&read.scope, &read.answer) {
        return plan_groups(model, object, grouping, answer);
    }
    let mut selection = SelectionPlanner::new(model);
    if let Scope::Merged { ids } = read.scope {
        selection.merged = Some(duplicates::id_list(ids));
    }
    let is_one = matches!(
        read.scope,
        Scope::One(_) | Scope::Written { one: true } | Scope::Locked | Scope::Merged { .. }
    );
    let answer = selection.answer(object, &read.answer, is_one)?;
    let (rows, cut) = match &read.scope {
        Scope::Page(listing) => {
            let limit = Bind::number(listing.page.limit, 1);
            let condition = ConditionPlanner::new(model).live(object, listing.filter.as_ref())?;
            listed(&mut selection, object, listing, condition, Source::Table, limit, &read.answer)?
        }
        Scope::One(filter) => {
            let condition = ConditionPlanner::new(model).live(object, filter.as_ref())?;
            let limit = Some(Bind::Constant(Value::Integer(1)));
            (rows(&mut selection, object, condition, Source::Table, limit), Cut::default())
        }
        Scope::Written { .. } | Scope::Locked | Scope::Groups(_) => {
            let mut rows = rows(&mut selection, object, Condition::True, Source::Ids, None);
            rows.is_locked = read.scope == Scope::Locked;
            (rows, Cut::default())
        }
        Scope::Duplicates(probes) => {
            let source = Source::Duplicates(duplicates::plan(object, *probes));
            let limit = Bind::Constant(Value::Integer(MAX_DUPLICATES + 1));
            let listing = Listing::default();
            listed(&mut selection, object, &listing, Condition::True, source, limit, &read.answer)?
        }
        Scope::Merged { .. } => {
            let source = Source::Values(value_columns(object).collect());
            (rows(&mut selection, object, Condition::True, source, None), Cut::default())
        }
    };
    let has_totals = matches!(read.scope, Scope::Page(_) | Scope::Duplicates(_));
    let totals = selection.totals.take().filter(|_| has_totals);
    let warnings = std::mem::take(&mut selection.warnings);
    let tag = selection.tag.take();
    Ok((
        ReadPlan { rows, groups: None, totals, children: selection.take_children(), answer, cut, tag },
        warnings,
    ))
}

pub(super) fn unknown_object(name: &str) -> PlanError {
    PlanError::new(PlanErrorCode::UnknownObject, format!("object `{name}` does not exist"))
}

/// Plans the related records of one path. `limit` stands where the request names none.
pub(super) fn plan_children(
    selection: &mut SelectionPlanner<'_>,
    opposite: FieldRef<'_>,
    listing: &Listing,
    limit: Option<u32>,
    answer: &Answer,
) -> Result<ChildPlan, PlanError> {
    let model = selection.model;
    let object = opposite.object;
    let shape = selection.answer(object, answer, false)?;
    let condition = ConditionPlanner::new(model).live(object, listing.filter.as_ref())?;
    let limit = match limit {
        Some(fixed) => Bind::Constant(Value::Integer(i64::from(fixed) + 1)),
        None => Bind::Number { slot: listing.page.limit, plus: 1, most: selection.most_children() },
    };
    let parent_column = super::condition::only_target(opposite.field).column;
    let source = Source::Parents(parent_column);
    let (rows, cut) = listed(selection, object, listing, condition, source, limit, answer)?;
    Ok(ChildPlan { rows, totals: selection.totals.take(), answer: shape, cut })
}

/// Plans the statement that finds related records by their ids.
pub(super) fn plan_lookup(
    selection: &mut SelectionPlanner<'_>,
    object: &Object,
    wanted: &Selection,
) -> Result<ChildPlan, PlanError> {
    let answer = selection.answer(object, &Answer::Records(wanted.clone()), true)?;
    let condition = ConditionPlanner::new(selection.model).live(object, None)?;
    let rows = rows(selection, object, condition, Source::Parents("id".into()), None);
    Ok(ChildPlan { rows, totals: None, answer, cut: Cut::default() })
}

/// Rows of an ordered, cut list.
fn listed(
    selection: &mut SelectionPlanner<'_>,
    object: &Object,
    listing: &Listing,
    condition: Condition,
    source: Source,
    limit: Bind,
    answer: &Answer,
) -> Result<(RowsPlan, Cut), PlanError> {
    let model = selection.model;
    let Page { offset, cursor, .. } = &listing.page;
    let order = plan_order(model, object, ROOT, &listing.order, &mut selection.joins)?;
    let backward = cursor.as_ref().is_some_and(|cursor| cursor.backward);
    let keyset = match cursor {
        Some(cursor) => keyset(&order, cursor)?,
        None => Condition::True,
    };
    let shows_cursors = shows_cursors(answer, &source);
    let pieces = if shows_cursors { cursor_pieces(&order, &mut selection.columns) } else { Vec::new() };
    let cut = Cut { backward, has_cursor: cursor.is_some(), cursor: pieces };
    let mut rows = rows(selection, object, condition, source, Some(limit));
    rows.keyset = keyset;
    rows.order = terms(&order, backward);
    rows.offset = offset.map(|slot| Bind::number(slot, 0));
    Ok((rows, cut))
}

/// Whether anybody reads the cursors of a list: those of REST pages always, of connections where they
/// are selected, of lists inside REST records never.
fn shows_cursors(answer: &Answer, source: &Source) -> bool {
    match answer {
        Answer::Records(_) => *source == Source::Table,
        Answer::Connection(fields) => connection_shows_cursors(fields),
        Answer::Item { .. } => true,
        Answer::Groups(_) => false,
    }
}

pub(super) fn connection_shows_cursors(fields: &[SelectedField]) -> bool {
    fields.iter().any(|field| match field.name.as_str() {
        "pageInfo" => true,
        "edges" => field.selection.iter().any(|below| below.name == "cursor"),
        _ => false,
    })
}

pub(super) fn rows(
    selection: &mut SelectionPlanner<'_>,
    object: &Object,
    condition: Condition,
    source: Source,
    limit: Option<Bind>,
) -> RowsPlan {
    RowsPlan {
        object: object.id,
        table: object.name_singular.clone(),
        alias: ROOT,
        source,
        joins: std::mem::take(&mut selection.joins).0,
        columns: std::mem::take(&mut selection.columns).list,
        condition,
        keyset: Condition::True,
        order: Vec::new(),
        limit,
        offset: None,
        is_locked: false,
        merged: None,
    }
}

impl ConditionPlanner<'_> {
    /// What `filter` asks, of live records alone unless it speaks of `deletedAt` itself.
    pub(super) fn live(&mut self, object: &Object, filter: Option<&Filter>) -> Result<Condition, PlanError> {
        let asked = match filter {
            Some(filter) => self.plan(object, ROOT, filter)?,
            None => Condition::True,
        };
        if filter.is_some_and(Filter::mentions_deleted_at) {
            return Ok(asked);
        }
        let live = Condition::IsNull(ColumnRef { alias: ROOT, column: "deletedAt".into() });
        Ok(Condition::all([live, asked]))
    }
}

/// The JSON of a cursor: the order's values, nested as their paths are.
pub(super) fn cursor_pieces(order: &[OrderedBy<'_>], columns: &mut Columns) -> Vec<CursorPiece> {
    let keys: Vec<(&[String], usize, Scalar)> = order
        .iter()
        .map(|key| (key.path.as_slice(), columns.place(key.column.clone()), key.cursor_scalar()))
        .collect();
    let mut pieces = Vec::new();
    write_object(&keys, 0, &mut pieces);
    merge_texts(pieces)
}

/// Writes the keys that share their first `depth` names as one object.
fn write_object(keys: &[(&[String], usize, Scalar)], depth: usize, pieces: &mut Vec<CursorPiece>) {
    pieces.push(CursorPiece::Text(b"{".to_vec()));
    let mut written: Vec<&str> = Vec::new();
    for (path, column, scalar) in keys {
        let Some(name) = path.get(depth) else { continue };
        if written.contains(&name.as_str()) {
            continue;
        }
        pieces.push(CursorPiece::Text(key_text(name, written.is_empty())));
        written.push(name);
        if path.len() == depth + 1 {
            pieces.push(CursorPiece::Column(*column, *scalar));
        } else {
            let below: Vec<_> = keys.iter().filter(|key| key.0.get(depth) == Some(name)).copied().collect();
            write_object(&below, depth + 1, pieces);
        }
    }
    pieces.push(CursorPiece::Text(b"}".to_vec()));
}

fn merge_texts(pieces: Vec<CursorPiece>) -> Vec<CursorPiece> {
    let mut merged: Vec<CursorPiece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (merged.last_mut(), piece) {
            (Some(CursorPiece::Text(before)), CursorPiece::Text(text)) => before.extend(text),
            (_, piece) => merged.push(piece),
        }
    }
    merged
}
