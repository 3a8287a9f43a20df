//! The GraphQL front door.

pub(crate) mod metadata;
