//! The `fourfold` program as people and scripts use it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_fourfold");

fn fourfold(data: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    for variable in ["DATABASE_URL", "SERVER_URL", "FOURFOLD_LISTEN", "RUST_LOG"] {
        command.env_remove(variable);
    }
    command.env("FOURFOLD_DATA", data).stdin(Stdio::null());
    command
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    fourfold(data).args(arguments).output().unwrap()
}

fn run_with_input(data: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = fourfold(data);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that refuses before reading has closed its end.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A running server, killed when a test fails.
struct Server {
    child: Child,
    url: String,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Server {
    fn start(data: &Path) -> Self {
        let mut command = fourfold(data);
        command.args(["--listen", "127.0.0.1:0", "--empty"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("Fourfold serves ").expect(&line).to_owned();
        Self { child, url, stdout }
    }

    /// Asks the server to end; the rest of what it printed, its log and its status.
    fn stop(mut self) -> (String, String, ExitStatus) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let (mut printed, mut log) = (String::new(), String::new());
        self.stdout.read_to_string(&mut printed).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (printed, log, self.child.wait().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder that a server has begun and left.
fn begun() -> (TempDir, PathBuf) {
    let temporary = tempfile::tempdir().unwrap();
    let data = temporary.path().join("data");
    Server::start(&data).stop();
    (temporary, data)
}

#[tokio::test]
async fn a_server_begins_serves_and_ends() {
    let temporary = tempfile::tempdir().unwrap();
    let data = temporary.path().join("data");
    let server = Server::start(&data);
    let client = reqwest::Client::new();
    let request = client.get(format!("{}/healthz", server.url)).header("x-request-id", "from-the-test");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-request-id"], "from-the-test");
    let health: serde_json::Value = response.json().await.unwrap();
    assert_eq!(health, serde_json::json!({"status": "ok", "info": {}, "error": {}, "details": {}}));
    let unknown = reqwest::get(format!("{}/nowhere", server.url)).await.unwrap();
    assert_eq!(unknown.status(), 404);
    let body: serde_json::Value = unknown.json().await.unwrap();
    assert_eq!(body["error"], "Not Found");

    let second = run(&data, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(!second.status.success());
    assert!(text(&second.stderr).contains("another server is running"), "{}", text(&second.stderr));
    let key = run(&data, &["api-key", "create", "--name", "beside"]);
    assert!(key.status.success(), "{}", text(&key.stderr));
    let token = text(&key.stdout);
    assert_eq!((token.lines().count(), token.trim().split('.').count()), (1, 3), "{token}");

    let (printed, log, status) = server.stop();
    assert!(status.success(), "{status}");
    for secret in ["e-mail    admin@fourfold.local", "password  ", "API key   ey"] {
        assert!(printed.contains(secret), "{secret:?} is missing in {printed}");
    }
    assert!(log.contains("from-the-test") && log.contains("/healthz"), "{log}");

    let (printed, _, status) = Server::start(&data).stop();
    assert!(status.success(), "{status}");
    assert_eq!(printed, "", "a second start shows no secrets");
}

#[test]
fn workspaces_and_users_are_made() {
    let (_temporary, data) = begun();
    let created = run(&data, &["workspace", "create", "--name", "Second workspace", "--empty"]);
    assert!(created.status.success(), "{}", text(&created.stderr));
    let id = text(&created.stdout).trim().to_owned();
    let listed = text(&run(&data, &["workspace", "list"]).stdout);
    assert!(
        listed.lines().count() == 3 && listed.contains(&id) && listed.contains("second-workspace"),
        "{listed}"
    );

    let ambiguous = run(&data, &["api-key", "create", "--name", "ci"]);
    assert!(text(&ambiguous.stderr).contains("--workspace"), "{}", text(&ambiguous.stderr));
    for workspace in [id.as_str(), "second workspace", "second-workspace"] {
        let key = run(&data, &["api-key", "create", "--name", "ci", "--workspace", workspace]);
        assert!(key.status.success(), "{workspace}: {}", text(&key.stderr));
    }
    let arguments = [
        "user",
        "create",
        "--email",
        "ada@example.com",
        "--password-stdin",
        "--workspace",
        id.as_str(),
        "--role",
        "member",
    ];
    let user = run_with_input(&data, &arguments, "correct-horse-9\n");
    assert!(user.status.success(), "{}", text(&user.stderr));
    let again = run_with_input(&data, &arguments, "correct-horse-9\n");
    assert!(text(&again.stderr).contains("already"), "{}", text(&again.stderr));
}

#[test]
fn bad_input_is_named_and_changes_nothing() {
    let (temporary, data) = begun();
    let file = temporary.path().join("file");
    std::fs::write(&file, "").unwrap();
    let file = file.to_str().unwrap();
    let user = ["user", "create", "--password-stdin", "--email"];
    let cases: &[(&[&str], &str, &str)] = &[
        (&["--database-url", "postgres://localhost/x"], "", "PostgreSQL"),
        (&["api-key", "create", "--name", "n", "--database-url", "postgres://localhost/x"], "", "PostgreSQL"),
        (&["api-key", "create", "--name", "n", "--role", "Boss"], "", "`Admin`, `Member`"),
        (&["api-key", "create", "--name", "n", "--role", "Member"], "", "cannot be given to API keys"),
        (&["api-key", "create", "--name", "n", "--workspace", "Nowhere"], "", "`Fourfold`"),
        (&["api-key", "create", "--name", " "], "", "1 to 255"),
        (&["api-key", "create", "--name", "n", "--expires-at", "2020-01-01"], "", "future"),
        (&["api-key", "create", "--name", "n", "--data", "/nonexistent/folder"], "", "no Fourfold data"),
        (&[user.as_slice(), &["nobody"]].concat(), "correct-horse-9\n", "e-mail"),
        (&[user.as_slice(), &["a@b.example"]].concat(), "short\n", "8 to 50"),
        (&[user.as_slice(), &["a@b.example"]].concat(), "", "8 to 50"),
        (&["workspace", "create", "--name", ""], "", "1 to 100"),
        (&["serve", "--listen", "127.0.0.1:0", "--data", file], "", "--data"),
        (&["serve", "--listen", "nowhere"], "", "--listen"),
    ];
    let before = text(&run(&data, &["workspace", "list"]).stdout);
    for (arguments, input, expected) in cases {
        let output = run_with_input(&data, arguments, input);
        let message = text(&output.stderr);
        assert!(!output.status.success() && message.contains(expected), "{arguments:?}: {message}");
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
    }
    assert_eq!(text(&run(&data, &["workspace", "list"]).stdout), before);
}

#[test]
fn a_port_in_use_is_named() {
    let temporary = tempfile::tempdir().unwrap();
    let data = temporary.path().join("data");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&data, &["--listen", &address]);
    let message = text(&output.stderr);
    assert!(
        !output.status.success() && message.contains(&address) && message.contains("in use"),
        "{message}"
    );
    assert!(!data.exists(), "nothing was made");
}

#[test]
fn newer_data_is_left_alone() {
    let (_temporary, data) = begun();
    let control = rusqlite::Connection::open(data.join("control.sqlite")).unwrap();
    control.pragma_update(None, "user_version", 999).unwrap();
    drop(control);
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["workspace", "list"]] {
        let output = run(&data, arguments);
        let message = text(&output.stderr);
        assert!(!output.status.success() && message.contains("newer version"), "{message}");
    }
}

#[test]
fn help_explains_every_command() {
    let temporary = tempfile::tempdir().unwrap();
    for (arguments, words) in [
        (&["--help"][..], &["serve", "api-key", "user", "workspace", "--data", "--listen", "SERVER_URL"][..]),
        (&["api-key", "create", "--help"], &["--name", "--role", "--workspace", "--expires-at"]),
        (&["user", "create", "--help"], &["--email", "--password-stdin", "--role", "--workspace"]),
        (&["workspace", "create", "--help"], &["--name", "--empty"]),
    ] {
        let help = text(&run(temporary.path(), arguments).stdout);
        for word in words {
            assert!(help.contains(word), "{arguments:?} does not explain {word}: {help}");
        }
    }
}
