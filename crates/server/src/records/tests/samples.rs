//! A workspace with an object that has a field of nearly every type, and some records of it.

use fourfold_model::{FieldDraft, ObjectDraft, create_field, create_object};
use fourfold_query::ReadOutput;
use fourfold_query::operation::{Change, RecordData, Selection, Values, WholeFields, Write};
use serde_json::{Map, Value as Json, json};

use super::random::Random;
use crate::accounts::{Caller, DataModelAdmin, Reader, WriteKind};
use crate::data_model;
use crate::data_model::tests::TestWorkspace;
use crate::error::ApiResult;
use crate::records::{self, Guard};

/// What records can be ordered by: every kind of column, parts, and one hop along the relation.
pub(crate) const ORDERS: [&str; 33] = [
    "id",
    "name",
    "weight",
    "score",
    "shippedOn",
    "arrivesAt",
    "stage",
    "rating",
    "tags",
    "words",
    "payload",
    "isFragile",
    "price.amountMicros",
    "price.currencyCode",
    "driver.firstName",
    "driver.lastName",
    "mail.primaryEmail",
    "mail.additionalEmails",
    "place.addressCity",
    "place.addressLat",
    "position",
    "createdAt",
    "deletedAt",
    "createdBy.source",
    "createdBy.name",
    "createdBy.workspaceMemberId",
    "createdBy.context",
    "ownerId",
    "owner.id",
    "owner.name",
    "owner.address.addressCity",
    "owner.annualRevenue.amountMicros",
    "owner.createdBy.source",
];

/// A workspace with the object `parcel`, whose `owner` is a company.
pub(crate) struct Samples {
    workspace: TestWorkspace,
}

impl Samples {
    pub(crate) async fn create() -> Self {
        let samples = Self { workspace: TestWorkspace::create().await };
        let admin = samples.workspace.admin();
        let object = members(json!({
            "nameSingular": "parcel", "namePlural": "parcels", "labelSingular": "Parcel", "labelPlural": "Parcels",
        }));
        let draft = ObjectDraft::parse(&object).unwrap();
        data_model::apply(&admin, |model, now| create_object(model, &draft, now)).await.unwrap();
        for field in fields() {
            let model = samples.caller().workspace.data_model();
            let mut field = members(field);
            field.insert("objectMetadataId".into(), json!(model.by_singular("parcel").unwrap().id));
            field.insert("label".into(), json!("A label"));
            if let Some(Json::Object(relation)) = field.get_mut("relationCreationPayload") {
                let company = model.by_singular("company").unwrap().id;
                relation.insert("targetObjectMetadataId".into(), json!(company));
            }
            let draft = FieldDraft::parse(&field).unwrap();
            data_model::apply(&admin, |model, now| create_field(model, &draft, now)).await.unwrap();
        }
        samples
    }

    pub(crate) fn caller(&self) -> &Caller {
        &self.workspace.caller
    }

    pub(crate) fn admin(&self) -> DataModelAdmin {
        self.workspace.admin()
    }

    /// Every row of every table, for comparing.
    pub(crate) fn dump(&self) -> Vec<String> {
        self.workspace.dump()
    }

    pub(crate) fn reader(&self) -> Reader {
        self.caller().reader().unwrap()
    }

    pub(crate) async fn write(&self, object: &str, change: Change) -> ApiResult<ReadOutput> {
        let write = Write {
            object: object.to_owned(),
            change,
            selection: Selection::Whole(WholeFields::default()),
            values: Values::default(),
        };
        let writer = self.caller().writer(WriteKind::Update)?;
        Ok(records::write(&writer, write, &Guard::default()).await?.output)
    }

