//! The root fields: what can be asked and done.

use fourfold_model::inflection::{self, TypeRole, Verb, type_for};

use super::ObjectTypes;
use super::record_types::list_arguments;
use super::writer::{Kind, Members, SdlWriter};

/// Writes `Query` and `Mutation`.
pub(super) fn write(sdl: &mut SdlWriter, objects: &[ObjectTypes<'_>]) {
    sdl.define(Kind::Type, "Query", "Everything that can be read.", |members| {
        for types in objects {
            write_finds(members, types);
            if types.object.duplicate_criteria.is_some() {
                write_duplicates(members, types);
            }
            write_group_by(members, types);
        }
        write_search(members);
    });
    sdl.define(Kind::Type, "Mutation", "Everything that can be changed.", |members| {
        for types in objects {
            for verb in Verb::ALL {
                write_one(members, types, verb);
                write_many(members, types, verb);
            }
            if types.object.duplicate_criteria.is_some() {
                write_merge(members, types);
            }
        }
    });
}

fn write_finds(members: &mut Members<'_>, types: &ObjectTypes<'_>) {
    let object = types.object;
    members.add_with_arguments(
        &format!("{}, page by page.", object.label_plural),
        inflection::find_many(object),
        &list_arguments(types.name),
        type_for(types.name, TypeRole::Connection),
    );
    members.add_with_arguments(
        &format!("{}: the one that matches.", object.label_singular),
        inflection::find_one(object),
        &format!("filter: {}!", type_for(types.name, TypeRole::FilterInput)),
        types.name,
    );
}

fn write_duplicates(members: &mut Members<'_>, types: &ObjectTypes<'_>) {
    members.add_with_arguments(
        &format!("{}: records that are likely the same.", types.object.label_plural),
        inflection::duplicates(types.object),
        &format!("ids: [UUID], data: [{}]", type_for(types.name, TypeRole::CreateInput)),
        format_args!("[{}!]", type_for(types.name, TypeRole::Connection)),
    );
}

fn write_group_by(members: &mut Members<'_>, types: &ObjectTypes<'_>) {
    let input = |role| type_for(types.name, role);
    let arguments = format!(
        "groupBy: [{}!]!, filter: {}, orderBy: [{}], orderByForRecords: [{}], viewId: UUID, limit: Int, offsetForRecords: Int",
        input(TypeRole::GroupByInput),
        input(TypeRole::FilterInput),
        input(TypeRole::OrderByWithGroupByInput),
        input(TypeRole::OrderByInput),
    );
    members.add_with_arguments(
        &format!("{} in groups.", types.object.label_plural),
        inflection::group_by(types.object),
        &arguments,
        format_args!("[{}!]", input(TypeRole::GroupByConnection)),
    );
}

fn write_search(members: &mut Members<'_>) {
    members.add_with_arguments(
        "Records of many objects by what they say.",
        "search",
        "searchInput: String!, limit: Int!, after: String, includedObjectNameSingulars: [String!], \
         excludedObjectNameSingulars: [String!], filter: ObjectRecordFilterInput",
        "SearchResultConnection!",
    );
}

fn write_one(members: &mut Members<'_>, types: &ObjectTypes<'_>, verb: Verb) {
    let arguments = match verb {
        Verb::Create => {
            format!("data: {}!, upsert: Boolean", type_for(types.name, TypeRole::CreateInput))
        }
        Verb::Update => format!("id: UUID!, data: {}!", type_for(types.name, TypeRole::UpdateInput)),
        Verb::Delete | Verb::Destroy | Verb::Restore => "id: UUID!".into(),
    };
    let description = description(verb, &types.object.label_singular);
    members.add_with_arguments(
        &description,
        inflection::mutate_one(verb, types.object),
        &arguments,
        types.name,
    );
}

fn write_many(members: &mut Members<'_>, types: &ObjectTypes<'_>, verb: Verb) {
    let filter = type_for(types.name, TypeRole::FilterInput);
    let arguments = match verb {
        Verb::Create => {
            format!("data: [{}!]!, upsert: Boolean", type_for(types.name, TypeRole::CreateInput))
        }
        Verb::Update => {
            format!("data: {}!, filter: {filter}!", type_for(types.name, TypeRole::UpdateInput))
        }
        Verb::Delete | Verb::Destroy | Verb::Restore => format!("filter: {filter}!"),
    };
    members.add_with_arguments(
        &description(verb, &types.object.label_plural),
        inflection::mutate_many(verb, types.object),
        &arguments,
        format_args!("[{}!]", types.name),
    );
}

fn description(verb: Verb, label: &str) -> String {
    match verb {
        Verb::Create => format!("{label}: create."),
        Verb::Update => format!("{label}: change some values."),
        Verb::Delete => format!("{label}: move to the trash."),
        Verb::Destroy => format!("{label}: remove for good."),
        Verb::Restore => format!("{label}: take back from the trash."),
    }
}

fn write_merge(members: &mut Members<'_>, types: &ObjectTypes<'_>) {
    members.add_with_arguments(
        &format!("{}: make one record of several.", types.object.label_plural),
        inflection::merge(types.object),
        "ids: [UUID!]!, conflictPriorityIndex: Int!, dryRun: Boolean",
        types.name,
    );
}
