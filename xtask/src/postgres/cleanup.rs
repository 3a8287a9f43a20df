//! The end of a cluster, whatever ends this program: a process that outlives it by a moment.

use std::fs::{self, Permissions};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::tools::output;

/// Waits until its input ends, which is when this program drops the other side, or is no more, and whoever
/// else holds it. Then the server is told to end at once, and the folder goes.
///
/// The server's number is the first line of its own file, which it removes at its end. One that has only
/// just been started writes it soon. A server that ignored the request is killed.
const SCRIPT: &str = r#"
cat > /dev/null
file="$1/data/postmaster.pid"
[ -e "$file" ] || sleep 0.5
number=$(head -n 1 "$file" 2> /dev/null)
case $number in
    '' | *[!0-9]*) ;;
    *)
        kill -QUIT "$number"
        rounds=0
        while [ -e "$file" ] && [ $rounds -lt 100 ]; do
            sleep 0.1
            rounds=$((rounds + 1))
        done
        [ ! -e "$file" ] || kill -KILL "$number"
        ;;
esac
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
"#;

/// A temporary folder for a cluster, and what removes it together with the server.
pub(super) struct Cleanup {
    folder: PathBuf,
    process: Child,
}

impl Cleanup {
    /// Makes a folder that everyone may enter, since the server's user and its clients are not always us.
    ///
    /// # Errors
    /// When there is no place for one.
    pub(super) fn of_new_folder() -> Result<Self, String> {
        let template = std::env::temp_dir().join("fourfold-postgres.XXXXXX");
        let template = template.to_str().ok_or("the folder for temporary files has no name in UTF-8")?;
        let folder = output("mktemp", &["-d", template]).ok_or(format!("{template} cannot be made"))?;
        let folder = PathBuf::from(folder.trim_end());
        // In a group of its own: what interrupts this program from the keyboard leaves it alone.
        let process = Command::new("sh")
            .args(["-c", SCRIPT, "cleanup"])
            .arg(&folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("`sh` cannot be started: {error}"))?;
        let cleanup = Self { folder, process };
        let permissions = fs::set_permissions(&cleanup.folder, Permissions::from_mode(0o755));
        permissions.map_err(|error| format!("{}: {error}", cleanup.folder.display()))?;
        Ok(cleanup)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// An output that nobody reads. A process that has it is waited for: without its folder, PostgreSQL ends
    /// in disorder and leaves its shared memory behind.
    ///
    /// # Errors
    /// When there are too many open files.
    pub(super) fn hold(&self) -> Result<Stdio, String> {
        let input = self.process.stdin.as_ref().ok_or("the cleanup has begun")?;
        let copy = input.as_fd().try_clone_to_owned();
        copy.map(Stdio::from).map_err(|error| format!("a pipe cannot be shared: {error}"))
    }

    /// Ends the server and removes the folder; the second time, nothing.
    pub(super) fn finish(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        self.finish();
    }
}
