//! What an answer holds: fields and relations of a selection become columns, joins and members.

mod connection;

use std::collections::HashMap;

use fourfold_model::inflection;
use fourfold_model::{DataModel, Field, FieldType, Object, Scalar};

use super::condition::only_target;
use super::{ChildPlan, ColumnRef, Figure, Join};
use crate::bind::Bind;
use crate::error::{PlanError, PlanErrorCode};
use crate::grouping::CHILDREN_IN_GROUP;
use crate::json::{key_text, write_string};
use crate::operation::{Answer, DEFAULT_CHILDREN, Listing, Page, SelectedField, Selection, WholeFields};
use crate::shape::{self, Format, Member, RecordShape, TagShape};
use crate::sql::Alias;

/// How deep relations may nest in a selection (`graphql-core.md` 4.7).
const MAX_RELATION_DEPTH: usize = 5;

/// How complex a selection may be: one, and one for each relation field at any level (`graphql-core.md`
/// 1.6, 4.7).
pub(crate) const MAX_COMPLEXITY: usize = 2000;

/// How many to-one relations a statement joins; further ones are found by their ids, each in a statement
/// of its own. An object that others are many of, as that of activities, has one for each of them.
const MAX_JOINS: usize = 16;

/// The to-one relations that a statement joins, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Joins(pub(super) Vec<Join>);

impl Joins {
    /// The alias of the row that `on` points at, if it is joined already.
    fn known(&self, on: &ColumnRef) -> Option<Alias> {
        self.0.iter().find(|join| join.on == *on).map(|join| join.alias)
    }

    /// The alias of the row that `on` points at.
    pub(super) fn join(&mut self, target: &Object, on: ColumnRef) -> Alias {
        if let Some(known) = self.known(&on) {
            return known;
        }
        let alias = Alias::table(self.0.len() + 1);
        self.0.push(Join { table: target.name_singular.clone(), alias, on });
        alias
    }
}

/// The select list of a statement, each column once.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) list: Vec<ColumnRef>,
    places: HashMap<ColumnRef, usize>,
}

impl Columns {
    pub(super) fn place(&mut self, column: ColumnRef) -> usize {
        let next = self.list.len();
        let place = *self.places.entry(column.clone()).or_insert(next);
        if place == next {
            self.list.push(column);
        }
        place
    }
}

/// How a statement comes to a related record.
enum Reached {
    /// It joins the row.
    Joined(Alias),
    /// The statement with this place finds it.
    LookedUp(usize),
}

/// Plans the selection of one statement, and of the statements below it.
pub(super) struct SelectionPlanner<'a> {
    pub(super) model: &'a DataModel,
    pub(super) joins: Joins,
    pub(super) columns: Columns,
    /// The statements below; none where one is promised and not planned yet.
    children: Vec<Option<ChildPlan>>,
    /// Which of them look up a related record, by the column with its id.
    lookups: HashMap<ColumnRef, usize>,
    /// What is asked for about all that match, each figure once; none when not even their number is.
    pub(super) totals: Option<Vec<Figure>>,
    /// What the tag of the record is made from, where it is asked for.
    pub(super) tag: Option<TagShape>,
    /// Fields that were asked for and do not exist.
    pub(super) warnings: Vec<String>,
    /// The ids of the records that the one at the root would be merged of, where it would.
    pub(super) merged: Option<Bind>,
    depth: usize,
    relations: usize,
    is_child: bool,
    is_in_group: bool,
}

impl<'a> SelectionPlanner<'a> {
    pub(super) fn new(model: &'a DataModel) -> Self {
        Self {
            model,
            joins: Joins::default(),
            columns: Columns::default(),
            children: Vec::new(),
            lookups: HashMap::new(),
            totals: None,
            tag: None,
            warnings: Vec::new(),
            merged: None,
            depth: 0,
            relations: 0,
            is_child: false,
            is_in_group: false,
        }
    }

    /// A planner for the records inside groups.
    pub(super) fn for_group(model: &'a DataModel) -> Self {
        Self { is_in_group: true, ..Self::new(model) }
    }

    /// How many relations the selection follows, at all levels.
    pub(super) fn relations(&self) -> usize {
        self.relations
    }

    /// The most records in a to-many list, whatever the request says.
    pub(super) fn most_children(&self) -> i64 {
        if self.is_in_group { i64::from(CHILDREN_IN_GROUP) } else { i64::MAX }
    }

    /// A planner for the statement of a to-many path below this one.
    fn below(&self) -> Self {
        Self {
            depth: self.depth,
            relations: self.relations,
            is_child: true,
            is_in_group: self.is_in_group,
            ..Self::new(self.model)
        }
    }

