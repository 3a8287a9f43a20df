//! The commands that run beside a server, or without one.

use std::io::{self, BufRead, Write};
use std::time::Duration;

use crate::accounts::{Email, NewUser, NewWorkspace, Password, Role, WorkspaceRow, farthest_expiry};
use crate::app::{App, Settings};
use crate::command_error::CommandError;
use crate::config::{
    ApiKeyArgs, ApiKeyCommand, DataArgs, UserArgs, UserCommand, WorkspaceArgs, WorkspaceCommand,
};
use crate::data_folder::DataFolder;
use crate::databases::Databases;
use crate::postgres_database::{DatabaseSettings, PostgresDatabase};

/// `fourfold api-key …`
pub(crate) async fn api_key(command: ApiKeyCommand) -> Result<(), CommandError> {
    let ApiKeyCommand::Create(arguments) = command;
    let app = open_existing(&arguments.data).await?;
    let created = create_api_key(&app, &arguments).await;
    app.close().await;
    print(&created?)
}

/// `fourfold user …`
pub(crate) async fn user(command: UserCommand) -> Result<(), CommandError> {
    let UserCommand::Create(arguments) = command;
    let app = open_existing(&arguments.data).await?;
    let created = create_user(&app, arguments).await;
    app.close().await;
    print(&created?)
}

/// `fourfold workspace …`
pub(crate) async fn workspace(command: WorkspaceCommand) -> Result<(), CommandError> {
    let (app, output) = match command {
        WorkspaceCommand::Create(arguments) => {
            // The first workspace may be made before any server has run.
            let app = open(new_or_existing(&arguments.data).await?).await?;
            let created = create_workspace(&app, arguments).await;
            (app, created)
        }
        WorkspaceCommand::List(data) => {
            let app = open_existing(&data).await?;
            let listed = list_workspaces(&app).await;
            (app, listed)
        }
    };
    app.close().await;
    print(&output?)
}

/// Where the data lives, or will: in PostgreSQL when a URL says so, otherwise in the folder.
async fn new_or_existing(data: &DataArgs) -> Result<Databases, CommandError> {
    match connect(data).await? {
        Some(database) => Ok(Databases::Postgres(database)),
        None => Ok(Databases::Folder(DataFolder::create(&data.data)?)),
    }
}

/// The PostgreSQL database that the data is to live in, if one is named.
///
/// # Errors
/// When it cannot be used. Nothing is changed there.
pub(crate) async fn connect(data: &DataArgs) -> Result<Option<PostgresDatabase>, CommandError> {
    let Some(url) = data.database_url.as_deref().filter(|url| !url.is_empty()) else { return Ok(None) };
    let settings = DatabaseSettings {
        max_connections: data.database_connections.into(),
        statement_timeout: Duration::from_secs(data.database_timeout.into()),
    };
    PostgresDatabase::connect(url, settings).await.map(Some)
}

/// Writes a line to standard output.
pub(crate) fn print(text: &str) -> Result<(), CommandError> {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}").and_then(|()| output.flush()).map_err(CommandError::Output)
}

async fn open_existing(data: &DataArgs) -> Result<App, CommandError> {
    let databases = match connect(data).await? {
        Some(database) => {
            database.require_data().await?;
            Databases::Postgres(database)
        }
        None => Databases::Folder(DataFolder::existing(&data.data)?),
    };
    open(databases).await
}

async fn open(databases: Databases) -> Result<App, CommandError> {
    App::open(databases, Settings { server_url: String::new(), max_batch_size: 0 }).await
}

async fn create_api_key(app: &App, arguments: &ApiKeyArgs) -> Result<String, CommandError> {
    let workspace = find_workspace(app, arguments.workspace.as_deref()).await?;
    let role = find_role(app, &workspace, &arguments.role).await?;
    if !role.can_be_assigned_to_api_keys {
        return Err(CommandError::RoleNotAssignable { role: role.label, to: "API keys" });
    }
    let expires_at = arguments.expires_at.unwrap_or_else(farthest_expiry);
    let key = app.create_api_key(workspace.id, &arguments.name, role.id, expires_at).await?;
    Ok(app.api_key_token(&key, expires_at).await?.token)
}

