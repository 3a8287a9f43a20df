//! Rows to JSON text: which column goes under which key, in which form.
//!
//! A row is written once, straight from the database's buffers. Where a list of related records
//! belongs, a hole is left, which is filled when the statement of that list has run for all parents
//! at once; the pieces are put together in one last copy.

mod assembly;
mod connection;
mod stored;
mod tag;

pub use assembly::{Assembly, PageInfo, ReadOutput};
pub(crate) use connection::{ConnectionMember, ConnectionShape, EdgeMember, Element, PageInfoMember};
pub use stored::read_values;
pub use tag::RecordTag;
pub(crate) use tag::TagShape;

use fourfold_model::{NullReads, Scalar};
use uuid::Uuid;

use crate::json;

/// One column of a row, in the form in which its database gives it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// UTF-8 text.
    Text(&'a [u8]),
    /// A whole number; an instant as milliseconds since 1970, true as 1.
    Integer(i64),
    /// A double.
    Float(f64),
    /// A UUID, where the database does not give it as text.
    Uuid(&'a [u8; 16]),
    /// A date, where the database does not give it as text: days since 1970.
    Date(i32),
    /// The elements of a list, where the database does not give it as JSON: each as its length in four
    /// bytes, the highest first, and so many bytes of UTF-8.
    Elements(&'a [u8]),
}

impl Cell<'_> {
    /// The id in a column that holds one.
    fn id(self) -> Option<Uuid> {
        match self {
            Self::Uuid(bytes) => Some(Uuid::from_bytes(*bytes)),
            Self::Text(text) => Uuid::try_parse_ascii(text).ok(),
            Self::Null | Self::Integer(_) | Self::Float(_) | Self::Date(_) | Self::Elements(_) => None,
        }
    }
}

/// A row, column by column.
pub trait Cells {
    /// The column with this place in the select list.
    fn cell(&self, column: usize) -> Cell<'_>;
}

/// The form of an answer.
#[derive(Debug)]
pub(crate) enum Answer {
    /// One record.
    One(RecordShape),
    /// An array of records.
    List(RecordShape),
    /// Edges, page info and counts.
    Connection(ConnectionShape),
    /// An array of groups.
    Groups(GroupsShape),
}

/// What is written of groups.
#[derive(Debug)]
pub(crate) struct GroupsShape {
    /// How the values that records are grouped by are written.
    pub(crate) dimensions: Vec<Written>,
    /// What is written of each group.
    pub(crate) group: ConnectionShape,
}

impl Answer {
    /// What is written of each list or group; none for plain records.
    pub(crate) fn connection(&self) -> Option<&ConnectionShape> {
        match self {
            Self::One(_) | Self::List(_) => None,
            Self::Connection(shape) | Self::Groups(GroupsShape { group: shape, .. }) => Some(shape),
        }
    }
}

/// How a list is cut into a page.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    /// Whether the rows come in reverse, since the page ends before its cursor.
    pub(crate) backward: bool,
    /// Whether the page begins or ends at a cursor.
    pub(crate) has_cursor: bool,
    /// How the cursor of a row is written.
    pub(crate) cursor: Vec<CursorPiece>,
}

/// A piece of a cursor's JSON.
#[derive(Debug)]
pub(crate) enum CursorPiece {
    Text(Vec<u8>),
    Column(usize, Scalar),
}

/// What of a record is written, in order.
#[derive(Debug, Default)]
pub(crate) struct RecordShape {
    pub(crate) members: Vec<Member>,
}

/// One member of a record; each `key` is `"key":` with a comma before it unless it is the first.
#[derive(Debug)]
pub(crate) enum Member {
    /// A key and a value that are the same for every record.
    Literal(Vec<u8>),
    /// The value of a column.
    Column { key: Vec<u8>, column: usize, format: Format },
    /// The parts of a composite field; `null` when all of `absent_when` hold nothing.
    Composite { key: Vec<u8>, members: Vec<Member>, absent_when: Vec<usize> },
    /// The related record, or `null` when `presence`, its id, holds nothing.
    One { key: Vec<u8>, presence: usize, record: RecordShape },
    /// A list of related records of the parent whose id is in `parent`.
    Many { key: Vec<u8>, child: usize, parent: usize },
    /// The related record that a statement of its own finds by `id`, or `null`.
    LookedUp { key: Vec<u8>, child: usize, id: usize },
    /// The id of such a record, or `null` when it is not found.
    LookedUpId { key: Vec<u8>, child: usize, id: usize },
}

/// How a column's value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) scalar: Scalar,
    pub(crate) null_reads: NullReads,
}

impl Format {
    /// A value as it is, `null` where there is none.
    pub(crate) fn plain(scalar: Scalar) -> Self {
        Self { scalar, null_reads: NullReads::Null }
    }
}

/// How a value beside records is written: a figure over them, or what a group has in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// As it is.
    Plain(Format),
    /// A number as text.
    Quoted(Format),
    /// The name at the place that the value is, from 1.
    Name(&'static [&'static str]),
}

impl Written {
    pub(crate) fn plain(scalar: Scalar) -> Self {
        Self::Plain(Format::plain(scalar))
    }

