//! What each field type accepts, stores, prints, filters and sorts, over both doors.

mod changed;
mod filtered;
mod ordered;
mod refused;
pub(crate) mod sample;
mod stored;
mod unique;
