//! From the text of a database URL to parameters by name.

use std::iter::Peekable;
use std::str::Chars;

use tokio_postgres::Config;

use super::url::UrlError;

/// The parameters of a connection. A later value replaces an earlier one of the same name, as in
/// libpq: `?host=/run/postgresql` replaces the host before it.
#[derive(Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Removes a parameter that the driver does not know.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(place).1)
    }

    fn set(&mut self, name: &str, value: String) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name.into(), value)),
        }
    }

    /// The driver's settings, with whatever is left here.
    ///
    /// # Errors
    /// Names the first parameter that the driver does not take.
    pub(super) fn config(&self) -> Result<Config, UrlError> {
        let mut text = String::new();
        for (name, value) in &self.0 {
            if !is_name(name) {
                return Err(UrlError::UnknownParameter(name.clone()));
            }
            let value = value.replace('\\', "\\\\").replace('\'', "\\'");
            let pair = format!("{name}='{value}' ");
            // One by one, so that the message can name the parameter without quoting its value.
            if let Err(error) = pair.parse::<Config>() {
                return Err(refusal(name, &error));
            }
            text.push_str(&pair);
        }
        text.parse().map_err(|_| UrlError::Form)
    }
}

fn refusal(name: &str, error: &tokio_postgres::Error) -> UrlError {
    let reason = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    match name {
        _ if reason.starts_with("unknown option") => UrlError::UnknownParameter(name.into()),
        "port" => UrlError::Port,
        _ => {
            let expected = "see the parameters of libpq for what it may be";
            UrlError::Value { parameter: name.into(), expected }
        }
    }
}

/// Reads either form.
pub(super) fn parse(text: &str) -> Result<Parameters, UrlError> {
    let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
    rest.map_or_else(|| parse_keywords(text), parse_url)
}

/// Reads `USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?NAME=VALUE&NAME=VALUE`, of which all may be absent.
fn parse_url(rest: &str) -> Result<Parameters, UrlError> {
    let mut parameters = Parameters::default();
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    // The last `@`: passwords have them, hosts do not.
    let (credentials, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = match credentials.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (credentials, None),
    };
    if !user.is_empty() {
        parameters.set("user", decode(user)?);
    }
    if let Some(password) = password {
        parameters.set("password", decode(password)?);
    }
    if !hosts.is_empty() {
        let hosts: Vec<(&str, &str)> = hosts.split(',').map(host_and_port).collect();
        let names = hosts.iter().map(|(host, _)| decode(host)).collect::<Result<Vec<_>, _>>()?.join(",");
        if !names.is_empty() {
            parameters.set("host", names);
        }
        // An empty port stands for the usual one.
        let ports: Vec<&str> = hosts.iter().map(|(_, port)| *port).collect();
        if ports.iter().any(|port| !port.is_empty()) {
            parameters.set("port", ports.join(","));
        }
    }
    if !database.is_empty() {
        parameters.set("dbname", decode(database)?);
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or(UrlError::Form)?;
        parameters.set(&decode(name)?, decode(value)?);
    }
    Ok(parameters)
}

/// Splits `db:5432`, and `[::1]:5432` without its brackets.
fn host_and_port(text: &str) -> (&str, &str) {
    if let Some((host, port)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (host, port.strip_prefix(':').unwrap_or(port));
    }
    text.split_once(':').unwrap_or((text, ""))
}

fn decode(text: &str) -> Result<String, UrlError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
        bytes.push(match byte {
            b'%' => match (digit(), digit()) {
                (Some(high), Some(low)) => (high * 16 + low) as u8,
                _ => return Err(UrlError::Percent),
            },
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| UrlError::Percent)
}

/// Reads `name=value name = 'a value'`, in which `\` keeps the next character as it is.
fn parse_keywords(text: &str) -> Result<Parameters, UrlError> {
    let mut parameters = Parameters::default();
    let mut rest = text.chars().peekable();
    loop {
        skip_spaces(&mut rest);
        if rest.peek().is_none() {
            break;
        }
        let mut name = String::new();
        while let Some(character) = rest.next_if(|character| !character.is_whitespace() && *character != '=')
        {
            name.push(character);
        }
        skip_spaces(&mut rest);
        // What is no name may be a URL of another scheme, with its password.
        if !is_name(&name) || rest.next() != Some('=') {
            return Err(UrlError::Form);
        }
        skip_spaces(&mut rest);
        parameters.set(&name, keyword_value(&mut rest)?);
    }
    if parameters.0.is_empty() { Err(UrlError::Form) } else { Ok(parameters) }
}

fn keyword_value(rest: &mut Peekable<Chars<'_>>) -> Result<String, UrlError> {
    let is_quoted = rest.next_if_eq(&'\'').is_some();
    let mut value = String::new();
    loop {
        match rest.next() {
            Some('\'') if is_quoted => return Ok(value),
            Some('\\') => value.extend(rest.next()),
            Some(character) if !is_quoted && character.is_whitespace() => return Ok(value),
            Some(character) => value.push(character),
            None if is_quoted => return Err(UrlError::Quote),
            None => return Ok(value),
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn skip_spaces(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|character| character.is_whitespace()).is_some() {}
}
