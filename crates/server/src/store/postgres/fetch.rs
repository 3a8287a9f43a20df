//! Planned reads: the records and their totals in one round trip, all lists of related records in
//! another.

use fourfold_model::Value;
use fourfold_query::sql::Statement;
use fourfold_query::{Assembly, BoundRead, Cell, Cells, CompiledRead, ReadOutput};

use super::pipeline::Answer;
use super::rows::PostgresRow;

/// Reads whose rows are being collected.
pub(super) struct Fetch<'r> {
    reads: Vec<(&'r BoundRead, &'r CompiledRead, Assembly<'r>)>,
    below: Vec<Below>,
}

/// A statement about related records: of which read, on which path.
struct Below {
    read: usize,
    path: usize,
    is_totals: bool,
}

impl<'r> Fetch<'r> {
    pub(super) fn new(reads: impl IntoIterator<Item = (&'r CompiledRead, &'r BoundRead)>) -> Self {
        let reads = reads.into_iter().map(|(read, bound)| (bound, read, Assembly::new(read, bound)));
        Self { reads: reads.collect(), below: Vec::new() }
    }

    /// Whether all statements are known from the start, since no list of related records is asked for.
    pub(super) fn is_flat(&self) -> bool {
        self.reads.iter().all(|(_, read, _)| read.paths() == 0)
    }

    /// The statements of the records and their totals; of the records with `ids` where they were just
    /// written.
    pub(super) fn first(&self, ids: Option<&Value>) -> Vec<Statement> {
        let statements = |(bound, read, _): &(&BoundRead, &CompiledRead, Assembly<'_>)| {
            [Some(read.root_statement(bound, ids)), read.totals_statement(bound)]
        };
        self.reads.iter().flat_map(statements).flatten().collect()
    }

    /// The version of the model in force, when an answer to [`Self::first`] has a row to tell it. Records
    /// that were just written do not tell it.
    pub(super) fn model_version(&self, answers: &[Answer]) -> Option<i64> {
        let mut answers = answers.iter();
        self.reads.iter().find_map(|(_, read, _)| {
            let root = answers.next()?;
            if read.has_totals() {
                answers.next();
            }
            let row = root.rows.first()?;
            match PostgresRow(row).cell(row.len() - 1) {
                Cell::Integer(version) => Some(version),
                _ => None,
            }
        })
    }

    /// Takes the answers to [`Self::first`].
    pub(super) fn take_first(&mut self, answers: impl IntoIterator<Item = Answer>) {
        let mut answers = answers.into_iter();
        for (_, read, assembly) in &mut self.reads {
            let root = answers.next().unwrap_or_default();
            root.rows.iter().for_each(|row| assembly.push(&PostgresRow(row)));
            if read.has_totals() {
                let totals = answers.next().unwrap_or_default();
                totals.rows.iter().for_each(|row| assembly.set_totals(&PostgresRow(row)));
            }
        }
    }

    /// The statements of related records, and of their totals; none when no record has a list.
    pub(super) fn second(&mut self) -> Vec<Statement> {
        let mut statements = Vec::new();
        for (place, (bound, read, assembly)) in self.reads.iter().enumerate() {
            for path in 0..read.paths() {
                let Some(parents) = assembly.parents(path) else { continue };
                statements.push(read.child_statement(path, bound, &parents));
                self.below.push(Below { read: place, path, is_totals: false });
                if let Some(totals) = read.child_totals_statement(path, bound, &parents) {
                    statements.push(totals);
                    self.below.push(Below { read: place, path, is_totals: true });
                }
            }
        }
        statements
    }

    /// Takes the answers to [`Self::second`].
    pub(super) fn take_second(&mut self, answers: impl IntoIterator<Item = Answer>) {
        for (below, answer) in self.below.iter().zip(answers) {
            let assembly = &mut self.reads[below.read].2;
            for row in &answer.rows {
                if below.is_totals {
                    assembly.push_child_totals(below.path, &PostgresRow(row));
                } else {
                    assembly.push_child(below.path, &PostgresRow(row));
                }
            }
        }
    }

    /// The answers, in the order of the reads.
    pub(super) fn finish(self) -> Vec<ReadOutput> {
        self.reads.into_iter().map(|(_, _, assembly)| assembly.finish()).collect()
    }
}
