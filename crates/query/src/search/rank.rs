//! How good a hit is: the figures of PostgreSQL's `ts_rank_cd` and `ts_rank` with their default weights
//! (manual, 12.3.3), in the same precision, so that both databases give the same numbers.

use super::vector::entries;

/// What a word without a label weighs.
const WEIGHT: f32 = 0.1;

/// The sum of 1/i² over all whole numbers, in the precision in which PostgreSQL has it.
const ALL_SQUARES: f64 = 1.644_934_066_85;

/// A place where some terms begin a word of the text.
struct Match {
    place: u16,
    terms: u32,
}

/// `ts_rank_cd` for records that have all terms: each shortest stretch of text with all of them counts,
/// and the more the shorter it is (cover density ranking: Clarke, Cormack, Tudhope, 1999). 0 for others.
///
/// `terms` are at most 32, sorted, each once.
pub fn rank_all(vector: &str, terms: &[&str]) -> f64 {
    let matches = matches(vector, terms);
    let all = matches.iter().fold(0, |found, hit| found | hit.terms);
    let wanted = u32::MAX.checked_shr(u32::BITS - bits(terms.len())).unwrap_or_default();
    if all != wanted || wanted == 0 {
        return 0.0;
    }
    let inverse_weight = 1.0 / f64::from(WEIGHT);
    let mut rank = 0.0_f64;
    let mut from = 0;
    while let Some(end) = first_with_all(matches[from..].iter(), wanted).map(|steps| from + steps) {
        let back = first_with_all(matches[from..=end].iter().rev(), wanted).unwrap_or_default();
        let begin = end - back;
        let inverses = (begin..=end).fold(0.0, |sum, _| sum + inverse_weight);
        let stretch = f64::from(matches[end].place) - f64::from(matches[begin].place);
        let between = (end - begin) as f64;
        let noise = if stretch < between { (between / 2.0).floor() } else { stretch - between };
        rank += (between + 1.0) / inverses / (1.0 + noise);
        from = begin + 1;
    }
    shortest(rank as f32)
}

fn bits(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::BITS).min(u32::BITS)
}

/// How many steps it takes until all terms were met.
fn first_with_all<'m>(mut matches: impl Iterator<Item = &'m Match>, wanted: u32) -> Option<usize> {
    let mut met = 0;
    matches.position(|hit| {
        met |= hit.terms;
        met == wanted
    })
}

/// The places where terms begin a word, in order.
fn matches(vector: &str, terms: &[&str]) -> Vec<Match> {
    let mut matches = Vec::new();
    for (word, places) in entries(vector) {
        let begun = (0_u32..).zip(terms).filter(|(_, term)| word.starts_with(**term));
        let terms = begun.fold(0, |found, (bit, _)| found | (1 << bit));
        if terms != 0 {
            let places = places.split(',').filter_map(|place| place.parse().ok());
            matches.extend(places.map(|place| Match { place, terms }));
        }
    }
    matches.sort_by_key(|hit| hit.place);
    matches
}

/// `ts_rank` for records that have any of the terms: how often they have them, each further time
/// counting less. 0 for others.
pub fn rank_any(vector: &str, terms: &[&str]) -> f64 {
    let mut rank = 0.0_f32;
    for term in terms {
        for (word, places) in entries(vector).filter(|(word, _)| word.starts_with(term)) {
            debug_assert!(!word.is_empty(), "no word is empty");
            let places = places.split(',').count();
            let sum = (1..=places).fold(0.0_f32, |sum, nth| sum + WEIGHT / (nth * nth) as f32);
            // The word that weighs most counts first: here the first of all.
            rank = (f64::from(rank) + f64::from(WEIGHT + sum - WEIGHT / 1.0) / ALL_SQUARES) as f32;
        }
    }
    shortest(if terms.is_empty() { 0.0 } else { rank / terms.len() as f32 })
}

/// The double with the shortest decimal that tells the number from others of its kind, as PostgreSQL
/// writes it: 0.06079271 rather than 0.06079270690679550.
fn shortest(number: f32) -> f64 {
    if number == 0.0 { 0.0 } else { number.to_string().parse().unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As PostgreSQL 15 has them.
    #[test]
    fn ranks_are_those_of_postgres() {
        for (vector, terms, all, any) in [
            ("'crate':1", &["crate"][..], 0.1, 0.060_792_71),
            ("'crate':1", &["cr"], 0.1, 0.060_792_71),
            ("'crate':1", &["box"], 0.0, 0.0),
            ("'a':1,3 'b':2", &["a", "b"], 0.2, 0.068_391_8),
            ("'a':1 'b':5", &["a", "b"], 0.025, 0.060_792_71),
            ("'a':1 'ab':2 'b':7", &["a", "b"], 0.02, 0.091_189_064),
            ("'a':1", &[], 0.0, 0.0),
        ] {
            assert_eq!((rank_all(vector, terms), rank_any(vector, terms)), (all, any), "{vector} {terms:?}");
        }
    }
}
