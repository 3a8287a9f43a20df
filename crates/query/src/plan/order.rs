//! Orders and cursors against a model.

use fourfold_model::{DataModel, Field, Object, Scalar};

use super::condition::{composite_target, only_target, ordered, ordered_form, part_names};
use super::selection::Joins;
use super::{ColumnRef, Condition, OrderTerm, Target, Term, Test};
use crate::bind::{Bind, Comparison};
use crate::error::{PlanError, PlanErrorCode};
use crate::operation::{CursorKey, CursorKeys, Direction, OrderKey};
use crate::sort_key::NoText;
use crate::sql::Alias;

/// The most keys of an order. A cursor compares each key together with all before it.
const MAX_KEYS: usize = 32;

/// One key of an order, resolved.
pub(super) struct OrderedBy<'a> {
    pub(super) path: Vec<String>,
    pub(super) target: Target<'a>,
    pub(super) column: ColumnRef,
    pub(super) direction: Direction,
}

impl OrderedBy<'_> {
    /// Whether the term may have no value: the field may be empty, or belongs to a relation that is.
    fn may_be_null(&self) -> bool {
        let is_required =
            self.target.field.requires(self.target.part) && self.column.alias == Alias::table(0);
        !is_required && self.no_text().is_none()
    }

    /// Where records without a text go, if it is one that they are ordered by.
    fn no_text(&self) -> Option<NoText> {
        let place = if self.direction.is_nulls_lowest() { NoText::Lowest } else { NoText::Highest };
        (self.target.part.scalar == Scalar::Text).then_some(place)
    }

    /// What records are ordered by.
    fn term(&self) -> Term {
        match (ordered(&self.target, self.column.clone()), self.no_text()) {
            (Term::Column(key), Some(no_text)) => Term::Key(key, no_text),
            (term, _) => term,
        }
    }

    /// The direction of a page that begins after its cursor, or ends before it.
    fn direction(&self, backward: bool) -> Direction {
        if backward { self.direction.reversed() } else { self.direction }
    }

    /// What a cursor holds of the column. Lists and JSON are ordered by their text, so that is what it
    /// holds of them: a text, not the members below it.
    pub(super) fn cursor_scalar(&self) -> Scalar {
        match self.target.part.scalar {
            Scalar::OptionList | Scalar::TextList | Scalar::Json => Scalar::Text,
            other => other,
        }
    }
}

/// Resolves an order; the id is added as the last key, so that no two records are equal.
pub(super) fn plan_order<'a>(
    model: &'a DataModel,
    object: &'a Object,
    alias: Alias,
    keys: &[OrderKey],
    joins: &mut Joins,
) -> Result<Vec<OrderedBy<'a>>, PlanError> {
    let mut order: Vec<OrderedBy<'a>> = Vec::new();
    for key in keys {
        if order.iter().any(|known| known.path == key.path) {
            // Records that this key could tell apart are apart already.
            continue;
        }
        if order.len() == MAX_KEYS {
            return Err(unusable(format!("an order takes at most {MAX_KEYS} fields")));
        }
        let (target, alias) = resolve(model, object, alias, &key.path, joins)?;
        let column = ColumnRef { alias, column: target.column.clone() };
        order.push(OrderedBy { path: key.path.clone(), target, column, direction: key.direction });
        if key.path == ["id"] {
            // Nothing after the id can matter.
            return Ok(order);
        }
    }
    let Some(id) = object.fields.get("id") else { return Ok(order) };
    let target = only_target(id);
    let column = ColumnRef { alias, column: target.column.clone() };
    order.push(OrderedBy { path: vec!["id".into()], target, column, direction: Direction::AscNullsFirst });
    Ok(order)
}

/// The column that a path leads to: a field's, a part's, or one of a related record, one hop away.
pub(super) fn resolve<'a>(
    model: &'a DataModel,
    object: &'a Object,
    alias: Alias,
    path: &[String],
    joins: &mut Joins,
) -> Result<(Target<'a>, Alias), PlanError> {
    let [name, below @ ..] = path else { return Err(unusable("a field is missing")) };
    if below.is_empty()
        && let Some(field) = object.field_by_join_column(name)
    {
        return Ok((only_target(field), alias));
    }
    let field = object.fields.get(name).ok_or_else(|| {
        let message = format!("{} has no field {name}", object.name_singular);
        PlanError::new(PlanErrorCode::UnknownOrderField, message)
    })?;
    if field.is_to_many() {
        return Err(unusable(format!("{name} is a list of records and has no value of its own")));
    }
    if !field.is_to_one() {
        return Ok((field_target(field, below)?, alias));
    }
    if below.is_empty() {
        return Err(unusable(format!("{name} is a relation: use {name}Id or a field of {name}")));
    }
    let Some(opposite) = model.opposite(field) else {
        return Err(unusable(format!("{name} leads nowhere")));
    };
    let related = joins.join(opposite.object, ColumnRef { alias, column: only_target(field).column });
    let target_object: &'a Object = opposite.object;
    let [name, below @ ..] = below else { return Err(unusable("a field is missing")) };
    if below.is_empty()
        && let Some(field) = target_object.field_by_join_column(name)
    {
        return Ok((only_target(field), related));
    }
    let field = target_object.fields.get(name).ok_or_else(|| {
        let message = format!("{} has no field {name}", target_object.name_singular);
        PlanError::new(PlanErrorCode::UnknownOrderField, message)
    })?;
    if field.relation.is_some() {
        return Err(unusable(format!(
            "{name} is one relation too far: only fields of a directly related record count"
        )));
    }
    Ok((field_target(field, below)?, related))
}

