//! Filters against a model: every name resolved, every operator checked.

use fourfold_model::{DataModel, Field, NullReads, Object, Operator, Scalar};

use super::{ColumnRef, Condition, Target, Term, Test};
use crate::bind::{Bind, Form};
use crate::error::{PlanError, PlanErrorCode};
use crate::filter::{Filter, ValueClass};
use crate::sort_key::key_column;
use crate::sql::Alias;

/// Resolves filters of one statement.
pub(super) struct ConditionPlanner<'a> {
    model: &'a DataModel,
    next_sub: usize,
}

/// Where in a filter the planner stands: an object, its table, and how many relations led here.
#[derive(Clone, Copy)]
struct Place<'a> {
    object: &'a Object,
    alias: Alias,
    is_related: bool,
}

impl<'a> ConditionPlanner<'a> {
    pub(super) fn new(model: &'a DataModel) -> Self {
        Self { model, next_sub: 0 }
    }

    /// What `filter` asks of the rows of `alias`.
    pub(super) fn plan(
        &mut self,
        object: &Object,
        alias: Alias,
        filter: &Filter,
    ) -> Result<Condition, PlanError> {
        self.members(Place { object, alias, is_related: false }, filter)
    }

    fn members(&mut self, place: Place<'_>, filter: &Filter) -> Result<Condition, PlanError> {
        let Filter::Members(members) = filter else {
            return Err(invalid("a filter must be an object of fields and conditions"));
        };
        let conditions = members.iter().map(|(name, body)| match name.as_str() {
            "and" => Ok(Condition::all(self.items(place, body)?)),
            "or" => Ok(match self.items(place, body)? {
                none if none.is_empty() => Condition::True,
                some => Condition::any(some),
            }),
            "not" => Ok(self.members(place, body)?.negated()),
            _ => self.member(place, name, body),
        });
        Ok(Condition::all(conditions.collect::<Result<Vec<_>, PlanError>>()?))
    }

    /// The items of `and` or `or`; one object alone counts as one item.
    fn items(&mut self, place: Place<'_>, body: &Filter) -> Result<Vec<Condition>, PlanError> {
        match body {
            Filter::Items(items) => items.iter().map(|item| self.members(place, item)).collect(),
            one => Ok(vec![self.members(place, one)?]),
        }
    }

    fn member(&mut self, place: Place<'_>, name: &str, body: &Filter) -> Result<Condition, PlanError> {
        let object = place.object;
        if let Some(field) = object.field_by_join_column(name) {
            let target = only_target(field);
            return Self::operators(place, &target, body);
        }
        let field = object.fields.get(name).ok_or_else(|| unknown_field(object, name))?;
        if field.is_to_many() {
            return Err(invalid(format!("{name} is a list of records; filters reach only to-one relations")));
        }
        if field.is_to_one() {
            return self.related(place, field, body);
        }
        if !field.field_type.spec().is_composite() {
            return Self::operators(place, &only_target(field), body);
        }
        let Filter::Members(parts) = body else { return Err(needs_part(field)) };
        let conditions = parts.iter().map(|(part, body)| {
            let target = composite_target(field, part).ok_or_else(|| {
                if Operator::from_api_name(part).is_some() {
                    needs_part(field)
                } else {
                    unknown_part(field, part)
                }
            })?;
            Self::operators(place, &target, body)
        });
        Ok(Condition::all(conditions.collect::<Result<Vec<_>, PlanError>>()?))
    }

    fn related(&mut self, place: Place<'_>, field: &Field, body: &Filter) -> Result<Condition, PlanError> {
        if place.is_related {
            return Err(invalid(format!("{}: a filter follows one relation, not two", field.name)));
        }
        let Some(opposite) = self.model.opposite(field) else {
            return Err(unknown_field(place.object, &field.name));
        };
        if let Filter::Members(members) = body
            && let Some((name, _)) = members.iter().find(|(name, _)| Operator::from_api_name(name).is_some())
            && !opposite.object.fields.contains_key(name)
        {
            return Err(invalid(format!(
                "{0} is a relation; compare {0}Id, or a field of {0}, instead of using {name} on it",
                field.name
            )));
        }
        let alias = Alias::sub(self.next_sub);
        self.next_sub += 1;
        let target = Place { object: opposite.object, alias, is_related: true };
        let condition = Box::new(self.members(target, body)?);
        Ok(Condition::Related {
            table: opposite.object.name_singular.clone(),
            alias,
            on: ColumnRef { alias: place.alias, column: only_target(field).column },
            live: !body.mentions_deleted_at(),
            condition,
        })
    }

    /// Exactly one operator with its value.
    fn operators(place: Place<'_>, target: &Target<'_>, body: &Filter) -> Result<Condition, PlanError> {
        let path = target.path();
        let Filter::Members(members) = body else {
            return Err(invalid(format!("{path} needs an operator, such as {{\"eq\": …}}")));
        };
        let [(name, value)] = members.as_slice() else {
            return Err(invalid(format!("{path} needs exactly one operator; join several with \"and\"")));
        };
        let allowed = target.part.scalar.operators();
        let operator = Operator::from_api_name(name).filter(|operator| allowed.contains(operator));
        let operator = operator.ok_or_else(|| {
            let names: Vec<&str> = allowed.iter().map(|operator| operator.api_name()).collect();
            invalid(format!("{path} does not have the operator {name}; it has {}", names.join(", ")))
        })?;
        let Filter::Value(slot, class) = value else {
            return Err(invalid(format!("{path}: {name} needs a value to compare with")));
        };
        compare(place.alias, target, operator, *slot, class)
    }
}

