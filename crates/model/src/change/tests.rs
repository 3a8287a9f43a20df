//! Changes as tables: what is asked for, and what comes of it.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn standard_model() -> DataModel {
    DataModel::new(1, standard::objects(NOW).into_iter().map(Arc::new).collect())
}

fn members(value: Json) -> Map<String, Json> {
    match value {
        Json::Object(members) => members,
        _ => Map::new(),
    }
}

fn object_members(singular: &str, plural: &str) -> Json {
    json!({"nameSingular": singular, "namePlural": plural, "labelSingular": singular, "labelPlural": plural})
}

fn new_object(model: &DataModel, input: Json) -> Result<ModelChange, Refusal> {
    create_object(model, &ObjectDraft::parse(&members(input)).unwrap(), NOW)
}

fn with_vessel() -> DataModel {
    new_object(&standard_model(), object_members("vessel", "vessels")).unwrap().after
}

fn id_of(model: &DataModel, object: &str) -> Uuid {
    model.by_singular(object).unwrap().id
}

fn new_field(model: &DataModel, object: &str, input: Json) -> Result<ModelChange, Refusal> {
    let mut input = members(input);
    input.insert("objectMetadataId".into(), json!(id_of(model, object)));
    input.entry("label").or_insert(json!("A label"));
    create_field(model, &FieldDraft::parse(&input).unwrap(), NOW)
}

/// The codes of a refusal as `entity CODE`, or the error without a report.
fn codes(outcome: &Result<ModelChange, Refusal>) -> Vec<String> {
    match outcome {
        Ok(_) => Vec::new(),
        Err(Refusal::Report(report)) => report
            .failures
            .iter()
            .flat_map(|failure| {
                failure
                    .faults
                    .iter()
                    .map(|fault| format!("{} {}", failure.entity.as_str(), fault.code.as_str()))
            })
            .collect(),
        Err(other) => vec![format!("{other:?}")],
    }
}

#[test]
fn an_object_is_born_with_thirteen_fields_and_four_relations() {
    let before = standard_model();
    let after = with_vessel();
    assert_eq!(after.version(), before.version() + 1);
    let vessel = after.by_singular("vessel").unwrap();
    let names: Vec<&str> = vessel.fields.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "name",
            "id",
            "createdAt",
            "updatedAt",
            "deletedAt",
            "createdBy",
            "updatedBy",
            "position",
            "searchVector",
            "timelineActivities",
            "attachments",
            "noteTargets",
            "taskTargets",
        ]
    );
    assert_eq!(vessel.label_identifier, vessel.fields["name"].id);
    assert_eq!(vessel.indexes.len(), 1, "only the search index");
    for target in ["noteTarget", "taskTarget", "attachment", "timelineActivity"] {
        let target = after.by_singular(target).unwrap();
        let points = &target.fields["targetVessel"];
        let group = points.relation.as_ref().unwrap().morph.clone().unwrap();
        let of_company = target.fields["targetCompany"].relation.as_ref().unwrap().morph.clone().unwrap();
        assert_eq!(group, of_company, "{}", target.name_singular);
        assert_eq!(points.label, "Vessel");
        assert_eq!(after.opposite(points).unwrap().field.name, target.name_plural);
        assert!(target.indexes.iter().any(|index| target.index_columns(index) == ["targetVesselId"]));
    }
    // What did not change is shared, not copied.
    let untouched = |model: &DataModel| Arc::clone(model.by_singular("company").unwrap());
    assert!(Arc::ptr_eq(&untouched(&after), after.by_singular("company").unwrap()));
}

#[test]
fn without_a_name_field_the_id_names_records() {
    let mut input = members(object_members("vessel", "vessels"));
    input.insert("skipNameField".into(), json!(true));
    let change = new_object(&standard_model(), Json::Object(input)).unwrap();
    let vessel = change.after.object(change.subject).unwrap();
    assert_eq!(vessel.fields.len(), 12);
    assert_eq!(vessel.label_identifier, vessel.fields["id"].id);
}

