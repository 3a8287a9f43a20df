//! From what a front door asks to SQL, and from rows back to JSON text. No I/O.
//!
//! [`operation`] holds names as text; [`plan`] resolves them against a data model, so that only
//! columns that exist can reach [`sql`]; [`shape`] turns rows into the bytes of the answer.

mod bind;
pub mod calendar;
pub mod cursor;
mod error;
pub mod filter;
pub mod grouping;
mod json;
pub mod operation;
pub mod plan;
pub mod search;
pub mod shape;
mod sort_key;
pub mod sql;

pub use bind::{BoundRead, fold_case};
pub use error::{PlanError, PlanErrorCode};
pub use shape::{Assembly, Cell, Cells, PageInfo, ReadOutput, RecordTag, read_values};
pub use sql::CompiledRead;

use uuid::Uuid;

/// Who writes, as `createdBy` and `updatedBy` record it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// One of the sources of an `ACTOR` field, such as `API`.
    pub source: &'static str,
    /// Name of the key, or first and last name of the member.
    pub name: String,
    /// The member, when one is signed in.
    pub workspace_member_id: Option<Uuid>,
}

#[cfg(test)]
mod tests;
