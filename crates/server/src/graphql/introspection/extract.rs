//! The introspection part of a document that may also ask for records.
//!
//! Record fields are read tolerantly and would not survive validation, so they are cut out first:
//! what is left is one operation with `__schema` and `__type` at its root, the fragments that these
//! use, and the variables that these use.

use std::collections::HashSet;

use apollo_compiler::Name;
use apollo_compiler::Node;
use apollo_compiler::ast::{
    Definition, DirectiveList, Document, FragmentDefinition, InlineFragment, OperationDefinition, Selection,
    Value,
};
use apollo_compiler::collections::HashMap;

use super::DocumentError;

/// How deep fragments may nest at the root; the fragments of one field are not counted.
const MAX_ROOT_NESTING: usize = 10;

/// A document that asks for introspection alone.
pub(super) struct IntrospectionPart {
    pub(super) document: Document,
    /// Whether the answer depends on variables.
    pub(super) uses_variables: bool,
}

/// Cuts the introspection part out of the operation with this name, or of the only operation;
/// `None` when it has none.
///
/// # Errors
/// When there is no such operation, or several to choose from.
pub(super) fn introspection_part(
    document: &Document,
    operation_name: Option<&str>,
) -> Result<Option<IntrospectionPart>, Vec<DocumentError>> {
    let operation = chosen(document, operation_name)?;
    let fragments: Fragments<'_> = document
        .definitions
        .iter()
        .filter_map(Definition::as_fragment_definition)
        .map(|fragment| (&fragment.name, fragment))
        .collect();
    let mut used = Used { fragments: &fragments, fragment_names: HashSet::new(), variables: HashSet::new() };
    let selection_set = introspection_fields(&operation.selection_set, &fragments, 0);
    if selection_set.is_empty() {
        return Ok(None);
    }
    used.visit_directives(&operation.directives);
    used.visit(&selection_set);
    let variables: Vec<_> = operation
        .variables
        .iter()
        .filter(|variable| used.variables.contains(&variable.name))
        .cloned()
        .collect();
    let kept = OperationDefinition { selection_set, variables, ..OperationDefinition::clone(operation) };
    let mut definitions = vec![Definition::OperationDefinition(Node::new(kept))];
    definitions.extend(document.definitions.iter().filter(|definition| used.includes(definition)).cloned());
    Ok(Some(IntrospectionPart {
        document: Document { sources: document.sources.clone(), definitions },
        uses_variables: !used.variables.is_empty(),
    }))
}

type Fragments<'a> = HashMap<&'a Name, &'a Node<FragmentDefinition>>;

fn chosen<'a>(
    document: &'a Document,
    operation_name: Option<&str>,
) -> Result<&'a Node<OperationDefinition>, Vec<DocumentError>> {
    let mut operations = document.definitions.iter().filter_map(Definition::as_operation_definition);
    let error = |message: String| Err(vec![DocumentError::unlocated(message)]);
    if let Some(name) = operation_name {
        return operations
            .find(|operation| operation.name.as_ref().is_some_and(|own| own == name))
            .map_or_else(|| error(format!("the document has no operation `{name}`")), Ok);
    }
    match (operations.next(), operations.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => error("the document has no operation".into()),
        (Some(_), Some(_)) => {
            error("the document has several operations; say which in `operationName`".into())
        }
    }
}

/// The selections without all that is not introspection. Fragments at the root become inline, since
/// other fields of theirs go.
fn introspection_fields(
    selections: &[Selection],
    fragments: &Fragments<'_>,
    nesting: usize,
) -> Vec<Selection> {
    let inline = |condition: Option<&Name>, directives: &DirectiveList, selections: &[Selection]| {
        let selection_set = introspection_fields(selections, fragments, nesting + 1);
        (!selection_set.is_empty()).then(|| {
            let (type_condition, directives) = (condition.cloned(), directives.clone());
            Selection::InlineFragment(Node::new(InlineFragment { type_condition, directives, selection_set }))
        })
    };
    // Fragments that contain themselves are refused by validation, which comes later.
    if MAX_ROOT_NESTING < nesting {
        return Vec::new();
    }
    selections
        .iter()
        .filter_map(|selection| match selection {
            Selection::Field(field) => {
                matches!(field.name.as_str(), "__schema" | "__type").then(|| selection.clone())
            }
            Selection::InlineFragment(fragment) => {
                inline(fragment.type_condition.as_ref(), &fragment.directives, &fragment.selection_set)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = fragments.get(&spread.fragment_name)?;
                inline(Some(&fragment.type_condition), &spread.directives, &fragment.selection_set)
            }
        })
        .collect()
}

/// What selections refer to, directly or through fragments.
struct Used<'a> {
    fragments: &'a Fragments<'a>,
    fragment_names: HashSet<Name>,
    variables: HashSet<Name>,
}

impl Used<'_> {
    fn includes(&self, definition: &Definition) -> bool {
        definition
            .as_fragment_definition()
            .is_some_and(|fragment| self.fragment_names.contains(&fragment.name))
    }

    fn visit(&mut self, selections: &[Selection]) {
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    field.arguments.iter().for_each(|argument| self.visit_value(&argument.value));
                    self.visit_directives(&field.directives);
                    self.visit(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => {
                    self.visit_directives(&fragment.directives);
                    self.visit(&fragment.selection_set);
                }
                Selection::FragmentSpread(spread) => {
                    self.visit_directives(&spread.directives);
                    self.visit_fragment(&spread.fragment_name);
                }
            }
        }
    }

    fn visit_fragment(&mut self, name: &Name) {
        if !self.fragment_names.insert(name.clone()) {
            return;
        }
        if let Some(fragment) = self.fragments.get(name) {
            self.visit_directives(&fragment.directives);
            self.visit(&fragment.selection_set);
        }
    }

    fn visit_directives(&mut self, directives: &DirectiveList) {
        for directive in directives.iter() {
            directive.arguments.iter().for_each(|argument| self.visit_value(&argument.value));
        }
    }

    fn visit_value(&mut self, value: &Value) {
        match value {
            Value::Variable(name) => {
                self.variables.insert(name.clone());
            }
            Value::List(values) => values.iter().for_each(|value| self.visit_value(value)),
            Value::Object(members) => members.iter().for_each(|(_, value)| self.visit_value(value)),
            Value::Null
            | Value::Enum(_)
            | Value::String(_)
            | Value::Float(_)
            | Value::Int(_)
            | Value::Boolean(_) => {}
        }
    }
}