    pub(crate) fn write(self, cell: Cell<'_>, out: &mut Vec<u8>) {
        match (self, cell) {
            (Self::Plain(format), cell) => write_cell(cell, format, out),
            (_, Cell::Null) => out.extend(b"null"),
            (Self::Quoted(format), cell) => {
                out.push(b'"');
                write_cell(cell, format, out);
                out.push(b'"');
            }
            (Self::Name(names), Cell::Integer(place)) => {
                let place = usize::try_from(place).ok().and_then(|place| place.checked_sub(1));
                let name = place.and_then(|place| names.get(place));
                json::write_string(name.copied().unwrap_or_default().as_bytes(), out);
            }
            (Self::Name(_), _) => out.extend(b"null"),
        }
    }
}

/// Where something belongs that is not known yet.
#[derive(Debug)]
pub(crate) struct Hole {
    pub(crate) at: usize,
    pub(crate) child: usize,
    /// The id of the parent, or of the record that is looked up, where there is one.
    pub(crate) parent: Option<Uuid>,
    pub(crate) content: HoleContent,
}

/// What fills a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HoleContent {
    /// What the child statement answers for the id.
    Answer,
    /// The id itself, if the child statement has a record for it.
    Id,
}

impl RecordShape {
    pub(crate) fn write(&self, row: &impl Cells, out: &mut Vec<u8>, holes: &mut Vec<Hole>) {
        write_members(&self.members, row, out, holes);
    }
}

fn write_members(members: &[Member], row: &impl Cells, out: &mut Vec<u8>, holes: &mut Vec<Hole>) {
    out.push(b'{');
    for member in members {
        match member {
            Member::Literal(text) => out.extend_from_slice(text),
            Member::Column { key, column, format } => {
                out.extend_from_slice(key);
                write_cell(row.cell(*column), *format, out);
            }
            Member::Composite { key, members, absent_when } => {
                out.extend_from_slice(key);
                let is_absent = !absent_when.is_empty()
                    && absent_when.iter().all(|column| row.cell(*column) == Cell::Null);
                if is_absent { out.extend(b"null") } else { write_members(members, row, out, holes) }
            }
            Member::One { key, presence, record } => {
                out.extend_from_slice(key);
                if row.cell(*presence) == Cell::Null {
                    out.extend(b"null");
                } else {
                    record.write(row, out, holes);
                }
            }
            Member::Many { key, child, parent: id }
            | Member::LookedUp { key, child, id }
            | Member::LookedUpId { key, child, id } => {
                out.extend_from_slice(key);
                let content = if matches!(member, Member::LookedUpId { .. }) {
                    HoleContent::Id
                } else {
                    HoleContent::Answer
                };
                holes.push(Hole { at: out.len(), child: *child, parent: row.cell(*id).id(), content });
            }
        }
    }
    out.push(b'}');
}

fn write_cell(cell: Cell<'_>, format: Format, out: &mut Vec<u8>) {
    match (cell, format.scalar) {
        (Cell::Null, _) => out.extend_from_slice(match format.null_reads {
            NullReads::Null => b"null",
            NullReads::EmptyText => b"\"\"",
            NullReads::EmptyList => b"[]",
        }),
        (Cell::Integer(millis), Scalar::DateTime) => json::write_date_time(millis, out),
        (Cell::Integer(number), Scalar::Boolean) => {
            out.extend_from_slice(if number == 0 { b"false" } else { b"true" });
        }
        (Cell::Integer(days), Scalar::Date) => json::write_date(days, out),
        (Cell::Integer(number), _) => out.extend(itoa::Buffer::new().format(number).as_bytes()),
        // JSON has no infinity, which sums of doubles can reach.
        (Cell::Float(number), _) if !number.is_finite() => out.extend(b"null"),
        (Cell::Float(number), _) => out.extend(ryu_js::Buffer::new().format_finite(number).as_bytes()),
        (Cell::Text(text), Scalar::Json | Scalar::TextList | Scalar::OptionList) => {
            out.extend_from_slice(text);
        }
        (Cell::Text(text), _) => json::write_string(text, out),
        (Cell::Uuid(bytes), _) => json::write_uuid(Uuid::from_bytes(*bytes), out),
        (Cell::Date(days), _) => json::write_date(days.into(), out),
        // A cursor holds the list as text.
        (Cell::Elements(elements), Scalar::Text) => {
            let mut list = Vec::with_capacity(elements.len() + 2);
            json::write_list(elements, &mut list);
            json::write_string(&list, out);
        }
        (Cell::Elements(elements), _) => json::write_list(elements, out),
    }
}

/// Writes the JSON of a row's cursor: what the order compares, so that null stays null.
fn write_cursor(pieces: &[CursorPiece], row: &impl Cells, out: &mut Vec<u8>) {
    for piece in pieces {
        match piece {
            CursorPiece::Text(text) => out.extend_from_slice(text),
            CursorPiece::Column(column, scalar) => {
                write_cell(row.cell(*column), Format { scalar: *scalar, null_reads: NullReads::Null }, out);
            }
        }
    }
}
