//! The field types, and the one `match` over them.
//!
//! Each type is a file below that says all that is known about it; the layers above only look at
//! its parts, which are of the small closed set [`Scalar`].

mod actor;
mod address;
mod array;
mod boolean;
mod currency;
mod date;
mod date_time;
mod emails;
mod files;
mod filter_value;
mod full_name;
mod links;
mod multi_select;
mod number;
mod numeric;
mod phones;
mod position;
mod rating;
mod raw_json;
mod relation;
mod rich_text;
mod select;
mod text;
mod ts_vector;
mod uuid;

// What several types share.
mod block_url;
mod blocks_from_markdown;
mod composite;
mod date_text;
mod link_url;
mod markdown_from_blocks;
pub(crate) mod merge;
mod nullable;
mod number_text;
mod phone_number;
mod quoted;
#[cfg(test)]
mod sample;
mod scalar_value;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{Field, Value, ValueError};
pub use date_text::MONTHS;
use merge::Candidates;

/// The type of a field, as `FieldMetadataType` names it on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "each name says it, and each file documents it")]
pub enum FieldType {
    Uuid,
    Text,
    Number,
    Numeric,
    Boolean,
    Date,
    DateTime,
    Select,
    MultiSelect,
    Rating,
    Array,
    RawJson,
    Files,
    FullName,
    Emails,
    Phones,
    Links,
    Address,
    Currency,
    Actor,
    RichText,
    Relation,
    MorphRelation,
    Position,
    TsVector,
}

impl FieldType {
    /// Every type, in the order of the contract's overview.
    pub const ALL: [Self; 25] = [
        Self::Uuid,
        Self::Text,
        Self::Number,
        Self::Numeric,
        Self::Boolean,
        Self::Date,
        Self::DateTime,
        Self::Select,
        Self::MultiSelect,
        Self::Rating,
        Self::Array,
        Self::RawJson,
        Self::Files,
        Self::FullName,
        Self::Emails,
        Self::Phones,
        Self::Links,
        Self::Address,
        Self::Currency,
        Self::Actor,
        Self::RichText,
        Self::Relation,
        Self::MorphRelation,
        Self::Position,
        Self::TsVector,
    ];

    /// All that is known about this type. The only `match` over field types.
    pub fn spec(self) -> &'static FieldTypeSpec {
        match self {
            Self::Uuid => &uuid::SPEC,
            Self::Text => &text::SPEC,
            Self::Number => &number::SPEC,
            Self::Numeric => &numeric::SPEC,
            Self::Boolean => &boolean::SPEC,
            Self::Date => &date::SPEC,
            Self::DateTime => &date_time::SPEC,
            Self::Select => &select::SPEC,
            Self::MultiSelect => &multi_select::SPEC,
            Self::Rating => &rating::SPEC,
            Self::Array => &array::SPEC,
            Self::RawJson => &raw_json::SPEC,
            Self::Files => &files::SPEC,
            Self::FullName => &full_name::SPEC,
            Self::Emails => &emails::SPEC,
            Self::Phones => &phones::SPEC,
            Self::Links => &links::SPEC,
            Self::Address => &address::SPEC,
            Self::Currency => &currency::SPEC,
            Self::Actor => &actor::SPEC,
            Self::RichText => &rich_text::SPEC,
            Self::Relation => &relation::SPEC,
            Self::MorphRelation => &relation::MORPH_SPEC,
            Self::Position => &position::SPEC,
            Self::TsVector => &ts_vector::SPEC,
        }
    }

    /// The type with this name on the wire, such as `CURRENCY`.
    pub fn from_api_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field_type| field_type.spec().api_name == name)
    }
}

/// What a field type is made of and how it reads what clients send.
#[derive(Debug)]
pub struct FieldTypeSpec {
    /// `FieldMetadataType` on the wire, such as `CURRENCY`.
    pub api_name: &'static str,
    /// The columns of a field of this type, in order. A simple type has one part with an empty name.
    /// A relation's one part is its join column; only the to-one side stores it.
    pub parts: &'static [Part],
    /// Whether clients may create fields of this type over the Metadata APIs.
    pub creatable: bool,
    /// Whether a field of this type can name its record.
    pub label_identifier: bool,
    /// Reads what a client sent for the field, `null` included, into values for its parts.
    pub parse: fn(&Field, &Json, WriteMode) -> Result<ParsedParts, ValueError>,
    /// Reads a default in the notation of the Metadata APIs (`field-types.md` 5.1), never `null`,
    /// into values for the parts. Errors say what the notation expects.
    pub parse_default: fn(&Field, &Json) -> Result<ParsedParts, ValueError>,
    /// The values of the parts when several records that have some become one.
    pub merge: fn(&Candidates<'_>) -> Vec<Value>,
}

impl FieldTypeSpec {
    /// Whether values are JSON objects with named sub-fields.
    pub fn is_composite(&self) -> bool {
        self.parts.iter().any(|part| !part.name.is_empty())
    }
}

/// Values for some parts of a field: the part's place in `FieldTypeSpec::parts`, and its value.
/// Parts that are absent keep what is stored, or take their default on create.
pub type ParsedParts = Vec<(usize, Value)>;

/// Whether a value is for a new record or for one that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// The record is new; what is absent takes its default.
    Create,
    /// The record exists; what is absent stays.
    Update,
}

/// One column of a field.
#[derive(Debug)]
pub struct Part {
    /// Name of the sub-field, such as `amountMicros`; empty for the only part of a simple type.
    pub name: &'static str,
    /// What the column holds.
    pub scalar: Scalar,
    /// What a client reads where the column holds nothing.
    pub null_reads: NullReads,
    /// Whether a unique index on the whole field covers this part.
    pub in_unique_key: bool,
    /// Whether the column is `NOT NULL` when the field is not nullable.
    pub required: bool,
    /// Whether the part only adds to a value that other parts hold: figures over the field take a
    /// record without those for empty, whatever this part says (`field-types.md` 7.3).
    pub is_secondary: bool,
    /// How records are found by it.
    pub searched: Searched,
}