fn field_target<'a>(field: &'a Field, below: &[String]) -> Result<Target<'a>, PlanError> {
    let name = &field.name;
    let is_composite = field.field_type.spec().is_composite();
    match below {
        [] if !is_composite => Ok(only_target(field)),
        [] => Err(unusable(format!("{name} has parts: use one of {}", part_names(field)))),
        [part] if is_composite => composite_target(field, part).ok_or_else(|| {
            let message = format!("{name} has no part {part}; it has {}", part_names(field));
            PlanError::new(PlanErrorCode::UnknownOrderField, message)
        }),
        _ => Err(unusable(format!("{name} has no fields below it"))),
    }
}

fn unusable(message: impl Into<String>) -> PlanError {
    PlanError::new(PlanErrorCode::InvalidArgument, message)
}

/// The terms of `ORDER BY`, reversed for a page that ends before its cursor.
pub(super) fn terms(order: &[OrderedBy<'_>], backward: bool) -> Vec<OrderTerm> {
    order
        .iter()
        .map(|key| OrderTerm {
            term: key.term(),
            direction: key.direction(backward),
            may_be_null: key.may_be_null(),
        })
        .collect()
}

/// What holds for the rows strictly after the cursor, in the direction of the page.
///
/// For keys `a`, `b` that go the same way it is `(a, b) after (x, y)`, where an index begins; otherwise
/// `a after x OR (a = x AND b after y)`. Nulls have a place of their own, so a key that is null at the
/// cursor compares otherwise than one that has a value.
pub(super) fn keyset(order: &[OrderedBy<'_>], cursor: &CursorKeys) -> Result<Condition, PlanError> {
    for key in &cursor.keys {
        if !order.iter().any(|ordered| ordered.path == key.path) {
            let message = format!(
                "the cursor was made for another order: it has {}, which this order does not",
                key.path.join(".")
            );
            return Err(PlanError::new(PlanErrorCode::InvalidCursor, message));
        }
    }
    // A key of the order that the cursor does not have is not used in the comparison.
    let compared: Vec<Compared<'_>> = order
        .iter()
        .filter_map(|key| {
            let given = cursor.keys.iter().find(|given| given.path == key.path)?;
            Some(Compared { key, given, direction: key.direction(cursor.backward) })
        })
        .collect();
    let Some(first) = compared.first() else { return Ok(Condition::True) };
    let goes_alike = |key: &Compared<'_>| {
        key.passes_no_null() && key.direction.is_descending() == first.direction.is_descending()
    };
    if 1 < compared.len() && compared.iter().all(goes_alike) {
        let terms = compared.iter().map(|key| (key.key.term(), key.bind())).collect();
        let beyond = Condition::Beyond { terms, test: first.strictly() };
        // SQLite finds the start of a list in an index of columns, but not in one of expressions.
        let is_column = matches!(first.key.term(), Term::Column(_));
        return Ok(if is_column { beyond } else { Condition::all([first.lower_bound(), beyond]) });
    }
    let mut alternatives = Vec::new();
    for (place, key) in compared.iter().enumerate() {
        let equal_before = compared[..place].iter().map(Compared::equals);
        let all: Vec<Condition> = equal_before.chain([key.after()]).collect();
        alternatives.push(Condition::all(all));
    }
    match alternatives.len() {
        1 => Ok(alternatives.remove(0)),
        _ => Ok(Condition::all([first.lower_bound(), Condition::Any(alternatives)])),
    }
}

/// A key of an order, and its value at the cursor.
struct Compared<'a> {
    key: &'a OrderedBy<'a>,
    given: &'a CursorKey,
    /// Of the page.
    direction: Direction,
}

impl Compared<'_> {
    fn is_null(&self) -> bool {
        self.given.is_null && self.key.may_be_null()
    }

    /// Whether neither the cursor nor a row after it has a null here.
    fn passes_no_null(&self) -> bool {
        !self.is_null() && (self.direction.is_nulls_first() || !self.key.may_be_null())
    }

    fn strictly(&self) -> Test {
        if self.direction.is_descending() { Test::Less } else { Test::Greater }
    }

    /// What every row after the cursor fulfils by this key alone, so that an index can start there.
    fn lower_bound(&self) -> Condition {
        let test = if self.direction.is_descending() { Test::LessOrEqual } else { Test::GreaterOrEqual };
        if self.passes_no_null() { self.compare(test) } else { Condition::True }
    }

    fn after(&self) -> Condition {
        match (self.is_null(), self.direction.is_nulls_first()) {
            (true, true) => Condition::IsNotNull(self.key.column.clone()),
            (true, false) => Condition::False,
            (false, _) if self.passes_no_null() => self.compare(self.strictly()),
            (false, _) => Condition::Any(vec![
                self.compare(self.strictly()),
                Condition::IsNull(self.key.column.clone()),
            ]),
        }
    }

    fn equals(&self) -> Condition {
        if self.is_null() { Condition::IsNull(self.key.column.clone()) } else { self.compare(Test::Equal) }
    }

    fn compare(&self, test: Test) -> Condition {
        Condition::Compare { term: self.key.term(), test, with: self.bind() }
    }

    fn bind(&self) -> Bind {
        if let (true, Some(no_text)) = (self.given.is_null, self.key.no_text()) {
            return Bind::Constant(no_text.key());
        }
        let target = &self.key.target;
        let comparison =
            target.comparison(self.given.value, ordered_form(target), PlanErrorCode::InvalidCursor);
        Bind::Comparison(Comparison { scalar: self.key.cursor_scalar(), ..comparison })
    }
}
