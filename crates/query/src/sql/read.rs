//! Reads as SQL.

use std::sync::Arc;

use fourfold_model::{Scalar, Value};

use super::condition::{write_condition, write_in_list, write_order};
use super::ddl::LIVE_TABLE;
use super::dialect::{LIMITS, join_per_parent};
use super::duplicates;
use super::figure::write_figure;
use super::group::groups_template;
use super::{MODEL_TABLE, SqlTarget, SqlWriter, Statement};
use crate::bind::{Bind, BoundChild, BoundRead, fill_ids, resolve_all};
use crate::error::{PlanError, PlanErrorCode};
use crate::operation::Values;
use crate::plan::{Condition, Figure, Join, MAX_COMPLEXITY, ReadPlan, RowsPlan, Source};
use crate::shape;

/// A read with the statements that it runs, ready for any values of its shape.
#[derive(Debug)]
pub struct CompiledRead {
    root: Template,
    /// The same for one record, where the read is about records just written.
    root_of_one: Option<Template>,
    totals: Option<Template>,
    limit: Option<Bind>,
    groups: Option<GroupCost>,
    pub(crate) children: Vec<CompiledChild>,
    pub(crate) answer: shape::Answer,
    pub(crate) cut: shape::Cut,
    pub(crate) tag: Option<shape::TagShape>,
    /// Whether it gives a list of such answers.
    pub(crate) lists_answers: bool,
}

/// What records inside groups cost: their relations, for each of so many groups.
#[derive(Debug)]
struct GroupCost {
    relations: usize,
    groups: Bind,
}

/// The statements of one to-many path.
#[derive(Debug)]
pub(crate) struct CompiledChild {
    rows: Template,
    totals: Option<Template>,
    limit: Option<Bind>,
    pub(crate) answer: shape::Answer,
    pub(crate) cut: shape::Cut,
}

/// SQL text and what its placeholders stand for.
#[derive(Debug)]
pub(super) struct Template {
    text: Arc<str>,
    binds: Vec<Bind>,
}

impl Template {
    pub(super) fn new(writer: SqlWriter<Bind>) -> Self {
        let (text, binds) = writer.finish();
        Self { text, binds }
    }

    fn statement(&self, mut resolved: Vec<Value>, ids: Option<&Value>) -> Statement {
        if let Some(ids) = ids {
            fill_ids(&self.binds, &mut resolved, ids);
        }
        Statement::new(Arc::clone(&self.text), resolved)
    }
}

/// Writes a planned read for one database.
///
/// # Errors
/// `TooComplex` when a statement would hold more than the database takes.
pub fn compile_read(plan: ReadPlan, target: &SqlTarget) -> Result<CompiledRead, PlanError> {
    for rows in plan.children.iter().map(|child| &child.rows).chain([&plan.rows]) {
        // Beside the joined tables: the records' own, and the list that they come from.
        check_limit(rows.joins.len() + 2, LIMITS.tables, "related records")?;
        check_limit(rows.columns.len() + 1, LIMITS.columns, "values of one record")?;
    }
    if let Some(groups) = &plan.groups {
        let joined = groups.joins.len() + groups.elements.len() + groups.record_joins.len();
        check_limit(joined + 1, LIMITS.tables, "related records")?;
        let gathered = 2 * groups.dimensions.len() + groups.labels.len() + groups.figures.len();
        check_limit(plan.rows.columns.len() + gathered + 3, LIMITS.columns, "values of one group")?;
    }
    let compiled = write_read(plan, target);
    let below = compiled.children.iter().map(|child| (&child.rows, &child.totals));
    for (rows, totals) in below.chain([(&compiled.root, &compiled.totals)]) {
        for template in [Some(rows), totals.as_ref()].into_iter().flatten() {
            check_bind_limit(template.binds.len())?;
        }
    }
    Ok(compiled)
}

fn check_limit(found: usize, limit: usize, what: &str) -> Result<(), PlanError> {
    if found <= limit {
        return Ok(());
    }
    let message = format!("the selection asks for too many {what} at once; ask for some in another request");
    Err(PlanError::new(PlanErrorCode::TooComplex, message))
}

