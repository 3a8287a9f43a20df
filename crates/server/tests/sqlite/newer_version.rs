//! Files of a version that is not out yet.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::TestServer;

/// What SQLite files start with.
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";

#[test]
fn data_of_a_newer_version_is_left_alone() {
    let (running, data) = TestServer::start().into_parts();
    running.terminate();
    assert!(running.wait().success());
    let files = sqlite_files(&data.folder());
    assert!(2 <= files.len(), "the server's own file and one for the workspace: {files:?}");
    for file in &files {
        let connection = rusqlite::Connection::open(file).expect("a database opens");
        connection.pragma_update(None, "user_version", 9999).expect("its version can be raised");
    }
    let refused = data.fourfold(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(refused.code.is_some_and(|code| code != 0), "{refused:?}");
    assert!(refused.stderr.contains("newer version"), "{}", refused.stderr);
    for file in &files {
        let connection = rusqlite::Connection::open(file).expect("a database opens");
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, 9999, "{}", file.display());
    }
}

fn sqlite_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            found.extend(sqlite_files(&path));
        } else if fs::read(&path).is_ok_and(|bytes| bytes.starts_with(SQLITE_MAGIC)) {
            found.push(path);
        }
    }
    found
}
