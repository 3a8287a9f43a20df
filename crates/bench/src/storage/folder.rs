//! A temporary folder with SQLite files.

use std::fs;
use std::path::PathBuf;

use rusqlite::params;
use tempfile::TempDir;

use crate::Outcome;
use crate::copies::{CopiedTable, Copy};
use crate::reference::connect;

pub(crate) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self(tempfile::tempdir()?))
    }

    pub(super) fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// Makes copies of records in one transaction.
    pub(super) fn copy_records(
        &self,
        table: &CopiedTable,
        copies: impl Iterator<Item = Outcome<Copy>>,
    ) -> Outcome<()> {
        let connection = connect(&self.workspace()?)?;
        // It would only be written to a file of which nobody needs a copy before all of it is there.
        connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000;")?;
        let columns: Vec<String> = connection
            .prepare("SELECT name FROM pragma_table_info(?)")?
            .query_map([table.name], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let row = "(SELECT ?1 AS id, ?2 AS text, ?3 AS key, ?4 AS number, ?5 AS template)";
        let insert = table.insert("", &columns, row, "(1700000000 + r.number) * 1000");
        let transaction = connection.unchecked_transaction()?;
        let mut insert = transaction.prepare(&insert)?;
        for copy in copies {
            let Copy { id, text, key, number, template } = copy?;
            insert.execute(params![id.to_string(), text, key, number, template.to_string()])?;
        }
        drop(insert);
        Ok(transaction.commit()?)
    }

    /// Copies the file of the only workspace.
    pub(super) fn copy(&self) -> Outcome<PathBuf> {
        let copy = self.0.path().join("reference.sqlite");
        fs::copy(self.workspace()?, &copy)?;
        Ok(copy)
    }

    /// The file of the only workspace.
    fn workspace(&self) -> Outcome<PathBuf> {
        let workspaces = self.data().join("workspaces");
        let entries = fs::read_dir(&workspaces)?.collect::<Result<Vec<_>, _>>()?;
        let [file] = entries.as_slice() else {
            // A write-ahead log that is left over holds records that a copy of the file would lack.
            let found = workspaces.display();
            return Err(format!("{found} should hold one closed database, not {entries:?}").into());
        };
        Ok(file.path())
    }

    pub(super) fn remove(self) -> Outcome<()> {
        Ok(self.0.close()?)
    }
}
