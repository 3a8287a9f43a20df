//! A place for the data of servers, on the database that this test program runs on.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::command::{Finished, fourfold_with_input};
use super::dump;
use super::postgres::Database;
use super::server::Credentials;
use super::template;

/// A folder, or a database of PostgreSQL. It goes when it is dropped.
pub(crate) struct TestData(Place);

enum Place {
    /// The data folder is in it, so that it can be missing.
    Folder(TempDir),
    Database(Database),
}

impl TestData {
    /// A place that is as before the first start.
    pub(crate) fn new() -> Self {
        match is_on_postgres() {
            true => Self(Place::Database(Database::new())),
            false => Self(Place::Folder(TempDir::new().expect("a temporary folder can be made"))),
        }
    }

    /// A place with an empty workspace, made once for all tests and copied, which is faster than a first
    /// start; the credentials that work there.
    pub(crate) fn prepared() -> (Self, Credentials) {
        template::copy()
    }

    /// As `new`, for what no test drops: its place is nobody's litter.
    pub(super) fn for_template() -> Self {
        match is_on_postgres() {
            // It goes with the cluster.
            true => Self::new(),
            false => {
                let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"));
                Self(Place::Folder(folder.expect("a temporary folder can be made")))
            }
        }
    }

    /// The same data at another place. No server may be running on it.
    pub(super) fn copy(&self) -> Self {
        match &self.0 {
            Place::Folder(_) => {
                let copy = Self(Place::Folder(TempDir::new().expect("a temporary folder can be made")));
                copy_folder(&self.folder(), &copy.folder());
                copy
            }
            Place::Database(database) => Self(Place::Database(database.copy())),
        }
    }

    /// What tells `fourfold` about the place: `--data DIR` or `--database-url URL`.
    pub(crate) fn arguments(&self) -> [String; 2] {
        match &self.0 {
            Place::Folder(_) => {
                let folder = self.folder();
                ["--data".into(), folder.to_str().expect("the folder's name is text").into()]
            }
            Place::Database(database) => ["--database-url".into(), database.url()],
        }
    }

    /// Runs a command of `fourfold` on this data; options of the place come last.
    pub(crate) fn fourfold(&self, arguments: &[&str]) -> Finished {
        self.fourfold_with_input(arguments, "")
    }

    /// As `fourfold`, with `input` on its standard input.
    pub(crate) fn fourfold_with_input(&self, arguments: &[&str], input: &str) -> Finished {
        let place = self.arguments();
        let place: Vec<&str> = place.iter().map(String::as_str).collect();
        fourfold_with_input(&[arguments, place.as_slice()].concat(), input)
    }

    /// Whether no server has stored anything: there is no data folder, or nothing in the database.
    pub(crate) fn is_untouched(&self) -> bool {
        match &self.0 {
            Place::Folder(_) => !self.folder().exists(),
            Place::Database(database) => database.is_empty(),
        }
    }

    /// Whether it is a database, not a folder.
    pub(crate) fn is_database(&self) -> bool {
        matches!(self.0, Place::Database(_))
    }

    /// Every row that is stored, for comparing.
    pub(crate) fn dump(&self) -> String {
        match &self.0 {
            Place::Folder(_) => dump::of_folder(&self.folder()),
            Place::Database(database) => dump::of_database(database),
        }
    }

    /// The data folder.
    ///
    /// # Panics
    /// When the place is a database: tests of folders are in `tests/sqlite`.
    pub(crate) fn folder(&self) -> PathBuf {
        match &self.0 {
            Place::Folder(folder) => folder.path().join("data"),
            Place::Database(_) => panic!("a database is no folder; this belongs into tests/sqlite"),
        }
    }

    /// The database.
    ///
    /// # Panics
    /// When the place is a folder: tests of databases are in `tests/postgres`.
    pub(crate) fn database(&self) -> &Database {
        match &self.0 {
            Place::Database(database) => database,
            Place::Folder(_) => panic!("a folder is no database; this belongs into tests/postgres"),
        }
    }
}

/// Two test programs are about one database each. The others run on either, by what is set, so that a test
/// is written once.
fn is_on_postgres() -> bool {
    match env!("CARGO_CRATE_NAME") {
        "postgres" => true,
        "sqlite" => false,
        _ => env::var_os("FOURFOLD_TEST_POSTGRES").is_some(),
    }
}

/// Copies a folder and all that is in it.
fn copy_folder(source: &Path, target: &Path) {
    fs::create_dir_all(target).expect("the target folder can be made");
    for entry in fs::read_dir(source).expect("the source folder can be read") {
        let path = entry.expect("the source folder can be read").path();
        let copy = target.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy_folder(&path, &copy);
        } else {
            fs::copy(&path, &copy).expect("a file can be copied");
        }
    }
}
