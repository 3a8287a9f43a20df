//! The PostgreSQL of the tests is gone when what started it is, however that ended.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a cluster may take to go. Generous: machines that test are busy.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn nothing_is_left_of_a_cluster() {
    for signal in ["INT", "TERM", "KILL"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("postgres").stdout(Stdio::piped());
        let mut starter = Starter(command.spawn().expect("the program that cargo built starts"));
        let exports = starter.exports();
        let value = |name: &str| exports.iter().find_map(|(known, value)| (known == name).then_some(value));
        let url = value("FOURFOLD_TEST_POSTGRES").expect("where it is");
        let address = url.strip_prefix("postgres://postgres@").expect("a URL of the superuser");
        let certificate = Path::new(value("FOURFOLD_TEST_POSTGRES_CA").expect("whom to trust"));
        let folder = certificate.parent().expect("a file is in a folder");
        assert!(TcpStream::connect(address).is_ok() && certificate.is_file(), "{signal}: {exports:?}");

        let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {}", starter.0.id())]).status();
        assert!(sent.is_ok_and(|status| status.success()), "{signal} reaches the program");
        starter.0.wait().expect("the program ends");
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_ok() || folder.exists() {
            assert!(Instant::now() < deadline, "{signal}: something of {exports:?} is left");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A running `xtask postgres`. Dropped, it is killed, by its own id.
struct Starter(Child);

impl Starter {
    /// The names and values of the variables that it prints.
    fn exports(&mut self) -> Vec<(String, String)> {
        let output = BufReader::new(self.0.stdout.take().expect("its output is a pipe"));
        let mut exports = Vec::new();
        for line in output.lines().take(4) {
            let line = line.expect("the output is text");
            let words = line.strip_prefix("export ").and_then(|rest| rest.split_once('='));
            let (name, value) = words.unwrap_or_else(|| panic!("no variable in {line:?}"));
            exports.push((name.to_owned(), value.trim_matches('\'').to_owned()));
        }
        exports
    }
}

impl Drop for Starter {
    fn drop(&mut self) {
        // One that has ended already is what we want.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