    /// Plans an answer.
    pub(super) fn answer(
        &mut self,
        object: &Object,
        answer: &Answer,
        is_one: bool,
    ) -> Result<shape::Answer, PlanError> {
        match answer {
            Answer::Records(selection) => {
                let record = self.record(object, Alias::table(0), selection)?;
                if matches!(selection, Selection::Whole(WholeFields { tagged: true, .. })) {
                    self.tag = Some(self.tag_shape(object));
                }
                if is_one {
                    return Ok(shape::Answer::One(record));
                }
                // REST lists always tell their total, but not those inside records.
                if !self.is_child {
                    self.totals = Some(Vec::new());
                }
                Ok(shape::Answer::List(record))
            }
            Answer::Connection(fields) => {
                let type_name = inflection::connection_type(object);
                Ok(shape::Answer::Connection(self.connection(object, fields, &type_name)?))
            }
            Answer::Item { key, selection } => {
                Ok(shape::Answer::Connection(self.item(object, key, selection)?))
            }
            Answer::Groups(_) => {
                let message = "records are in groups at the root alone";
                Err(PlanError::new(PlanErrorCode::InvalidArgument, message))
            }
        }
    }

    pub(super) fn record(
        &mut self,
        object: &Object,
        alias: Alias,
        selection: &Selection,
    ) -> Result<RecordShape, PlanError> {
        match selection {
            Selection::Whole(whole) => self.whole_fields(object, alias, whole),
            Selection::Fields(fields) => self.fields(object, alias, fields),
        }
    }

    /// All that is stored of a record, but for what is made from the rest of it: sort keys, and the text
    /// that a search looks at.
    fn tag_shape(&mut self, object: &Object) -> TagShape {
        let stored = object.fields.values().flat_map(Field::columns);
        let stored = stored.filter(|(part, _)| part.scalar != Scalar::SearchVector);
        let columns = stored.map(|(part, name)| {
            let column = self.columns.place(ColumnRef { alias: Alias::table(0), column: name });
            (column, Format::plain(part.scalar))
        });
        TagShape(columns.collect())
    }

    fn whole_fields(
        &mut self,
        object: &Object,
        alias: Alias,
        whole: &WholeFields,
    ) -> Result<RecordShape, PlanError> {
        let &WholeFields { related, children, .. } = whole;
        for name in whole.only.iter().flatten() {
            check_shown(object, name, related)?;
        }
        let is_named = |name: &str| whole.only.as_ref().is_none_or(|only| only.iter().any(|one| one == name));
        let mut members = Vec::with_capacity(object.fields.len());
        let flat = Selection::Whole(WholeFields { children, ..WholeFields::default() });
        for field in object.fields.values() {
            let key = key_text(&field.name, members.is_empty());
            let is_shown = is_named(&field.name) || field.name == "id";
            if field.is_to_one() {
                let join_column = inflection::join_column(field);
                let shows_record = related && is_named(&field.name);
                if is_named(&field.name) || is_named(&join_column) {
                    let key = key_text(&join_column, members.is_empty());
                    members.push(self.join_column(alias, field, key, shows_record));
                }
                if shows_record {
                    members.push(self.one(alias, field, key_text(&field.name, false), &flat)?);
                }
            } else if field.is_to_many() {
                if is_shown && related {
                    let answer = Answer::Records(flat.clone());
                    members.push(self.many(alias, field, key, None, Some(children), &answer)?);
                }
            } else if is_shown {
                members.push(self.value(alias, field, key, None));
            }
        }
        Ok(RecordShape { members })
    }

    fn fields(
        &mut self,
        object: &Object,
        alias: Alias,
        fields: &[SelectedField],
    ) -> Result<RecordShape, PlanError> {
        let mut members = Vec::with_capacity(fields.len());
        for selected in fields {
            let key = key_text(&selected.key, members.is_empty());
            members.push(self.field(object, alias, fields, selected, key)?);
        }
        Ok(RecordShape { members })
    }

    fn field(
        &mut self,
        object: &Object,
        alias: Alias,
        siblings: &[SelectedField],
        selected: &SelectedField,
        key: Vec<u8>,
    ) -> Result<Member, PlanError> {
        let name = selected.name.as_str();
        if name == "__typename" {
            return Ok(Member::Literal(text_member(key, &inflection::type_name(object))));
        }
        if let Some(field) = object.field_by_join_column(name) {
            let shows_record = siblings.iter().any(|sibling| sibling.name == field.name);
            return Ok(self.join_column(alias, field, key, shows_record));
        }
        let Some(field) = object.fields.get(name) else {
            self.warn(&inflection::type_name(object), name);
            return Ok(Member::Literal(null_member(key)));
        };
        if !field.is_to_many() {
            refuse_arguments(selected)?;
        }
        if field.relation.is_none() {
            let parts = (!selected.is_leaf()).then_some(selected.selection.as_slice());
            return Ok(self.value(alias, field, key, parts));
        }
        if selected.is_leaf() {
            return Err(needs_selection(name));
        }
        if field.is_to_one() {
            return self.one(alias, field, key, &Selection::Fields(selected.selection.clone()));
        }
        let answer = Answer::Connection(selected.selection.clone());
        self.many(alias, field, key, selected.listing.as_deref(), None, &answer)
    }

