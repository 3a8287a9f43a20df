//! What a client is told when something fails: one table of codes and statuses for both doors.

use std::error::Error;

use axum::http::StatusCode;
use fourfold_model::ValueErrorCode;
use serde_json::{Map, Value as Json};

use crate::store::StoreError;

pub(crate) type ApiResult<T> = Result<T, ApiError>;

/// A failure on its way to a client.
///
/// `Display` is what the client reads; the source is what the log reads, once, at the edge.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ApiError {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    /// Further members for `extensions` in GraphQL, such as `conflictingRecordId`.
    pub(crate) extensions: Map<String, Json>,
    #[source]
    pub(crate) source: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), extensions: Map::new(), source: None }
    }

    /// Something that no request should cause; the details go to the log alone.
    pub(crate) fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let message = "something went wrong on our side; the log has the details under this request's id";
        Self { source: Some(source.into()), ..Self::new(ErrorCode::Internal, message) }
    }

    /// Whether the database did not answer in time, or not at all: asking it for more would only take
    /// longer.
    pub(crate) fn is_without_answer(&self) -> bool {
        matches!(self.code, ErrorCode::Busy | ErrorCode::DatabaseUnavailable | ErrorCode::QueryTimeout)
    }

    pub(crate) fn with_extension(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.extensions.insert(name.into(), value.into());
        self
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate { .. } => {
                Self::new(ErrorCode::DuplicateEntry, "a record with these unique values already exists")
            }
            StoreError::ForeignKey => Self::new(
                ErrorCode::InvalidInput,
                "a related record does not exist, or other records still refer to this one",
            ),
            StoreError::NotNull(column) => {
                Self::new(ErrorCode::InvalidInput, format!("{column} must have a value"))
            }
            StoreError::StaleModel => {
                Self::new(ErrorCode::ModelChanged, "the data model changed in the meantime; try again")
            }
            StoreError::TooLarge => Self::new(
                ErrorCode::InvalidInput,
                "a value is too long for a field whose values are unique; shorten it",
            ),
            // Whoever runs a transaction has tried it again before it gets here.
            StoreError::Busy | StoreError::Conflict => {
                Self::new(ErrorCode::Busy, "the database is busy; try again")
            }
            StoreError::TimedOut => Self::new(
                ErrorCode::QueryTimeout,
                "the database took too long and the request was cancelled; ask for less, or filter by fewer fields",
            ),
            StoreError::Unavailable(_) => Self {
                source: Some(error.into()),
                ..Self::new(ErrorCode::DatabaseUnavailable, "the database cannot be reached; try again soon")
            },
            other => Self::internal(other),
        }
    }
}

impl From<ValueErrorCode> for ErrorCode {
    fn from(code: ValueErrorCode) -> Self {
        match code {
            ValueErrorCode::InvalidArgsData => Self::InvalidArgsData,
            ValueErrorCode::InvalidUrl => Self::InvalidUrl,
            ValueErrorCode::InvalidPhoneNumber => Self::InvalidPhoneNumber,
            ValueErrorCode::InvalidPhoneCountryCode => Self::InvalidPhoneCountryCode,
            ValueErrorCode::InvalidPhoneCallingCode => Self::InvalidPhoneCallingCode,
            ValueErrorCode::ConflictingPhoneCountryCode => Self::ConflictingPhoneCountryCode,
            ValueErrorCode::ConflictingPhoneCallingCode => Self::ConflictingPhoneCallingCode,
            ValueErrorCode::ConflictingPhoneCallingCodeAndCountryCode => {
                Self::ConflictingPhoneCallingCodeAndCountryCode
            }
        }
    }
}

/// The three bodies that REST errors have (`platform.md` 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RestShape {
    /// `{statusCode, messages, error}`: before routing, with the code as `error`.
    Authentication,
    /// `{statusCode, error, messages, code?}`: everything that a handler refuses.
    Handler,
    /// `{statusCode, message, error}`: a body that cannot be read, a refused guard.
    Framework,
}