    /// Makes records and answers their ids.
    pub(crate) async fn make(&self, object: &str, data: Vec<RecordData>) -> Vec<String> {
        let answer = self.write(object, Change::Create { records: data, upsert: false }).await.unwrap();
        let records: Vec<Json> = serde_json::from_slice(&answer.json).unwrap();
        records.iter().map(|record| record["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Makes a few companies, one of them in the trash, and `count` parcels, some in the trash.
    pub(crate) async fn fill(&self, random: &mut Random, count: usize) {
        let companies = (0..5).map(|place| {
            let mut data = company(random);
            if place == 0 {
                data.insert("deletedAt".into(), json!("2026-03-01T00:00:00Z"));
            }
            data
        });
        let companies = companies.collect();
        let companies = self.make("company", companies).await;
        let parcels = (0..count).map(|_| parcel(random, &companies)).collect();
        self.make("parcel", parcels).await;
    }

    /// The arguments of a merge, most often of companies that exist.
    pub(crate) async fn merge(&self, random: &mut Random) -> Json {
        let companies = (0..2 + random.below(2)).map(|_| company(random)).collect();
        let mut arguments = json!({
            "ids": self.make("company", companies).await,
            "conflictPriorityIndex": random.below(3),
            "dryRun": random.chance(0.5),
        });
        if random.chance(0.3) {
            arguments[*random.one_of(&["ids", "conflictPriorityIndex", "dryRun"])] = random.json(1);
        }
        arguments
    }
}

/// Values of some fields of a company.
pub(crate) fn company(random: &mut Random) -> RecordData {
    members(json!({
        "name": random.or_null(|random| json!(random.text())),
        "address": {"addressCity": random.or_null(|random| json!(random.text()))},
        "annualRevenue": {"amountMicros": random.or_null(|random| json!(random.whole()))},
    }))
}

/// Values of all fields of a parcel that are there when the record is made.
pub(crate) fn parcel(random: &mut Random, companies: &[String]) -> RecordData {
    let list = |random: &mut Random| json!([random.text(), random.text()]);
    let mut data = members(json!({
        "name": random.or_null(|random| json!(random.text())),
        "weight": random.or_null(|random| json!(random.float())),
        "score": random.or_null(|random| json!(random.below(4))),
        "shippedOn": random.or_null(Random::day),
        "arrivesAt": random.or_null(Random::instant),
        "stage": random.or_null(|random| json!(*random.one_of(&["WON", "NEW", "LOST"]))),
        "rating": random.or_null(|random| json!(format!("RATING_{}", 1 + random.below(5)))),
        "tags": random.or_null(|random| json!([*random.one_of(&["COLD", "BULKY"])])),
        "words": random.or_null(list),
        "payload": random.or_null(|random| json!({"a": random.json(1)})),
        "isFragile": random.or_null(|random| json!(random.chance(0.5))),
        "price": {
            "amountMicros": random.or_null(|random| json!(random.whole())),
            "currencyCode": random.or_null(|random| json!(*random.one_of(&["EUR", "CHF"]))),
        },
        "driver": {
            "firstName": random.or_null(|random| json!(random.text())),
            "lastName": random.or_null(|random| json!(random.text())),
        },
        "mail": random.or_null(|random| json!({
            "primaryEmail": *random.one_of(&["a@example.org", "b@example.org"]),
            "additionalEmails": ["c@example.org"],
        })),
        "place": {
            "addressCity": random.or_null(|random| json!(random.text())),
            "addressLat": random.or_null(|random| json!(random.float())),
        },
        "ownerId": random.or_null(|random| json!(random.one_of(companies))),
    }));
    if random.chance(0.3) {
        data.insert("position".into(), json!(random.float()));
    }
    if random.chance(0.3) {
        data.insert("createdBy".into(), json!({"source": "IMPORT", "name": random.text()}));
    }
    if random.chance(0.2) {
        data.insert("deletedAt".into(), random.instant());
    }
    data
}

fn fields() -> Vec<Json> {
    let option = |(place, value): (usize, &str)| json!({"value": value, "label": value, "position": place});
    let options = |values: &[&str]| values.iter().copied().enumerate().map(option).collect::<Vec<_>>();
    vec![
        json!({"type": "NUMBER", "name": "weight", "settings": {"dataType": "float", "decimals": 3}}),
        json!({"type": "NUMBER", "name": "score"}),
        json!({"type": "DATE", "name": "shippedOn"}),
        json!({"type": "DATE_TIME", "name": "arrivesAt"}),
        // Neither the order of the alphabet nor its reverse.
        json!({"type": "SELECT", "name": "stage", "options": options(&["NEW", "WON", "LOST"])}),
        json!({"type": "RATING", "name": "rating"}),
        json!({"type": "MULTI_SELECT", "name": "tags", "options": options(&["COLD", "BULKY"])}),
        json!({"type": "ARRAY", "name": "words"}),
        json!({"type": "RAW_JSON", "name": "payload"}),
        json!({"type": "BOOLEAN", "name": "isFragile"}),
        json!({"type": "CURRENCY", "name": "price"}),
        json!({"type": "FULL_NAME", "name": "driver"}),
        json!({"type": "EMAILS", "name": "mail"}),
        json!({"type": "ADDRESS", "name": "place"}),
        json!({"type": "RELATION", "name": "owner", "relationCreationPayload": {
            "type": "MANY_TO_ONE", "targetFieldLabel": "Parcels", "targetFieldIcon": "IconBox",
        }}),
    ]
}

pub(crate) fn members(value: Json) -> Map<String, Json> {
    match value {
        Json::Object(members) => members,
        _ => Map::new(),
    }
}
