//! Connections: edges with cursors, page info, totals.

use super::{Cell, Cells, Hole, RecordShape, Written};
use crate::cursor;

/// What of a connection is written, in order.
#[derive(Debug, Default)]
pub(crate) struct ConnectionShape {
    pub(crate) members: Vec<ConnectionMember>,
    /// How the figures over fields are written, in the order of the statement of the totals.
    pub(crate) figures: Vec<Written>,
}

#[derive(Debug)]
pub(crate) enum ConnectionMember {
    /// A key and a value that are always the same.
    Literal(Vec<u8>),
    Edges {
        key: Vec<u8>,
        members: Vec<EdgeMember>,
    },
    PageInfo {
        key: Vec<u8>,
        members: Vec<PageInfoMember>,
    },
    /// Records without anything around each.
    Records {
        key: Vec<u8>,
        record: RecordShape,
    },
    /// How many records match, whatever the page.
    Total {
        key: Vec<u8>,
        is_text: bool,
    },
    /// What the records of a group have in common.
    Dimensions {
        key: Vec<u8>,
    },
    /// A figure over a field of all records that match.
    Figure {
        key: Vec<u8>,
        /// Its place among the shape's figures.
        place: usize,
    },
}

#[derive(Debug)]
pub(crate) enum EdgeMember {
    Literal(Vec<u8>),
    Cursor(Vec<u8>),
    Node(Vec<u8>, RecordShape),
}

#[derive(Debug)]
pub(crate) enum PageInfoMember {
    Literal(Vec<u8>),
    HasNextPage(Vec<u8>),
    HasPreviousPage(Vec<u8>),
    StartCursor(Vec<u8>),
    EndCursor(Vec<u8>),
}

impl ConnectionShape {
    /// What is written of each record; there is more than one element only under aliases.
    pub(crate) fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        self.members.iter().filter_map(|member| match member {
            ConnectionMember::Edges { members, .. } => Some(Element::Edge(members)),
            ConnectionMember::Records { record, .. } => Some(Element::Record(record)),
            _ => None,
        })
    }

    /// Whether anything of it depends on the records in it.
    pub(crate) fn shows_records(&self) -> bool {
        let shows_page = |member: &ConnectionMember| matches!(member, ConnectionMember::PageInfo { .. });
        self.elements().next().is_some() || self.members.iter().any(shows_page)
    }
}

/// What is written of a record in a connection.
pub(crate) enum Element<'s> {
    Edge(&'s [EdgeMember]),
    Record(&'s RecordShape),
}

/// The totals of one list, or of one group.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    /// How many records match.
    pub(crate) records: u64,
    /// The JSON list of what the records of a group have in common.
    pub(crate) dimensions: Vec<u8>,
    /// The JSON of each figure; nothing when no record matches.
    figures: Vec<Vec<u8>>,
}

impl Totals {
    /// Reads a row of the statement of the totals: the number of records, then the figures.
    pub(crate) fn read(figures: &[Written], row: &impl Cells) -> Self {
        let Cell::Integer(records @ 1..) = row.cell(0) else { return Self::default() };
        let written = figures.iter().enumerate().map(|(place, written)| {
            let mut json = Vec::new();
            written.write(row.cell(place + 1), &mut json);
            json
        });
        Self { records: records.unsigned_abs(), figures: written.collect(), ..Self::default() }
    }

    pub(crate) fn write_records(&self, out: &mut Vec<u8>) {
        out.extend(itoa::Buffer::new().format(self.records).as_bytes());
    }

    /// Over no records every figure is null, counts of something too (`graphql-core.md` 4.6).
    pub(crate) fn write_figure(&self, place: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(self.figures.get(place).map_or(b"null", Vec::as_slice));
    }
}

/// Writes one edge; `cursor_json` is the cursor before it is encoded.
pub(crate) fn write_edge(
    members: &[EdgeMember],
    row: &impl Cells,
    cursor_json: &[u8],
    out: &mut Vec<u8>,
    holes: &mut Vec<Hole>,
) {
    out.push(b'{');
    for member in members {
        match member {
            EdgeMember::Literal(text) => out.extend_from_slice(text),
            EdgeMember::Cursor(key) => {
                out.extend_from_slice(key);
                write_quoted_cursor(cursor_json, out);
            }
            EdgeMember::Node(key, record) => {
                out.extend_from_slice(key);
                record.write(row, out, holes);
            }
        }
    }
    out.push(b'}');
}

