//! Short ways to write operations, and their SQL as text that can be read.

use std::sync::{Arc, LazyLock};

use fourfold_model::{DataModel, Scalar, Value, standard};
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::cursor;
use crate::filter::Filter;
use crate::operation::{
    Answer, Direction, Listing, OrderKey, Page, Read, Scope, SelectedField, Selection, Values,
};
use crate::plan::{plan_read, probe_rows};
use crate::sql::{SqlTarget, Statement, compile_read};
use crate::{CompiledRead, PlanError};

pub(super) const NOW: Timestamp = Timestamp::UNIX_EPOCH;

pub(super) static MODEL: LazyLock<DataModel> =
    LazyLock::new(|| DataModel::new(1, standard::objects(NOW).into_iter().map(Arc::new).collect()));

/// A list to read, with its values.
pub(super) struct List {
    object: &'static str,
    pub(super) listing: Listing,
    answer: Answer,
    pub(super) values: Values,
}

impl List {
    /// A page of ten that shows ids.
    pub(super) fn of(object: &'static str) -> Self {
        let mut values = Values::default();
        let page = Page { limit: values.keep(json!(10)), ..Page::default() };
        let listing = Listing { page, ..Listing::default() };
        Self { object, listing, answer: Answer::Records(Selection::Fields(vec![field("id")])), values }
    }

    pub(super) fn filter(mut self, filter: Json) -> Self {
        self.listing.filter = Some(Filter::from_json(filter, &mut self.values).unwrap());
        self
    }

    pub(super) fn order(mut self, path: &str, direction: Direction) -> Self {
        let path = path.split('.').map(str::to_owned).collect();
        self.listing.order.push(OrderKey { path, direction });
        self
    }

    pub(super) fn after(self, keys: Json) -> Self {
        self.cursor(&keys, false)
    }

    pub(super) fn before(self, keys: Json) -> Self {
        self.cursor(&keys, true)
    }

    fn cursor(mut self, keys: &Json, backward: bool) -> Self {
        let mut text = Vec::new();
        cursor::encode(keys.to_string().as_bytes(), &mut text);
        let text = String::from_utf8(text).unwrap();
        self.listing.page.cursor = Some(cursor::decode(&text, backward, &mut self.values).unwrap());
        self
    }

    pub(super) fn offset(mut self, offset: u64) -> Self {
        self.listing.page.offset = Some(self.values.keep(json!(offset)));
        self
    }

    pub(super) fn shows(mut self, answer: Answer) -> Self {
        self.answer = answer;
        self
    }

    /// Keeps the values of `other` behind these, and hands out its listing.
    pub(super) fn below(&mut self, make: impl FnOnce(&mut Values) -> Listing) -> Box<Listing> {
        Box::new(make(&mut self.values))
    }

    /// All statements with what is bound, or why there are none.
    pub(super) fn sql(self) -> String {
        self.sql_of(&MODEL)
    }

    /// The same for another model than the standard one.
    pub(super) fn sql_of(self, model: &DataModel) -> String {
        let read = Read { object: self.object.into(), scope: Scope::Page(self.listing), answer: self.answer };
        sql(model, &read, &self.values)
    }
}

pub(super) fn sql(model: &DataModel, read: &Read, values: &Values) -> String {
    on_both(|target| match statements(model, read, values, target) {
        Ok(statements) => statements,
        Err(error) => {
            vec![Statement::new(format!("{:?}: {error}", error.code), Vec::new())]
        }
    })
}

