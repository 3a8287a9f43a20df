//! Every generated API name: root fields, REST keys, type names, and names made from labels.
//!
//! A name spelt in two places will one day differ, so the front doors take all of theirs from here.

use crate::{Aggregate, Field, FieldType, Object, is_reserved};

/// `text` with its first character upper-cased and nothing else changed: `workflowRuns` becomes
/// `WorkflowRuns`. REST keys and columns of composites are made so.
pub fn capitalise(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// The words of `text` in camel case, as lodash's `camelCase` splits them: at anything that is
/// neither letter nor digit, before a capital, and between letters and digits.
pub fn camel(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for word in words(text) {
        let word = word.to_lowercase();
        if name.is_empty() { name.push_str(&word) } else { name.push_str(&capitalise(&word)) }
    }
    name
}

/// [`camel`] with its first letter upper-cased: the stem of GraphQL type names.
pub fn pascal(text: &str) -> String {
    capitalise(&camel(text))
}

fn words(text: &str) -> Vec<&str> {
    #[derive(Clone, Copy, PartialEq)]
    enum Kind {
        Lower,
        Upper,
        Digit,
        Other,
    }
    let kind = |character: char| match character {
        _ if character.is_ascii_digit() => Kind::Digit,
        _ if character.is_uppercase() => Kind::Upper,
        _ if character.is_alphabetic() => Kind::Lower,
        _ => Kind::Other,
    };
    let characters: Vec<(usize, Kind)> =
        text.char_indices().map(|(at, character)| (at, kind(character))).collect();
    let mut words = Vec::new();
    let mut start = 0;
    for (place, &(at, this)) in characters.iter().enumerate() {
        let previous = place.checked_sub(1).map_or(Kind::Other, |before| characters[before].1);
        let next = characters.get(place + 1).map(|after| after.1);
        let ends_acronym = previous == Kind::Upper && this == Kind::Upper && next == Some(Kind::Lower);
        let changes = previous != this && !(previous == Kind::Upper && this == Kind::Lower);
        if changes || ends_acronym {
            if previous != Kind::Other {
                words.push(&text[start..at]);
            }
            start = at;
        }
    }
    if characters.last().is_some_and(|(_, last)| *last != Kind::Other) {
        words.push(&text[start..]);
    }
    words
}

/// The API name that a label stands for (`metadata.md` 4.6, label to name); `None` when nothing of
/// the label is left.
pub fn name_from_label(label: &str) -> Option<String> {
    let label = match label.chars().next()? {
        first if first.is_ascii_digit() => format!("n{label}"),
        _ => label.to_owned(),
    };
    let ascii: String = label
        .chars()
        .flat_map(char::to_lowercase)
        .map(|character| if character.is_ascii_alphanumeric() { character } else { fold(character) })
        .collect();
    let name = camel(&ascii);
    match name.as_str() {
        "" => None,
        reserved if is_reserved(reserved) => Some(format!("{name}Custom")),
        _ => Some(name),
    }
}

/// The base letter of a Latin letter with a diacritic; a separator for everything else.
fn fold(character: char) -> char {
    const FOLDED: &[(&str, char)] = &[
        ("àáâãäåāăą", 'a'),
        ("çćĉċč", 'c'),
        ("ďđ", 'd'),
        ("èéêëēĕėęě", 'e'),
        ("ĝğġģ", 'g'),
        ("ĥħ", 'h'),
        ("ìíîïĩīĭįı", 'i'),
        ("ĵ", 'j'),
        ("ķ", 'k'),
        ("ĺļľŀł", 'l'),
        ("ñńņňŋ", 'n'),
        ("òóôõöøōŏő", 'o'),
        ("ŕŗř", 'r'),
        ("śŝşšß", 's'),
        ("ţťŧ", 't'),
        ("ùúûüũūŭůűų", 'u'),
        ("ŵ", 'w'),
        ("ýÿŷ", 'y'),
        ("źżž", 'z'),
    ];
    FOLDED.iter().find(|(letters, _)| letters.contains(character)).map_or(' ', |(_, base)| *base)
}

/// The join column of a to-one relation, `<name>Id`, and the field of both APIs that shows it.
pub fn join_column(field: &Field) -> String {
    format!("{}Id", field.name)
}

/// The name of one side of a morph relation: `target` and `person` make `targetPerson`.
pub fn morph_field(base: &str, object_name: &str) -> String {
    format!("{base}{}", capitalise(object_name))
}

/// What a mutation does, as the names of both APIs spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each name says it")]
pub enum Verb {
    Create,
    Update,
    Delete,
    Destroy,
    Restore,
}

impl Verb {
    /// All verbs, in the order the schema lists them.
    pub const ALL: [Self; 5] = [Self::Create, Self::Update, Self::Delete, Self::Destroy, Self::Restore];

    fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Destroy => "destroy",
            Self::Restore => "restore",
        }
    }
}