/// How one code looks to clients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ErrorRow {
    pub(crate) shape: RestShape,
    pub(crate) status: StatusCode,
    /// The member `error` of a REST body.
    pub(crate) rest_error: &'static str,
    /// The member `code` of a REST body, where the contract has one.
    pub(crate) rest_code: Option<&'static str>,
    /// `extensions.code` in GraphQL.
    pub(crate) graphql_code: &'static str,
    /// `extensions.subCode` in GraphQL, where the contract has one.
    pub(crate) sub_code: Option<&'static str>,
}

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $name:ident => $shape:ident $status:ident $rest_error:literal $rest_code:expr, $graphql:literal $sub_code:expr;)+) => {
        /// Every failure that a client can be told. A released code is never renamed or reused;
        /// `docs/errors.md` lists them all, and a test keeps it true.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum ErrorCode { $($(#[doc = $doc])+ $name,)+ }

        impl ErrorCode {
            /// Every code with its meaning, in the order of the table.
            #[cfg(test)]
            pub(crate) const ALL: &[(Self, &str)] = &[$((Self::$name, concat!($($doc),+)),)+];

            /// The one table of codes and statuses, for both doors.
            pub(crate) fn row(self) -> ErrorRow {
                match self {
                    $(Self::$name => ErrorRow {
                        shape: RestShape::$shape,
                        status: StatusCode::$status,
                        rest_error: $rest_error,
                        rest_code: $rest_code,
                        graphql_code: $graphql,
                        sub_code: $sub_code,
                    },)+
                }
            }
        }
    };
}

