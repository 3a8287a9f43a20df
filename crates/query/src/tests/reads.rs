//! Reads: filters, orders, pages and relations as SQL.

use fourfold_model::{DataModel, FieldDraft, create_field};
use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use super::operations::{List, MODEL, NOW, field, members, sql};
use crate::filter::Filter;
use crate::operation::Direction::{AscNullsFirst, AscNullsLast, DescNullsFirst, DescNullsLast};
use crate::operation::{
    Answer, Listing, OrderKey, Page, Read, Scope, SelectedField, Selection, Values, WholeFields,
};

const ID: &str = "7d0c3a2e-5a41-4c7b-9f0a-3f6f0c1d2e11";

/// The SQL of a list of one object for each filter, one after the other.
fn filtered(object: &'static str, filters: impl IntoIterator<Item = Json>) -> String {
    let shown = filters.into_iter().map(|filter| {
        let title = format!("# {filter}\n");
        title + &List::of(object).shows(nodes(&["id"])).filter(filter).sql()
    });
    shown.collect::<Vec<_>>().join("\n\n")
}

/// A connection with these fields of each record, and without a total.
fn nodes(paths: &[&str]) -> Answer {
    let node = SelectedField { selection: paths.iter().map(|path| field(path)).collect(), ..field("node") };
    Answer::Connection(vec![SelectedField { selection: vec![node], ..field("edges") }])
}

#[test]
fn a_list_without_an_order_is_ordered_by_id_and_tells_its_total() {
    assert_snapshot!(List::of("company").sql());
}

#[test]
fn text_is_equal_byte_for_byte_and_empty_text_is_no_text() {
    let operators = [
        json!({"eq": "Acme"}),
        json!({"neq": "Acme"}),
        json!({"in": ["Acme", "Zebra"]}),
        json!({"eq": ""}),
        json!({"neq": null}),
        json!({"is": "NULL"}),
        json!({"is": "NOT_NULL"}),
        json!({"gt": "Acme"}),
    ];
    assert_snapshot!(filtered("company", operators.map(|operator| json!({"name": operator}))));
}

#[test]
fn patterns_are_bound_and_literal_wildcards_escaped() {
    let operators = [
        json!({"like": "%cme_"}),
        json!({"ilike": "%cme_"}),
        json!({"startsWith": "100%_\\"}),
        json!({"endsWith": "100%_\\"}),
    ];
    assert_snapshot!(filtered("company", operators.map(|operator| json!({"name": operator}))));
}

#[test]
fn a_part_of_a_composite_is_a_column() {
    let filters = [
        json!({"name": {"firstName": {"eq": "Ada"}, "lastName": {"ilike": "l%"}}}),
        json!({"emails": {"additionalEmails": {"like": "%example%"}}}),
        json!({"createdBy": {"source": {"in": ["API", "IMPORT"]}}}),
    ];
    assert_snapshot!(filtered("person", filters));
}

#[test]
fn a_select_compares_by_the_order_of_its_options() {
    let filters = [json!({"stage": {"gt": "NEW"}}), json!({"stage": {"eq": "NEW"}})];
    assert_snapshot!(filtered("opportunity", filters));
}

#[test]
fn a_filter_across_a_relation_becomes_exists() {
    let filters = [
        json!({"company": {"name": {"eq": "Acme"}}}),
        json!({"companyId": {"eq": ID}}),
        json!({"company": {"deletedAt": {"is": "NOT_NULL"}}}),
    ];
    assert_snapshot!(filtered("person", filters));
}

#[test]
fn the_opposite_of_a_filter_across_a_relation_needs_the_related_record_too() {
    let filter = json!({"not": {"company": {"or": [{"name": {"eq": "Acme"}}, {"name": {"eq": "Zebra"}}]}}});
    assert_snapshot!(filtered("person", [filter]));
}

#[test]
fn a_comparison_with_null_holds_as_little_as_its_opposite() {
    let unknown = json!({"position": {"eq": null}});
    let filters = [unknown.clone(), json!({"not": unknown}), json!({"not": {"not": unknown}})];
    assert_snapshot!(filtered("company", filters));
}

#[test]
fn what_always_or_never_holds_is_not_written_down() {
    let filters = [
        json!({}),
        json!({"or": []}),
        json!({"or": [{}, {"name": {"eq": "Acme"}}]}),
        json!({"or": [{"not": {}}, {"name": {"eq": "Acme"}}]}),
        json!({"not": {}}),
    ];
    assert_snapshot!(filtered("company", filters));
}

