//! Conditions and orders as SQL: what is compared, and how.

use fourfold_model::{Scalar, Value};

use super::dialect::write_period;
use super::{Dialect, SqlWriter};
use crate::bind::Bind;
use crate::plan::{ColumnRef, Condition, OrderTerm, Term, Test};
use crate::sort_key::{NoText, key_column};

pub(super) fn write_order(sql: &mut SqlWriter<Bind>, order: &[OrderTerm]) {
    sql.separated(", ", order, |sql, key| {
        write_term(sql, &key.term);
        sql.raw(sql.dialect().direction(key.direction, key.may_be_null));
    });
}

pub(super) fn write_term(sql: &mut SqlWriter<Bind>, term: &Term) {
    match term {
        Term::Column(column) => _ = sql.column(column.alias, &column.column),
        Term::Filled(column) => {
            sql.raw("nullif(").column(column.alias, &column.column).raw(", '')");
        }
        Term::FilledKey(column) => {
            sql.raw("CASE WHEN ").column(column.alias, &column.column).raw(" <> '' THEN ");
            sql.column(column.alias, &key_column(&column.column)).raw(" END");
        }
        Term::Period { column, scalar, period, zone } => write_period(sql, column, *scalar, *period, *zone),
        Term::Key(column, no_text) => {
            write_key(sql, *no_text, |sql| _ = sql.column(column.alias, &column.column));
        }
        Term::Folded(column) => write_around(sql, Dialect::fold_case, column),
        Term::JsonText(column) => write_around(sql, Dialect::json_text, column),
        Term::Rank(column, options) => {
            let cast = sql.dialect().whole_number_cast();
            sql.raw("CASE ").column(column.alias, &column.column);
            for (place, option) in options.iter().enumerate() {
                let rank = i64::try_from(place).unwrap_or(i64::MAX);
                sql.raw(" WHEN ").bind(Bind::Constant(Value::Text(option.clone())));
                sql.raw(" THEN ").bind(Bind::Constant(Value::Integer(rank))).raw(cast);
            }
            sql.raw(" END");
        }
    }
}

/// `coalesce(t0."name_key", X'')`, the same wherever it is ordered by or indexed.
pub(super) fn write_key<B>(sql: &mut SqlWriter<B>, no_text: NoText, column: impl FnOnce(&mut SqlWriter<B>)) {
    sql.raw("coalesce(");
    column(sql);
    sql.raw(", ").literal(&no_text.key()).raw(")");
}

fn write_around(sql: &mut SqlWriter<Bind>, around: fn(Dialect) -> [&'static str; 2], column: &ColumnRef) {
    let [before, after] = around(sql.dialect());
    sql.raw(before).column(column.alias, &column.column).raw(after);
}

pub(super) fn write_condition(sql: &mut SqlWriter<Bind>, condition: &Condition) {
    match condition {
        Condition::True => _ = sql.raw("1 = 1"),
        Condition::False | Condition::Unknown => _ = sql.raw("1 = 0"),
        Condition::All(conditions) => write_joined(sql, " AND ", conditions),
        Condition::Any(conditions) => write_joined(sql, " OR ", conditions),
        Condition::Not(condition) => {
            sql.raw("NOT (");
            write_condition(sql, condition);
            sql.raw(")");
        }
        Condition::IsNull(column) => _ = sql.column(column.alias, &column.column).raw(" IS NULL"),
        Condition::IsNotNull(column) => _ = sql.column(column.alias, &column.column).raw(" IS NOT NULL"),
        Condition::IsEmptyText(column) => {
            sql.raw("(").column(column.alias, &column.column).raw(" IS NULL OR ");
            sql.column(column.alias, &column.column).raw(" = '')");
        }
        Condition::IsFilledText(column) => _ = sql.column(column.alias, &column.column).raw(" <> ''"),
        Condition::Compare { term, test, with } => write_comparison(sql, term, *test, with),
        Condition::Beyond { terms, test } => {
            sql.raw("(").separated(", ", terms, |sql, (term, _)| write_term(sql, term)).raw(")");
            sql.raw(if *test == Test::Less { " < (" } else { " > (" });
            sql.separated(", ", terms, |sql, (_, with)| write_operand(sql, with)).raw(")");
        }
        Condition::Related { table, alias, on, live, condition } => {
            sql.raw("EXISTS (SELECT 1 FROM ").table(table).raw(" AS ").alias(*alias);
            sql.raw(" WHERE ").column(*alias, "id").raw(" = ").column(on.alias, &on.column);
            if *live {
                sql.raw(" AND ").column(*alias, "deletedAt").raw(" IS NULL");
            }
            sql.raw(" AND ");
            write_condition(sql, condition);
            sql.raw(")");
        }
    }
}

fn write_joined(sql: &mut SqlWriter<Bind>, separator: &'static str, conditions: &[Condition]) {
    if conditions.is_empty() {
        // No alternative holds; no requirement fails.
        sql.raw(if separator == " OR " { "1 = 0" } else { "1 = 1" });
        return;
    }
    sql.raw("(").separated(separator, conditions, write_condition).raw(")");
}

fn write_comparison(sql: &mut SqlWriter<Bind>, term: &Term, test: Test, with: &Bind) {
    let dialect = sql.dialect();
    let operator = match test {
        Test::Equal => " = ",
        Test::NotEqual => " <> ",
        Test::Greater => " > ",
        Test::GreaterOrEqual => " >= ",
        Test::Less => " < ",
        Test::LessOrEqual => " <= ",
        Test::In => {
            write_term(sql, term);
            write_in_list(sql, with);
            return;
        }
        Test::Like | Test::LikeFolded => {
            let is_folded = test == Test::LikeFolded;
            let [before, between, after] = if is_folded { dialect.like_folded() } else { dialect.like() };
            sql.raw(before);
            write_term(sql, term);
            sql.raw(between).bind(with.clone()).raw(after);
            return;
        }
        Test::AnyElementIn => {
            write_elements(sql, term);
            sql.raw("e.value");
            write_in_list(sql, with);
            sql.raw(")");
            return;
        }
        Test::AnyElementLikeFolded => {
            let [before, between, after] = dialect.like_folded();
            write_elements(sql, term);
            sql.raw(before).raw("e.value").raw(between).bind(with.clone()).raw(after).raw(")");
            return;
        }
    };
    write_term(sql, term);
    sql.raw(operator);
    write_operand(sql, with);
}

fn write_operand(sql: &mut SqlWriter<Bind>, with: &Bind) {
    sql.bind(with.clone());
    if let Bind::Comparison(comparison) = with {
        let cast = sql.dialect().operand_cast(comparison.scalar);
        sql.raw(cast);
    }
}

pub(super) fn write_in_list(sql: &mut SqlWriter<Bind>, list: &Bind) {
    let scalar = if let Bind::Comparison(comparison) = list { comparison.scalar } else { Scalar::Uuid };
    let [before, after] = sql.dialect().in_list(scalar);
    sql.raw(before).bind(list.clone()).raw(after);
}

/// `EXISTS (SELECT 1 FROM <elements of the list> AS e WHERE `
fn write_elements(sql: &mut SqlWriter<Bind>, list: &Term) {
    let [before, after] = sql.dialect().list_elements();
    sql.raw("EXISTS (SELECT 1 FROM ").raw(before);
    write_term(sql, list);
    sql.raw(after).raw(" WHERE ");
}
