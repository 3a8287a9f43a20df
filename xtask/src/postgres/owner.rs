//! The account that owns a cluster and runs its programs: PostgreSQL refuses to be root.

use std::ffi::OsStr;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::Outcome;
use crate::command::shown;
use crate::tools::{is_root, output};

/// Oneself, or when that is root, the user `postgres` by the numbers of user and group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner(Option<(u32, u32)>);

impl Owner {
    /// # Errors
    /// When this is root and there is no user `postgres`.
    pub(super) fn find() -> Result<Self, String> {
        if !is_root() {
            return Ok(Self(None));
        }
        let number = |which| output("id", &[which, "postgres"])?.trim().parse::<u32>().ok();
        let numbers = number("-u").zip(number("-g"));
        numbers.map(|numbers| Self(Some(numbers))).ok_or_else(|| {
            "PostgreSQL cannot run as root, and there is no user `postgres`; add one, or be somebody else"
                .into()
        })
    }

    /// A program, to be started as the owner in a folder that the owner can enter.
    pub(super) fn command(self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/");
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
        command
    }

    /// Gives the owner a file or folder.
    pub(super) fn take(self, path: &Path) -> Outcome {
        let Some((user, group)) = self.0 else { return Ok(()) };
        chown(path, Some(user), Some(group)).map_err(|error| format!("{}: {error}", path.display()))
    }
}

/// Runs a command to its end; its output is shown only when it fails.
pub(super) fn finish(command: &mut Command) -> Outcome {
    let shown = shown(command);
    let output = command.output().map_err(|error| format!("`{shown}` cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let written = [output.stdout, output.stderr].concat();
    Err(format!("`{shown}` failed: {}\n{}", output.status, String::from_utf8_lossy(&written)))
}
