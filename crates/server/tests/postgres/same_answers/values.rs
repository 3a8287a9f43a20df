//! Random values of fields: usual ones, odd ones, and some that are refused.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::model::{STAGES, TAGS};

/// Letters that differ in case and accent, of several scripts, and what stands between words.
const PIECES: [&str; 46] = [
    "a",
    "A",
    "b",
    "B",
    "z",
    "Z",
    "é",
    "É",
    "e\u{301}",
    "ß",
    "ss",
    "ł",
    "ø",
    "İ",
    "ı",
    "α",
    "Α",
    "ά",
    "Ά",
    "ς",
    "σ",
    "Σ",
    "ω",
    "я",
    "Я",
    "ё",
    "ж",
    "か",
    "が",
    "カ",
    "漢",
    "字",
    "한",
    "ש",
    "ا",
    "🦊",
    "👩‍🚀",
    "🇬🇷",
    "1",
    "10",
    " ",
    "-",
    "'",
    "’",
    "%",
    "_",
];

/// Characters that some layer might treat in a way of its own.
const ODD: [&str; 14] = [
    "\\",
    "\"",
    "\n",
    "\t",
    "\u{8}",
    "\u{c}",
    "\u{1}",
    "\u{7f}",
    "{}",
    "NULL",
    "$1",
    "\u{feff}",
    "\u{fffd}",
    "‘“”",
];

const CURRENCIES: [&str; 3] = ["EUR", "USD", "JPY"];

pub(super) struct Values<'r>(pub(super) &'r mut StdRng);

impl Values<'_> {
    pub(super) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        *choices.choose(self.0).expect("there is something to choose from")
    }

    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.0.random_ratio(percent, 100)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0.random_range(0..bound)
    }

    pub(super) fn text(&mut self) -> String {
        let odd = self.chance(15);
        let pieces = if odd { &ODD[..] } else { &PIECES[..] };
        (0..self.below(5)).map(|_| self.one_of(pieces)).collect()
    }

    pub(super) fn word(&mut self) -> String {
        (0..=self.below(3)).map(|_| self.one_of(&PIECES[..10])).collect()
    }

    pub(super) fn instant(&mut self) -> String {
        let (day, milli) = (self.below(28) + 1, self.one_of(&[0, 1, 500, 999]));
        let year = self.one_of(&["0001", "1969", "1970", "2000", "2024", "9999"]);
        format!("{year}-0{}-{day:02}T0{}:00:00.{milli:03}Z", self.below(9) + 1, self.below(10))
    }

    /// Before the run, so that it is not taken for an instant of its clock.
    pub(super) fn past(&mut self) -> String {
        format!("2024-0{}-{:02}T10:00:0{}.000Z", self.below(3) + 1, self.below(28) + 1, self.below(10))
    }

    fn day(&mut self) -> String {
        self.instant()[..10].to_owned()
    }

    fn number(&mut self) -> Json {
        match self.below(6) {
            0 => json!(self.one_of(&[0.1, 0.2, 0.3, -0.1, 1e-7, 1e21, 123_456_789.123])),
            1 => {
                json!(self.one_of(&[f64::MAX, -f64::MAX, f64::MIN_POSITIVE, 5e-324, 4.4e-323, -4e-323, -0.0]))
            }
            2 => json!(self.0.random_range(-1000..1000)),
            3 => json!(f64::from(self.0.random_range(-100_000..100_000)) / 100.0),
            4 => json!(self.0.random::<f64>()),
            _ => json!(self.one_of(&[9_007_199_254_740_993_i64, i64::MAX, 0, 1])),
        }
    }

    pub(super) fn id(&mut self, pool: &[Uuid]) -> Uuid {
        if pool.is_empty() || self.chance(4) { self.new_id() } else { self.one_of(pool) }
    }

    pub(super) fn new_id(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.0.random()).into_uuid()
    }

    /// A value for a field of the sample object.
    pub(super) fn of(&mut self, field: &str) -> Json {
        if self.chance(10) {
            return Json::Null;
        }
        if self.chance(1) {
            return self.wrong();
        }
        match field {
            "code" => json!(format!("{}{}", self.word(), self.below(40))),
            "text" => json!(self.text()),
            "number" => self.number(),
            "flag" => json!(self.chance(50)),
            "day" => json!(self.day()),
            "moment" => json!(self.instant()),
            "stage" => json!(self.one_of(&STAGES)),
            "tags" => (0..self.below(4)).map(|_| self.one_of(&TAGS)).collect(),
            "words" => (0..self.below(4)).map(|_| Json::from(self.text())).collect(),
            "extra" => self.json(2),
            "fullName" => json!({"firstName": self.text(), "lastName": self.text()}),
            "mails" => json!({
                "primaryEmail": format!("Person{}@Example.com", self.below(20)),
                "additionalEmails": [format!("second{}@example.com", self.below(20))],
            }),
            "tel" => json!({
                "primaryPhoneNumber": format!("69{:08}", self.below(99_999_999)),
                "primaryPhoneCountryCode": "GR", "primaryPhoneCallingCode": "+30",
            }),
            "site" => json!({
                "primaryLinkUrl": format!("https://Example{}.com/A", self.below(20)),
                "primaryLinkLabel": self.text(),
                "secondaryLinks": [{"url": "https://other.example", "label": self.text()}],
            }),
            "place" => json!({
                "addressCity": self.text(), "addressCountry": self.text(),
                "addressLat": self.one_of(&[37.98, -0.5, 0.0]), "addressLng": self.one_of(&[23.72, 180.0]),
            }),
            "price" => json!({
                "amountMicros": self.one_of(&[0_i64, 1, -1, 1_500_000, 9_007_199_254_740_993, i64::MAX]),
                "currencyCode": self.one_of(&CURRENCIES),
            }),
            // With blocks, since those that the server makes of Markdown get ids of its own.
            "story" => {
                let block = json!([{"id": "1", "type": "paragraph", "props": {}, "children": [],
                    "content": [{"type": "text", "text": self.text(), "styles": {}}]}]);
                json!({"blocknote": block.to_string(), "markdown": self.text()})
            }
            _ => json!(self.new_id()),
        }
    }

    fn wrong(&mut self) -> Json {
        match self.below(5) {
            0 => json!({"nothing": 1}),
            1 => json!([1, [2]]),
            2 => json!("\u{0}"),
            3 => json!(true),
            _ => json!("not this"),
        }
    }

    fn json(&mut self, depth: usize) -> Json {
        match self.below(if depth == 0 { 4 } else { 6 }) {
            0 => json!(self.text()),
            1 => self.number(),
            2 => Json::Null,
            3 => json!({"b": 1, "a": self.text(), "é": true}),
            4 => (0..self.below(3)).map(|_| self.json(depth - 1)).collect(),
            _ => json!({"z": self.json(depth - 1), "a": self.json(depth - 1), "m": {}}),
        }
    }
}
