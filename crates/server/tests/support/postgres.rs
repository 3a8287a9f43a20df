//! Databases and roles in the PostgreSQL cluster of the tests, made and dropped by `psql`.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The cluster that `cargo xtask` starts for tests on PostgreSQL.
pub(crate) struct Cluster {
    /// Of TCP. The superuser `postgres` needs no password here, and everyone else does.
    pub(crate) address: SocketAddr,
    /// The certificate that vouches for the server as `localhost`.
    pub(crate) ca: PathBuf,
    psql: PathBuf,
}

/// The cluster of this run.
///
/// # Panics
/// When there is none: a test on PostgreSQL that did not happen must not pass.
pub(crate) fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let url = variable("FOURFOLD_TEST_POSTGRES");
        let address = url.strip_prefix("postgres://postgres@").and_then(|address| address.parse().ok());
        Cluster {
            address: address.unwrap_or_else(|| panic!("not a URL of the superuser at an address: {url}")),
            ca: variable("FOURFOLD_TEST_POSTGRES_CA").into(),
            psql: Path::new(&variable("FOURFOLD_TEST_POSTGRES_BIN")).join("psql"),
        }
    })
}

/// A variable that `cargo xtask` sets.
///
/// # Panics
/// When it is not set.
pub(super) fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: `cargo xtask test --postgres` starts PostgreSQL and runs these tests")
    })
}

impl Cluster {
    /// Runs SQL as the superuser, outside any database of a test.
    ///
    /// # Panics
    /// When it fails.
    pub(crate) fn sql(&self, sql: &str) -> String {
        let url = format!("postgres://postgres@{}/postgres", self.address);
        query(&url, sql).unwrap_or_else(|error| panic!("{sql}\n{error}"))
    }
}

/// Runs SQL on the database at `url`; the rows, columns separated by `|`, without the last line break.
///
/// # Errors
/// What `psql` writes to standard error.
pub(crate) fn query(url: &str, sql: &str) -> Result<String, String> {
    finish(psql(url).args(["--command", sql]))
}

fn psql(url: &str) -> Command {
    let mut command = Command::new(&cluster().psql);
    remove_settings(&mut command);
    command.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
    command.args(["--dbname", url]);
    command
}

fn finish(command: &mut Command) -> Result<String, String> {
    let output = command.output().expect("psql can be started");
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// As `query`, for SQL that is too long for an argument. Its statements share a session.
///
/// # Errors
/// What `psql` writes to standard error.
pub(crate) fn script(url: &str, sql: &str) -> Result<String, String> {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    file.write_all(sql.as_bytes()).expect("the temporary file takes it");
    let mut command = psql(url);
    finish(command.arg("--file").arg(file.path()))
}

/// Removes what points clients of PostgreSQL to a database, or changes how they speak to it.
pub(super) fn remove_settings(command: &mut Command) {
    command.env_remove("DATABASE_URL");
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("PG")) {
            command.env_remove(name);
        }
    }
}

/// A database. Dropped, it is dropped, whoever is still connected.
pub(crate) struct Database {
    pub(crate) name: String,
}

impl Database {
    /// An empty one, of the superuser.
    pub(crate) fn new() -> Self {
        Self::create("TEMPLATE template0")
    }

    /// An empty one, of a role that may make schemas and tables in it. Declare the role first, so that it is
    /// dropped last.
    pub(crate) fn owned_by(role: &Role) -> Self {
        Self::create(&format!("TEMPLATE template0 OWNER {}", role.name))
    }

    /// Another one with the same content. PostgreSQL waits for a moment for others to leave this one.
    pub(crate) fn copy(&self) -> Self {
        Self::create(&format!("TEMPLATE {}", self.name))
    }

    /// One with options of `CREATE DATABASE`.
    pub(crate) fn create(options: &str) -> Self {
        let name = unique_name();
        cluster().sql(&format!("CREATE DATABASE {name} {options}"));
        Self { name }
    }

    /// The URL of the superuser, who needs no password.
    pub(crate) fn url(&self) -> String {
        self.url_at(cluster().address)
    }

    /// As `url`, by way of something that listens elsewhere, such as a proxy.
    pub(crate) fn url_at(&self, address: SocketAddr) -> String {
        format!("postgres://postgres@{address}/{}", self.name)
    }

