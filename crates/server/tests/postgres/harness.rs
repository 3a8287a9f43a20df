//! What the other tests rely on: that databases come and go, and that connections are lost when they should be.

use crate::support::pgbouncer::PgBouncer;
use crate::support::postgres::{Database, Role, cluster, query};
use crate::support::proxy::Proxy;

#[test]
fn a_database_is_made_copied_and_dropped() {
    let database = Database::new();
    assert!(database.is_empty());
    database.sql("CREATE TABLE boat (name text); INSERT INTO boat VALUES ('Ærø')");
    assert!(!database.is_empty());
    let copy = database.copy();
    copy.sql("DELETE FROM boat");
    assert_eq!(database.sql("SELECT name FROM boat"), "Ærø", "the copy is another one");

    let exists = format!("SELECT count(*) FROM pg_database WHERE datname = '{}'", copy.name);
    assert_eq!(cluster().sql(&exists), "1");
    drop(copy);
    assert_eq!(cluster().sql(&exists), "0");
}

#[test]
fn a_schema_without_tables_is_something() {
    let database = Database::new();
    database.sql("CREATE SCHEMA harbour");
    assert!(!database.is_empty());
}

#[test]
fn a_role_needs_its_password_and_may_only_use_what_it_owns() {
    let role = Role::new("");
    let (own, other) = (Database::owned_by(&role), Database::new());
    let create = "CREATE TABLE boat ()";
    assert_eq!(query(&own.url_of(&role), create), Ok(String::new()));
    let refused = query(&other.url_of(&role), create);
    assert!(refused.as_ref().is_err_and(|error| error.contains("permission denied")), "{refused:?}");
    let refused = query(&own.url_of(&role).replace(&role.password, "wrong"), create);
    assert!(refused.as_ref().is_err_and(|error| error.contains("password")), "{refused:?}");
}

#[test]
fn the_cluster_depends_on_nothing_of_the_machine() {
    let database = Database::new();
    for (setting, value) in
        [("server_encoding", "UTF8"), ("lc_collate", "C"), ("lc_ctype", "C"), ("lc_messages", "C")]
    {
        assert_eq!(database.sql(&format!("SHOW {setting}")), value, "{setting}");
    }
}

#[test]
fn tls_is_verified_for_localhost_and_no_other_name() {
    let database = Database::new();
    let asks = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert_eq!(query(&database.tls_url(), asks), Ok("t".into()));
    let refused = query(&database.tls_url().replace("localhost", "127.0.0.1"), asks);
    assert!(refused.as_ref().is_err_and(|error| error.contains("does not match")), "{refused:?}");
}

#[test]
fn connections_are_ended() {
    let database = Database::new();
    assert_eq!(database.disconnect_all(), 0);
    let url = database.url();
    let sleeper = std::thread::spawn(move || query(&url, "SELECT pg_sleep(60)"));
    while database.disconnect_all() == 0 {
        assert!(!sleeper.is_finished(), "it sleeps until it is ended");
    }
    assert!(sleeper.join().expect("no panic").is_err_and(|error| error.contains("terminating")));
}

#[test]
fn the_pooler_answers_and_gives_few_sessions_to_many() {
    let (database, bouncer) = (Database::new(), PgBouncer::start(2));
    let url = database.url_at(bouncer.address);
    assert_eq!(query(&url, "SELECT 1"), Ok("1".into()));
    let clients: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            std::thread::spawn(move || query(&url, "SELECT pg_backend_pid() FROM pg_sleep(0.1)"))
        })
        .collect();
    let mut sessions: Vec<_> = clients.into_iter().map(|client| client.join().expect("no panic")).collect();
    sessions.sort();
    sessions.dedup();
    assert!(sessions.iter().all(Result::is_ok) && sessions.len() <= 2, "{sessions:?}");
}

#[test]
fn the_proxy_cuts_and_resumes() {
    let (database, proxy) = (Database::new(), Proxy::start(cluster().address));
    let url = database.url_at(proxy.address);
    assert_eq!(query(&url, "SELECT 1"), Ok("1".into()));

    let sleeping = url.clone();
    let sleeper = std::thread::spawn(move || query(&sleeping, "SELECT pg_sleep(60)"));
    let asks = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{}'", database.name);
    while cluster().sql(&asks) == "0" {
        assert!(!sleeper.is_finished(), "it sleeps until the way is cut");
    }
    proxy.cut();
    assert!(sleeper.join().expect("no panic").is_err(), "a connection is lost");
    assert!(query(&url, "SELECT 1").is_err(), "a new one finds no way");
    proxy.resume();
    assert_eq!(query(&url, "SELECT 1"), Ok("1".into()));
}