fn compare(
    alias: Alias,
    target: &Target<'_>,
    operator: Operator,
    slot: usize,
    class: &ValueClass,
) -> Result<Condition, PlanError> {
    let column = ColumnRef { alias, column: target.column.clone() };
    let is_text = target.part.scalar == Scalar::Text;
    let (is_null, is_filled) = match target.part.null_reads {
        NullReads::EmptyText => {
            (Condition::IsEmptyText(column.clone()), Condition::IsFilledText(column.clone()))
        }
        _ => (Condition::IsNull(column.clone()), Condition::IsNotNull(column.clone())),
    };
    let is_blank = matches!(class, ValueClass::Null) || (is_text && *class == ValueClass::EmptyText);
    let bind = |form| Bind::Comparison(target.comparison(slot, form, PlanErrorCode::InvalidFilter));
    let condition = |term, test, form| Condition::Compare { term, test, with: bind(form) };
    Ok(match operator {
        Operator::Is => match class {
            ValueClass::IsNull => is_null,
            // Plain, as the contract has it: an empty text that is stored counts as a value.
            ValueClass::IsNotNull => Condition::IsNotNull(column),
            _ => return Err(invalid(format!("{}: is takes NULL or NOT_NULL", target.path()))),
        },
        Operator::IsEmptyArray => match class {
            ValueClass::True => Condition::IsNull(column),
            ValueClass::False => Condition::IsNotNull(column),
            _ => return Err(invalid(format!("{}: isEmptyArray takes true or false", target.path()))),
        },
        Operator::Eq if is_blank && is_text => is_null,
        Operator::Neq if is_blank && is_text => is_filled,
        Operator::Like | Operator::Ilike if is_text && *class == ValueClass::EmptyText => is_null,
        // Null equals nothing; `is` finds it.
        Operator::Eq | Operator::Neq | Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte
            if *class == ValueClass::Null =>
        {
            Condition::Unknown
        }
        Operator::Eq => condition(Term::Column(column), Test::Equal, Form::Single),
        Operator::Neq => condition(Term::Column(column), Test::NotEqual, Form::Single),
        Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte => {
            condition(ordered(target, column), ordering_test(operator), ordered_form(target))
        }
        Operator::In => condition(Term::Column(column), Test::In, Form::NonEmptyList),
        Operator::Like => condition(matched(target, column), Test::Like, Form::Pattern),
        Operator::Ilike => condition(Term::Column(column), Test::LikeFolded, Form::FoldedPattern),
        Operator::StartsWith => condition(matched(target, column), Test::Like, Form::Prefix),
        Operator::EndsWith => condition(matched(target, column), Test::Like, Form::Suffix),
        Operator::ContainsAny if target.part.scalar == Scalar::Option => {
            condition(Term::Column(column), Test::In, Form::List)
        }
        Operator::ContainsAny => condition(Term::Column(column), Test::AnyElementIn, Form::List),
        Operator::ContainsIlike => {
            condition(Term::Column(column), Test::AnyElementLikeFolded, Form::FoldedPattern)
        }
    })
}

fn ordering_test(operator: Operator) -> Test {
    match operator {
        Operator::Gt => Test::Greater,
        Operator::Gte => Test::GreaterOrEqual,
        Operator::Lt => Test::Less,
        _ => Test::LessOrEqual,
    }
}

/// What a pattern is matched with: text itself, JSON as its text.
fn matched(target: &Target<'_>, column: ColumnRef) -> Term {
    if target.part.scalar == Scalar::Json { Term::JsonText(column) } else { Term::Column(column) }
}

/// What sorts and compares a column: its own order; for text the key that people read by, for a select
/// the order of its options, for lists and JSON their text.
pub(super) fn ordered(target: &Target<'_>, column: ColumnRef) -> Term {
    match target.part.scalar {
        Scalar::Text => Term::Column(ColumnRef { column: key_column(&column.column), ..column }),
        Scalar::Option => Term::Rank(column, target.options()),
        Scalar::OptionList | Scalar::TextList | Scalar::Json => Term::JsonText(column),
        Scalar::Uuid
        | Scalar::Float
        | Scalar::BigInt
        | Scalar::Boolean
        | Scalar::Date
        | Scalar::DateTime
        | Scalar::SearchVector => Term::Column(column),
    }
}

/// What is bound to be compared with [`ordered`].
pub(super) fn ordered_form(target: &Target<'_>) -> Form {
    match target.part.scalar {
        Scalar::Text => Form::SortKey,
        Scalar::Option => Form::Rank,
        _ => Form::Single,
    }
}

/// The only column of a simple field or a to-one relation.
pub(super) fn only_target(field: &Field) -> Target<'_> {
    let part = &field.field_type.spec().parts[0];
    Target { column: field.column_name(part), part, field }
}

/// One part of a composite field.
pub(super) fn composite_target<'a>(field: &'a Field, part: &str) -> Option<Target<'a>> {
    let part = field.field_type.spec().parts.iter().find(|known| known.name == part)?;
    Some(Target { column: field.column_name(part), part, field })
}

fn invalid(message: impl Into<String>) -> PlanError {
    PlanError::new(PlanErrorCode::InvalidFilter, message)
}

fn unknown_field(object: &Object, name: &str) -> PlanError {
    invalid(format!("{} has no field {name}", object.name_singular))
}

fn unknown_part(field: &Field, part: &str) -> PlanError {
    invalid(format!("{} has no part {part}; it has {}", field.name, part_names(field)))
}

fn needs_part(field: &Field) -> PlanError {
    invalid(format!("{0} has parts: compare one of them, such as {0}.{1}", field.name, first_part(field)))
}

pub(super) fn part_names(field: &Field) -> String {
    field.field_type.spec().parts.iter().map(|part| part.name).collect::<Vec<_>>().join(", ")
}

fn first_part(field: &Field) -> &'static str {
    field.field_type.spec().parts[0].name
}
