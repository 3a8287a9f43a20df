//! What a front door may ask of the records: names as text, and values beside them.
//!
//! Everything here but [`Values`] is the *shape* of a request. Two requests of one shape differ only
//! in their values, so they share a plan and its statements.

use fourfold_model::RecordId;
use serde_json::{Map, Value as Json};

use crate::filter::Filter;
use crate::grouping::{GroupAnswer, Grouping};

/// The values of a request, in the order in which its shape refers to them.
#[derive(Clone, Debug, Default)]
pub struct Values(Vec<Json>);

/// Where a value stands in [`Values`].
pub type Slot = usize;

impl Values {
    /// Keeps a value, and says where.
    pub fn keep(&mut self, value: Json) -> Slot {
        self.0.push(value);
        self.0.len() - 1
    }

    /// The value that was kept there.
    pub fn get(&self, slot: Slot) -> &Json {
        self.0.get(slot).unwrap_or(&Json::Null)
    }
}

/// A read of one object's records.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Read {
    /// API name of one record, such as `person`.
    pub object: String,
    /// Which records.
    pub scope: Scope,
    /// The form of the answer, and what of each record it holds.
    pub answer: Answer,
}

/// Which records a read is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// A page of those that match.
    Page(Listing),
    /// Those that match, in groups.
    Groups(Box<Grouping>),
    /// One that matches; live ones unless the filter speaks of `deletedAt`.
    One(Option<Filter>),
    /// The records with these ids, in the order of the ids, in the trash or not. The ids come with
    /// the execution, not with the request: it is how a write reads its answer.
    Written {
        /// Whether the answer is one record rather than a list.
        one: bool,
    },
    /// The record with the id that comes with the execution, in the trash or not, which nobody else
    /// changes from then on: how a write looks at a record before it changes it.
    Locked,
    /// For each probe, the live records that are likely the same.
    Duplicates(Probes),
    /// The record that several would become. Its values come with the execution: it is how a merge that
    /// changes nothing reads its answer.
    Merged {
        /// Where their ids stand, a list; what is related to them is related to the one.
        ids: Slot,
    },
}

/// What duplicates are looked for of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Probes {
    /// The live records with these ids, a list.
    Ids(Slot),
    /// A list of new data, as creates take it.
    Data(Slot),
}

/// A filtered, ordered, cut list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Listing {
    /// Which records match.
    pub filter: Option<Filter>,
    /// The order; the id decides among equals.
    pub order: Vec<OrderKey>,
    /// Which part of the list.
    pub page: Page,
}

/// One key of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrderKey {
    /// A field, a composite and its part, or a relation and one of these.
    pub path: Vec<String>,
    /// Which way, and where records without a value go.
    pub direction: Direction,
}

/// The four directions of both APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named as on the wire")]
pub enum Direction {
    AscNullsFirst,
    AscNullsLast,
    DescNullsFirst,
    DescNullsLast,
}

impl Direction {
    /// Every direction, in the order messages list them.
    pub const ALL: [Self; 4] =
        [Self::AscNullsFirst, Self::AscNullsLast, Self::DescNullsFirst, Self::DescNullsLast];

    /// The name on the wire.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::AscNullsFirst => "AscNullsFirst",
            Self::AscNullsLast => "AscNullsLast",
            Self::DescNullsFirst => "DescNullsFirst",
            Self::DescNullsLast => "DescNullsLast",
        }
    }

    /// The direction with this name.
    pub fn from_api_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|direction| direction.api_name() == name)
    }

    pub(crate) fn is_descending(self) -> bool {
        matches!(self, Self::DescNullsFirst | Self::DescNullsLast)
    }

    pub(crate) fn is_nulls_first(self) -> bool {
        matches!(self, Self::AscNullsFirst | Self::DescNullsFirst)
    }

    /// Whether nulls count as lower than everything else.
    pub(crate) fn is_nulls_lowest(self) -> bool {
        self.is_nulls_first() != self.is_descending()
    }

    pub(crate) fn reversed(self) -> Self {
        match self {
            Self::AscNullsFirst => Self::DescNullsLast,
            Self::AscNullsLast => Self::DescNullsFirst,
            Self::DescNullsFirst => Self::AscNullsLast,
            Self::DescNullsLast => Self::AscNullsFirst,
        }
    }
}

