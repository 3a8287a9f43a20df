//! The programs that the tests start beside Fourfold itself.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::postgres::Binaries;
use crate::{Outcome, debian};

/// A program that the tests need.
pub(crate) struct Tool {
    /// Whether it is there, and new enough.
    is_there: fn() -> bool,
    /// The Debian package that has it.
    package: &'static str,
    why: &'static str,
}

/// What every test may need.
pub(crate) const TOOLS: &[Tool] = &[
    Tool {
        is_there: || succeeds(&["python3", "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]),
        package: "python3",
        why: "Python 3.11 or newer as `python3`, which replays the conformance scenarios",
    },
    Tool {
        is_there: || succeeds(&["curl", "--version"]),
        package: "curl",
        why: "curl, with which the README's tour is run",
    },
    Tool {
        is_there: || succeeds(&["bash", "--version"]),
        package: "bash",
        why: "bash, in which the README's tour is run",
    },
];

/// What a PostgreSQL cluster needs.
pub(crate) const CLUSTER_TOOLS: &[Tool] = &[
    Tool {
        is_there: || Binaries::find().is_some(),
        package: "postgresql",
        why: "the server of PostgreSQL 15 or newer, where `pg_config --bindir` or /usr/lib/postgresql shows it",
    },
    Tool {
        is_there: || succeeds(&["openssl", "version"]),
        package: "openssl",
        why: "openssl, which makes certificates for PostgreSQL",
    },
];

/// What tests on PostgreSQL need beside a cluster.
pub(crate) const POOLER_TOOLS: &[Tool] = &[Tool {
    is_there: || pgbouncer().is_some(),
    package: "pgbouncer",
    why: "pgbouncer, through which some tests reach PostgreSQL",
}];

/// Finds every tool. On Debian and its kin, as root, missing ones are installed.
///
/// # Errors
/// Says what to install when something is missing, or too old.
pub(crate) fn ensure(tools: &[&[Tool]]) -> Outcome {
    let missing = missing(tools);
    if !missing.is_empty() && debian::is_here() && is_root() {
        debian::install(&missing.iter().map(|tool| tool.package).collect::<Vec<_>>())?;
    }
    require(tools)
}

fn require(tools: &[&[Tool]]) -> Outcome {
    let missing: Vec<&str> = missing(tools).iter().map(|tool| tool.why).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the tests need {}; install it (your package manager has it) and try again",
        missing.join("; ")
    ))
}

fn missing<'a>(tools: &[&'a [Tool]]) -> Vec<&'a Tool> {
    tools.iter().copied().flatten().filter(|tool| !(tool.is_there)()).collect()
}

/// The path of `pgbouncer`, which is a server and as such not always on the path of those who are not root.
pub(crate) fn pgbouncer() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join("pgbouncer")).find(|program| program.is_file())
}

pub(crate) fn is_root() -> bool {
    output("id", &["-u"]).is_some_and(|user| user.trim() == "0")
}

/// What a program prints; `None` when it fails, or is not there.
pub(crate) fn output(program: impl AsRef<Path>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program.as_ref()).args(arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok())?
}

fn succeeds(command: &[&str]) -> bool {
    let [program, arguments @ ..] = command else { return false };
    output(program, arguments).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_what_is_there() {
        for (command, there) in [(&["true"][..], true), (&["false"], false), (&["no-such-program"], false)] {
            assert_eq!(succeeds(command), there, "{command:?}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let tool = |is_there, why| Tool { is_there, package: "none", why };
        let (hull, keel) = (tool(|| true, "a hull"), tool(|| false, "a keel"));
        assert!(require(&[&[hull], &[keel]]).is_err_and(|text| text.contains("need a keel;")));
        assert_eq!(require(&[&[], &[tool(|| true, "a mast")]]), Ok(()));
    }
}