/// # Errors
/// `TooComplex` when a statement has more placeholders than the database takes.
pub(super) fn check_bind_limit(found: usize) -> Result<(), PlanError> {
    if found <= LIMITS.binds {
        return Ok(());
    }
    let message = "the filter and the order compare too much; a select is compared with all its options";
    Err(PlanError::new(PlanErrorCode::TooComplex, message))
}

fn write_read(plan: ReadPlan, target: &SqlTarget) -> CompiledRead {
    let ReadPlan { rows, groups, totals, children, answer, cut, tag } = plan;
    CompiledRead {
        root: match &groups {
            Some(groups) => groups_template(&rows, groups, target),
            None => rows_template(&rows, target),
        },
        groups: groups
            .filter(|groups| groups.shows_records)
            .map(|groups| GroupCost { relations: groups.relations, groups: groups.limit }),
        root_of_one: (rows.source == Source::Ids).then(|| one_template(&rows, target)),
        totals: totals.map(|figures| totals_template(&rows, &figures, target)),
        lists_answers: matches!(rows.source, Source::Duplicates(_)),
        limit: rows.limit,
        children: children
            .into_iter()
            .map(|child| CompiledChild {
                rows: rows_template(&child.rows, target),
                totals: child.totals.map(|figures| totals_template(&child.rows, &figures, target)),
                limit: child.rows.limit,
                answer: child.answer,
                cut: child.cut,
            })
            .collect(),
        answer,
        cut,
        tag,
    }
}

impl CompiledRead {
    /// The values of a request, as the statements take them, with rows that come with the execution, where
    /// the read is about some.
    ///
    /// # Errors
    /// When a value does not fit the column that it is compared with.
    pub fn bind(&self, values: &Values, rows: &[Vec<Value>]) -> Result<BoundRead, PlanError> {
        self.check_group_cost(values)?;
        let optional = |template: &Option<Template>| match template {
            Some(template) => resolve_all(&template.binds, values, rows),
            None => Ok(Vec::new()),
        };
        let children = self.children.iter().map(|child| {
            Ok(BoundChild {
                rows: resolve_all(&child.rows.binds, values, rows)?,
                totals: optional(&child.totals)?,
                limit: limit_of(child.limit.as_ref(), values),
            })
        });
        Ok(BoundRead {
            root: resolve_all(&self.root.binds, values, rows)?,
            totals: optional(&self.totals)?,
            limit: limit_of(self.limit.as_ref(), values),
            children: children.collect::<Result<_, PlanError>>()?,
        })
    }

    /// # Errors
    /// `TooComplex` when records inside groups follow more relations than one request may
    /// (`graphql-core.md` 4.7).
    fn check_group_cost(&self, values: &Values) -> Result<(), PlanError> {
        let Some(cost) = &self.groups else { return Ok(()) };
        let groups = limit_of(Some(&cost.groups), values);
        if (1 + cost.relations).saturating_mul(groups).saturating_add(1) <= MAX_COMPLEXITY {
            return Ok(());
        }
        let message =
            format!("the records of {groups} groups are too many at once; lower the limit of groups");
        Err(PlanError::new(PlanErrorCode::TooComplex, message))
    }

    /// The statement of the records. `ids` are the records just written, where the read is about them;
    /// where it is not, each row on PostgreSQL ends in the version of the model in force.
    pub fn root_statement(&self, bound: &BoundRead, ids: Option<&Value>) -> Statement {
        if let (Some(of_one), Some(Value::List(_, ids))) = (&self.root_of_one, ids)
            && let [id] = ids.as_slice()
        {
            return of_one.statement(bound.root.clone(), Some(id));
        }
        self.root.statement(bound.root.clone(), ids)
    }

    /// Whether the totals of all that match were asked for.
    pub fn has_totals(&self) -> bool {
        self.totals.is_some()
    }

    /// The statement of the totals of all that match, where they were asked for.
    pub fn totals_statement(&self, bound: &BoundRead) -> Option<Statement> {
        Some(self.totals.as_ref()?.statement(bound.totals.clone(), None))
    }

