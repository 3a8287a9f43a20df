//! Puts an answer together from the rows of its statements.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use fourfold_model::Value;
use uuid::Uuid;

use super::connection::{PageFacts, Totals, write_edge, write_page_info};
use super::{
    Answer, Cell, Cells, ConnectionMember, ConnectionShape, Cut, Element, GroupsShape, Hole, HoleContent,
    RecordShape, RecordTag, Written, write_cursor,
};
use crate::BoundRead;
use crate::cursor;
use crate::json;
use crate::sql::CompiledRead;

/// What a read found.
#[derive(Debug, Default)]
pub struct ReadOutput {
    /// The answer: a record, a list or a connection. Empty when one record was asked for and none
    /// was found.
    pub json: Vec<u8>,
    /// How many records the answer holds.
    pub records: usize,
    /// How many match, whatever the page; where it was asked for.
    pub total: Option<u64>,
    /// Where the page stands in the list.
    pub page: PageInfo,
    /// The tag of the record, where it was asked for and there is one.
    pub tag: Option<RecordTag>,
}

/// Where a page stands in its list.
#[derive(Debug, Default)]
pub struct PageInfo {
    /// Whether records come after the page.
    pub has_next_page: bool,
    /// Whether records come before it.
    pub has_previous_page: bool,
    /// Cursors of the first and last record, in base64; none when the page is empty.
    pub cursors: Option<(String, String)>,
}

/// Collects the rows of a read's statements, in the order in which they run: the records, the
/// related records of each path with their totals, the totals.
#[derive(Debug)]
pub struct Assembly<'r> {
    read: &'r CompiledRead,
    limit: usize,
    root: Rows,
    children: Vec<Children>,
    totals: Option<Totals>,
    tag: Option<RecordTag>,
    groups: Groups,
}

/// The groups that were read so far.
#[derive(Debug, Default)]
struct Groups {
    /// What is told of each, and which of the rows are its records.
    groups: Vec<(Totals, Range<usize>)>,
    /// The place in its group that the last record had.
    last_place: Option<i64>,
    /// Where each answer of a list of answers stands.
    answer_places: Vec<i64>,
}

/// Rows that buffers have room for from the start.
const MAX_EXPECTED_ROWS: usize = 64;

/// The room for each, in bytes.
const EXPECTED_ROW_BYTES: usize = 512;

/// Rows of one statement, already written.
#[derive(Debug, Default)]
struct Rows {
    bytes: Vec<u8>,
    /// For each row, one range for each element that is written of it.
    ranges: Vec<Range<usize>>,
    /// How many elements each row has: one, or one for each selection of edges.
    elements: usize,
    count: usize,
    holes: Vec<Hole>,
    cursors: Vec<u8>,
    cursor_ends: Vec<usize>,
}

/// The related records of one path, by parent.
#[derive(Debug, Default)]
struct Children {
    rows: Rows,
    by_parent: HashMap<Uuid, Range<usize>>,
    totals: HashMap<Uuid, Totals>,
    limit: usize,
}

/// A row without its first columns.
struct Without<'a, R>(usize, &'a R);

impl<R: Cells> Cells for Without<'_, R> {
    fn cell(&self, column: usize) -> Cell<'_> {
        self.1.cell(self.0 + column)
    }
}

impl<'r> Assembly<'r> {
    /// Starts with nothing.
    pub fn new(read: &'r CompiledRead, bound: &BoundRead) -> Self {
        let children = bound.children.iter().zip(&read.children).map(|(bound, child)| Children {
            rows: Rows::for_answer(&child.answer, bound.limit),
            limit: bound.limit,
            ..Children::default()
        });
        let children = children.collect();
        Self {
            read,
            limit: bound.limit,
            root: Rows::for_answer(&read.answer, bound.limit),
            children,
            totals: None,
            tag: None,
            groups: Groups::default(),
        }
    }

    /// Takes one row of the records' statement.
    pub fn push(&mut self, row: &impl Cells) {
        match &self.read.answer {
            Answer::Groups(shape) => self.push_group(shape, row),
            Answer::Connection(shape) if self.read.lists_answers => self.push_to_answer(shape, row),
            answer => self.root.push(answer, &self.read.cut, row),
        }
        if let Some(shape) = &self.read.tag {
            self.tag = Some(shape.tag(row));
        }
    }

