//! A data folder that is prepared once and copied for each test, which is faster than a first start.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;

use super::server::{Credentials, Running};

struct Template {
    folder: TempDir,
    credentials: Credentials,
}

/// Copies the prepared folder to `target`; the credentials that work there.
pub(super) fn copy_to(target: &Path) -> Credentials {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    let template = TEMPLATE.get_or_init(prepare);
    copy_folder(&template.folder.path().join("data"), target);
    template.credentials.clone()
}

fn prepare() -> Template {
    // Statics are never dropped, so the folder stays; in the target folder it is nobody's litter.
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder can be made");
    let running = Running::start(&folder.path().join("data"), &["--empty"]);
    let credentials = Credentials::read(&running.stdout());
    let credentials = credentials.unwrap_or_else(|| panic!("no credentials in:\n{}", running.stdout()));
    // An orderly end, so that the copies have no log to replay.
    running.terminate();
    assert!(running.wait().success(), "the server that prepares the template ends well");
    Template { folder, credentials }
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
