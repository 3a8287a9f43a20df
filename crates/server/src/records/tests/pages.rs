//! Pages put together are the list: nothing is left out, nothing comes twice, the order stays.

use fourfold_query::ReadOutput;
use fourfold_query::cursor;
use fourfold_query::filter::Filter;
use fourfold_query::operation::{
    Answer, Direction, Listing, OrderKey, Page, Read, Scope, SelectedField, Selection, Values,
};
use serde_json::{Value as Json, json};

use super::random::Random;
use super::samples::{ORDERS, Samples};
use crate::records::{ReadRequest, read};

const ROUNDS: u64 = 40;
const RECORDS: usize = 14;

/// A list in one piece or in pages: its order and its filter.
#[derive(Debug)]
struct List {
    order: Vec<(&'static str, Direction)>,
    filter: Option<Json>,
}

/// Where a page stands.
enum Place<'a> {
    Start,
    After(&'a str),
    Before(&'a str),
}

#[tokio::test]
async fn pages_of_every_size_show_each_record_once_and_in_order() {
    let samples = Samples::create().await;
    samples.fill(&mut Random::new(1), RECORDS).await;
    for order in ORDERS {
        for direction in Direction::ALL {
            let list = List { order: vec![(order, direction)], filter: None };
            check(&samples, &list, &format!("{order} {direction:?}"), &[1, 3]).await;
        }
    }
    for seed in 0..ROUNDS {
        let random = &mut Random::new(seed);
        let keys = 1 + random.below(3);
        let order = (0..keys).map(|_| (*random.one_of(&ORDERS), *random.one_of(&Direction::ALL))).collect();
        let filter = random.chance(0.7).then(|| filter(random, 2));
        check(&samples, &List { order, filter }, &format!("seed {seed}"), &[1, 2, 3, 4, 5]).await;
    }
}

async fn check(samples: &Samples, list: &List, case: &str, sizes: &[u64]) {
    let whole = list.page(samples, Place::Start, 1000).await;
    assert_eq!(whole.total, Some(whole.ids.len() as u64), "{case}: {list:?}");
    for size in sizes {
        let forward = list.forward(samples, *size, whole.ids.len()).await;
        assert_eq!(forward, whole.ids, "{case}: forward by {size} {list:?}");
        let backward = list.backward(samples, *size, &whole).await;
        assert_eq!(backward, whole.ids, "{case}: backward by {size} {list:?}");
    }
}

/// What a page told.
struct Shown {
    ids: Vec<String>,
    total: Option<u64>,
    cursors: Option<(String, String)>,
    has_next: bool,
    has_previous: bool,
}

impl Shown {
    fn new(output: ReadOutput) -> Self {
        let records: Vec<Json> = serde_json::from_slice(&output.json).unwrap();
        Self {
            ids: records.iter().map(|record| record["id"].as_str().unwrap().to_owned()).collect(),
            total: output.total,
            cursors: output.page.cursors,
            has_next: output.page.has_next_page,
            has_previous: output.page.has_previous_page,
        }
    }
}

impl List {
    async fn page(&self, samples: &Samples, place: Place<'_>, size: u64) -> Shown {
        let mut values = Values::default();
        let cursor = match place {
            Place::Start => None,
            Place::After(text) => Some(cursor::decode(text, false, &mut values).unwrap()),
            Place::Before(text) => Some(cursor::decode(text, true, &mut values).unwrap()),
        };
        let order = self.order.iter().map(|(path, direction)| OrderKey {
            path: path.split('.').map(str::to_owned).collect(),
            direction: *direction,
        });
        let filter = self.filter.clone().map(|filter| Filter::from_json(filter, &mut values).unwrap());
        let page = Page { limit: values.keep(size.into()), offset: None, cursor };
        let listing = Listing { filter, order: order.collect(), page };
        let id = SelectedField {
            key: "id".into(),
            name: "id".into(),
            listing: None,
            selection: Vec::new(),
            is_emptied: false,
        };
        let read_one = Read {
            object: "parcel".into(),
            scope: Scope::Page(listing),
            answer: Answer::Records(Selection::Fields(vec![id])),
        };
        let answer = read(&samples.reader(), ReadRequest { read: read_one, values }).await;
        Shown::new(answer.unwrap_or_else(|error| panic!("{self:?}: {error:?}")).output)
    }

    async fn forward(&self, samples: &Samples, size: u64, count: usize) -> Vec<String> {
        let mut page = self.page(samples, Place::Start, size).await;
        let mut ids = page.ids.clone();
        while page.has_next && ids.len() <= count {
            let (_, end) = page.cursors.unwrap();
            page = self.page(samples, Place::After(&end), size).await;
            assert!(page.has_previous);
            ids.extend_from_slice(&page.ids);
        }
        ids
    }

    /// From the last record to the first; the last one itself is told by the whole list.
    async fn backward(&self, samples: &Samples, size: u64, whole: &Shown) -> Vec<String> {
        let Some((_, end)) = &whole.cursors else { return Vec::new() };
        let mut ids: Vec<String> = whole.ids.last().cloned().into_iter().collect();
        let mut end = end.clone();
        loop {
            let page = self.page(samples, Place::Before(&end), size).await;
            assert!(page.has_next);
            let has_previous = page.has_previous;
            ids = page.ids.into_iter().chain(ids).collect();
            match page.cursors {
                Some((start, _)) if has_previous && ids.len() <= whole.ids.len() => end = start,
                _ => return ids,
            }
        }
    }
}

/// A random filter that every record may or may not fulfil.
fn filter(random: &mut Random, depth: usize) -> Json {
    let last = if depth == 0 { 9 } else { 12 };
    match random.below(last) {
        0 => json!({"name": {*random.one_of(&["eq", "neq", "gt", "lte"]): random.text()}}),
        1 => json!({"name": {"ilike": format!("%{}%", random.one_of(&["e", "A", "", "1"]))}}),
        2 => json!({"weight": {*random.one_of(&["gt", "lt"]): 0}}),
        3 => json!({"stage": {*random.one_of(&["gt", "lte", "neq"]): "WON"}}),
        4 => json!({"owner": {"name": {*random.one_of(&["neq", "gt"]): random.text()}}}),
        5 => json!({"ownerId": {"is": *random.one_of(&["NULL", "NOT_NULL"])}}),
        6 => json!({"tags": {"containsAny": ["COLD"]}}),
        7 => json!({"price": {"amountMicros": {"gte": 0}}}),
        8 => json!({"deletedAt": {"is": *random.one_of(&["NULL", "NOT_NULL"])}}),
        9 => json!({"and": [filter(random, depth - 1), filter(random, depth - 1)]}),
        10 => json!({"or": [filter(random, depth - 1), filter(random, depth - 1)]}),
        _ => json!({"not": filter(random, depth - 1)}),
    }
}
