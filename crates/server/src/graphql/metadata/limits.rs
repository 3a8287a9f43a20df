//! How large a document may be (`metadata.md` 1.5). Checked on the text's tree, before validation,
//! so that a document made to be expensive costs little.

use std::collections::{HashMap, HashSet};

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, Document, FragmentDefinition, Selection};

use crate::error::{ApiError, ErrorCode};

const MAX_ROOT_FIELDS: usize = 10;
const MAX_DEPTH: usize = 10;
const MAX_FIELDS: usize = 2000;

/// Selections inside selections, fragments and introspection included; what recursion can bear.
const MAX_NESTING: usize = 64;

/// # Errors
/// `DocumentLimit` names the limit that an operation breaks.
pub(super) fn check(document: &Document) -> Result<(), ApiError> {
    let fragments: HashMap<&str, &Node<FragmentDefinition>> = document
        .definitions
        .iter()
        .filter_map(|definition| match definition {
            Definition::FragmentDefinition(fragment) => Some((fragment.name.as_str(), fragment)),
            _ => None,
        })
        .collect();
    for definition in &document.definitions {
        let Definition::OperationDefinition(operation) = definition else { continue };
        let mut measured =
            Measured { fragments: &fragments, selections: 0, nesting: 0, root_fields: HashSet::new() };
        measured.walk(&operation.selection_set, 1, true)?;
    }
    Ok(())
}

struct Measured<'a> {
    fragments: &'a HashMap<&'a str, &'a Node<FragmentDefinition>>,
    selections: usize,
    nesting: usize,
    root_fields: HashSet<&'a str>,
}

impl<'a> Measured<'a> {
    /// `depth` counts levels of fields. Fragments count as selections and as nesting, so that those
    /// that refer to themselves come to an end.
    fn walk(
        &mut self,
        selections: &'a [Selection],
        depth: usize,
        counts_depth: bool,
    ) -> Result<(), ApiError> {
        if counts_depth && MAX_DEPTH < depth {
            return Err(refused(&format!("a document may not nest deeper than {MAX_DEPTH} levels")));
        }
        self.nesting += 1;
        if MAX_NESTING < self.nesting {
            return Err(refused(&format!("selections and fragments may not nest deeper than {MAX_NESTING}")));
        }
        for selection in selections {
            self.selections += 1;
            if MAX_FIELDS < self.selections {
                return Err(refused(&format!("a document may not select more than {MAX_FIELDS} fields")));
            }
            match selection {
                Selection::Field(field) => {
                    let is_introspection = field.name.starts_with("__");
                    if depth == 1 && !is_introspection {
                        self.count_root(field.name.as_str())?;
                    }
                    // The usual introspection query follows types deeper than data ever goes.
                    self.walk(&field.selection_set, depth + 1, counts_depth && !is_introspection)?;
                }
                Selection::InlineFragment(fragment) => {
                    self.walk(&fragment.selection_set, depth, counts_depth)?;
                }
                Selection::FragmentSpread(spread) => {
                    let fragments = self.fragments;
                    if let Some(fragment) = fragments.get(spread.fragment_name.as_str()) {
                        self.walk(&fragment.selection_set, depth, counts_depth)?;
                    }
                }
            }
        }
        self.nesting -= 1;
        Ok(())
    }

    fn count_root(&mut self, name: &'a str) -> Result<(), ApiError> {
        if !self.root_fields.insert(name) {
            return Err(refused(&format!("`{name}` may stand only once in an operation")));
        }
        if MAX_ROOT_FIELDS < self.root_fields.len() {
            return Err(refused(&format!(
                "an operation may not have more than {MAX_ROOT_FIELDS} root fields"
            )));
        }
        Ok(())
    }
}

fn refused(message: &str) -> ApiError {
    ApiError::new(ErrorCode::DocumentLimit, message)
}
