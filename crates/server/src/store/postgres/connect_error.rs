//! Why the server cannot be used, and what to do about it.

use std::io;

use rustls::CertificateError;
use tokio_postgres::error::DbError;

use super::driver_error::{Stage, full_text, io_cause};
use super::tls::TlsError;
use super::url::{DatabaseUrl, UrlError};

/// A failure to connect, or a server that cannot hold the data. Names the server, never a password.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("the database URL cannot be used: {0}")]
    Url(#[from] UrlError),
    #[error("{0}")]
    Tls(#[from] TlsError),
    #[error("cannot reach {server}: the host is not known ({reason}); check its name in the database URL")]
    HostNotFound { server: String, reason: String },
    #[error(
        "cannot reach {0}: nothing listens there; check host and port, and that PostgreSQL runs and listens on that address"
    )]
    Refused(String),
    #[error("cannot reach {0}: there is no such socket; check its folder, and that PostgreSQL runs")]
    NoSocket(String),
    #[error(
        "cannot reach {0}: there was no answer in time; check host and port, firewalls, and connect_timeout"
    )]
    TimedOut(String),
    #[error("cannot reach {server}: {reason}; check the network, and that PostgreSQL runs")]
    Broken { server: String, reason: String },
    #[error("{server} refuses the password ({reason}); check user and password in the database URL")]
    Password { server: String, reason: String },
    #[error("{0} wants a password; put one into the database URL")]
    NoPassword(String),
    #[error(
        "{server} refuses this user ({reason}); check the user and sslmode in the database URL, and the server's pg_hba.conf"
    )]
    Role { server: String, reason: String },
    #[error(
        "{0} does not exist; create it with `createdb --encoding=UTF8 --template=template0 NAME`, or name another in the database URL"
    )]
    NoDatabase(String),
    #[error(
        "{server} has no room for another connection ({reason}); raise its max_connections, or let fewer connections be made"
    )]
    TooManyConnections { server: String, reason: String },
    #[error("{server} is starting or stopping ({reason}); try again soon")]
    Starting { server: String, reason: String },
    #[error("{0} offers no TLS; turn on ssl there, or write sslmode=disable if nobody can listen in between")]
    NoTls(String),
    #[error(
        "the certificate of {server} is not to be trusted ({reason}); name the root that signed it with sslrootcert"
    )]
    NotTrusted { server: String, reason: String },
    #[error(
        "the certificate of {server} is for another name ({reason}); use a name that it has as host, or write sslmode=verify-ca"
    )]
    OtherName { server: String, reason: String },
    #[error(
        "the certificate of {server} is out of date ({reason}); renew it, and check the clocks of both machines"
    )]
    OutOfDate { server: String, reason: String },
    #[error(
        "the certificate of {0} is of an old version that names no hosts; issue it as X.509 version 3 with subjectAltName, or write sslmode=require"
    )]
    OldCertificate(String),
    #[error("TLS with {server} failed ({reason}); check the server's certificate and its ssl settings")]
    Handshake { server: String, reason: String },
    #[error(
        "{server} refuses this ({reason}); let its owner run `GRANT CONNECT, CREATE ON DATABASE \"{database}\" TO \"{role}\"`"
    )]
    Permission { server: String, reason: String, database: String, role: String },
    #[error("{server} runs PostgreSQL {version}, and Fourfold wants 15 or later; upgrade it")]
    TooOld { server: String, version: String },
    #[error(
        "{server} keeps text as {encoding}, and Fourfold wants UTF8; create a database with `createdb --encoding=UTF8 --template=template0 NAME`"
    )]
    Encoding { server: String, encoding: String },
    #[error(
        "{0} was built without ICU, which sorts text; use a build of PostgreSQL that has it, as the official ones do"
    )]
    NoIcu(String),
    #[error(
        "{0} is a replica, which takes no writes; name the primary in the database URL, or several hosts with target_session_attrs=read-write"
    )]
    Replica(String),
    #[error(
        "{0} takes no writes; name the primary in the database URL if this is a replica, or else turn off default_transaction_read_only for the database and the role"
    )]
    ReadOnly(String),
    #[error("{server} answers with an error: {reason}; its log may say more")]
    Other { server: String, reason: String },
}

impl ConnectError {
    /// What an error of the driver means while connecting.
    pub(super) fn from_driver(error: &tokio_postgres::Error, url: &DatabaseUrl) -> Self {
        let server = url.describe();
        match (error.as_db_error(), Stage::of(error)) {
            (Some(answer), _) => Self::from_answer(answer, server, url),
            (None, Stage::Connect) => Self::from_socket(error, server),
            (None, Stage::Tls) => Self::from_handshake(error, server),
            (None, Stage::Authentication) if url.config.get_password().is_none() => Self::NoPassword(server),
            (None, Stage::Authentication) => Self::Password { server, reason: full_text(error) },
            (None, Stage::Broken) => Self::Broken { server, reason: full_text(error) },
            (None, Stage::Server | Stage::Other) => Self::Other { server, reason: full_text(error) },
        }
    }

    /// Whether a connection without TLS may fare better.
    pub(super) fn may_be_due_to_tls(&self) -> bool {
        matches!(self, Self::Handshake { .. } | Self::Role { .. })
    }

    /// No `CREATE` on the database.
    pub(super) fn no_create(server: String, database: String, role: String) -> Self {
        Self::Permission { server, reason: "the role may not create schemas".into(), database, role }
    }

