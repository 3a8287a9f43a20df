//! Which PostgreSQL of this machine is used.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest major version that Fourfold works with.
const OLDEST: u32 = 15;

/// What a folder must have to be of use.
const PROGRAMS: [&str; 3] = ["postgres", "initdb", "psql"];

/// The folder with the programs of one version of PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binaries {
    folder: PathBuf,
    version: Version,
}

impl Binaries {
    /// The newest of those that `pg_config` and Debian's layout lead to; `None` unless one is new enough.
    pub(crate) fn find() -> Option<Self> {
        let found = folders().into_iter().filter_map(Self::in_folder);
        found
            .filter(|binaries| OLDEST <= binaries.version.major)
            .max_by_key(|binaries| binaries.version.key())
    }

    fn in_folder(folder: PathBuf) -> Option<Self> {
        let complete = PROGRAMS.iter().all(|program| folder.join(program).is_file());
        let output =
            complete.then(|| Command::new(folder.join("postgres")).arg("--version").output())?.ok()?;
        let version = Version::parse(&String::from_utf8(output.stdout).ok()?)?;
        Some(Self { folder, version })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Such as `15.18`.
    pub(crate) fn version(&self) -> &str {
        &self.version.text
    }
}

/// Where servers may be: Debian keeps them off the path, one folder for each major version.
fn folders() -> Vec<PathBuf> {
    let on_path = Command::new("pg_config").arg("--bindir").output().ok();
    let on_path = on_path.and_then(|output| String::from_utf8(output.stdout).ok());
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let of_versions = versions.map(|version| version.path().join("bin"));
    on_path.map(|folder| PathBuf::from(folder.trim())).into_iter().chain(of_versions).collect()
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    major: u32,
    minor: u32,
    text: String,
}

impl Version {
    /// Reads what `postgres --version` prints: `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
    fn parse(printed: &str) -> Option<Self> {
        let text = printed.split_once("(PostgreSQL) ")?.1.split_whitespace().next()?;
        let mut numbers = text.split('.').map(|part| {
            let digits = part.find(|character: char| !character.is_ascii_digit()).unwrap_or(part.len());
            part[..digits].parse().ok()
        });
        let (major, minor) = (numbers.next()??, numbers.next().flatten().unwrap_or(0));
        Some(Self { major, minor, text: text.into() })
    }

    fn key(&self) -> (u32, u32) {
        (self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_numbers() {
        for (printed, read) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some((15, 18))),
            ("postgres (PostgreSQL) 9.6.24\n", Some((9, 6))),
            ("postgres (PostgreSQL) 18beta1\n", Some((18, 0))),
            ("postgres (PostgreSQL) devel\n", None),
            ("pg_ctl: no such program\n", None),
        ] {
            assert_eq!(Version::parse(printed).map(|version| version.key()), read, "{printed}");
        }
    }

    #[test]
    fn a_folder_without_a_server_is_not_taken() {
        assert_eq!(Binaries::in_folder("/".into()), None);
    }
}