#[test]
fn objects_that_break_rules_are_refused() {
    let model = with_vessel();
    let long = "b".repeat(64);
    let with = |name: &str, value: Json| {
        let mut input = members(object_members("crate", "crates"));
        input.insert(name.into(), value);
        Json::Object(input)
    };
    for (input, expected) in [
        (object_members("crate", "crates"), vec![]),
        (object_members("two words", "crates"), vec!["objectMetadata INVALID_OBJECT_INPUT"]),
        (object_members("Crate", "crates"), vec!["objectMetadata INVALID_OBJECT_INPUT"]),
        (with("nameSingular", json!(long)), vec!["objectMetadata INVALID_OBJECT_INPUT"]),
        (object_members("workspace", "crates"), vec!["objectMetadata INVALID_OBJECT_INPUT"]),
        (object_members("crate", "Crate"), vec!["objectMetadata INVALID_OBJECT_INPUT"; 2]),
        (object_members("crate", "crate"), vec!["objectMetadata INVALID_OBJECT_INPUT"]),
        (object_members("vessel", "crates"), vec!["objectMetadata OBJECT_ALREADY_EXISTS"]),
        (object_members("crate", "vessels"), vec!["objectMetadata OBJECT_ALREADY_EXISTS"]),
        (object_members("vessels", "crates"), vec!["objectMetadata OBJECT_ALREADY_EXISTS"]),
        (object_members("notetarget", "crates"), vec!["objectMetadata OBJECT_ALREADY_EXISTS"]),
        (object_members("vesselEdge", "crates"), vec!["objectMetadata INVALID_OBJECT_INPUT"]),
        (object_members("searchResult", "crates"), vec!["objectMetadata INVALID_OBJECT_INPUT"]),
        (object_members("fullName", "crates"), vec![]),
        (object_members("pageInfo", "crates"), vec![]),
        (object_members("opportunityStageEnum", "crates"), vec!["objectMetadata INVALID_OBJECT_INPUT"]),
        (with("labelPlural", json!("  ")), vec!["objectMetadata INVALID_OBJECT_INPUT"]),
        (with("labelSingular", json!("x".repeat(64))), vec!["objectMetadata INVALID_OBJECT_INPUT"]),
        (with("isRemote", json!(true)), vec!["objectMetadata INVALID_OBJECT_INPUT"]),
        (with("isLabelSyncedWithName", json!(true)), vec![]),
        (with("isLabelSyncedWithName", json!(false)), vec![]),
    ] {
        assert_eq!(codes(&new_object(&model, input.clone())), expected, "{input}");
    }
    let mut out_of_step = members(with("isLabelSyncedWithName", json!(true)));
    out_of_step.insert("labelSingular".into(), json!("Box"));
    let outcome = new_object(&model, Json::Object(out_of_step));
    assert_eq!(codes(&outcome), ["objectMetadata INVALID_OBJECT_INPUT"]);
}

