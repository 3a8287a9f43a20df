//! SQL text: what a statement is made of, and how it is written for each database.
//!
//! There are three ways into a statement, and no fourth: text from this source tree, identifiers,
//! which are quoted, and binds, which stay out of the text. DDL, where databases take no binds, adds
//! literals, which are quoted too; elsewhere only values from this source tree are literals.

mod condition;
mod create;
pub mod ddl;
mod dialect;
mod duplicates;
mod figure;
mod group;
mod merge;
mod read;
mod rows;
mod search;
mod write;

use std::sync::Arc;

pub use create::Extremes;
pub use dialect::Dialect;
use fourfold_model::Value;
pub use read::{CompiledRead, compile_read};
pub(crate) use rows::CellKind;
pub use search::compile_search;
pub use write::{Lookup, WriteStatements};

/// The table whose only row has the version of the model in force.
pub const MODEL_TABLE: &str = "_model";

/// A statement with the values it runs with.
#[derive(Clone, Debug)]
pub struct Statement {
    /// SQL with numbered placeholders.
    pub text: Arc<str>,
    /// One value for each placeholder, in order; for each run of the statement.
    pub binds: Vec<Value>,
    /// How often it runs, one run behind the other. Always 1 but on SQLite.
    pub runs: usize,
}

impl Statement {
    /// A statement that runs once.
    pub fn new(text: impl Into<Arc<str>>, binds: Vec<Value>) -> Self {
        Self { text: text.into(), binds, runs: 1 }
    }

    /// A statement of fixed text without binds.
    pub fn fixed(text: &'static str) -> Self {
        Self::new(text, Vec::new())
    }
}

/// Where statements run: a database, and the schema in it that holds the tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlTarget {
    dialect: Dialect,
    schema: Option<Arc<str>>,
}

impl SqlTarget {
    /// A SQLite file, which holds the tables of one workspace and no others.
    pub fn sqlite() -> Self {
        Self { dialect: Dialect::Sqlite, schema: None }
    }

    /// A schema of a PostgreSQL database. Every statement names it: connections are shared by all
    /// workspaces.
    pub fn postgres(schema: &str) -> Self {
        Self { dialect: Dialect::Postgres, schema: Some(schema.into()) }
    }

    /// The database.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }
}

/// Writes one statement, part by part. `B` is what stands for a value: the value itself, or where in
/// a request it will come from.
#[derive(Debug)]
pub struct SqlWriter<B = Value> {
    target: SqlTarget,
    text: String,
    binds: Vec<B>,
}

impl<B> SqlWriter<B> {
    /// An empty statement for `target`.
    pub fn new(target: &SqlTarget) -> Self {
        Self { target: target.clone(), text: String::new(), binds: Vec::new() }
    }

    /// The database that the statement is for.
    pub fn dialect(&self) -> Dialect {
        self.target.dialect
    }

    /// Adds text of ours.
    pub fn raw(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a quoted identifier; quotes inside are doubled.
    pub fn ident(&mut self, name: &str) -> &mut Self {
        self.text.push('"');
        for (place, piece) in self.target.dialect.identifier(name).split('"').enumerate() {
            self.text.push_str(if 0 < place { "\"\"" } else { "" });
            self.text.push_str(piece);
        }
        self.text.push('"');
        self
    }

    /// Adds the quoted name of a table, or of an index that exists, with that of its schema.
    pub fn table(&mut self, name: &str) -> &mut Self {
        self.schema().ident(name)
    }

    /// Adds the name of the schema with a dot behind it, where there are schemas.
    pub fn schema(&mut self) -> &mut Self {
        if let Some(schema) = self.target.schema.clone() {
            self.ident(&schema).raw(".");
        }
        self
    }

    /// Adds `"table"."column"`.
    pub fn column(&mut self, alias: Alias, column: &str) -> &mut Self {
        self.alias(alias).raw(".").ident(column)
    }

    /// Adds the alias of a table.
    pub fn alias(&mut self, alias: Alias) -> &mut Self {
        self.text.push_str(alias.prefix);
        self.number(alias.number)
    }

    /// Adds a placeholder for `bind`.
    pub fn bind(&mut self, bind: B) -> &mut Self {
        self.binds.push(bind);
        self.placeholder(self.binds.len())
    }

    /// Adds a placeholder for the bind with this number, from 1.
    fn placeholder(&mut self, number: usize) -> &mut Self {
        self.text.push(self.target.dialect.placeholder());
        self.number(number)
    }

    /// Adds a literal, quoted where it is text: for DDL and settings, where databases take no binds, and for
    /// values of ours that are the same in every request.
    pub fn literal(&mut self, value: &Value) -> &mut Self {
        dialect::write_literal(self.target.dialect, value, &mut self.text);
        self
    }

    fn number(&mut self, number: usize) -> &mut Self {
        self.text.push_str(itoa::Buffer::new().format(number));
        self
    }

    /// Writes `items` with `separator` between them.
    pub fn separated<T>(
        &mut self,
        separator: &'static str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (place, item) in items.into_iter().enumerate() {
            if 0 < place {
                self.raw(separator);
            }
            write(self, item);
        }
        self
    }

    /// The text, and what its placeholders stand for.
    pub fn finish(self) -> (Arc<str>, Vec<B>) {
        (self.text.into(), self.binds)
    }
}

impl SqlWriter<Value> {
    /// The finished statement.
    pub fn statement(self) -> Statement {
        let (text, binds) = self.finish();
        Statement::new(text, binds)
    }
}

/// The name of a table inside one statement, from a counter: the same plan gives the same text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alias {
    prefix: &'static str,
    number: usize,
}

impl Alias {
    /// `t0`, `t1` …: tables of records.
    pub const fn table(number: usize) -> Self {
        Self { prefix: "t", number }
    }

    /// `u0`, `u1` …: the elements of lists.
    pub const fn elements(number: usize) -> Self {
        Self { prefix: "u", number }
    }

    /// `d0`, `d1` …: what records are grouped by.
    pub const fn dimension(number: usize) -> Self {
        Self { prefix: "d", number }
    }

    /// `o0`, `o1` …: what orders the dimension of the same number.
    pub const fn order(number: usize) -> Self {
        Self { prefix: "o", number }
    }

    /// `l0`, `l1` …: what groups are ordered by beside dimensions and figures.
    pub const fn label(number: usize) -> Self {
        Self { prefix: "l", number }
    }

    /// `f0`, `f1` …: figures over groups.
    pub const fn figure(number: usize) -> Self {
        Self { prefix: "f", number }
    }

    /// `s0`, `s1` …: tables inside subqueries.
    pub const fn sub(number: usize) -> Self {
        Self { prefix: "s", number }
    }
}