#[test]
fn a_filter_that_speaks_of_deletion_decides_about_it_alone() {
    let filters = [
        json!({"deletedAt": {"is": "NOT_NULL"}}),
        json!({"not": {"deletedAt": {"is": "NULL"}}}),
        json!({"or": [{"deletedAt": {"is": "NULL"}}, {"deletedAt": {"is": "NOT_NULL"}}]}),
    ];
    assert_snapshot!(filtered("company", filters));
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let refused = filtered(
        "person",
        [
            json!({"nmae": {"eq": "Ada"}}),
            json!({"jobTitle": {"regex": "a"}}),
            json!({"jobTitle": {"eq": "a", "neq": "b"}}),
            json!({"jobTitle": {}}),
            json!({"name": {"eq": "Ada"}}),
            json!({"name": {"middleName": {"eq": "Ada"}}}),
            json!({"company": {"eq": ID}}),
            json!({"company": {"accountOwner": {"jobTitle": {"eq": "a"}}}}),
            json!({"noteTargets": {"id": {"eq": ID}}}),
            json!({"companyId": {"eq": "one"}}),
            json!({"companyId": {"in": []}}),
            json!({"createdBy": {"source": {"eq": "MOON"}}}),
        ],
    );
    assert_snapshot!(refused);
}

#[test]
fn an_order_by_a_part_of_a_composite() {
    assert_snapshot!(List::of("person").shows(nodes(&["id"])).order("name.lastName", DescNullsLast).sql());
}

#[test]
fn an_order_by_a_related_field_joins_the_related_record() {
    assert_snapshot!(List::of("person").shows(nodes(&["id"])).order("company.name", AscNullsLast).sql());
}

#[test]
fn an_order_by_a_select_follows_its_options() {
    assert_snapshot!(List::of("opportunity").shows(nodes(&["id"])).order("stage", AscNullsFirst).sql());
}

#[test]
fn a_page_begins_after_its_cursor_in_every_direction() {
    let pages = [AscNullsFirst, AscNullsLast, DescNullsFirst, DescNullsLast].map(|direction| {
        let list = List::of("company").shows(nodes(&["id"])).order("name", direction);
        format!("# {direction:?}\n{}", list.after(json!({"name": "Acme", "id": ID})).sql())
    });
    assert_snapshot!(pages.join("\n\n"));
}

#[test]
fn a_page_that_ends_before_its_cursor_is_read_in_reverse() {
    let list = List::of("company").shows(nodes(&["id"])).order("name", AscNullsLast);
    assert_snapshot!(list.before(json!({"name": "Acme", "id": ID})).sql());
}

#[test]
fn a_cursor_with_a_null_stands_where_the_order_puts_nulls() {
    let pages = [AscNullsFirst, AscNullsLast].map(|direction| {
        let list = List::of("company").shows(nodes(&["id"])).order("name", direction);
        format!("# {direction:?}\n{}", list.after(json!({"name": null, "id": ID})).sql())
    });
    assert_snapshot!(pages.join("\n\n"));
}

#[test]
fn a_part_may_be_null_though_its_field_may_not() {
    let list = List::of("company").shows(nodes(&["id"])).order("createdBy.workspaceMemberId", AscNullsLast);
    assert_snapshot!(list.after(json!({"createdBy": {"workspaceMemberId": ID}, "id": ID})).sql());
}

#[test]
fn a_cursor_of_another_order_is_refused() {
    assert_snapshot!(List::of("company").after(json!({"position": 1, "id": ID})).sql());
}

#[test]
fn an_offset_leaves_records_out() {
    assert_snapshot!(List::of("company").shows(nodes(&["id"])).offset(20).sql());
}

#[test]
fn everything_of_a_person_is_one_statement_and_one_for_each_list() {
    let everything = Selection::Whole(WholeFields { related: true, children: 60, ..WholeFields::default() });
    assert_snapshot!(List::of("person").shows(Answer::Records(everything)).sql());
}

#[test]
fn related_records_are_filtered_ordered_and_cut_for_each_parent() {
    let mut list = List::of("company");
    let people = list.below(|values| Listing {
        filter: Some(Filter::from_json(json!({"jobTitle": {"ilike": "%chief%"}}), values).unwrap()),
        order: vec![OrderKey { path: vec!["name".into(), "lastName".into()], direction: AscNullsLast }],
        page: Page { limit: values.keep(json!(3)), ..Page::default() },
    });
    let node = field("edges.node.jobTitle");
    let people = SelectedField {
        listing: Some(people),
        selection: vec![field("totalCount"), node],
        ..field("people")
    };
    let node = SelectedField { selection: vec![field("name"), people], ..field("node") };
    let edges = SelectedField { selection: vec![field("cursor"), node], ..field("edges") };
    assert_snapshot!(list.shows(Answer::Connection(vec![edges])).sql());
}

