//! A bound on how much one introspection may ask for.
//!
//! Depth alone is no bound: an answer grows with every list that is repeated under another alias,
//! and each holds the whole schema. What the usual clients send asks for nine lists.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};

use super::DocumentError;

/// Lists of types, fields, arguments and so on, each fragment counted wherever it is spread.
const MAX_LISTS: usize = 30;

/// Selections, each fragment counted wherever it is spread.
const MAX_SELECTIONS: usize = 2_000;

/// # Errors
/// When the operation asks for more than the bounds, at the field that goes over them.
pub(super) fn check(document: &ExecutableDocument, operation: &Operation) -> Result<(), Vec<DocumentError>> {
    Budget { document, lists: 0, selections: 0 }.spend(&operation.selection_set)
}

struct Budget<'a> {
    document: &'a ExecutableDocument,
    lists: usize,
    selections: usize,
}

impl Budget<'_> {
    fn spend(&mut self, selection_set: &SelectionSet) -> Result<(), Vec<DocumentError>> {
        for selection in &selection_set.selections {
            self.selections += 1;
            match selection {
                Selection::Field(field) => {
                    self.lists += usize::from(is_list_of_many(field));
                    self.check(field)?;
                    self.spend(&field.selection_set)?;
                }
                Selection::InlineFragment(fragment) => self.spend(&fragment.selection_set)?,
                Selection::FragmentSpread(spread) => {
                    // Validation has made sure that fragments exist and do not contain themselves.
                    if let Some(fragment) = spread.fragment_def(self.document) {
                        self.spend(&fragment.selection_set)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn check(&self, field: &Field) -> Result<(), Vec<DocumentError>> {
        if self.lists <= MAX_LISTS && self.selections <= MAX_SELECTIONS {
            return Ok(());
        }
        let message =
            format!("an introspection may ask for at most {MAX_LISTS} lists and {MAX_SELECTIONS} selections");
        Err(vec![DocumentError::at(message, field.name.location(), &self.document.sources)])
    }
}

fn is_list_of_many(field: &Field) -> bool {
    field.ty().is_list() && !field.selection_set.is_empty()
}
