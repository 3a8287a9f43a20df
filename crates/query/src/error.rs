//! Why an operation cannot be planned or run.

use fourfold_model::{ValueError, ValueErrorCode};

use crate::filter::FilterError;

/// Why an operation cannot be planned or run. Inner crates know no HTTP: the server maps the code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PlanError {
    /// What kind of refusal this is.
    pub code: PlanErrorCode,
    /// For the client.
    pub message: String,
}

impl PlanError {
    /// A refusal with a message for the client.
    pub fn new(code: PlanErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<ValueError> for PlanError {
    fn from(error: ValueError) -> Self {
        Self::new(PlanErrorCode::Value(error.code), error.message)
    }
}

impl From<FilterError> for PlanError {
    fn from(error: FilterError) -> Self {
        Self::new(PlanErrorCode::InvalidFilter, error.to_string())
    }
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlanErrorCode {
    /// The object does not exist.
    UnknownObject,
    /// A filter names an unknown field or operator, or a value that does not fit.
    InvalidFilter,
    /// A filter compares with a value that is none of the field's options.
    UnknownOption,
    /// An order names an unknown field.
    UnknownOrderField,
    /// An argument is missing or of the wrong shape.
    InvalidArgument,
    /// What records are grouped by does not exist, cannot be grouped by, or is of the wrong shape.
    InvalidGroupBy,
    /// What groups are ordered by is neither one of the things they are grouped by nor a figure.
    InvalidGroupOrder,
    /// Instants are grouped by a calendar without a time zone.
    MissingTimeZone,
    /// There is no time zone of this name.
    UnknownTimeZone,
    /// The cursor was made for another order.
    InvalidCursor,
    /// The selection names a field that does not exist, or cannot be shown there.
    InvalidSelection,
    /// The selection nests too deep or asks for too much.
    TooComplex,
    /// A value that the field does not accept.
    Value(ValueErrorCode),
    /// The records that are named cannot become one.
    InvalidMerge,
    /// A relation cannot be connected.
    InvalidConnect,
    /// The operation is not for this object.
    PermissionDenied,
    /// Members are not put into the trash as records are.
    MemberDeletion,
    /// The id is malformed.
    InvalidId,
}
