//! The schema against the shape that existing clients were written for, as
//! `tests/reference/core.graphql` holds it for companies, people and opportunities.

use std::collections::BTreeSet;

use apollo_compiler::Schema;
use apollo_compiler::schema::{ExtendedType, FieldDefinition, InputValueDefinition};
use fourfold_model::DataModel;
use jiff::Timestamp;

use super::{sample, sdl};

const REFERENCE: &str = include_str!("../../../tests/reference/core.graphql");

/// What a new workspace has.
fn standard_model() -> DataModel {
    sample::model_of(fourfold_model::standard::objects(Timestamp::UNIX_EPOCH))
}

#[test]
fn the_whole_schema_has_all_of_the_reference() {
    let ours = facts(&sdl(&standard_model()));
    let missing: Vec<_> = facts(REFERENCE).difference(&ours).cloned().collect();
    assert_eq!(missing, Vec::<String>::new());
}

/// The reference lacks the objects that it was cut from, so members that lead to them do not count.
#[test]
fn the_types_of_the_reference_have_nothing_that_it_lacks() {
    let known = parsed(REFERENCE);
    let mut ours = parsed(&sdl(&standard_model()));
    ours.types.retain(|name, _| known.types.contains_key(name));
    for definition in ours.types.values_mut() {
        match definition {
            ExtendedType::Object(own) => {
                let leads_to_known =
                    |field: &FieldDefinition| known.types.contains_key(field.ty.inner_named_type());
                own.make_mut().fields.retain(|_, field| leads_to_known(field));
            }
            ExtendedType::InputObject(own) => {
                let leads_to_known =
                    |field: &InputValueDefinition| known.types.contains_key(field.ty.inner_named_type());
                own.make_mut().fields.retain(|_, field| leads_to_known(field));
            }
            ExtendedType::Scalar(_) | ExtendedType::Enum(_) => {}
            ExtendedType::Interface(_) | ExtendedType::Union(_) => panic!("neither is generated"),
        }
    }
    let surplus: Vec<_> = facts_of(&ours).difference(&facts_of(&known)).cloned().collect();
    assert_eq!(surplus, Vec::<String>::new());
}

/// A schema as lines that do not depend on order: `Person input`, `Person.name String`,
/// `Query.people(first) Int`, `FilterIs.NULL`.
fn facts(sdl: &str) -> BTreeSet<String> {
    facts_of(&parsed(sdl))
}

fn parsed(sdl: &str) -> Schema {
    Schema::parse_and_validate(sdl, "schema.graphql").expect("a valid schema").into_inner()
}

fn facts_of(schema: &Schema) -> BTreeSet<String> {
    let mut facts = BTreeSet::new();
    for (name, definition) in schema.types.iter().filter(|(_, definition)| !definition.is_built_in()) {
        match definition {
            ExtendedType::Scalar(_) => facts.extend([format!("{name} scalar")]),
            ExtendedType::Enum(definition) => {
                facts.insert(format!("{name} enum"));
                facts.extend(definition.values.keys().map(|value| format!("{name}.{value}")));
            }
            ExtendedType::InputObject(definition) => {
                facts.insert(format!("{name} input"));
                facts.extend(
                    definition.fields.values().map(|field| format!("{name}.{} {}", field.name, field.ty)),
                );
            }
            ExtendedType::Object(definition) => {
                facts.insert(format!("{name} type"));
                for field in definition.fields.values() {
                    facts.insert(format!("{name}.{} {}", field.name, field.ty));
                    let argument = |argument: &InputValueDefinition| {
                        format!("{name}.{}({}) {}", field.name, argument.name, argument.ty)
                    };
                    facts.extend(field.arguments.iter().map(|node| argument(node)));
                }
            }
            ExtendedType::Interface(_) | ExtendedType::Union(_) => panic!("{name}: neither is generated"),
        }
    }
    facts
}
