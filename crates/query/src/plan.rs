//! Where names become columns: an operation resolved against a data model.
//!
//! A plan names only what exists, so SQL for an unknown field cannot be written down. It depends on
//! the shape of an operation, never on its values.

mod condition;
mod duplicates;
mod figure;
mod group;
mod order;
mod read;
mod search;
mod selection;
mod write;

pub(crate) use duplicates::{DuplicateSearch, MAX_DUPLICATES, MIN_CHARACTERS, ProbeSource};
pub use duplicates::{MAX_PROBES, probe_rows};
pub(crate) use figure::{Figure, FigureTerm};
pub(crate) use group::{Elements, GroupOutput, GroupsPlan};
pub use read::plan_read;
pub use search::{Search, SearchPlan, plan_search};
pub(crate) use selection::MAX_COMPLEXITY;
pub use write::{
    Connect, MergedRecords, NewRecords, PlannedWrite, RowValue, WriteTarget, plan_write, refuse_member_writes,
};
pub(crate) use write::{FilledColumn, NewRecord, WriteKind};

use fourfold_model::Scalar;
use uuid::Uuid;

use crate::bind::{Bind, Comparison, Form};
use crate::calendar::Period;
use crate::error::PlanErrorCode;
use crate::operation::Slot;
use crate::shape;
use crate::sort_key::NoText;
use crate::sql::Alias;

/// A column of a table of the statement. Only planning makes one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ColumnRef {
    pub(crate) alias: Alias,
    pub(crate) column: String,
}

/// A planned read: what [`crate::sql::compile_read`] writes down.
#[derive(Debug)]
pub struct ReadPlan {
    pub(crate) rows: RowsPlan,
    /// How the records are gathered; none when each stands for itself.
    pub(crate) groups: Option<GroupsPlan>,
    /// What is asked for about all that match, beside how many there are; none when nothing is.
    pub(crate) totals: Option<Vec<Figure>>,
    pub(crate) children: Vec<ChildPlan>,
    pub(crate) answer: shape::Answer,
    pub(crate) cut: shape::Cut,
    /// How the tag of the record is made, where it is asked for.
    pub(crate) tag: Option<shape::TagShape>,
}

/// The statement of some records.
#[derive(Debug)]
pub(crate) struct RowsPlan {
    pub(crate) object: Uuid,
    pub(crate) table: String,
    pub(crate) alias: Alias,
    pub(crate) source: Source,
    pub(crate) joins: Vec<Join>,
    pub(crate) columns: Vec<ColumnRef>,
    pub(crate) condition: Condition,
    /// Where the page begins; not part of what is counted.
    pub(crate) keyset: Condition,
    pub(crate) order: Vec<OrderTerm>,
    pub(crate) limit: Option<Bind>,
    pub(crate) offset: Option<Bind>,
    /// Whether the row stays as it is until the transaction ends.
    pub(crate) is_locked: bool,
    /// The ids of the records that the only parent would be merged of, where it would.
    pub(crate) merged: Option<Bind>,
}

impl RowsPlan {
    /// Whether they are all live records of the object.
    pub(crate) fn is_all_live(&self) -> bool {
        let is_live = matches!(&self.condition, Condition::IsNull(column)
            if column.alias == self.alias && column.column == "deletedAt");
        self.source == Source::Table && is_live
    }
}

/// Where rows come from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    /// The table.
    Table,
    /// The rows with the bound ids, in their order.
    Ids,
    /// The rows whose column holds one of the bound ids, listed by it.
    Parents(String),
    /// The rows that are likely the same as a probe, listed by it.
    Duplicates(DuplicateSearch),
    /// One row of bound values for these columns.
    Values(Vec<FilledColumn>),
}

/// A to-one relation: the related row, if it is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Join {
    pub(crate) table: String,
    pub(crate) alias: Alias,
    /// The column that holds the related row's id.
    pub(crate) on: ColumnRef,
}

/// The related records of one to-many path, for all parents at once.
#[derive(Debug)]
pub(crate) struct ChildPlan {
    pub(crate) rows: RowsPlan,
    /// As in [`ReadPlan`], for each parent.
    pub(crate) totals: Option<Vec<Figure>>,
    pub(crate) answer: shape::Answer,
    pub(crate) cut: shape::Cut,
}