    /// A field that is no relation; of a composite all parts, unless some are chosen.
    fn value(
        &mut self,
        alias: Alias,
        field: &Field,
        key: Vec<u8>,
        parts: Option<&[SelectedField]>,
    ) -> Member {
        let spec = field.field_type.spec();
        if !spec.is_composite() {
            let target = only_target(field);
            let column = self.columns.place(ColumnRef { alias, column: target.column });
            return Member::Column { key, column, format: format_of(target.part) };
        }
        let mut members = Vec::new();
        if parts.is_none() {
            for part in spec.parts {
                let key = key_text(part.name, members.is_empty());
                members.push(self.part(alias, field, part, key));
            }
        }
        for selected in parts.unwrap_or_default() {
            let key = key_text(&selected.key, members.is_empty());
            let part = spec.parts.iter().find(|part| part.name == selected.name);
            members.push(match (part, selected.name.as_str()) {
                (Some(part), _) => self.part(alias, field, part, key),
                (None, "__typename") => {
                    Member::Literal(text_member(key, &inflection::composite_type(spec.api_name)))
                }
                (None, unknown) => {
                    self.warn(&inflection::composite_type(spec.api_name), unknown);
                    Member::Literal(null_member(key))
                }
            });
        }
        // A nullable actor that nobody filled in reads as null; all other composites as objects.
        let absent_when = match field.field_type {
            FieldType::Actor if field.is_nullable => {
                let required = spec.parts.iter().filter(|part| part.required);
                required.map(|part| self.columns.place(column_of(alias, field, part))).collect()
            }
            _ => Vec::new(),
        };
        Member::Composite { key, members, absent_when }
    }

    fn part(
        &mut self,
        alias: Alias,
        field: &Field,
        part: &'static fourfold_model::Part,
        key: Vec<u8>,
    ) -> Member {
        let column = self.columns.place(column_of(alias, field, part));
        Member::Column { key, column, format: format_of(part) }
    }

    /// The id of the related record. Beside that record it reads as the record does: null when it is
    /// in the trash.
    fn join_column(&mut self, alias: Alias, field: &Field, key: Vec<u8>, shows_record: bool) -> Member {
        let target = only_target(field);
        let format = format_of(target.part);
        let on = ColumnRef { alias, column: target.column };
        let related = self.model.opposite(field).filter(|_| shows_record);
        let source = match related.map(|opposite| self.reach(opposite.object, &on)) {
            None => on,
            Some(Reached::Joined(alias)) => ColumnRef { alias, column: "id".into() },
            Some(Reached::LookedUp(child)) => {
                return Member::LookedUpId { key, child, id: self.columns.place(on) };
            }
        };
        Member::Column { key, column: self.columns.place(source), format }
    }

    /// How the statement comes to the record that `on` points at.
    fn reach(&mut self, object: &Object, on: &ColumnRef) -> Reached {
        // Below a list there is no further level of statements.
        let is_joined = self.is_child || self.joins.0.len() < MAX_JOINS || self.joins.known(on).is_some();
        if is_joined {
            return Reached::Joined(self.joins.join(object, on.clone()));
        }
        let next = self.children.len();
        let child = *self.lookups.entry(on.clone()).or_insert(next);
        if child == next {
            self.promise();
        }
        Reached::LookedUp(child)
    }

    fn one(
        &mut self,
        alias: Alias,
        field: &Field,
        key: Vec<u8>,
        selection: &Selection,
    ) -> Result<Member, PlanError> {
        let model = self.model;
        let Some(opposite) = model.opposite(field) else { return Ok(Member::Literal(null_member(key))) };
        self.enter(field)?;
        let on = ColumnRef { alias, column: only_target(field).column };
        let member = match self.reach(opposite.object, &on) {
            Reached::Joined(related) => {
                let presence = self.columns.place(ColumnRef { alias: related, column: "id".into() });
                let record = self.record(opposite.object, related, selection)?;
                Member::One { key, presence, record }
            }
            Reached::LookedUp(child) => {
                let mut planner = self.below();
                let found = super::read::plan_lookup(&mut planner, opposite.object, selection)?;
                self.relations = planner.relations;
                self.warnings.append(&mut planner.warnings);
                // The same relation may be selected twice, under two aliases.
                let child = if self.children[child].is_none() { child } else { self.promise() };
                self.children[child] = Some(found);
                Member::LookedUp { key, child, id: self.columns.place(on) }
            }
        };
        self.depth -= 1;
        Ok(member)
    }

