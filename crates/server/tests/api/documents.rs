//! Documents that speak of the repository speak the truth.

use std::fs;

use crate::support::conformance::repository;

#[test]
fn paths_in_documents_exist() {
    for (document, at_least) in [("ARCHITECTURE.md", 20), ("CONTRIBUTING.md", 3), ("README.md", 3)] {
        let text = fs::read_to_string(repository().join(document)).expect("the document can be read");
        let paths = paths(&text);
        assert!(at_least <= paths.len(), "{document} names few paths, so they are not recognised: {paths:?}");
        for path in paths {
            assert!(repository().join(&path).exists(), "{document} names {path}, which is not there");
        }
    }
}

#[test]
fn decisions_are_listed() {
    let listed =
        fs::read_to_string(repository().join("docs/decisions/README.md")).expect("the list can be read");
    for entry in fs::read_dir(repository().join("docs/decisions")).expect("the folder can be read") {
        let name = entry.expect("the folder can be read").file_name();
        let name = name.to_str().expect("the name is text");
        assert!(name == "README.md" || listed.contains(&format!("({name})")), "{name} is not in the list");
    }
}

#[test]
fn paths_are_told_from_other_code() {
    let text = "`crates/model/src`, `Cargo.toml`, `cargo xtask test`, `/rest/companies`, [list](docs/decisions), `$URL/x`, `a/*.b`, \
                [away](https://example.org/x)\n```sh\n`not/this`\n```\n`docs/errors.md`";
    assert_eq!(paths(text), ["docs/decisions", "crates/model/src", "docs/errors.md"]);
}

/// The relative paths in links and in code between backticks: what has a `/`, and nothing that
/// belongs to a URL, a route, a command, a pattern, or (with `./`) to whoever runs the program.
fn paths(text: &str) -> Vec<String> {
    let prose = without_code_blocks(text);
    let links = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let code = prose.split('`').skip(1).step_by(2).filter(|code| code.contains('/'));
    let is_elsewhere = |text: &str| text.contains("://") || text.starts_with('/') || text.starts_with("./");
    let is_path = |text: &&str| !is_elsewhere(text) && !text.contains([' ', '$', '*', '{', '<', '#', '\n']);
    links.chain(code).filter(is_path).map(str::to_owned).collect()
}

fn without_code_blocks(text: &str) -> String {
    let mut inside = false;
    let mut prose = String::new();
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        if !inside && !fence {
            prose.push_str(line);
            prose.push('\n');
        }
    }
    prose
}
