//! The requests whose plans are looked at.

use fourfold_model::DataModel;
use fourfold_query::operation::{Change, Direction};
use fourfold_query::sql::{SqlTarget, Statement};
use serde_json::{Value as Json, json};

use super::explain::Access;
use super::requests::{List, Requests, matching, members, one_target, selected, some_id};

/// A request, its statements, and the most that they may read of a table if it is more than what an index
/// leads to.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) statements: Vec<Statement>,
    pub(super) reads: Reads,
}

type Reads = &'static [(&'static str, Access)];

const SEARCH: Reads = &[];
const WALK: Reads = &[("company", Access::Walk), ("person", Access::Walk)];
const SCAN: Reads = &[("company", Access::Scan)];

/// What lists are ordered by, each with a value in the middle of them.
fn orders() -> [(&'static str, Json); 4] {
    [
        ("id", json!({"id": some_id(10_000)})),
        ("position", json!({"position": -10_000.0, "id": some_id(10_000)})),
        ("createdAt", json!({"createdAt": "1970-01-01T02:46:40.000Z", "id": some_id(10_000)})),
        ("name", json!({"name": "M", "id": some_id(10_000)})),
    ]
}

pub(super) fn cases(model: &DataModel, target: &SqlTarget) -> Vec<Case> {
    let requests = Requests { model, target };
    let mut cases = Vec::new();
    let mut case = |name: &str, reads, statements| {
        cases.push(Case { name: name.to_owned(), statements, reads });
    };
    case("get one", SEARCH, requests.one("company", json!({"id": {"eq": some_id(7)}})));
    case("list 60", WALK, requests.list(List::of("company")));
    for (path, cursor) in orders() {
        for direction in Direction::ALL {
            let list = || List::of("company").order(path, direction);
            let name = direction.api_name();
            case(&format!("list by {path} {name}"), WALK, requests.list(list()));
            let after = list().cursor(&cursor, false);
            case(&format!("page after a cursor by {path} {name}"), SEARCH, requests.list(after));
            let before = list().cursor(&cursor, true);
            case(&format!("page before a cursor by {path} {name}"), SEARCH, requests.list(before));
        }
    }
    let by_name = |list: List| {
        list.order("name.firstName", Direction::AscNullsFirst)
            .order("name.lastName", Direction::AscNullsFirst)
    };
    case("list by both names", WALK, requests.list(by_name(List::of("person"))));
    let names = json!({"name": {"firstName": "M", "lastName": "N"}, "id": some_id(10_000)});
    let after = by_name(List::of("person")).cursor(&names, false);
    case("page after a cursor by both names", SEARCH, requests.list(after));
    case("list with relations", WALK, requests.list(List::of("company").deep()));
    case("list of people with relations", WALK, requests.list(List::of("person").deep()));
    case("nested GraphQL", WALK, requests.list(nested()));
    let in_trash = json!({"deletedAt": {"is": "NOT_NULL"}});
    case("trash", SEARCH, requests.list(List::of("company").filter(in_trash)));
    let of_one = json!({"companyId": {"eq": some_id(7)}});
    case("filter by an indexed field", SEARCH, requests.list(List::of("person").filter(of_one)));
    let by_domain = json!({"domainName": {"primaryLinkUrl": {"eq": "https://7.example"}}});
    case("filter by a unique field", SEARCH, requests.list(List::of("company").filter(by_domain)));
    let by_text = json!({"linkedinLink": {"primaryLinkLabel": {"ilike": "%bulk%"}}});
    case("filter by a text anywhere", SCAN, requests.list(List::of("company").filter(by_text)));
    case("create", SEARCH, requests.create("company", vec![company(0)], false));
    case("create 60", SEARCH, requests.create("company", (0..60).map(company).collect(), false));
    let connected = json!({"company": {"connect": {"where": {"id": some_id(7)}}}});
    case("create with a connect", SEARCH, requests.create("person", vec![connected], false));
    case("upsert 60", SEARCH, requests.create("company", (0..60).map(company).collect(), true));
    let update = Change::Update(one_target(), members(json!({"name": "New"})));
    case("update", SEARCH, requests.change("company", update));
    let named = || matching(json!({"id": {"in": [some_id(1), some_id(2)]}}));
    let update = Change::Update(named(), members(json!({"name": "New"})));
    case("update some", SEARCH, requests.change("company", update));
    case("delete", SEARCH, requests.change("note", Change::Delete(one_target())));
    case("delete some", SEARCH, requests.change("company", Change::Delete(named())));
    case("restore", SEARCH, requests.change("note", Change::Restore(one_target())));
    case("destroy", SEARCH, requests.change("company", Change::Destroy(one_target())));
    cases
}

fn nested() -> List {
    let mut list = List::of("company");
    let name = selected("name", vec![selected("firstName", vec![]), selected("lastName", vec![])]);
    let people = list.below("people", vec![selected("id", vec![]), name]);
    list.nodes(vec![selected("id", vec![]), selected("name", vec![]), people])
}

fn company(number: usize) -> Json {
    let domain = json!({"primaryLinkUrl": format!("https://new-{number}.example")});
    json!({"id": some_id(1_000_000 + number), "name": format!("New {number}"), "domainName": domain})
}
