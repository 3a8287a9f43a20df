//! People over REST: how they are selected, and written as JSON.

use super::json_row::{Columns, JsonRow};
use crate::Outcome;

/// SQL with all columns of a person `t`, in the order in which [`write_person`] writes them, between what
/// begins a select list and the rest.
macro_rules! with_person_columns {
    ($before:literal, $rest:literal) => {
        concat!(
            $before,
            r#" t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails",
            t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext",
            t."companyId", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode",
            t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."createdAt", t."jobTitle",
            t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl",
            t."linkedinLinkSecondaryLinks", t."avatarUrl", t."avatarFile", t."id", t."updatedAt",
            t."deletedAt", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName",
            t."updatedByContext", t."position", t."searchVector" "#,
            $rest
        )
    };
}
pub(super) use with_person_columns;

/// The place of the id among those columns.
pub(super) const PERSON_ID: usize = 20;

/// Writes the person whose columns begin at `first`.
pub(super) fn write_person(row: &impl Columns, first: usize, out: &mut Vec<u8>) -> Outcome<()> {
    JsonRow::after(first, row, out)
        .text(r#"{"name":{"firstName":"#)?
        .text(r#","lastName":"#)?
        .text(r#"},"emails":{"primaryEmail":"#)?
        .json(r#","additionalEmails":"#, "[]")?
        .text(r#"},"createdBy":{"source":"#)?
        .id(r#","workspaceMemberId":"#)?
        .text(r#","name":"#)?
        .json(r#","context":"#, "{}")?
        .id(r#"},"companyId":"#)?
        .text(r#","phones":{"primaryPhoneNumber":"#)?
        .text(r#","primaryPhoneCountryCode":"#)?
        .text(r#","primaryPhoneCallingCode":"#)?
        .json(r#","additionalPhones":"#, "[]")?
        .instant(r#"},"createdAt":"#)?
        .text(r#","jobTitle":"#)?
        .text(r#","linkedinLink":{"primaryLinkLabel":"#)?
        .text(r#","primaryLinkUrl":"#)?
        .json(r#","secondaryLinks":"#, "[]")?
        .text(r#"},"avatarUrl":"#)?
        .json(r#","avatarFile":"#, "null")?
        .id(r#","id":"#)?
        .instant(r#","updatedAt":"#)?
        .instant(r#","deletedAt":"#)?
        .text(r#","updatedBy":{"source":"#)?
        .id(r#","workspaceMemberId":"#)?
        .text(r#","name":"#)?
        .json(r#","context":"#, "{}")?
        .float(r#"},"position":"#)?
        .optional_text(r#","searchVector":"#)?
        .end("}");
    Ok(())
}
