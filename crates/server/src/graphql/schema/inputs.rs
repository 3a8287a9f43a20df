//! What is written: the inputs that create, update and connect records.

use std::collections::BTreeMap;

use fourfold_model::inflection::{self, TypeRole, type_for};
use fourfold_model::{Field, IndexField, Part};

use super::ObjectTypes;
use super::member::{Leaf, Member, Shape, part_leaf};
use super::writer::{Kind, Members, SdlWriter};

/// Writes all inputs about writing records of one object.
pub(super) fn write(sdl: &mut SdlWriter, types: &ObjectTypes<'_>) {
    let label = &types.object.label_singular;
    write_data(sdl, types, TypeRole::CreateInput, &format!("{label}: the values of a new record."));
    write_data(sdl, types, TypeRole::UpdateInput, &format!("{label}: the values to change."));
    write_relation(sdl, types);
    write_where_unique(sdl, types);
}

fn write_data(sdl: &mut SdlWriter, types: &ObjectTypes<'_>, role: TypeRole, description: &str) {
    sdl.define(Kind::Input, &type_for(types.name, role), description, |members| {
        for member in &types.members {
            write_value(members, member, role);
        }
    });
}

fn write_value(members: &mut Members<'_>, member: &Member<'_>, role: TypeRole) {
    let field = member.field;
    let required = role == TypeRole::CreateInput && !field.is_nullable && field.default_value.is_null();
    match &member.shape {
        Shape::Leaf(leaf) => members.add(&field.name, input_type(leaf, field, required)),
        Shape::Composite(name) => {
            let mark = if required { "!" } else { "" };
            members.add(&field.name, format_args!("{}{mark}", type_for(name, role)));
        }
        // Either of the two will do, so none of them can be required.
        Shape::ToOne(target) => {
            members.add(inflection::join_column(field), "ID");
            if let Some(target) = target {
                members.add(&field.name, type_for(target, TypeRole::RelationInput));
            }
        }
        Shape::ToMany(_) => {}
    }
}

/// The type of a value to write; the id of the record itself is an `ID`.
fn input_type(leaf: &Leaf, field: &Field, required: bool) -> String {
    if field.name == "id" { "ID".into() } else { leaf.input_type(required) }
}

fn write_relation(sdl: &mut SdlWriter, types: &ObjectTypes<'_>) {
    let label = &types.object.label_singular;
    let relation = type_for(types.name, TypeRole::RelationInput);
    let connect = type_for(types.name, TypeRole::ConnectInput);
    let description = format!("{label}: which record to relate to.");
    sdl.define(Kind::Input, &relation, &description, |members| {
        members.add("connect", &connect);
        members.add_described("Ends the relation.", "disconnect", "Boolean");
    });
    sdl.define(Kind::Input, &connect, "The record to relate to.", |members| {
        members.add("where", type_for(types.name, TypeRole::WhereUniqueInput));
    });
}

/// Writes the input that finds one record by a unique value, and an input for each composite that
/// takes part in a unique index.
fn write_where_unique(sdl: &mut SdlWriter, types: &ObjectTypes<'_>) {
    let unique = unique_parts(types);
    let name = type_for(types.name, TypeRole::WhereUniqueInput);
    sdl.define(Kind::Input, &name, "A unique value to find a record by.", |members| {
        members.add("id", "ID");
        for place in unique.keys() {
            let member = &types.members[*place];
            write_unique(members, member, types.name);
        }
    });
    for (place, parts) in &unique {
        let Member { field, shape: Shape::Composite(composite) } = &types.members[*place] else { continue };
        let name = inflection::where_input(types.name, field);
        sdl.define(Kind::Input, &name, "The unique parts of a value.", |members| {
            for part in parts {
                members.add(part.name, part_leaf(part, composite, part.name).input_type(false));
            }
        });
    }
}

fn write_unique(members: &mut Members<'_>, member: &Member<'_>, record_type: &str) {
    let field = member.field;
    match &member.shape {
        Shape::Leaf(leaf) => members.add(&field.name, input_type(leaf, field, false)),
        Shape::Composite(_) => members.add(&field.name, inflection::where_input(record_type, field)),
        Shape::ToOne(_) => members.add(inflection::join_column(field), "ID"),
        Shape::ToMany(_) => {}
    }
}

/// The fields of all unique indexes by their place in the object, with the parts that count.
fn unique_parts(types: &ObjectTypes<'_>) -> BTreeMap<usize, Vec<&'static Part>> {
    let mut unique: BTreeMap<usize, Vec<&'static Part>> = BTreeMap::new();
    let indexes = types.object.indexes.iter().filter(|index| index.is_unique);
    for entry in indexes.flat_map(|index| &index.fields) {
        let Some(place) = types.members.iter().position(|member| member.field.id == entry.field) else {
            continue;
        };
        let covered = unique.entry(place).or_default();
        for part in covered_parts(types.members[place].field, entry) {
            if covered.iter().all(|known| known.name != part.name) {
                covered.push(part);
            }
        }
    }
    unique.retain(|_, parts| !parts.is_empty());
    unique
}

fn covered_parts(field: &Field, entry: &IndexField) -> impl Iterator<Item = &'static Part> {
    let spec = field.field_type.spec();
    let sub_field = entry.sub_field.clone();
    spec.parts.iter().filter(move |part| match &sub_field {
        Some(sub_field) => part.name == sub_field,
        None => !spec.is_composite() || part.in_unique_key,
    })
}
