//! A server that is measured: a process of its own, on a free port of this machine.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;

/// How long a server may take to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server. Dropped, it is killed, by its own id.
pub(crate) struct ServerProcess {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Kept open after the URL was read: a server that prints more would fail on a closed pipe.
    output: BufReader<ChildStdout>,
}

impl ServerProcess {
    /// Starts a server and waits until it prints the URL on which it answers.
    ///
    /// # Errors
    /// When it cannot be started or ends without a URL; then its log is what it wrote to standard error.
    pub(crate) fn start(command: &mut Command) -> Outcome<Self> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or("a server without output")?;
        let unknown = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Self { child, address: unknown, output: BufReader::new(output) };
        let mut line = String::new();
        while server.output.read_line(&mut line)? != 0 {
            if let Some(address) = address_in(&line) {
                server.address = address;
                return Ok(server);
            }
            line.clear();
        }
        Err(format!("{command:?} ended without a URL").into())
    }

    /// Asks the server to end and waits for that: its files are whole afterwards.
    ///
    /// # Errors
    /// When it does not end, or says that it failed.
    pub(crate) fn stop(mut self) -> Outcome<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("the server ended with {status}").into()),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        Err("the server does not end".into())
    }

    /// Memory of the process that is in RAM, in MB. Pages of the database's file count for each reader that
    /// maps them, and are the system's to take back.
    pub(crate) fn memory(&self) -> Outcome<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let mb = |name: &str| -> Outcome<f64> {
            let kib = status.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB"));
            Ok(kib.ok_or_else(|| format!("no {name}"))?.trim().parse::<f64>()? * 1024.0 / 1e6)
        };
        Ok(Memory { resident_mb: mb("VmRSS:")?, of_files_mb: mb("RssFile:")? })
    }
}

/// Memory of a process.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) resident_mb: f64,
    /// How much of it are pages of files.
    pub(crate) of_files_mb: f64,
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // One that has ended already is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in a line such as `Fourfold serves http://127.0.0.1:3000`.
fn address_in(line: &str) -> Option<SocketAddr> {
    line.split_whitespace().find_map(|word| word.strip_prefix("http://")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_what_servers_print() {
        for (line, port) in [
            ("Fourfold serves http://127.0.0.1:3000", Some(3000)),
            ("http://127.0.0.1:1 is mine", Some(1)),
            ("A new workspace is ready.", None),
            ("see http://example.com", None),
        ] {
            assert_eq!(address_in(line).map(|address| address.port()), port, "{line}");
        }
    }

    #[test]
    fn a_program_without_a_url_is_an_error() {
        assert!(ServerProcess::start(&mut Command::new("true")).is_err());
    }
}
