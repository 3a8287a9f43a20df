//! The command line: every setting, with the environment variable that stands in for it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

/// One data model, four APIs: REST and GraphQL, for records and for the model itself.
///
/// Without a command it serves. A new data folder gets a workspace with the standard objects and demo
/// records; its sign-in and an API key are printed once.
#[derive(Debug, Parser)]
#[command(name = "fourfold", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    serve: ServeArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the APIs; what happens without a command, too
    Serve(ServeArgs),
    /// API keys, with which programs call the APIs
    #[command(subcommand)]
    ApiKey(ApiKeyCommand),
    /// People who sign in with e-mail and password
    #[command(subcommand)]
    User(UserCommand),
    /// Workspaces, each with a data model and records of its own
    #[command(subcommand)]
    Workspace(WorkspaceCommand),
}

/// Where the data lies.
#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    /// The folder that holds all data
    #[arg(long, value_name = "DIR", env = "FOURFOLD_DATA", default_value = "fourfold-data")]
    pub(crate) data: PathBuf,
    /// A PostgreSQL database (15 or newer) that holds all data instead of the folder, such as
    /// postgres://ada:secret@db.example.com/crm?sslmode=verify-full; several servers may share it
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
    /// Connections to PostgreSQL that requests have at most; a server has one more to hear of changes
    #[arg(long, value_name = "N", env = "FOURFOLD_DATABASE_CONNECTIONS", default_value_t = 16,
        value_parser = clap::value_parser!(u16).range(2..=1000))]
    pub(crate) database_connections: u16,
    /// Seconds after which PostgreSQL gives a statement up
    #[arg(long, value_name = "S", env = "FOURFOLD_DATABASE_TIMEOUT", default_value_t = 10,
        value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) database_timeout: u32,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", env = "FOURFOLD_LISTEN", default_value = "127.0.0.1:3000")]
    pub(crate) listen: String,
    /// Where clients reach the server, if that is not the address it listens on
    #[arg(long, value_name = "URL", env = "SERVER_URL", value_parser = parse_server_url)]
    pub(crate) server_url: Option<String>,
    /// Give a new workspace no demo records
    #[arg(long)]
    pub(crate) empty: bool,
    /// How the log on standard error looks; RUST_LOG says what it holds
    #[arg(long, value_name = "FORMAT", env = "FOURFOLD_LOG_FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
    /// The most records that one request may create
    #[arg(long, value_name = "N", env = "FOURFOLD_MAX_BATCH_SIZE", default_value_t = 60,
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) max_batch_size: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// One line for people
    Text,
    /// One JSON object on each line
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ApiKeyCommand {
    /// Make an API key and print its token, and nothing else, on standard output
    ///
    /// A running server honours it at once. The token is not stored; it cannot be shown again.
    Create(ApiKeyArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ApiKeyArgs {
    /// What the key is for; records that it makes carry this name
    #[arg(long)]
    pub(crate) name: String,
    /// The role of the key, by name or id
    #[arg(long, default_value = "Admin")]
    pub(crate) role: String,
    /// The workspace, by id, name or subdomain; needed when there are several
    #[arg(long, value_name = "ID-or-name")]
    pub(crate) workspace: Option<String>,
    /// When the key ends, such as 2027-01-31 or 2027-01-31T18:00:00Z [default: in 100 years]
    #[arg(long, value_name = "T", value_parser = parse_instant)]
    pub(crate) expires_at: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make somebody a member of a workspace, who signs in with e-mail and password
    Create(UserArgs),
}

#[derive(Debug, Args)]
pub(crate) struct UserArgs {
    /// The e-mail address to sign in with
    #[arg(long)]
    pub(crate) email: String,
    /// Read the password (8 to 50 characters) from the first line of standard input
    #[arg(long, required = true)]
    pub(crate) password_stdin: bool,
    /// The role of the member, by name or id
    #[arg(long, default_value = "Admin")]
    pub(crate) role: String,
    /// The workspace, by id, name or subdomain; needed when there are several
    #[arg(long, value_name = "ID-or-name")]
    pub(crate) workspace: Option<String>,
    /// First name [default: what stands before the @ of the address]
    #[arg(long)]
    pub(crate) first_name: Option<String>,
    /// Last name
    #[arg(long)]
    pub(crate) last_name: Option<String>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// Make a workspace and print its id
    ///
    /// It has no members yet; `fourfold user create --workspace ID` adds them.
    Create(WorkspaceArgs),
    /// List the workspaces as a table
    List(DataArgs),
}

#[derive(Debug, Args)]
pub(crate) struct WorkspaceArgs {
    /// What people call the workspace
    #[arg(long)]
    pub(crate) name: String,
    /// Leave out the demo records
    #[arg(long)]
    pub(crate) empty: bool,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

impl Cli {
    /// What is asked for.
    pub(crate) fn into_command(self) -> Command {
        self.command.unwrap_or(Command::Serve(self.serve))
    }
}

/// An http(s) URL with a host; a slash at its end is dropped.
fn parse_server_url(text: &str) -> Result<String, String> {
    let uri: axum::http::Uri = text.parse().map_err(|error| format!("{error}"))?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
    if !is_web || uri.query().is_some() {
        return Err("expected something like https://crm.example.com".into());
    }
    Ok(text.trim_end_matches('/').into())
}

/// An RFC 3339 instant, or a date: its first moment in UTC.
fn parse_instant(text: &str) -> Result<Timestamp, String> {
    let midnight = |date: civil::Date| date.to_zoned(TimeZone::UTC).map(|start| start.timestamp());
    text.parse::<Timestamp>()
        .or_else(|_no_instant| text.parse::<civil::Date>().and_then(midnight))
        .map_err(|_neither| "expected a date or an instant, such as 2027-01-31T18:00:00Z".into())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Command, clap::Error> {
        let words = std::iter::once("fourfold").chain(line.split_whitespace());
        Cli::try_parse_from(words).map(Cli::into_command)
    }

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn serving_is_the_default() {
        for line in ["--listen 127.0.0.1:0 --empty", "serve --listen 127.0.0.1:0 --empty"] {
            let Command::Serve(serve) = parse(line).unwrap() else { panic!("{line} does not serve") };
            assert_eq!(serve.listen, "127.0.0.1:0", "{line}");
            assert!(serve.empty, "{line}");
            assert_eq!(serve.max_batch_size, 60, "{line}");
        }
    }

    #[test]
    fn commands_take_their_settings() {
        let Command::ApiKey(ApiKeyCommand::Create(key)) =
            parse("api-key create --name ci --role Admin --workspace W --expires-at 2099-01-31 --data x")
                .unwrap()
        else {
            panic!("no API key is made");
        };
        assert_eq!(key.expires_at, Some("2099-01-31T00:00:00Z".parse().unwrap()));
        assert_eq!((key.data.data, key.workspace.as_deref()), (PathBuf::from("x"), Some("W")));
        assert!(matches!(parse("workspace list"), Ok(Command::Workspace(WorkspaceCommand::List(_)))));
        assert!(matches!(
            parse("user create --email a@b.example --password-stdin"),
            Ok(Command::User(UserCommand::Create(_)))
        ));
    }

    #[test]
    fn nothing_is_ignored() {
        for line in [
            "api-key create",
            "api-key create --name ci --expires-at soon",
            "api-key create --name ci --expires-at 2027-02-30",
            "user create --email a@b.example",
            "workspace create",
            "--max-batch-size 0",
            "--max-batch-size 1001",
            "--log-format xml",
            "--server-url crm.example.com",
            "--server-url ftp://crm.example.com",
            "--data x workspace list",
            "sevre",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