#[test]
fn fields_that_break_rules_are_refused() {
    let model = with_vessel();
    let model = new_field(&model, "vessel", json!({"type": "LINKS", "name": "homePort"})).unwrap().after;
    let text = |name: &str| json!({"type": "TEXT", "name": name});
    let typed = |field_type: &str, more: Json| {
        let mut input = members(json!({"type": field_type, "name": "extra"}));
        input.extend(members(more));
        Json::Object(input)
    };
    let option = json!({"value": "A", "label": "A", "position": 0});
    for (input, expected) in [
        (text("extra"), vec![]),
        (text("name"), vec!["fieldMetadata NOT_AVAILABLE"]),
        (text("NAME"), vec!["fieldMetadata INVALID_FIELD_INPUT"]),
        (text("createdat"), vec!["fieldMetadata NOT_AVAILABLE"]),
        (text("type"), vec!["fieldMetadata INVALID_FIELD_INPUT"]),
        (text("two words"), vec!["fieldMetadata INVALID_FIELD_INPUT"]),
        (text("homePortPrimaryLinkUrl"), vec!["fieldMetadata RESERVED_KEYWORD"]),
        (text("createdBySource"), vec!["fieldMetadata RESERVED_KEYWORD"]),
        (typed("SELECT", json!({})), vec!["fieldMetadata INVALID_FIELD_INPUT"]),
        (typed("SELECT", json!({"options": [option, option]})), vec!["fieldMetadata INVALID_FIELD_INPUT"; 2]),
        (typed("NUMERIC", json!({})), vec!["fieldMetadata INVALID_FIELD_INPUT"]),
        (typed("POSITION", json!({})), vec!["fieldMetadata INVALID_FIELD_INPUT"]),
        (typed("TS_VECTOR", json!({})), vec!["fieldMetadata INVALID_FIELD_INPUT"]),
        (typed("TEXT", json!({"isRemoteCreation": true})), vec!["fieldMetadata INVALID_FIELD_INPUT"]),
        (
            typed("TEXT", json!({"label": "Other", "isLabelSyncedWithName": true})),
            vec!["fieldMetadata NAME_NOT_SYNCED_WITH_LABEL"],
        ),
        (typed("TEXT", json!({"label": "Extra", "isLabelSyncedWithName": true})), vec![]),
        (typed("FILES", json!({})), vec!["fieldMetadata INVALID_FIELD_INPUT"]),
        (
            typed("FILES", json!({"settings": {"maxNumberOfValues": 61}})),
            vec!["fieldMetadata INVALID_FIELD_INPUT"],
        ),
        (typed("FILES", json!({"settings": {"maxNumberOfValues": 3}})), vec![]),
        (typed("TEXT", json!({"isUnique": true})), vec![]),
        (typed("EMAILS", json!({"isUnique": true})), vec![]),
        (typed("FULL_NAME", json!({"isUnique": true})), vec!["index INDEX_FIELD_INVALID_TYPE_FOR_UNIQUE"]),
        (typed("RATING", json!({})), vec![]),
    ] {
        assert_eq!(codes(&new_field(&model, "vessel", input.clone())), expected, "{input}");
    }
    let unknown = json!({"objectMetadataId": Uuid::nil(), "type": "TEXT", "name": "extra", "label": "Extra"});
    let outcome = create_field(&model, &FieldDraft::parse(&members(unknown)).unwrap(), NOW);
    assert_eq!(codes(&outcome), ["fieldMetadata OBJECT_METADATA_NOT_FOUND"]);
}

#[test]
fn defaults_are_checked_by_their_type() {
    let model = with_vessel();
    let option = json!({"value": "A", "label": "A", "position": 0});
    for (field_type, default, unique, expected) in [
        ("TEXT", json!("'draft'"), false, vec![]),
        ("TEXT", json!("draft"), false, vec!["fieldMetadata INVALID_FIELD_INPUT"]),
        ("TEXT", json!("'draft'"), true, vec!["index INDEX_FIELD_INVALID_DEFAULT_VALUE"]),
        ("UUID", json!("uuid"), false, vec![]),
        ("DATE_TIME", json!("now"), false, vec![]),
        ("SELECT", json!("'A'"), false, vec![]),
        ("SELECT", json!("'B'"), false, vec!["fieldMetadata INVALID_FIELD_INPUT"]),
        ("MULTI_SELECT", json!([]), false, vec!["fieldMetadata INVALID_FIELD_INPUT"]),
        ("CURRENCY", json!({"amountMicros": "'1500000'", "currencyCode": "'EUR'"}), false, vec![]),
        (
            "PHONES",
            json!({"primaryPhoneCountryCode": "'FR'", "primaryPhoneCallingCode": "'+33'"}),
            true,
            vec![],
        ),
    ] {
        let input = json!({
            "type": field_type, "name": "extra", "defaultValue": default, "isUnique": unique, "options": [option],
        });
        assert_eq!(codes(&new_field(&model, "vessel", input.clone())), expected, "{input}");
    }
    let input =
        json!({"type": "FULL_NAME", "name": "extra", "defaultValue": {"firstName": "''", "lastName": ""}});
    let change = new_field(&model, "vessel", input).unwrap();
    assert_eq!(change.after.field(change.subject).unwrap().field.default_value, Json::Null);
    let change = new_field(&model, "vessel", json!({"type": "ACTOR", "name": "extra"})).unwrap();
    assert_eq!(change.after.field(change.subject).unwrap().field.default_value["source"], json!("'MANUAL'"));
}

