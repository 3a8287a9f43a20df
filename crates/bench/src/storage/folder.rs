//! A temporary folder with SQLite files.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::Outcome;

pub(crate) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self(tempfile::tempdir()?))
    }

    pub(super) fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// Copies the file of the only workspace.
    pub(super) fn copy(&self) -> Outcome<PathBuf> {
        let workspaces = self.data().join("workspaces");
        let entries = fs::read_dir(&workspaces)?.collect::<Result<Vec<_>, _>>()?;
        let [file] = entries.as_slice() else {
            // A write-ahead log that is left over holds records that a copy of the file would lack.
            let found = workspaces.display();
            return Err(format!("{found} should hold one closed database, not {entries:?}").into());
        };
        let copy = self.0.path().join("reference.sqlite");
        fs::copy(file.path(), &copy)?;
        Ok(copy)
    }

    pub(super) fn remove(self) -> Outcome<()> {
        Ok(self.0.close()?)
    }
}