    /// How many statements a read of records runs at most.
    pub fn statements(&self) -> usize {
        let below = self.children.iter().map(|child| 1 + usize::from(child.totals.is_some()));
        1 + usize::from(self.totals.is_some()) + below.sum::<usize>()
    }

    /// How many to-many paths there are; each has a statement of its own.
    pub fn paths(&self) -> usize {
        self.children.len()
    }

    /// The statement of one path's related records, for these parents.
    pub fn child_statement(&self, path: usize, bound: &BoundRead, parents: &Value) -> Statement {
        self.children[path].rows.statement(bound.children[path].rows.clone(), Some(parents))
    }

    /// The statement of the totals of one path's related records, where they were asked for.
    pub fn child_totals_statement(
        &self,
        path: usize,
        bound: &BoundRead,
        parents: &Value,
    ) -> Option<Statement> {
        let totals = self.children[path].totals.as_ref()?;
        Some(totals.statement(bound.children[path].totals.clone(), Some(parents)))
    }

    /// The texts of all statements, for snapshots.
    pub fn texts(&self) -> Vec<&str> {
        let own = [Some(&self.root), self.totals.as_ref()];
        let below = self.children.iter().flat_map(|child| [Some(&child.rows), child.totals.as_ref()]);
        own.into_iter().chain(below).flatten().map(|template| &*template.text).collect()
    }
}

/// The records that a page may show: one less than its statement reads.
fn limit_of(limit: Option<&Bind>, values: &Values) -> usize {
    match limit {
        Some(Bind::Number { slot, most, .. }) => {
            let limit = values.get(*slot).as_i64().unwrap_or(i64::MAX).min(*most);
            usize::try_from(limit).unwrap_or(usize::MAX)
        }
        Some(Bind::Constant(Value::Integer(limit))) => {
            usize::try_from(limit - 1).unwrap_or(usize::MAX).max(1)
        }
        _ => usize::MAX,
    }
}

/// `SELECT … FROM "person" AS t0 LEFT JOIN … WHERE … ORDER BY … LIMIT …`
fn rows_template(rows: &RowsPlan, target: &SqlTarget) -> Template {
    let mut sql = SqlWriter::new(target);
    if let Source::Duplicates(search) = &rows.source {
        duplicates::write_search(&mut sql, rows, search);
    }
    sql.raw("SELECT ");
    sql.raw(match &rows.source {
        Source::Parents(_) => "p.value, ",
        Source::Duplicates(_) => "r.key, d.id, ",
        Source::Table | Source::Ids | Source::Values(_) => "",
    });
    write_columns(&mut sql, rows);
    match &rows.source {
        Source::Table => {
            write_model_version(&mut sql);
            from_table(&mut sql, rows);
            write_joins(&mut sql, &rows.joins);
            write_page(&mut sql, rows, None);
        }
        Source::Ids => {
            from_ids(&mut sql);
            sql.raw(" JOIN ").table(&rows.table).raw(" AS ").alias(rows.alias);
            sql.raw(" ON ").column(rows.alias, "id").raw(" = p.value");
            write_joins(&mut sql, &rows.joins);
            sql.raw(" ORDER BY p.key");
        }
        Source::Values(columns) => {
            sql.raw(" FROM (SELECT ");
            sql.separated(", ", columns.iter().enumerate(), |sql, (place, column)| {
                let cast = sql.dialect().value_cast(column.kind);
                sql.bind(Bind::RowValue(place)).raw(cast).raw(" AS ").ident(&column.name);
            });
            sql.raw(") AS ").alias(rows.alias);
            write_joins(&mut sql, &rows.joins);
        }
        Source::Duplicates(_) => {
            write_model_version(&mut sql);
            duplicates::from_found(&mut sql, rows);
            write_joins(&mut sql, &rows.joins);
            sql.raw(" ORDER BY r.key, d.place");
        }
        Source::Parents(column) => {
            from_ids(&mut sql);
            join_per_parent(&mut sql, &rows.table, rows.alias, &rows.own_columns(), |sql| {
                from_table(sql, rows);
                write_joins(sql, &rows.joins_that_order_uses());
                write_page(sql, rows, Some(column));
            });
            write_joins(&mut sql, &rows.joins);
            sql.raw(" ORDER BY p.key");
            if !rows.order.is_empty() {
                sql.raw(", ");
                write_order(&mut sql, &rows.order);
            }
        }
    }
    Template::new(sql)
}

