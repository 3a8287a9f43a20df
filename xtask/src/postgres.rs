//! A PostgreSQL cluster of our own, which lasts as long as this program.

mod binaries;
mod certificates;
mod cleanup;
mod owner;

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) use binaries::Binaries;
use cleanup::Cleanup;
use owner::Owner;

use crate::{Outcome, tools};

/// How long a server may take to answer. Generous: machines that test are busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// What tells programs where a cluster is.
pub(crate) const VARIABLES: [&str; 4] = [
    "FOURFOLD_TEST_POSTGRES",
    "FOURFOLD_TEST_POSTGRES_BIN",
    "FOURFOLD_TEST_POSTGRES_CA",
    "FOURFOLD_TEST_PGBOUNCER",
];

/// Who is let in: the superuser without a password, everyone else (the roles that tests make) with one.
const HBA: &str = "\
local all postgres              trust
local all all                   scram-sha-256
host  all postgres 127.0.0.1/32 trust
host  all all      127.0.0.1/32 scram-sha-256
";

/// What a commit is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// It reaches the disk, as in production.
    Disk,
    /// It survives the end of the server and not that of the machine, which is enough for tests.
    Process,
}

impl Durability {
    fn settings(self) -> [&'static str; 3] {
        match self {
            Self::Disk => ["fsync=on", "full_page_writes=on", "synchronous_commit=on"],
            Self::Process => ["fsync=off", "full_page_writes=off", "synchronous_commit=on"],
        }
    }
}

/// A running server with its files in a temporary folder. Dropped, both are gone; so they are when this
/// program is interrupted or killed.
pub(crate) struct Cluster {
    binaries: Binaries,
    server: Child,
    /// TCP on 127.0.0.1; the socket is in the cluster's folder.
    port: u16,
    cleanup: Cleanup,
}

impl Cluster {
    /// Makes a cluster in UTF-8 with the locale C, so that nothing depends on the machine's, and starts
    /// its server.
    ///
    /// # Errors
    /// Says what went wrong, with the end of the server's log.
    pub(crate) fn start(binaries: Binaries, durability: Durability) -> Result<Self, String> {
        let owner = Owner::find()?;
        let cleanup = Cleanup::of_new_folder()?;
        let folder = cleanup.folder();
        owner.take(folder)?;
        let data = folder.join("data");
        let mut initdb = owner.command(binaries.program("initdb"));
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        owner::finish(initdb.arg("--pgdata").arg(&data).stdout(cleanup.hold()?))?;
        let hba = data.join("pg_hba.conf");
        fs::write(&hba, HBA).map_err(|error| format!("{} cannot be written: {error}", hba.display()))?;
        certificates::make(folder, owner)?;

        let port = free_port()?;
        let log = File::create(folder.join("log")).map_err(|error| format!("no log can be kept: {error}"))?;
        let mut server = owner.command(binaries.program("postgres"));
        server.arg("-D").arg(&data).arg("-k").arg(folder).args(["-p", &port.to_string()]);
        for setting in settings().into_iter().chain(durability.settings()) {
            server.args(["-c", setting]);
        }
        for (setting, file) in [
            ("ssl_ca_file", certificates::CA),
            ("ssl_cert_file", certificates::SERVER),
            ("ssl_key_file", certificates::SERVER_KEY),
        ] {
            server.args(["-c", &format!("{setting}={}", folder.join(file).display())]);
        }
        // In a group of its own, since an interruption from the keyboard is for the cleanup to deal with.
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).process_group(0);
        let server = server.spawn().map_err(|error| format!("PostgreSQL cannot be started: {error}"))?;
        let mut cluster = Self { binaries, server, port, cleanup };
        cluster.wait_until_it_answers()?;
        Ok(cluster)
    }

    /// What leads programs to the cluster, by the names of `VARIABLES`: a URL of the superuser without a
    /// database, the folder of `psql`, the certificate that vouches for the server as `localhost`, and the
    /// path of a pooler, if there is one.
    pub(crate) fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let values = [
            Some(format!("postgres://postgres@127.0.0.1:{}", self.port).into()),
            Some(self.binaries.folder().into()),
            Some(self.cleanup.folder().join(certificates::CA)),
            tools::pgbouncer(),
        ];
        VARIABLES.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Waits for the end of the server, which nobody has asked for.
    ///
    /// # Errors
    /// Always: says how it ended.
    pub(crate) fn wait(&mut self) -> Outcome {
        let status = self.server.wait().map_err(|error| error.to_string())?;
        Err(format!("PostgreSQL has ended ({status}); it wrote:\n{}", self.end_of_log()))
    }

    fn wait_until_it_answers(&mut self) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.server.try_wait() {
                let version = self.binaries.version();
                return Err(format!(
                    "PostgreSQL {version} does not start ({status}):\n{}",
                    self.end_of_log()
                ));
            }
            let mut question = Command::new(self.binaries.program("psql"));
            question.args(["--no-psqlrc", "--host=127.0.0.1", "--username=postgres", "--dbname=postgres"]);
            question.args(["--port", &self.port.to_string(), "--command=SELECT 1"]);
            if question.output().is_ok_and(|output| output.status.success()) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(format!("PostgreSQL does not answer; it wrote:\n{}", self.end_of_log()))
    }

    fn end_of_log(&self) -> String {
        let log = fs::read_to_string(self.cleanup.folder().join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.cleanup.finish();
        // It has ended, or nothing here can end it.
        let _ = self.server.try_wait();
    }
}

fn settings() -> [&'static str; 6] {
    [
        "listen_addresses=127.0.0.1",
        // Tests run side by side, each with a server and its pool.
        "max_connections=300",
        "ssl=on",
        "unix_socket_permissions=0777",
        // Half hours off UTC, and summer time: what leans on the session's time zone shows.
        "timezone=America/St_Johns",
        "log_timezone=UTC",
    ]
}

/// A port that nobody listens on now. Somebody may before the server does; that fails, and says so.
fn free_port() -> Result<u16, String> {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    address.map(|address| address.port()).map_err(|error| format!("no port is free: {error}"))
}
