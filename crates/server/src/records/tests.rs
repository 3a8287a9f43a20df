//! Records in a real database file, under random data and random requests.
//!
//! A test prints the seed of the round that failed; running that round alone repeats it.

pub(crate) mod groups;
mod pages;
mod permissions;
pub(crate) mod random;
pub(crate) mod samples;
mod search_index;