/// What must hold of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    True,
    False,
    /// A comparison with null: neither it nor its opposite holds.
    Unknown,
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    IsNull(ColumnRef),
    IsNotNull(ColumnRef),
    /// The column holds nothing or the empty text.
    IsEmptyText(ColumnRef),
    /// The column holds a text that is not empty.
    IsFilledText(ColumnRef),
    Compare {
        term: Term,
        test: Test,
        with: Bind,
    },
    /// Terms, none of them null, come behind these values, or before them, as a list compares with a list.
    Beyond {
        terms: Vec<(Term, Bind)>,
        test: Test,
    },
    /// The row that a join column points at exists and fulfils a condition.
    Related {
        table: String,
        alias: Alias,
        on: ColumnRef,
        /// Whether a row in the trash counts as missing.
        live: bool,
        condition: Box<Condition>,
    },
}

/// What is compared or ordered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Term {
    /// A column, by the order of its type; text by its bytes.
    Column(ColumnRef),
    /// A text column in which the empty text is as good as none.
    Filled(ColumnRef),
    /// The key that a filled text column sorts by; null where [`Term::Filled`] is.
    FilledKey(ColumnRef),
    /// The key of a text column, or what stands for it where there is no text, so that it is never null.
    Key(ColumnRef, NoText),
    /// A text column without case.
    Folded(ColumnRef),
    /// A column of a list or of JSON, as its JSON text.
    JsonText(ColumnRef),
    /// The place of a select's value among its options.
    Rank(ColumnRef, std::sync::Arc<[String]>),
    /// The period that a date falls into, or an instant by the clocks of a time zone.
    Period { column: ColumnRef, scalar: Scalar, period: Period, zone: Option<Slot> },
}

impl Term {
    /// The column that it is made from.
    pub(crate) fn column(&self) -> &ColumnRef {
        match self {
            Self::Column(column)
            | Self::Filled(column)
            | Self::FilledKey(column)
            | Self::Key(column, _)
            | Self::Folded(column)
            | Self::JsonText(column)
            | Self::Rank(column, _)
            | Self::Period { column, .. } => column,
        }
    }
}

/// How a term is compared with a bound value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    /// One of a bound list.
    In,
    /// A pattern with `%` and `_`.
    Like,
    /// The same without case.
    LikeFolded,
    /// Some element of a list column is in the bound list.
    AnyElementIn,
    /// Some element of a list column matches the bound pattern without case.
    AnyElementLikeFolded,
}

/// One term of an order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OrderTerm {
    pub(crate) term: Term,
    pub(crate) direction: crate::operation::Direction,
    pub(crate) may_be_null: bool,
}

impl Condition {
    /// What holds where this does not. Missing values and missing relations fulfil neither, as in SQL.
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::All(conditions) => Self::any(conditions.into_iter().map(Self::negated)),
            Self::Any(conditions) => Self::all(conditions.into_iter().map(Self::negated)),
            Self::Not(condition) => *condition,
            Self::Related { table, alias, on, live, condition } => {
                Self::Related { table, alias, on, live, condition: Box::new(condition.negated()) }
            }
            other => Self::Not(Box::new(other)),
        }
    }

    /// Any of `conditions`, leaving out what never holds.
    pub(crate) fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for condition in conditions {
            match condition {
                Self::True => return Self::True,
                Self::False => {}
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::False,
            1 => kept.remove(0),
            _ => Self::Any(kept),
        }
    }

    /// All of `conditions`, leaving out what always holds.
    pub(crate) fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut kept: Vec<Self> =
            conditions.into_iter().filter(|condition| *condition != Self::True).collect();
        match kept.len() {
            0 => Self::True,
            1 => kept.remove(0),
            _ => Self::All(kept),
        }
    }
}

/// A field, or a part of one, that filters and orders can speak of.
pub(crate) struct Target<'a> {
    pub(crate) column: String,
    pub(crate) part: &'static fourfold_model::Part,
    pub(crate) field: &'a fourfold_model::Field,
}

impl Target<'_> {
    pub(crate) fn options(&self) -> std::sync::Arc<[String]> {
        match self.part.scalar {
            Scalar::Option | Scalar::OptionList => {
                self.field.option_values().into_iter().map(str::to_owned).collect()
            }
            _ => std::sync::Arc::new([]),
        }
    }

    pub(crate) fn comparison(&self, slot: usize, form: Form, refusal: PlanErrorCode) -> Comparison {
        Comparison {
            slot,
            scalar: self.part.scalar,
            form,
            path: self.path().into(),
            options: self.options(),
            refusal,
        }
    }

    /// The field as messages name it, such as `name.firstName`.
    pub(crate) fn path(&self) -> String {
        match self.part.name {
            _ if self.field.relation.is_some() => self.column.clone(),
            "" => self.field.name.clone(),
            part => format!("{}.{part}", self.field.name),
        }
    }
}