/// Which part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Page {
    /// The most records, as a number among the values; the door has checked and capped it.
    pub limit: Slot,
    /// Records to leave out first.
    pub offset: Option<Slot>,
    /// Where the page begins or ends.
    pub cursor: Option<CursorKeys>,
}

/// A decoded cursor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CursorKeys {
    /// Whether the page ends before the cursor; otherwise it begins after it.
    pub backward: bool,
    /// The order's values at the cursor, by path.
    pub keys: Vec<CursorKey>,
}

/// One value of a cursor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CursorKey {
    /// The order key it belongs to, or `id`.
    pub path: Vec<String>,
    /// Its value.
    pub value: Slot,
    /// Whether the value is null, which compares otherwise.
    pub is_null: bool,
}

/// The form of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// A JSON array of records, or one record.
    Records(Selection),
    /// A connection with edges and page info.
    Connection(Vec<SelectedField>),
    /// A JSON array of groups.
    Groups(GroupAnswer),
    /// An object that has an array of records under a key, beside their total and page info.
    Item {
        /// The key of the array.
        key: String,
        /// What of each record it holds.
        selection: Selection,
    },
}

/// What of each record an answer holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Selection {
    /// Whole fields, as REST answers.
    Whole(WholeFields),
    /// What a GraphQL document names.
    Fields(Vec<SelectedField>),
}

/// A selection of whole fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct WholeFields {
    /// The names of those to show, beside the id; all of them where there are no names.
    pub only: Option<Vec<String>>,
    /// Whether related records are shown.
    pub related: bool,
    /// The most records in the list of a to-many relation.
    pub children: u32,
    /// Whether the answer, which has one record, tells that record's tag.
    pub tagged: bool,
}

/// One field of a GraphQL selection, fragments resolved and equal keys merged.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SelectedField {
    /// The key in the answer: the alias or the name.
    pub key: String,
    /// The name in the schema.
    pub name: String,
    /// For a connection below a record: which of the related records.
    pub listing: Option<Box<Listing>>,
    /// What is selected below.
    pub selection: Vec<SelectedField>,
    /// Whether directives left nothing of what the document selects below.
    pub is_emptied: bool,
}

impl SelectedField {
    /// Whether the document selects nothing below it.
    pub fn is_leaf(&self) -> bool {
        self.selection.is_empty() && !self.is_emptied
    }
}

/// The most related records for each parent unless the request says otherwise.
pub const DEFAULT_CHILDREN: u32 = 60;

/// What a client sent for one record: fields and values, names as text.
pub type RecordData = Map<String, Json>;

/// A change of one object's records.
#[derive(Clone, Debug)]
pub struct Write {
    /// API name of one record, such as `person`.
    pub object: String,
    /// What to do.
    pub change: Change,
    /// What of each record the answer holds.
    pub selection: Selection,
    /// The values that the selection refers to.
    pub values: Values,
}

/// What a write does.
#[derive(Clone, Debug)]
pub enum Change {
    /// Makes new records.
    Create {
        /// What of each is given.
        records: Vec<RecordData>,
        /// Whether a record that exists, by its id or another unique key, is changed instead, and taken
        /// out of the trash.
        upsert: bool,
    },
    /// Sets some fields.
    Update(Target, RecordData),
    /// Puts records into the trash.
    Delete(Target),
    /// Takes them out again.
    Restore(Target),
    /// Removes them for good.
    Destroy(Target),
    /// Makes one record of several.
    Merge(Merge),
}

/// Live records that become one.
#[derive(Clone, Debug)]
pub struct Merge {
    /// Their ids, each once.
    pub ids: Vec<RecordId>,
    /// Which of them stays, and wins where values conflict: a place among the ids.
    pub survivor: usize,
    /// Whether nothing changes, and the answer is what would become of them.
    pub dry_run: bool,
}

/// Which records a write is about, in the trash or not.
#[derive(Clone, Debug)]
pub enum Target {
    /// The one with this id; none is an error.
    One(RecordId),
    /// All that match; none is an empty answer.
    Matching(Option<Filter>, Values),
}
