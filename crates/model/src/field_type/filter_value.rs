//! Reads the values that filters compare with.

use serde_json::Value as Json;

use super::Scalar;
use crate::{Value, ValueError};

pub(super) fn parse(
    _scalar: Scalar,
    _path: &str,
    _value: &Json,
    _options: &[&str],
) -> Result<Value, ValueError> {
    todo!()
}
