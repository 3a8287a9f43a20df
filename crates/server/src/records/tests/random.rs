//! Random data of a seed: values that tie, values that are missing, values at the edge of their type.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value as Json, json};

/// Texts that are equal, or nearly so, to a collation: case, accents in both forms, digits.
pub(crate) const TEXTS: [&str; 12] = [
    "acme",
    "ACME",
    "Acme",
    "\u{e9}clair",
    "e\u{301}clair",
    "echo",
    "Zebra",
    "10",
    "9",
    "100%",
    "a_b\\",
    "Ωμέγα",
];

/// A source of random values.
pub(crate) struct Random(StdRng);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.0.random_bool(probability)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    pub(crate) fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        items.choose(&mut self.0).expect("a choice among nothing")
    }

    pub(crate) fn text(&mut self) -> String {
        (*self.one_of(&TEXTS)).to_owned()
    }

    /// Small ones that tie, and doubles of every size and precision.
    pub(crate) fn float(&mut self) -> f64 {
        match self.below(4) {
            0 => [0.1 + 0.2, -0.0, 1e21, 5e-324, 9_007_199_254_740_993.0, f64::MAX][self.below(6)],
            1 => loop {
                let number = f64::from_bits(self.0.random());
                if number.is_finite() {
                    break number;
                }
            },
            2 => self.0.random_range(-1.0..1.0),
            _ => f64::from(self.0.random_range(-2_i8..3)),
        }
    }

    pub(crate) fn whole(&mut self) -> i64 {
        match self.below(3) {
            0 => self.0.random_range(-9_007_199_254_740_993..=9_007_199_254_740_993),
            _ => self.0.random_range(-2..3),
        }
    }

    /// Any JSON, `depth` levels deep at most.
    pub(crate) fn json(&mut self, depth: usize) -> Json {
        match self.below(if depth == 0 { 7 } else { 9 }) {
            0 => Json::Null,
            1 => self.chance(0.5).into(),
            2 => self.float().into(),
            3 => self.whole().into(),
            4 => self.text().into(),
            5 => (*self.one_of(&["", "NULL", "NOT_NULL", "first", "\u{0}", "2026-02-30", "[", "{}"])).into(),
            6 => u64::MAX.into(),
            7 => (0..self.below(4)).map(|_| self.json(depth - 1)).collect(),
            _ => {
                let names = ["a", "name", "connect", "where", "primaryEmail", "amountMicros", "id"];
                let members = (0..self.below(4)).map(|_| {
                    let name = (*self.one_of(&names)).to_owned();
                    (name, self.json(depth - 1))
                });
                Json::Object(members.collect())
            }
        }
    }

    /// `text` with some of its characters changed, removed or repeated.
    pub(crate) fn garbled(&mut self, text: &str) -> String {
        const NOISE: [char; 18] =
            ['[', ']', '(', ')', ',', ':', '.', '"', '\'', '%', '\\', '{', '}', ' ', '\u{0}', 'é', '0', '-'];
        let mut characters: Vec<char> = text.chars().collect();
        for _ in 0..=self.below(3) {
            let place = self.below(characters.len() + 1);
            match self.below(3) {
                0 => characters.insert(place, *self.one_of(&NOISE)),
                1 if place < characters.len() => _ = characters.remove(place),
                _ => {
                    let piece: Vec<char> = characters[place..].iter().take(4).copied().collect();
                    characters.splice(place..place, piece);
                }
            }
        }
        characters.into_iter().collect()
    }

    /// A value or, in one case of four, null.
    pub(crate) fn or_null(&mut self, value: impl FnOnce(&mut Self) -> Json) -> Json {
        if self.chance(0.25) { Json::Null } else { value(self) }
    }

    pub(crate) fn instant(&mut self) -> Json {
        let days = ["2026-03-01", "2026-03-02", "0099-12-31", "1969-12-31", "9998-12-31"];
        let times = ["T00:00:00.000Z", "T09:30:00.007Z", "T23:59:59.999Z"];
        json!(format!("{}{}", self.one_of(&days), self.one_of(&times)))
    }

    pub(crate) fn day(&mut self) -> Json {
        json!(*self.one_of(&["2026-03-01", "2026-03-02", "0099-12-31", "1969-12-31", "9998-12-31"]))
    }
}
