//! Requests as their statements: what the server runs for them, in the order in which it does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fourfold_model::{DataModel, Value};
use fourfold_query::filter::Filter;
use fourfold_query::operation::{
    Answer, Change, Direction, Listing, OrderKey, Page, Read, Scope, SelectedField, Selection, Target,
    Values, WholeFields, Write,
};
use fourfold_query::plan::{plan_read, plan_write};
use fourfold_query::sql::{Extremes, SqlTarget, Statement, WriteStatements, compile_read};
use fourfold_query::{Actor, cursor};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::support::bulk;

/// Where statements come from: a model, and the database that they are for.
pub(super) struct Requests<'m> {
    pub(super) model: &'m DataModel,
    pub(super) target: &'m SqlTarget,
}

/// A list, as a door would ask for it.
pub(super) struct List {
    object: &'static str,
    listing: Listing,
    answer: Answer,
    values: Values,
}

impl List {
    /// A page of 60 over REST.
    pub(super) fn of(object: &'static str) -> Self {
        let mut values = Values::default();
        let page = Page { limit: values.keep(60.into()), ..Page::default() };
        let answer = Answer::Records(whole(false));
        Self { object, listing: Listing { page, ..Listing::default() }, answer, values }
    }

    /// With related records.
    pub(super) fn deep(mut self) -> Self {
        self.answer = Answer::Records(whole(true));
        self
    }

    /// As a GraphQL connection with this selection below its nodes.
    pub(super) fn nodes(mut self, selection: Vec<SelectedField>) -> Self {
        self.answer = Answer::Connection(vec![selected("edges", vec![selected("node", selection)])]);
        self
    }

    /// A list of related records below a node.
    pub(super) fn below(&mut self, name: &str, selection: Vec<SelectedField>) -> SelectedField {
        let page = Page { limit: self.values.keep(60.into()), ..Page::default() };
        let edges = selected("edges", vec![selected("node", selection)]);
        let listing = Some(Box::new(Listing { page, ..Listing::default() }));
        SelectedField { listing, ..selected(name, vec![edges]) }
    }

    pub(super) fn filter(mut self, filter: Json) -> Self {
        self.listing.filter = Some(Filter::from_json(filter, &mut self.values).expect("a filter"));
        self
    }

    pub(super) fn order(mut self, path: &str, direction: Direction) -> Self {
        let path = path.split('.').map(str::to_owned).collect();
        self.listing.order.push(OrderKey { path, direction });
        self
    }

    /// The page after a cursor with these values, or before it.
    pub(super) fn cursor(mut self, keys: &Json, backward: bool) -> Self {
        let text = STANDARD.encode(keys.to_string());
        let decoded = cursor::decode(&text, backward, &mut self.values);
        self.listing.page.cursor = Some(decoded.expect("a cursor"));
        self
    }
}

pub(super) fn selected(name: &str, selection: Vec<SelectedField>) -> SelectedField {
    SelectedField { key: name.into(), name: name.into(), listing: None, selection, is_emptied: false }
}

impl Requests<'_> {
    pub(super) fn list(&self, list: List) -> Vec<Statement> {
        let read = Read { object: list.object.into(), scope: Scope::Page(list.listing), answer: list.answer };
        self.read(&read, &list.values, None)
    }

    pub(super) fn one(&self, object: &str, filter: Json) -> Vec<Statement> {
        let mut values = Values::default();
        let filter = Filter::from_json(filter, &mut values).expect("a filter");
        self.read(&Read { object: object.into(), ..written(object, Scope::One(Some(filter))) }, &values, None)
    }

    fn read(&self, read: &Read, values: &Values, ids: Option<&Value>) -> Vec<Statement> {
        let (plan, warnings) = plan_read(self.model, read).expect("the read fits the model");
        assert_eq!(warnings, Vec::<String>::new());
        let read = compile_read(plan, self.target).expect("the read can be written down");
        let bound = read.bind(values, &[]).expect("the values fit");
        let parents = some_ids(20);
        let mut statements = vec![read.root_statement(&bound, ids)];
        statements.extend(read.totals_statement(&bound));
        for path in 0..read.paths() {
            statements.push(read.child_statement(path, &bound, &parents));
            statements.extend(read.child_totals_statement(path, &bound, &parents));
        }
        statements
    }

    /// New records. Of an upsert, every second one exists.
    pub(super) fn create(&self, object: &str, records: Vec<Json>, upsert: bool) -> Vec<Statement> {
        let exists = |place: usize| (upsert && place.is_multiple_of(2)).then(|| some_id(place));
        let existing: Vec<Option<Uuid>> = (0..records.len()).map(exists).collect();
        let ids = some_ids(records.len());
        let records = records.into_iter().map(members).collect();
        self.write(object, Change::Create { records, upsert }, |statements| {
            let connected = vec![some_id(0); statements.connects().len()];
            let found = statements.connects().into_iter().chain(statements.existing(&connected));
            let mut all: Vec<Statement> = found.map(|lookup| lookup.statement).collect();
            all.extend(statements.extremes());
            let creating = statements.create(&existing, &connected, Extremes::default());
            all.extend(creating.expect("the records can be stored"));
            (all, ids)
        })
    }

    /// A change of records that exist; those that a filter names are looked for first.
    pub(super) fn change(&self, object: &str, change: Change) -> Vec<Statement> {
        self.write(object, change, |statements| {
            let ids = some_ids(1);
            let matching = statements.matching_ids(Some(201)).expect("the filter can be written down");
            let mut all: Vec<Statement> = matching.into_iter().collect();
            all.extend(statements.change(&ids, &[]));
            all.extend(statements.followers(&ids));
            (all, ids)
        })
    }

    /// The statements of a write, and those that read its answer.
    fn write(
        &self,
        object: &str,
        change: Change,
        statements: impl FnOnce(WriteStatements<'_>) -> (Vec<Statement>, Value),
    ) -> Vec<Statement> {
        let selection = whole(false);
        let write = Write { object: object.into(), change, selection, values: Values::default() };
        let actor = Actor { source: "API", name: "plans".into(), workspace_member_id: None };
        let planned = plan_write(self.model, &write, &actor, Timestamp::UNIX_EPOCH);
        let planned = planned.expect("the write fits the model");
        let (mut all, ids) = statements(WriteStatements::new(&planned, self.target));
        let answer = written(object, Scope::Written { one: false });
        all.extend(self.read(&answer, &Values::default(), Some(&ids)));
        all
    }
}

/// All fields, as REST answers them unless asked otherwise.
fn whole(related: bool) -> Selection {
    Selection::Whole(WholeFields { only: None, related, children: 60, tagged: false })
}

fn written(object: &str, scope: Scope) -> Read {
    let answer = Answer::Records(whole(false));
    Read { object: object.into(), scope, answer }
}

/// The one with the first of [`some_ids`].
pub(super) fn one_target() -> Target {
    let id = some_id(0).to_string();
    Target::One(fourfold_model::RecordId::parse(&id).expect("an id"))
}

pub(super) fn matching(filter: Json) -> Target {
    let mut values = Values::default();
    let filter = Filter::from_json(filter, &mut values).expect("a filter");
    Target::Matching(Some(filter), values)
}

pub(super) fn members(value: Json) -> Map<String, Json> {
    match value {
        Json::Object(members) => members,
        other => panic!("not an object: {other}"),
    }
}

fn some_ids(count: usize) -> Value {
    Value::ids((0..count).map(some_id))
}

/// The id of a record that is there.
pub(super) fn some_id(number: usize) -> Uuid {
    let id = bulk::id(number + 1);
    Uuid::parse_str(&id).expect("an id is a UUID")
}
