//! E-mail addresses as people sign in with them.

use crate::error::{ApiError, ApiResult, ErrorCode};

/// The longest address that mail can be sent to (RFC 5321, 4.5.3.1.3, less its brackets).
const MAX_BYTES: usize = 254;

/// An e-mail address in lower case: one `@`, something before it, a host name with a dot after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Email(String);

impl Email {
    /// # Errors
    /// `InvalidAccountInput` when `text` is no address.
    pub(crate) fn parse(text: &str) -> ApiResult<Self> {
        let lower = text.trim().to_lowercase();
        if is_address(&lower) {
            return Ok(Self(lower));
        }
        let message = format!("`{}` is no e-mail address; one looks like ada@example.com", excerpt(text));
        Err(ApiError::new(ErrorCode::InvalidAccountInput, message))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`.
    pub(crate) fn local_part(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }
}

fn is_address(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else { return false };
    let local_fits = !local.is_empty()
        && local.chars().all(|letter| {
            !letter.is_whitespace() && !letter.is_control() && !"<>()[],;:\\\"".contains(letter)
        });
    let labels_fit = host.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    });
    text.len() <= MAX_BYTES && local_fits && labels_fit && host.contains('.')
}

fn excerpt(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for (text, expected) in [
            ("ada@example.com", Some("ada@example.com")),
            (" Ada.L+crm@Example.COM ", Some("ada.l+crm@example.com")),
            ("jürgen@müller.example", Some("jürgen@müller.example")),
            ("admin@fourfold.local", Some("admin@fourfold.local")),
            ("", None),
            ("ada", None),
            ("@example.com", None),
            ("ada@", None),
            ("ada@localhost", None),
            ("ada@-example.com", None),
            ("ada@example..com", None),
            ("ada lovelace@example.com", None),
            ("ada@example.com@example.com", None),
            ("<ada@example.com>", None),
        ] {
            let parsed = Email::parse(text).ok();
            assert_eq!(parsed.as_ref().map(Email::as_str), expected, "{text}");
        }
        assert!(Email::parse(&format!("{}@example.com", "a".repeat(300))).is_err());
    }
}
