//! From what a front door asks to SQL and back to JSON text. No I/O.

pub mod sql;

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

/// A read, planned and compiled.
#[derive(Debug)]
pub struct CompiledRead {}

/// What a read found.
#[derive(Debug, Default)]
pub struct ReadOutput {}