fn target(model: &DataModel, kind: &str, object: &str, label: &str) -> Json {
    json!({
        "type": kind, "targetObjectMetadataId": id_of(model, object), "targetFieldLabel": label,
        "targetFieldIcon": "IconShip",
    })
}

fn relation(model: &DataModel, name: &str, payload: Json) -> Result<ModelChange, Refusal> {
    new_field(model, "vessel", json!({"type": "RELATION", "name": name, "relationCreationPayload": payload}))
}

#[test]
fn a_relation_makes_both_sides() {
    let model = with_vessel();
    for (kind, holder, column) in
        [("MANY_TO_ONE", "vessel", "homePortId"), ("ONE_TO_MANY", "company", "fleetId")]
    {
        let change = relation(&model, "homePort", target(&model, kind, "company", "Fleet")).unwrap();
        let near = change.after.field(change.subject).unwrap();
        let far = change.after.opposite(near.field).unwrap();
        assert_eq!((near.field.name.as_str(), far.field.name.as_str()), ("homePort", "fleet"), "{kind}");
        assert_eq!(near.field.settings["relationType"], kind);
        let holder = change.after.by_singular(holder).unwrap();
        let indexed = holder.indexes.iter().filter(|index| holder.index_columns(index) == [column]).count();
        assert_eq!(indexed, 1, "{kind}");
        let gone = delete_field(&change.after, far.field.id).unwrap().after;
        assert!(gone.field(change.subject).is_none() && gone.field(far.field.id).is_none(), "{kind}");
        assert_eq!(gone.by_singular("vessel").unwrap().indexes.len(), 1, "{kind}");
    }
}

#[test]
fn relations_that_break_rules_are_refused() {
    let model = with_vessel();
    let many = |object: &str, label: &str| target(&model, "MANY_TO_ONE", object, label);
    for (name, payload, expected) in [
        ("port", many("company", "Fleet"), vec![]),
        ("parent", many("vessel", "Children"), vec![]),
        ("port", json!(null), vec!["fieldMetadata INVALID_FIELD_INPUT"]),
        (
            "port",
            target(&model, "MANY", "company", "Fleet"),
            vec!["fieldMetadata FIELD_METADATA_RELATION_MALFORMED"],
        ),
        (
            "port",
            json!({"type": "MANY_TO_ONE", "targetObjectMetadataId": "x", "targetFieldLabel": "F"}),
            vec!["fieldMetadata FIELD_METADATA_RELATION_MALFORMED"],
        ),
        ("port", many("company", "  "), vec!["fieldMetadata INVALID_FIELD_INPUT"]),
        ("port", many("company", &"x".repeat(64)), vec!["fieldMetadata INVALID_FIELD_INPUT"]),
        ("port", many("company", "People"), vec!["fieldMetadata NOT_AVAILABLE"]),
        ("port", many("company", "Account Owner Id"), vec!["fieldMetadata NOT_AVAILABLE"]),
        ("name", many("company", "Fleet"), vec!["fieldMetadata NOT_AVAILABLE"]),
        ("fleet", many("vessel", "Fleet"), vec!["fieldMetadata NOT_AVAILABLE"]),
        ("fleet", many("vessel", "Fleet id"), vec!["fieldMetadata FIELD_METADATA_RELATION_MALFORMED"]),
    ] {
        assert_eq!(codes(&relation(&model, name, payload.clone())), expected, "{name} {payload}");
    }
    let with_id = new_field(&model, "vessel", json!({"type": "TEXT", "name": "portId"})).unwrap().after;
    let outcome = relation(&with_id, "port", target(&with_id, "MANY_TO_ONE", "company", "Fleet"));
    assert_eq!(codes(&outcome), ["fieldMetadata NOT_AVAILABLE"]);
}

fn morph(model: &DataModel, payload: Json) -> Result<ModelChange, Refusal> {
    let input = json!({"type": "MORPH_RELATION", "name": "owner", "morphRelationsCreationPayload": payload});
    new_field(model, "vessel", input)
}

