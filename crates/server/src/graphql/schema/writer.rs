//! Schema text, type by type.

use std::collections::HashSet;
use std::fmt::{Display, Write as _};

/// The keyword that a type definition starts with.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Type,
    Input,
    Enum,
}

/// Schema text under construction.
pub(super) struct SdlWriter {
    text: String,
}

impl SdlWriter {
    /// Schema text that starts with definitions written by hand.
    pub(super) fn starting_with(text: &str, capacity_bytes: usize) -> Self {
        let mut sdl = String::with_capacity(capacity_bytes.max(text.len()));
        sdl.push_str(text);
        Self { text: sdl }
    }

    /// Adds definitions written by hand.
    pub(super) fn add(&mut self, text: &str) {
        self.text.push('\n');
        self.text.push_str(text);
    }

    /// Adds one definition with the members that `write` gives it.
    pub(super) fn define(
        &mut self,
        kind: Kind,
        name: &str,
        description: &str,
        write: impl FnOnce(&mut Members<'_>),
    ) {
        let keyword = match kind {
            Kind::Type => "type",
            Kind::Input => "input",
            Kind::Enum => "enum",
        };
        self.text.push('\n');
        push_description(&mut self.text, "", description);
        self.push(format_args!("{keyword} {name} {{\n"));
        write(&mut Members { text: &mut self.text, seen: HashSet::new() });
        self.text.push_str("}\n");
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    fn push(&mut self, text: impl Display) {
        write_infallibly(&mut self.text, text);
    }
}

/// The members of one definition. Of two with the same name the first stays, since a field may be
/// called as something that every type has, such as `and` in a filter.
pub(super) struct Members<'a> {
    text: &'a mut String,
    seen: HashSet<String>,
}

impl Members<'_> {
    /// `name: type`
    pub(super) fn add(&mut self, name: impl Into<String>, type_name: impl Display) {
        self.add_described("", name, type_name);
    }

    /// `"description" name: type`
    pub(super) fn add_described(
        &mut self,
        description: &str,
        name: impl Into<String>,
        type_name: impl Display,
    ) {
        self.add_with_arguments(description, name, "", type_name);
    }

    /// `"description" name(arguments): type`
    pub(super) fn add_with_arguments(
        &mut self,
        description: &str,
        name: impl Into<String>,
        arguments: &str,
        type_name: impl Display,
    ) {
        let name = name.into();
        if self.seen.contains(&name) {
            return;
        }
        push_description(self.text, "  ", description);
        let (open, close) = if arguments.is_empty() { ("", "") } else { ("(", ")") };
        write_infallibly(self.text, format_args!("  {name}{open}{arguments}{close}: {type_name}\n"));
        self.seen.insert(name);
    }

    /// A value of an enum.
    pub(super) fn add_value(&mut self, description: &str, value: String) {
        if self.seen.contains(&value) {
            return;
        }
        push_description(self.text, "  ", description);
        write_infallibly(self.text, format_args!("  {value}\n"));
        self.seen.insert(value);
    }
}

fn write_infallibly(text: &mut String, what: impl Display) {
    // Writing to a `String` cannot fail.
    let _ = write!(text, "{what}");
}

/// A description as a quoted string. Labels are text of users, so everything that could end the
/// string is escaped; nothing at all for an empty description.
fn push_description(text: &mut String, indent: &str, description: &str) {
    if description.is_empty() {
        return;
    }
    text.push_str(indent);
    text.push('"');
    for character in description.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            control if control.is_control() => {
                write_infallibly(text, format_args!("\\u{:04X}", u32::from(control)));
            }
            other => text.push(other),
        }
    }
    text.push_str("\"\n");
}
