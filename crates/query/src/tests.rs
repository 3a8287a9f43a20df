//! The SQL of whole operations on the standard objects, as reviewed text.

mod operations;
mod reads;
mod writes;
