//! The folder that holds everything: where each file lies, and who may use it now.
//!
//! ```text
//! fourfold-data/            readable by its owner alone
//! ├── control.sqlite        workspaces, users, keys
//! ├── lock                  held by the running server
//! ├── setup.lock            held while a workspace or a user is being made
//! └── workspaces/<id>.sqlite
//! ```

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::command_error::CommandError;

/// What the name of a workspace's file ends with while the workspace is being made.
const UNFINISHED: &str = ".sqlite.unfinished";

/// Files that SQLite keeps beside a database.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// A data folder that exists.
#[derive(Clone, Debug)]
pub(crate) struct DataFolder {
    root: PathBuf,
}

impl DataFolder {
    /// The folder at `root`; made when it is missing, for its owner alone.
    pub(crate) fn create(root: &Path) -> Result<Self, CommandError> {
        let folder = Self { root: root.to_owned() };
        create_private(&folder.root.join("workspaces")).map_err(|source| folder.unusable(source))?;
        Ok(folder)
    }

    /// The folder at `root`, which must hold data already.
    pub(crate) fn existing(root: &Path) -> Result<Self, CommandError> {
        let folder = Self { root: root.to_owned() };
        if folder.control_file().is_file() { Ok(folder) } else { Err(CommandError::NoData(folder.root)) }
    }

    pub(crate) fn control_file(&self) -> PathBuf {
        self.root.join("control.sqlite")
    }

    pub(crate) fn workspace_file(&self, id: Uuid) -> PathBuf {
        self.root.join("workspaces").join(format!("{id}.sqlite"))
    }

    /// Where a workspace is made. It is renamed to [`Self::workspace_file`] when it is whole.
    pub(crate) fn unfinished_file(&self, id: Uuid) -> PathBuf {
        self.root.join("workspaces").join(format!("{id}{UNFINISHED}"))
    }

    /// Gives the workspace its final name, durably.
    pub(crate) fn finish_workspace(&self, id: Uuid) -> io::Result<()> {
        let unfinished = self.unfinished_file(id);
        if companion(&unfinished, "-wal").exists() {
            return Err(io::Error::other("the workspace's database did not close; its log is still there"));
        }
        fs::rename(&unfinished, self.workspace_file(id))?;
        // The new name must outlive a power cut before a row of the control data refers to it.
        File::open(self.root.join("workspaces"))?.sync_all()
    }

    /// Removes what interrupted attempts to make a workspace left. Call it with the setup lock held.
    pub(crate) fn remove_unfinished(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.root.join("workspaces"))? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().contains(UNFINISHED) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Claims the folder for a server, until the file is dropped or the process ends.
    ///
    /// # Errors
    /// `FolderInUse` when another server has it, `Folder` when it cannot be written.
    pub(crate) fn lock_for_server(&self) -> Result<File, CommandError> {
        let file = open_private(&self.root.join("lock")).map_err(|source| self.unusable(source))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(CommandError::FolderInUse(self.root.clone())),
            Err(TryLockError::Error(source)) => Err(self.unusable(source)),
        }
    }

    /// Waits for other processes that make a workspace or a user; the lock ends with the file.
    pub(crate) async fn lock_for_setup(&self) -> io::Result<File> {
        let path = self.root.join("setup.lock");
        let lock = move || {
            let file = open_private(&path)?;
            file.lock()?;
            Ok(file)
        };
        tokio::task::spawn_blocking(lock).await?
    }

    fn unusable(&self, source: io::Error) -> CommandError {
        CommandError::Folder { path: self.root.clone(), source }
    }
}

fn companion(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Removes a database that will not be used, with its companions.
pub(crate) fn remove_database(file: &Path) {
    for path in COMPANIONS.iter().map(|ending| companion(file, ending)).chain([file.to_owned()]) {
        // What cannot be removed now is removed by the next attempt to make a workspace.
        let _ = fs::remove_file(path);
    }
}

fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_at_a_time() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = DataFolder::create(&temporary.path().join("data")).unwrap();
        let first = folder.lock_for_server().unwrap();
        let refused = folder.lock_for_server().unwrap_err();
        assert!(matches!(refused, CommandError::FolderInUse(_)), "{refused}");
        drop(first);
        folder.lock_for_server().unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_look() {
        use std::os::unix::fs::PermissionsExt;
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().join("data");
        let folder = DataFolder::create(&root).unwrap();
        let _lock = folder.lock_for_server().unwrap();
        for (path, expected) in [("", 0o700), ("workspaces", 0o700), ("lock", 0o600)] {
            let mode = fs::metadata(root.join(path)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, expected, "{path}");
        }
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("data");
        fs::write(&path, "something else").unwrap();
        let refused = DataFolder::create(&path).unwrap_err().to_string();
        assert!(refused.contains(path.to_str().unwrap()) && refused.contains("--data"), "{refused}");
    }

    #[test]
    fn unfinished_workspaces_are_removed_and_finished_ones_kept() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = DataFolder::create(temporary.path()).unwrap();
        let (kept, left) = (Uuid::new_v4(), Uuid::new_v4());
        fs::write(folder.workspace_file(kept), "").unwrap();
        fs::write(folder.unfinished_file(left), "").unwrap();
        fs::write(companion(&folder.unfinished_file(left), "-wal"), "").unwrap();
        folder.remove_unfinished().unwrap();
        assert!(folder.workspace_file(kept).exists());
        assert_eq!(fs::read_dir(temporary.path().join("workspaces")).unwrap().count(), 1);
    }
}
