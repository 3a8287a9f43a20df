//! The rules for names of objects and fields.

/// The longest API name: 63 bytes, where PostgreSQL cuts identifiers short (manual, 4.1.1). SQLite
/// would take more; the limit is shared so that a workspace can move between the two.
pub const MAX_NAME_BYTES: usize = 63;

/// The rule that a name breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum NameError {
    #[error("a name must not be empty")]
    Empty,
    #[error("the name `{0}` is longer than {MAX_NAME_BYTES} characters")]
    TooLong(String),
    #[error("the name `{0}` must start with a lower-case letter and hold only letters and digits")]
    BadCharacter(String),
    #[error("the name `{0}` is reserved")]
    Reserved(String),
}

/// Checks the API name of an object or a field: a lower-case ASCII letter, then letters and digits,
/// at most 63, and no reserved word (`metadata.md` 4.6).
///
/// # Errors
/// Names the rule that `text` breaks.
pub fn parse_name(text: &str) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if MAX_NAME_BYTES < text.len() {
        return Err(NameError::TooLong(text.chars().take(MAX_NAME_BYTES).collect()));
    }
    let starts_lower = text.starts_with(|first: char| first.is_ascii_lowercase());
    if !starts_lower || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(NameError::BadCharacter(text.into()));
    }
    if is_reserved(text) {
        return Err(NameError::Reserved(text.into()));
    }
    Ok(())
}

/// Whether `name` is one of the words that neither objects nor fields may use.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

const RESERVED: &[&str] = &[
    "approvedAccessDomain",
    "approvedAccessDomains",
    "appToken",
    "appTokens",
    "billingCustomer",
    "billingCustomers",
    "billingEntitlement",
    "billingEntitlements",
    "billingMeter",
    "billingMeters",
    "billingProduct",
    "billingProducts",
    "billingSubscription",
    "billingSubscriptions",
    "billingSubscriptionItem",
    "billingSubscriptionItems",
    "featureFlag",
    "featureFlags",
    "job",
    "jobs",
    "keyValuePair",
    "keyValuePairs",
    "pageLayout",
    "pageLayouts",
    "pageLayoutTab",
    "pageLayoutTabs",
    "pageLayoutWidget",
    "pageLayoutWidgets",
    "twoFactorMethod",
    "twoFactorMethods",
    "user",
    "users",
    "userWorkspace",
    "userWorkspaces",
    "workspace",
    "workspaces",
    "role",
    "roles",
    "userWorkspaceRole",
    "userWorkspaceRoles",
    "plan",
    "plans",
    "event",
    "events",
    "field",
    "fields",
    "link",
    "links",
    "currency",
    "currencies",
    "fullNames",
    "address",
    "addresses",
    "type",
    "types",
    "object",
    "objects",
    "index",
    "relation",
    "relations",
    "aggregate",
    "search",
    "searches",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rules() {
        let long = "a".repeat(64);
        let cases: [(&str, Option<NameError>); 8] = [
            ("invoice", None),
            ("invoiceLine2", None),
            ("", Some(NameError::Empty)),
            (&long, Some(NameError::TooLong("a".repeat(63)))),
            ("Invoice", Some(NameError::BadCharacter("Invoice".into()))),
            ("in_voice", Some(NameError::BadCharacter("in_voice".into()))),
            ("τιμολόγιο", Some(NameError::BadCharacter("τιμολόγιο".into()))),
            ("search", Some(NameError::Reserved("search".into()))),
        ];
        for (text, error) in cases {
            assert_eq!(parse_name(text).err(), error, "{text}");
        }
    }
}
