//! Refused changes of the data model, as clients of both Metadata APIs read them.

use fourfold_model::{EntityKind, Failure, PropertyErrors, Refusal, Report};
use serde_json::{Map, Value as Json, json};

use crate::error::{ApiError, ErrorCode};

/// A refusal on its way to a client. A report travels in the extensions: `errors`, `summary`,
/// `message` and `userFriendlyMessage` (`metadata.md` 2.2).
pub(crate) fn refusal(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Report(report) => validation_error(&report),
        Refusal::UnknownObject(id) => {
            ApiError::new(ErrorCode::EntityNotFound, format!("no object has the id {id}"))
        }
        Refusal::UnknownField(id) => field_not_found(id),
        Refusal::UnknownEntity(id) => {
            ApiError::new(ErrorCode::EntityNotFound, format!("no field has the id {id}"))
        }
        Refusal::ObjectMembersFixed { object, members } => ApiError::new(
            ErrorCode::InvalidObjectInput,
            format!("`{object}` is a standard object; these of its members cannot be changed: {members}"),
        ),
        Refusal::FieldMembersFixed { field, members } => ApiError::new(
            ErrorCode::FieldMutationNotAllowed,
            format!("these members of the field `{field}` cannot be changed: {members}"),
        ),
        Refusal::FieldBelongsToServer(name) => ApiError::new(
            ErrorCode::FieldMutationNotAllowed,
            format!("the field `{name}` belongs to the server and cannot be deleted"),
        ),
    }
}

pub(crate) fn field_not_found(id: uuid::Uuid) -> ApiError {
    ApiError::new(ErrorCode::MetadataFieldNotFound, format!("no field has the id {id}"))
}

pub(crate) fn object_not_found(id: uuid::Uuid) -> ApiError {
    ApiError::new(ErrorCode::ObjectNotFound, format!("no object has the id {id}"))
}

/// Members of an input that break their own rules.
pub(crate) fn property_errors(errors: PropertyErrors) -> ApiError {
    let message = errors.to_string();
    ApiError::new(ErrorCode::MetadataInput, message).with_extension("messages", errors.0)
}

fn validation_error(report: &Report) -> ApiError {
    let kinds = [EntityKind::Object, EntityKind::Field, EntityKind::Index];
    let (mut errors, mut summary, mut counts) = (Map::new(), Map::new(), Vec::new());
    summary.insert("totalErrors".into(), json!(report.failures.len()));
    for kind in kinds {
        let of_kind = || report.failures.iter().filter(move |failure| failure.entity == kind);
        let entries: Vec<Json> = of_kind().map(|failure| entry(report, failure)).collect();
        if entries.is_empty() {
            continue;
        }
        let plural = if entries.len() == 1 { "" } else { "s" };
        counts.push(format!("{} {}{plural}", entries.len(), kind.as_str()));
        summary.insert(kind.as_str().into(), json!(entries.len()));
        errors.insert(kind.as_str().into(), Json::Array(entries));
    }
    let told: Vec<&str> = report
        .failures
        .iter()
        .flat_map(|failure| &failure.faults)
        .map(|fault| fault.message.as_str())
        .collect();
    let friendly = match told.as_slice() {
        [single] => (*single).to_owned(),
        several => format!("{} rules are broken: {}", several.len(), several.join("; ")),
    };
    ApiError::new(ErrorCode::MetadataValidation, friendly.clone())
        .with_extension("message", format!("Validation failed for {}", counts.join(", ")))
        .with_extension("summary", summary)
        .with_extension("errors", errors)
        .with_extension("userFriendlyMessage", friendly)
}

fn entry(report: &Report, failure: &Failure) -> Json {
    let faults: Vec<Json> = failure
        .faults
        .iter()
        .map(|fault| {
            let mut told = json!({
                "code": fault.code.as_str(), "message": fault.message, "userFriendlyMessage": fault.message,
            });
            if let Some(value) = &fault.value {
                told["value"] = value.clone();
            }
            told
        })
        .collect();
    json!({
        "type": report.action.as_str(),
        "metadataName": failure.entity.as_str(),
        "status": "fail",
        "flatEntityMinimalInformation": failure.identity,
        "errors": faults,
    })
}
