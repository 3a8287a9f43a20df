//! What PostgreSQL makes of a text, and how it ranks, against what is registered on SQLite.

use fourfold_query::search::{rank_all, rank_any, vector};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::support::TestServer;
use crate::support::postgres::Database;

/// Letters of many scripts, marks, and what stands between words.
const PIECES: [&str; 40] = [
    "a",
    "B",
    "é",
    "É",
    "e\u{301}",
    "ß",
    "Æ",
    "œ",
    "Ł",
    "ø",
    "þ",
    "İ",
    "ı",
    "ά",
    "Σ",
    "ς",
    "Ω",
    "Ё",
    "й",
    "Ж",
    "か",
    "が",
    "ｶﾞ",
    "漢",
    "한",
    "שׁ",
    "اِ",
    "हि",
    "ﬁ",
    "①",
    "🦊",
    "👩\u{200d}🚀",
    " ",
    "  ",
    "-",
    "’",
    "@",
    "。",
    "\u{a0}",
    "½",
];

/// What each of some lists of expressions gives, in one statement.
fn each(database: &Database, expressions: &[String]) -> Vec<String> {
    let rows: Vec<_> = expressions.iter().map(|expression| format!("({expression})")).collect();
    let sql = format!("SELECT * FROM (VALUES {}) AS v", rows.join(", "));
    database.sql(&sql).lines().map(str::to_owned).collect()
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[tokio::test]
async fn vectors_are_the_same_on_both_databases() {
    let server = TestServer::start();
    let database = server.data().database();
    let schema = database.sql("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'workspace_')");
    let seed = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    let texts: Vec<String> = (0..400)
        .map(|_| {
            let pieces = random.random_range(0..60);
            (0..pieces).filter_map(|_| PIECES.choose(&mut random)).copied().collect()
        })
        .collect();
    for texts in texts.chunks(100) {
        let calls: Vec<_> =
            texts.iter().map(|text| format!("\"{schema}\"._search_vector({})", quoted(text))).collect();
        for (text, theirs) in texts.iter().zip(each(database, &calls)) {
            assert_eq!(vector(text), theirs, "{text:?} of seed {seed}");
        }
    }
    // Nothing that is typed may make a write fail.
    for (text, expression) in [
        ("x".repeat(300_000), "repeat('x', 300000)"),
        ("é ".repeat(120_000), "repeat('é ', 120000)"),
        ("漢".repeat(200_000), "repeat('漢', 200000)"),
        ("\u{fdfa}".repeat(100_000), "repeat('\u{fdfa}', 100000)"),
        (
            (0..60_000).map(|n| format!("{n} ")).collect(),
            "(SELECT string_agg(n || ' ', '' ORDER BY n) FROM generate_series(0, 59999) AS n)",
        ),
    ] {
        let theirs = database.sql(&format!("SELECT \"{schema}\"._search_vector({expression})"));
        assert!(vector(&text) == theirs, "{expression}");
    }
}

#[tokio::test]
async fn ranks_are_the_same_on_both_databases() {
    let database = Database::new();
    let seed = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    let mut cases = Vec::new();
    for _ in 0..600 {
        let (letters, length) = (random.random_range(1..6), random.random_range(0..40));
        let mut word = || -> String {
            (0..random.random_range(1..4))
                .map(|_| char::from(b'a' + random.random_range(0..letters)))
                .collect()
        };
        let text: Vec<String> = (0..length).map(|_| word()).collect();
        let mut terms: Vec<String> = (0..3).map(|_| word()).collect();
        terms.truncate(text.len() % 3 + 1);
        terms.sort();
        terms.dedup();
        cases.push((vector(&text.join(" ")), terms));
    }
    let filler = "a b c ".repeat(7000);
    cases.push((vector(&filler), vec!["a".into(), "c".into()]));
    for cases in cases.chunks(50) {
        let expressions: Vec<_> = cases.iter().map(|(vector, terms)| {
            let query = |operator: &str| terms.iter().map(|term| format!("'{term}':*")).collect::<Vec<_>>().join(operator);
            let (vector, all, any) = (quoted(vector), quoted(&query(" & ")), quoted(&query(" | ")));
            format!("ts_rank_cd({vector}::TSVECTOR, {all}::TSQUERY), ts_rank({vector}::TSVECTOR, {any}::TSQUERY)")
        }).collect();
        for ((vector, terms), theirs) in cases.iter().zip(each(&database, &expressions)) {
            let terms: Vec<&str> = terms.iter().map(String::as_str).collect();
            let theirs: Vec<f64> = theirs.split('|').map(|rank| rank.parse().unwrap()).collect();
            let ours = [rank_all(vector, &terms), rank_any(vector, &terms)];
            assert_eq!(ours.as_slice(), theirs, "{vector} {terms:?} of seed {seed}");
        }
    }
}
