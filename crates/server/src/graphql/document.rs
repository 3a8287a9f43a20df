//! GraphQL documents: parsed once by their text, one operation chosen, its values filled in.

use std::sync::{Arc, LazyLock};

use apollo_compiler::Node;
use apollo_compiler::ast::{
    Definition, DirectiveList, Document, FragmentDefinition, OperationDefinition, Value,
};
use apollo_compiler::parser::Parser;
use quick_cache::sync::Cache;
use serde_json::{Map, Value as Json};

use crate::error::{ApiError, ApiResult, ErrorCode};

/// How deep a document may nest. The parser counts every level of selections and values.
const MAX_NESTING: usize = 120;

/// How many tokens a document may have.
const MAX_TOKENS: usize = 200_000;

/// Documents that are kept parsed.
const KEPT_DOCUMENTS: usize = 500;

/// Longer documents are parsed each time: they hold values rather than variables, and seldom recur.
const MAX_KEPT_BYTES: usize = 32 * 1024;

static PARSED: LazyLock<Cache<String, Arc<Document>>> = LazyLock::new(|| Cache::new(KEPT_DOCUMENTS));

/// Parses a document, or finds it parsed.
///
/// # Errors
/// `GraphqlParseFailed` with the place of the first error.
pub(crate) fn parse(text: &str) -> ApiResult<Arc<Document>> {
    if let Some(document) = PARSED.get(text) {
        return Ok(document);
    }
    let mut parser = Parser::new().recursion_limit(MAX_NESTING).token_limit(MAX_TOKENS);
    let parsed = parser.parse_ast(text, "document.graphql").map_err(|failed| {
        let first = failed.errors.iter().next();
        let message = first.map_or_else(
            || "the document is not GraphQL".to_owned(),
            |error| {
                let place = error
                    .line_column_range()
                    .map(|range| format!(" at {}:{}", range.start.line, range.start.column));
                format!("{}{}", error.error, place.unwrap_or_default())
            },
        );
        ApiError::new(ErrorCode::GraphqlParseFailed, message)
    })?;
    let document = Arc::new(parsed);
    if text.len() <= MAX_KEPT_BYTES {
        PARSED.insert(text.to_owned(), Arc::clone(&document));
    }
    Ok(document)
}

/// One operation of a document, with the variables it runs with.
pub(crate) struct Operation<'d> {
    pub(crate) document: &'d Document,
    pub(crate) definition: &'d OperationDefinition,
    variables: Map<String, Json>,
}

impl<'d> Operation<'d> {
    /// Chooses the operation called `name`, or the only one.
    ///
    /// # Errors
    /// When there is none of that name, or several and no name.
    pub(crate) fn choose(
        document: &'d Document,
        name: Option<&str>,
        mut variables: Map<String, Json>,
    ) -> ApiResult<Self> {
        let mut operations = document.definitions.iter().filter_map(|definition| match definition {
            Definition::OperationDefinition(operation) => Some(operation),
            _ => None,
        });
        let chosen = match name {
            Some(name) => operations.find(|operation| operation.name.as_deref() == Some(name)),
            None => {
                let first = operations.next();
                if operations.next().is_some() {
                    let message = "the document has several operations: operationName must choose one";
                    return Err(ApiError::new(ErrorCode::GraphqlValidationFailed, message));
                }
                first
            }
        };
        let definition = chosen.ok_or_else(|| {
            let message = match name {
                Some(name) => format!("the document has no operation {name}"),
                None => "the document has no operation".to_owned(),
            };
            ApiError::new(ErrorCode::GraphqlValidationFailed, message)
        })?;
        for variable in &definition.variables {
            if let Some(default) = &variable.default_value
                && !variables.contains_key(variable.name.as_str())
                && let Some(value) = json(default, &Map::new())
            {
                variables.insert(variable.name.to_string(), value);
            }
        }
        Ok(Self { document, definition, variables })
    }

    /// The value of an argument; `None` for a variable that was not given.
    pub(crate) fn value(&self, value: &Value) -> Option<Json> {
        json(value, &self.variables)
    }

    pub(crate) fn variables(&self) -> &Map<String, Json> {
        &self.variables
    }

    pub(crate) fn fragment(&self, name: &str) -> Option<&'d Node<FragmentDefinition>> {
        self.document.definitions.iter().find_map(|definition| match definition {
            Definition::FragmentDefinition(fragment) if fragment.name == name => Some(fragment),
            _ => None,
        })
    }

    /// Whether `@skip` and `@include` let a selection stand.
    pub(crate) fn is_included(&self, directives: &DirectiveList) -> bool {
        let condition = |name: &str| {
            let directive = directives.get(name)?;
            let argument = directive.specified_argument_by_name("if")?;
            self.value(argument)?.as_bool()
        };
        condition("skip") != Some(true) && condition("include") != Some(false)
    }
}

/// A literal as JSON: enum values as text, numbers that fit 64 bits as whole numbers, numbers beyond
/// every range as the text that they are, which no field takes. An absent variable leaves out the member
/// that it stands in.
fn json(value: &Value, variables: &Map<String, Json>) -> Option<Json> {
    Some(match value {
        Value::Null => Json::Null,
        Value::Boolean(truth) => (*truth).into(),
        Value::String(text) => text.as_str().into(),
        Value::Enum(name) => name.as_str().into(),
        Value::Int(number) => match number.as_str().parse::<i64>() {
            Ok(whole) => whole.into(),
            Err(_) => number.try_to_f64().map_or_else(|_| number.as_str().into(), Json::from),
        },
        Value::Float(number) => number.try_to_f64().map_or_else(|_| number.as_str().into(), Json::from),
        Value::Variable(name) => return variables.get(name.as_str()).cloned(),
        Value::List(items) => {
            Json::Array(items.iter().map(|item| json(item, variables).unwrap_or(Json::Null)).collect())
        }
        Value::Object(members) => Json::Object(
            members
                .iter()
                .filter_map(|(name, member)| Some((name.to_string(), json(member, variables)?)))
                .collect(),
        ),
    })
}
