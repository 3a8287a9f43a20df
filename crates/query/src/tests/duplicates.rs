//! Records that are likely the same, as SQL: looking for them, and making one of them.

use fourfold_model::{RecordId, Value};
use insta::assert_snapshot;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::operations::{MODEL, NOW, field, on_both, sql};
use crate::Actor;
use crate::operation::{Answer, Change, Merge, Probes, Read, Scope, SelectedField, Selection, Values, Write};
use crate::plan::{MergedRecords, plan_write};
use crate::sql::WriteStatements;

const IDS: [&str; 3] = [
    "11111111-1111-4111-8111-111111111111",
    "22222222-2222-4222-8222-222222222222",
    "33333333-3333-4333-8333-333333333333",
];

fn duplicates(object: &str, probes: Probes, values: &Values, paths: &[&str]) -> String {
    let node = SelectedField { selection: paths.iter().map(|path| field(path)).collect(), ..field("node") };
    let answer = Answer::Connection(vec![
        SelectedField { selection: vec![node], ..field("edges") },
        field("totalCount"),
        field("maxCreatedAt"),
    ]);
    sql(&MODEL, &Read { object: object.into(), scope: Scope::Duplicates(probes), answer }, values)
}

#[test]
fn duplicates_of_records_are_one_statement_and_one_for_totals() {
    let mut values = Values::default();
    let probes = Probes::Ids(values.keep(json!([IDS[0], IDS[1]])));
    assert_snapshot!(duplicates("person", probes, &values, &["id", "company.name"]));
}

#[test]
fn duplicates_of_data_are_found_by_the_criteria_that_count() {
    let mut values = Values::default();
    let data = json!([
        {"name": "Acme", "domainName": {"primaryLinkUrl": "HTTPS://Acme.example/"}},
        {"id": IDS[0], "name": "Öl"},
        {"name": "Öls"},
        {},
    ]);
    let probes = Probes::Data(values.keep(data));
    assert_snapshot!(duplicates("company", probes, &values, &["id"]));
}

#[test]
fn an_object_without_criteria_has_no_duplicates() {
    let mut values = Values::default();
    let probes = Probes::Ids(values.keep(json!([IDS[0]])));
    assert_snapshot!(duplicates("note", probes, &values, &["id"]));
}

#[test]
fn both_columns_of_a_criterion_must_tell_records_apart() {
    let mut values = Values::default();
    let names = json!([
        {"name": {"firstName": "Ada", "lastName": "Lovelace"}},
        {"name": {"firstName": "Al", "lastName": "Lovelace"}},
        {"name": {"firstName": "Ada"}},
    ]);
    let probes = Probes::Data(values.keep(names));
    let read = Read {
        object: "person".into(),
        scope: Scope::Duplicates(probes),
        answer: Answer::Connection(Vec::new()),
    };
    let rows = crate::plan::probe_rows(&MODEL, &read, &values).unwrap();
    let counts = rows.iter().map(|row| row[1..].iter().filter(|value| **value != Value::Null).count());
    assert_eq!(counts.collect::<Vec<_>>(), [4, 0, 0]);
}

#[test]
fn data_is_refused_as_creates_refuse_it() {
    for (data, message) in [
        (json!([{"nmae": "Acme"}]), "company has no field nmae"),
        (json!([{"name": 5}]), "name does not accept 5: expected a string"),
        (json!([{"id": "one"}]), "id does not accept \"one\": expected a UUID"),
        (json!([{"people": []}]), "people is a list of records; write the relation on their side"),
        (json!([5]), "data: company takes an object"),
    ] {
        let mut values = Values::default();
        let scope = Scope::Duplicates(Probes::Data(values.keep(data.clone())));
        let read = Read { object: "company".into(), scope, answer: Answer::Connection(Vec::new()) };
        let refused = crate::plan::probe_rows(&MODEL, &read, &values).unwrap_err();
        assert_eq!(refused.message, message, "{data}");
    }
}

