//! How fast Fourfold answers, as a ratio to a hand-written server that gives the same answers from a
//! copy of the same file with the same driver, measured in turns on this machine.
//!
//! `fourfold-bench PROGRAM` measures the `fourfold` program at that path. `docs/benchmarks.md` says what
//! the figures mean.

mod cases;
mod copies;
mod dataset;
mod load;
mod machine;
mod measurement;
mod reference;
mod report;
mod scale;
mod server_process;
mod storage;

use std::path::Path;
use std::process::ExitCode;

use storage::Database;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Why something failed; told to whoever runs the benchmark.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        // How this program starts itself; for the same reason Fourfold is a process of its own.
        ["reference", "sqlite", file, token] => reference::serve_sqlite(Path::new(file), token),
        ["reference", "postgres", url, schema, token] => reference::serve_postgres(url, schema, token),
        [program, options @ ..] => match Options::parse(options) {
            Some(options) => measure(Path::new(program), &options),
            None => usage(),
        },
        [] => usage(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("fourfold-bench: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> Outcome<()> {
    Err("usage: fourfold-bench PATH-OF-FOURFOLD [--scale] [--sqlite | --postgres]".into())
}

/// What is measured, and on which databases.
struct Options {
    is_scale: bool,
    databases: Vec<Database>,
}

impl Options {
    fn parse(arguments: &[&str]) -> Option<Self> {
        let (is_scale, rest) = match arguments {
            ["--scale", rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let databases = match rest {
            [] => vec![Database::Sqlite, Database::Postgres],
            ["--sqlite"] => vec![Database::Sqlite],
            ["--postgres"] => vec![Database::Postgres],
            _ => return None,
        };
        Some(Self { is_scale, databases })
    }
}

fn measure(program: &Path, options: &Options) -> Outcome<()> {
    // One thread for the whole client; the servers have the rest of the machine.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for database in &options.databases {
        let table = match options.is_scale {
            true => report::scale(&runtime.block_on(scale::run(program, *database))?)?,
            false => report::table(&runtime.block_on(measurement::run(program, *database))?)?,
        };
        println!("{table}");
    }
    println!("{}", report::machine(options.is_scale)?);
    Ok(())
}