/// `, (SELECT version FROM "_model")` where rows tell it; a statement finds it out once, and only when it has
/// a row.
pub(super) fn write_model_version(sql: &mut SqlWriter<Bind>) {
    if sql.dialect().tells_model_version() {
        sql.raw(", (SELECT version FROM ").table(MODEL_TABLE).raw(")");
    }
}

/// `SELECT … FROM "person" AS t0 LEFT JOIN … WHERE t0."id" = …`
///
/// PostgreSQL takes a list that it does not know for ten ids, and makes a plan for each single one anew;
/// that takes several times as long as to find the record.
fn one_template(rows: &RowsPlan, target: &SqlTarget) -> Template {
    let mut sql = SqlWriter::new(target);
    sql.raw("SELECT ");
    write_columns(&mut sql, rows);
    from_table(&mut sql, rows);
    write_joins(&mut sql, &rows.joins);
    sql.raw(" WHERE ").column(rows.alias, "id").raw(" = ").bind(Bind::Ids);
    if rows.is_locked {
        let lock = sql.dialect().lock_rows();
        sql.raw(lock);
    }
    Template::new(sql)
}

pub(super) fn write_columns(sql: &mut SqlWriter<Bind>, rows: &RowsPlan) {
    if rows.columns.is_empty() {
        sql.raw("1");
    }
    sql.separated(", ", &rows.columns, |sql, column| _ = sql.column(column.alias, &column.column));
}

pub(super) fn from_table(sql: &mut SqlWriter<Bind>, rows: &RowsPlan) {
    sql.raw(" FROM ").table(&rows.table).raw(" AS ").alias(rows.alias);
}

/// `FROM <bound list> AS p`
fn from_ids(sql: &mut SqlWriter<Bind>) {
    let [before, after] = sql.dialect().list_table();
    sql.raw(" FROM ").raw(before).bind(Bind::Ids).raw(after);
}

/// `SELECT count(*), max(t0."createdAt"), … FROM … WHERE …`: every total of a list in one statement.
/// Of related records it has one row for each parent that has any, with the parent's id first.
fn totals_template(rows: &RowsPlan, figures: &[Figure], target: &SqlTarget) -> Template {
    if rows.is_all_live() && figures.is_empty() {
        return live_template(rows, target);
    }
    let mut sql = SqlWriter::new(target);
    if let Source::Duplicates(search) = &rows.source {
        duplicates::write_search(&mut sql, rows, search);
    }
    sql.raw("SELECT ");
    match &rows.source {
        Source::Parents(_) if rows.merged.is_some() => _ = sql.raw("p.value, "),
        Source::Parents(column) => _ = sql.column(rows.alias, column).raw(", "),
        Source::Duplicates(_) => _ = sql.raw("m.key, "),
        Source::Table | Source::Ids | Source::Values(_) => {}
    }
    sql.raw("count(*)");
    for figure in figures {
        sql.raw(", ");
        write_figure(&mut sql, &figure.term);
    }
    match (&rows.source, &rows.merged) {
        (Source::Parents(column), Some(merged)) => {
            from_ids(&mut sql);
            sql.raw(" JOIN ").table(&rows.table).raw(" AS ").alias(rows.alias).raw(" ON ");
            sql.column(rows.alias, column);
            write_in_list(&mut sql, merged);
            sql.raw(" WHERE ");
            write_condition(&mut sql, &rows.condition);
            sql.raw(" GROUP BY p.value");
        }
        (Source::Parents(column), None) => {
            from_table(&mut sql, rows);
            let [before, after] = sql.dialect().in_list(Scalar::Uuid);
            sql.raw(" WHERE ").column(rows.alias, column);
            sql.raw(before).bind(Bind::Ids).raw(after).raw(" AND ");
            write_condition(&mut sql, &rows.condition);
            sql.raw(" GROUP BY ").column(rows.alias, column);
        }
        (Source::Duplicates(_), _) => {
            duplicates::from_all_found(&mut sql, rows, !figures.is_empty());
            sql.raw(" GROUP BY m.key");
        }
        (Source::Table | Source::Ids | Source::Values(_), _) => {
            from_table(&mut sql, rows);
            sql.raw(" WHERE ");
            write_condition(&mut sql, &rows.condition);
        }
    }
    Template::new(sql)
}