    /// Takes one row of groups: what the records have in common, their number, figures over them; then,
    /// where records are shown, the place of one in its group, and the record. Places that grow are of one
    /// group; those from 1 on are of records that are shown.
    fn push_group(&mut self, shape: &GroupsShape, row: &impl Cells) {
        let record = Without(shape.dimensions.len() + 1 + shape.group.figures.len(), row);
        let place = match record.cell(0) {
            Cell::Integer(place) if shape.group.shows_records() => Some(place),
            _ => None,
        };
        let goes_on = matches!((self.groups.last_place, place), (Some(last), Some(place)) if last < place);
        self.groups.last_place = place;
        if !goes_on {
            let mut totals = Totals::read(&shape.group.figures, &Without(shape.dimensions.len(), row));
            write_dimensions(&shape.dimensions, row, &mut totals.dimensions);
            self.groups.groups.push((totals, self.root.count..self.root.count));
        }
        if let (Some(1..), Some((_, records))) = (place, self.groups.groups.last_mut()) {
            self.root.push_elements(&shape.group, &self.read.cut, &Without(1, &record));
            records.end = self.root.count;
        }
    }

    /// Takes one row of a list of answers: the place of the answer, then the id of a record and the record,
    /// or no id for an answer without records.
    fn push_to_answer(&mut self, shape: &ConnectionShape, row: &impl Cells) {
        let Cell::Integer(place) = row.cell(0) else { return };
        let Groups { groups, answer_places, .. } = &mut self.groups;
        if answer_places.last() != Some(&place) {
            answer_places.push(place);
            groups.push((Totals::default(), self.root.count..self.root.count));
        }
        if let (true, Some((_, records))) = (row.cell(1) != Cell::Null, groups.last_mut()) {
            self.root.push_elements(shape, &self.read.cut, &Without(2, row));
            records.end = self.root.count;
        }
    }

    /// The ids that the statement of a path wants, each parent once; none when there is no parent.
    pub fn parents(&self, child: usize) -> Option<Value> {
        let mut seen = HashSet::new();
        let holes = self.root.holes.iter().filter(|hole| hole.child == child);
        let ids: Vec<Uuid> = holes.filter_map(|hole| hole.parent).filter(|id| seen.insert(*id)).collect();
        (!ids.is_empty()).then(|| Value::ids(ids))
    }

    /// Takes one row of a path's statement: the parent's id, then the record.
    pub fn push_child(&mut self, child: usize, row: &impl Cells) {
        let (compiled, children) = (&self.read.children[child], &mut self.children[child]);
        let Some(parent) = row.cell(0).id() else { return };
        let place = children.rows.count;
        children.by_parent.entry(parent).or_insert(place..place).end = place + 1;
        children.rows.push(&compiled.answer, &compiled.cut, &Without(1, row));
    }

    /// Takes one row of the totals of a path: the parent's id, then the number of its related records
    /// and the figures over them.
    pub fn push_child_totals(&mut self, child: usize, row: &impl Cells) {
        let Some(parent) = row.cell(0).id() else { return };
        let totals = Totals::read(self.read.children[child].answer.figures(), &Without(1, row));
        self.children[child].totals.insert(parent, totals);
    }

    /// Takes the row of the totals of all that match; in a list of answers, one for each that has any
    /// records, with its place first.
    pub fn set_totals(&mut self, row: &impl Cells) {
        if let (true, Cell::Integer(place)) = (self.read.lists_answers, row.cell(0)) {
            if let Ok(found) = self.groups.answer_places.binary_search(&place) {
                self.groups.groups[found].0 = Totals::read(self.read.answer.figures(), &Without(1, row));
            }
            return;
        }
        self.totals = Some(Totals::read(self.read.answer.figures(), row));
    }

    /// The answer.
    pub fn finish(self) -> ReadOutput {
        match &self.read.answer {
            Answer::Groups(shape) => return self.finish_groups(&shape.group),
            Answer::Connection(shape) if self.read.lists_answers => return self.finish_groups(shape),
            Answer::One(_) | Answer::List(_) | Answer::Connection(_) => {}
        }
        let page = self.root.page(0..self.root.count, self.limit, &self.read.cut);
        let mut json = Vec::with_capacity(self.root.bytes.len() + self.children_bytes() + 64);
        let none = Totals::default();
        let totals = self.totals.as_ref().unwrap_or(&none);
        self.write_answer(&self.read.answer, &self.root, &page, totals, &mut json);
        let total = self.totals.as_ref().map(|totals| totals.records);
        ReadOutput { json, records: page.rows.len(), total, page: self.root.page_info(&page), tag: self.tag }
    }

