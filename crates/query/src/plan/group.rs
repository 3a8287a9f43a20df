//! Plans groups: dimensions, figures over each group, and the records inside.

mod order;

use fourfold_model::{DataModel, Field, FieldType, Object, Scalar, Value};

use super::condition::{ConditionPlanner, ordered};
use super::order::{plan_order, resolve, terms};
use super::read::{ROOT, connection_shows_cursors, cursor_pieces, rows};
use super::selection::{Joins, SelectionPlanner};
use super::{ColumnRef, Condition, Figure, Join, ReadPlan, Source, Target, Term};
use crate::bind::Bind;
use crate::error::{PlanError, PlanErrorCode};
use crate::grouping::{Dimension, DimensionBy, GroupAnswer, Grouping, READ_PER_GROUP, granularities};
use crate::operation::Direction;
use crate::shape::{self, Cut, Format, Written};
use crate::sql::Alias;

/// The statement of some groups.
#[derive(Debug)]
pub(crate) struct GroupsPlan {
    pub(crate) dimensions: Vec<GroupedBy>,
    /// Values of related records whose ids are dimensions, to order by.
    pub(crate) labels: Vec<Term>,
    /// Figures over each group: those that are shown, then those that only order.
    pub(crate) figures: Vec<Figure>,
    /// How many of them are shown.
    pub(crate) shown_figures: usize,
    pub(crate) order: Vec<GroupOrderTerm>,
    pub(crate) limit: Bind,
    /// The to-one relations that dimensions and labels follow.
    pub(crate) joins: Vec<Join>,
    /// The lists whose elements are dimensions.
    pub(crate) elements: Vec<Elements>,
    /// Of the records that are shown: the relations that their order follows, beside `joins`.
    pub(crate) record_joins: Vec<Join>,
    /// Whether records are shown.
    pub(crate) shows_records: bool,
    /// How many relations are followed from each record that is shown.
    pub(crate) relations: usize,
}

/// A dimension: its value, and what orders it.
#[derive(Debug)]
pub(crate) struct GroupedBy {
    pub(crate) value: Term,
    pub(crate) order: Term,
}

/// A list column, taken apart.
#[derive(Debug)]
pub(crate) struct Elements {
    pub(crate) alias: Alias,
    pub(crate) list: ColumnRef,
}

/// One term of the order of groups.
#[derive(Debug)]
pub(crate) struct GroupOrderTerm {
    pub(crate) by: GroupOutput,
    pub(crate) direction: Direction,
}

/// A column of the statement that gathers the groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GroupOutput {
    /// The value of the dimension with this number.
    Dimension(usize),
    /// What orders it, where that is not the value.
    Order(usize),
    /// The label with this number.
    Label(usize),
    /// How many records the group has.
    Count,
    /// The figure with this number.
    Figure(usize),
}

/// Resolves groups against a model, as [`super::plan_read`] does lists.
pub(super) fn plan_groups(
    model: &DataModel,
    object: &Object,
    grouping: &Grouping,
    answer: &GroupAnswer,
) -> Result<(ReadPlan, Vec<String>), PlanError> {
    let mut planner = GroupPlanner { model, object, joins: Joins::default(), elements: Vec::new() };
    let dimensions: Vec<PlannedDimension<'_>> =
        grouping.dimensions.iter().map(|dimension| planner.dimension(dimension)).collect::<Result<_, _>>()?;

    let mut selection = SelectionPlanner::for_group(model);
    let group = selection.group(object, answer)?;
    let mut figures = selection.totals.take().unwrap_or_default();
    let shown_figures = figures.len();
    let mut labels = Vec::new();
    let order = planner.order(&grouping.order, &dimensions, &mut labels, &mut figures)?;
    let joins = planner.joins.clone();

    let mut condition = ConditionPlanner::new(model).live(object, grouping.filter.as_ref())?;
    if grouping.omits_missing {
        let present = dimensions.iter().map(|dimension| is_present(&dimension.terms.value));
        condition = Condition::all(std::iter::once(condition).chain(present));
    }

    let record_order = plan_order(model, object, ROOT, &grouping.record_order, &mut planner.joins)?;
    let cursor = match answer {
        GroupAnswer::Connection(fields) if connection_shows_cursors(fields) => {
            let shown = plan_order(model, object, ROOT, &grouping.record_order, &mut selection.joins)?;
            cursor_pieces(&shown, &mut selection.columns)
        }
        _ => Vec::new(),
    };
    let limit = Bind::Constant(Value::Integer(READ_PER_GROUP));
    let relations = selection.relations();
    let mut rows = rows(&mut selection, object, condition, Source::Table, Some(limit));
    rows.order = terms(&record_order, false);
    rows.offset = grouping.record_offset.map(|slot| Bind::number(slot, 0));

    let (terms, written) =
        dimensions.into_iter().map(|dimension| (dimension.terms, dimension.written)).unzip();
    let groups = GroupsPlan {
        dimensions: terms,
        labels,
        figures,
        shown_figures,
        order,
        limit: Bind::number(grouping.limit, 0),
        record_joins: planner.joins.0.split_off(joins.0.len()),
        joins: joins.0,
        elements: planner.elements,
        shows_records: group.shows_records(),
        relations,
    };
    let plan = ReadPlan {
        rows,
        groups: Some(groups),
        totals: None,
        children: selection.take_children(),
        answer: shape::Answer::Groups(shape::GroupsShape { dimensions: written, group }),
        cut: Cut { cursor, ..Cut::default() },
        tag: None,
    };
    Ok((plan, selection.warnings))
}

