//! Packages of Debian and its kin.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use crate::Outcome;
use crate::command::run;

pub(crate) fn is_here() -> bool {
    Path::new("/etc/debian_version").exists()
}

/// Installs packages for the programs in them: no service starts, and PostgreSQL makes no cluster.
///
/// # Errors
/// When this is not root, or a package cannot be had.
pub(crate) fn install(packages: &[&str]) -> Outcome {
    if packages.contains(&"postgresql") {
        without_cluster()?;
    }
    run(apt_get().args(["update", "--quiet"]))?;
    run(apt_get()
        .args(["install", "--yes", "--quiet", "--no-install-recommends"])
        // The file that keeps PostgreSQL from making a cluster is older than its package.
        .args(["--option", "Dpkg::Options::=--force-confold"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive")
        // What is needed is a program; the service of its package would take a port.
        .env("SYSTEMD_OFFLINE", "1"))
}

/// What it writes is no output of ours.
fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.stdout(io::stderr());
    command
}

/// Keeps the package of PostgreSQL from making a cluster for the machine, unless somebody has decided that.
fn without_cluster() -> Outcome {
    let file = Path::new("/etc/postgresql-common/createcluster.conf");
    if file.exists() {
        return Ok(());
    }
    let written = fs::create_dir_all("/etc/postgresql-common")
        .and_then(|()| fs::write(file, "create_main_cluster = false\n"));
    written.map_err(|error| format!("{} cannot be written: {error}", file.display()))
}
