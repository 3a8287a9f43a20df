//! The `fourfold` program, run to its end.

use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::postgres;

/// How long a command may take. Generous: machines that test are busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a finished command left behind.
#[derive(Debug)]
pub(crate) struct Finished {
    /// The exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program, cut off from the settings of whoever runs the tests.
pub(super) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fourfold"));
    for variable in ["FOURFOLD_DATA", "FOURFOLD_LISTEN", "SERVER_URL", "RUST_LOG"] {
        command.env_remove(variable);
    }
    postgres::remove_settings(&mut command);
    command
}

/// Runs `fourfold` with these arguments and nothing on its standard input.
pub(crate) fn fourfold(arguments: &[&str]) -> Finished {
    fourfold_with_input(arguments, "")
}

/// Runs `fourfold` with `input` on its standard input.
pub(crate) fn fourfold_with_input(arguments: &[&str], input: &str) -> Finished {
    fourfold_in(&[], arguments, input)
}

/// Runs `fourfold` with these environment variables.
///
/// # Panics
/// When it does not end: a server that should have refused to start must not hang the tests.
pub(crate) fn fourfold_in(environment: &[(&str, &str)], arguments: &[&str], input: &str) -> Finished {
    let mut child = program()
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program that cargo built starts");
    let mut stdin = child.stdin.take().expect("its input is a pipe");
    // A command that does not read its input may be gone already.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let stdout = read_all(child.stdout.take().expect("its output is a pipe"));
    let stderr = read_all(child.stderr.take().expect("its errors are a pipe"));
    let status = wait(&mut child);
    let (stdout, stderr) =
        (stdout.join().expect("no reader panics"), stderr.join().expect("no reader panics"));
    let Some(status) = status else {
        panic!("`fourfold {}` does not end; it wrote:\n{stdout}{stderr}", arguments.join(" "));
    };
    Finished { code: status.code(), stdout, stderr }
}

/// Starts `fourfold` with these arguments, for whoever ends it before it has done its work.
pub(crate) fn begin_fourfold(arguments: &[&str]) -> Child {
    let mut command = program();
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the program that cargo built starts")
}

fn read_all(mut source: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What came before a failure is worth showing.
        let _ = source.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Waits for the end; `None` when the command had to be killed.
fn wait(child: &mut Child) -> Option<ExitStatus> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("the command can be waited for") {
            return Some(status);
        }
        if deadline < Instant::now() {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
}
