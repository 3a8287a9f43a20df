//! The log on standard error, written by a thread of its own so that no request waits for it.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::LogFormat;

/// What the log holds without RUST_LOG. The driver of PostgreSQL passes on whatever the server remarks; what
/// matters of it comes as errors.
const DEFAULT_FILTER: &str = "info,tokio_postgres=warn";

/// How long lines gather before they are written together.
const GATHERING: Duration = Duration::from_millis(10);

/// Lines that may wait while standard error takes nothing. Further ones are dropped, and counted:
/// a server that cannot log still serves.
const MAX_WAITING_BYTES: usize = 4 << 20;

/// A handle on the log.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    written: Condvar,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    dropped_lines: usize,
    is_writing: bool,
}

/// Starts the log. RUST_LOG filters it, such as `warn` or `fourfold::requests=off,info`.
pub(crate) fn start(format: LogFormat) -> io::Result<Log> {
    let log = Log::default();
    let shared = Arc::clone(&log.0);
    std::thread::Builder::new().name("log".into()).spawn(move || shared.write_forever(io::stderr()))?;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(log.clone()).with_ansi(false);
    match format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().flatten_event(true).with_span_list(false).init(),
    }
    Ok(log)
}

impl Log {
    /// Waits until everything logged so far is written, for at most a second.
    pub(crate) fn flush(&self) {
        let waiting = self.0.lock();
        let is_behind = |waiting: &mut Waiting| waiting.is_writing || !waiting.bytes.is_empty();
        // Whoever stops the server does not wait for a terminal that is stuck.
        let _ = self.0.written.wait_timeout_while(waiting, Duration::from_secs(1), is_behind);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, line: &[u8]) {
        let mut waiting = self.lock();
        if MAX_WAITING_BYTES < waiting.bytes.len() + line.len() {
            waiting.dropped_lines += 1;
            return;
        }
        let was_empty = waiting.bytes.is_empty();
        waiting.bytes.extend_from_slice(line);
        drop(waiting);
        if was_empty {
            self.arrived.notify_one();
        }
    }

    fn write_forever(&self, mut output: impl Write) {
        let mut batch = Vec::new();
        loop {
            {
                let is_idle = |waiting: &mut Waiting| waiting.bytes.is_empty();
                let waiting = self.arrived.wait_while(self.lock(), is_idle);
                drop(waiting.unwrap_or_else(PoisonError::into_inner));
            }
            std::thread::sleep(GATHERING);
            let dropped = {
                let mut waiting = self.lock();
                waiting.is_writing = true;
                std::mem::swap(&mut waiting.bytes, &mut batch);
                std::mem::take(&mut waiting.dropped_lines)
            };
            if 0 < dropped {
                batch.extend_from_slice(format!("{dropped} lines of the log were dropped\n").as_bytes());
            }
            // There is nowhere left to tell of a log that cannot be written.
            let _ = output.write_all(&batch);
            batch.clear();
            self.lock().is_writing = false;
            self.written.notify_all();
        }
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = LineWriter<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        LineWriter(&self.0)
    }
}

/// Takes one formatted line.
pub(crate) struct LineWriter<'a>(&'a Shared);

impl Write for LineWriter<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
