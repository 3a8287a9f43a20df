//! Records in groups, over both doors.

mod bad_input;
mod fixture;
mod order;
mod records;
mod values;
