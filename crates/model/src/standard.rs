//! The objects and fields that a new workspace starts with.
