//! Databases that cannot be used: the start fails, says why and what to do, and changes nothing.

use tempfile::TempDir;

use crate::support::postgres::{Database, Role, cluster};
use crate::support::{TestData, fourfold_in};

/// A certificate authority that signed nothing here, valid for a century.
const ANOTHER_ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres/refused/another_root.crt");

/// Words that a password in a URL must not bring into a message.
const SECRET: &str = "a-password-of-tests";

/// Starts a server and runs a command on `url`; both must fail with a message that has all of `words`.
fn assert_refused(case: &str, url: &str, words: &[&str]) {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let data = folder.path().join("data");
    let data = data.to_str().expect("the folder's name is text");
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["api-key", "create", "--name", "k"]] {
        // As an operator gives it: the password is in the environment, not among the arguments.
        let refused = fourfold_in(&[("DATABASE_URL", url)], &[command, &["--data", data]].concat(), "");
        assert!(refused.code.is_some_and(|code| code != 0), "{case}: {refused:?}");
        for word in words {
            assert!(refused.stderr.contains(word), "{case}, {command:?}: no {word:?} in {}", refused.stderr);
        }
        assert_eq!(refused.stdout, "", "{case}");
        assert!(!refused.stderr.contains(SECRET), "{case}: {}", refused.stderr);
        assert!(!refused.stderr.contains("panicked"), "{case}: {}", refused.stderr);
        assert!(!std::path::Path::new(data).exists(), "{case}: a data folder was made");
    }
}

#[test]
fn urls_that_lead_nowhere() {
    let database = Database::new();
    let url = database.url();
    let port = cluster().address.port();
    let name = &database.name;
    let with = |parameter: &str| format!("{url}?{parameter}");
    for (case, url, words) in [
        ("no URL", format!("harbour {SECRET}"), &["it is no PostgreSQL URL", "postgres://USER"][..]),
        ("another scheme", format!("mysql://ada:{SECRET}@127.0.0.1/crm"), &["it is no PostgreSQL URL"]),
        ("an unknown parameter", with("sail=1"), &["`sail`", "leave it out"]),
        ("a port that is none", format!("postgres://ada:{SECRET}@127.0.0.1:harbour/crm"), &["port", "%40"]),
        ("a mode that is none", with("sslmode=sometimes"), &["sslmode", "verify-full"]),
        (
            "nobody listens",
            format!("postgres://ada:{SECRET}@127.0.0.1:1/crm"),
            &["nothing listens there", "check host and port"],
        ),
        (
            "an unknown host",
            format!("postgres://ada:{SECRET}@harbour.invalid/crm"),
            &["the host is not known", "check its name"],
        ),
        (
            "an unknown user",
            format!("postgres://nobody:{SECRET}@127.0.0.1:{port}/{name}"),
            &["refuses the password", "check user and password", "nobody"],
        ),
        ("no password", format!("postgres://nobody@127.0.0.1:{port}/{name}"), &["wants a password"]),
        ("no such database", format!("{url}_elsewhere"), &["does not exist", "createdb --encoding=UTF8"]),
    ] {
        assert_refused(case, &url, words);
    }
    assert!(database.is_empty());
}

#[test]
fn a_role_that_may_not() {
    let (role, database) = (Role::new(""), Database::new());
    let url = database.url_of(&role);
    let grant = format!("GRANT CONNECT, CREATE ON DATABASE \"{}\" TO \"{}\"", database.name, role.name);
    assert_refused("no CREATE", &url, &["may not create schemas", &grant]);
    let wrong = url.replace(SECRET, "wrong");
    assert_refused("a wrong password", &wrong, &["refuses the password", "check user and password"]);
    assert!(database.is_empty());
}

#[test]
fn what_the_message_advises_helps() {
    let (role, database) = (Role::new(""), Database::new());
    database.sql(&format!("GRANT CONNECT, CREATE ON DATABASE \"{}\" TO \"{}\"", database.name, role.name));
    let made = fourfold_in(
        &[("DATABASE_URL", &database.url_of(&role))],
        &["workspace", "create", "--name", "Night Shift", "--empty"],
        "",
    );
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    // So that the role owns nothing any more when it goes.
    drop(database);
}