    /// The URL of a role, password included.
    pub(crate) fn url_of(&self, role: &Role) -> String {
        format!("postgres://{}:{}@{}/{}", role.name, role.password, cluster().address, self.name)
    }

    /// The URL by which TLS can be verified, with the name that the server's certificate is for.
    pub(crate) fn tls_url(&self) -> String {
        let (port, ca) = (cluster().address.port(), cluster().ca.display());
        let name = &self.name;
        format!("postgres://postgres@localhost:{port}/{name}?sslmode=verify-full&sslrootcert={ca}")
    }

    /// Runs SQL as the superuser.
    ///
    /// # Panics
    /// When it fails.
    pub(crate) fn sql(&self, sql: &str) -> String {
        query(&self.url(), sql).unwrap_or_else(|error| panic!("{sql}\n{error}"))
    }

    /// Whether there is nothing but what PostgreSQL puts into every database.
    pub(crate) fn is_empty(&self) -> bool {
        let theirs =
            "(SELECT oid FROM pg_namespace WHERE nspname LIKE 'pg\\_%' OR nspname = 'information_schema')";
        let tables = format!("SELECT FROM pg_class WHERE relnamespace NOT IN {theirs}");
        let schemas = format!("SELECT FROM pg_namespace WHERE nspname <> 'public' AND oid NOT IN {theirs}");
        self.sql(&format!("SELECT EXISTS ({tables}) OR EXISTS ({schemas})")) == "f"
    }

    /// Every schema, table and number of rows in it, for comparing.
    pub(crate) fn content(&self) -> String {
        let count = "(xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I.%I', \
                     n.nspname, c.relname), FALSE, TRUE, '')))[1]";
        self.sql(&format!(
            "SELECT n.nspname, c.relname, CASE WHEN c.relkind = 'r' THEN {count} END FROM pg_namespace n \
             LEFT JOIN pg_class c ON c.relnamespace = n.oid \
             WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1, 2"
        ))
    }

    /// A session of the superuser that lasts, for transactions that hold something.
    pub(crate) fn session(&self) -> Session {
        Session::open(&self.url())
    }

    /// Ends every connection to this database, as a restart of PostgreSQL does; how many there were.
    pub(crate) fn disconnect_all(&self) -> usize {
        let others = format!("datname = '{}' AND pid <> pg_backend_pid()", self.name);
        let ended = format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {others}");
        self.sql(&ended).parse().expect("a count is a number")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let url = format!("postgres://postgres@{}/postgres", cluster().address);
        // A panic here would hide why the test failed, and the cluster goes anyway.
        if let Err(error) = query(&url, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)) {
            eprintln!("{} is not dropped: {error}", self.name);
        }
    }
}

/// A `psql` that waits for the next statement. Dropped, it is ended, and its transaction rolled back.
pub(crate) struct Session {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Session {
    fn open(url: &str) -> Self {
        let mut command = psql(url);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("psql can be started");
        let input = process.stdin.take().expect("its input is a pipe");
        let output = BufReader::new(process.stdout.take().expect("its output is a pipe"));
        Self { process, input, output }
    }

    /// Runs statements, and waits for their end.
    ///
    /// # Panics
    /// When one fails.
    pub(crate) fn run(&mut self, sql: &str) {
        const DONE: &str = "-- done --";
        writeln!(self.input, "{sql};\n\\echo {DONE}").expect("psql reads");
        let lines = self.output.by_ref().lines().map_while(Result::ok);
        assert!(lines.into_iter().any(|line| line == DONE), "{sql} fails");
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // One that has ended already is what we want.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A role that logs in with a password. Dropped, it is dropped, if it owns nothing any more.
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) password: String,
}

impl Role {
    /// A role that may connect and nothing else, beside what attributes such as `CREATEDB` say.
    pub(crate) fn new(attributes: &str) -> Self {
        let (name, password) = (unique_name(), "a-password-of-tests".to_owned());
        cluster().sql(&format!("CREATE ROLE {name} LOGIN PASSWORD '{password}' {attributes}"));
        Self { name, password }
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        let url = format!("postgres://postgres@{}/postgres", cluster().address);
        if let Err(error) = query(&url, &format!("DROP ROLE IF EXISTS {}", self.name)) {
            eprintln!("{} is not dropped: {error}", self.name);
        }
    }
}

/// A name that no other test uses, nor another test program beside this one.
fn unique_name() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    format!("test_{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed))
}
