//! Sessions that requests share: opened when they are needed, the last one used goes first.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_postgres::Config;

use super::session::Session;
use crate::Outcome;

/// As many as Fourfold has.
const MAX_SESSIONS: usize = 16;

pub(super) struct Sessions {
    config: Config,
    idle: Mutex<Vec<Session>>,
    permits: Semaphore,
}

/// A session that nobody else uses. Dropped, it is closed, since it may be in the middle of something.
pub(super) struct Lent<'s> {
    pub(super) session: Session,
    sessions: &'s Sessions,
    _permit: SemaphorePermit<'s>,
}

impl Sessions {
    pub(super) fn new(url: &str, schema: &str) -> Outcome<Self> {
        let mut config: Config = url.parse()?;
        config.options(format!("-c search_path={schema}"));
        Ok(Self { config, idle: Mutex::default(), permits: Semaphore::new(MAX_SESSIONS) })
    }

    pub(super) async fn get(&self) -> Outcome<Lent<'_>> {
        let permit = self.permits.acquire().await?;
        let idle = self.lock_idle().pop();
        let session = match idle {
            Some(session) => session,
            None => Session::open(&self.config).await?,
        };
        Ok(Lent { session, sessions: self, _permit: permit })
    }

    fn lock_idle(&self) -> MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lent<'_> {
    /// For the next request, after one that went well.
    pub(super) fn give_back(self) {
        self.sessions.lock_idle().push(self.session);
    }
}