// A macro, since the documentation test reads each code's meaning, which a function could not give.
error_codes! {
    /// No token came with the request.
    MissingToken => Authentication FORBIDDEN "FORBIDDEN_EXCEPTION" None, "FORBIDDEN" None;
    /// The token is malformed, expired, or not signed by this server.
    InvalidToken => Authentication UNAUTHORIZED "UNAUTHENTICATED" None, "UNAUTHENTICATED" Some("UNAUTHENTICATED");
    /// The token is of a type that this operation does not take.
    InvalidTokenType => Authentication FORBIDDEN "INVALID_JWT_TOKEN_TYPE" None, "FORBIDDEN" Some("INVALID_JWT_TOKEN_TYPE");
    /// The API key was revoked or is past its date.
    CredentialRefused => Authentication FORBIDDEN "FORBIDDEN_EXCEPTION" None, "FORBIDDEN" Some("FORBIDDEN_EXCEPTION");
    /// The workspace of the token does not exist.
    WorkspaceNotFound => Authentication UNAUTHORIZED "WORKSPACE_NOT_FOUND" None, "UNAUTHENTICATED" Some("WORKSPACE_NOT_FOUND");
    /// No account has this e-mail address, or the account of the token is gone.
    UserNotFound => Authentication UNAUTHORIZED "USER_NOT_FOUND" None, "UNAUTHENTICATED" Some("USER_NOT_FOUND");
    /// The user of the token is no member of its workspace any more.
    UserWorkspaceNotFound => Authentication INTERNAL_SERVER_ERROR "USER_WORKSPACE_NOT_FOUND" None, "UNAUTHENTICATED" Some("USER_WORKSPACE_NOT_FOUND");
    /// The password is wrong, or the operation needs a signed-in user.
    Forbidden => Authentication FORBIDDEN "FORBIDDEN_EXCEPTION" None, "FORBIDDEN" Some("FORBIDDEN_EXCEPTION");
    /// The account exists already, and is a member of the workspace.
    UserAlreadyExists => Authentication FORBIDDEN "USER_ALREADY_EXISTS" None, "FORBIDDEN" Some("USER_ALREADY_EXISTS");
    /// An account's input breaks a rule, such as the length of a password.
    InvalidAccountInput => Authentication BAD_REQUEST "INVALID_INPUT" None, "BAD_USER_INPUT" Some("INVALID_INPUT");
    /// The role of the caller does not allow this.
    PermissionDenied => Handler BAD_REQUEST "Error" Some("PERMISSION_DENIED"), "FORBIDDEN" Some("PERMISSION_DENIED");
    /// The role of the caller may not see or change the data model.
    SettingsPermissionDenied => Framework FORBIDDEN "Forbidden" None, "FORBIDDEN" Some("PERMISSION_DENIED");
    /// The body is no JSON, or JSON of the wrong shape.
    MalformedBody => Framework BAD_REQUEST "Bad Request" None, "BAD_USER_INPUT" None;
    /// The body is larger than the server takes.
    BodyTooLarge => Framework PAYLOAD_TOO_LARGE "Payload Too Large" None, "BAD_USER_INPUT" None;
    /// No route has this path.
    RouteNotFound => Framework NOT_FOUND "Not Found" None, "NOT_FOUND" None;
    /// The route does not take this method.
    MethodNotAllowed => Framework METHOD_NOT_ALLOWED "Method Not Allowed" None, "METHOD_NOT_ALLOWED" None;
    /// The path names no object, or is no path of the record API.
    UnknownPath => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("INVALID_QUERY_INPUT");
    /// A parameter cannot be read: depth, limit, filter, order, fields.
    InvalidParameter => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("INVALID_QUERY_INPUT");
    /// A header cannot be read, or does not go with the request: If-Match, If-None-Match, Idempotency-Key.
    InvalidHeader => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("INVALID_QUERY_INPUT");
    /// The parentheses of a filter do not match.
    UnbalancedFilter => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("INVALID_QUERY_INPUT");
    /// The parentheses do not match in a filter that names records to remove.
    InvalidFilterQueryParam => Handler BAD_REQUEST "Error" Some("INVALID_FILTER_QUERY_PARAM"), "BAD_USER_INPUT" Some("INVALID_QUERY_INPUT");
    /// The body of a batch is no list.
    BatchNotList => Handler BAD_REQUEST "TypeError" None, "BAD_USER_INPUT" None;
    /// An argument is unknown, missing, or of the wrong shape; an id is malformed.
    InvalidQueryInput => Handler BAD_REQUEST "Error" Some("INVALID_QUERY_INPUT"), "BAD_USER_INPUT" Some("INVALID_QUERY_INPUT");
    /// Two arguments exclude each other.
    ArgsConflict => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("ARGS_CONFLICT");
    /// `first` is negative.
    InvalidArgsFirst => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("INVALID_ARGS_FIRST");
    /// `last` is negative.
    InvalidArgsLast => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("INVALID_ARGS_LAST");
    /// A filter names an unknown field or operator, or a value that does not fit.
    InvalidArgsFilter => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("INVALID_ARGS_FILTER");
    /// A filter compares a select with a value that is none of its options.
    UnknownOption => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" None;
    /// An order names an unknown field.
    FieldNotFound => Handler BAD_REQUEST "Error" Some("FIELD_NOT_FOUND"), "BAD_USER_INPUT" Some("FIELD_NOT_FOUND");
    /// Groups are ordered by something that is neither a dimension nor an aggregate.
    InvalidGroupOrder => Handler BAD_REQUEST "UserInputError" None, "BAD_USER_INPUT" None;
    /// Instants are grouped by a calendar, and no time zone is named.
    MissingTimeZone => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("MISSING_TIMEZONE_FOR_DATE_GROUP_BY");
    /// There is no time zone of this name.
    InvalidTimeZone => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("INVALID_TIMEZONE");
    /// The cursor cannot be read.
    MalformedCursor => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("INVALID_CURSOR");
    /// The cursor was made for another order.
    InvalidCursor => Handler BAD_REQUEST "Error" Some("INVALID_CURSOR"), "BAD_USER_INPUT" Some("INVALID_CURSOR");
    /// The selection nests too deep, or asks for too much.
    TooComplexQuery => Handler BAD_REQUEST "Error" Some("TOO_COMPLEX_QUERY"), "BAD_USER_INPUT" Some("TOO_COMPLEX_QUERY");
    /// The document breaks a limit, such as its number of root fields.
    DocumentLimit => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" None;
    /// Data has an unknown field or a value that the field does not accept.
    InvalidArgsData => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("INVALID_ARGS_DATA");
    /// A link is neither a host name nor an http(s) URL.
    InvalidUrl => Handler BAD_REQUEST "Error" Some("INVALID_URL"), "BAD_USER_INPUT" Some("INVALID_URL");
    /// A phone number cannot be parsed, or is local and has no country.
    InvalidPhoneNumber => Handler BAD_REQUEST "Error" Some("INVALID_PHONE_NUMBER"), "BAD_USER_INPUT" Some("INVALID_PHONE_NUMBER");
    /// No region has this country code.
    InvalidPhoneCountryCode => Handler BAD_REQUEST "Error" Some("INVALID_PHONE_COUNTRY_CODE"), "BAD_USER_INPUT" Some("INVALID_PHONE_COUNTRY_CODE");
    /// No region has this calling code.
    InvalidPhoneCallingCode => Handler BAD_REQUEST "Error" Some("INVALID_PHONE_CALLING_CODE"), "BAD_USER_INPUT" Some("INVALID_PHONE_CALLING_CODE");
    /// The number belongs to another country than the one given.
    ConflictingPhoneCountryCode => Handler BAD_REQUEST "Error" Some("CONFLICTING_PHONE_COUNTRY_CODE"), "BAD_USER_INPUT" Some("CONFLICTING_PHONE_COUNTRY_CODE");
    /// The number has another calling code than the one given.
    ConflictingPhoneCallingCode => Handler BAD_REQUEST "Error" Some("CONFLICTING_PHONE_CALLING_CODE"), "BAD_USER_INPUT" Some("CONFLICTING_PHONE_CALLING_CODE");
    /// The calling code does not belong to the country given.
    ConflictingPhoneCallingCodeAndCountryCode => Handler BAD_REQUEST "Error" Some("CONFLICTING_PHONE_CALLING_CODE_AND_COUNTRY_CODE"), "BAD_USER_INPUT" Some("CONFLICTING_PHONE_CALLING_CODE_AND_COUNTRY_CODE");
    /// The database refuses: a related record is missing, a required value is empty.
    InvalidInput => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" None;
    /// Another record has the same unique value or id.
    DuplicateEntry => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" None;
    /// The keys of an upserted record belong to different records.
    UpsertConflict => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("UPSERT_MULTIPLE_MATCHING_RECORDS_CONFLICT");
    /// A relation cannot be connected: nothing found, several found, or no unique key.
    InvalidConnect => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" None;
    /// Duplicates or a merge are asked for of no records, too many, or records that cannot be merged.
    InvalidRecordList => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("INVALID_QUERY_INPUT");
    /// No record has this id, or it is in the trash.
    RecordNotFound => Handler NOT_FOUND "NotFoundException" None, "NOT_FOUND" Some("RECORD_NOT_FOUND");
    /// No view has this id.
    ViewNotFound => Handler NOT_FOUND "NotFoundException" None, "NOT_FOUND" Some("RECORD_NOT_FOUND");
    /// The record has changed since the tag in `If-Match` was answered.
    PreconditionFailed => Handler PRECONDITION_FAILED "Error" Some("PRECONDITION_FAILED"), "CONFLICT" None;
    /// The idempotency key was sent with another request before.
    IdempotencyKeyReused => Handler UNPROCESSABLE_ENTITY "Error" Some("IDEMPOTENCY_KEY_REUSED"), "BAD_USER_INPUT" Some("IDEMPOTENCY_KEY_REUSED");
    /// A request creates or changes more records than one request may.
    TooManyRecords => Handler BAD_REQUEST "Error" Some("TOO_MANY_RECORDS_TO_UPDATE"), "BAD_USER_INPUT" Some("TOO_MANY_RECORDS_TO_UPDATE");
    /// A batch holds more records than one request may create.
    BatchTooLarge => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("TOO_MANY_RECORDS_TO_UPDATE");
    /// Records are deleted or destroyed without a filter.
    FilterRequired => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("INVALID_QUERY_INPUT");
    /// A member of the workspace is to be put into the trash; members go with their accounts.
    MemberDeletion => Handler BAD_REQUEST "BadRequestException" None, "BAD_USER_INPUT" Some("BAD_REQUEST");
    /// The GraphQL document is no GraphQL.
    GraphqlParseFailed => Handler BAD_REQUEST "BadRequestException" None, "GRAPHQL_PARSE_FAILED" None;
    /// The GraphQL document asks for what the schema does not have.
    GraphqlValidationFailed => Handler BAD_REQUEST "BadRequestException" None, "GRAPHQL_VALIDATION_FAILED" None;
    /// A change of the data model breaks its rules; the report says which.
    MetadataValidation => Handler BAD_REQUEST "METADATA_VALIDATION_ERROR" None, "METADATA_VALIDATION_FAILED" None;
    /// A metadata request breaks a rule for one property.
    MetadataInput => Framework BAD_REQUEST "Bad Request" None, "BAD_USER_INPUT" None;
    /// No object has this id.
    ObjectNotFound => Handler NOT_FOUND "Error" Some("OBJECT_METADATA_NOT_FOUND"), "NOT_FOUND" Some("OBJECT_METADATA_NOT_FOUND");
    /// A standard object does not take these members.
    InvalidObjectInput => Handler BAD_REQUEST "Error" Some("INVALID_OBJECT_INPUT"), "BAD_USER_INPUT" Some("INVALID_OBJECT_INPUT");
    /// No object has the id of one that is to be changed or deleted, or no field the id that it refers to.
    EntityNotFound => Handler NOT_FOUND "Error" Some("ENTITY_NOT_FOUND"), "NOT_FOUND" Some("ENTITY_NOT_FOUND");
    /// No field has this id.
    MetadataFieldNotFound => Handler NOT_FOUND "Error" Some("FIELD_METADATA_NOT_FOUND"), "NOT_FOUND" Some("FIELD_METADATA_NOT_FOUND");
    /// The field belongs to the server and cannot be changed or deleted.
    FieldMutationNotAllowed => Handler FORBIDDEN "Error" Some("FIELD_MUTATION_NOT_ALLOWED"), "FORBIDDEN" Some("FIELD_MUTATION_NOT_ALLOWED");
    /// The model changed while the request ran; trying again helps.
    ModelChanged => Handler CONFLICT "ConflictException" None, "CONFLICT" None;
    /// Too many requests wait for the database.
    Busy => Handler SERVICE_UNAVAILABLE "ServiceUnavailableException" None, "TIMEOUT" None;
    /// The database cannot be reached; trying again soon helps.
    DatabaseUnavailable => Handler SERVICE_UNAVAILABLE "ServiceUnavailableException" None, "TIMEOUT" None;
    /// A statement ran for longer than the database may take, and was cancelled.
    QueryTimeout => Handler GATEWAY_TIMEOUT "GatewayTimeoutException" None, "INTERNAL_SERVER_ERROR" None;
    /// A fault of the server.
    Internal => Handler INTERNAL_SERVER_ERROR "InternalServerErrorException" None, "INTERNAL_SERVER_ERROR" None;
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");

    /// Up to this line the page is written by hand.
    const TABLE_START: &str = "<!-- The table below is made from crates/server/src/error.rs. -->\n";

    fn table() -> String {
        let mut table = String::from(
            "\n| Meaning | REST status | REST `error` | REST `code` | GraphQL `code` | GraphQL `subCode` |\n\
             | --- | --- | --- | --- | --- | --- |\n",
        );
        for (code, meaning) in ErrorCode::ALL {
            let row = code.row();
            let optional = |text: Option<&str>| text.map(|text| format!("`{text}`")).unwrap_or_default();
            let cells = [
                meaning.trim().to_owned(),
                row.status.as_u16().to_string(),
                format!("`{}`", row.rest_error),
                optional(row.rest_code),
                format!("`{}`", row.graphql_code),
                optional(row.sub_code),
            ];
            table.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        table
    }

    #[test]
    fn the_documentation_lists_every_code() {
        let page = std::fs::read_to_string(FILE).unwrap();
        let (text, documented) = page.split_once(TABLE_START).expect("docs/errors.md has lost its marker");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            return std::fs::write(FILE, format!("{text}{TABLE_START}{}", table())).unwrap();
        }
        assert_eq!(documented, table(), "docs/errors.md is out of date; run the tests with UPDATE_DOCS=1");
    }
}