struct GroupPlanner<'a> {
    model: &'a DataModel,
    object: &'a Object,
    joins: Joins,
    elements: Vec<Elements>,
}

/// A dimension with what the request said about it.
struct PlannedDimension<'r> {
    asked: &'r Dimension,
    terms: GroupedBy,
    written: Written,
}

impl<'a> GroupPlanner<'a> {
    fn dimension<'r>(&mut self, asked: &'r Dimension) -> Result<PlannedDimension<'r>, PlanError> {
        let shown = asked.path.join(".");
        let (target, alias) = resolve(self.model, self.object, ROOT, &asked.path, &mut self.joins)
            .map_err(|error| PlanError::new(PlanErrorCode::InvalidGroupBy, error.message))?;
        if !is_groupable(&target, alias) {
            return Err(invalid(format!("records cannot be grouped by {shown}")));
        }
        let column = ColumnRef { alias, column: target.column.clone() };
        let scalar = target.part.scalar;
        let is_date = matches!(scalar, Scalar::Date | Scalar::DateTime);
        let (terms, written) = match asked.by {
            DimensionBy::Value if is_date => {
                return Err(invalid(format!(
                    "{shown} is a date: say how finely, as in {{\"granularity\": \"MONTH\"}}; there are {}",
                    granularities()
                )));
            }
            DimensionBy::Value => (by_value(&target, column), written(&target)),
            DimensionBy::Elements if matches!(scalar, Scalar::OptionList | Scalar::TextList) => {
                (self.by_element(&target, column), Written::plain(Scalar::Text))
            }
            DimensionBy::Elements => {
                return Err(invalid(format!("{shown} is no list, so it has no elements to group by")));
            }
            DimensionBy::Period { .. } if !is_date => {
                return Err(invalid(format!("{shown} is no date and has no granularity; use true")));
            }
            DimensionBy::Period { granularity, first_day, zone } => {
                let is_own_instant = scalar == Scalar::DateTime && alias == ROOT;
                if is_own_instant && granularity.is_calendar() && zone.is_none() {
                    let message = format!(
                        "{shown}: {} needs a timeZone, such as \"Europe/Lisbon\"",
                        granularity.api_name()
                    );
                    return Err(PlanError::new(PlanErrorCode::MissingTimeZone, message));
                }
                // Dates are the same days everywhere.
                let zone = zone.filter(|_| scalar == Scalar::DateTime);
                match granularity.period(first_day) {
                    None => (by_value(&target, column), Written::plain(scalar)),
                    Some(period) => {
                        let term = Term::Period { column, scalar, period, zone };
                        let written = period.names().map_or(Written::plain(Scalar::Date), Written::Name);
                        (GroupedBy { value: term.clone(), order: term }, written)
                    }
                }
            }
        };
        Ok(PlannedDimension { asked, terms, written })
    }

    fn by_element(&mut self, target: &Target<'_>, list: ColumnRef) -> GroupedBy {
        let alias = Alias::elements(self.elements.len());
        self.elements.push(Elements { alias, list });
        let element = ColumnRef { alias, column: "value".into() };
        let order = match target.part.scalar {
            Scalar::OptionList => Term::Rank(element.clone(), target.options()),
            _ => Term::Folded(element.clone()),
        };
        GroupedBy { value: Term::Column(element), order }
    }
}

/// The id of a related record counts, and of its fields those that its own records are grouped by.
fn is_groupable(target: &Target<'_>, alias: Alias) -> bool {
    let field = target.field;
    let is_related_id = alias != ROOT && field.name == "id";
    let is_comparable = !matches!(target.part.scalar, Scalar::Json | Scalar::SearchVector);
    is_related_id || field.is_to_one() || (field.is_groupable() && is_comparable)
}

fn by_value(target: &Target<'_>, column: ColumnRef) -> GroupedBy {
    match target.part.scalar {
        Scalar::Text => GroupedBy { value: Term::Filled(column.clone()), order: Term::FilledKey(column) },
        _ => GroupedBy { value: Term::Column(column.clone()), order: ordered(target, column) },
    }
}

/// Numbers read as such; numbers of any length, and amounts, as text (`graphql-core.md` 8.3).
fn written(target: &Target<'_>) -> Written {
    let scalar = target.part.scalar;
    let is_number = matches!(scalar, Scalar::Float | Scalar::BigInt);
    match is_number && target.field.field_type != FieldType::Number {
        true => Written::Quoted(Format::plain(scalar)),
        false => Written::plain(scalar),
    }
}

fn is_present(value: &Term) -> Condition {
    let column = value.column().clone();
    match value {
        Term::Filled(_) => Condition::IsFilledText(column),
        _ => Condition::IsNotNull(column),
    }
}

impl GroupsPlan {
    /// Whether a dimension is ordered by something else than its value.
    pub(crate) fn has_order(&self, number: usize) -> bool {
        self.dimensions.get(number).is_some_and(|dimension| dimension.order != dimension.value)
    }
}

fn invalid(message: impl Into<String>) -> PlanError {
    PlanError::new(PlanErrorCode::InvalidGroupBy, message)
}

/// The figure with this name that a summary of groups shows.
pub(super) fn unknown_figure(object: &Object, name: &str) -> PlanError {
    invalid(format!("{} has no aggregate {name}", object.name_plural))
}

/// Whether REST shows a figure as text: all but figures over the values of numbers (`rest-core.md` 6.9).
pub(super) fn is_text_over_rest(field: &Field, aggregate: fourfold_model::Aggregate) -> bool {
    !(aggregate.is_of_values() && field.field_type == FieldType::Number)
}
