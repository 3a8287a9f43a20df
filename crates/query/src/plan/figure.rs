//! Figures over many records: an aggregate of a field, drawn from its columns.

use fourfold_model::{Aggregate, Field, Part, Scalar, Value};

use super::{ColumnRef, Condition, Term, Test};
use crate::bind::Bind;
use crate::sql::Alias;

/// One figure over the rows of a statement, or over each group of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Figure {
    pub(crate) term: FigureTerm,
    /// What the figure is, whatever it is drawn from.
    pub(crate) scalar: Scalar,
}

/// How a figure is drawn.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FigureTerm {
    /// How many rows fulfil the condition.
    Count(Condition),
    /// How many of all rows do, from 0 to 1.
    Share(Condition),
    /// How many different values there are among the rows that fulfil `filled`.
    CountDistinct {
        /// The columns that make up a value; a missing text and an empty one are the same.
        of: Vec<Term>,
        filled: Condition,
    },
    Min(ColumnRef),
    Max(ColumnRef),
    Sum(ColumnRef, Scalar),
    Avg(ColumnRef, Scalar),
}

impl Figure {
    /// The figure over `field` of the rows of `alias`; none when the field has no such figure.
    pub(super) fn plan(field: &Field, aggregate: Aggregate, alias: Alias) -> Option<Self> {
        let columns: Vec<(&'static Part, ColumnRef)> =
            field.figure_columns().map(|(part, column)| (part, ColumnRef { alias, column })).collect();
        let (part, column) = columns.first().cloned()?;
        let of_all = |test: fn(&Part, ColumnRef) -> Condition| {
            columns.iter().map(|(part, column)| test(part, column.clone())).collect::<Vec<_>>()
        };
        let empty = || Condition::all(of_all(is_empty));
        let filled = || Condition::Any(of_all(is_filled));
        let (term, scalar) = match aggregate {
            Aggregate::CountUniqueValues => {
                let of = columns.iter().map(|(part, column)| value_of(part, column.clone())).collect();
                (FigureTerm::CountDistinct { of, filled: filled() }, Scalar::BigInt)
            }
            Aggregate::CountEmpty => (FigureTerm::Count(empty()), Scalar::BigInt),
            Aggregate::CountNotEmpty => (FigureTerm::Count(filled()), Scalar::BigInt),
            Aggregate::PercentageEmpty => (FigureTerm::Share(empty()), Scalar::Float),
            Aggregate::PercentageNotEmpty => (FigureTerm::Share(filled()), Scalar::Float),
            Aggregate::CountTrue => (FigureTerm::Count(equals(column, true)), Scalar::BigInt),
            Aggregate::CountFalse => (FigureTerm::Count(equals(column, false)), Scalar::BigInt),
            Aggregate::Min => (FigureTerm::Min(column), part.scalar),
            Aggregate::Max => (FigureTerm::Max(column), part.scalar),
            Aggregate::Sum => (FigureTerm::Sum(column, part.scalar), Scalar::Float),
            Aggregate::Avg => (FigureTerm::Avg(column, part.scalar), Scalar::Float),
        };
        Some(Self { term, scalar })
    }
}

/// Whether a column holds text, which is as good as missing when it is empty.
fn holds_text(part: &Part) -> bool {
    matches!(part.scalar, Scalar::Text | Scalar::SearchVector)
}

fn is_empty(part: &Part, column: ColumnRef) -> Condition {
    if holds_text(part) { Condition::IsEmptyText(column) } else { Condition::IsNull(column) }
}

fn is_filled(part: &Part, column: ColumnRef) -> Condition {
    if holds_text(part) { Condition::IsFilledText(column) } else { Condition::IsNotNull(column) }
}

fn value_of(part: &Part, column: ColumnRef) -> Term {
    match part.scalar {
        Scalar::Text | Scalar::SearchVector => Term::Filled(column),
        Scalar::OptionList | Scalar::TextList | Scalar::Json => Term::JsonText(column),
        Scalar::Uuid
        | Scalar::Float
        | Scalar::BigInt
        | Scalar::Boolean
        | Scalar::Date
        | Scalar::DateTime
        | Scalar::Option => Term::Column(column),
    }
}

fn equals(column: ColumnRef, truth: bool) -> Condition {
    let with = Bind::Constant(Value::Boolean(truth));
    Condition::Compare { term: Term::Column(column), test: Test::Equal, with }
}
