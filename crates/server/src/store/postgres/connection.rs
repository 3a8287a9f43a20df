//! One connection to the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Socket, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::connect_error::ConnectError;
use super::driver_error::full_text;
use super::error::{is_stale_statement, store_error};
use super::pooler;
use super::session::{SessionSettings, SessionTexts, TransactionKind};
use super::statement_cache::StatementCache;
use super::tls;
use super::url::{DatabaseUrl, TlsMode};
use crate::store::StoreError;

/// How long a transaction may take to begin. It waits for no lock; behind a pooler, for a session.
const BEGIN_LIMIT: Duration = Duration::from_secs(5);

/// How much later than the server's own limit an answer may come before nobody waits for it any more.
const ANSWER_GRACE: Duration = Duration::from_secs(5);

/// How many statements that are sent together may each take as long as one may.
const MAX_SLOW_STATEMENTS: usize = 4;

/// How long the server may take to be told that a statement is not wanted any more.
const CANCEL_LIMIT: Duration = Duration::from_secs(5);

/// All that is needed to make connections to one database.
pub(crate) struct Connector {
    url: DatabaseUrl,
    tls: MakeRustlsConnect,
    texts: SessionTexts,
    statement_timeout: Duration,
    /// Has a receiver for each connection that is not closed yet.
    open: watch::Sender<()>,
}

/// An open connection, driven by a task of its own until it is dropped or breaks.
pub(crate) struct Connection {
    connector: Arc<Connector>,
    client: Client,
    /// What drives it; without that, whatever is waited for fails.
    driver: AbortHandle,
    is_pooled: bool,
    /// Whether something was begun that must not be left behind for the next user.
    is_dirty: AtomicBool,
    /// Whether an error said that nothing more can come of it; the driver notices a little later.
    is_broken: AtomicBool,
    statements: StatementCache,
}

type Driven = tokio_postgres::Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

impl Connector {
    /// Reads the root certificates that the URL asks for; connects to nothing yet.
    ///
    /// # Errors
    /// `ConnectError::Tls` when they cannot be read.
    pub(crate) fn new(url: DatabaseUrl, settings: SessionSettings) -> Result<Arc<Self>, ConnectError> {
        let tls = tls::connector(&url.tls)?;
        let texts = SessionTexts::new(settings);
        let timeout = settings.statement_timeout;
        Ok(Arc::new(Self { url, tls, texts, statement_timeout: timeout, open: watch::Sender::new(()) }))
    }

    /// The database, for messages.
    pub(crate) fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Waits until every connection is closed, for which they have to be dropped.
    pub(super) async fn closed(&self) {
        self.open.closed().await;
    }

    pub(super) async fn open(&self) -> Result<(Client, Driven), ConnectError> {
        let error = match self.url.config.connect(self.tls.clone()).await {
            Ok(opened) => return Ok(opened),
            Err(error) => ConnectError::from_driver(&error, &self.url),
        };
        if self.url.tls.mode == TlsMode::Prefer && error.may_be_due_to_tls() {
            let mut config: Config = self.url.config.clone();
            config.ssl_mode(SslMode::Disable);
            if let Ok(opened) = config.connect(self.tls.clone()).await {
                return Ok(opened);
            }
        }
        // The first error: what is preferred is what should be mended.
        Err(error)
    }
}

impl Connection {
    /// Opens a connection, and sets its session unless a pooler stands between.
    ///
    /// # Errors
    /// Why the server cannot be reached, or does not let us in.
    pub(crate) async fn open(connector: &Arc<Connector>) -> Result<Self, ConnectError> {
        let opening = Self::open_unlimited(Arc::clone(connector));
        match connector.url.connect_limit() {
            None => opening.await,
            Some(limit) => tokio::time::timeout(limit, opening)
                .await
                .unwrap_or_else(|_| Err(ConnectError::TimedOut(connector.url.describe()))),
        }
    }

    async fn open_unlimited(connector: Arc<Connector>) -> Result<Self, ConnectError> {
        let (client, driven) = connector.open().await?;
        let open = connector.open.subscribe();
        let driver = tokio::spawn(async move {
            if let Err(error) = driven.await {
                tracing::info!(reason = full_text(&error), "a connection to the database was lost");
            }
            drop(open);
        });
        let driver = driver.abort_handle();
        let failed = |error| ConnectError::from_driver(&error, &connector.url);
        let is_pooled = connector.url.is_pooler_named || pooler::is_pooled(&client).await.map_err(failed)?;
        if !is_pooled {
            client.batch_execute(connector.texts.on_connect()).await.map_err(failed)?;
        }
        Ok(Self {
            connector,
            client,
            driver,
            is_pooled,
            is_dirty: AtomicBool::new(false),
            is_broken: AtomicBool::new(false),
            statements: StatementCache::new(),
        })
    }

