//! The URLs that blocks of rich text may hold.

use serde_json::Value as Json;

/// Whether every `url` and `href` anywhere in `json` may be there. Recurses as deep as `json` is.
pub(super) fn are_allowed_in(json: &Json) -> bool {
    match json {
        Json::Array(elements) => elements.iter().all(are_allowed_in),
        Json::Object(members) => members.iter().all(|(name, member)| match member {
            Json::String(url) if matches!(name.as_str(), "url" | "href") => is_allowed(url),
            other => are_allowed_in(other),
        }),
        _ => true,
    }
}

/// Whether `url` is relative to the server (`/…`), or uses http, https, mailto or tel. The empty URL
/// is allowed: blocks for media have it until a file is chosen.
pub(super) fn is_allowed(url: &str) -> bool {
    let has_scheme = |scheme: &str| {
        url.split_at_checked(scheme.len()).is_some_and(|(start, _)| start.eq_ignore_ascii_case(scheme))
    };
    url.is_empty()
        || url.starts_with('/')
        || ["http://", "https://", "mailto:", "tel:"].into_iter().any(has_scheme)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_harmless_schemes_are_allowed() {
        for (url, expected) in [
            ("https://acme.example", true),
            ("HTTP://acme.example", true),
            ("mailto:ana@mail.example", true),
            ("tel:+33612345678", true),
            ("/files/1", true),
            ("", true),
            ("javascript:alert(1)", false),
            ("JavaScript:alert(1)", false),
            (" javascript:alert(1)", false),
            ("\tjavascript:alert(1)", false),
            ("data:text/html,hi", false),
            ("vbscript:x", false),
            ("acme.example", false),
            ("#top", false),
            ("é", false),
        ] {
            assert_eq!(is_allowed(url), expected, "{url}");
            assert_eq!(are_allowed_in(&json!([{"props": {"url": url}}])), expected, "{url}");
            assert_eq!(
                are_allowed_in(&json!([{"content": [{"children": [{"href": url}]}]}])),
                expected,
                "{url}"
            );
        }
    }
}
