//! Groups as SQL.

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use super::operations::{MODEL, field, sql};
use crate::PlanErrorCode;
use crate::filter::Filter;
use crate::grouping::{Dimension, GroupAnswer, GroupOrder, Grouping};
use crate::operation::{Answer, Direction, OrderKey, Read, Scope, SelectedField, Values};
use crate::plan::plan_read;

/// Groups to read, with their values.
struct Groups {
    grouping: Grouping,
    answer: GroupAnswer,
    values: Values,
}

impl Groups {
    fn by(dimensions: Json) -> Self {
        let mut values = Values::default();
        let grouping = Grouping {
            filter: None,
            dimensions: Dimension::read_all(dimensions, &mut values).unwrap(),
            order: Vec::new(),
            omits_missing: false,
            limit: values.keep(json!(50)),
            record_order: Vec::new(),
            record_offset: None,
        };
        Self { grouping, answer: GroupAnswer::Connection(selection(&["totalCount"])), values }
    }

    fn filter(mut self, filter: Json) -> Self {
        self.grouping.filter = Some(Filter::from_json(filter, &mut self.values).unwrap());
        self
    }

    fn order(mut self, order: Json) -> Self {
        self.grouping.order = GroupOrder::read_all(order).unwrap();
        self
    }

    fn records_by(mut self, path: &str) -> Self {
        let path = path.split('.').map(str::to_owned).collect();
        self.grouping.record_order.push(OrderKey { path, direction: Direction::DescNullsLast });
        self
    }

    fn records_after(mut self, count: usize) -> Self {
        self.grouping.record_offset = Some(self.values.keep(json!(count)));
        self
    }

    fn shows(mut self, paths: &[&str]) -> Self {
        self.answer = GroupAnswer::Connection(selection(paths));
        self
    }

    fn summary(mut self, figures: &[&str]) -> Self {
        let figures = figures.iter().map(|name| (*name).to_owned()).collect();
        self.answer = GroupAnswer::Summary { figures, shows_records: false };
        self
    }

    fn read(self, object: &str) -> (Read, Values) {
        let scope = Scope::Groups(Box::new(self.grouping));
        (Read { object: object.into(), scope, answer: Answer::Groups(self.answer) }, self.values)
    }

    fn sql(self, object: &str) -> String {
        let (read, values) = self.read(object);
        sql(&MODEL, &read, &values)
    }
}

fn selection(paths: &[&str]) -> Vec<SelectedField> {
    paths.iter().map(|path| field(path)).collect()
}

/// The groups of opportunities by each of these, one after the other.
fn each<const N: usize>(dimensions: [Json; N]) -> String {
    let shown = dimensions.map(|dimension| {
        let title = format!("# {dimension}\n");
        title + &Groups::by(dimension).sql("opportunity")
    });
    shown.join("\n\n")
}

#[test]
fn groups_of_each_kind_of_value() {
    let dimensions = [
        json!({"stage": true}),
        json!({"name": true}),
        json!({"amount": {"amountMicros": true}}),
        json!({"companyId": true}),
        json!({"company": {"address": {"addressCity": true}}}),
    ];
    assert_snapshot!(each(dimensions));
}

#[test]
fn groups_of_periods() {
    let zone = "Pacific/Kiritimati";
    let dimensions = [
        json!({"closeDate": {"granularity": "DAY", "timeZone": zone}}),
        json!({"closeDate": {"granularity": "WEEK", "timeZone": "UTC", "weekStartDay": "SUNDAY"}}),
        json!({"closeDate": {"granularity": "MONTH_OF_THE_YEAR"}}),
        json!({"closeDate": {"granularity": "NONE"}}),
        json!({"company": {"createdAt": {"granularity": "QUARTER"}}}),
    ];
    assert_snapshot!(each(dimensions));
}

#[test]
fn groups_are_ordered_by_figures_dimensions_and_labels() {
    let groups = Groups::by(json!([{"companyId": true}, {"stage": true}]))
        .filter(json!({"name": {"like": "%a%"}}))
        .order(json!([
            {"company": {"name": "AscNullsLast"}},
            {"aggregate": {"maxCloseDate": "DescNullsLast"}},
            {"stage": "DescNullsFirst"},
            {"aggregate": {"totalCount": "DescNullsLast"}},
        ]))
        .summary(&["sumAmountAmountMicros", "totalCount"]);
    assert_snapshot!(groups.sql("opportunity"));
}

#[test]
fn records_of_all_groups_are_one_statement() {
    let groups = Groups::by(json!([{"jobTitle": true}, {"company": {"name": true}}]))
        .filter(json!({"company": {"name": {"like": "%a%"}}}))
        .records_by("company.createdAt")
        .records_after(20)
        .shows(&["totalCount", "edges.node.company.accountOwner.id", "edges.cursor"]);
    assert_snapshot!(groups.sql("person"));
}

#[test]
fn lists_of_records_in_groups_are_one_statement_more() {
    let groups = Groups::by(json!({"name": true})).shows(&["edges.node.people.edges.node.id"]);
    assert_snapshot!(groups.sql("company"));
}