fn write_quoted_cursor(cursor_json: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    cursor::encode(cursor_json, out);
    out.push(b'"');
}

/// What a page knows about its place in the list.
pub(crate) struct PageFacts<'a> {
    pub(crate) has_next_page: bool,
    pub(crate) has_previous_page: bool,
    /// The JSON of the first and last row's cursors; none when the page is empty.
    pub(crate) ends: Option<(&'a [u8], &'a [u8])>,
}

pub(crate) fn write_page_info(members: &[PageInfoMember], facts: &PageFacts<'_>, out: &mut Vec<u8>) {
    let truth = |value: bool| if value { &b"true"[..] } else { b"false" };
    out.push(b'{');
    for member in members {
        match member {
            PageInfoMember::Literal(text) => out.extend_from_slice(text),
            PageInfoMember::HasNextPage(key) => {
                out.extend_from_slice(key);
                out.extend_from_slice(truth(facts.has_next_page));
            }
            PageInfoMember::HasPreviousPage(key) => {
                out.extend_from_slice(key);
                out.extend_from_slice(truth(facts.has_previous_page));
            }
            PageInfoMember::StartCursor(key) => {
                out.extend_from_slice(key);
                write_end(facts.ends.map(|ends| ends.0), out);
            }
            PageInfoMember::EndCursor(key) => {
                out.extend_from_slice(key);
                write_end(facts.ends.map(|ends| ends.1), out);
            }
        }
    }
    out.push(b'}');
}

fn write_end(cursor_json: Option<&[u8]>, out: &mut Vec<u8>) {
    match cursor_json {
        Some(json) => write_quoted_cursor(json, out),
        None => out.extend(b"null"),
    }
}

#[cfg(test)]
mod tests {
    use fourfold_model::Scalar;

    use super::*;

    struct Row<'a>(&'a [Cell<'a>]);

    impl Cells for Row<'_> {
        fn cell(&self, column: usize) -> Cell<'_> {
            self.0.get(column).copied().unwrap_or(Cell::Null)
        }
    }

    /// A figure as it is written, over this many records.
    fn written(records: i64, scalar: Scalar, cell: Cell<'_>) -> String {
        let formats = [Written::plain(scalar)];
        let mut out = Vec::new();
        Totals::read(&formats, &Row(&[Cell::Integer(records), cell])).write_figure(0, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn figures_are_written_as_what_they_are() {
        for (scalar, cell, expected) in [
            (Scalar::BigInt, Cell::Integer(0), "0"),
            (Scalar::BigInt, Cell::Integer(10_000_000), "10000000"),
            (Scalar::Float, Cell::Float(10_000_000.0), "10000000"),
            (Scalar::Float, Cell::Float(1.0 / 3.0), "0.3333333333333333"),
            (Scalar::Float, Cell::Float(-0.5), "-0.5"),
            (Scalar::Float, Cell::Float(4e25), "4e+25"),
            (Scalar::Float, Cell::Float(f64::INFINITY), "null"),
            (Scalar::Float, Cell::Null, "null"),
            (Scalar::Date, Cell::Text(b"2026-03-01"), "\"2026-03-01\""),
            (Scalar::DateTime, Cell::Integer(1_772_357_400_000), "\"2026-03-01T09:30:00.000Z\""),
            (Scalar::DateTime, Cell::Null, "null"),
        ] {
            assert_eq!(written(2, scalar, cell), expected, "{scalar:?} {cell:?}");
        }
    }

    #[test]
    fn over_no_records_even_counts_are_null() {
        assert_eq!(written(0, Scalar::BigInt, Cell::Integer(0)), "null");
        let mut out = Vec::new();
        Totals::read(&[], &Row(&[Cell::Integer(0)])).write_records(&mut out);
        assert_eq!(out, b"0");
    }
}
