//! What a developer asks of the repository: check it, test it, accept new snapshots.

mod command;
mod tools;

use std::env;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use command::{cargo, run};

const USAGE: &str = "\
cargo xtask test [--filter TEXT]   format, lints, and every test (or those whose name contains TEXT)
cargo xtask check                  format and lints only
cargo xtask snapshots              run the tests, writing snapshots and generated documents anew
cargo xtask bench                  throughput beside a hand-written server, two minutes on a quiet machine";

/// Why a command ended; the text says what to do.
type Outcome = Result<(), String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["test"] => test(None),
        ["test", "--filter", filter] => test(Some(filter)),
        ["check"] => check(),
        ["snapshots"] => snapshots(),
        ["bench"] => bench(),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(format!("that is no command of `cargo xtask`; there are:\n{USAGE}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Everything that continuous integration checks.
fn test(filter: Option<&str>) -> Outcome {
    tools::ensure()?;
    check()?;
    run(cargo(&["test", "--workspace"]).args(filter))
}

fn check() -> Outcome {
    run(&mut cargo(&["fmt", "--all", "--check"]))?;
    run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
}

/// Accepts what the tests produce: snapshot files and the documents that are made from the code.
fn snapshots() -> Outcome {
    tools::ensure()?;
    run(cargo(&["test", "--workspace"]).env("INSTA_UPDATE", "always").env("UPDATE_DOCS", "1"))
}

/// Builds what is released, and measures that.
fn bench() -> Outcome {
    run(&mut cargo(&["build", "--release", "--package", "fourfold-server", "--package", "fourfold-bench"]))?;
    let programs = release_folder()?;
    run(Command::new(programs.join("fourfold-bench")).arg(programs.join("fourfold")))
}

/// Where cargo puts released programs: beside the folder of this one.
fn release_folder() -> Result<PathBuf, String> {
    let own = env::current_exe().map_err(|error| format!("this program is nowhere: {error}"))?;
    let target = own.ancestors().nth(2).ok_or("this program is in no folder of cargo's")?;
    Ok(target.join("release"))
}