    /// The driver's end, to run statements with.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The database, for messages.
    pub(crate) fn url(&self) -> &DatabaseUrl {
        &self.connector.url
    }

    /// Whether a pooler stands between: then each transaction may run in another session of the
    /// server, nothing may be set for the session, and no statement may stay prepared.
    pub(crate) fn is_pooled(&self) -> bool {
        self.is_pooled
    }

    /// The text that opens a transaction, for whoever sends it along with something else.
    pub(crate) fn begin_text(&self, kind: TransactionKind) -> &str {
        self.connector.texts.begin(kind, self.is_pooled)
    }

    /// Begins a transaction, which is rolled back unless [`Connection::mark_done`] follows its end.
    ///
    /// # Errors
    /// `Busy` when a pooler has no session of the server to give for 5 s, as when the server is away;
    /// `Unavailable` when the server itself does not answer for as long.
    pub(crate) async fn begin(&self, kind: TransactionKind) -> Result<(), StoreError> {
        self.mark_open();
        let beginning = self.client.batch_execute(self.begin_text(kind));
        match tokio::time::timeout(BEGIN_LIMIT, beginning).await {
            Ok(outcome) => outcome.map_err(|error| self.failure(error)),
            Err(_) => {
                self.is_broken.store(true, Ordering::Relaxed);
                Err(match self.is_pooled {
                    true => StoreError::Busy,
                    false => StoreError::Unavailable("it does not answer".into()),
                })
            }
        }
    }

    /// The statement with this text, prepared once for this connection and version of the model. Not for
    /// pooled connections, where the next transaction would not find it.
    pub(crate) async fn prepare(
        &self,
        text: &Arc<str>,
        model: i64,
    ) -> Result<Statement, tokio_postgres::Error> {
        debug_assert!(!self.is_pooled, "a statement was prepared in a session of a pooler");
        self.statements.prepare(&self.client, text, model).await
    }

    /// What an error of a statement means. Statements that no longer fit the tables are forgotten, so
    /// that running the transaction again, as `StoreError::Conflict` asks, prepares them anew; a
    /// connection that is `Unavailable` is not used again.
    pub(crate) fn failure(&self, error: tokio_postgres::Error) -> StoreError {
        if is_stale_statement(&error) {
            self.statements.clear();
        }
        let failure = store_error(error);
        if matches!(failure, StoreError::Unavailable(_)) {
            self.is_broken.store(true, Ordering::Relaxed);
        }
        failure
    }

    /// How long the answers to so many statements are waited for: longer than the server lets them run, so
    /// that only a server or a network that does not answer at all reaches it. Of many statements not all
    /// take their time.
    pub(super) fn answer_limit(&self, statements: usize) -> Option<Duration> {
        let timeout = self.connector.statement_timeout;
        let slow = u32::try_from(statements.clamp(1, MAX_SLOW_STATEMENTS)).unwrap_or(1);
        (!timeout.is_zero()).then(|| timeout.saturating_mul(slow).saturating_add(ANSWER_GRACE))
    }

    /// Ends the connection; all that is waited for fails at once.
    pub(super) fn end(&self) {
        tracing::info!("a connection to the database was ended, since no answer came");
        self.is_broken.store(true, Ordering::Relaxed);
        self.driver.abort();
    }

    /// Says that what begins now must be rolled back if this connection is dropped before
    /// [`Connection::mark_done`]: a transaction, or a statement whose answer is waited for.
    pub(crate) fn mark_open(&self) {
        self.is_dirty.store(true, Ordering::Relaxed);
    }

    /// Says that the transaction has ended, by COMMIT or ROLLBACK, and its answer has come.
    pub(crate) fn mark_done(&self) {
        self.is_dirty.store(false, Ordering::Relaxed);
    }

    pub(super) fn is_dirty(&self) -> bool {
        self.is_dirty.load(Ordering::Relaxed)
    }

    pub(super) fn is_broken(&self) -> bool {
        self.client.is_closed() || self.is_broken.load(Ordering::Relaxed)
    }

    /// Tells the server to stop what this connection runs. It may be heard late and stop something
    /// else, so the connection is good for nothing after it.
    pub(super) async fn cancel(&self) {
        let token = self.client.cancel_token();
        // If the server does not hear it, its own limit stops the statement. PgBouncer 1.18 passes a
        // request on only from clients that wait for it, and the driver does not.
        let _ = tokio::time::timeout(CANCEL_LIMIT, token.cancel_query(self.connector.tls.clone())).await;
    }
}