/// The REST key of an answer about one record: `createPerson`. A destroy answers under `delete…`.
pub fn rest_one(verb: Verb, object: &Object) -> String {
    rest_key(verb, &object.name_singular)
}

/// The REST key of an answer about many: `createPeople`.
pub fn rest_many(verb: Verb, object: &Object) -> String {
    rest_key(verb, &object.name_plural)
}

fn rest_key(verb: Verb, name: &str) -> String {
    let word = if verb == Verb::Destroy { Verb::Delete.word() } else { verb.word() };
    format!("{word}{}", capitalise(name))
}

/// The query root field for one record: `person`.
pub fn find_one(object: &Object) -> String {
    camel(&object.name_singular)
}

/// The query root field for many: `people`.
pub fn find_many(object: &Object) -> String {
    camel(&object.name_plural)
}

/// The mutation root field about one record: `createPerson`.
pub fn mutate_one(verb: Verb, object: &Object) -> String {
    format!("{}{}", verb.word(), pascal(&object.name_singular))
}

/// The mutation root field about many: `createPeople`.
pub fn mutate_many(verb: Verb, object: &Object) -> String {
    format!("{}{}", verb.word(), pascal(&object.name_plural))
}

/// The query root field for the likely duplicates of a record: `personDuplicates`.
pub fn duplicates(object: &Object) -> String {
    format!("{}Duplicates", find_one(object))
}

/// The query root field for records in groups: `peopleGroupBy`.
pub fn group_by(object: &Object) -> String {
    format!("{}GroupBy", find_many(object))
}

/// The mutation root field that makes one record of several: `mergePeople`.
pub fn merge(object: &Object) -> String {
    format!("merge{}", pascal(&object.name_plural))
}

/// The REST key of the answer of a merge: `mergePerson`.
pub fn rest_merge(object: &Object) -> String {
    format!("merge{}", capitalise(&object.name_singular))
}

/// The REST key of likely duplicates: `personDuplicates`.
pub fn rest_duplicates(object: &Object) -> String {
    format!("{}Duplicates", object.name_singular)
}

/// The GraphQL object type of records: `Person`.
///
/// An object whose type would be one that every schema has gets a type of its own beside it: the
/// records of an object `position` are of type `PositionRecord`.
pub fn type_name(object: &Object) -> String {
    let name = pascal(&object.name_singular);
    if is_built_in_type(&name) { format!("{name}Record") } else { name }
}

/// The GraphQL connection type: `PersonConnection`.
pub fn connection_type(object: &Object) -> String {
    type_for(&type_name(object), TypeRole::Connection)
}

/// The GraphQL edge type: `PersonEdge`.
pub fn edge_type(object: &Object) -> String {
    type_for(&type_name(object), TypeRole::Edge)
}

