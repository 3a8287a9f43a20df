//! Which folders a server takes, and which it leaves alone.

use std::fs;

use tempfile::TempDir;

use crate::support::{Credentials, TestServer, fourfold};

#[test]
fn a_folder_that_cannot_be_one_is_named_and_left_alone() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let path = |name: &str| folder.path().join(name).to_str().expect("the folder's name is text").to_owned();
    // A file where the folder should be refuses root too, which file permissions would not.
    fs::write(path("file"), "kept").expect("a file can be written");
    for (case, data) in [("a file", path("file")), ("below a file", format!("{}/data", path("file")))] {
        let refused = fourfold(&["serve", "--listen", "127.0.0.1:0", "--data", &data]);
        assert!(refused.code.is_some_and(|code| code != 0), "{case}: {refused:?}");
        assert!(refused.stderr.contains("file"), "{case}: {}", refused.stderr);
        assert!(Credentials::read(&refused.stdout).is_none(), "{case}: {}", refused.stdout);
    }
    assert_eq!(fs::read_to_string(path("file")).expect("the file is still there"), "kept");
}

#[test]
fn a_server_has_its_folder_for_itself() {
    let server = TestServer::start();
    let refused = server.fourfold(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(refused.code.is_some_and(|code| code != 0), "{refused:?}");
    assert!(refused.stderr.contains("another server is running"), "{}", refused.stderr);
}

#[test]
fn a_command_beside_the_server_makes_no_folder() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let nowhere = folder.path().join("nowhere");
    let data = nowhere.to_str().expect("the folder's name is text");
    for command in [&["api-key", "create", "--name", "k"][..], &["workspace", "list"]] {
        let refused = fourfold(&[command, &["--data", data]].concat());
        assert!(refused.code.is_some_and(|code| code != 0), "{command:?}: {refused:?}");
        assert!(refused.stderr.contains("nowhere"), "{command:?}: {}", refused.stderr);
        assert_eq!(refused.stdout, "", "{command:?}");
    }
    assert!(!nowhere.exists());
}
