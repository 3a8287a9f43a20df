//! A small model for tests: companies, people and deals, notes about them, and orchards.

use std::sync::Arc;

use fourfold_model::{
    DataModel, Field, FieldType, Index, IndexField, IndexType, Morph, Object, OnDelete, Owner, Relation,
    RelationKind, SelectOption, inflection,
};
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// Company, person, opportunity, note target, member and orchard.
pub(crate) fn model() -> DataModel {
    model_of(objects())
}

/// A model of these objects, in version 1.
pub(crate) fn model_of(objects: Vec<Object>) -> DataModel {
    DataModel::new(1, objects.into_iter().map(Arc::new).collect())
}

/// The objects of [`model`], to add to.
pub(crate) fn objects() -> Vec<Object> {
    let mut company = object("company", "companies");
    company.duplicate_criteria = Some(vec![vec!["name".into()], vec!["domainNamePrimaryLinkUrl".into()]]);
    add(&mut company, "name", FieldType::Text);
    add(&mut company, "domainName", FieldType::Links);
    add(&mut company, "address", FieldType::Address);
    add(&mut company, "linkedinLink", FieldType::Links);
    add(&mut company, "annualRevenue", FieldType::Currency);
    make_unique(&mut company, "domainName");

    let mut person = object("person", "people");
    person.duplicate_criteria = Some(vec![vec!["nameFirstName".into(), "nameLastName".into()]]);
    add(&mut person, "name", FieldType::FullName);
    add(&mut person, "emails", FieldType::Emails);
    add(&mut person, "linkedinLink", FieldType::Links);
    add(&mut person, "jobTitle", FieldType::Text);
    add(&mut person, "phones", FieldType::Phones);
    add(&mut person, "avatarUrl", FieldType::Text).is_system = true;
    add(&mut person, "avatarFile", FieldType::Files).is_system = true;
    make_unique(&mut person, "emails");

    let mut opportunity = object("opportunity", "opportunities");
    add(&mut opportunity, "name", FieldType::Text);
    add(&mut opportunity, "amount", FieldType::Currency);
    add(&mut opportunity, "closeDate", FieldType::DateTime);
    let stage = add(&mut opportunity, "stage", FieldType::Select);
    stage.is_nullable = false;
    stage.default_value = json!("'NEW'");
    stage.options = options(&["NEW", "SCREENING", "MEETING", "PROPOSAL", "CUSTOMER"]);

    let mut member = object("workspaceMember", "workspaceMembers");
    add(&mut member, "name", FieldType::FullName);
    let mut note_target = object("noteTarget", "noteTargets");
    let mut orchard = orchard();

    relate(&mut person, "company", &mut company, "people");
    relate(&mut opportunity, "company", &mut company, "opportunities");
    relate(&mut opportunity, "pointOfContact", &mut person, "pointOfContactForOpportunities");
    relate(&mut company, "accountOwner", &mut member, "accountOwnerForCompanies");
    relate(&mut opportunity, "owner", &mut member, "ownedOpportunities");
    relate(&mut orchard, "owner", &mut company, "orchards");
    for target in [&mut company, &mut person, &mut opportunity] {
        let name = inflection::morph_field("target", &target.name_singular);
        relate(&mut note_target, &name, target, "noteTargets");
        let field = note_target.fields.get_mut(&name).expect("just added");
        field.field_type = FieldType::MorphRelation;
        let morph = Morph { id: id("noteTarget.target"), name: "target".into() };
        field.relation.as_mut().expect("just added").morph = Some(morph);
    }
    vec![company, person, opportunity, member, note_target, orchard]
}

/// An object with a field of every kind that the standard objects above lack.
fn orchard() -> Object {
    let mut orchard = object("orchard", "orchards");
    orchard.owner = Owner::Workspace;
    orchard.description = Some("Where the \"apples\" grow.".into());
    add(&mut orchard, "name", FieldType::Text).description = Some("What people\ncall it.".into());
    add(&mut orchard, "soil", FieldType::Select).options = options(&["CLAY", "LOAM"]);
    add(&mut orchard, "fruits", FieldType::MultiSelect).options = options(&["APPLE", "2ND_CHOICE"]);
    add(&mut orchard, "quality", FieldType::Rating).options = options(&["RATING_1", "RATING_2"]);
    add(&mut orchard, "trees", FieldType::Number).settings = json!({ "dataType": "int" });
    add(&mut orchard, "leaves", FieldType::Number).settings = json!({ "dataType": "bigint" });
    add(&mut orchard, "slope", FieldType::Number);
    add(&mut orchard, "yearlyYield", FieldType::Currency);
    add(&mut orchard, "isFenced", FieldType::Boolean);
    add(&mut orchard, "planted", FieldType::Date);
    add(&mut orchard, "code", FieldType::Uuid).is_nullable = false;
    let nicknames = add(&mut orchard, "nicknames", FieldType::Array);
    nicknames.is_nullable = false;
    nicknames.default_value = json!([]);
    add(&mut orchard, "survey", FieldType::RawJson);
    add(&mut orchard, "story", FieldType::RichText);
    make_unique(&mut orchard, "code");
    orchard
}

