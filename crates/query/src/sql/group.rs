//! Groups as SQL: one statement, with or without records inside.

use fourfold_model::Value;

use super::condition::{write_condition, write_order, write_term};
use super::dialect::join_elements;
use super::figure::write_figure;
use super::read::{Template, from_table, write_columns, write_joins, write_model_version};
use super::{Alias, SqlTarget, SqlWriter};
use crate::bind::Bind;
use crate::grouping::READ_PER_GROUP;
use crate::plan::{GroupOutput, GroupsPlan, Join, RowsPlan, Term};

/// `SELECT g.d0, g.n, … FROM (<all groups>) AS g ORDER BY … LIMIT …`, and where records are shown
/// `WITH _groups AS (<some groups>) SELECT … FROM _groups AS g JOIN (<places of records>) AS r … JOIN "company" AS t0 …`.
/// No object has a name with an underscore, so no table is taken for the groups.
///
/// A row has the dimensions' values, the number of records, figures, and then, where records are shown,
/// the place of one in its group and its columns. Places count from 1 behind those that are left out; the
/// first record of a group has its row in any case, so that each group has one.
pub(super) fn groups_template(rows: &RowsPlan, groups: &GroupsPlan, target: &SqlTarget) -> Template {
    let mut sql = SqlWriter::new(target);
    if !groups.shows_records {
        write_select(&mut sql, rows, groups);
        sql.raw(" FROM (");
        write_all_groups(&mut sql, rows, groups);
        sql.raw(") AS g");
        write_cut(&mut sql, groups);
        return Template::new(sql);
    }
    sql.raw("WITH _groups AS MATERIALIZED (SELECT *, ");
    write_group_key(&mut sql, groups, |sql, number, _| write_output(sql, GroupOutput::Dimension(number)));
    sql.raw(" AS key FROM (");
    write_all_groups(&mut sql, rows, groups);
    sql.raw(") AS g");
    write_cut(&mut sql, groups);
    sql.raw(") ");
    write_select(&mut sql, rows, groups);
    sql.raw(" FROM _groups AS g");
    write_records(&mut sql, rows, groups);
    sql.raw(" ORDER BY ");
    write_group_order(&mut sql, groups);
    sql.raw(", r.place");
    Template::new(sql)
}

/// `SELECT g.d0, g.d1, g.n, g.f0, r.place, t0."id", …`
fn write_select(sql: &mut SqlWriter<Bind>, rows: &RowsPlan, groups: &GroupsPlan) {
    let dimensions = (0..groups.dimensions.len()).map(GroupOutput::Dimension);
    let figures = (0..groups.shown_figures).map(GroupOutput::Figure);
    sql.raw("SELECT ");
    sql.separated(", ", dimensions.chain([GroupOutput::Count]).chain(figures), write_output);
    if groups.shows_records {
        sql.raw(", r.place");
        if let Some(offset) = &rows.offset {
            sql.raw(" - ").bind(offset.clone());
        }
        sql.raw(", ");
        write_columns(sql, rows);
    }
    write_model_version(sql);
}

fn write_output(sql: &mut SqlWriter<Bind>, output: GroupOutput) {
    sql.raw("g.");
    match output {
        GroupOutput::Dimension(number) => sql.alias(Alias::dimension(number)),
        GroupOutput::Order(number) => sql.alias(Alias::order(number)),
        GroupOutput::Label(number) => sql.alias(Alias::label(number)),
        GroupOutput::Count => sql.raw("n"),
        GroupOutput::Figure(number) => sql.alias(Alias::figure(number)),
    };
}

