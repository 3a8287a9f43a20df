//! Which database, as whom, and how well protected: the URL that an operator writes.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, SslNegotiation, TargetSessionAttrs};

use super::url_text::{self, Parameters};

/// How long opening a socket to one host may take, unless the URL says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the other side may be silent, or leave what we sent unacknowledged, before a connection
/// counts as broken. A firewall that forgets connections does not say so.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_RETRIES: u32 = 3;
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

const DEFAULT_PORT: u16 = 5432;

/// A `postgres://` or `postgresql://` URL, or libpq's `key=value` text (manual, 34.1.1), in parts.
///
/// Beyond the driver's parameters it takes `sslmode` and `sslrootcert` as libpq does, `ssl=true`, and
/// `pgbouncer=true`, which says that a pooler stands between. Neither `Debug` nor
/// [`DatabaseUrl::describe`] shows the password.
#[derive(Clone)]
pub(crate) struct DatabaseUrl {
    pub(super) config: Config,
    pub(super) tls: TlsSettings,
    /// Whether the URL says that a pooler stands between; `false` means that it has to be found out.
    pub(super) is_pooler_named: bool,
}

/// What `sslmode` and `sslrootcert` ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TlsSettings {
    pub(super) mode: TlsMode,
    pub(super) roots: Roots,
    /// Whether TLS begins at once, which PostgreSQL 17 takes (`sslnegotiation=direct`).
    pub(super) is_direct: bool,
}

/// How a connection is protected; each mode of libpq, with what `require` means already decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TlsMode {
    /// Never TLS.
    Disable,
    /// TLS if the server has it, with any certificate.
    Prefer,
    /// TLS with any certificate.
    Require,
    /// TLS with a certificate that a root has signed, for whatever name.
    VerifyCa,
    /// TLS with a certificate that a root has signed for this host.
    VerifyFull,
}

/// Whose signatures count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    System,
    File(PathBuf),
}

/// What is wrong with a database URL, and how to write it. Never quotes a value, which may be secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UrlError {
    #[error("it is no PostgreSQL URL; write postgres://USER:PASSWORD@HOST:5432/DATABASE")]
    Form,
    #[error(
        "it names no host; write postgres://USER:PASSWORD@HOST:5432/DATABASE, or ?host=/run/postgresql for a socket"
    )]
    NoHost,
    #[error("a `%` in it is not followed by two hexadecimal digits; write %25 for a percent sign")]
    Percent,
    #[error("a quoted value in it does not end; close it with `'`, and write \\' for a quote inside")]
    Quote,
    #[error("it has the parameter `{0}`, which is not known here; leave it out")]
    UnknownParameter(String),
    #[error(
        "its port is no number up to 65535; if the password has `/`, `@`, `:` or `?`, write %2F, %40, %3A or %3F for them"
    )]
    Port,
    #[error("it has {ports} ports for {hosts} hosts; give one port for all of them, or one for each")]
    PortCount { hosts: usize, ports: usize },
    #[error("it has {addresses} `hostaddr` for {hosts} hosts; give one for each")]
    AddressCount { hosts: usize, addresses: usize },
    #[error("its parameter `{parameter}` cannot be read; {expected}")]
    Value { parameter: String, expected: &'static str },
    #[error(
        "sslrootcert=system wants sslmode=verify-full: anybody can have a certificate from a public authority"
    )]
    WeakSystemRoots,
    #[error(
        "sslnegotiation=direct wants sslmode=require or better, since no connection without TLS can follow"
    )]
    WeakDirect,
}

