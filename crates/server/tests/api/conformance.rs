//! The recorded exchanges of `conformance/`: which pass, and which do not yet.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;

use serde_json::json;

use crate::support::TestServer;
use crate::support::bulk::{COMPANIES, fill};
use crate::support::conformance::{files, in_reach, lines, not_yet, replay, repository, scenarios};

/// How many scenarios are out of reach. It goes down with the list, and never up.
const OUT_OF_REACH: usize = 7;

#[test]
fn scenarios_in_reach_pass_twice_in_a_row() {
    for arguments in [&[][..], &["--empty"]] {
        let server = TestServer::start_new(arguments);
        for time in ["first", "second"] {
            let replayed = replay(server.url(), &server.credentials, &in_reach());
            assert!(replayed.passed, "{arguments:?}, the {time} time:\n{}", replayed.failures());
        }
    }
}

/// What clients rely on is no matter of size.
#[tokio::test]
async fn scenarios_in_reach_pass_twice_among_very_many_records() {
    let server = TestServer::start();
    fill(server.data(), &[COMPANIES], 100_000);
    let listed = server.client().get("/rest/companies?limit=1").await;
    assert_eq!(listed.part("/totalCount"), &json!(95_000), "without the trash: {}", listed.body);
    for time in ["first", "second"] {
        let replayed = replay(server.url(), &server.credentials, &in_reach());
        assert!(replayed.passed, "the {time} time:\n{}", replayed.failures());
    }
}

#[test]
fn scenarios_that_pass_leave_the_list() {
    let server = TestServer::start();
    let listed = not_yet();
    let passing = listed
        .iter()
        .filter(|name| replay(server.url(), &server.credentials, &BTreeSet::from([(*name).clone()])).passed);
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