#[test]
fn databases_that_cannot_hold_the_data() {
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let options = format!("TEMPLATE template0 ENCODING {encoding} LOCALE 'C'");
        let database = Database::create(&options);
        let words = [encoding, "wants UTF8", "createdb --encoding=UTF8"];
        assert_refused(encoding, &database.url(), &words);
        assert!(database.is_empty(), "{encoding}");
    }
    let database = Database::new();
    let (name, setting) = (&database.name, "default_transaction_read_only");
    cluster().sql(&format!("ALTER DATABASE {name} SET {setting} = on"));
    assert_refused("read only", &database.url(), &["takes no writes", "name the primary", setting]);
    assert!(database.is_empty());
}

#[test]
fn data_of_a_newer_version() {
    let (data, _) = TestData::prepared();
    let database = data.database();
    let workspace = database.sql("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'workspace%'");
    for schema in ["core", workspace.as_str()] {
        let insert =
            format!("INSERT INTO {schema}._migration SELECT max(place) + 1 FROM {schema}._migration");
        database.sql(&insert);
        let before = database.content();
        let refused = data.fourfold(&["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(refused.code, Some(1), "{schema}: {refused:?}");
        for word in ["newer version of Fourfold", "schema 2, this version knows 1", "run that version again"]
        {
            assert!(refused.stderr.contains(word), "{schema}: {}", refused.stderr);
        }
        assert_eq!(database.content(), before, "{schema}");
        database.sql(&format!("DELETE FROM {schema}._migration WHERE place = 1"));
    }
}

#[test]
fn a_schema_of_another_program() {
    let database = Database::new();
    database
        .sql("CREATE SCHEMA core; CREATE TABLE core.boat (name text); INSERT INTO core.boat VALUES ('Ida')");
    let before = database.content();
    let words = ["core", "tables of another program", "createdb --encoding=UTF8"];
    let url = database.url();
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["workspace", "create", "--name", "n"]] {
        let refused = fourfold_in(&[("DATABASE_URL", &url)], command, "");
        assert_eq!(refused.code, Some(1), "{command:?}: {refused:?}");
        for word in words {
            assert!(refused.stderr.contains(word), "{command:?}: {}", refused.stderr);
        }
    }
    assert_eq!(database.content(), before);
}

#[test]
fn certificates_that_cannot_be_trusted() {
    let database = Database::new();
    let good = database.tls_url();
    let other_name = good.replace("localhost", "127.0.0.1");
    let other_root = good.replace(&cluster().ca.display().to_string(), ANOTHER_ROOT);
    let no_root = format!("{good}.missing");
    for (case, url, words) in [
        ("another name", other_name, &["is for another name", "sslmode=verify-ca"][..]),
        ("another root", other_root, &["is not to be trusted", "sslrootcert"]),
        ("no root", no_root, &["cannot read the root certificates", ".missing", "PEM"]),
    ] {
        assert_refused(case, &url, words);
    }
    assert!(database.is_empty());
}

#[test]
fn commands_that_need_data_make_none() {
    let data = TestData::new();
    let database = data.database();
    for command in [
        &["api-key", "create", "--name", "k"][..],
        &["workspace", "list"],
        &["user", "create", "--email", "ida@example.org", "--password-stdin"],
    ] {
        let refused = data.fourfold_with_input(command, &format!("{SECRET}\n"));
        assert_eq!(refused.code, Some(1), "{command:?}: {refused:?}");
        for word in ["no Fourfold data", &database.name, "--database-url", "fourfold serve"] {
            assert!(refused.stderr.contains(word), "{command:?}: {}", refused.stderr);
        }
        assert_eq!(refused.stdout, "", "{command:?}");
    }
    assert!(database.is_empty());
}
