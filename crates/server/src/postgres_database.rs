//! The PostgreSQL database that holds everything, for any number of servers.
//!
//! ```text
//! core                workspaces, users, keys
//! workspace_<id>      a workspace; it has a comment while it is being made
//! ```

use std::sync::Arc;
use std::time::Duration;

use fourfold_model::Value;
use fourfold_query::sql::{SqlTarget, SqlWriter, Statement};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::command_error::CommandError;
use crate::store::postgres::{
    Announced, CONTROL_SCHEMA, Change, Connection, Connector, DatabaseUrl, Pool, PooledConnection,
    PostgresStore, SessionSettings, check_server, listen, lock, migrate, run_alone,
};
use crate::store::{Premise, Store, StoreError};
use crate::{control, data_model};

/// What the name of a workspace's schema begins with.
const WORKSPACE: &str = "workspace_";

/// The comment on the schema of a workspace that is being made. Its name stays: bodies of functions are kept
/// as text, and name the schema.
const UNFINISHED: &str = "unfinished workspace";

/// The advisory lock that is held while a workspace or a user is being made.
const SETUP_LOCK: i64 = 0x464f_5552_5345_5455; // "FOURSETU"

/// How the database is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DatabaseSettings {
    /// Connections that a server opens at most, 2 or more.
    pub(crate) max_connections: usize,
    /// How long one statement may run.
    pub(crate) statement_timeout: Duration,
}

/// A database that this server is connected to.
#[derive(Clone)]
pub(crate) struct PostgresDatabase {
    connector: Arc<Connector>,
    pool: Pool,
}

/// Whose tables are in a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Ours,
    Foreign,
}

impl PostgresDatabase {
    /// Connects, and sees whether the server can hold the data. Changes nothing there.
    ///
    /// # Errors
    /// `Connect` says what is wrong and what to do about it.
    pub(crate) async fn connect(url: &str, settings: DatabaseSettings) -> Result<Self, CommandError> {
        let url = DatabaseUrl::parse(url).map_err(|error| CommandError::Connect(error.into()))?;
        let session = SessionSettings { statement_timeout: settings.statement_timeout };
        let connector = Connector::new(url, session).map_err(CommandError::Connect)?;
        let pool = Pool::new(Arc::clone(&connector), settings.max_connections)
            .map_err(|error| CommandError::database(connector.url().describe(), error))?;
        let first = Connection::open(&connector).await.map_err(CommandError::Connect)?;
        check_server(&first).await.map_err(CommandError::Connect)?;
        Ok(Self { connector, pool })
    }

    /// # Errors
    /// `NoDatabaseData` when no server has run on the database.
    pub(crate) async fn require_data(&self) -> Result<(), CommandError> {
        match self.control_tables().await? {
            Found::Ours => Ok(()),
            Found::Nothing | Found::Foreign => {
                Err(CommandError::NoDatabaseData(self.connector.url().describe()))
            }
        }
    }

    /// Whose tables are where the control data belongs: asked in one statement, since another server may
    /// be making them.
    async fn control_tables(&self) -> Result<Found, CommandError> {
        let rows = self.rows("SELECT tablename::TEXT FROM pg_tables WHERE schemaname = $1").await;
        let rows = rows.map_err(|error| self.failed(error))?;
        Ok(match rows.as_slice() {
            [] => Found::Nothing,
            rows if rows.iter().any(|row| row.text(0) == "_migration") => Found::Ours,
            _ => Found::Foreign,
        })
    }

    /// The control data; made when it is missing, and brought to the latest version.
    ///
    /// # Errors
    /// `ForeignSchema` when another program has its tables where ours belong.
    pub(crate) async fn control(&self) -> Result<Store, CommandError> {
        let failed = |error| self.failed(error);
        if self.control_tables().await? == Found::Foreign {
            let server = self.connector.url().describe();
            return Err(CommandError::ForeignSchema { schema: CONTROL_SCHEMA, server });
        }
        let connection = self.pool.get().await.map_err(failed)?;
        migrate(&connection, CONTROL_SCHEMA, control::MIGRATIONS).await.map_err(failed)?;
        Ok(self.store(CONTROL_SCHEMA, Announced::Control))
    }

