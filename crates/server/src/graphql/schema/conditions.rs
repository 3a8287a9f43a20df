//! What narrows and orders lists: filters, orders and groups.

use fourfold_model::Field;
use fourfold_model::inflection::{self, TypeRole, type_for};

use super::ObjectTypes;
use super::member::{Member, Shape, is_date};
use super::writer::{Kind, Members, SdlWriter};

/// Writes the filter and the order of an object, and its groups.
pub(super) fn write(sdl: &mut SdlWriter, types: &ObjectTypes<'_>) {
    write_filter(sdl, types);
    write_order_by(sdl, types);
    write_group_by(sdl, types);
    write_order_by_with_group_by(sdl, types);
    write_order_by_aggregate(sdl, types);
}

fn write_filter(sdl: &mut SdlWriter, types: &ObjectTypes<'_>) {
    let name = type_for(types.name, TypeRole::FilterInput);
    let description = format!("{}: conditions that all have to hold.", types.object.label_plural);
    sdl.define(Kind::Input, &name, &description, |members| {
        members.add_described("All of these hold.", "and", format_args!("[{name}]"));
        members.add_described("At least one of these holds.", "or", format_args!("[{name}]"));
        members.add_described("This does not hold.", "not", &name);
        for Member { field, shape } in &types.members {
            match shape {
                Shape::Leaf(leaf) => members.add(&field.name, &leaf.filter),
                Shape::Composite(composite) => {
                    members.add(&field.name, type_for(composite, TypeRole::FilterInput));
                }
                Shape::ToOne(target) => {
                    members.add(inflection::join_column(field), "UUIDFilter");
                    add_related(members, field, *target, TypeRole::FilterInput);
                }
                Shape::ToMany(_) => {}
            }
        }
    });
}

fn write_order_by(sdl: &mut SdlWriter, types: &ObjectTypes<'_>) {
    let name = type_for(types.name, TypeRole::OrderByInput);
    let description = format!("{}: what a list is ordered by.", types.object.label_plural);
    sdl.define(Kind::Input, &name, &description, |members| {
        for member in &types.members {
            write_order(members, member, "OrderByDirection", TypeRole::OrderByInput);
        }
    });
}

/// `dates` orders dates, and `related` is the role of the input that orders by a related record.
fn write_order(members: &mut Members<'_>, member: &Member<'_>, dates: &str, related: TypeRole) {
    let field = member.field;
    match &member.shape {
        Shape::Leaf(_) if is_date(field) => members.add(&field.name, dates),
        Shape::Leaf(_) => members.add(&field.name, "OrderByDirection"),
        Shape::Composite(name) => members.add(&field.name, type_for(name, TypeRole::OrderByInput)),
        Shape::ToOne(target) => {
            members.add(inflection::join_column(field), "OrderByDirection");
            add_related(members, field, *target, related);
        }
        Shape::ToMany(_) => {}
    }
}

fn add_related(members: &mut Members<'_>, field: &Field, target: Option<&str>, role: TypeRole) {
    if let Some(target) = target {
        members.add(&field.name, type_for(target, role));
    }
}

fn write_group_by(sdl: &mut SdlWriter, types: &ObjectTypes<'_>) {
    let name = type_for(types.name, TypeRole::GroupByInput);
    let description = format!("{}: one thing to group by.", types.object.label_plural);
    sdl.define(Kind::Input, &name, &description, |members| {
        for Member { field, shape } in types.members.iter().filter(|member| member.field.is_groupable()) {
            match shape {
                Shape::Leaf(_) if is_date(field) => members.add(&field.name, "GroupByDateGranularityInput"),
                Shape::Leaf(_) => members.add(&field.name, "Boolean"),
                Shape::Composite(composite) => {
                    members.add(&field.name, type_for(composite, TypeRole::GroupByInput));
                }
                Shape::ToOne(target) => add_related(members, field, *target, TypeRole::GroupByInput),
                Shape::ToMany(_) => {}
            }
        }
    });
}

fn write_order_by_with_group_by(sdl: &mut SdlWriter, types: &ObjectTypes<'_>) {
    let role = TypeRole::OrderByWithGroupByInput;
    let description = format!("{}: what groups are ordered by.", types.object.label_plural);
    sdl.define(Kind::Input, &type_for(types.name, role), &description, |members| {
        members.add("aggregate", type_for(types.name, TypeRole::OrderByWithGroupByAggregateInput));
        for member in &types.members {
            write_order(members, member, "OrderByDateGranularityInput", role);
        }
    });
}

fn write_order_by_aggregate(sdl: &mut SdlWriter, types: &ObjectTypes<'_>) {
    let name = type_for(types.name, TypeRole::OrderByWithGroupByAggregateInput);
    let description = format!("{}: figures that groups are ordered by.", types.object.label_plural);
    sdl.define(Kind::Input, &name, &description, |members| {
        members.add(inflection::TOTAL_COUNT, "OrderByDirection");
        for member in &types.members {
            for aggregate in member.field.aggregates() {
                members.add(inflection::aggregate(aggregate, member.field), "OrderByDirection");
            }
            if matches!(member.shape, Shape::ToOne(_)) {
                write_order(members, member, "OrderByDirection", TypeRole::OrderByInput);
            }
        }
    });
}