#[test]
fn what_cannot_be_grouped_is_refused() {
    for (dimensions, order, expected) in [
        (json!([]), json!([]), PlanErrorCode::InvalidGroupBy),
        (json!(null), json!([]), PlanErrorCode::InvalidGroupBy),
        (json!("name"), json!([]), PlanErrorCode::InvalidGroupBy),
        (json!({}), json!([]), PlanErrorCode::InvalidGroupBy),
        (json!({"name": false}), json!([]), PlanErrorCode::InvalidGroupBy),
        (json!({"name": "true"}), json!([]), PlanErrorCode::InvalidGroupBy),
        (json!({"name": {}}), json!([]), PlanErrorCode::InvalidGroupBy),
        (json!({"name": true, "stage": true}), json!([]), PlanErrorCode::InvalidGroupBy),
        (json!({"a": {"b": {"c": {"d": true}}}}), json!([]), PlanErrorCode::InvalidGroupBy),
        (json!(vec![json!({"name": true}); 17]), json!([]), PlanErrorCode::InvalidGroupBy),
        (json!({"closeDate": {"granularity": "HOUR"}}), json!([]), PlanErrorCode::InvalidGroupBy),
        (
            json!({"closeDate": {"granularity": "DAY", "zone": "UTC"}}),
            json!([]),
            PlanErrorCode::InvalidGroupBy,
        ),
        (
            json!({"closeDate": {"granularity": "DAY", "weekStartDay": "FRIDAY"}}),
            json!([]),
            PlanErrorCode::InvalidGroupBy,
        ),
        (json!({"name": true}), json!(["name"]), PlanErrorCode::InvalidGroupOrder),
        (json!({"name": true}), json!([{"name": "Up"}]), PlanErrorCode::InvalidGroupOrder),
        (json!({"name": true}), json!([{"name": {}}]), PlanErrorCode::InvalidGroupOrder),
        (
            json!({"name": true}),
            json!([{"name": "AscNullsFirst", "stage": "AscNullsFirst"}]),
            PlanErrorCode::InvalidGroupOrder,
        ),
        (
            json!({"name": true}),
            json!([{"aggregate": {"totalCount": "AscNullsFirst", "maxCreatedAt": "AscNullsFirst"}}]),
            PlanErrorCode::InvalidGroupOrder,
        ),
        (
            json!({"name": true}),
            json!([{"createdAt": {"granularity": "DAY"}}]),
            PlanErrorCode::InvalidGroupOrder,
        ),
        (
            json!({"name": true}),
            json!([{"createdAt": {"orderBy": "AscNullsFirst"}}]),
            PlanErrorCode::InvalidGroupOrder,
        ),
        (
            json!({"name": true}),
            json!(vec![json!({"name": "AscNullsFirst"}); 33]),
            PlanErrorCode::InvalidGroupOrder,
        ),
    ] {
        let case = format!("{dimensions} {order}");
        let read = Dimension::read_all(dimensions, &mut Values::default()).map(drop);
        let found = read.and_then(|()| GroupOrder::read_all(order).map(drop));
        assert_eq!(found.map_err(|error| error.code), Err(expected), "{case}");
    }
}

#[test]
fn what_does_not_fit_the_model_is_refused() {
    use PlanErrorCode::{InvalidGroupBy, InvalidGroupOrder, MissingTimeZone};
    for (dimensions, order, expected) in [
        (json!({"colour": true}), json!([]), InvalidGroupBy),
        (json!({"id": true}), json!([]), InvalidGroupBy),
        (json!({"position": true}), json!([]), InvalidGroupBy),
        (json!({"deletedAt": {"granularity": "NONE"}}), json!([]), InvalidGroupBy),
        (json!({"createdBy": {"source": true}}), json!([]), InvalidGroupBy),
        (json!({"searchVector": true}), json!([]), InvalidGroupBy),
        (json!({"noteTargets": true}), json!([]), InvalidGroupBy),
        (json!({"amount": true}), json!([]), InvalidGroupBy),
        (json!({"amount": {"colour": true}}), json!([]), InvalidGroupBy),
        (json!({"name": {"unnest": true}}), json!([]), InvalidGroupBy),
        (json!({"name": {"granularity": "DAY"}}), json!([]), InvalidGroupBy),
        (json!({"closeDate": true}), json!([]), InvalidGroupBy),
        (json!({"closeDate": {"granularity": "WEEK"}}), json!([]), MissingTimeZone),
        (json!({"company": true}), json!([]), InvalidGroupBy),
        (json!({"company": {"accountOwner": {"name": true}}}), json!([]), InvalidGroupBy),
        (json!({"company": {"createdBy": {"name": true}}}), json!([]), InvalidGroupBy),
        (json!({"name": true}), json!({"stage": "AscNullsFirst"}), InvalidGroupOrder),
        (json!({"name": true}), json!({"aggregate": {"sumName": "AscNullsFirst"}}), InvalidGroupOrder),
        (json!({"name": true}), json!({"company": {"name": "AscNullsFirst"}}), InvalidGroupOrder),
        (
            json!({"company": {"name": true}}),
            json!({"company": {"createdAt": "AscNullsFirst"}}),
            InvalidGroupOrder,
        ),
        (json!({"companyId": true}), json!({"company": {"colour": "AscNullsFirst"}}), InvalidGroupOrder),
        (
            json!({"closeDate": {"granularity": "YEAR", "timeZone": "UTC"}}),
            json!({"closeDate": {"granularity": "DAY", "orderBy": "AscNullsFirst"}}),
            InvalidGroupOrder,
        ),
        (
            json!({"closeDate": {"granularity": "YEAR", "timeZone": "UTC"}}),
            json!({"closeDate": "AscNullsFirst"}),
            InvalidGroupOrder,
        ),
    ] {
        let case = format!("{dimensions} {order}");
        let (read, _) = Groups::by(dimensions).order(order).read("opportunity");
        assert_eq!(plan_read(&MODEL, &read).map(drop).map_err(|error| error.code), Err(expected), "{case}");
    }
}
