//! What is read: the record type of an object, its edges and its connections.

use fourfold_model::inflection::{self, TypeRole, type_for};

use super::member::{Member, Shape, has_enum, is_date};
use super::writer::{Kind, Members, SdlWriter};
use super::{ObjectTypes, composites};

/// The arguments of a list of records of type `record_type`.
pub(super) fn list_arguments(record_type: &str) -> String {
    format!(
        "first: Int, last: Int, offset: Int, before: String, after: String, filter: {}, orderBy: [{}]",
        type_for(record_type, TypeRole::FilterInput),
        type_for(record_type, TypeRole::OrderByInput),
    )
}

/// Writes the record type, its enums, its edge and its connections.
pub(super) fn write(sdl: &mut SdlWriter, types: &ObjectTypes<'_>) {
    let object = types.object;
    let description = object.description.as_deref().unwrap_or(&object.label_singular);
    sdl.define(Kind::Type, types.name, description, |members| {
        for member in &types.members {
            write_member(members, member);
        }
    });
    write_enums(sdl, types);
    write_edge(sdl, types);
    for role in [TypeRole::Connection, TypeRole::GroupByConnection] {
        write_connection(sdl, types, role);
    }
}

fn write_member(members: &mut Members<'_>, member: &Member<'_>) {
    let field = member.field;
    let description = field.description.as_deref().unwrap_or(&field.label);
    let required = !field.is_nullable;
    match &member.shape {
        Shape::Leaf(leaf) => members.add_described(description, &field.name, leaf.output_type(required)),
        Shape::Composite(name) => {
            let mark = if required { "!" } else { "" };
            members.add_described(description, &field.name, format_args!("{name}{mark}"));
        }
        Shape::ToOne(target) => {
            let id = format!("{}: the id of the record.", field.label);
            members.add_described(&id, inflection::join_column(field), "ID");
            if let Some(target) = target {
                members.add_described(description, &field.name, target);
            }
        }
        Shape::ToMany(Some(target)) => members.add_with_arguments(
            description,
            &field.name,
            &list_arguments(target),
            type_for(target, TypeRole::Connection),
        ),
        Shape::ToMany(None) => {}
    }
}

fn write_enums(sdl: &mut SdlWriter, types: &ObjectTypes<'_>) {
    for field in types.members.iter().map(|member| member.field).filter(|field| has_enum(field)) {
        let name = inflection::enum_of(types.name, &field.name);
        let options = field.options.iter();
        composites::write_enum(sdl, &name, &field.label, || {
            options.map(|option| (option.label.clone(), inflection::enum_value(&option.value)))
        });
    }
}

fn write_edge(sdl: &mut SdlWriter, types: &ObjectTypes<'_>) {
    let name = type_for(types.name, TypeRole::Edge);
    sdl.define(Kind::Type, &name, "A record in a list, and its place there.", |members| {
        members.add("node", format_args!("{}!", types.name));
        members.add("cursor", "Cursor!");
    });
}

fn write_connection(sdl: &mut SdlWriter, types: &ObjectTypes<'_>, role: TypeRole) {
    let name = type_for(types.name, role);
    let of_group = role == TypeRole::GroupByConnection;
    let description = if of_group { "A group of records." } else { "A page of a list of records." };
    sdl.define(Kind::Type, &name, description, |members| {
        let records = "How many records match, on all pages together.";
        members.add_described(records, inflection::TOTAL_COUNT, "Int");
        members.add("edges", format_args!("[{}!]!", type_for(types.name, TypeRole::Edge)));
        members.add("pageInfo", "PageInfo!");
        if of_group {
            let values = "What the records of the group have in common, in the order of `groupBy`.";
            members.add_described(values, "groupByDimensionValues", "JSON!");
        }
        types.members.iter().for_each(|member| write_aggregates(members, member));
    });
}

fn write_aggregates(members: &mut Members<'_>, member: &Member<'_>) {
    use fourfold_model::Aggregate::{
        Avg, CountEmpty, CountFalse, CountNotEmpty, CountTrue, CountUniqueValues, Max, Min, PercentageEmpty,
        PercentageNotEmpty, Sum,
    };
    for aggregate in member.field.aggregates() {
        let type_name = match aggregate {
            CountUniqueValues | CountEmpty | CountNotEmpty | CountTrue | CountFalse => "Int",
            PercentageEmpty | PercentageNotEmpty | Sum | Avg => "Float",
            Min | Max if is_date(member.field) => "DateTime",
            Min | Max => "Float",
        };
        members.add(inflection::aggregate(aggregate, member.field), type_name);
    }
}