    fn from_answer(answer: &DbError, server: String, url: &DatabaseUrl) -> Self {
        let reason = answer.message().to_owned();
        match answer.code().code() {
            "28P01" => Self::Password { server, reason },
            "28000" => Self::Role { server, reason },
            "3D000" => Self::NoDatabase(server),
            "53300" => Self::TooManyConnections { server, reason },
            "57P01" | "57P02" | "57P03" => Self::Starting { server, reason },
            "42501" => {
                let role = url.config.get_user().unwrap_or("ROLE").to_owned();
                let database = url.config.get_dbname().unwrap_or(&role).to_owned();
                Self::Permission { server, reason, database, role }
            }
            "25006" => Self::ReadOnly(server),
            // PgBouncer has this code for all that it refuses, and no translations.
            "08P01" if reason.contains("authentication failed") => Self::Password { server, reason },
            "08P01" if reason.contains("no such user") || reason == "SSL required" => {
                Self::Role { server, reason }
            }
            "08P01" if reason.contains("no such database") || reason.ends_with("does not exist") => {
                Self::NoDatabase(server)
            }
            "08P01" if reason.contains("no more connections") => Self::TooManyConnections { server, reason },
            // A pooler that cannot reach the server behind it.
            code if code.starts_with("08") => Self::Broken { server, reason },
            code => Self::Other { server, reason: format!("{reason} (SQLSTATE {code})") },
        }
    }

    fn from_socket(error: &tokio_postgres::Error, server: String) -> Self {
        let reason = io_cause(error).map_or_else(|| full_text(error), ToString::to_string);
        match io_cause(error).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => Self::Refused(server),
            Some(io::ErrorKind::TimedOut) => Self::TimedOut(server),
            Some(io::ErrorKind::NotFound) => Self::NoSocket(server),
            // Said by the driver for target_session_attrs=read-write.
            Some(io::ErrorKind::PermissionDenied) if reason == "database does not allow writes" => {
                Self::ReadOnly(server)
            }
            // The lookup has no kind of its own.
            _ if reason.starts_with("failed to lookup address")
                || reason.starts_with("could not resolve") =>
            {
                Self::HostNotFound { server, reason }
            }
            _ => Self::Broken { server, reason },
        }
    }

    fn from_handshake(error: &tokio_postgres::Error, server: String) -> Self {
        let Some(cause) = io_cause(error) else {
            // The driver itself: the server answered that it has no TLS.
            return Self::NoTls(server);
        };
        let reason = cause.to_string();
        let tls = cause.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
        match tls {
            Some(rustls::Error::InvalidCertificate(certificate)) => match certificate {
                CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                    Self::NotTrusted { server, reason }
                }
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    Self::OtherName { server, reason }
                }
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. } => Self::OutOfDate { server, reason },
                // A self-signed certificate that is not in the root file.
                _ if reason.contains("CaUsedAsEndEntity") => Self::NotTrusted { server, reason },
                _ if reason.contains("UnsupportedCertVersion") => Self::OldCertificate(server),
                _ => Self::Handshake { server, reason },
            },
            _ => Self::Handshake { server, reason },
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio_postgres::config::SslMode;

    use super::super::fake_server::{failure, nobody, refusal};
    use super::*;

    const URL: &str = "postgres://ada:secret@db/crm";

    fn told(error: &tokio_postgres::Error, url: &str) -> String {
        let text = ConnectError::from_driver(error, &DatabaseUrl::parse(url).unwrap()).to_string();
        assert!(text.contains(r#"database "crm" on db:5432 as ada"#), "{text}");
        assert!(!text.contains("secret"), "{text}");
        text
    }

    #[tokio::test]
    async fn each_refusal_comes_with_a_remedy() {
        for (code, message, remedy) in [
            ("28P01", "words", "check user and password"),
            ("28000", "words", "pg_hba.conf"),
            ("3D000", "words", "createdb"),
            ("53300", "words", "max_connections"),
            ("57P03", "words", "try again soon"),
            ("42501", "words", r#"GRANT CONNECT, CREATE ON DATABASE "crm" TO "ada""#),
            ("25006", "words", "name the primary"),
            ("XX000", "words", "words (SQLSTATE XX000)"),
            ("08P01", "SASL authentication failed", "check user and password"),
            ("08P01", "no such database: crm", "createdb"),
            ("08P01", "database \"crm\" does not exist", "createdb"),
            ("08P01", "no more connections allowed (max_client_conn)", "max_connections"),
            ("08P01", "SSL required", "sslmode"),
            ("08P01", "server login has been failing", "that PostgreSQL runs"),
        ] {
            let error = refusal(&[(b'S', "FATAL"), (b'C', code), (b'M', message)]).await;
            let text = told(&error, URL);
            assert!(text.contains(remedy), "{code}: {text}");
        }
    }

    #[tokio::test]
    async fn a_server_that_says_little_is_explained() {
        let wants_password = b"R\0\0\0\x08\0\0\0\x03";
        for (answer, ssl_mode, url, remedy) in [
            (&b"N"[..], SslMode::Require, URL, "turn on ssl there"),
            (b"", SslMode::Disable, URL, "check the network"),
            (wants_password, SslMode::Disable, "postgres://ada@db/crm", "put one into the database URL"),
        ] {
            let text = told(&failure(answer.to_vec(), ssl_mode).await, url);
            assert!(text.contains(remedy), "{text}");
        }
        assert!(told(&nobody().await, URL).contains("nothing listens there"));
    }
}
