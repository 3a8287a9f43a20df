//! The URLs that `LINKS` take, and the one way to write them.

use url::{Host, Url};

/// `text` as it is stored, or `None` when it is no web address.
///
/// A web address is an http(s) URL or a bare host with what follows it (`acme.example/jobs`). Its
/// host is `localhost`, an IP address, or 2 to 11 labels joined by dots. With a scheme, scheme and
/// host are lower-cased and one `/` at the end goes; path, query and fragment stay. Without a scheme
/// everything stays. Blanks around it go either way.
pub(super) fn normalise(text: &str) -> Option<String> {
    let text = text.trim();
    // The URL standard would drop tabs and line ends, and so see another text than is stored.
    if text.contains(char::is_control) {
        return None;
    }
    match split_scheme(text) {
        Some((scheme, rest)) => {
            let (authority, path) = split_authority(rest);
            is_web_host(text, authority).then(|| join(scheme, authority, path))
        }
        None => {
            let (authority, _) = split_authority(text);
            // Without a scheme, what stands before an `@` is one, as in `mailto:a@b.example`.
            let is_host = !authority.contains('@') && is_web_host(&format!("https://{text}"), authority);
            is_host.then(|| text.to_owned())
        }
    }
}

/// The scheme with its slashes, if it is of the web, and the rest.
fn split_scheme(text: &str) -> Option<(&'static str, &str)> {
    ["https://", "http://"].into_iter().find_map(|scheme| {
        let (start, rest) = text.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some((scheme, rest))
    })
}

/// Host, port and credentials, and what follows them.
fn split_authority(text: &str) -> (&str, &str) {
    text.split_at(text.find(['/', '?', '#', '\\']).unwrap_or(text.len()))
}

fn join(scheme: &str, authority: &str, path: &str) -> String {
    let is_only_path = !path.contains(['?', '#']);
    let path = if is_only_path { path.strip_suffix('/').unwrap_or(path) } else { path };
    match authority.rsplit_once('@') {
        Some((credentials, host)) => format!("{scheme}{credentials}@{}{path}", host.to_lowercase()),
        None => format!("{scheme}{}{path}", authority.to_lowercase()),
    }
}

/// Whether the host of `url` is plausible; `authority` is where it stands as written.
fn is_web_host(url: &str, authority: &str) -> bool {
    let Some(url) = Url::parse(url).ok().filter(|_| !authority.is_empty()) else { return false };
    match url.host() {
        Some(Host::Domain("localhost")) | Some(Host::Ipv6(_)) => true,
        Some(Host::Domain(domain)) => is_domain(domain),
        // The URL standard reads `12345` and `0x7f.1` as addresses, which nobody means.
        Some(Host::Ipv4(address)) => authority.contains(&address.to_string()),
        None => false,
    }
}

fn is_domain(domain: &str) -> bool {
    let is_label_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(is_label_byte);
    (2..=11).contains(&domain.split('.').count()) && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses_are_normalised() {
        for (text, expected) in [
            ("https://Test.com/", Some("https://test.com")),
            ("HTTPS://Www.LinkedIn.com/In/Nilo/", Some("https://www.linkedin.com/In/Nilo")),
            ("http://acme.example//", Some("http://acme.example/")),
            ("https://acme.example/a%2Fb?Q=/#Top/", Some("https://acme.example/a%2Fb?Q=/#Top/")),
            ("https://acme.example?q=1/", Some("https://acme.example?q=1/")),
            ("https://Acme.example:8080/", Some("https://acme.example:8080")),
            ("https://Ana:Secret@Acme.example/", Some("https://Ana:Secret@acme.example")),
            ("https://müller.example/", Some("https://müller.example")),
            ("https://a_b.acme.example", Some("https://a_b.acme.example")),
            ("https://[2001:DB8::1]/", Some("https://[2001:db8::1]")),
            ("https://localhost:3000/", Some("https://localhost:3000")),
            ("http://127.0.0.1/", Some("http://127.0.0.1")),
            (" https://acme.example ", Some("https://acme.example")),
            ("acme.example", Some("acme.example")),
            ("ACME.example/", Some("ACME.example/")),
            ("acme.example:8080/path", Some("acme.example:8080/path")),
            ("localhost", Some("localhost")),
            ("192.168.0.1/admin", Some("192.168.0.1/admin")),
            ("a.b.c.d.e.f.g.h.i.j.example", Some("a.b.c.d.e.f.g.h.i.j.example")),
            ("a.b.c.d.e.f.g.h.i.j.k.example", None),
            ("not a url", None),
            ("acme", None),
            ("https://acme", None),
            ("https://", None),
            ("https:///acme.example", None),
            ("12345", None),
            ("https://12345", None),
            ("0x7f.1", None),
            ("acme..example", None),
            (".example", None),
            ("acme.example.", None),
            ("mailto:a@b.co", None),
            ("a@b.co", None),
            ("javascript:alert(1)", None),
            ("javascript://acme.example/%0aalert(1)", None),
            ("data:text/html,hi", None),
            ("tel:+33612345678", None),
            ("ftp://acme.example", None),
            ("//acme.example", None),
            ("/jobs", None),
            ("https://ac\tme.example", None),
            ("", None),
        ] {
            assert_eq!(normalise(text).as_deref(), expected, "{text}");
        }
    }
}
