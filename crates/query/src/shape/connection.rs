//! Connections: edges with cursors, page info, a total.

use super::{Cells, Hole, RecordShape};
use crate::cursor;

/// What of a connection is written, in order.
#[derive(Debug, Default)]
pub(crate) struct ConnectionShape {
    pub(crate) members: Vec<ConnectionMember>,
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
    /// How many records match, whatever the page.
    Total {
        key: Vec<u8>,
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
    /// The members of each selection of edges; there is more than one only under aliases.
    pub(crate) fn edges(&self) -> impl Iterator<Item = &[EdgeMember]> {
        self.members.iter().filter_map(|member| match member {
            ConnectionMember::Edges { members, .. } => Some(members.as_slice()),
            _ => None,
        })
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
