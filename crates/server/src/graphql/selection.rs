//! Selections of a document: fragments resolved, directives applied, equal keys merged.

use apollo_compiler::Node;
use apollo_compiler::ast::{Argument, Field, Selection};
use fourfold_query::operation::{SelectedField, Values};
use indexmap::IndexMap;
use indexmap::map::Entry;
use serde_json::{Map, Value as Json};

use super::arguments;
use super::document::Operation;
use crate::error::{ApiError, ApiResult, ErrorCode};

/// How many fields one document may select, fragments expanded.
const MAX_FIELDS: usize = 10_000;

/// How deep selections and fragments may nest; relations alone stop much earlier.
const MAX_DEPTH: usize = 40;

/// Reads the selections of one operation, within limits that hold for all of them together.
pub(crate) struct SelectionReader<'o, 'd> {
    operation: &'o Operation<'d>,
    fields_left: usize,
}

/// Fields of one key: the first of them, and the selections of all.
struct Merged<'d> {
    field: &'d Node<Field>,
    selections: Vec<&'d [Selection]>,
}

/// A root field with its arguments, its selection not yet read.
pub(crate) struct Root<'d> {
    pub(crate) key: String,
    pub(crate) name: &'d str,
    pub(crate) arguments: Map<String, Json>,
    selections: Vec<&'d [Selection]>,
}

impl Root<'_> {
    /// Whether the document selects nothing below it.
    pub(crate) fn is_leaf(&self) -> bool {
        self.selections.is_empty()
    }
}

impl<'o, 'd> SelectionReader<'o, 'd> {
    pub(crate) fn new(operation: &'o Operation<'d>) -> Self {
        Self { operation, fields_left: MAX_FIELDS }
    }

    /// The root fields of the operation, in order.
    pub(crate) fn roots(&mut self) -> ApiResult<Vec<Root<'d>>> {
        let merged = self.merge(&[&self.operation.definition.selection_set])?;
        Ok(merged
            .into_iter()
            .map(|(key, Merged { field, selections })| Root {
                key: key.to_owned(),
                name: field.name.as_str(),
                arguments: self.arguments(&field.arguments),
                selections,
            })
            .collect())
    }

    /// What a root field selects. Values of nested arguments are kept in `values`.
    ///
    /// # Errors
    /// When the document selects nothing there; directives may leave nothing of what it selects.
    pub(crate) fn below(&mut self, root: &Root<'d>, values: &mut Values) -> ApiResult<Vec<SelectedField>> {
        if root.is_leaf() {
            return Err(invalid(format!("{} needs a selection of fields", root.name)));
        }
        self.read(&root.selections, 1, values)
    }

    fn read(
        &mut self,
        selections: &[&'d [Selection]],
        depth: usize,
        values: &mut Values,
    ) -> ApiResult<Vec<SelectedField>> {
        if depth == MAX_DEPTH {
            return Err(limit(format!("the document nests deeper than {MAX_DEPTH} levels")));
        }
        let merged = self.merge(selections)?;
        let mut fields = Vec::with_capacity(merged.len());
        for (key, Merged { field, selections }) in merged {
            let arguments = self.arguments(&field.arguments);
            let listing = match (arguments.is_empty(), selections.is_empty()) {
                (true, _) => None,
                (false, true) => {
                    return Err(invalid(format!("{} takes no arguments without a selection", field.name)));
                }
                (false, false) => Some(Box::new(arguments::nested_listing(&field.name, arguments, values)?)),
            };
            let selection = self.read(&selections, depth + 1, values)?;
            fields.push(SelectedField {
                key: key.to_owned(),
                name: field.name.to_string(),
                listing,
                is_emptied: selection.is_empty() && !selections.is_empty(),
                selection,
            });
        }
        Ok(fields)
    }

    fn arguments(&self, arguments: &[Node<Argument>]) -> Map<String, Json> {
        let given = arguments
            .iter()
            .filter_map(|argument| Some((argument.name.to_string(), self.operation.value(&argument.value)?)));
        // Null is the same as absent.
        given.filter(|(_, value)| !value.is_null()).collect()
    }

    fn merge(&mut self, selections: &[&'d [Selection]]) -> ApiResult<IndexMap<&'d str, Merged<'d>>> {
        let mut merged = IndexMap::new();
        for selection in selections {
            self.collect(selection, 0, &mut merged)?;
        }
        Ok(merged)
    }

    fn collect(
        &mut self,
        selections: &'d [Selection],
        depth: usize,
        merged: &mut IndexMap<&'d str, Merged<'d>>,
    ) -> ApiResult<()> {
        if depth == MAX_DEPTH {
            return Err(limit("fragments nest too deep, or contain themselves"));
        }
        for selection in selections {
            self.fields_left = self
                .fields_left
                .checked_sub(1)
                .ok_or_else(|| limit(format!("the document selects more than {MAX_FIELDS} fields")))?;
            match selection {
                Selection::Field(field) if self.operation.is_included(&field.directives) => {
                    let key = field.alias.as_ref().unwrap_or(&field.name).as_str();
                    let merged = match merged.entry(key) {
                        Entry::Occupied(known) if asks_otherwise(known.get().field, field) => {
                            return Err(invalid(format!(
                                "{key} is asked for twice with other names or arguments; give one an alias"
                            )));
                        }
                        Entry::Occupied(known) => known.into_mut(),
                        Entry::Vacant(free) => free.insert(Merged { field, selections: Vec::new() }),
                    };
                    if !field.selection_set.is_empty() {
                        merged.selections.push(&field.selection_set);
                    }
                }
                Selection::InlineFragment(fragment) if self.operation.is_included(&fragment.directives) => {
                    self.collect(&fragment.selection_set, depth + 1, merged)?;
                }
                Selection::FragmentSpread(spread) if self.operation.is_included(&spread.directives) => {
                    let name = spread.fragment_name.as_str();
                    let fragment = self.operation.fragment(name).ok_or_else(|| {
                        let message = format!("the document has no fragment {name}");
                        ApiError::new(ErrorCode::GraphqlValidationFailed, message)
                    })?;
                    self.collect(&fragment.selection_set, depth + 1, merged)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether two fields of one key cannot have one answer.
fn asks_otherwise(one: &Field, other: &Field) -> bool {
    one.name != other.name
        || one.arguments.len() != other.arguments.len()
        || one.arguments.iter().any(|argument| !other.arguments.contains(argument))
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidQueryInput, message)
}

fn limit(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::DocumentLimit, message)
}
