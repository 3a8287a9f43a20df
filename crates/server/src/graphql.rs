//! The GraphQL front door.

pub(crate) mod introspection;
pub(crate) mod schema;