/// `SELECT coalesce(sum(records), 0) FROM "_live" WHERE object = …`: what triggers have counted.
fn live_template(rows: &RowsPlan, target: &SqlTarget) -> Template {
    let mut sql = SqlWriter::new(target);
    let cast = sql.dialect().whole_number_cast();
    sql.raw("SELECT coalesce(sum(records), 0)").raw(cast).raw(" FROM ").table(LIVE_TABLE);
    sql.raw(" WHERE object = ").bind(Bind::Constant(Value::Uuid(rows.object)));
    Template::new(sql)
}

/// ` LEFT JOIN "company" AS t1 ON t1."id" = t0."companyId" AND t1."deletedAt" IS NULL`
pub(super) fn write_joins(sql: &mut SqlWriter<Bind>, joins: &[Join]) {
    for join in joins {
        sql.raw(" LEFT JOIN ").table(&join.table).raw(" AS ").alias(join.alias);
        sql.raw(" ON ").column(join.alias, "id").raw(" = ").column(join.on.alias, &join.on.column);
        sql.raw(" AND ").column(join.alias, "deletedAt").raw(" IS NULL");
    }
}

/// Condition, order and cut of a list; of one parent's when `parent_column` points at `p.value`.
fn write_page(sql: &mut SqlWriter<Bind>, rows: &RowsPlan, parent_column: Option<&String>) {
    sql.raw(" WHERE ");
    if let Some(column) = parent_column {
        sql.column(rows.alias, column);
        match &rows.merged {
            Some(merged) => write_in_list(sql, merged),
            None => _ = sql.raw(" = p.value"),
        }
        sql.raw(" AND ");
    }
    match &rows.keyset {
        Condition::True => write_condition(sql, &rows.condition),
        keyset => {
            write_condition(sql, &rows.condition);
            sql.raw(" AND ");
            write_condition(sql, keyset);
        }
    }
    if !rows.order.is_empty() {
        sql.raw(" ORDER BY ");
        write_order(sql, &rows.order);
    }
    match &rows.limit {
        // PostgreSQL makes a plan for each value of a limit that is bound; this one is always the same.
        Some(Bind::Constant(limit)) => _ = sql.raw(" LIMIT ").literal(limit),
        Some(limit) => _ = sql.raw(" LIMIT ").bind(limit.clone()),
        None => {}
    }
    if let Some(offset) = &rows.offset {
        sql.raw(" OFFSET ").bind(offset.clone());
    }
}

impl RowsPlan {
    /// The columns of the table itself that the statement uses, each once.
    fn own_columns(&self) -> Vec<&str> {
        let ordered = self.order.iter().map(|key| key.term.column());
        let joined = self.joins.iter().map(|join| &join.on);
        let all = self.columns.iter().chain(ordered).chain(joined);
        let mut own: Vec<&str> = Vec::new();
        for column in all.filter(|column| column.alias == self.alias) {
            if !own.contains(&column.column.as_str()) {
                own.push(&column.column);
            }
        }
        if own.is_empty() { vec!["id"] } else { own }
    }

    /// The joins without which the order of a list cannot be found out.
    fn joins_that_order_uses(&self) -> Vec<Join> {
        let orders = |join: &&Join| self.order.iter().any(|key| key.term.column().alias == join.alias);
        self.joins.iter().filter(orders).cloned().collect()
    }
}