impl DatabaseUrl {
    /// # Errors
    /// Names the rule that `text` breaks, without quoting what may be a password.
    pub(crate) fn parse(text: &str) -> Result<Self, UrlError> {
        let mut parameters = url_text::parse(text.trim())?;
        let tls = TlsSettings::take(&mut parameters)?;
        let is_pooler_named = match parameters.take("pgbouncer").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(value_error("pgbouncer", "it is true or false")),
        };
        let mut config = parameters.config()?;
        if config.get_target_session_attrs() == TargetSessionAttrs::ReadOnly {
            return Err(value_error(
                "target_session_attrs",
                "it is any or read-write, since data is written",
            ));
        }
        let hosts = config.get_hosts().len();
        let addresses: Vec<String> = config.get_hostaddrs().iter().map(ToString::to_string).collect();
        if hosts == 0 {
            // The driver wants a name for the handshake, even if it verifies none.
            for address in addresses {
                config.host(address);
            }
        }
        check_counts(&config)?;
        if !parameters.has("application_name") {
            config.application_name("fourfold");
        }
        if !parameters.has("connect_timeout") {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if !parameters.has("keepalives_idle") {
            config.keepalives_idle(KEEPALIVE_IDLE);
        }
        if !parameters.has("keepalives_interval") {
            config.keepalives_interval(KEEPALIVE_INTERVAL);
        }
        if !parameters.has("keepalives_retries") {
            config.keepalives_retries(KEEPALIVE_RETRIES);
        }
        if !parameters.has("tcp_user_timeout") {
            config.tcp_user_timeout(UNACKNOWLEDGED);
        }
        config.ssl_mode(tls.driver_mode(&config));
        Ok(Self { config, tls, is_pooler_named })
    }

    /// For messages: `database "crm" on db.example.com:5432 as ada`, without the password.
    pub(crate) fn describe(&self) -> String {
        let user = self.config.get_user();
        let database = self.config.get_dbname().or(user);
        let database = database.map_or("the default database".into(), |name| format!("database \"{name}\""));
        let ports = self.config.get_ports();
        let port = |place: usize| ports.get(place).or(ports.first()).copied().unwrap_or(DEFAULT_PORT);
        let hosts = self.config.get_hosts().iter().enumerate().map(|(place, host)| match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]:{}", port(place)),
            Host::Tcp(name) => format!("{name}:{}", port(place)),
            Host::Unix(folder) => format!("{}/.s.PGSQL.{}", folder.display(), port(place)),
        });
        let hosts: Vec<String> = hosts.collect();
        let user = user.map(|user| format!(" as {user}")).unwrap_or_default();
        format!("{database} on {}{user}", hosts.join(","))
    }

    /// How long all of connecting may take, lookup and handshake included; `None` for as long as it
    /// takes, which `connect_timeout=0` asks for.
    pub(super) fn connect_limit(&self) -> Option<Duration> {
        let hosts = u32::try_from(self.config.get_hosts().len()).unwrap_or(u32::MAX);
        // Once for the socket and once for what is said over it.
        self.config.get_connect_timeout().map(|limit| limit.saturating_mul(2).saturating_mul(hosts))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("DatabaseUrl").field(&self.describe()).finish()
    }
}

impl TlsSettings {
    fn take(parameters: &mut Parameters) -> Result<Self, UrlError> {
        let is_direct = parameters.get("sslnegotiation") == Some("direct");
        let roots = parameters.take("sslrootcert").filter(|path| !path.is_empty());
        let short = parameters.take("ssl");
        let given = parameters.take("sslmode").or(match short.as_deref() {
            None => None,
            Some("true") => Some("require".into()),
            Some("false") => Some("disable".into()),
            Some(_) => return Err(value_error("ssl", "it is true or false")),
        });
        let is_system = roots.as_deref() == Some("system");
        let mode = match given.as_deref() {
            None if is_system => TlsMode::VerifyFull,
            None | Some("allow" | "prefer") => TlsMode::Prefer,
            Some("disable") => TlsMode::Disable,
            // As libpq does, so that a root file is not forgotten in silence (manual, 34.19.1).
            Some("require") if roots.is_some() && !is_system => TlsMode::VerifyCa,
            Some("require") => TlsMode::Require,
            Some("verify-ca") => TlsMode::VerifyCa,
            Some("verify-full") => TlsMode::VerifyFull,
            Some(_) => {
                let modes = "it is one of disable, prefer, require, verify-ca and verify-full";
                return Err(value_error("sslmode", modes));
            }
        };
        if is_system && !matches!(mode, TlsMode::VerifyFull) {
            return Err(UrlError::WeakSystemRoots);
        }
        if is_direct && matches!(mode, TlsMode::Disable | TlsMode::Prefer) {
            return Err(UrlError::WeakDirect);
        }
        let roots = roots.filter(|_| !is_system).map_or(Roots::System, |path| Roots::File(path.into()));
        Ok(Self { mode, roots, is_direct })
    }

