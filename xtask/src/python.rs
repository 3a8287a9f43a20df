//! Python 3.11 or newer, which replays the conformance scenarios.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Outcome, run};

const WHAT_TO_DO: &str = "the tests replay recorded exchanges with Python 3.11 or newer; install it \
     so that `python3` finds it (Debian and Ubuntu: apt-get install python3; macOS: brew install python)";

/// Finds Python. On Debian and its kin, as root, a missing one is installed.
///
/// # Errors
/// Says what to do when there is none, or only an older one.
pub(crate) fn ensure() -> Outcome {
    if is_there() {
        return Ok(());
    }
    if is_debian() && is_root() {
        run(Command::new("apt-get").args(["update", "--quiet"]))?;
        run(Command::new("apt-get")
            .args(["install", "--yes", "--quiet", "--no-install-recommends", "python3"])
            .env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    if is_there() { Ok(()) } else { Err(WHAT_TO_DO.into()) }
}

fn is_there() -> bool {
    let asks = "import sys; sys.exit(sys.version_info < (3, 11))";
    let status = Command::new("python3").args(["-c", asks]).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists()
}

fn is_root() -> bool {
    let user = Command::new("id").arg("--user").output();
    user.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