impl Part {
    /// A part that reads `null` when empty and may always be absent.
    pub const fn new(name: &'static str, scalar: Scalar) -> Self {
        Self {
            name,
            scalar,
            null_reads: NullReads::Null,
            in_unique_key: false,
            required: false,
            is_secondary: false,
            searched: Searched::Not,
        }
    }

    /// The same part, reading as `reads` where the column holds nothing.
    pub const fn null_reads(mut self, reads: NullReads) -> Self {
        self.null_reads = reads;
        self
    }

    /// The same part, taking part in unique indexes on its field.
    pub const fn unique(mut self) -> Self {
        self.in_unique_key = true;
        self
    }

    /// The same part, required when its field is not nullable.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same part, by which records are found.
    pub const fn searched(mut self, searched: Searched) -> Self {
        self.searched = searched;
        self
    }

    /// The same part, adding to a value that other parts hold.
    pub const fn secondary(mut self) -> Self {
        self.is_secondary = true;
        self
    }
}

/// What of a column records are found by, when its field is among those that are searched
/// (`field-types.md` 6.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Searched {
    /// Nothing.
    Not,
    /// Its words.
    Words,
    /// A phone number, as it is dialled with the calling code of the same field and without.
    PhoneNumber,
    /// The calling code of a phone number.
    CallingCode,
    /// The words of a list of texts.
    TextList,
    /// The numbers and calling codes of a list of phones.
    PhoneList,
    /// The addresses and labels of a list of links.
    LinkList,
}

/// How an empty column reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NullReads {
    /// `null`
    Null,
    /// `""`; filters treat the empty text and null as one.
    EmptyText,
    /// `[]`; filters treat the empty list and null as one.
    EmptyList,
}

/// What a column holds. Columns, filters, GraphQL and OpenAPI types are each one `match` over this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    /// A UUID, as lower-case text on the wire.
    Uuid,
    /// Unicode text.
    Text,
    /// A double.
    Float,
    /// A whole number of 64 bits, such as millionths of a currency unit.
    BigInt,
    /// True or false.
    Boolean,
    /// A calendar date, `YYYY-MM-DD`.
    Date,
    /// An instant with milliseconds, in UTC.
    DateTime,
    /// One of the field's options; ordered as they are declared.
    Option,
    /// Several of the field's options.
    OptionList,
    /// A list of texts.
    TextList,
    /// A JSON object or array.
    Json,
    /// Text prepared for search, made by the server.
    SearchVector,
}

/// A comparison that a filter may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named as on the wire")]
pub enum Operator {
    Eq,
    Neq,
    Gt,
    Gte,
    Lt,
    Lte,
    In,
    Is,
    Like,
    Ilike,
    StartsWith,
    EndsWith,
    ContainsAny,
    ContainsIlike,
    IsEmptyArray,
}

impl Operator {
    /// Every operator, in the order messages list them.
    pub const ALL: [Self; 15] = [
        Self::Eq,
        Self::Neq,
        Self::Gt,
        Self::Gte,
        Self::Lt,
        Self::Lte,
        Self::In,
        Self::Is,
        Self::Like,
        Self::Ilike,
        Self::StartsWith,
        Self::EndsWith,
        Self::ContainsAny,
        Self::ContainsIlike,
        Self::IsEmptyArray,
    ];

    /// The name on the wire, such as `startsWith`.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Neq => "neq",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::In => "in",
            Self::Is => "is",
            Self::Like => "like",
            Self::Ilike => "ilike",
            Self::StartsWith => "startsWith",
            Self::EndsWith => "endsWith",
            Self::ContainsAny => "containsAny",
            Self::ContainsIlike => "containsIlike",
            Self::IsEmptyArray => "isEmptyArray",
        }
    }

    /// The operator with this name on the wire.
    pub fn from_api_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.api_name() == name)
    }
}

impl Scalar {
    /// The operators that filters may use on a column of this kind (`graphql-core.md` 4.3).
    pub fn operators(self) -> &'static [Operator] {
        use Operator::{
            ContainsAny, ContainsIlike, EndsWith, Eq, Gt, Gte, Ilike, In, Is, IsEmptyArray, Like, Lt, Lte,
            Neq, StartsWith,
        };
        match self {
            Self::Text => &[Eq, Neq, Gt, Gte, Lt, Lte, In, Is, Like, Ilike, StartsWith, EndsWith],
            Self::Uuid | Self::Float | Self::BigInt | Self::Date | Self::DateTime => {
                &[Eq, Neq, Gt, Gte, Lt, Lte, In, Is]
            }
            Self::Boolean => &[Eq, Is],
            Self::Option => &[Eq, Neq, Gt, Gte, Lt, Lte, In, ContainsAny, Is, IsEmptyArray],
            Self::OptionList => &[ContainsAny, Is, IsEmptyArray],
            Self::TextList => &[ContainsIlike, Is, IsEmptyArray],
            Self::Json => &[Like, Is],
            Self::SearchVector => &[Eq, Neq, Is],
        }
    }

    /// Reads a filter's value, which may be a JSON value or the text of a query string, for a column
    /// of this kind. `options` are the field's option values, `path` names the field in messages.
    ///
    /// # Errors
    /// When the value cannot be compared with such a column (`graphql-core.md` 4.3, Values).
    pub fn parse_filter_value(self, path: &str, value: &Json, options: &[&str]) -> Result<Value, ValueError> {
        filter_value::parse(self, path, value, options)
    }
}