async fn create_user(app: &App, arguments: UserArgs) -> Result<String, CommandError> {
    let email = Email::parse(&arguments.email)?;
    let workspace = find_workspace(app, arguments.workspace.as_deref()).await?;
    let role = find_role(app, &workspace, &arguments.role).await?;
    if !role.can_be_assigned_to_users {
        return Err(CommandError::RoleNotAssignable { role: role.label, to: "users" });
    }
    let password = Password::parse(&read_password()?)?;
    let (first_name, last_name) = (arguments.first_name, arguments.last_name);
    let new = NewUser { email, password, first_name, last_name };
    let user = app.create_user(workspace.id, role.id, new).await?;
    Ok(format!("{} can sign in to {} as {}", user.email, workspace.display_name, role.label))
}

fn read_password() -> Result<String, CommandError> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(CommandError::NoPassword)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

async fn create_workspace(app: &App, arguments: WorkspaceArgs) -> Result<String, CommandError> {
    let new =
        NewWorkspace { display_name: arguments.name, with_demo_records: !arguments.empty, creator: None };
    Ok(app.create_workspace(new).await?.id.to_string())
}

async fn list_workspaces(app: &App) -> Result<String, CommandError> {
    let workspaces = all_workspaces(app).await?;
    let name_width = workspaces.iter().map(|row| row.display_name.chars().count()).max().unwrap_or(0).max(4);
    let host_width = workspaces.iter().map(|row| row.subdomain.len()).max().unwrap_or(0).max(9);
    let mut table = format!("{:36}  {:name_width$}  {:host_width$}  CREATED", "ID", "NAME", "SUBDOMAIN");
    for WorkspaceRow { id, display_name, subdomain, created_at, .. } in workspaces {
        table.push_str(&format!(
            "\n{id}  {display_name:name_width$}  {subdomain:host_width$}  {created_at:.0}"
        ));
    }
    Ok(table)
}

async fn all_workspaces(app: &App) -> Result<Vec<WorkspaceRow>, CommandError> {
    Ok(app.control.workspaces().await.map_err(crate::error::ApiError::from)?)
}

/// The workspace with this id, name or subdomain; without one, the only one.
async fn find_workspace(app: &App, wanted: Option<&str>) -> Result<WorkspaceRow, CommandError> {
    let mut all = all_workspaces(app).await?;
    let known = || all.iter().map(|row| row.display_name.clone()).collect::<Vec<_>>();
    let Some(wanted) = wanted else {
        return match all.len() {
            0 => Err(CommandError::NoWorkspace),
            1 => Ok(all.remove(0)),
            _ => Err(CommandError::WhichWorkspace { known: known() }),
        };
    };
    let is_called = |row: &&WorkspaceRow| {
        row.id.to_string().eq_ignore_ascii_case(wanted)
            || row.subdomain == wanted
            || row.display_name.to_lowercase() == wanted.to_lowercase()
    };
    let found: Vec<_> = all.iter().filter(is_called).collect();
    match found.as_slice() {
        [] => Err(CommandError::UnknownWorkspace { wanted: wanted.into(), known: known() }),
        [one] => Ok((*one).clone()),
        several => Err(CommandError::WhichWorkspace {
            known: several.iter().map(|row| row.id.to_string()).collect(),
        }),
    }
}

async fn find_role(app: &App, workspace: &WorkspaceRow, wanted: &str) -> Result<Role, CommandError> {
    let roles = app.control.roles(workspace.id).await.map_err(crate::error::ApiError::from)?;
    let known = roles.iter().map(|role| role.label.clone()).collect();
    let is_called = |role: &Role| {
        role.label.to_lowercase() == wanted.to_lowercase() || role.id.to_string().eq_ignore_ascii_case(wanted)
    };
    roles
        .into_iter()
        .find(is_called)
        .ok_or_else(|| CommandError::UnknownRole { wanted: wanted.into(), known })
}