fn merge(ids: &[&str], survivor: usize, dry_run: bool) -> Merge {
    let ids = ids.iter().map(|id| RecordId::parse(id).unwrap()).collect();
    Merge { ids, survivor, dry_run }
}

fn planned(object: &str, merge: Merge) -> Result<crate::plan::PlannedWrite, crate::PlanError> {
    let write = Write {
        object: object.into(),
        change: Change::Merge(merge),
        selection: Selection::Fields(Vec::new()),
        values: Values::default(),
    };
    let actor = Actor { source: "API", name: "key".into(), workspace_member_id: None };
    plan_write(&MODEL, &write, &actor, NOW)
}

/// Records of which each has only a name.
fn named(records: &MergedRecords, names: &[&str]) -> Vec<Vec<Value>> {
    let columns: Vec<_> = records.columns().map(|column| column.name).collect();
    let value = |column: &str, name: &str| match column {
        "name" if !name.is_empty() => Value::Text(name.into()),
        _ => Value::Null,
    };
    names.iter().map(|name| columns.iter().map(|column| value(column, name)).collect()).collect()
}

#[test]
fn a_merge_moves_what_refers_then_removes_then_updates() {
    let write = planned("company", merge(&IDS, 1, false)).unwrap();
    let records = write.merged_records().unwrap();
    let merged = records.merge(&named(records, &["Acme", "", "Bolt"]));
    assert_snapshot!(on_both(|target| {
        let statements = WriteStatements::new(&write, target);
        let mut all = vec![statements.records_to_merge(records)];
        all.extend(statements.merge(records, &merged));
        all
    }));
}

#[test]
fn a_dry_run_locks_nothing_and_reads_what_would_be() {
    let write = planned("company", merge(&IDS[..2], 0, true)).unwrap();
    let records = write.merged_records().unwrap();
    let reads = on_both(|target| vec![WriteStatements::new(&write, target).records_to_merge(records)]);
    assert!(!reads.contains("FOR UPDATE"), "{reads}");
    let merged = records.merge(&named(records, &["Acme", "Bolt"]));
    let columns: Vec<_> = records.columns().map(|column| column.name).collect();
    let value = |name: &str| &merged[columns.iter().position(|column| column == name).unwrap()];
    assert!(!matches!(value("id"), Value::Uuid(id) if records.ids().contains(id) || *id == Uuid::nil()));
    assert_eq!(*value("deletedAt"), Value::DateTime(NOW));

    let mut values = Values::default();
    let ids = values.keep(json!(IDS[..2]));
    let people =
        SelectedField { selection: vec![field("edges.node.id"), field("totalCount")], ..field("people") };
    let fields = vec![
        field("name"),
        field("accountOwner.id"),
        people,
        field("accountOwner.ownedOpportunities.edges.node.id"),
    ];
    let read = Read {
        object: "company".into(),
        scope: Scope::Merged { ids },
        answer: Answer::Records(Selection::Fields(fields)),
    };
    assert_snapshot!(sql(&MODEL, &read, &values));
}

#[test]
fn merges_that_are_refused() {
    let many: Vec<String> =
        (0..10).map(|number| format!("{number}1111111-1111-4111-8111-111111111111")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (object, ids, survivor, message) in [
        ("task", &IDS[..], 0, "tasks cannot be merged, since nothing tells which are duplicates"),
        ("company", &IDS[..1], 0, "ids: a merge takes 2 to 9 records, not 1"),
        ("company", &[], 0, "ids: a merge takes 2 to 9 records, not 0"),
        ("company", &many, 0, "ids: a merge takes 2 to 9 records, not 10"),
        ("company", &IDS, 3, "conflictPriorityIndex: 3 is no place among 3 ids, from 0"),
        ("company", &[IDS[0], IDS[0]], 0, "ids: 11111111-1111-4111-8111-111111111111 stands there twice"),
    ] {
        let refused = planned(object, merge(ids, survivor, false)).map(|_| Json::Null).unwrap_err();
        assert_eq!(refused.message, message);
    }
}
