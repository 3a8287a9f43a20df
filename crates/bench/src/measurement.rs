//! One run: fills a server, copies its data for the reference, and measures the two in turns.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::cases::{self, Case};
use crate::load::{self, Sample};
use crate::server_process::{Memory, ServerProcess};
use crate::storage::{Database, Storage};
use crate::{Outcome, copies, dataset};

/// How often each case is measured on either server.
pub(crate) const PAIRS: usize = 5;

/// How long each measurement takes.
pub(crate) const STRETCH: Duration = Duration::from_secs(2);

/// How long a server runs a case before it is measured.
const WARM_UP: Duration = Duration::from_millis(500);

/// How long a server that has just started is left alone before its memory is looked at.
const SETTLING: Duration = Duration::from_secs(1);

/// What a run found.
pub(crate) struct Measurement {
    /// The database, with its version.
    pub(crate) database: String,
    pub(crate) cases: Vec<MeasuredCase>,
    /// From starting the process on data that exists to its first answer.
    pub(crate) start_up: Duration,
    /// MB in RAM, after that answer.
    pub(crate) idle: Memory,
    /// MB in RAM, after all cases.
    pub(crate) loaded: Memory,
}

/// A case with its pairs of samples in the order in which they were taken.
pub(crate) struct MeasuredCase {
    pub(crate) name: &'static str,
    pub(crate) fourfold: Vec<Sample>,
    pub(crate) reference: Vec<Sample>,
}

/// Measures the program `fourfold` on a new workspace, which is gone afterwards.
///
/// # Errors
/// When a server fails, or the two do not answer alike.
pub(crate) async fn run(fourfold: &Path, database: Database) -> Outcome<Measurement> {
    let storage = Storage::new(database).await?;
    let measured = run_on(fourfold, &storage).await;
    storage.remove().await?;
    measured
}

async fn run_on(fourfold: &Path, storage: &Storage) -> Outcome<Measurement> {
    eprintln!("filling a workspace on {}", storage.name());
    let arguments = storage.arguments();
    let server = ServerProcess::start(serve(fourfold, &arguments).arg("--empty"))?;
    let token = create_key(fourfold, &arguments)?;
    let dataset = dataset::fill(server.address, &token).await?;
    server.stop()?;
    storage.copy_records(&copies::PEOPLE, dataset.more_people()).await?;
    let copy = storage.copy().await?;

    let started = Instant::now();
    let server = ServerProcess::start(&mut serve(fourfold, &arguments))?;
    load::fetch(server.address, &load::get("/healthz", &token)).await?;
    let start_up = started.elapsed();
    tokio::time::sleep(SETTLING).await;
    let idle = server.memory()?;

    let own = std::env::current_exe()?;
    let reference = ServerProcess::start(Command::new(own).arg("reference").args(copy).arg(&token))?;
    let (all, servers) = (cases::all(&token, &dataset), [server.address, reference.address]);
    // Before any is measured: then both have the same records.
    for case in &all {
        case.compare(servers).await?;
    }
    let mut cases = Vec::new();
    for case in &all {
        cases.push(measure(case, servers).await?);
    }
    let loaded = server.memory()?;
    server.stop()?;
    Ok(Measurement { database: storage.name(), cases, start_up, idle, loaded })
}

/// `fourfold serve` as it comes, but for the address. Its log is written, to nowhere.
pub(crate) fn serve(fourfold: &Path, storage: &[OsString]) -> Command {
    let mut command = Command::new(fourfold);
    command.args(["serve", "--listen", "127.0.0.1:0"]).args(storage).stderr(Stdio::null());
    command
}

pub(crate) fn create_key(fourfold: &Path, storage: &[OsString]) -> Outcome<String> {
    let mut command = Command::new(fourfold);
    command.args(["api-key", "create", "--name", "bench"]).args(storage).stderr(Stdio::inherit());
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("`fourfold api-key create` failed: {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

async fn measure(case: &Case, servers: [SocketAddr; 2]) -> Outcome<MeasuredCase> {
    eprintln!("measuring {}", case.name);
    for server in servers {
        load::run(server, &case.requests, WARM_UP).await?;
    }
    let mut measured = MeasuredCase { name: case.name, fourfold: Vec::new(), reference: Vec::new() };
    let [fourfold, reference] = servers;
    for _ in 0..PAIRS {
        measured.fourfold.push(load::run(fourfold, &case.requests, STRETCH).await?);
        measured.reference.push(load::run(reference, &case.requests, STRETCH).await?);
    }
    Ok(measured)
}
