//! Answers about the record schema itself, and strict validation of documents against it.
//!
//! The schema of a large workspace takes a part of a second and some megabytes to build, and most
//! workspaces are never introspected. So it is built when it is first asked for, once for each
//! version of the model, by whoever asks: [`CoreSchema::introspect`] and [`CoreSchema::validate`]
//! are work for a blocking thread, while [`CoreSchema::new`] is cheap anywhere.

mod budget;
mod extract;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use apollo_compiler::ast::Document;
use apollo_compiler::collections::HashMap;
use apollo_compiler::parser::{Parser, SourceMap};
use apollo_compiler::request::{RequestError, coerce_variable_values};
use apollo_compiler::response::{GraphQLError, JsonMap};
use apollo_compiler::schema::Implementers;
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{ExecutableDocument, Name, Schema, introspection};
use fourfold_model::DataModel;
use serde_json::{Map, Value as Json};

use super::schema;

/// How many answers a schema keeps. One alone may be some megabytes; clients send very few documents.
const KEPT_ANSWERS: usize = 4;

/// How deep a document may nest before it is validated.
const MAX_NESTING: usize = 200;

/// How many tokens a document may have before it is validated.
const MAX_TOKENS: usize = 50_000;

/// The record schema of one version of a model.
pub(crate) struct CoreSchema {
    model: Arc<DataModel>,
    built: OnceLock<Built>,
    /// Answers that depend on the document alone, the latest at the end.
    answers: Mutex<VecDeque<(AnswerKey, Introspected)>>,
}

/// What a schema is asked with.
struct Built {
    schema: Valid<Schema>,
    implementers: HashMap<Name, Implementers>,
}

/// The text of a document and the operation chosen from it.
#[derive(Clone, PartialEq, Eq)]
struct AnswerKey {
    text: String,
    operation_name: Option<String>,
}

/// What the root fields `__schema` and `__type` of an operation answer.
#[derive(Clone, Debug)]
pub(crate) struct Introspected {
    object: Arc<str>,
}

impl Introspected {
    /// The members alone, to stand among those of record fields: `"__schema":{…}`. Empty when
    /// there are none.
    pub(crate) fn members(&self) -> &str {
        self.object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default()
    }
}

/// What is wrong with a document, and where, as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DocumentError {
    pub(crate) message: String,
    /// From 1.
    pub(crate) line: Option<usize>,
    /// From 1, in characters.
    pub(crate) column: Option<usize>,
}

impl CoreSchema {
    /// The schema of `model`. Cheap: nothing is built before the schema is used.
    pub(crate) fn new(model: Arc<DataModel>) -> Self {
        Self { model, built: OnceLock::new(), answers: Mutex::default() }
    }

    /// Answers `__schema` and `__type` at the root of one operation; other root fields are left to
    /// others, and may be anything. `document` is the parsed `text`.
    ///
    /// For a blocking thread: the first call builds the schema, and a full answer has megabytes.
    ///
    /// # Errors
    /// When the operation cannot be told, when its introspection part does not fit the introspection
    /// schema, and when it nests or repeats lists so that the answer would be out of proportion.
    pub(crate) fn introspect(
        &self,
        text: &str,
        document: &Document,
        operation_name: Option<&str>,
        variables: &Map<String, Json>,
    ) -> Result<Introspected, Vec<DocumentError>> {
        let key = AnswerKey { text: text.into(), operation_name: operation_name.map(Into::into) };
        if let Some(answer) = self.kept_answer(&key) {
            return Ok(answer);
        }
        let part = extract::introspection_part(document, operation_name)?;
        let answer = match &part {
            None => Introspected { object: "{}".into() },
            Some(part) => self.execute(&part.document, variables)?,
        };
        if part.is_none_or(|part| !part.uses_variables) {
            self.keep_answer(key, answer.clone());
        }
        Ok(answer)
    }