/// What a generated GraphQL type is for, which its name ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each name says it")]
pub enum TypeRole {
    Edge,
    Connection,
    GroupByConnection,
    CreateInput,
    UpdateInput,
    RelationInput,
    ConnectInput,
    WhereUniqueInput,
    FilterInput,
    OrderByInput,
    GroupByInput,
    OrderByWithGroupByInput,
    OrderByWithGroupByAggregateInput,
}

impl TypeRole {
    /// Every role. A composite has the create, update, filter, order-by and group-by inputs alone.
    pub const ALL: [Self; 13] = [
        Self::Edge,
        Self::Connection,
        Self::GroupByConnection,
        Self::CreateInput,
        Self::UpdateInput,
        Self::RelationInput,
        Self::ConnectInput,
        Self::WhereUniqueInput,
        Self::FilterInput,
        Self::OrderByInput,
        Self::GroupByInput,
        Self::OrderByWithGroupByInput,
        Self::OrderByWithGroupByAggregateInput,
    ];

    fn suffix(self) -> &'static str {
        match self {
            Self::Edge => "Edge",
            Self::Connection => "Connection",
            Self::GroupByConnection => "GroupByConnection",
            Self::CreateInput => "CreateInput",
            Self::UpdateInput => "UpdateInput",
            Self::RelationInput => "RelationInput",
            Self::ConnectInput => "ConnectInput",
            Self::WhereUniqueInput => "WhereUniqueInput",
            Self::FilterInput => "FilterInput",
            Self::OrderByInput => "OrderByInput",
            Self::GroupByInput => "GroupByInput",
            Self::OrderByWithGroupByInput => "OrderByWithGroupByInput",
            Self::OrderByWithGroupByAggregateInput => "OrderByWithGroupByAggregateInput",
        }
    }
}

/// The generated type that has this role for the record type or composite `type_name`: of `Person`
/// and a filter input `PersonFilterInput`.
pub fn type_for(type_name: &str, role: TypeRole) -> String {
    format!("{type_name}{}", role.suffix())
}

/// The GraphQL enum of a select's options: `OpportunityStageEnum`.
pub fn enum_type(object: &Object, field: &Field) -> String {
    enum_of(&type_name(object), &field.name)
}

/// The GraphQL enum of a member of a record type or composite: of `Actor` and `source`
/// `ActorSourceEnum`.
pub fn enum_of(type_name: &str, member: &str) -> String {
    format!("{type_name}{}Enum", pascal(member))
}

/// The filter input over a GraphQL enum: `OpportunityStageEnumFilter`.
pub fn enum_filter(enum_type: &str) -> String {
    format!("{enum_type}Filter")
}

/// An option's value as GraphQL shows it: with `_` before a digit, which no enum value may start with.
pub fn enum_value(option_value: &str) -> String {
    let prefix = if option_value.starts_with(|first: char| first.is_ascii_digit()) { "_" } else { "" };
    format!("{prefix}{option_value}")
}

/// The input with the unique sub-fields of a composite field: `PersonEmailsWhereInput`.
pub fn where_input(type_name: &str, field: &Field) -> String {
    format!("{type_name}{}WhereInput", pascal(&field.name))
}

/// The GraphQL type of a composite: `FULL_NAME` becomes `FullName`.
pub fn composite_type(api_name: &str) -> String {
    pascal(api_name)
}

/// The number of records that match a filter, beside the aggregates of fields.
pub const TOTAL_COUNT: &str = "totalCount";

/// The name of a figure over a field: `countEmptyJobTitle`, `sumAmountAmountMicros`.
pub fn aggregate(aggregate: Aggregate, field: &Field) -> String {
    let of_amount = field.field_type == FieldType::Currency && aggregate.is_of_values();
    let part = if of_amount { "AmountMicros" } else { "" };
    format!("{}{}{part}", aggregate.api_name(), capitalise(&field.name))
}

