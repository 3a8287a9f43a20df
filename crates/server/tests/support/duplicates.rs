//! Duplicates in tests that know their database.

use std::sync::Arc;

use fourfold_model::{DataModel, standard};
use fourfold_query::operation::{Answer, Probes, Read, Scope, Selection, WholeFields};
use fourfold_query::plan::plan_read;
use fourfold_query::sql::{SqlTarget, compile_read};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::Client;

/// The searches of each object that has criteria, for each kind of probes: a name for the case, and all
/// statements.
pub(crate) fn searches(target: &SqlTarget) -> Vec<(String, Vec<String>)> {
    let objects = standard::objects(Timestamp::UNIX_EPOCH).into_iter().map(Arc::new).collect();
    let model = DataModel::new(1, objects);
    let mut searches = Vec::new();
    for object in ["company", "person"] {
        for probes in [Probes::Ids(0), Probes::Data(0)] {
            let selection =
                Selection::Whole(WholeFields { only: None, related: false, children: 0, tagged: false });
            let read = Read {
                object: object.into(),
                scope: Scope::Duplicates(probes),
                answer: Answer::Item { key: "duplicates".into(), selection },
            };
            let (plan, _) = plan_read(&model, &read).expect("the search can be planned");
            let compiled = compile_read(plan, target).expect("the search can be compiled");
            let texts = compiled.texts().into_iter().map(str::to_owned).collect();
            searches.push((format!("{object} {probes:?}"), texts));
        }
    }
    searches
}

/// Merges people who are both targets of one note, when an index lets only one of them be. No object of the
/// standard model that may be merged meets such an index, so the caller makes one with SQL:
/// `CREATE UNIQUE INDEX … ON "noteTarget" ("noteId", "targetPersonId")`.
///
/// # Panics
/// When the merge is not refused, or changes anything.
pub(crate) async fn assert_conflict_changes_nothing(client: &Client, make_index: impl FnOnce()) {
    let people = json!([
        {"jobTitle": "Pilot", "emails": {"primaryEmail": "one@x.example"}},
        {"name": {"firstName": "Ida"}, "emails": {"primaryEmail": "two@x.example"}},
    ]);
    let people = client.post("/rest/batch/people", people).await;
    let ids: Vec<&Json> = people.list("/data/createPeople").iter().map(|person| &person["id"]).collect();
    let note = client.post("/rest/notes", json!({})).await.text("/data/createNote/id");
    let targets: Json = ids.iter().map(|id| json!({"noteId": note, "targetPersonId": id})).collect();
    let targets = client.post("/rest/batch/noteTargets", targets).await;
    assert_eq!(targets.outcome(), "201", "{}", targets.body);
    let opportunity = client.post("/rest/opportunities", json!({"pointOfContactId": ids[1]})).await;
    assert_eq!(opportunity.outcome(), "201", "{}", opportunity.body);
    make_index();
    let read_all = async || {
        let mut answers = Vec::new();
        for path in ["/rest/people", "/rest/noteTargets", "/rest/opportunities"] {
            answers.push(client.get(path).await.body);
        }
        answers
    };
    let before = read_all().await;
    let body = json!({"ids": ids, "conflictPriorityIndex": 0});
    let refused = client.patch("/rest/people/merge", body.clone()).await;
    assert_eq!(refused.outcome(), "400 BadRequestException", "{}", refused.body);
    for word in ["merge", "duplicate", "noteTarget", "note, targetPerson"] {
        assert!(refused.message().contains(word), "{word}: {}", refused.body);
    }
    assert_eq!(read_all().await, before);
    // With the other target gone nothing is in the way.
    let target = targets.text("/data/createNoteTargets/0/id");
    client.delete(&format!("/rest/noteTargets/{target}")).await;
    let merged = client.patch("/rest/people/merge", body).await;
    assert_eq!(merged.outcome(), "200", "{}", merged.body);
    let left = client.get("/rest/noteTargets").await;
    assert_eq!(left.part("/data/noteTargets/0/targetPersonId"), ids[0], "{}", left.body);
}