fn statements(
    model: &DataModel,
    read: &Read,
    values: &Values,
    target: &SqlTarget,
) -> Result<Vec<Statement>, PlanError> {
    let (plan, warnings) = plan_read(model, read)?;
    assert_eq!(warnings, Vec::<String>::new());
    let compiled: CompiledRead = compile_read(plan, target)?;
    let rows = probe_rows(model, read, values)?;
    let bound = compiled.bind(values, &rows)?;
    let ids = Value::ids([]);
    let mut statements = vec![compiled.root_statement(&bound, Some(&ids))];
    // A single record that was just written has a statement of its own.
    let of_one = compiled.root_statement(&bound, Some(&Value::ids([Uuid::nil()])));
    statements.extend(Some(of_one).filter(|of_one| of_one.text != statements[0].text));
    for path in 0..compiled.paths() {
        statements.push(compiled.child_statement(path, &bound, &ids));
        statements.extend(compiled.child_totals_statement(path, &bound, &ids));
    }
    statements.extend(compiled.totals_statement(&bound));
    Ok(statements)
}

/// Statements as SQLite and as PostgreSQL get them, with what their placeholders stand for.
pub(super) fn on_both(statements: impl Fn(&SqlTarget) -> Vec<Statement>) -> String {
    let (sqlite, postgres) = (statements(&SqlTarget::sqlite()), statements(&SqlTarget::postgres("ws")));
    assert_eq!(sqlite.len(), postgres.len());
    let both = sqlite.iter().zip(&postgres).map(|(sqlite, postgres)| {
        assert_eq!(cells(&sqlite.binds), cells(&postgres.binds), "both databases get the same values");
        if sqlite.text == postgres.text {
            return shown(sqlite);
        }
        format!("{}\n-- PostgreSQL:\n{}", shown(sqlite), clauses(&postgres.text))
    });
    both.collect::<Vec<_>>().join("\n\n")
}

/// Values, and those of rows one by one: some databases get rows column by column.
fn cells(binds: &[Value]) -> Vec<String> {
    fn add(value: &Value, cells: &mut Vec<String>) {
        match value {
            Value::Column(values) | Value::List(Scalar::Json, values) => {
                values.iter().for_each(|value| add(value, cells));
            }
            other => cells.push(shown_value(other)),
        }
    }
    let mut cells = Vec::new();
    binds.iter().for_each(|value| add(value, &mut cells));
    cells.sort();
    cells
}

/// A statement with what its placeholders stand for, in each of its runs.
pub(super) fn shown(statement: &Statement) -> String {
    let mut text = clauses(&statement.text);
    let in_run = (statement.binds.len() / statement.runs.max(1)).max(1);
    for (place, value) in statement.binds.iter().enumerate() {
        if 1 < statement.runs && place % in_run == 0 {
            text.push_str(&format!("\n-- run {}:", place / in_run + 1));
        }
        text.push_str(&format!("\n-- ?{} {}", place % in_run + 1, shown_value(value)));
    }
    text
}

fn shown_value(value: &Value) -> String {
    match value {
        Value::Bytes(key) => {
            format!("Bytes(x{})", key.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        }
        // The ids of objects are new in each run.
        Value::Uuid(id) => match MODEL.object(*id) {
            Some(object) => format!("Uuid(of {})", object.name_singular),
            None => format!("{value:?}"),
        },
        other => format!("{other:?}"),
    }
}

/// A line for each clause of a statement.
fn clauses(statement: &str) -> String {
    let mut text = statement.to_owned();
    for clause in
        [" FROM ", " LEFT JOIN ", " JOIN ", " WHERE ", " ORDER BY ", " GROUP BY ", " LIMIT ", " SET "]
    {
        // A left join keeps its line whole.
        text = text.replace(clause, &format!("\n{}", clause.trim_start())).replace("LEFT\nJOIN", "LEFT JOIN");
    }
    text
}

/// A selected field; `a.b` selects `b` below `a`.
pub(super) fn field(path: &str) -> SelectedField {
    let (name, below) = path.split_once('.').map_or((path, None), |(name, below)| (name, Some(below)));
    let selection = below.map(field).into_iter().collect();
    SelectedField { key: name.into(), name: name.into(), listing: None, selection, is_emptied: false }
}

pub(super) fn members(value: Json) -> Map<String, Json> {
    match value {
        Json::Object(members) => members,
        _ => Map::new(),
    }
}
