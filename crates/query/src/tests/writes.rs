//! Writes as SQL.

use fourfold_model::{RecordId, Value};
use insta::assert_snapshot;
use serde_json::json;
use uuid::Uuid;

use super::operations::{MODEL, NOW, members, on_both};
use crate::Actor;
use crate::filter::Filter;
use crate::operation::{Change, RecordData, Selection, Target, Values, Write};
use crate::plan::plan_write;
use crate::sql::{Extremes, WriteStatements};

const ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

const IDS: [Uuid; 2] = [
    uuid::uuid!("11111111-1111-4111-8111-111111111111"),
    uuid::uuid!("22222222-2222-4222-8222-222222222222"),
];

/// All statements of a write, or why there are none.
fn sql(object: &str, change: Change) -> String {
    sql_among(object, change, &[None, None, None])
}

/// The same where these records exist already.
fn sql_among(object: &str, change: Change, existing: &[Option<Uuid>]) -> String {
    let write = Write {
        object: object.into(),
        change,
        selection: Selection::Fields(Vec::new()),
        values: Values::default(),
    };
    let actor = Actor { source: "API", name: "key".into(), workspace_member_id: None };
    let planned = match plan_write(&MODEL, &write, &actor, NOW) {
        Ok(planned) => planned,
        Err(error) => return format!("{:?}: {error}", error.code),
    };
    let found: Vec<Uuid> = planned.connects.iter().map(|_| Uuid::nil()).collect();
    let ids = Value::ids([]);
    on_both(|target| {
        let statements = WriteStatements::new(&planned, target);
        let mut all: Vec<_> = statements.connects().into_iter().map(|lookup| lookup.statement).collect();
        all.extend(statements.matching_ids(Some(201)).unwrap());
        all.extend(statements.existing(&found).into_iter().map(|lookup| lookup.statement));
        all.extend(statements.extremes());
        all.extend(statements.create(existing, &found, Extremes::default()).unwrap());
        all.extend(statements.change(&ids, &found));
        all.extend(statements.followers(&ids));
        all
    })
}

fn one() -> Target {
    Target::One(RecordId::parse(ID).unwrap())
}

fn create(records: Vec<RecordData>) -> Change {
    Change::Create { records, upsert: false }
}

#[test]
fn a_new_record_fills_every_column_and_finds_its_place() {
    let records = ["first", "last"].map(|position| {
        sql("note", create(vec![members(json!({"id": ID, "title": "Call back", "position": position}))]))
    });
    assert_snapshot!(records.join("\n\n"));
}

#[test]
fn many_new_records_are_one_statement() {
    let record =
        |id: Uuid, position: &str| members(json!({"id": id, "title": "Call back", "position": position}));
    let records = vec![record(IDS[0], "first"), record(IDS[1], "last")];
    assert_snapshot!(sql("note", create(records)));
}

#[test]
fn an_upsert_looks_by_each_key_then_changes_and_inserts() {
    let records = [
        json!({"id": ID, "name": "Acme", "domainName": {"primaryLinkUrl": "https://acme.example"}}),
        json!({"id": IDS[0], "name": "Bolt", "position": 3}),
        json!({"id": IDS[1], "domainName": {"primaryLinkUrl": "https://cog.example"}}),
    ];
    let change = Change::Create { records: records.map(members).into(), upsert: true };
    assert_snapshot!(sql_among("company", change, &[Some(Uuid::nil()), None, Some(Uuid::max())]));
}

#[test]
fn a_connect_is_looked_up_before_the_record_is_made() {
    let person = json!({"company": {"connect": {"where": {"domainName": {"primaryLinkUrl": "https://acme.example"}}}}});
    let data = members(person);
    assert_snapshot!(sql("person", Change::Update(one(), data)));
}

#[test]
fn an_update_sets_what_was_given_and_who_changed_it() {
    let data = members(json!({"name": {"firstName": "Ada"}, "jobTitle": "", "companyId": null}));
    assert_snapshot!(sql("person", Change::Update(one(), data)));
}

#[test]
fn many_are_found_first_in_the_trash_or_not() {
    let mut values = Values::default();
    let filter = Filter::from_json(json!({"company": {"name": {"eq": "Acme"}}}), &mut values).unwrap();
    let data = members(json!({"jobTitle": "Chief"}));
    assert_snapshot!(sql("person", Change::Update(Target::Matching(Some(filter), values), data)));
}

#[test]
fn a_note_takes_its_links_along_into_the_trash_and_out_of_it() {
    let shown = [Change::Delete(one()), Change::Restore(one())].map(|change| sql("note", change));
    assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn a_destroyed_record_is_gone() {
    assert_snapshot!(sql("note", Change::Destroy(one())));
}
