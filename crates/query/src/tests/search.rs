//! Searches as SQL.

use std::sync::Arc;

use fourfold_model::{DataModel, Object, standard};
use insta::assert_snapshot;
use serde_json::json;
use uuid::Uuid;

use super::operations::{NOW, shown};
use crate::filter::Filter;
use crate::plan::{Search, plan_search};
use crate::search::{Ranks, SearchCursor};
use crate::sql::{SqlTarget, compile_search};

/// Two objects with ids that are the same in every run.
fn model() -> DataModel {
    let objects = standard::objects(NOW).into_iter().filter(|object| object.is_searchable).take(2);
    let with_id = |(id, object): (u128, Object)| Arc::new(Object { id: Uuid::from_u128(id), ..object });
    DataModel::new(1, (1..).zip(objects).map(with_id).collect())
}

fn sql(search: &Search) -> String {
    let plan = match plan_search(&model(), search) {
        Ok(plan) => plan.expect("something can be found"),
        Err(error) => return format!("{:?}: {error}", error.code),
    };
    // Each database has a notation of its own for what is looked for.
    let on = |target: &SqlTarget| shown(&compile_search(&plan, target).unwrap());
    format!("{}\n\n-- PostgreSQL:\n{}", on(&SqlTarget::sqlite()), on(&SqlTarget::postgres("ws")))
}

fn search(input: &str) -> Search {
    Search { input: input.into(), limit: 10, ..Search::default() }
}

#[test]
fn hits_by_words_come_before_those_inside_words() {
    assert_snapshot!(sql(&search("Ada o'brien")));
}

#[test]
fn a_page_goes_on_behind_its_cursor() {
    let mut after = SearchCursor::default();
    after.advance("person", Uuid::from_u128(7), Ranks { all: 0.1, any: 0.060_792_71 });
    assert_snapshot!(sql(&Search { after: Some(after), ..search("ada") }));
}

#[test]
fn all_records_come_object_after_object() {
    let mut after = SearchCursor::default();
    after.advance("person", Uuid::from_u128(7), Ranks::default());
    assert_snapshot!(sql(&Search { after: Some(after), ..search(" ") }));
}

#[test]
fn what_the_index_does_not_know_is_asked_of_the_tables() {
    let mut search = search("");
    let filter = json!({"updatedAt": {"lt": "2026-01-01T00:00:00Z"}, "deletedAt": {"is": "NOT_NULL"}});
    search.filter = Some(Filter::from_json(filter, &mut search.values).unwrap());
    assert_snapshot!(sql(&search));
}

#[test]
fn the_scope_follows_what_is_named() {
    let standard = DataModel::new(1, standard::objects(NOW).into_iter().map(Arc::new).collect());
    let scope = |included: &[&str], excluded: &[&str]| {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        let search = Search { included: names(included), excluded: names(excluded), ..search("") };
        let plan = plan_search(&standard, &search).unwrap();
        let scope = plan.map(|plan| plan.scope).unwrap_or_default();
        scope.keys().map(|id| standard.object(*id).unwrap().name_singular.clone()).collect::<Vec<_>>()
    };
    let searchable = ["person", "company", "opportunity", "note", "task", "workspaceMember"];
    assert_eq!(scope(&[], &[]), searchable);
    assert_eq!(scope(&["noteTarget", "task", "nothing"], &[]), ["task", "noteTarget"]);
    assert_eq!(scope(&["noteTarget", "task"], &["task"]), ["noteTarget"]);
    assert_eq!(scope(&[], &["company", "workspaceMember"]), ["person", "opportunity", "note", "task"]);
    assert_eq!(scope(&["nothing"], &[]), Vec::<String>::new());
}
