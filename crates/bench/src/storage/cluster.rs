//! Two databases in a PostgreSQL cluster that somebody else keeps.

use tokio_postgres::{Client, NoTls};

use crate::Outcome;

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

    /// Copies the database; the URL of the copy, and the schema of the only workspace.
    pub(super) async fn copy(&self) -> Outcome<(String, String)> {
        let filled = connect(&self.url()).await?;
        // Both begin with what the server would find out by itself in the next minutes.
        filled.batch_execute("VACUUM ANALYZE").await?;
        let schemas =
            filled.query("SELECT schemaname FROM pg_tables WHERE tablename = 'company'", &[]).await?;
        let [schema] = schemas.as_slice() else {
            return Err(format!("there should be one workspace, not {}", schemas.len()).into());
        };
        let schema = schema.try_get(0)?;
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

/// Without TLS, which would be measured on both sides.
fn database_url(cluster: &str, database: &str) -> String {
    format!("{cluster}/{database}?sslmode=disable")
}

async fn connect(url: &str) -> Outcome<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
