//! The recorded exchanges of `conformance/`, replayed against a live server.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Credentials;

/// Where the repository stands.
pub(crate) fn repository() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the repository is where the crate is")
}

/// How a replay went.
pub(crate) struct Replayed {
    pub(crate) passed: bool,
    output: String,
}

impl Replayed {
    /// The steps that failed with their differences, and the last line.
    pub(crate) fn failures(&self) -> String {
        let lines = self.output.lines().filter(|line| !line.starts_with("ok "));
        lines.map(|line| format!("{line}\n")).collect()
    }
}

/// Replays scenarios as a signed-in administrator and with the first API key.
pub(crate) fn replay(url: &str, credentials: &Credentials, scenarios: &BTreeSet<String>) -> Replayed {
    let kit = repository().join("conformance");
    let output = Command::new("python3")
        .arg(kit.join("replay.py"))
        .args(["--url", url, "--key", &credentials.key])
        .args(["--user-email", &credentials.email, "--user-password", &credentials.password])
        .args(scenarios.iter().map(|name| kit.join("cases").join(name)))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("python3 (3.11 or newer) can be started; `cargo xtask test` finds or installs it");
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    assert!(text.contains(" passed, "), "the replay did not come to its end:\n{text}");
    Replayed { passed: output.status.success(), output: text }
}

/// The scenarios that pass.
pub(crate) fn in_reach() -> BTreeSet<String> {
    &scenarios() - &not_yet()
}

/// Those that do not pass yet.
pub(crate) fn not_yet() -> BTreeSet<String> {
    lines().into_iter().map(|(name, _)| name).collect()
}

/// File and reason of each line of the list.
pub(crate) fn lines() -> Vec<(String, String)> {
    let path = repository().join("conformance/not-yet.txt");
    let text = fs::read_to_string(&path).expect("the list can be read");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let parts = lines.map(|line| line.split_once(' ').unwrap_or((line, "")));
    parts.map(|(name, reason)| (name.to_owned(), reason.trim().to_owned())).collect()
}

/// All of them.
pub(crate) fn scenarios() -> BTreeSet<String> {
    files(&repository().join("conformance/cases"))
}

/// The names of the files in a folder.
pub(crate) fn files(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    paths.filter_map(|path: PathBuf| Some(path.file_name()?.to_str()?.to_owned())).collect()
}