    /// A list of groups, or of answers.
    fn finish_groups(&self, shape: &ConnectionShape) -> ReadOutput {
        let groups = &self.groups.groups;
        let mut json = Vec::with_capacity(self.root.bytes.len() + self.children_bytes() + 128 * groups.len());
        json.push(b'[');
        for (place, (totals, records)) in groups.iter().enumerate() {
            if 0 < place {
                json.push(b',');
            }
            let page = self.root.page(records.clone(), self.limit, &self.read.cut);
            self.write_connection(shape, &self.root, &page, totals, &mut json);
        }
        json.push(b']');
        ReadOutput { json, records: groups.len(), ..ReadOutput::default() }
    }

    fn children_bytes(&self) -> usize {
        self.children.iter().map(|children| children.rows.bytes.len()).sum()
    }

    fn write_answer(&self, answer: &Answer, rows: &Rows, page: &CutPage, totals: &Totals, out: &mut Vec<u8>) {
        match answer {
            Answer::One(_) => {
                if let Some(row) = page.rows.clone().next() {
                    self.write_element(rows, row, 0, out);
                }
            }
            Answer::List(_) => self.write_list(rows, page, 0, out),
            Answer::Connection(shape) | Answer::Groups(GroupsShape { group: shape, .. }) => {
                self.write_connection(shape, rows, page, totals, out);
            }
        }
    }

    fn write_connection(
        &self,
        shape: &ConnectionShape,
        rows: &Rows,
        page: &CutPage,
        totals: &Totals,
        out: &mut Vec<u8>,
    ) {
        out.push(b'{');
        let mut element = 0;
        for member in &shape.members {
            match member {
                ConnectionMember::Literal(text) => out.extend_from_slice(text),
                ConnectionMember::Edges { key, .. } | ConnectionMember::Records { key, .. } => {
                    out.extend_from_slice(key);
                    self.write_list(rows, page, element, out);
                    element += 1;
                }
                ConnectionMember::PageInfo { key, members } => {
                    out.extend_from_slice(key);
                    write_page_info(members, &rows.page_facts(page), out);
                }
                ConnectionMember::Total { key, is_text } => {
                    out.extend_from_slice(key);
                    let quote: &[u8] = if *is_text { b"\"" } else { b"" };
                    out.extend_from_slice(quote);
                    totals.write_records(out);
                    out.extend_from_slice(quote);
                }
                ConnectionMember::Figure { key, place } => {
                    out.extend_from_slice(key);
                    totals.write_figure(*place, out);
                }
                ConnectionMember::Dimensions { key } => {
                    out.extend_from_slice(key);
                    out.extend_from_slice(&totals.dimensions);
                }
            }
        }
        out.push(b'}');
    }

    fn write_list(&self, rows: &Rows, page: &CutPage, element: usize, out: &mut Vec<u8>) {
        out.push(b'[');
        for (place, row) in page.in_order().enumerate() {
            if 0 < place {
                out.push(b',');
            }
            self.write_element(rows, row, element, out);
        }
        out.push(b']');
    }

    /// Copies what was written of a row, filling its holes.
    fn write_element(&self, rows: &Rows, row: usize, element: usize, out: &mut Vec<u8>) {
        let range = rows.ranges[row * rows.elements + element].clone();
        let first = rows.holes.partition_point(|hole| hole.at < range.start);
        let mut from = range.start;
        for hole in rows.holes[first..].iter().take_while(|hole| hole.at < range.end) {
            out.extend_from_slice(&rows.bytes[from..hole.at]);
            self.fill(hole, out);
            from = hole.at;
        }
        out.extend_from_slice(&rows.bytes[from..range.end]);
    }

    fn fill(&self, hole: &Hole, out: &mut Vec<u8>) {
        let (compiled, children) = (&self.read.children[hole.child], &self.children[hole.child]);
        let found = hole.parent.and_then(|parent| children.by_parent.get(&parent).cloned()).unwrap_or(0..0);
        let is_one = matches!(compiled.answer, Answer::One(_)) || hole.content == HoleContent::Id;
        if is_one && found.is_empty() {
            return out.extend_from_slice(b"null");
        }
        if let (HoleContent::Id, Some(id)) = (hole.content, hole.parent) {
            return json::write_uuid(id, out);
        }
        let page = children.rows.page(found, children.limit, &compiled.cut);
        // Parents without related records have no row in the statement of the totals.
        let none = Totals::default();
        let totals = hole.parent.and_then(|parent| children.totals.get(&parent)).unwrap_or(&none);
        self.write_answer(&compiled.answer, &children.rows, &page, totals, out);
    }
}

/// The rows of one page, and what lies around it.
struct CutPage {
    rows: Range<usize>,
    backward: bool,
    has_next_page: bool,
    has_previous_page: bool,
}

