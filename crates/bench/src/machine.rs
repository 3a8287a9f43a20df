//! Where figures come from: without it they mean nothing.

use std::fs;
use std::process::Command;

/// The versions that were resolved when this program was built.
const LOCK: &str = include_str!("../../../Cargo.lock");

/// One line for the machine, one for the software.
pub(crate) fn description() -> [String; 2] {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let cpu = field("/proc/cpuinfo", "model name");
    let memory_kib = field("/proc/meminfo", "MemTotal");
    let memory_kib: f64 = memory_kib.trim_end_matches(" kB").parse().unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let rustc = Command::new("rustc").arg("-V").output().map(|output| output.stdout).unwrap_or_default();
    [
        format!(
            "{cpu}, {cores} cores, {:.0} GB of memory, Linux {}",
            memory_kib * 1024.0 / 1e9,
            kernel.trim()
        ),
        format!(
            "{}, axum {}, rusqlite {}, tokio-postgres {}",
            String::from_utf8_lossy(&rustc).trim(),
            locked_version(LOCK, "axum"),
            locked_version(LOCK, "rusqlite"),
            locked_version(LOCK, "tokio-postgres")
        ),
    ]
}

/// The first value with this name in a file of `name : value` lines.
fn field(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    let found = fields.find_map(|(key, value)| (key.trim() == name).then(|| value.trim().to_owned()));
    found.unwrap_or_else(|| format!("unknown {name}"))
}

fn locked_version<'l>(lock: &'l str, package: &str) -> &'l str {
    let mut packages = lock.split("[[package]]").filter_map(|text| text.trim().strip_prefix("name = \""));
    let found = packages.find_map(|text| {
        let rest = text.strip_prefix(package)?.strip_prefix("\"\nversion = \"")?;
        rest.split('"').next()
    });
    found.unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_the_lock_file() {
        let lock = "[[package]]\nname = \"axum-core\"\nversion = \"0.5.1\"\n\n[[package]]\nname = \"axum\"\nversion = \"0.8.9\"\n";
        for (package, version) in [("axum", "0.8.9"), ("axum-core", "0.5.1"), ("xum", "unknown")] {
            assert_eq!(locked_version(lock, package), version, "{package}");
        }
        assert!(locked_version(LOCK, "rusqlite").starts_with("0."));
    }
}