/// An object with the fields that every object has.
pub(crate) fn object(singular: &str, plural: &str) -> Object {
    let mut object = Object {
        id: id(singular),
        universal_id: id(singular),
        name_singular: singular.into(),
        name_plural: plural.into(),
        label_singular: inflection::capitalise(singular),
        label_plural: inflection::capitalise(plural),
        description: None,
        icon: None,
        color: None,
        shortcut: None,
        owner: Owner::Standard,
        is_active: true,
        is_system: false,
        is_searchable: true,
        is_ui_editable: true,
        is_ui_creatable: true,
        is_label_synced_with_name: true,
        overrides: serde_json::Map::new(),
        open_record_in: "USER_CHOICE".into(),
        label_identifier: id(&format!("{singular}.id")),
        image_identifier: None,
        search_fields: Vec::new(),
        duplicate_criteria: None,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        fields: Default::default(),
        indexes: Vec::new(),
    };
    let manual = json!({ "source": "'MANUAL'", "name": "'System'", "workspaceMemberId": null });
    for (name, field_type, default) in [
        ("id", FieldType::Uuid, json!("uuid")),
        ("createdAt", FieldType::DateTime, json!("now")),
        ("updatedAt", FieldType::DateTime, json!("now")),
        ("deletedAt", FieldType::DateTime, Json::Null),
        ("createdBy", FieldType::Actor, manual.clone()),
        ("updatedBy", FieldType::Actor, manual),
        ("position", FieldType::Position, json!(0)),
        ("searchVector", FieldType::TsVector, Json::Null),
    ] {
        let field = add(&mut object, name, field_type);
        field.is_system = true;
        field.is_nullable = default.is_null();
        field.default_value = default;
    }
    object
}

/// Adds a field that may be empty.
pub(crate) fn add<'a>(object: &'a mut Object, name: &str, field_type: FieldType) -> &'a mut Field {
    let field = Field {
        id: id(&format!("{}.{name}", object.name_singular)),
        universal_id: id(&format!("{}.{name}", object.name_singular)),
        name: name.into(),
        label: inflection::capitalise(name),
        description: None,
        icon: None,
        field_type,
        owner: object.owner,
        is_active: true,
        is_system: false,
        is_ui_editable: true,
        is_nullable: true,
        is_label_synced_with_name: true,
        overrides: serde_json::Map::new(),
        default_value: Json::Null,
        options: Vec::new(),
        settings: Json::Null,
        relation: None,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    };
    object.fields.entry(name.into()).or_insert(field)
}

/// Adds `many.name` and, on the other side, `one.inverse`.
pub(crate) fn relate(many: &mut Object, name: &str, one: &mut Object, inverse: &str) {
    add(many, name, FieldType::Relation).relation = Some(Relation {
        kind: RelationKind::ManyToOne { on_delete: OnDelete::SetNull },
        target_object: one.id,
        target_field: id(&format!("{}.{inverse}", one.name_singular)),
        morph: None,
    });
    add(one, inverse, FieldType::Relation).relation = Some(Relation {
        kind: RelationKind::OneToMany,
        target_object: many.id,
        target_field: id(&format!("{}.{name}", many.name_singular)),
        morph: None,
    });
}

fn make_unique(object: &mut Object, field: &str) {
    let entry = IndexField { field: object.fields[field].id, sub_field: None };
    object.indexes.push(Index {
        id: id(&format!("{}.{field} unique", object.name_singular)),
        name: format!("IDX_UNIQUE_{field}"),
        fields: vec![entry],
        is_unique: true,
        live_only: false,
        index_type: IndexType::Btree,
        is_custom: false,
        created_at: Timestamp::UNIX_EPOCH,
    });
}

fn options(values: &[&str]) -> Vec<SelectOption> {
    let option = |(place, value): (usize, &&str)| SelectOption {
        id: id(value),
        value: (*value).into(),
        label: inflection::capitalise(&value.to_lowercase()),
        position: place as f64,
        color: None,
    };
    values.iter().enumerate().map(option).collect()
}

fn id(name: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}
