//! The recorded exchanges of `conformance/`, replayed against a live server.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::documents::repository;
use crate::support::TestServer;

/// How many scenarios are out of reach. It goes down with the list, and never up.
const OUT_OF_REACH: usize = 19;

#[test]
fn scenarios_in_reach_pass_twice_in_a_row() {
    for arguments in [&[][..], &["--empty"]] {
        let server = TestServer::start_new(arguments);
        for time in ["first", "second"] {
            let replayed = replay(&server, &in_reach());
            assert!(replayed.passed, "{arguments:?}, the {time} time:\n{}", replayed.failures());
        }
    }
}

#[test]
fn scenarios_that_pass_leave_the_list() {
    let server = TestServer::start();
    let listed = not_yet();
    let passing = listed.iter().filter(|name| replay(&server, &BTreeSet::from([(*name).clone()])).passed);
    let passing: Vec<_> = passing.collect();
    assert!(passing.is_empty(), "these pass now; remove them from conformance/not-yet.txt: {passing:?}");
}

#[test]
fn the_list_names_scenarios_and_reasons() {
    let all = scenarios();
    assert!(30 < all.len(), "the scenarios are there: {all:?}");
    let listed: Vec<_> = lines().iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(listed.len(), OUT_OF_REACH, "the list only shrinks, and the number with it");
    assert!(listed.is_sorted_by(|left, right| left < right), "in order, each scenario once: {listed:?}");
    for (name, reason) in lines() {
        assert!(all.contains(&name), "{name} is no scenario");
        assert!(!reason.is_empty(), "{name} has no reason");
    }
}

#[test]
fn the_kit_is_a_faithful_copy() {
    let original = repository().join("../shared/contract/conformance");
    if !original.is_dir() {
        // Written past the capture of the test harness: a check that did not happen is said aloud.
        let _ = writeln!(
            std::io::stderr(),
            "conformance: ../shared does not stand beside this checkout; the copy is not compared"
        );
        return;
    }
    let copy = repository().join("conformance");
    let mut names = BTreeSet::from(["README.md".to_owned(), "replay.py".to_owned()]);
    for folder in [&original, &copy] {
        names.extend(files(&folder.join("cases")).into_iter().map(|name| format!("cases/{name}")));
    }
    for name in names {
        let (theirs, ours) = (fs::read(original.join(&name)).ok(), fs::read(copy.join(&name)).ok());
        assert!(theirs == ours, "conformance/{name} differs from the original");
    }
}

struct Replayed {
    passed: bool,
    output: String,
}

impl Replayed {
    /// The steps that failed with their differences, and the last line.
    fn failures(&self) -> String {
        let lines = self.output.lines().filter(|line| !line.starts_with("ok "));
        lines.map(|line| format!("{line}\n")).collect()
    }
}

/// Replays scenarios as a signed-in administrator and with the first API key.
fn replay(server: &TestServer, scenarios: &BTreeSet<String>) -> Replayed {
    let kit = repository().join("conformance");
    let credentials = &server.credentials;
    let output = Command::new("python3")
        .arg(kit.join("replay.py"))
        .args(["--url", server.url(), "--key", &credentials.key])
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

fn in_reach() -> BTreeSet<String> {
    &scenarios() - &not_yet()
}

fn not_yet() -> BTreeSet<String> {
    lines().into_iter().map(|(name, _)| name).collect()
}

/// File and reason of each line of the list.
fn lines() -> Vec<(String, String)> {
    let path = repository().join("conformance/not-yet.txt");
    let text = fs::read_to_string(&path).expect("the list can be read");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let parts = lines.map(|line| line.split_once(' ').unwrap_or((line, "")));
    parts.map(|(name, reason)| (name.to_owned(), reason.trim().to_owned())).collect()
}

fn scenarios() -> BTreeSet<String> {
    files(&repository().join("conformance/cases"))
}

fn files(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    paths.filter_map(|path: PathBuf| Some(path.file_name()?.to_str()?.to_owned())).collect()
}
