//! What all requests share: settings, control data, and the workspaces that are open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::accounts::{Passwords, Principals, Tokens, WorkspaceRow};
use crate::command_error::CommandError;
use crate::control::Control;
use crate::data_model;
use crate::databases::Databases;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::store::postgres::Change;
use crate::workspace::Workspace;

/// Settings that requests look at.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Where clients reach the server, without a slash at the end: `http://127.0.0.1:3000`.
    pub(crate) server_url: String,
    /// The most records that one request may create, 1 to 1000.
    pub(crate) max_batch_size: usize,
}

/// The state of the server, or of one command that runs beside it.
pub(crate) struct App {
    pub(crate) settings: Settings,
    pub(crate) databases: Databases,
    pub(crate) control: Control,
    pub(crate) tokens: Tokens,
    pub(crate) passwords: Passwords,
    pub(crate) principals: Principals,
    open: OpenWorkspaces,
}

/// The workspaces that are open or being opened, by id.
#[derive(Default)]
struct OpenWorkspaces(Mutex<HashMap<Uuid, Arc<OnceCell<Arc<Workspace>>>>>);

impl OpenWorkspaces {
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<OnceCell<Arc<Workspace>>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(&self, id: Uuid) -> Option<Arc<OnceCell<Arc<Workspace>>>> {
        self.lock().get(&id).cloned()
    }
}

impl App {
    /// Opens the control data, or makes it. Workspaces are opened when they are asked for.
    pub(crate) async fn open(databases: Databases, settings: Settings) -> Result<Self, CommandError> {
        Ok(Self {
            control: Control::new(databases.control().await?),
            settings,
            databases,
            tokens: Tokens::new(),
            passwords: Passwords::new(),
            principals: Principals::new(),
            open: OpenWorkspaces::default(),
        })
    }

    /// The workspace with this id. The first to ask opens it, and others wait for that; one that
    /// another process made is found too.
    ///
    /// # Errors
    /// `WorkspaceNotFound`, or why its database cannot be opened.
    pub(crate) async fn workspace(&self, id: Uuid) -> ApiResult<Arc<Workspace>> {
        let slot = match self.open.slot(id) {
            Some(slot) => slot,
            None => {
                self.workspace_info(id).await?;
                Arc::clone(self.open.lock().entry(id).or_default())
            }
        };
        let open = || async {
            let store = self.databases.workspace(id).await?;
            let model = data_model::load(&store).await?;
            Ok::<_, ApiError>(Arc::new(Workspace::new(id, store, model)))
        };
        slot.get_or_try_init(open).await.map(Arc::clone)
    }

    /// Name, subdomain and times of a workspace.
    ///
    /// # Errors
    /// `WorkspaceNotFound`.
    pub(crate) async fn workspace_info(&self, id: Uuid) -> ApiResult<WorkspaceRow> {
        self.control.workspace(id).await?.ok_or_else(|| {
            ApiError::new(ErrorCode::WorkspaceNotFound, "the workspace of the token does not exist here")
        })
    }

    /// Hears from other servers on the same databases what they change, for as long as this one lives.
    pub(crate) fn follow_changes(self: &Arc<Self>) {
        let Some(mut changes) = self.databases.changes() else { return };
        let app = Arc::downgrade(self);
        tokio::spawn(async move {
            while let Some(change) = changes.recv().await {
                let Some(app) = app.upgrade() else { return };
                app.take_note(change).await;
            }
        });
    }

    async fn take_note(&self, change: Change) {
        let workspace = match change {
            Change::Control => return self.control.note_change(),
            Change::Model(id) => self.open.slot(id).and_then(|slot| slot.get().cloned()),
        };
        let Some(workspace) = workspace else { return };
        if let Err(error) = workspace.refresh().await {
            tracing::info!(%error, workspace = %workspace.id, "a newer model could not be read yet");
        }
    }

    /// Finishes running writes and closes every database.
    pub(crate) async fn close(&self) {
        let slots: Vec<_> = self.open.lock().drain().map(|(_, slot)| slot).collect();
        for workspace in slots.iter().filter_map(|slot| slot.get()) {
            workspace.store.close().await;
        }
        self.control.close().await;
        self.databases.close().await;
    }
}