impl CutPage {
    /// The rows in the order of the list, which backward pages were read against.
    fn in_order(&self) -> impl Iterator<Item = usize> + use<> {
        let (backward, rows) = (self.backward, self.rows.clone());
        let length = rows.len();
        (0..length).map(move |place| if backward { rows.end - 1 - place } else { rows.start + place })
    }
}

/// Writes what the records of a group have in common as a JSON list.
fn write_dimensions(dimensions: &[Written], row: &impl Cells, out: &mut Vec<u8>) {
    out.push(b'[');
    for (place, written) in dimensions.iter().enumerate() {
        if 0 < place {
            out.push(b',');
        }
        written.write(row.cell(place), out);
    }
    out.push(b']');
}

impl Answer {
    /// How the figures beside the records are written.
    fn figures(&self) -> &[Written] {
        self.connection().map_or(&[], |shape| &shape.figures)
    }
}

impl Rows {
    /// Room for as many rows as a page usually has.
    fn for_answer(answer: &Answer, limit: usize) -> Self {
        let elements = answer.connection().map_or(1, |shape| shape.elements().count());
        let expected = limit.saturating_add(1).min(MAX_EXPECTED_ROWS);
        Self {
            elements,
            bytes: Vec::with_capacity(expected * EXPECTED_ROW_BYTES),
            ranges: Vec::with_capacity(expected * elements),
            cursor_ends: Vec::with_capacity(expected),
            ..Self::default()
        }
    }

    fn push(&mut self, answer: &Answer, cut: &Cut, row: &impl Cells) {
        match answer {
            Answer::One(record) | Answer::List(record) => {
                self.push_cursor(cut, row);
                self.push_record(record, row);
            }
            Answer::Connection(shape) | Answer::Groups(GroupsShape { group: shape, .. }) => {
                self.push_elements(shape, cut, row);
            }
        }
    }

    /// Writes a record once for each place in a connection that shows it.
    fn push_elements(&mut self, shape: &ConnectionShape, cut: &Cut, row: &impl Cells) {
        let cursor_start = self.cursors.len();
        self.push_cursor(cut, row);
        for element in shape.elements() {
            match element {
                Element::Record(record) => self.push_record(record, row),
                Element::Edge(members) => {
                    let start = self.bytes.len();
                    let cursor = &self.cursors[cursor_start..];
                    write_edge(members, row, cursor, &mut self.bytes, &mut self.holes);
                    self.ranges.push(start..self.bytes.len());
                }
            }
        }
    }

    fn push_cursor(&mut self, cut: &Cut, row: &impl Cells) {
        write_cursor(&cut.cursor, row, &mut self.cursors);
        self.cursor_ends.push(self.cursors.len());
        self.count += 1;
    }

    fn push_record(&mut self, record: &RecordShape, row: &impl Cells) {
        let start = self.bytes.len();
        record.write(row, &mut self.bytes, &mut self.holes);
        self.ranges.push(start..self.bytes.len());
    }

    /// Cuts off the row that only told that there is more.
    fn page(&self, found: Range<usize>, limit: usize, cut: &Cut) -> CutPage {
        let has_more = limit < found.len();
        let rows = found.start..found.end.min(found.start.saturating_add(limit));
        CutPage {
            rows,
            backward: cut.backward,
            has_next_page: cut.backward || has_more,
            has_previous_page: if cut.backward { has_more } else { cut.has_cursor },
        }
    }

    fn page_facts(&self, page: &CutPage) -> PageFacts<'_> {
        let mut rows = page.in_order();
        let first = rows.next();
        let last = rows.last().or(first);
        PageFacts {
            has_next_page: page.has_next_page,
            has_previous_page: page.has_previous_page,
            ends: first.zip(last).map(|(first, last)| (self.cursor(first), self.cursor(last))),
        }
    }

    fn page_info(&self, page: &CutPage) -> PageInfo {
        let facts = self.page_facts(page);
        let text = |json: &[u8]| {
            let mut encoded = Vec::new();
            cursor::encode(json, &mut encoded);
            String::from_utf8(encoded).unwrap_or_default()
        };
        PageInfo {
            has_next_page: facts.has_next_page,
            has_previous_page: facts.has_previous_page,
            cursors: facts.ends.map(|(start, end)| (text(start), text(end))),
        }
    }

    fn cursor(&self, row: usize) -> &[u8] {
        let start = row.checked_sub(1).map_or(0, |before| self.cursor_ends[before]);
        &self.cursors[start..self.cursor_ends[row]]
    }
}
