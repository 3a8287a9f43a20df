//! The types of composite fields, shared by all objects.

use fourfold_model::inflection::{self, TypeRole, type_for};
use fourfold_model::{ACTOR_SOURCES, FieldType, Part, Scalar};

use super::member::part_leaf;
use super::writer::{Kind, SdlWriter};

/// Writes the types of every composite.
pub(super) fn write(sdl: &mut SdlWriter) {
    for field_type in FieldType::ALL.into_iter().filter(|field_type| field_type.spec().is_composite()) {
        let name = inflection::composite_type(field_type.spec().api_name);
        write_output(sdl, field_type, &name);
        for role in [TypeRole::CreateInput, TypeRole::UpdateInput] {
            write_input(sdl, field_type, &name, role);
        }
        write_filter(sdl, field_type, &name);
        write_order_by(sdl, field_type, &name);
        write_group_by(sdl, field_type, &name);
        for part in field_type.spec().parts.iter().filter(|part| part.scalar == Scalar::Option) {
            write_enum(sdl, &inflection::enum_of(&name, part.name), "Where a record came from.", || {
                ACTOR_SOURCES.into_iter().map(|source| (String::new(), source.to_owned()))
            });
        }
    }
}

/// Writes an enum and the filter over it. `values` gives descriptions and values.
pub(super) fn write_enum<I: Iterator<Item = (String, String)>>(
    sdl: &mut SdlWriter,
    name: &str,
    description: &str,
    values: impl FnOnce() -> I,
) {
    sdl.define(Kind::Enum, name, description, |members| {
        for (description, value) in values() {
            members.add_value(&description, value);
        }
    });
    sdl.define(Kind::Input, &inflection::enum_filter(name), "Conditions on a choice.", |members| {
        members.add("eq", name);
        members.add("neq", name);
        members.add("in", format_args!("[{name}]"));
        members.add("containsAny", format_args!("[{name}]"));
        members.add("is", "FilterIs");
        members.add("isEmptyArray", "Boolean");
    });
}

fn write_output(sdl: &mut SdlWriter, field_type: FieldType, name: &str) {
    sdl.define(Kind::Type, name, "A value of several parts.", |members| {
        for part in field_type.spec().parts {
            members.add(part.name, part_leaf(part, name, part.name).output_type(false));
        }
    });
}

fn write_input(sdl: &mut SdlWriter, field_type: FieldType, name: &str, role: TypeRole) {
    sdl.define(Kind::Input, &type_for(name, role), "The parts of a value to write.", |members| {
        for part in field_type.spec().parts.iter().filter(|part| is_written(field_type, part)) {
            members.add(part.name, part_leaf(part, name, part.name).input_type(false));
        }
    });
}

/// Who an actor is follows from the caller, so inputs show only the rest of it.
fn is_written(field_type: FieldType, part: &Part) -> bool {
    field_type != FieldType::Actor || matches!(part.name, "source" | "context")
}

fn write_filter(sdl: &mut SdlWriter, field_type: FieldType, name: &str) {
    sdl.define(
        Kind::Input,
        &type_for(name, TypeRole::FilterInput),
        "Conditions on the parts of a value.",
        |members| {
            for part in field_type.spec().parts {
                members.add(part.name, part_leaf(part, name, part.name).filter);
            }
        },
    );
}

fn write_order_by(sdl: &mut SdlWriter, field_type: FieldType, name: &str) {
    sdl.define(
        Kind::Input,
        &type_for(name, TypeRole::OrderByInput),
        "Order by parts of a value.",
        |members| {
            for part in field_type.spec().parts {
                members.add(part.name, "OrderByDirection");
            }
        },
    );
}

fn write_group_by(sdl: &mut SdlWriter, field_type: FieldType, name: &str) {
    sdl.define(
        Kind::Input,
        &type_for(name, TypeRole::GroupByInput),
        "Group by parts of a value.",
        |members| {
            for part in field_type.spec().parts.iter().filter(|part| part.scalar != Scalar::Json) {
                members.add(part.name, "Boolean");
            }
        },
    );
}