/// Every GraphQL type that the record schema has for `object` alone.
pub fn generated_types(object: &Object) -> Vec<String> {
    let stem = type_name(object);
    let mut types: Vec<String> = TypeRole::ALL.iter().map(|role| type_for(&stem, *role)).collect();
    for field in object.fields.values() {
        if !field.options.is_empty() {
            let name = enum_type(object, field);
            types.push(enum_filter(&name));
            types.push(name);
        } else if field.field_type.spec().parts.iter().any(|part| part.in_unique_key) {
            types.push(where_input(&stem, field));
        }
    }
    types.push(stem);
    types
}

/// Whether every record schema has a type of this name, whatever its objects.
pub fn is_built_in_type(name: &str) -> bool {
    const SHARED: &[&str] = &[
        "Query",
        "Mutation",
        "Subscription",
        "String",
        "Int",
        "Float",
        "Boolean",
        "ID",
        "UUID",
        "Uuid",
        "BigInt",
        "BigFloat",
        "DateTime",
        "Date",
        "Time",
        "JSON",
        "Json",
        "Position",
        "TSVector",
        "Cursor",
        "ConnectionCursor",
        "PageInfo",
        "OrderByDirection",
        "FilterIs",
        "FileObject",
        "FileItemInput",
        "GroupByDateGranularityInput",
        "OrderByDateGranularityInput",
        "DateGranularityEnum",
        "FirstDayOfTheWeek",
        "ActorSourceEnum",
        "ActorSourceEnumFilter",
        "ObjectRecordFilterInput",
        "SearchResultConnection",
        "SearchResultEdge",
        "SearchResultPageInfo",
        "SearchRecord",
    ];
    const FILTERS: &[&str] = &[
        "UUID",
        "DateTime",
        "Date",
        "Float",
        "Int",
        "BigInt",
        "BigFloat",
        "String",
        "Boolean",
        "RawJson",
        "Array",
        "TSVector",
        "MultiSelect",
        "Select",
        "RichText",
        "RichTextLeaf",
    ];
    const COMPOSITE_SUFFIXES: [&str; 6] =
        ["", "CreateInput", "UpdateInput", "FilterInput", "OrderByInput", "GroupByInput"];
    let is_filter = name.strip_suffix("Filter").is_some_and(|stem| FILTERS.contains(&stem));
    let is_composite = || {
        FieldType::ALL.iter().map(|field_type| field_type.spec()).filter(|spec| spec.is_composite()).any(
            |spec| {
                let suffix = name.strip_prefix(composite_type(spec.api_name).as_str());
                suffix.is_some_and(|suffix| COMPOSITE_SUFFIXES.contains(&suffix))
            },
        )
    };
    SHARED.contains(&name) || is_filter || is_composite()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camel_case_splits_as_lodash_does() {
        for (text, expected) in [
            ("workflowRuns", "workflowRuns"),
            ("item2b", "item2B"),
            ("FULL_NAME", "fullName"),
            ("my createdat field", "myCreatedatField"),
            ("pier 12b", "pier12B"),
            ("XMLHttp", "xmlHttp"),
            ("--", ""),
        ] {
            assert_eq!(camel(text), expected, "{text}");
        }
    }

    #[test]
    fn labels_become_names() {
        for (label, expected) in [
            ("My CreatedAt Field", Some("myCreatedatField")),
            ("Pier 12b", Some("pier12B")),
            ("12 Berths", Some("n12Berths")),
            ("Fleet", Some("fleet")),
            ("PortFleet", Some("portfleet")),
            ("Côte d'Azur", Some("coteDAzur")),
            ("Address", Some("addressCustom")),
            ("***", None),
            ("", None),
        ] {
            assert_eq!(name_from_label(label).as_deref(), expected, "{label}");
        }
    }

    #[test]
    fn enum_values_never_start_with_a_digit() {
        for (option, expected) in [("IN_PORT", "IN_PORT"), ("2024", "_2024"), ("RATING_1", "RATING_1")] {
            assert_eq!(enum_value(option), expected);
        }
    }
}
