//! The index of searches says what the tables say, and is what searches read.

use std::sync::Arc;

use fourfold_model::{DataModel, ModelChange, Object};
use fourfold_query::operation::{Change, Target};
use fourfold_query::plan::{Search, plan_search};
use fourfold_query::sql::{Statement, compile_search};
use serde_json::json;

use super::random::Random;
use super::samples::{Samples, members};
use crate::data_model;
use crate::records::search::search;

fn asked(input: &str) -> Search {
    Search { input: input.into(), limit: 20, ..Search::default() }
}

impl Samples {
    async fn text(&self, sql: &'static str) -> String {
        let rows = self.caller().workspace.store.rows(Statement::fixed(sql)).await.unwrap();
        rows.iter().map(|row| row.text(0).to_owned()).collect::<Vec<_>>().join("\n")
    }

    async fn labels(&self, input: &str) -> Vec<String> {
        let answer = search(&self.reader(), &asked(input)).await.unwrap();
        answer.hits.into_iter().map(|hit| hit.label).collect()
    }
}

#[tokio::test]
async fn a_search_reads_what_it_finds_and_no_more() {
    let samples = Samples::create().await;
    samples.fill(&mut Random::new(3), 30).await;
    let workspace = &samples.caller().workspace;
    for input in ["berlin ship", ""] {
        let plan = plan_search(&workspace.data_model(), &asked(input)).unwrap().unwrap();
        let mut statement = compile_search(&plan, workspace.store.target()).unwrap();
        statement.text = format!("EXPLAIN QUERY PLAN {}", statement.text).into();
        let rows = workspace.store.rows(statement).await.unwrap();
        let steps: Vec<&str> = rows.iter().map(|row| row.text(3)).collect();
        assert!(steps.iter().all(|step| !step.starts_with("SCAN t0")), "{input:?}: {steps:#?}");
        let uses =
            |index: &str| steps.iter().any(|step| step.starts_with("SEARCH t0") && step.contains(index));
        assert!(uses("_search_record"), "{input:?}: {steps:#?}");
        assert_eq!(uses("INTEGER PRIMARY KEY"), !input.is_empty(), "{steps:#?}");
    }
}

#[tokio::test]
async fn the_index_says_what_the_tables_say() {
    let samples = Samples::create().await;
    let random = &mut Random::new(5);
    samples.fill(random, 60).await;
    let all = || Target::Matching(None, fourfold_query::operation::Values::default());
    samples.write("parcel", Change::Update(all(), members(json!({"name": "Crate Übersee"})))).await.unwrap();
    samples.fill(random, 20).await;
    samples.write("parcel", Change::Delete(all())).await.unwrap();
    samples.fill(random, 20).await;
    samples.write("company", Change::Destroy(all())).await.unwrap();
    let different = "SELECT 'missing ' || p.id FROM parcel AS p LEFT JOIN _search AS s ON s.id = p.id \
        WHERE s.vector IS NOT p.searchVector OR s.deletedAt IS NOT p.deletedAt OR s.label IS NOT coalesce(p.name, '') \
        UNION ALL SELECT 'left over ' || s.id FROM _search AS s \
        WHERE s.id NOT IN (SELECT id FROM parcel UNION ALL SELECT id FROM workspaceMember) \
        UNION ALL SELECT 'not made ' || id FROM parcel WHERE searchVector <> search_vector(coalesce(name, ''))";
    assert_eq!(samples.text(different).await, "");
    assert_eq!(
        samples
            .text("SELECT count(*) || ' ' FROM _search_words EXCEPT SELECT count(*) || ' ' FROM _search")
            .await,
        ""
    );
}

#[tokio::test]
async fn other_fields_to_search_by_make_the_index_anew() {
    let samples = Samples::create().await;
    let parcel = json!({"name": "Amphora", "driver": {"firstName": "Io", "lastName": "Kent"}});
    samples.make("parcel", vec![members(parcel)]).await;
    assert_eq!(
        (samples.labels("amphora").await, samples.labels("kent").await.len()),
        (vec!["Amphora".into()], 0)
    );
    let admin = samples.admin();
    let by_driver = |model: &DataModel, _now| {
        let objects = model.objects().iter().map(|object| {
            let mut object = Object::clone(object);
            if let Some(driver) = object.fields.get("driver").map(|field| field.id) {
                object.label_identifier = driver;
                object.search_fields.push(driver);
            }
            Arc::new(object)
        });
        let after = DataModel::new(model.version() + 1, objects.collect());
        Ok(ModelChange { subject: after.by_singular("parcel").unwrap().id, after })
    };
    data_model::apply(&admin, by_driver).await.unwrap();
    assert_eq!(samples.labels("kent amphora").await, ["Io Kent"]);
    samples.make("parcel", vec![members(json!({"driver": {"firstName": "Rhea"}}))]).await;
    assert_eq!(samples.labels("rhea").await, ["Rhea"]);
}