#[test]
fn named_fields_are_shown_and_only_named_relations_followed() {
    let list = |related, names: [&str; 3]| {
        let only = Some(names.map(str::to_owned).to_vec());
        let whole = WholeFields { only, related, children: 60, tagged: false };
        List::of("person").shows(Answer::Records(Selection::Whole(whole))).sql()
    };
    let shown = [
        list(false, ["name", "company", "jobTitle"]),
        list(true, ["companyId", "createdBy", "noteTargets"]),
        list(true, ["company", "jobTitle", "jobTitle"]),
        list(false, ["name", "noteTargets", "jobTitle"]),
        list(true, ["name", "nmae", "jobTitle"]),
    ];
    assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn one_record_is_a_list_of_one() {
    let mut values = Values::default();
    let filter = Filter::from_json(json!({"id": {"eq": ID}}), &mut values).unwrap();
    let answer = Answer::Records(Selection::Fields(vec![field("name.firstName"), field("company.name")]));
    let read = Read { object: "person".into(), scope: Scope::One(Some(filter)), answer };
    assert_snapshot!(sql(&MODEL, &read, &values));
}

#[test]
fn written_records_come_in_the_order_of_their_ids_in_the_trash_or_not() {
    let answer = Answer::Records(Selection::Fields(vec![field("id"), field("company.name")]));
    let read = Read { object: "person".into(), scope: Scope::Written { one: false }, answer };
    assert_snapshot!(sql(&MODEL, &read, &Values::default()));
}

#[test]
fn a_record_that_is_about_to_change_is_locked_and_tells_all_that_is_stored_of_it() {
    let tagged = WholeFields { only: Some(Vec::new()), tagged: true, ..WholeFields::default() };
    let read = Read {
        object: "noteTarget".into(),
        scope: Scope::Locked,
        answer: Answer::Records(Selection::Whole(tagged)),
    };
    assert_snapshot!(sql(&MODEL, &read, &Values::default()));
}

/// A model in which companies have 62 relations more, and a select with a hundred options.
fn wide_model() -> DataModel {
    let add = |model: DataModel, mut field: Json| {
        field["objectMetadataId"] = json!(model.by_singular("company").unwrap().id);
        field["label"] = json!("A label");
        create_field(&model, &FieldDraft::parse(&members(field)).unwrap(), NOW).unwrap().after
    };
    let person = MODEL.by_singular("person").unwrap().id;
    let related = (0..62).fold(MODEL.clone(), |model, place| {
        let payload = json!({
            "type": "MANY_TO_ONE", "targetObjectMetadataId": person, "targetFieldLabel": format!("Side {place}"),
        });
        let name = format!("helper{place}");
        add(model, json!({"type": "RELATION", "name": name, "relationCreationPayload": payload}))
    });
    let option = |place: usize| json!({"value": format!("O{place}"), "label": "L", "position": place});
    let options: Vec<Json> = (0..100).map(option).collect();
    add(related, json!({"type": "SELECT", "name": "grade", "options": options}))
}

#[test]
fn what_the_database_would_refuse_is_refused_before() {
    let model = wide_model();
    let helpers = |count: usize| {
        let paths: Vec<String> = (0..count).map(|place| format!("helper{place}.id")).collect();
        nodes(&paths.iter().map(String::as_str).collect::<Vec<_>>())
    };
    // A list inside a record has no further level of statements for what is not joined.
    let inside = |count: usize, further: &str| {
        let Answer::Connection(mut companies) = helpers(count) else { return nodes(&[]) };
        companies[0].selection[0].selection.push(field(further));
        let companies = SelectedField { selection: companies, ..field("accountOwnerForCompanies") };
        let node = SelectedField { selection: vec![companies], ..field("node") };
        Answer::Connection(vec![SelectedField { selection: vec![node], ..field("edges") }])
    };
    let members = || List::of("workspaceMember");
    let compared = |count: usize| json!({"or": vec![json!({"grade": {"gt": "O1"}}); count]});
    let ordered = |count: usize| {
        let paths = (0..count).map(|place| format!("helper{place}.jobTitle"));
        paths.fold(List::of("company"), |list, path| list.order(&path, AscNullsLast))
    };
    for (case, list, refusal) in [
        ("62 related records", List::of("company").shows(helpers(62)), ""),
        ("62 in a list", members().shows(inside(62, "name")), ""),
        ("63 in a list", members().shows(inside(62, "accountOwner.id")), "TooComplex"),
        ("163 comparisons with 100 options", List::of("company").filter(compared(163)), ""),
        ("164 comparisons with 100 options", List::of("company").filter(compared(164)), "TooComplex"),
        ("32 keys", ordered(32), ""),
        ("33 keys", ordered(33), "InvalidArgument"),
        ("33 keys, one of them twice", ordered(32).order("helper0.jobTitle", DescNullsLast), ""),
    ] {
        let shown = list.sql_of(&model);
        let expected = if refusal.is_empty() { "SELECT" } else { refusal };
        assert!(shown.starts_with(expected), "{case}: {}", shown.lines().next().unwrap_or_default());
    }
}
