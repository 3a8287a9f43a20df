//! What a developer asks of the repository: check it, test it, accept new snapshots.

mod command;
mod debian;
mod postgres;
mod suite;
mod tools;

use std::env;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use command::{cargo, run};
use postgres::{Binaries, Cluster, Durability};
use suite::{Column, Request};
use tools::{CLUSTER_TOOLS, POOLER_TOOLS, TOOLS};

const USAGE: &str = "\
cargo xtask test [--sqlite | --postgres] [--filter TEXT]
                        format, lints, and every test (or those whose name contains TEXT), on both
                        databases or on one
cargo xtask check       format and lints only
cargo xtask snapshots   run the unit tests, writing snapshots and generated documents anew
cargo xtask postgres    the PostgreSQL of the tests, with the variables that lead there, until interrupted
cargo xtask bench [--scale] [--sqlite | --postgres]
                        throughput beside hand-written servers, or the cost of pages of very many
                        records; five minutes for each database on a quiet machine";

/// Why a command ended; the text says what to do.
type Outcome = Result<(), String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["test", arguments @ ..] => Request::parse(arguments).map_or_else(usage, |request| test(&request)),
        ["check"] => check(),
        ["snapshots"] => snapshots(),
        ["postgres"] => postgres(),
        ["bench", arguments @ ..] => bench(arguments),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => usage(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> Outcome {
    Err(format!("that is no command of `cargo xtask`; there are:\n{USAGE}"))
}

/// Everything that continuous integration checks.
fn test(request: &Request<'_>) -> Outcome {
    tools::ensure(match request.columns.contains(&Column::Postgres) {
        true => &[TOOLS, CLUSTER_TOOLS, POOLER_TOOLS],
        false => &[TOOLS],
    })?;
    check()?;
    request.run()
}

fn check() -> Outcome {
    run(&mut cargo(&["fmt", "--all", "--check"]))?;
    run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
}

/// Accepts what the unit tests produce: snapshot files and the documents that are made from the code.
fn snapshots() -> Outcome {
    suite::units(None, &[("INSTA_UPDATE", "always"), ("UPDATE_DOCS", "1")])
}

/// Keeps a cluster for whoever runs single tests by hand.
fn postgres() -> Outcome {
    tools::ensure(&[CLUSTER_TOOLS, POOLER_TOOLS])?;
    let mut cluster = start_cluster(Durability::Process)?;
    for (name, value) in cluster.environment() {
        println!("export {name}='{}'", value.display());
    }
    cluster.wait()
}

/// Builds what is released, and measures that; databases write to the disk.
fn bench(arguments: &[&str]) -> Outcome {
    if !arguments.iter().all(|argument| ["--scale", "--sqlite", "--postgres"].contains(argument)) {
        return usage();
    }
    let has_postgres = !arguments.contains(&"--sqlite");
    tools::ensure(if has_postgres { &[CLUSTER_TOOLS] } else { &[] })?;
    run(&mut cargo(&["build", "--release", "--package", "fourfold-server", "--package", "fourfold-bench"]))?;
    let programs = release_folder()?;
    let cluster = has_postgres.then(|| start_cluster(Durability::Disk)).transpose()?;
    run(Command::new(programs.join("fourfold-bench"))
        .arg(programs.join("fourfold"))
        .args(arguments)
        .envs(cluster.iter().flat_map(Cluster::environment)))
}

fn start_cluster(durability: Durability) -> Result<Cluster, String> {
    Cluster::start(Binaries::find().ok_or("there is no PostgreSQL")?, durability)
}

/// Where cargo puts released programs: beside the folder of this one.
fn release_folder() -> Result<PathBuf, String> {
    let own = env::current_exe().map_err(|error| format!("this program is nowhere: {error}"))?;
    let target = own.ancestors().nth(2).ok_or("this program is in no folder of cargo's")?;
    Ok(target.join("release"))
}