    /// The database of a workspace, which must exist; brought to the latest version.
    pub(crate) async fn workspace(&self, id: Uuid) -> Result<Store, StoreError> {
        let schema = schema_of(id);
        let text = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
        let statement = Statement::new(text, vec![Value::Text(schema.clone())]);
        if self.control_store().rows(statement).await?.is_empty() {
            return Err(StoreError::Other(format!("the schema {schema} is missing")));
        }
        let connection = self.pool.get().await?;
        migrate(&connection, &schema, data_model::MIGRATIONS).await?;
        Ok(self.store(&schema, Announced::Model(id)))
    }

    /// A schema for a new workspace, which counts for nothing until [`Self::finish_workspace`].
    pub(crate) async fn create_workspace(&self, id: Uuid) -> Result<Store, StoreError> {
        let schema = schema_of(id);
        let mut sql = SqlWriter::new(&control_target());
        sql.raw("CREATE SCHEMA ").ident(&schema);
        let statements = vec![sql.statement(), comment(&schema, Value::Text(UNFINISHED.into()))];
        self.control_store().apply(Premise::None, statements).await?;
        self.workspace(id).await
    }

    /// Says that a workspace is whole.
    pub(crate) async fn finish_workspace(&self, id: Uuid) -> Result<(), StoreError> {
        self.run(comment(&schema_of(id), Value::Null)).await
    }

    /// Removes the schema of a workspace of which no row of the control data knows.
    pub(crate) async fn remove_workspace(&self, id: Uuid) -> Result<(), StoreError> {
        self.drop_schema(&schema_of(id)).await
    }

    /// Removes what attempts to make a workspace left that were interrupted or failed.
    pub(crate) async fn remove_unfinished(&self) -> Result<(), StoreError> {
        let text = "SELECT nspname::TEXT FROM pg_namespace WHERE obj_description(oid, 'pg_namespace') = $1";
        let statement = Statement::new(text, vec![Value::Text(UNFINISHED.into())]);
        let found = self.control_store().rows(statement).await?;
        // What only looks like one of ours stays.
        let ids = found.iter().filter_map(|row| Uuid::try_parse(row.text(0).strip_prefix(WORKSPACE)?).ok());
        for id in ids {
            self.drop_schema(&schema_of(id)).await?;
        }
        Ok(())
    }

    /// Waits until no other server makes a workspace or a user; the lock ends with the connection's
    /// return to its pool.
    pub(crate) async fn lock_for_setup(&self) -> Result<PooledConnection, StoreError> {
        let connection = self.pool.get().await?;
        lock(&connection, SETUP_LOCK).await?;
        Ok(connection)
    }

    /// What servers on this database change.
    pub(crate) fn changes(&self) -> mpsc::Receiver<Change> {
        listen(Arc::clone(&self.connector))
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    fn control_store(&self) -> Store {
        self.store(CONTROL_SCHEMA, Announced::Control)
    }

    fn store(&self, schema: &str, announced: Announced) -> Store {
        Store::Postgres(Arc::new(PostgresStore::new(self.pool.clone(), schema, announced)))
    }

    /// Rows about the schema of the control data, whose name is bound.
    async fn rows(&self, text: &'static str) -> Result<Vec<crate::store::Row>, StoreError> {
        let statement = Statement::new(text, vec![Value::Text(CONTROL_SCHEMA.into())]);
        self.control_store().rows(statement).await
    }

    async fn drop_schema(&self, schema: &str) -> Result<(), StoreError> {
        let mut sql = SqlWriter::new(&control_target());
        sql.raw("DROP SCHEMA IF EXISTS ").ident(schema).raw(" CASCADE");
        self.run(sql.statement()).await
    }

    async fn run(&self, statement: Statement) -> Result<(), StoreError> {
        run_alone(&*self.pool.get().await?, &statement).await
    }

    fn failed(&self, error: StoreError) -> CommandError {
        CommandError::database(self.connector.url().describe(), error)
    }
}

fn control_target() -> SqlTarget {
    SqlTarget::postgres(CONTROL_SCHEMA)
}

fn schema_of(id: Uuid) -> String {
    format!("{WORKSPACE}{}", id.simple())
}

/// `COMMENT ON SCHEMA "workspace_…" IS …`
fn comment(schema: &str, text: Value) -> Statement {
    let mut sql = SqlWriter::new(&control_target());
    sql.raw("COMMENT ON SCHEMA ").ident(schema).raw(" IS ").literal(&text);
    sql.statement()
}
