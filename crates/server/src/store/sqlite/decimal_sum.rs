//! The aggregate `decimal_sum`: doubles added as the decimal numbers that clients wrote.
//!
//! Each double counts as the shortest decimal number that reads back as it, and those are added without
//! rounding, so that 0.1 and 0.2 are 0.3 and the order of rows does not matter. PostgreSQL does the same
//! with its `numeric`.

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;
use rusqlite::Result;
use rusqlite::functions::{Aggregate, Context};
use rusqlite::types::ValueRef;

pub(super) struct DecimalSum;

/// Digits after the decimal point of the sum of usual numbers.
const SCALE: i32 = 15;

/// The sum so far: of usual numbers in units of the last of [`SCALE`] digits, of all others beside it.
#[derive(Debug, Default)]
pub(super) struct Sum {
    usual: i128,
    unusual: BigDecimal,
    has_values: bool,
}

impl Sum {
    fn add(&mut self, value: ValueRef<'_>) {
        let (digits, exponent) = match value {
            ValueRef::Integer(number) => (i128::from(number), 0),
            ValueRef::Real(number) if number.is_finite() => shortest_decimal(number),
            _ => return,
        };
        self.has_values = true;
        let unit = u32::try_from(exponent + SCALE).ok().and_then(|power| 10_i128.checked_pow(power));
        let usual = unit.and_then(|unit| digits.checked_mul(unit)?.checked_add(self.usual));
        match usual {
            Some(usual) => self.usual = usual,
            None => self.unusual += BigDecimal::new(BigInt::from(digits), i64::from(-exponent)),
        }
    }

    /// The double next to the sum; none without values, or when the sum is beyond all doubles.
    fn total(&self) -> Option<f64> {
        if !self.has_values {
            return None;
        }
        let sum = BigDecimal::new(BigInt::from(self.usual), i64::from(SCALE)) + &self.unusual;
        // Parsing decimal text rounds once, and right.
        sum.to_scientific_notation().parse().ok().filter(|total: &f64| total.is_finite())
    }
}

/// Digits and a power of ten that make up a finite number in the shortest way.
fn shortest_decimal(number: f64) -> (i128, i32) {
    let text = format!("{number:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}").parse().unwrap_or_default();
    let places = i32::try_from(fraction.len()).unwrap_or_default();
    (digits, exponent.parse::<i32>().unwrap_or_default() - places)
}

impl Aggregate<Sum, Option<f64>> for DecimalSum {
    fn init(&self, _context: &mut Context<'_>) -> Result<Sum> {
        Ok(Sum::default())
    }

    fn step(&self, context: &mut Context<'_>, sum: &mut Sum) -> Result<()> {
        sum.add(context.get_raw(0));
        Ok(())
    }

    fn finalize(&self, _context: &mut Context<'_>, sum: Option<Sum>) -> Result<Option<f64>> {
        Ok(sum.and_then(|sum| sum.total()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_decimal_numbers() {
        let real = ValueRef::Real;
        for (values, total) in [
            (vec![], None),
            (vec![ValueRef::Null], None),
            (vec![real(0.1), real(0.2)], Some(0.3)),
            (vec![real(0.3), ValueRef::Null, real(-0.1)], Some(0.2)),
            (vec![real(1e300), real(1.5), real(-1e300)], Some(1.5)),
            (vec![real(1e-300), real(1e-300)], Some(2e-300)),
            (vec![real(f64::MAX), real(f64::MAX)], None),
            (
                vec![ValueRef::Integer(i64::MAX), ValueRef::Integer(i64::MAX)],
                Some(18_446_744_073_709_551_614.0),
            ),
            (
                vec![ValueRef::Integer(9_007_199_254_740_993), ValueRef::Integer(-1)],
                Some(9_007_199_254_740_992.0),
            ),
            (vec![real(-0.0)], Some(0.0)),
        ] {
            let mut sum = Sum::default();
            values.iter().for_each(|value| sum.add(*value));
            assert_eq!(sum.total(), total, "{values:?}");
        }
    }
}
