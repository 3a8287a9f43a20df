//! The tour of the README, run as it is written.

use std::fs;
use std::process::Command;

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::support::TestServer;
use crate::support::conformance::repository;

const START: &str = "<!-- tour -->";
const END: &str = "<!-- end of tour -->";

/// What separates the output of two blocks.
const SEPARATOR: &str = "=== end of block ===";

#[test]
fn the_tour_does_what_it_says() {
    let text = fs::read_to_string(repository().join("README.md")).expect("the README can be read");
    let tour =
        text.split_once(START).and_then(|(_, rest)| rest.split_once(END)).expect("the tour has its marks").0;
    let stops = stops(tour);
    assert!(8 <= stops.len(), "the tour has few stops, so they are not recognised");

    let server = TestServer::start_new(&[]);
    let output = run(&stops, &server);
    let outputs: Vec<&str> = output.split(SEPARATOR).collect();
    for (stop, output) in stops.iter().zip(&outputs) {
        let Some(shown) = &stop.answer else { continue };
        let last = output.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
        let answer: Json =
            serde_json::from_str(last).unwrap_or_else(|_| panic!("{}\nprinted:\n{output}", stop.script));
        let shown: Json = serde_json::from_str(shown).unwrap_or_else(|error| panic!("{error} in:\n{shown}"));
        if let Some(difference) = difference(&shown, &answer, "answer") {
            panic!("{}\n{difference}, in:\n{last}", stop.script);
        }
    }
    assert_eq!(outputs.len(), stops.len() + 1, "every block ran:\n{output}");
}

/// A block of shell, and the answer shown below it, if any.
struct Stop {
    script: String,
    answer: Option<String>,
}

fn stops(tour: &str) -> Vec<Stop> {
    let mut stops: Vec<Stop> = Vec::new();
    let mut block: Option<(&str, String)> = None;
    for line in tour.lines() {
        match (block.take(), line.strip_prefix("```")) {
            (None, Some(language)) => block = Some((language, String::new())),
            (None, None) => {}
            (Some(("sh", script)), Some("")) => stops.push(Stop { script, answer: None }),
            (Some(("json", answer)), Some("")) => {
                let stop = stops.last_mut().expect("an answer follows a block of shell");
                stop.answer = Some(answer);
            }
            (Some((language, _)), Some(_)) => panic!("the tour has a block of {language:?}"),
            (Some((language, text)), None) => block = Some((language, text + line + "\n")),
        }
    }
    stops
}

/// Runs all blocks in one shell, as a reader who pastes them would; their output.
fn run(stops: &[Stop], server: &TestServer) -> String {
    let scripts = stops.iter().map(|stop| format!("{}\necho; echo '{SEPARATOR}'\n", stop.script));
    let folder = TempDir::new().expect("a temporary folder can be made");
    let output = Command::new("bash")
        .current_dir(folder.path())
        .args(["-c", &format!("set -eu\n{}", scripts.collect::<String>())])
        .env("URL", server.url())
        .env("KEY", &server.credentials.key)
        .output()
        .expect("bash can be started");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{stdout}\n{}", String::from_utf8_lossy(&output.stderr));
    stdout
}

/// Where an answer differs from the one shown: `"…"` stands for any value, and objects may have more
/// members than are shown.
fn difference(shown: &Json, answer: &Json, place: &str) -> Option<String> {
    match (shown, answer) {
        (Json::String(text), _) if text == "…" => None,
        (Json::Object(shown), Json::Object(answer)) => shown.iter().find_map(|(name, value)| {
            let place = format!("{place}.{name}");
            match answer.get(name) {
                Some(found) => difference(value, found, &place),
                None => Some(format!("{place} is not there")),
            }
        }),
        (Json::Array(shown), Json::Array(answer)) if shown.len() == answer.len() => {
            let mut pairs = shown.iter().zip(answer).enumerate();
            pairs.find_map(|(index, (shown, answer))| difference(shown, answer, &format!("{place}[{index}]")))
        }
        _ => (shown != answer).then(|| format!("{place} is {answer}, not {shown}")),
    }
}

#[test]
fn differences_are_found() {
    for (shown, answer, same) in [
        (r#"{"a": "…"}"#, r#"{"a": 5, "b": 1}"#, true),
        (r#"{"a": [1, "…"]}"#, r#"{"a": [1, 2]}"#, true),
        (r#"{"a": [1]}"#, r#"{"a": [1, 2]}"#, false),
        (r#"{"a": 1}"#, r#"{"a": 2}"#, false),
        (r#"{"a": 1}"#, r#"{"b": 1}"#, false),
        ("[]", "{}", false),
    ] {
        let (shown, answer) = (serde_json::from_str(shown).unwrap(), serde_json::from_str(answer).unwrap());
        assert_eq!(difference(&shown, &answer, "").is_none(), same, "{shown} {answer}");
    }
}