#[test]
fn a_morph_relation_has_a_row_for_each_target() {
    let model = with_vessel();
    for (kind, rows) in
        [("MANY_TO_ONE", ["ownerPerson", "ownerCompany"]), ("ONE_TO_MANY", ["ownerPeople", "ownerCompanies"])]
    {
        let targets =
            json!([target(&model, kind, "person", "Fleet"), target(&model, kind, "company", "Fleet")]);
        let change = morph(&model, targets).unwrap();
        let first = change.after.field(change.subject).unwrap();
        let group = first.field.relation.as_ref().unwrap().morph.as_ref().unwrap().id;
        let names: Vec<&str> = first.object.morph_fields(group).map(|row| row.name.as_str()).collect();
        assert_eq!(names, rows, "{kind}");
        for target in ["person", "company"] {
            let far = &change.after.by_singular(target).unwrap().fields["fleet"];
            let gone = delete_field(&change.after, far.id).unwrap().after;
            assert!(gone.by_singular("vessel").unwrap().fields.keys().all(|name| !name.starts_with("owner")));
            assert!(gone.by_singular("person").unwrap().fields.get("fleet").is_none());
        }
        let gone = delete_field(&change.after, change.subject).unwrap().after;
        assert_eq!(gone.by_singular("company").unwrap().fields.len(), 20, "{kind}");
    }
}

#[test]
fn morph_relations_that_break_rules_are_refused() {
    let model = with_vessel();
    let person = target(&model, "MANY_TO_ONE", "person", "Fleet");
    let company = target(&model, "ONE_TO_MANY", "company", "Fleet");
    for (payload, expected) in [
        (json!(null), "fieldMetadata INVALID_FIELD_INPUT"),
        (json!([]), "fieldMetadata FIELD_METADATA_RELATION_MALFORMED"),
        (json!("x"), "fieldMetadata FIELD_METADATA_RELATION_MALFORMED"),
        (json!(["x"]), "fieldMetadata FIELD_METADATA_RELATION_MALFORMED"),
        (json!([person, company]), "fieldMetadata FIELD_METADATA_RELATION_MALFORMED"),
        (json!([person, person]), "fieldMetadata FIELD_METADATA_RELATION_MALFORMED"),
        (json!([target(&model, "MANY_TO_ONE", "vessel", "Fleet")]), "fieldMetadata INVALID_FIELD_INPUT"),
        (json!([target(&model, "MANY_TO_ONE", "person", "Company")]), "fieldMetadata NOT_AVAILABLE"),
    ] {
        assert_eq!(codes(&morph(&model, payload.clone())), [expected], "{payload}");
    }
}

#[test]
fn what_belongs_to_the_server_cannot_be_deleted() {
    let model = with_vessel();
    let field = |object: &str, name: &str| model.by_singular(object).unwrap().fields[name].id;
    for (object, name) in [
        ("company", "name"),
        ("vessel", "createdAt"),
        ("vessel", "noteTargets"),
        ("noteTarget", "targetVessel"),
    ] {
        let outcome = delete_field(&model, field(object, name));
        assert_eq!(codes(&outcome), [format!("FieldBelongsToServer({name:?})")], "{object}.{name}");
    }
    let outcome = delete_field(&model, field("vessel", "name"));
    assert_eq!(codes(&outcome), ["fieldMetadata FIELD_MUTATION_NOT_ALLOWED"]);
    let outcome = delete_object(&model, id_of(&model, "company"));
    assert_eq!(codes(&outcome), ["objectMetadata INVALID_OBJECT_INPUT"]);
    assert_eq!(delete_object(&model, Uuid::nil()).unwrap_err(), Refusal::UnknownObject(Uuid::nil()));
    assert_eq!(delete_field(&model, Uuid::nil()).unwrap_err(), Refusal::UnknownField(Uuid::nil()));
}

#[test]
fn deleting_an_object_leaves_the_model_as_it_was() {
    let before = standard_model();
    let created = new_object(&before, object_members("vessel", "vessels")).unwrap();
    let related =
        relation(&created.after, "port", target(&created.after, "MANY_TO_ONE", "company", "Fleet")).unwrap();
    let after = delete_object(&related.after, created.subject).unwrap().after;
    assert_eq!(after.version(), before.version() + 3);
    let plain =
        |model: &DataModel| model.objects().iter().map(|object| (**object).clone()).collect::<Vec<_>>();
    assert_eq!(plain(&after), plain(&before));
}