    /// The place of a statement that is planned later.
    fn promise(&mut self) -> usize {
        self.children.push(None);
        self.children.len() - 1
    }

    /// The statements below.
    pub(super) fn take_children(&mut self) -> Vec<ChildPlan> {
        std::mem::take(&mut self.children).into_iter().flatten().collect()
    }

    fn many(
        &mut self,
        alias: Alias,
        field: &Field,
        key: Vec<u8>,
        listing: Option<&Listing>,
        limit: Option<u32>,
        answer: &Answer,
    ) -> Result<Member, PlanError> {
        let model = self.model;
        let Some(opposite) = model.opposite(field) else { return Ok(Member::Literal(null_member(key))) };
        if self.is_child {
            let message =
                format!("{} is a list inside a list; ask for it in a request of its own", field.name);
            return Err(PlanError::new(PlanErrorCode::TooComplex, message));
        }
        self.enter(field)?;
        let fallback = Listing { page: Page::default(), ..Listing::default() };
        let mut planner = self.below();
        let mut child = super::read::plan_children(
            &mut planner,
            opposite,
            listing.unwrap_or(&fallback),
            if listing.is_some() { None } else { Some(limit.unwrap_or(self.default_children())) },
            answer,
        )?;
        child.rows.merged = self.merged.clone().filter(|_| alias == Alias::table(0));
        self.relations = planner.relations;
        self.warnings.append(&mut planner.warnings);
        self.depth -= 1;
        self.children.push(Some(child));
        let parent = self.columns.place(ColumnRef { alias, column: "id".into() });
        Ok(Member::Many { key, child: self.children.len() - 1, parent })
    }

    fn default_children(&self) -> u32 {
        if self.is_in_group { CHILDREN_IN_GROUP } else { DEFAULT_CHILDREN }
    }

    /// Counts a relation before it is followed.
    fn enter(&mut self, field: &Field) -> Result<(), PlanError> {
        self.depth += 1;
        self.relations += 1;
        if MAX_RELATION_DEPTH < self.depth {
            let message = format!("{}: relations nest deeper than {MAX_RELATION_DEPTH} levels", field.name);
            return Err(PlanError::new(PlanErrorCode::InvalidArgument, message));
        }
        if MAX_COMPLEXITY < 1 + self.relations {
            let message = format!("the selection holds {MAX_COMPLEXITY} relations or more");
            return Err(PlanError::new(PlanErrorCode::TooComplex, message));
        }
        Ok(())
    }

    fn warn(&mut self, type_name: &str, name: &str) {
        self.warnings.push(format!("{type_name} has no field {name}; it reads null"));
    }
}

/// # Errors
/// `InvalidSelection` when no field has this name, or it is a list of records where none are shown.
fn check_shown(object: &Object, name: &str, related: bool) -> Result<(), PlanError> {
    let message = match object.fields.get(name).or_else(|| object.field_by_join_column(name)) {
        None => format!("fields: {} has no field {name}", object.name_singular),
        Some(field) if field.is_to_many() && !related => {
            format!("fields: {name} is a list of records, which depth=1 shows")
        }
        Some(_) => return Ok(()),
    };
    Err(PlanError::new(PlanErrorCode::InvalidSelection, message))
}

/// Only lists of related records take arguments below the root.
fn refuse_arguments(selected: &SelectedField) -> Result<(), PlanError> {
    match selected.listing {
        None => Ok(()),
        Some(_) => {
            let message = format!("{} takes no arguments", selected.name);
            Err(PlanError::new(PlanErrorCode::InvalidArgument, message))
        }
    }
}

fn needs_selection(name: &str) -> PlanError {
    let message = format!("{name} needs a selection of fields, as in {name} {{ … }}");
    PlanError::new(PlanErrorCode::InvalidArgument, message)
}

fn column_of(alias: Alias, field: &Field, part: &fourfold_model::Part) -> ColumnRef {
    ColumnRef { alias, column: field.column_name(part) }
}

fn format_of(part: &fourfold_model::Part) -> Format {
    Format { scalar: part.scalar, null_reads: part.null_reads }
}

fn text_member(mut key: Vec<u8>, text: &str) -> Vec<u8> {
    write_string(text.as_bytes(), &mut key);
    key
}

fn null_member(mut key: Vec<u8>) -> Vec<u8> {
    key.extend(b"null");
    key
}
