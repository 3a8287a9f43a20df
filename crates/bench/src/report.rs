//! The figures as text, in tables that Markdown shows too.

use std::fmt::Write;

use crate::Outcome;
use crate::load::{CONNECTIONS, Sample};
use crate::machine;
use crate::measurement::{MeasuredCase, Measurement, PAIRS, STRETCH};
use crate::scale::{DEPTH, SIZES, Scale};
use crate::server_process::Memory;

/// The figures on one database.
pub(crate) fn table(measurement: &Measurement) -> Outcome<String> {
    let mut text = String::new();
    writeln!(text, "### {}\n", measurement.database)?;
    writeln!(
        text,
        "| case | fourfold req/s | reference req/s | ratio (range) | fourfold p50, p99 | reference p50, p99 |"
    )?;
    writeln!(text, "| --- | ---: | ---: | --- | --- | --- |")?;
    for case in &measurement.cases {
        writeln!(text, "{}", row(case))?;
    }
    writeln!(text)?;
    writeln!(text, "- start to first answer, existing data: {} ms", measurement.start_up.as_millis())?;
    let memory = |memory: Memory| {
        format!("{:.0} MB ({:.0} of them pages of files)", memory.resident_mb, memory.of_files_mb)
    };
    let [idle, loaded] = [measurement.idle, measurement.loaded].map(memory);
    writeln!(text, "- memory of fourfold: {idle} idle, {loaded} after the cases")?;
    Ok(text)
}

/// The figures of a workspace that grows.
pub(crate) fn scale(scale: &Scale) -> Outcome<String> {
    let mut text = String::new();
    writeln!(text, "### {}\n", scale.database)?;
    writeln!(text, "| list 60 with its total, by | {} companies | {} | {} |", SIZES[0], SIZES[1], SIZES[2])?;
    writeln!(text, "| --- | ---: | ---: | ---: |")?;
    for (field, times) in &scale.lists {
        let few = times.first().copied().unwrap_or_default();
        write!(text, "| {field} | {:.2} ms", few / 1e3)?;
        for many in times.iter().skip(1) {
            write!(text, " | {:.2} ms, {:.2} ×", many / 1e3, many / few)?;
        }
        writeln!(text, " |")?;
    }
    writeln!(text, "\n| page of 60 of {}, by | first | after {DEPTH} | ratio |", SIZES[2])?;
    writeln!(text, "| --- | ---: | ---: | ---: |")?;
    for (order, [first, deep]) in &scale.pages {
        writeln!(text, "| {order} | {:.2} ms | {:.2} ms | {:.2} |", first / 1e3, deep / 1e3, deep / first)?;
    }
    Ok(text)
}

/// How the figures came about, and where they come from.
pub(crate) fn machine(is_scale: bool) -> Outcome<String> {
    let mut text = match is_scale {
        true => format!("Median times of an answer over {CONNECTIONS} connections.\n\n"),
        false => format!(
            "Medians of {PAIRS} pairs of {} s, {CONNECTIONS} connections; the ratio is the median of the pairs' \
             ratios.\n\n",
            STRETCH.as_secs()
        ),
    };
    for line in machine::description() {
        writeln!(text, "- {line}")?;
    }
    Ok(text)
}

fn row(case: &MeasuredCase) -> String {
    let rates = |samples: &[Sample]| -> Vec<f64> {
        samples.iter().map(|sample| sample.requests_per_second).collect()
    };
    let (fourfold, reference) = (rates(&case.fourfold), rates(&case.reference));
    let ratios = fourfold.iter().zip(&reference).map(|(fourfold, reference)| fourfold / reference);
    let ratios = sorted(ratios.collect());
    format!(
        "| {} | {:.0} | {:.0} | {:.2} ({:.2}–{:.2}) | {} | {} |",
        case.name,
        quantile(&sorted(fourfold), 0.5),
        quantile(&sorted(reference), 0.5),
        quantile(&ratios, 0.5),
        quantile(&ratios, 0.0),
        quantile(&ratios, 1.0),
        latencies(&case.fourfold),
        latencies(&case.reference),
    )
}

fn latencies(samples: &[Sample]) -> String {
    let all = samples.iter().flat_map(|sample| sample.latencies_us.iter().map(|us| f64::from(*us)));
    let all = sorted(all.collect());
    format!("{:.2}, {:.2} ms", quantile(&all, 0.5) / 1e3, quantile(&all, 0.99) / 1e3)
}

fn sorted(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers
}

/// The value below which this share of `sorted` lies; 0 when it is empty.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(place).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_the_ends() {
        for (numbers, share, expected) in
            [(vec![3.0, 1.0, 2.0], 0.5, 2.0), (vec![3.0, 1.0, 2.0], 1.0, 3.0), (vec![], 0.5, 0.0)]
        {
            assert_eq!(quantile(&sorted(numbers.clone()), share), expected, "{numbers:?} {share}");
        }
    }

    #[test]
    fn the_ratio_is_the_median_of_pairs() {
        let samples = |rates: &[f64]| {
            let sample = |rate: &f64| Sample { requests_per_second: *rate, latencies_us: vec![1500] };
            rates.iter().map(sample).collect()
        };
        let case = MeasuredCase {
            name: "x",
            fourfold: samples(&[50.0, 90.0, 100.0]),
            reference: samples(&[100.0, 100.0, 100.0]),
        };
        assert_eq!(row(&case), "| x | 90 | 100 | 0.90 (0.50–1.00) | 1.50, 1.50 ms | 1.50, 1.50 ms |");
    }
}
