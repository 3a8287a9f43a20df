//! A PgBouncer in front of the cluster, in transaction mode: each transaction may meet another session.

use std::fs::{self, File, Permissions};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::postgres::{cluster, query, variable};

/// How long the pooler may take to answer. Generous: machines that test are busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often another port is tried: between the choice of a free one and its use, somebody may take it.
const PORTS: usize = 5;

/// A running pooler. Dropped, it is killed, by its own id.
pub(crate) struct PgBouncer {
    /// Where it listens. Everyone is let in, and is the superuser behind it.
    pub(crate) address: SocketAddr,
    process: Child,
    folder: TempDir,
}

impl PgBouncer {
    /// Starts a pooler with at most `pool_size` connections to each database of the cluster.
    ///
    /// # Panics
    /// When it does not answer; its log is part of the message.
    pub(crate) fn start(pool_size: usize) -> Self {
        for _ in 0..PORTS {
            let mut bouncer = Self::spawn(pool_size);
            let url = format!("postgres://postgres@{}/postgres", bouncer.address);
            let deadline = Instant::now() + PATIENCE;
            while bouncer.process.try_wait().expect("it can be waited for").is_none() {
                if query(&url, "SELECT 1").is_ok() {
                    return bouncer;
                }
                assert!(Instant::now() < deadline, "pgbouncer does not answer:\n{}", bouncer.log());
                thread::sleep(Duration::from_millis(20));
            }
            eprintln!("pgbouncer does not start:\n{}", bouncer.log());
        }
        panic!("pgbouncer does not start");
    }

    fn spawn(pool_size: usize) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = port.expect("a port is free");
        let folder = TempDir::new().expect("a temporary folder can be made");
        // The pooler's user is not ours.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("the folder is ours");
        let settings = folder.path().join("pgbouncer.ini");
        fs::write(&settings, self::settings(address, pool_size)).expect("a file can be written");
        let log = File::create(folder.path().join("log")).expect("a file can be written");
        let mut command = Command::new(variable("FOURFOLD_TEST_PGBOUNCER"));
        if is_root() {
            // It refuses to be root.
            command.args(["-u", "nobody"]);
        }
        command.arg(settings).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        Self { address, process: command.spawn().expect("pgbouncer can be started"), folder }
    }

    /// What the pooler has written.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // One that has ended already is what we want.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn settings(address: SocketAddr, pool_size: usize) -> String {
    let cluster = cluster().address;
    let (host, port, own_port) = (cluster.ip(), cluster.port(), address.port());
    format!(
        "[databases]\n\
         * = host={host} port={port} user=postgres\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\n\
         listen_port = {own_port}\n\
         unix_socket_dir =\n\
         auth_type = any\n\
         pool_mode = transaction\n\
         default_pool_size = {pool_size}\n\
         max_client_conn = 500\n"
    )
}

fn is_root() -> bool {
    let user = Command::new("id").arg("-u").output().expect("`id` can be started");
    user.stdout.trim_ascii() == b"0"
}
