//! Every test, on both databases, with a report at the end.

use std::process::Command;

use crate::Outcome;
use crate::command::{cargo, run};
use crate::postgres::{Binaries, Cluster, Durability, VARIABLES};

/// A database that the tests of the server run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Sqlite,
    Postgres,
}

/// What a person asks to be tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request<'a> {
    pub(crate) columns: Vec<Column>,
    /// A part of the names of the tests to run.
    pub(crate) filter: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// Reads `[--sqlite | --postgres] [--filter TEXT]`, in any order; `None` when it is something else.
    pub(crate) fn parse(arguments: &[&'a str]) -> Option<Self> {
        let (mut only, mut filter) = (None, None);
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match *argument {
                "--sqlite" if only.is_none() => only = Some(Column::Sqlite),
                "--postgres" if only.is_none() => only = Some(Column::Postgres),
                "--filter" if filter.is_none() => filter = Some(*arguments.next()?),
                _ => return None,
            }
        }
        let columns = only.map_or(vec![Column::Sqlite, Column::Postgres], |column| vec![column]);
        Some(Self { columns, filter })
    }

    /// Runs the unit tests and every column, whatever fails before, and prints how each ended.
    ///
    /// # Errors
    /// When any failed.
    pub(crate) fn run(&self) -> Outcome {
        let mut ends = vec![("unit tests".to_owned(), units(self.filter, &[]))];
        for column in &self.columns {
            ends.push(match column {
                Column::Sqlite => ("api on SQLite".to_owned(), self.sqlite()),
                Column::Postgres => self.postgres(),
            });
        }
        eprintln!("\n{}", report(&ends));
        match ends.iter().all(|(_, outcome)| outcome.is_ok()) {
            true => Ok(()),
            false => Err("not everything passed".into()),
        }
    }

    fn sqlite(&self) -> Outcome {
        let mut command = targets(&["api", "sqlite"], self.filter);
        // Whoever has them set, to run single tests by hand, does not mean these.
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        run(&mut command)
    }

    /// The name of the column, which has the version in it, and how it ended. The cluster lasts as long.
    fn postgres(&self) -> (String, Outcome) {
        let name = "api on PostgreSQL".to_owned();
        let Some(binaries) = Binaries::find() else { return (name, Err("there is none".into())) };
        let name = format!("{name} {}", binaries.version());
        let outcome = Cluster::start(binaries, Durability::Process).and_then(|cluster| {
            let mut command = targets(&["api", "postgres", "cluster"], self.filter);
            run(command.envs(cluster.environment()))
        });
        (name, outcome)
    }
}

/// The tests that stand beside the code, which need no server.
pub(crate) fn units(filter: Option<&str>, environment: &[(&str, &str)]) -> Outcome {
    let mut command = cargo(&["test", "--workspace", "--lib", "--bins", "--no-fail-fast"]);
    run(command.args(filter).envs(environment.iter().copied()))
}

/// Test programs by name. Of the whole workspace, so that dependencies are built with the same features as for
/// everything else, and once.
fn targets(names: &[&str], filter: Option<&str>) -> Command {
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.args(names.iter().flat_map(|name| ["--test", name])).args(filter);
    command
}

fn report(ends: &[(String, Outcome)]) -> String {
    let lines = ends.iter().map(|(name, outcome)| match outcome {
        Ok(()) => format!("{name}: passed\n"),
        Err(reason) => format!("{name}: failed, {reason}\n"),
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_in_any_order() {
        use Column::{Postgres, Sqlite};
        for (arguments, request) in [
            (&[][..], Some((vec![Sqlite, Postgres], None))),
            (&["--sqlite"], Some((vec![Sqlite], None))),
            (&["--filter", "paging", "--postgres"], Some((vec![Postgres], Some("paging")))),
            (&["--filter", "--sqlite"], Some((vec![Sqlite, Postgres], Some("--sqlite")))),
            (&["--sqlite", "--postgres"], None),
            (&["--filter"], None),
            (&["paging"], None),
        ] {
            let request = request.map(|(columns, filter)| Request { columns, filter });
            assert_eq!(Request::parse(arguments), request, "{arguments:?}");
        }
    }

    #[test]
    fn a_report_has_a_line_for_each() {
        let ends =
            [("api on SQLite".to_owned(), Ok(())), ("api on PostgreSQL 15.18".to_owned(), Err("x".into()))];
        assert_eq!(report(&ends), "api on SQLite: passed\napi on PostgreSQL 15.18: failed, x\n");
    }
}
