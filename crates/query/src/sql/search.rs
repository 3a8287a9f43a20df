//! Searches as SQL: one statement, whose rows are the page and one hit more.

use fourfold_model::Value;
use serde_json::{Map, Value as Json};

use super::condition::write_condition;
use super::ddl::SEARCH_TABLE;
use super::dialect::join_per_parent;
use super::read::check_bind_limit;
use super::{Alias, SqlTarget, SqlWriter, Statement};
use crate::bind::Bind;
use crate::error::PlanError;
use crate::plan::SearchPlan;
use crate::search::{Ranks, SearchWords};

/// The index; conditions of a filter speak of this alias too.
const INDEX: Alias = Alias::table(0);

/// The order of hits, the best first.
const ORDER: &str = " ORDER BY \"allRank\" DESC, \"anyRank\" DESC, \"place\", \"id\"";

/// Writes a search for one database. Rows begin with the object, the id, the label and the image,
/// and end with both ranks.
///
/// # Errors
/// When a value of the filter does not fit its field, or it compares too much.
pub fn compile_search(plan: &SearchPlan, target: &SqlTarget) -> Result<Statement, PlanError> {
    let mut sql: SqlWriter<Bind> = SqlWriter::new(target);
    sql.raw("WITH _scope AS MATERIALIZED (");
    let [before, after] = sql.dialect().search_scope();
    sql.raw(before).bind(constant(Value::Json(scope(plan)))).raw(after).raw(")");
    match &plan.words {
        Some(words) => write_hits(&mut sql, plan, words),
        None => {
            sql.raw(" ");
            write_unranked(&mut sql, plan, None);
            sql.raw(" LIMIT ").bind(limit(plan));
        }
    }
    let (text, binds) = sql.finish();
    check_bind_limit(binds.len())?;
    Ok(Statement::new(text, plan.resolve(&binds)?))
}

fn constant(value: Value) -> Bind {
    Bind::Constant(value)
}

/// `{"<object>": "<last id>"}`, in the order of the objects.
fn scope(plan: &SearchPlan) -> String {
    let members = plan.scope.iter().map(|(object, last)| (object.to_string(), last.to_string().into()));
    Json::Object(members.collect::<Map<_, _>>()).to_string()
}

/// Hits by whole words, the best first, and behind them those of objects that have none, where each term
/// stands inside a word. The second are looked for only where the first do not fill the page.
fn write_hits(sql: &mut SqlWriter<Bind>, plan: &SearchPlan, words: &SearchWords) {
    let dialect = sql.dialect();
    sql.raw(", _hit AS MATERIALIZED (SELECT ");
    write_shown(sql);
    let [before, after] = dialect.rank_all();
    sql.raw(", ").raw(before).bind(constant(dialect.all_terms(&words.terms))).raw(after);
    let [before, after] = dialect.rank_any();
    sql.raw(" AS \"allRank\", ").raw(before).bind(constant(dialect.any_terms(&words.terms))).raw(after);
    let [before, between, after] = dialect.search_match();
    sql.raw(" AS \"anyRank\" FROM ").raw(before);
    write_index(sql, plan);
    sql.raw(between).bind(constant(dialect.search_query(words))).raw(after).raw(" AND ");
    write_condition(sql, &plan.condition);
    sql.raw("), _page AS MATERIALIZED (SELECT * FROM _hit");
    if let Some(after) = plan.after {
        sql.raw(" WHERE (\"allRank\" < ").bind(constant(Value::Float(after.all)));
        sql.raw(" OR (\"allRank\" = ").bind(constant(Value::Float(after.all)));
        sql.raw(" AND (\"anyRank\" < ").bind(constant(Value::Float(after.any)));
        sql.raw(" OR (\"anyRank\" = ").bind(constant(Value::Float(after.any)));
        sql.raw(" AND \"id\" > \"lastId\"))))");
    }
    sql.raw(ORDER).raw(" LIMIT ").bind(limit(plan));
    sql.raw("), _inner AS MATERIALIZED (");
    write_unranked(sql, plan, Some(&words.terms));
    sql.raw(" LIMIT ").bind(limit(plan)).raw(" - (SELECT count(*) FROM _page)) ");
    sql.raw("SELECT * FROM (SELECT * FROM _page UNION ALL SELECT * FROM _inner) AS hits").raw(ORDER);
}

/// Records that have no rank, object after object, by their ids: all of them, or those with each term inside
/// a word, of objects that are not among the hits.
fn write_unranked(sql: &mut SqlWriter<Bind>, plan: &SearchPlan, inside: Option<&[String]>) {
    sql.raw("SELECT ");
    write_shown(sql);
    sql.raw(", CAST(0 AS DOUBLE PRECISION) AS \"allRank\", CAST(0 AS DOUBLE PRECISION) AS \"anyRank\"");
    sql.raw(" FROM _scope AS o");
    join_per_parent(sql, SEARCH_TABLE, INDEX, &[], |sql| {
        sql.raw(" FROM ");
        write_index(sql, plan);
        sql.raw(" WHERE t0.\"object\" = o.object AND ");
        if let Some(terms) = inside {
            let [before, after] = sql.dialect().search_contains();
            let terms = sql.dialect().inner_terms(terms);
            sql.raw(before).bind(constant(terms)).raw(after).raw(" AND ");
        }
        write_condition(sql, &plan.condition);
        if plan.after == Some(Ranks::default()) {
            sql.raw(" AND t0.\"id\" > o.\"lastId\"");
        }
        sql.raw(" ORDER BY t0.\"id\" LIMIT ").bind(limit(plan));
    });
    sql.raw(" WHERE t0.\"object\" = o.object");
    if inside.is_some() {
        sql.raw(" AND o.object NOT IN (SELECT \"object\" FROM _hit)");
    }
    sql.raw(" ORDER BY o.\"place\", t0.\"id\"");
}

/// One more than the page holds, to see whether there is more.
fn limit(plan: &SearchPlan) -> Bind {
    constant(Value::Integer(plan.limit + 1))
}

fn write_shown(sql: &mut SqlWriter<Bind>) {
    sql.raw("t0.\"object\", t0.\"id\", t0.\"label\", t0.\"image\", o.\"place\", o.\"lastId\"");
}

/// The index as `t0`. It does not know when records were changed, or each change of a record would be one
/// of the index: their own tables are asked when a filter wants to know.
fn write_index(sql: &mut SqlWriter<Bind>, plan: &SearchPlan) {
    if plan.tables.is_empty() {
        sql.table(SEARCH_TABLE).raw(" AS t0");
        return;
    }
    sql.raw("(SELECT s0.*, CASE s0.\"object\"");
    for (object, table) in &plan.tables {
        sql.raw(" WHEN ")
            .literal(&Value::Uuid(*object))
            .raw(" THEN (SELECT \"updatedAt\" FROM ")
            .table(table);
        sql.raw(" AS s1 WHERE s1.\"id\" = s0.\"id\")");
    }
    sql.raw(" END AS \"updatedAt\" FROM ").table(SEARCH_TABLE).raw(" AS s0) AS t0");
}