    /// Sockets have no TLS, whatever is asked for, as in libpq.
    fn driver_mode(&self, config: &Config) -> SslMode {
        let is_local = config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)));
        match self.mode {
            _ if is_local && config.get_ssl_negotiation() == SslNegotiation::Postgres => SslMode::Disable,
            TlsMode::Disable => SslMode::Disable,
            TlsMode::Prefer => SslMode::Prefer,
            TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull => SslMode::Require,
        }
    }
}

fn check_counts(config: &Config) -> Result<(), UrlError> {
    let (hosts, ports) = (config.get_hosts().len(), config.get_ports().len());
    let addresses = config.get_hostaddrs().len();
    if hosts == 0 {
        return Err(UrlError::NoHost);
    }
    if 1 < ports && ports != hosts {
        return Err(UrlError::PortCount { hosts, ports });
    }
    if 0 < addresses && addresses != hosts {
        return Err(UrlError::AddressCount { hosts, addresses });
    }
    Ok(())
}

fn value_error(parameter: &str, expected: &'static str) -> UrlError {
    UrlError::Value { parameter: parameter.into(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_described_without_their_password() {
        for (text, described) in [
            ("postgres://ada:secret@db.example.com/crm", r#"database "crm" on db.example.com:5432 as ada"#),
            ("postgresql://ada@db:6432/crm", r#"database "crm" on db:6432 as ada"#),
            (" postgres://ada:secret@db/crm\n", r#"database "crm" on db:5432 as ada"#),
            ("postgres://ada%40x:s%2Fecret@db/c%20rm", r#"database "c rm" on db:5432 as ada@x"#),
            ("postgres://ada:sec@ret@db/crm", r#"database "crm" on db:5432 as ada"#),
            ("postgres://ada:secret@[::1]:5433/crm", r#"database "crm" on [::1]:5433 as ada"#),
            ("postgres://ada:secret@[fe80::1]", r#"database "ada" on [fe80::1]:5432 as ada"#),
            ("postgres://ada@a:1,b,c:3/crm", r#"database "crm" on a:1,b:5432,c:3 as ada"#),
            ("postgres://ada@a,b/crm?port=7", r#"database "crm" on a:7,b:7 as ada"#),
            (
                "postgres://ada@/crm?host=/run/postgresql",
                r#"database "crm" on /run/postgresql/.s.PGSQL.5432 as ada"#,
            ),
            (
                "postgres:///crm?host=/run/postgresql&port=5433&user=ada",
                r#"database "crm" on /run/postgresql/.s.PGSQL.5433 as ada"#,
            ),
            ("postgres://%2Frun%2Fpg/crm", r#"database "crm" on /run/pg/.s.PGSQL.5432"#),
            ("postgres://db", "the default database on db:5432"),
            ("postgres:///crm?hostaddr=10.0.0.1", r#"database "crm" on 10.0.0.1:5432"#),
            ("postgres://db/crm?application_name=a@b", r#"database "crm" on db:5432"#),
            ("host=db user=ada password='se cret' dbname=crm", r#"database "crm" on db:5432 as ada"#),
            (
                "host = a,b port=1,2 password=se\\'cret user='a d\\'a'",
                r#"database "a d'a" on a:1,b:2 as a d'a"#,
            ),
        ] {
            let url = DatabaseUrl::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(url.describe(), described, "{text}");
            assert!(!format!("{url:?}").contains("ret"), "{url:?}");
        }
    }

    #[test]
    fn passwords_arrive_as_they_are_meant() {
        for (text, password) in [
            ("postgres://ada:p%40ss%2F%25@db/crm", r"p@ss/%"),
            ("postgres://ada:p@ss:w'o\\rd@db/crm", r"p@ss:w'o\rd"),
            ("postgres://ada@db/crm?password=a%26b+c", "a&b+c"),
            (r"host=db password='a \'b\\'", r"a 'b\"),
            ("host=db password=", ""),
        ] {
            let url = DatabaseUrl::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(url.config.get_password(), Some(password.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_no_secret_is_quoted() {
        let value = |parameter: &str| format!("its parameter `{parameter}` cannot be read");
        for (text, problem) in [
            ("", "no PostgreSQL URL"),
            ("mysql://ada:secret@db/crm", "no PostgreSQL URL"),
            ("mysql://ada:secret@db/crm?a=b", "no PostgreSQL URL"),
            ("ada:secret@db/crm?a=b", "no PostgreSQL URL"),
            ("/var/lib/secret", "no PostgreSQL URL"),
            ("postgres://", "no host"),
            ("postgres:///crm", "no host"),
            ("postgres://ada:sec%ret@db/crm", "%25"),
            ("postgres://ada:secret%2@db/crm", "%25"),
            ("postgres://ada:sec/ret@db/crm", "%2F"),
            ("postgres://ada:secret@db:70000/crm", "65535"),
            ("postgres://ada:secret@a,b,c/crm?port=1,2", "2 ports for 3 hosts"),
            ("postgres://ada:secret@a,b/crm?hostaddr=10.0.0.1", "1 `hostaddr` for 2 hosts"),
            ("postgres://ada:secret@db/crm?schema=x", "`schema`, which is not known"),
            ("postgres://ada:secret@db/crm?x%20y=x", "`x y`, which is not known"),
            ("postgres://ada:secret@db/crm?sslmode", "no PostgreSQL URL"),
            ("postgres://ada:secret@db/crm?sslmode=secret", &value("sslmode")),
            ("postgres://ada:secret@db/crm?ssl=secret", &value("ssl")),
            ("postgres://ada:secret@db/crm?pgbouncer=1", &value("pgbouncer")),
            ("postgres://ada:secret@db/crm?connect_timeout=soon", &value("connect_timeout")),
            ("postgres://ada:secret@db/crm?hostaddr=db", &value("hostaddr")),
            ("postgres://db/crm?target_session_attrs=read-only", &value("target_session_attrs")),
            ("postgres://db/crm?sslmode=require&sslrootcert=system", "verify-full"),
            ("postgres://db/crm?sslnegotiation=direct", "sslmode=require or better"),
            ("host=db password='secret", "does not end"),
            ("host=db secret", "no PostgreSQL URL"),
        ] {
            let error = DatabaseUrl::parse(text).expect_err(text).to_string();
            assert!(error.contains(problem), "{text}: {error}");
            assert!(!error.contains("secret") && !error.contains("ret@"), "{text}: {error}");
        }
    }

    #[test]
    fn sslmode_means_what_it_means_to_libpq() {
        for (query, mode, driver_mode, roots) in [
            ("", TlsMode::Prefer, SslMode::Prefer, None),
            ("sslmode=allow", TlsMode::Prefer, SslMode::Prefer, None),
            ("sslmode=disable", TlsMode::Disable, SslMode::Disable, None),
            ("sslmode=require", TlsMode::Require, SslMode::Require, None),
            ("ssl=true", TlsMode::Require, SslMode::Require, None),
            ("sslmode=require&sslrootcert=/r.crt", TlsMode::VerifyCa, SslMode::Require, Some("/r.crt")),
            ("sslmode=verify-ca", TlsMode::VerifyCa, SslMode::Require, None),
            ("sslmode=verify-full&sslrootcert=/r.crt", TlsMode::VerifyFull, SslMode::Require, Some("/r.crt")),
            ("sslrootcert=system", TlsMode::VerifyFull, SslMode::Require, None),
            ("sslmode=require&host=/run/pg", TlsMode::Require, SslMode::Disable, None),
        ] {
            let url = DatabaseUrl::parse(&format!("postgres://db/crm?{query}")).unwrap();
            let roots = roots.map_or(Roots::System, |path| Roots::File(path.into()));
            assert_eq!((url.tls.mode, &url.tls.roots), (mode, &roots), "{query}");
            assert_eq!(url.config.get_ssl_mode(), driver_mode, "{query}");
        }
    }

    #[test]
    fn what_the_url_leaves_open_has_a_default() {
        let url = DatabaseUrl::parse("postgres://a,b/crm").unwrap();
        assert_eq!(url.config.get_application_name(), Some("fourfold"));
        assert_eq!(url.connect_limit(), Some(Duration::from_secs(20)));
        assert_eq!(url.config.get_keepalives_idle(), KEEPALIVE_IDLE);
        assert!(!url.is_pooler_named);
        let given = "postgres://db/crm?application_name=x&connect_timeout=0&keepalives_idle=9&pgbouncer=true";
        let url = DatabaseUrl::parse(given).unwrap();
        assert_eq!(url.config.get_application_name(), Some("x"));
        assert_eq!(url.connect_limit(), None);
        assert_eq!(url.config.get_keepalives_idle(), Duration::from_secs(9));
        assert!(url.is_pooler_named);
    }
}
