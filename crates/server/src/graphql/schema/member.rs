//! What each field of an object is called in GraphQL, and of which types.

use std::collections::HashMap;

use fourfold_model::{DataModel, Field, FieldType, Object, Part, Scalar, inflection};
use uuid::Uuid;

/// A field as the schema sees it.
pub(super) struct Member<'a> {
    pub(super) field: &'a Field,
    pub(super) shape: Shape<'a>,
}

/// The four ways in which fields appear in generated types.
pub(super) enum Shape<'a> {
    /// One value, or a list of values.
    Leaf(Leaf),
    /// An object of sub-fields; the name of its type.
    Composite(String),
    /// A related record and its join column. The record type is missing when the schema lacks it.
    ToOne(Option<&'a str>),
    /// A connection of related records. The record type is missing when the schema lacks it.
    ToMany(Option<&'a str>),
}

/// The types of one value.
pub(super) struct Leaf {
    pub(super) output: String,
    pub(super) input: String,
    pub(super) filter: String,
    /// Whether input and output are lists of their types.
    pub(super) is_list: bool,
}

/// The record types of a schema by the ids of their objects.
pub(super) type RecordTypes = HashMap<Uuid, String>;

/// The fields of an object whose records are of type `record_type`.
pub(super) fn members<'a>(
    object: &'a Object,
    record_type: &str,
    record_types: &'a RecordTypes,
) -> Vec<Member<'a>> {
    let member = |field: &'a Field| Member { field, shape: shape(field, record_type, record_types) };
    object.fields.values().map(member).collect()
}

fn shape<'a>(field: &Field, record_type: &str, record_types: &'a RecordTypes) -> Shape<'a> {
    let spec = field.field_type.spec();
    if let Some(relation) = &field.relation {
        let target = record_types.get(&relation.target_object).map(String::as_str);
        return if field.is_to_many() { Shape::ToMany(target) } else { Shape::ToOne(target) };
    }
    if spec.is_composite() {
        return Shape::Composite(inflection::composite_type(spec.api_name));
    }
    Shape::Leaf(leaf(field, &spec.parts[0], record_type))
}

fn leaf(field: &Field, part: &Part, record_type: &str) -> Leaf {
    if field.field_type == FieldType::Number {
        return number(field);
    }
    if field.field_type == FieldType::Position {
        return Leaf::new("Position", "FloatFilter");
    }
    if field.field_type == FieldType::Files {
        let input = "FileItemInput".into();
        return Leaf { input, ..Leaf::new("FileObject", "RawJsonFilter").list() };
    }
    if has_enum(field) {
        return part_leaf(part, record_type, &field.name);
    }
    if part.scalar == Scalar::Option || part.scalar == Scalar::OptionList {
        // An enum must have values, so options that are missing show as the texts that records hold.
        let text = Leaf::new("String", "StringFilter");
        return if part.scalar == Scalar::OptionList { text.list() } else { text };
    }
    part_leaf(part, record_type, &field.name)
}

fn number(field: &Field) -> Leaf {
    match field.settings["dataType"].as_str() {
        Some("int") => Leaf::new("Int", "IntFilter"),
        Some("bigint") => Leaf::new("BigInt", "BigIntFilter"),
        _ => Leaf::new("Float", "FloatFilter"),
    }
}

/// The types of a part of `owner`, which is a record type or a composite.
pub(super) fn part_leaf(part: &Part, owner: &str, member: &str) -> Leaf {
    match part.scalar {
        Scalar::Uuid => Leaf::new("UUID", "UUIDFilter"),
        Scalar::Text => Leaf::new("String", "StringFilter"),
        Scalar::Float | Scalar::BigInt => Leaf::new("BigFloat", "BigFloatFilter"),
        Scalar::Boolean => Leaf::new("Boolean", "BooleanFilter"),
        Scalar::Date => Leaf::new("Date", "DateFilter"),
        Scalar::DateTime => Leaf::new("DateTime", "DateTimeFilter"),
        Scalar::Option => Leaf::of_enum(owner, member),
        Scalar::OptionList => Leaf::of_enum(owner, member).list(),
        Scalar::TextList => Leaf::new("String", "ArrayFilter").list(),
        Scalar::Json => Leaf::new("JSON", "RawJsonFilter"),
        Scalar::SearchVector => Leaf::new("TSVector", "TSVectorFilter"),
    }
}

/// Whether the field has a GraphQL enum of its own.
pub(super) fn has_enum(field: &Field) -> bool {
    let chooses = |part: &Part| part.scalar == Scalar::Option || part.scalar == Scalar::OptionList;
    let spec = field.field_type.spec();
    !spec.is_composite() && spec.parts.iter().any(chooses) && !field.options.is_empty()
}

/// Whether values of the field are days or instants, which are grouped by granularity.
pub(super) fn is_date(field: &Field) -> bool {
    field.field_type == FieldType::Date || field.field_type == FieldType::DateTime
}

impl Leaf {
    fn new(type_name: &str, filter: &str) -> Self {
        Self { output: type_name.into(), input: type_name.into(), filter: filter.into(), is_list: false }
    }

    fn of_enum(owner: &str, member: &str) -> Self {
        let name = inflection::enum_of(owner, member);
        Self::new(&name, &inflection::enum_filter(&name))
    }

    fn list(self) -> Self {
        Self { is_list: true, ..self }
    }

    /// The type of the output; non-null when records always have a value.
    pub(super) fn output_type(&self, required: bool) -> String {
        written(&self.output, self.is_list, required)
    }

    /// The type of the input; non-null when a value has to be given.
    pub(super) fn input_type(&self, required: bool) -> String {
        written(&self.input, self.is_list, required)
    }
}

fn written(type_name: &str, is_list: bool, required: bool) -> String {
    match (is_list, required) {
        (false, false) => type_name.into(),
        (false, true) => format!("{type_name}!"),
        (true, false) => format!("[{type_name}]"),
        (true, true) => format!("[{type_name}!]!"),
    }
}

/// The record types of all objects that the schema can show.
///
/// An object is left out when one of its names is taken by an object before it, as those of
/// `personEdge` are by `person`: one odd name must not cost a workspace its schema. Its records
/// can still be asked for, since reading does not go through the schema.
pub(super) fn record_types(model: &DataModel) -> RecordTypes {
    let mut taken = std::collections::HashSet::new();
    let mut record_types = RecordTypes::with_capacity(model.objects().len());
    for object in model.objects() {
        let record_type = inflection::type_name(object);
        let names = claimed_names(object);
        if names.iter().all(|name| !taken.contains(name) && !inflection::is_built_in_type(name)) {
            taken.extend(names);
            record_types.insert(object.id, record_type);
        }
    }
    record_types
}

/// Every name that an object's types and root fields take. Root fields start lower-case and types
/// upper-case, so that one set can hold both.
fn claimed_names(object: &Object) -> Vec<String> {
    let mut names = inflection::generated_types(object);
    let roots = [inflection::find_one, inflection::find_many, inflection::group_by, inflection::duplicates];
    names.extend(roots.map(|root| root(object)));
    names
}
