//! The programs that the tests start beside Fourfold itself.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::Outcome;
use crate::command::run;

struct Tool {
    /// A command that succeeds when the program is there, and new enough.
    probe: &'static [&'static str],
    /// The Debian package that has it.
    package: &'static str,
    why: &'static str,
}

const TOOLS: [Tool; 3] = [
    Tool {
        probe: &["python3", "-c", "import sys; sys.exit(sys.version_info < (3, 11))"],
        package: "python3",
        why: "Python 3.11 or newer as `python3`, which replays the conformance scenarios",
    },
    Tool { probe: &["curl", "--version"], package: "curl", why: "curl, with which the README's tour is run" },
    Tool { probe: &["bash", "--version"], package: "bash", why: "bash, in which the README's tour is run" },
];

/// Finds every tool. On Debian and its kin, as root, missing ones are installed.
///
/// # Errors
/// Says what to install when something is missing, or too old.
pub(crate) fn ensure() -> Outcome {
    let missing = missing();
    if !missing.is_empty() && is_debian() && is_root() {
        run(Command::new("apt-get").args(["update", "--quiet"]))?;
        run(Command::new("apt-get")
            .args(["install", "--yes", "--quiet", "--no-install-recommends"])
            .args(missing.iter().map(|tool| tool.package))
            .env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    let missing: Vec<&str> = self::missing().iter().map(|tool| tool.why).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the tests need {}; install it (your package manager has it) and try again",
        missing.join("; ")
    ))
}

fn missing() -> Vec<&'static Tool> {
    TOOLS.iter().filter(|tool| !is_there(tool.probe)).collect()
}

fn is_there(probe: &[&str]) -> bool {
    let [program, arguments @ ..] = probe else { return false };
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists()
}

fn is_root() -> bool {
    let user = Command::new("id").arg("-u").output();
    user.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_tells_what_is_there() {
        for (probe, there) in [(&["true"][..], true), (&["false"], false), (&["no-such-program"], false)] {
            assert_eq!(is_there(probe), there, "{probe:?}");
        }
    }
}
