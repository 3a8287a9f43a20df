//! What pages cost when there are very many records: as ratios to few, and of pages far behind to first ones.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use crate::Outcome;
use crate::copies::{self, Copy};
use crate::dataset::{COMPANIES, company_name, fill_companies};
use crate::load::{self, Request, Requests, Sample};
use crate::measurement::{create_key, serve};
use crate::server_process::ServerProcess;
use crate::storage::{Database, Storage};

/// How many companies there are, one after the other.
pub(crate) const SIZES: [usize; 3] = [COMPANIES, 100_000, 1_000_000];

/// How far behind the deep page begins.
pub(crate) const DEPTH: usize = 900_000;

/// How often each page is measured.
const TIMES: usize = 3;

/// How long each measurement takes.
const STRETCH: Duration = Duration::from_millis(400);

const FIELDS: [&str; 4] = ["id", "position", "createdAt", "name"];

const DIRECTIONS: [&str; 4] = ["AscNullsFirst", "AscNullsLast", "DescNullsFirst", "DescNullsLast"];

/// What a run found.
pub(crate) struct Scale {
    /// The database, with its version.
    pub(crate) database: String,
    /// For each field, the median time of a list with its total at each size, in µs.
    pub(crate) lists: Vec<(&'static str, Vec<f64>)>,
    /// For each order, the median times of the first page and of the deep one, in µs.
    pub(crate) pages: Vec<(String, [f64; 2])>,
}

/// Measures the program `fourfold` on a workspace that grows.
///
/// # Errors
/// When the server fails.
pub(crate) async fn run(fourfold: &Path, database: Database) -> Outcome<Scale> {
    let storage = Storage::new(database).await?;
    let measured = run_on(fourfold, &storage).await;
    storage.remove().await?;
    measured
}

async fn run_on(fourfold: &Path, storage: &Storage) -> Outcome<Scale> {
    let arguments = storage.arguments();
    let mut server = ServerProcess::start(serve(fourfold, &arguments).arg("--empty"))?;
    let token = create_key(fourfold, &arguments)?;
    let template: Uuid =
        fill_companies(server.address, &token).await?.last().ok_or("no companies")?.parse()?;
    let mut scale =
        Scale { database: storage.name(), lists: FIELDS.map(|field| (field, vec![])).into(), pages: vec![] };
    for (place, size) in SIZES.into_iter().enumerate() {
        if let Some(before) = place.checked_sub(1) {
            eprintln!("filling {} up to {size} companies", storage.name());
            server.stop()?;
            let copies =
                (SIZES[before]..size).map(|number| Ok(Copy::new(number, company_name(number), template)));
            storage.copy_records(&copies::COMPANIES, copies).await?;
            server = ServerProcess::start(&mut serve(fourfold, &arguments))?;
        }
        eprintln!("measuring {size} companies");
        for (field, times) in &mut scale.lists {
            let list = format!("/rest/companies?limit=60&order_by={field}");
            times.push(median(&server, &[load::get(&list, &token)].into(), TIMES).await?);
        }
    }
    for field in FIELDS {
        for direction in DIRECTIONS {
            let cursor = cursor(&server, &token, field, direction).await?;
            let first = format!("/rest/companies?limit=60&order_by={field}%5B{direction}%5D");
            let deep = format!("{first}&starting_after={cursor}");
            let pages: [Requests; 2] = [&first, &deep].map(|path| [load::get(path, &token)].into());
            let mut samples = [Vec::new(), Vec::new()];
            for _ in 0..TIMES {
                for (page, samples) in pages.iter().zip(&mut samples) {
                    samples.push(load::run(server.address, page, STRETCH).await?);
                }
            }
            scale.pages.push((format!("{field} {direction}"), samples.map(|samples| median_of(&samples))));
        }
    }
    server.stop()?;
    Ok(scale)
}

/// The cursor of the record after which the deep page begins.
async fn cursor(server: &ServerProcess, token: &str, field: &str, direction: &str) -> Outcome<String> {
    let document = format!(
        "{{ companies(first: 1, offset: {}, orderBy: {{ {field}: {direction} }}) {{ edges {{ cursor }} }} }}",
        DEPTH - 1
    );
    let request: Request = load::post("/graphql", token, &json!({ "query": document }));
    let answer = load::fetch(server.address, &request).await?;
    let cursor = answer["data"]["companies"]["edges"][0]["cursor"].as_str();
    Ok(cursor.ok_or_else(|| format!("no cursor: {answer}"))?.replace('+', "%2B").replace('=', "%3D"))
}

async fn median(server: &ServerProcess, requests: &Requests, times: usize) -> Outcome<f64> {
    let mut samples = Vec::new();
    for _ in 0..times {
        samples.push(load::run(server.address, requests, STRETCH).await?);
    }
    Ok(median_of(&samples))
}

fn median_of(samples: &[Sample]) -> f64 {
    let mut all: Vec<u32> = samples.iter().flat_map(|sample| sample.latencies_us.iter().copied()).collect();
    all.sort_unstable();
    all.get(all.len() / 2).map_or(0.0, |us| f64::from(*us))
}
