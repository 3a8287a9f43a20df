use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use apollo_compiler::Schema;
use fourfold_model::{FieldType, inflection};

use super::{sample, sdl};

/// The definitions whose names start so, in the order of the schema.
fn definitions_starting_with(sdl: &str, start: &str) -> String {
    let name = |definition: &str| {
        let line = definition.lines().find(|line| line.ends_with('{'))?;
        line.split(' ').nth(1).map(str::to_owned)
    };
    let chosen =
        sdl.split_inclusive("}\n").filter(|text| name(text).is_some_and(|name| name.starts_with(start)));
    chosen.collect()
}

#[test]
fn a_custom_object_yields_its_types() {
    insta::assert_snapshot!("custom_object", definitions_starting_with(&sdl(&sample::model()), "Orchard"));
}

#[test]
fn the_roots_are_those_of_the_operations() {
    let mut objects = sample::objects();
    objects.retain(|object| object.name_singular == "person");
    insta::assert_snapshot!(
        "roots",
        ["Query", "Mutation"]
            .map(|name| { definitions_starting_with(&sdl(&sample::model_of(objects.clone())), name) })
            .concat()
    );
}

#[test]
fn hostile_labels_and_names_leave_the_schema_valid() {
    let mut objects = sample::objects();
    for (label, description) in [
        ("\"\"\"", "ends \\"),
        ("} type Query {", "\u{0}\u{7f}\u{85}\r\n\t"),
        ("🍏 \u{2028}", "# no comment"),
    ] {
        let name = format!("label{}", objects.len());
        let mut object = sample::object(&name, &format!("{name}s"));
        object.label_singular = label.into();
        object.label_plural = label.into();
        object.description = Some(description.into());
        // Members that every filter, group order and connection has already.
        for name in ["and", "or", "not", "aggregate", "edges", "pageInfo", "totalCount", "node"] {
            let field = sample::add(&mut object, name, FieldType::Text);
            field.label = label.into();
            field.description = Some(description.into());
        }
        sample::add(&mut object, "unset", FieldType::Select);
        objects.push(object);
    }
    let sdl = sdl(&sample::model_of(objects));
    let schema = Schema::parse_and_validate(&sdl, "schema.graphql").expect("a valid schema");
    let described = schema.get_object("Label6").expect("the first hostile object");
    assert_eq!(described.description.as_ref().map(|text| text.as_str()), Some("ends \\"));
    assert_eq!(described.fields["unset"].ty.to_string(), "String");
}

#[test]
fn objects_called_like_shared_types_have_types_of_their_own() {
    for (singular, plural) in
        [("position", "positions"), ("actor", "actors"), ("iD", "ids"), ("query", "queries")]
    {
        let mut objects = sample::objects();
        objects.push(sample::object(singular, plural));
        let schema = Schema::parse_and_validate(sdl(&sample::model_of(objects)), "schema.graphql")
            .unwrap_or_else(|failed| panic!("{singular}: {}", failed.errors));
        let record_type = format!("{}Record", inflection::pascal(singular));
        assert!(schema.get_object(&record_type).is_some(), "{record_type}");
        assert!(schema.get_object("Query").expect("a root").fields.contains_key(plural), "{plural}");
    }
}

#[test]
fn an_object_whose_names_are_taken_is_left_out_with_the_relations_to_it() {
    let mut objects = sample::objects();
    let mut edge = sample::object("personEdge", "personEdges");
    sample::relate(&mut edge, "kernel", &mut objects[0], "shells");
    let mut shell = sample::object("shell", "shellList");
    sample::relate(&mut shell, "around", &mut edge, "wraps");
    objects.extend([edge, shell]);
    let schema = Schema::parse_and_validate(sdl(&sample::model_of(objects)), "schema.graphql")
        .unwrap_or_else(|failed| panic!("{}", failed.errors));
    assert!(schema.get_object("Query").is_some_and(|query| !query.fields.contains_key("personEdges")));
    assert!(schema.get_object("Company").is_some_and(|company| !company.fields.contains_key("shells")));
    let shell = schema.get_object("Shell").expect("it has no name in common");
    assert!(shell.fields.contains_key("aroundId") && !shell.fields.contains_key("around"));
}

#[test]
fn shared_type_names_are_reserved() {
    let schema = Schema::parse(sdl(&sample::model_of(vec![sample::object("shell", "shells")])), "")
        .unwrap_or_else(|failed| panic!("{}", failed.errors));
    let unreserved: BTreeSet<&str> = schema
        .types
        .iter()
        .filter(|(_, definition)| !definition.is_built_in())
        .map(|(name, _)| name.as_str())
        .filter(|name| !name.starts_with("Shell"))
        .filter(|name| !inflection::is_built_in_type(name))
        .collect();
    assert_eq!(unreserved, BTreeSet::new());
}

/// Not a benchmark: ten times the bound of what an unoptimised build needs, so that only work which
/// grows with the square of the number of objects would fail it.
#[test]
fn five_hundred_objects_are_built_in_linear_time() {
    let mut objects = sample::objects();
    for place in 0..500 {
        let mut object = sample::object(&format!("shed{place}"), &format!("sheds{place}"));
        for field in 0..10 {
            sample::add(&mut object, &format!("text{field}"), FieldType::Text);
        }
        sample::relate(&mut object, "company", &mut objects[0], &format!("sheds{place}"));
        objects.push(object);
    }
    let model = Arc::new(sample::model_of(objects));
    let started = Instant::now();
    let text = sdl(&model);
    let written = started.elapsed();
    let schema = Schema::parse_and_validate(&text, "schema.graphql").map(|schema| schema.types.len());
    eprintln!(
        "{} bytes in {written:?}, parsed and validated in {:?}",
        text.len(),
        started.elapsed() - written
    );
    assert!(schema.is_ok());
    assert!(written < Duration::from_secs(5), "{written:?}");
}