    /// Checks a whole document against the schema, as the specification says.
    ///
    /// For a blocking thread: the first call builds the schema.
    ///
    /// # Errors
    /// Everything that is wrong with the document, from top to bottom.
    pub(crate) fn validate(&self, text: &str) -> Result<(), Vec<DocumentError>> {
        let mut parser = Parser::new().recursion_limit(MAX_NESTING).token_limit(MAX_TOKENS);
        let document = parser.parse_ast(text, DOCUMENT_NAME).map_err(|failed| listed(&failed.errors))?;
        executable(&document, &self.built().schema).map(drop)
    }

    fn execute(
        &self,
        document: &Document,
        variables: &Map<String, Json>,
    ) -> Result<Introspected, Vec<DocumentError>> {
        let Built { schema, implementers } = self.built();
        let executable = executable(document, schema)?;
        let refused = |error: RequestError| vec![located(error.to_graphql_error(&executable.sources))];
        let operation = executable.operations.get(None).map_err(refused)?;
        introspection::check_max_depth(&executable, operation).map_err(refused)?;
        budget::check(&executable, operation)?;
        let values = coerce_variable_values(schema, operation, &json_map(variables)).map_err(refused)?;
        let response = introspection::partial_execute(schema, implementers, &executable, operation, &values)
            .map_err(refused)?;
        if !response.errors.is_empty() {
            return Err(response.errors.into_iter().map(located).collect());
        }
        let object = serde_json::to_string(&response.data.unwrap_or_default())
            .map_err(|error| vec![DocumentError::unlocated(error.to_string())])?;
        Ok(Introspected { object: object.into() })
    }

    fn built(&self) -> &Built {
        self.built.get_or_init(|| {
            let schema = parse_own(schema::sdl(&self.model));
            Built { implementers: schema.implementers_map(), schema }
        })
    }

    fn kept_answer(&self, key: &AnswerKey) -> Option<Introspected> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.iter().find(|(kept, _)| kept == key).map(|(_, answer)| answer.clone())
    }

    fn keep_answer(&self, key: AnswerKey, answer: Introspected) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        // Another request may have answered the same meanwhile.
        answers.retain(|(kept, _)| *kept != key);
        if answers.len() == KEPT_ANSWERS {
            answers.pop_front();
        }
        answers.push_back((key, answer));
    }
}

/// A document whose fields are found in the schema, validated.
///
/// Fields that the schema lacks are told alone: validation would go on without them, and complain
/// about the holes that they leave.
fn executable(
    document: &Document,
    schema: &Valid<Schema>,
) -> Result<Valid<ExecutableDocument>, Vec<DocumentError>> {
    let executable = document.to_executable(schema).map_err(|failed| listed(&failed.errors))?;
    executable.validate(schema).map_err(|failed| listed(&failed.errors))
}

/// Parses the schema that we made. Should a model find a way to make it faulty, what is left
/// without the faulty parts serves on, and the log has the faults.
fn parse_own(sdl: String) -> Valid<Schema> {
    Schema::parse_and_validate(sdl, "core.graphql").unwrap_or_else(|failed| {
        for error in listed(&failed.errors).iter().take(10) {
            tracing::error!(message = error.message, line = error.line, "the generated schema is faulty");
        }
        Valid::assume_valid(failed.partial)
    })
}

const DOCUMENT_NAME: &str = "document.graphql";

fn listed(errors: &DiagnosticList) -> Vec<DocumentError> {
    errors.iter().map(|error| located(error.to_json())).collect()
}

fn located(error: GraphQLError) -> DocumentError {
    let place = error.locations.first();
    DocumentError {
        message: error.message,
        line: place.map(|place| place.line),
        column: place.map(|place| place.column),
    }
}

impl DocumentError {
    fn unlocated(message: impl Into<String>) -> Self {
        Self { message: message.into(), line: None, column: None }
    }

    fn at(
        message: impl Into<String>,
        span: Option<apollo_compiler::parser::SourceSpan>,
        sources: &SourceMap,
    ) -> Self {
        located(GraphQLError::new(message, span, sources))
    }
}

pub(super) fn json_map(variables: &Map<String, Json>) -> JsonMap {
    variables.iter().map(|(name, value)| (name.as_str().into(), value.clone().into())).collect()
}

#[cfg(test)]
mod tests;
