//! Two servers on one database.

use crate::support::pgbouncer::PgBouncer;
use crate::support::{Client, Credentials, Running, TestData};

/// Two servers that share a workspace without demo records.
pub(crate) struct Pair {
    pub(crate) servers: [Running; 2],
    pub(crate) credentials: Credentials,
    pub(crate) data: TestData,
}

impl Pair {
    pub(crate) fn start() -> Self {
        Self::start_with(|data| data.database().url(), &[])
    }

    /// Both behind a pooler, through which no notification comes: each has to find out by itself what the
    /// other changes.
    pub(crate) fn start_behind(bouncer: &PgBouncer) -> Self {
        Self::start_with(|data| data.database().url_at(bouncer.address), &[])
    }

    pub(crate) fn start_with(url: impl Fn(&TestData) -> String, arguments: &[&str]) -> Self {
        let (data, credentials) = TestData::prepared();
        let place = ["--database-url".to_owned(), url(&data)];
        let servers = [(); 2].map(|()| Running::start_at(&place, arguments));
        Self { servers, credentials, data }
    }

    /// A client of each server, with the API key of the first start.
    pub(crate) fn clients(&self) -> [Client; 2] {
        self.servers.each_ref().map(|server| Client::new(&server.url, Some(&self.credentials.key)))
    }

    /// The same without a token.
    pub(crate) fn strangers(&self) -> [Client; 2] {
        self.servers.each_ref().map(|server| Client::new(&server.url, None))
    }

    /// All that both servers have written.
    pub(crate) fn output(&self) -> String {
        self.servers.iter().map(Running::all_output).collect()
    }
}
