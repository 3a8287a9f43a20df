//! Writes as SQL.

use fourfold_model::{RecordId, Value};
use insta::assert_snapshot;
use serde_json::json;
use uuid::Uuid;

use super::operations::{MODEL, NOW, members, on_both};
use crate::Actor;
use crate::filter::Filter;
use crate::operation::{Change, Selection, Target, Values, Write};
use crate::plan::plan_write;
use crate::sql::WriteStatements;

const ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

/// All statements of a write, or why there are none.
fn sql(object: &str, change: Change) -> String {
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
        let mut all: Vec<_> = planned.connects.iter().map(|connect| statements.connect(connect)).collect();
        all.extend(statements.matching_ids(Some(201)).unwrap());
        all.extend(statements.inserts(&found));
        all.extend(statements.change(&ids, &found));
        all.extend(statements.followers(&ids));
        all
    })
}

fn one() -> Target {
    Target::One(RecordId::parse(ID).unwrap())
}

#[test]
fn new_records_fill_every_column_and_find_their_place() {
    let records = ["first", "last"]
        .map(|position| members(json!({"id": ID, "title": "Call back", "position": position})));
    assert_snapshot!(sql("note", Change::Create(records.into())));
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
