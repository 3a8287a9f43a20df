//! Figures as SQL: terms for the select list or the order of a statement that counts or groups.

use fourfold_model::Scalar;

use super::SqlWriter;
use super::condition::{write_condition, write_term};
use super::dialect::write_average;
use crate::bind::Bind;
use crate::plan::{ColumnRef, FigureTerm, Term};

/// Over no rows counts are 0 and everything else is null.
pub(super) fn write_figure(sql: &mut SqlWriter<Bind>, term: &FigureTerm) {
    match term {
        FigureTerm::Count(condition) => {
            sql.raw("count(*) FILTER (WHERE ");
            write_condition(sql, condition);
            sql.raw(")");
        }
        FigureTerm::Share(condition) => {
            sql.raw("CAST(count(*) FILTER (WHERE ");
            write_condition(sql, condition);
            sql.raw(") AS DOUBLE PRECISION) / nullif(count(*), 0)");
        }
        FigureTerm::CountDistinct { of, filled } => {
            sql.raw("count(DISTINCT ");
            write_value(sql, of);
            sql.raw(") FILTER (WHERE ");
            write_condition(sql, filled);
            sql.raw(")");
        }
        FigureTerm::Min(column) => write_call(sql, "min(", column),
        FigureTerm::Max(column) => write_call(sql, "max(", column),
        FigureTerm::Sum(column, scalar) => write_sum(sql, column, *scalar),
        FigureTerm::Avg(column, scalar) => write_average(
            sql,
            *scalar,
            |sql| write_sum(sql, column, *scalar),
            |sql| write_call(sql, "count(", column),
        ),
    }
}

fn write_sum(sql: &mut SqlWriter<Bind>, column: &ColumnRef, scalar: Scalar) {
    for (place, piece) in sql.dialect().sum(scalar).iter().enumerate() {
        if 0 < place {
            sql.column(column.alias, &column.column);
        }
        sql.raw(piece);
    }
}

fn write_call(sql: &mut SqlWriter<Bind>, function: &'static str, column: &ColumnRef) {
    sql.raw(function).column(column.alias, &column.column).raw(")");
}

/// What is told apart: the column itself, or all of them as a list, in which ("a", "bc") is not
/// ("ab", "c").
fn write_value(sql: &mut SqlWriter<Bind>, columns: &[Term]) {
    if let [only] = columns {
        write_term(sql, only);
        return;
    }
    let [before, after] = sql.dialect().value_list();
    sql.raw(before).separated(", ", columns, write_term).raw(after);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fourfold_model::{DataModel, FieldDraft, create_field, standard};
    use jiff::Timestamp;
    use serde_json::json;

    use crate::operation::{Answer, Listing, Read, Scope, SelectedField};
    use crate::plan::plan_read;
    use crate::sql::{SqlTarget, compile_read};

    /// The standard objects, with three fields more on companies.
    fn model() -> DataModel {
        let mut model =
            DataModel::new(1, standard::objects(Timestamp::UNIX_EPOCH).into_iter().map(Arc::new).collect());
        let company = model.by_singular("company").unwrap().id;
        for (name, field_type) in [("stars", "NUMBER"), ("isPaid", "BOOLEAN"), ("due", "DATE")] {
            let input = json!({"name": name, "label": name, "type": field_type, "objectMetadataId": company});
            let draft = FieldDraft::parse(input.as_object().unwrap()).unwrap();
            model = create_field(&model, &draft, Timestamp::UNIX_EPOCH).unwrap().after;
        }
        model
    }

    fn selected(name: &str, selection: Vec<SelectedField>) -> SelectedField {
        SelectedField { key: name.into(), name: name.into(), listing: None, selection, is_emptied: false }
    }

    /// The statements of a list of companies with this selection, and the warnings.
    fn statements(selection: Vec<SelectedField>) -> (Vec<String>, Vec<String>) {
        statements_on(&SqlTarget::sqlite(), selection)
    }

    fn statements_on(target: &SqlTarget, selection: Vec<SelectedField>) -> (Vec<String>, Vec<String>) {
        let scope = Scope::Page(Listing::default());
        let read = Read { object: "company".into(), scope, answer: Answer::Connection(selection) };
        let (plan, warnings) = plan_read(&model(), &read).unwrap();
        let compiled = compile_read(plan, target).unwrap();
        (compiled.texts().into_iter().map(str::to_owned).collect(), warnings)
    }

    /// The terms of the statement of the totals, one a line.
    fn figures(names: &[&str]) -> String {
        figures_on(&SqlTarget::sqlite(), names)
    }

    fn figures_on(target: &SqlTarget, names: &[&str]) -> String {
        let selection = names.iter().map(|name| selected(name, Vec::new())).collect();
        let (texts, warnings) = statements_on(target, selection);
        assert_eq!((texts.len(), warnings), (2, vec![]));
        texts[1].replace(", count(", ",\ncount(").replace(", avg(", ",\navg(").replace(" FROM ", "\nFROM ")
    }

    #[test]
    fn figures_of_every_kind_are_one_statement() {
        let names = [
            "countUniqueValuesName",
            "countEmptyName",
            "countNotEmptyName",
            "percentageEmptyName",
            "percentageNotEmptyName",
            "countUniqueValuesAnnualRevenue",
            "countEmptyAnnualRevenue",
            "countNotEmptyAnnualRevenue",
            "sumAnnualRevenueAmountMicros",
            "avgAnnualRevenueAmountMicros",
            "minAnnualRevenueAmountMicros",
            "countUniqueValuesDomainName",
            "countUniqueValuesStars",
            "maxStars",
            "countTrueIsPaid",
            "countFalseIsPaid",
            "minDue",
            "maxCreatedAt",
        ];
        insta::assert_snapshot!("figures", figures(&names));
        insta::assert_snapshot!("figures_on_postgres", figures_on(&SqlTarget::postgres("ws"), &names));
    }

    #[test]
    fn a_figure_that_is_asked_for_twice_is_drawn_once() {
        assert_eq!(
            figures(&["maxStars", "totalCount", "maxStars"]),
            "SELECT count(*), max(t0.\"stars\")\nFROM \"company\" AS t0 WHERE t0.\"deletedAt\" IS NULL"
        );
    }

    #[test]
    fn figures_over_related_records_are_grouped_by_parent() {
        let people = vec![selected("countEmptyEmails", Vec::new()), selected("maxCreatedAt", Vec::new())];
        let node = selected("node", vec![selected("people", people)]);
        let (texts, _) = statements(vec![selected("edges", vec![node])]);
        insta::assert_snapshot!("figures_by_parent", texts[2]);
    }

    #[test]
    fn figures_that_do_not_exist_are_no_part_of_a_statement() {
        for name in ["minName", "sumStage", "sumAnnualRevenue", "countEmptyPeople", "avgPosition"] {
            let (texts, warnings) = statements(vec![selected(name, Vec::new())]);
            assert_eq!((texts.len(), warnings.len()), (1, 1), "{name}");
        }
    }
}
