//! Plans the order of groups: by figures, dimensions, and labels of related records.

use super::{GroupOrderTerm, GroupOutput, GroupPlanner, PlannedDimension};
use crate::calendar::Granularity;
use crate::error::{PlanError, PlanErrorCode};
use crate::grouping::{Dimension, DimensionBy, GroupOrder, GroupOrderBy};
use crate::operation::Direction;
use crate::plan::condition::ordered;
use crate::plan::order::resolve;
use crate::plan::read::ROOT;
use crate::plan::{ColumnRef, Figure, Term};

impl GroupPlanner<'_> {
    /// The terms of the order. Labels and figures that only order are added to those that are known.
    pub(super) fn order(
        &mut self,
        asked: &[GroupOrder],
        dimensions: &[PlannedDimension<'_>],
        labels: &mut Vec<Term>,
        figures: &mut Vec<Figure>,
    ) -> Result<Vec<GroupOrderTerm>, PlanError> {
        let mut order: Vec<GroupOrderTerm> = Vec::new();
        let mut add = |by, direction| {
            if !order.iter().any(|known: &GroupOrderTerm| known.by == by) {
                order.push(GroupOrderTerm { by, direction });
            }
        };
        for criterion in asked {
            let by = match &criterion.by {
                GroupOrderBy::Figure(name) => self.figure(name, figures)?,
                GroupOrderBy::Path(path, granularity) => {
                    self.ordered_path(path, *granularity, dimensions, labels)?
                }
            };
            add(by, criterion.direction);
        }
        // No two groups are equal in all of these.
        for (number, dimension) in dimensions.iter().enumerate() {
            add(order_of(number, dimension), Direction::AscNullsLast);
            add(GroupOutput::Dimension(number), Direction::AscNullsLast);
        }
        Ok(order)
    }

    fn figure(&self, name: &str, figures: &mut Vec<Figure>) -> Result<GroupOutput, PlanError> {
        if name == fourfold_model::inflection::TOTAL_COUNT {
            return Ok(GroupOutput::Count);
        }
        let named = self.object.aggregate_by_name(name);
        let figure = named.and_then(|(field, aggregate)| Figure::plan(field, aggregate, ROOT));
        let figure = figure
            .ok_or_else(|| invalid_order(format!("{} has no aggregate {name}", self.object.name_plural)))?;
        let known = figures.iter().position(|known| *known == figure);
        Ok(GroupOutput::Figure(known.unwrap_or_else(|| {
            figures.push(figure);
            figures.len() - 1
        })))
    }

    fn ordered_path(
        &mut self,
        path: &[String],
        granularity: Option<Granularity>,
        dimensions: &[PlannedDimension<'_>],
        labels: &mut Vec<Term>,
    ) -> Result<GroupOutput, PlanError> {
        let shown = path.join(".");
        let mut of_path =
            dimensions.iter().enumerate().filter(|(_, known)| is_same_path(&known.asked.path, path));
        let found = of_path.clone().find(|(_, known)| known.asked.granularity() == granularity);
        if let Some((number, dimension)) = found {
            return Ok(order_of(number, dimension));
        }
        if let Some((_, other)) = of_path.next() {
            return Err(invalid_order(match (other.asked.granularity(), granularity) {
                (Some(grouped), None) => format!(
                    "{shown}: groups of dates are ordered with their granularity, as in \
                     {{\"orderBy\": \"AscNullsFirst\", \"granularity\": \"{}\"}}",
                    grouped.api_name()
                ),
                (Some(grouped), Some(_)) => {
                    format!("{shown}: the granularity must be that of the grouping, {}", grouped.api_name())
                }
                (None, _) => format!("{shown} is no date and has no granularity"),
            }));
        }
        let is_label = granularity.is_none()
            && 1 < path.len()
            && dimensions.iter().any(|known| is_id_of(&known.asked.path, &path[0]));
        if !is_label {
            return Err(invalid_order(format!(
                "groups cannot be ordered by {shown}, which is neither a dimension nor an aggregate"
            )));
        }
        let (target, alias) = resolve(self.model, self.object, ROOT, path, &mut self.joins)
            .map_err(|error| invalid_order(error.message))?;
        if alias == ROOT {
            // The part of a composite, whatever its name has in common with a relation's.
            return Err(invalid_order(format!("groups cannot be ordered by {shown}, which is no dimension")));
        }
        labels.push(ordered(&target, ColumnRef { alias, column: target.column.clone() }));
        Ok(GroupOutput::Label(labels.len() - 1))
    }
}

impl Dimension {
    fn granularity(&self) -> Option<Granularity> {
        match self.by {
            DimensionBy::Period { granularity, .. } => Some(granularity),
            DimensionBy::Value | DimensionBy::Elements => None,
        }
    }
}

fn order_of(number: usize, dimension: &PlannedDimension<'_>) -> GroupOutput {
    match dimension.terms.order == dimension.terms.value {
        true => GroupOutput::Dimension(number),
        false => GroupOutput::Order(number),
    }
}

/// Whether both lead to the same value; `companyId` is `company.id`.
fn is_same_path(left: &[String], right: &[String]) -> bool {
    let is_id = |short: &[String], long: &[String]| match (short, long) {
        ([_], [relation, id]) => id == "id" && is_id_of(short, relation),
        _ => false,
    };
    left == right || is_id(left, right) || is_id(right, left)
}

/// Whether a path leads to the id of the record that a relation points at.
fn is_id_of(path: &[String], relation: &str) -> bool {
    match path {
        [column] => column.strip_suffix("Id") == Some(relation),
        [first, id] => first == relation && id == "id",
        _ => false,
    }
}

fn invalid_order(message: impl Into<String>) -> PlanError {
    PlanError::new(PlanErrorCode::InvalidGroupOrder, message)
}
