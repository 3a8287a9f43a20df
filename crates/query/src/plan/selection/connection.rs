//! What is shown beside records: edges, page info, totals and figures, of lists and of groups.

use fourfold_model::inflection::{self, TypeRole};
use fourfold_model::{Object, Scalar};

use super::{SelectionPlanner, needs_selection, null_member, refuse_arguments, text_member};
use crate::error::{PlanError, PlanErrorCode};
use crate::grouping::GroupAnswer;
use crate::json::key_text;
use crate::operation::{SelectedField, Selection, WholeFields};
use crate::plan::Figure;
use crate::plan::group::{is_text_over_rest, unknown_figure};
use crate::shape::{ConnectionMember, ConnectionShape, EdgeMember, Format, PageInfoMember, Written};
use crate::sql::Alias;

/// How many different figures over fields one connection may have; SQLite stops at 2000 columns.
const MAX_FIGURES: usize = 1000;

impl SelectionPlanner<'_> {
    /// Plans what is shown of each group.
    pub(in crate::plan) fn group(
        &mut self,
        object: &Object,
        answer: &GroupAnswer,
    ) -> Result<ConnectionShape, PlanError> {
        match answer {
            GroupAnswer::Connection(fields) => {
                let type_name =
                    inflection::type_for(&inflection::type_name(object), TypeRole::GroupByConnection);
                self.connection(object, fields, &type_name)
            }
            GroupAnswer::Summary { figures, shows_records } => self.summary(object, figures, *shows_records),
        }
    }

    /// Figures by their names, the dimensions' values, and records as REST shows them.
    fn summary(
        &mut self,
        object: &Object,
        figures: &[String],
        shows_records: bool,
    ) -> Result<ConnectionShape, PlanError> {
        let mut members = Vec::with_capacity(figures.len() + 2);
        let mut written = Vec::new();
        for (place, name) in figures.iter().enumerate() {
            if figures[..place].contains(name) {
                continue;
            }
            let key = key_text(name, members.is_empty());
            if name == inflection::TOTAL_COUNT {
                members.push(ConnectionMember::Total { key, is_text: true });
                continue;
            }
            let place = self.figure(object, name)?.ok_or_else(|| unknown_figure(object, name))?;
            members.push(ConnectionMember::Figure { key, place });
            let is_text = object
                .aggregate_by_name(name)
                .is_some_and(|(field, aggregate)| is_text_over_rest(field, aggregate));
            if place == written.len() {
                written.push(is_text);
            }
        }
        let figures =
            self.totals.iter().flatten().zip(written).map(|(figure, is_text)| match figure.scalar {
                Scalar::BigInt | Scalar::Float if is_text => Written::Quoted(Format::plain(figure.scalar)),
                scalar => Written::plain(scalar),
            });
        let figures = figures.collect();
        members.push(ConnectionMember::Dimensions {
            key: key_text("groupByDimensionValues", members.is_empty()),
        });
        if shows_records {
            let everything = Selection::Whole(WholeFields::default());
            let record = self.record(object, Alias::table(0), &everything)?;
            members.push(ConnectionMember::Records { key: key_text("records", false), record });
        }
        Ok(ConnectionShape { members, figures })
    }

    pub(super) fn connection(
        &mut self,
        object: &Object,
        fields: &[SelectedField],
        type_name: &str,
    ) -> Result<ConnectionShape, PlanError> {
        let is_group = self.is_in_group && !self.is_child;
        let mut members = Vec::with_capacity(fields.len());
        for field in fields {
            refuse_arguments(field)?;
            let key = key_text(&field.key, members.is_empty());
            members.push(match field.name.as_str() {
                name @ ("edges" | "pageInfo") if field.is_leaf() => return Err(needs_selection(name)),
                "edges" => ConnectionMember::Edges { key, members: self.edge(object, &field.selection)? },
                "pageInfo" => ConnectionMember::PageInfo { key, members: self.page_info(&field.selection) },
                "totalCount" => {
                    self.totals.get_or_insert_default();
                    ConnectionMember::Total { key, is_text: false }
                }
                "groupByDimensionValues" if is_group => ConnectionMember::Dimensions { key },
                "__typename" => ConnectionMember::Literal(text_member(key, type_name)),
                name => match self.figure(object, name)? {
                    Some(place) => ConnectionMember::Figure { key, place },
                    None => {
                        self.warn(type_name, name);
                        ConnectionMember::Literal(null_member(key))
                    }
                },
            });
        }
        let figures = self.totals.iter().flatten();
        let figures = figures.map(|figure| Written::plain(figure.scalar)).collect();
        Ok(ConnectionShape { members, figures })
    }

    /// `{"personDuplicates":[…],"totalCount":…,"pageInfo":{…}}`
    pub(super) fn item(
        &mut self,
        object: &Object,
        key: &str,
        selection: &Selection,
    ) -> Result<ConnectionShape, PlanError> {
        let record = self.record(object, Alias::table(0), selection)?;
        self.totals = Some(Vec::new());
        let page_info = vec![
            PageInfoMember::HasNextPage(key_text("hasNextPage", true)),
            PageInfoMember::HasPreviousPage(key_text("hasPreviousPage", false)),
            PageInfoMember::StartCursor(key_text("startCursor", false)),
            PageInfoMember::EndCursor(key_text("endCursor", false)),
        ];
        let members = vec![
            ConnectionMember::Records { key: key_text(key, true), record },
            ConnectionMember::Total { key: key_text("totalCount", false), is_text: false },
            ConnectionMember::PageInfo { key: key_text("pageInfo", false), members: page_info },
        ];
        Ok(ConnectionShape { members, figures: Vec::new() })
    }

    /// The place of the figure with this name among the totals; none when there is no such figure.
    fn figure(&mut self, object: &Object, name: &str) -> Result<Option<usize>, PlanError> {
        let named = object.aggregate_by_name(name);
        let planned = named.and_then(|(field, aggregate)| Figure::plan(field, aggregate, Alias::table(0)));
        let Some(figure) = planned else { return Ok(None) };
        let figures = self.totals.get_or_insert_default();
        if let Some(known) = figures.iter().position(|known| *known == figure) {
            return Ok(Some(known));
        }
        if figures.len() == MAX_FIGURES {
            let message = format!("a connection may have {MAX_FIGURES} figures over its fields, not more");
            return Err(PlanError::new(PlanErrorCode::TooComplex, message));
        }
        figures.push(figure);
        Ok(Some(figures.len() - 1))
    }

    fn edge(&mut self, object: &Object, fields: &[SelectedField]) -> Result<Vec<EdgeMember>, PlanError> {
        let mut members = Vec::with_capacity(fields.len());
        for field in fields {
            refuse_arguments(field)?;
            let key = key_text(&field.key, members.is_empty());
            members.push(match field.name.as_str() {
                "cursor" => EdgeMember::Cursor(key),
                name @ "node" if field.is_leaf() => return Err(needs_selection(name)),
                "node" => EdgeMember::Node(key, self.fields(object, Alias::table(0), &field.selection)?),
                "__typename" => EdgeMember::Literal(text_member(key, &inflection::edge_type(object))),
                unknown => {
                    self.warn(&inflection::edge_type(object), unknown);
                    EdgeMember::Literal(null_member(key))
                }
            });
        }
        Ok(members)
    }

    fn page_info(&mut self, fields: &[SelectedField]) -> Vec<PageInfoMember> {
        let mut members = Vec::with_capacity(fields.len());
        for field in fields {
            let key = key_text(&field.key, members.is_empty());
            members.push(match field.name.as_str() {
                "hasNextPage" => PageInfoMember::HasNextPage(key),
                "hasPreviousPage" => PageInfoMember::HasPreviousPage(key),
                "startCursor" => PageInfoMember::StartCursor(key),
                "endCursor" => PageInfoMember::EndCursor(key),
                "__typename" => PageInfoMember::Literal(text_member(key, "PageInfo")),
                unknown => {
                    self.warn("PageInfo", unknown);
                    PageInfoMember::Literal(null_member(key))
                }
            });
        }
        members
    }
}
