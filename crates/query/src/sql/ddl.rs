//! Tables, columns, indexes and foreign keys of a data model.
