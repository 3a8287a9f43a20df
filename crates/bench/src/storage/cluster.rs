//! Two databases in a PostgreSQL cluster that somebody else keeps.

use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use crate::Outcome;
use crate::copies::{AT_ONCE, CopiedTable, Copy};

/// A URL of a superuser without a database.
const VARIABLE: &str = "FOURFOLD_TEST_POSTGRES";

pub(crate) struct Cluster {
    url: String,
    /// Connected to the database `postgres`.
    client: Client,
    version: String,
    database: String,
    copy: String,
}

impl Cluster {
    pub(super) async fn new() -> Outcome<Self> {
        let unset = format!("{VARIABLE} is not set; `cargo xtask bench` starts a PostgreSQL and sets it");
        let url = std::env::var(VARIABLE).map_err(|_| unset)?;
        let client = connect(&database_url(&url, "postgres")).await?;
        let version: String = client.query_one("SHOW server_version", &[]).await?.try_get(0)?;
        let database = format!("fourfold_bench_{}", std::process::id());
        let copy = format!("{database}_reference");
        client.batch_execute(&format!("CREATE DATABASE {database}")).await?;
        // Without what the distribution adds to it.
        let version = version.split(' ').next().unwrap_or_default().to_owned();
        Ok(Self { url, client, version, database, copy })
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Where Fourfold works.
    pub(super) fn url(&self) -> String {
        database_url(&self.url, &self.database)
    }

    /// Makes copies of records, many with each statement.
    pub(super) async fn copy_records(
        &self,
        table: &CopiedTable,
        copies: impl Iterator<Item = Outcome<Copy>>,
    ) -> Outcome<()> {
        let client = connect(&self.url()).await?;
        let schema = schema(&client).await?;
        let columns = "SELECT column_name::TEXT FROM information_schema.columns \
             WHERE table_schema = $1 AND table_name = $2 AND is_generated = 'NEVER'";
        let columns = client.query(columns, &[&schema, &table.name]).await?;
        let columns = columns.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
        let rows = "unnest($1::UUID[], $2::TEXT[], $3::BYTEA[], $4::BIGINT[], $5::UUID[])";
        let rows = format!("(SELECT * FROM {rows} AS u(id, text, key, number, template))");
        let schema = format!("\"{schema}\".");
        let insert = table.insert(&schema, &columns, &rows, "to_timestamp(1700000000 + r.number)");
        let insert = client.prepare(&insert).await?;
        let mut copies = copies.peekable();
        while copies.peek().is_some() {
            let some = copies.by_ref().take(AT_ONCE).collect::<Outcome<Vec<Copy>>>()?;
            let ids: Vec<Uuid> = some.iter().map(|copy| copy.id).collect();
            let texts: Vec<&str> = some.iter().map(|copy| copy.text.as_str()).collect();
            let keys: Vec<&[u8]> = some.iter().map(|copy| copy.key.as_slice()).collect();
            let numbers: Vec<i64> = some.iter().map(|copy| copy.number).collect();
            let templates: Vec<Uuid> = some.iter().map(|copy| copy.template).collect();
            client.execute(&insert, &[&ids, &texts, &keys, &numbers, &templates]).await?;
        }
        // What the server would find out by itself in the next minutes.
        client.batch_execute("VACUUM ANALYZE").await?;
        Ok(())
    }

    /// Copies the database; the URL of the copy, and the schema of the only workspace.
    pub(super) async fn copy(&self) -> Outcome<(String, String)> {
        let filled = connect(&self.url()).await?;
        // Both begin with what the server would find out by itself in the next minutes.
        filled.batch_execute("VACUUM ANALYZE").await?;
        let schema = schema(&filled).await?;
        drop(filled);
        let copying = format!("CREATE DATABASE {} TEMPLATE {}", self.copy, self.database);
        self.client.batch_execute(&copying).await?;
        Ok((database_url(&self.url, &self.copy), schema))
    }

    pub(super) async fn remove(self) -> Outcome<()> {
        for database in [&self.database, &self.copy] {
            let dropping = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
            self.client.batch_execute(&dropping).await?;
        }
        Ok(())
    }
}

/// The schema of the only workspace.
async fn schema(client: &Client) -> Outcome<String> {
    let schemas =
        client.query("SELECT schemaname::TEXT FROM pg_tables WHERE tablename = 'company'", &[]).await?;
    let [schema] = schemas.as_slice() else {
        return Err(format!("there should be one workspace, not {}", schemas.len()).into());
    };
    Ok(schema.try_get(0)?)
}

/// Without TLS, which would be measured on both sides.
fn database_url(cluster: &str, database: &str) -> String {
    format!("{cluster}/{database}?sslmode=disable")
}

async fn connect(url: &str) -> Outcome<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
