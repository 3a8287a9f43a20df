//! The SQL of whole operations on the standard objects, as reviewed text.

mod duplicates;
mod groups;
mod operations;
mod reads;
mod search;
mod writes;
