//! Serving: from databases and an address to answered requests, and a clean end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::accounts::{Email, NewUser, NewWorkspace, Password, farthest_expiry};
use crate::app::{App, Settings};
use crate::command_error::CommandError;
use crate::commands::{connect, print};
use crate::config::ServeArgs;
use crate::data_folder::DataFolder;
use crate::databases::Databases;
use crate::edge::Edge;
use crate::error::ApiError;
use crate::{logging, router};

/// How long a connection may be silent before the headers of its next request are complete.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(65);

/// How long requests that run when the server is told to stop may go on.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);

/// Who signs in first.
const FIRST_EMAIL: &str = "admin@fourfold.local";

/// `fourfold serve`: until SIGTERM or SIGINT.
pub(crate) async fn serve(arguments: ServeArgs) -> Result<(), CommandError> {
    let log = logging::start(arguments.log_format).map_err(CommandError::Runtime)?;
    let mut stop = Stop::listen().map_err(CommandError::Runtime)?;
    // Before anything is written: whoever has the port may well have the folder.
    let listener = listen(&arguments.listen).await?;
    let (databases, _lock) = match connect(&arguments.data).await? {
        Some(database) => (Databases::Postgres(database), None),
        None => {
            let folder = DataFolder::create(&arguments.data.data)?;
            let lock = folder.lock_for_server()?;
            (Databases::Folder(folder), Some(lock))
        }
    };
    let address = listener.local_addr().map_err(CommandError::Runtime)?;
    let server_url = arguments.server_url.unwrap_or_else(|| default_url(address));
    let settings = Settings { server_url, max_batch_size: arguments.max_batch_size.into() };
    let app = Arc::new(App::open(databases, settings).await?);
    app.follow_changes();
    open_or_begin(&app, !arguments.empty).await?;
    let edge = Edge::new(router::router(Arc::clone(&app)), &app.settings.server_url);
    accept(listener, edge, async || stop.wait().await).await;
    app.close().await;
    tracing::info!("stopped");
    log.flush();
    Ok(())
}

async fn listen(address: &str) -> Result<TcpListener, CommandError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => CommandError::AddressInUse { address: address.into() },
        _ => CommandError::Listen { address: address.into(), source },
    })
}

/// Where a browser on this machine reaches the address.
fn default_url(address: SocketAddr) -> String {
    match address.ip().is_unspecified() {
        true => format!("http://localhost:{}", address.port()),
        false => format!("http://{address}"),
    }
}

/// Opens the default workspace, so that one that cannot be opened stops the start; makes it when
/// there is none.
async fn open_or_begin(app: &App, with_demo_records: bool) -> Result<(), CommandError> {
    let workspaces = app.control.workspaces().await.map_err(ApiError::from)?;
    if workspaces.is_empty() && begin(app, with_demo_records).await? {
        return Ok(());
    }
    if let Some(default) = workspaces.first() {
        open(app, default.id).await?;
    }
    print(&format!("Fourfold serves {}", app.settings.server_url))
}

async fn open(app: &App, workspace: uuid::Uuid) -> Result<(), CommandError> {
    let opened = app.workspace(workspace).await;
    opened.map(drop).map_err(|source| CommandError::Workspace { workspace, source: source.into() })
}

/// Makes the first workspace, its administrator and an API key, and prints their secrets: nothing
/// can show them again. False when another server has just done so.
async fn begin(app: &App, with_demo_records: bool) -> Result<bool, CommandError> {
    let password = Password::generate();
    let shown = password.reveal().to_owned();
    let creator = NewUser { email: Email::parse(FIRST_EMAIL)?, password, first_name: None, last_name: None };
    let display_name = "Fourfold".to_owned();
    let new = NewWorkspace { display_name, with_demo_records, creator: Some(creator) };
    let Some(workspace) = app.create_first_workspace(new).await? else { return Ok(false) };
    let roles = app.control.roles(workspace.id).await.map_err(ApiError::from)?;
    let admin = roles.iter().find(|role| role.can_be_assigned_to_api_keys);
    let admin = admin.ok_or_else(|| ApiError::internal("a new workspace has no role for API keys"))?;
    let end = farthest_expiry();
    let key = app.create_api_key(workspace.id, "First key", admin.id, end).await?;
    let token = app.api_key_token(&key, end).await?.token;
    open(app, workspace.id).await?;
    print(&format!(
        "Fourfold serves {}\n\n\
         A new workspace is ready. Keep what follows; it is not shown again.\n\n\
         E-mail:   {FIRST_EMAIL}\n\
         Password: {shown}\n\
         API key:  {token}\n",
        app.settings.server_url
    ))?;
    Ok(true)
}

/// The signals that end the server.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Answers connections until `stop` answers; then lets running requests finish, until `stop` answers
/// again or the time is up.
async fn accept(listener: TcpListener, edge: Edge, mut stop: impl AsyncFnMut()) {
    let edge = Arc::new(edge);
    let running = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop() => break,
        };
        match accepted {
            Ok((stream, _)) => answer(stream, &edge, &running),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                // Usually too many open files; others must close before the next one can open.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    tracing::info!("stopping; running requests may finish");
    tokio::select! {
        () = running.shutdown() => {}
        () = tokio::time::sleep(SHUTDOWN_TIMEOUT) => tracing::warn!("requests still ran and were cut off"),
        () = stop() => tracing::warn!("told to stop again; running requests were cut off"),
    }
}

fn answer(stream: TcpStream, edge: &Arc<Edge>, running: &GracefulShutdown) {
    // Answers are written whole; waiting for more would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let edge = Arc::clone(edge);
    let service = service_fn(move |request| {
        let edge = Arc::clone(&edge);
        async move { Ok::<_, std::convert::Infallible>(edge.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let watched = running.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection broke off");
        }
    });
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn running_requests_finish() {
        let (entered, stop) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let slow = {
            let entered = Arc::clone(&entered);
            async move || {
                entered.notify_one();
                tokio::time::sleep(Duration::from_millis(200)).await;
                "finished"
            }
        };
        let listener = listen("127.0.0.1:0").await.unwrap();
        let url = default_url(listener.local_addr().unwrap());
        let edge = Edge::new(Router::new().route("/slow", get(slow)), &url);
        let stopping = Arc::clone(&stop);
        let server = tokio::spawn(accept(listener, edge, async move || stopping.notified().await));
        let request = tokio::spawn(reqwest::get(format!("{url}/slow")));
        entered.notified().await;
        stop.notify_one();
        let response = request.await.unwrap().unwrap();
        assert_eq!(response.text().await.unwrap(), "finished");
        // The idle connection does not keep the server.
        tokio::time::timeout(Duration::from_secs(5), server).await.unwrap().unwrap();
        assert!(reqwest::get(url).await.is_err());
    }

    #[tokio::test]
    async fn addresses_in_use_are_told_from_wrong_ones() {
        let taken = listen("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap().to_string();
        assert!(matches!(listen(&address).await, Err(CommandError::AddressInUse { .. })));
        for wrong in ["3000", "127.0.0.1", "192.0.2.1:3000"] {
            assert!(matches!(listen(wrong).await, Err(CommandError::Listen { .. })), "{wrong}");
        }
    }
}