/// `SELECT t0."stage" AS d0, … count(*) AS n, … FROM … WHERE … GROUP BY 1, 2`
///
/// What is bound in a term is bound anew wherever the term stands, and a database cannot tell that it is
/// the same; so terms are written once and named by their places.
fn write_all_groups(sql: &mut SqlWriter<Bind>, rows: &RowsPlan, groups: &GroupsPlan) {
    sql.raw("SELECT ");
    let mut gathered = 0;
    for (number, dimension) in groups.dimensions.iter().enumerate() {
        write_term(sql, &dimension.value);
        sql.raw(" AS ").alias(Alias::dimension(number)).raw(", ");
        gathered += 1;
        if groups.has_order(number) {
            write_term(sql, &dimension.order);
            sql.raw(" AS ").alias(Alias::order(number)).raw(", ");
            gathered += 1;
        }
    }
    for (number, label) in groups.labels.iter().enumerate() {
        write_term(sql, label);
        sql.raw(" AS ").alias(Alias::label(number)).raw(", ");
        gathered += 1;
    }
    sql.raw("count(*) AS n");
    for (number, figure) in groups.figures.iter().enumerate() {
        sql.raw(", ");
        write_figure(sql, &figure.term);
        sql.raw(" AS ").alias(Alias::figure(number));
    }
    write_source(sql, rows, groups, &[]);
    sql.raw(" GROUP BY ").separated(", ", 1..=gathered, |sql, place| _ = sql.number(place));
}

/// The records that match, with what dimensions, labels and `further` joins need.
fn write_source(sql: &mut SqlWriter<Bind>, rows: &RowsPlan, groups: &GroupsPlan, further: &[Join]) {
    from_table(sql, rows);
    write_joins(sql, &groups.joins);
    for elements in &groups.elements {
        join_elements(sql, elements);
    }
    write_joins(sql, further);
    sql.raw(" WHERE ");
    write_condition(sql, &rows.condition);
}

/// ` ORDER BY g.f0 DESC, g.d0 LIMIT …`
fn write_cut(sql: &mut SqlWriter<Bind>, groups: &GroupsPlan) {
    sql.raw(" ORDER BY ");
    write_group_order(sql, groups);
    sql.raw(" LIMIT ").bind(groups.limit.clone());
}

fn write_group_order(sql: &mut SqlWriter<Bind>, groups: &GroupsPlan) {
    sql.separated(", ", &groups.order, |sql, key| {
        write_output(sql, key.by);
        sql.raw(sql.dialect().direction(key.direction, key.by != GroupOutput::Count));
    });
}

/// Numbers the records of each group, all groups at once, and joins those whose turn it is.
fn write_records(sql: &mut SqlWriter<Bind>, rows: &RowsPlan, groups: &GroupsPlan) {
    sql.raw(" JOIN (SELECT ").column(rows.alias, "id").raw(" AS id");
    sql.raw(", ");
    write_group_key(sql, groups, |sql, _, value| write_term(sql, value));
    sql.raw(" AS key, row_number() OVER (PARTITION BY ");
    sql.separated(", ", &groups.dimensions, |sql, dimension| write_term(sql, &dimension.value));
    sql.raw(" ORDER BY ");
    write_order(sql, &rows.order);
    sql.raw(") AS place");
    write_source(sql, rows, groups, &groups.record_joins);
    let [before, after] = sql.dialect().is_among_groups();
    sql.raw(" AND ").raw(before);
    write_group_key(sql, groups, |sql, _, value| write_term(sql, value));
    sql.raw(after).raw(") AS r ON r.key = g.key");
    sql.raw(" AND r.place <= ");
    match rows.offset {
        Some(Bind::Number { slot, .. }) => {
            sql.bind(Bind::number(slot, READ_PER_GROUP));
            sql.raw(" AND (r.place = 1 OR r.place > ").bind(Bind::number(slot, 0)).raw(")");
        }
        _ => _ = sql.bind(Bind::Constant(Value::Integer(READ_PER_GROUP))),
    }
    sql.raw(" JOIN ").table(&rows.table).raw(" AS ").alias(rows.alias);
    sql.raw(" ON ").column(rows.alias, "id").raw(" = r.id");
    write_joins(sql, &rows.joins);
}

/// What a group has in common, as one value. `write` writes the value of the dimension with this number.
fn write_group_key(
    sql: &mut SqlWriter<Bind>,
    groups: &GroupsPlan,
    write: impl Fn(&mut SqlWriter<Bind>, usize, &Term),
) {
    let [before, between, after] = sql.dialect().group_key();
    sql.raw(before);
    sql.separated(between, groups.dimensions.iter().enumerate(), |sql, (number, dimension)| {
        write(sql, number, &dimension.value);
    });
    sql.raw(after);
}
