//! The record schema of a workspace as text, generated from its data model.
//!
//! Names, arguments and nullability are those of `graphql-core.md` 3. The schema informs clients and
//! serves introspection and strict validation; reading and writing records does not go through it.

mod composites;
mod conditions;
mod inputs;
mod member;
mod record_types;
#[cfg(test)]
mod reference_tests;
mod roots;
#[cfg(test)]
pub(super) mod sample;
#[cfg(test)]
mod tests;
mod writer;

use fourfold_model::{DataModel, Object};
use member::Member;
use writer::SdlWriter;

/// The schema text of the record API: about 8 KiB for each object.
pub(crate) fn sdl(model: &DataModel) -> String {
    let record_types = member::record_types(model);
    let objects: Vec<ObjectTypes<'_>> = model
        .objects()
        .iter()
        .filter_map(|object| {
            let name = record_types.get(&object.id)?;
            Some(ObjectTypes { object, name, members: member::members(object, name, &record_types) })
        })
        .collect();
    let mut sdl = SdlWriter::starting_with(include_str!("schema/shared.graphql"), 8192 * (objects.len() + 4));
    sdl.add(include_str!("schema/search.graphql"));
    sdl.add(include_str!("schema/shared_group_by.graphql"));
    composites::write(&mut sdl);
    roots::write(&mut sdl, &objects);
    for types in &objects {
        record_types::write(&mut sdl, types);
        inputs::write(&mut sdl, types);
        conditions::write(&mut sdl, types);
    }
    sdl.finish()
}

/// One object on its way into the schema.
struct ObjectTypes<'a> {
    object: &'a Object,
    /// The type of its records, which the names of all its other types start with.
    name: &'a str,
    members: Vec<Member<'a>>,
}
