//! What clients send to create objects and fields, read member by member.
//!
//! Only what can be said about one member alone is checked here; the rules that need the rest of the
//! model come later, and are reported together.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::FieldType;

/// The members that break their own rule, one message each, at least one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct PropertyErrors(pub Vec<String>);

/// The input of an object to be created (`metadata.md` 4.5). Text is trimmed and its inner white
/// space collapsed.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs, reason = "named as the members of an object")]
pub struct ObjectDraft {
    pub name_singular: String,
    pub name_plural: String,
    pub label_singular: String,
    pub label_plural: String,
    pub description: Option<String>,
    pub icon: Option<String>,
    pub color: Option<String>,
    pub shortcut: Option<String>,
    pub is_label_synced_with_name: bool,
    pub is_remote: bool,
    pub skip_name_field: bool,
}

/// The input of a field to be created (`metadata.md` 5.4).
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "named as the members of a field")]
pub struct FieldDraft {
    pub object: Uuid,
    pub field_type: FieldType,
    pub name: String,
    pub label: String,
    pub description: Option<String>,
    pub icon: Option<String>,
    pub is_label_synced_with_name: bool,
    pub is_nullable: bool,
    pub is_unique: bool,
    pub is_system: bool,
    pub is_ui_editable: bool,
    pub is_remote: bool,
    pub default_value: Json,
    pub options: Json,
    pub settings: Json,
    pub relation: Json,
    pub morph_relations: Json,
}

impl ObjectDraft {
    /// Reads the members of `CreateObjectInput`; unknown ones are ignored.
    ///
    /// # Errors
    /// Every member that breaks its own rule.
    pub fn parse(input: &Map<String, Json>) -> Result<Self, PropertyErrors> {
        let mut members = Members::new(input);
        let draft = Self {
            name_singular: members.name("nameSingular"),
            name_plural: members.name("namePlural"),
            label_singular: sentence_case(&members.required_text("labelSingular")),
            label_plural: sentence_case(&members.required_text("labelPlural")),
            description: members.text("description"),
            icon: members.text("icon"),
            color: members.text("color"),
            shortcut: members.text("shortcut"),
            is_label_synced_with_name: members.flag("isLabelSyncedWithName").unwrap_or(false),
            is_remote: members.flag("isRemote").unwrap_or(false),
            skip_name_field: members.flag("skipNameField").unwrap_or(false),
        };
        members.finish(draft)
    }
}

impl FieldDraft {
    /// Reads the members of `CreateFieldInput`; unknown ones are ignored.
    ///
    /// # Errors
    /// Every member that breaks its own rule.
    pub fn parse(input: &Map<String, Json>) -> Result<Self, PropertyErrors> {
        let mut members = Members::new(input);
        let draft = Self {
            object: members.id("objectMetadataId"),
            field_type: members.field_type("type"),
            name: members.name("name"),
            label: members.required_text("label"),
            description: members.text("description"),
            icon: members.text("icon"),
            is_label_synced_with_name: members.flag("isLabelSyncedWithName").unwrap_or(false),
            is_nullable: members.flag("isNullable").unwrap_or(true),
            is_unique: members.flag("isUnique").unwrap_or(false),
            is_system: members.flag("isSystem").unwrap_or(false),
            is_ui_editable: members
                .flag("isUIEditable")
                .or_else(|| members.flag("isUIReadOnly").map(|read_only| !read_only))
                .unwrap_or(true),
            is_remote: members.flag("isRemoteCreation").unwrap_or(false),
            default_value: members.json("defaultValue"),
            options: members.json("options"),
            settings: members.json("settings"),
            relation: members.json("relationCreationPayload"),
            morph_relations: members.json("morphRelationsCreationPayload"),
        };
        members.finish(draft)
    }
}

/// The members of an object to be changed (`metadata.md` 4.5); those that are absent stay.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs, reason = "named as the members of an object")]
pub struct ObjectUpdate {
    pub name_singular: Option<String>,
    pub name_plural: Option<String>,
    pub label_singular: Option<String>,
    pub label_plural: Option<String>,
    pub description: Option<Option<String>>,
    pub icon: Option<Option<String>>,
    pub color: Option<Option<String>>,
    pub is_label_synced_with_name: Option<bool>,
    pub is_active: Option<bool>,
    pub is_searchable: Option<bool>,
    pub open_record_in: Option<String>,
    pub label_identifier: Option<Option<Uuid>>,
    pub image_identifier: Option<Option<Uuid>>,
    named: Vec<String>,
}

impl ObjectUpdate {
    /// Reads the members of `UpdateObjectPayload`; unknown ones are ignored, and so is `shortcut`.
    ///
    /// # Errors
    /// Every member that breaks its own rule.
    pub fn parse(input: &Map<String, Json>) -> Result<Self, PropertyErrors> {
        let mut members = Members::new(input);
        let update = Self {
            name_singular: members.sent("nameSingular", Members::name),
            name_plural: members.sent("namePlural", Members::name),
            label_singular: members.sent("labelSingular", Members::label),
            label_plural: members.sent("labelPlural", Members::label),
            description: members.sent("description", Members::text),
            icon: members.sent("icon", Members::text),
            color: members.sent("color", Members::text),
            is_label_synced_with_name: members.flag("isLabelSyncedWithName"),
            is_active: members.flag("isActive"),
            is_searchable: members.flag("isSearchable"),
            open_record_in: members.open_record_in("openRecordIn"),
            label_identifier: members.sent("labelIdentifierFieldMetadataId", Members::optional_id),
            image_identifier: members.sent("imageIdentifierFieldMetadataId", Members::optional_id),
            named: input.keys().cloned().collect(),
        };
        members.finish(update)
    }

    /// The members that were sent.
    pub(super) fn named(&self) -> impl Iterator<Item = &str> {
        self.named.iter().map(String::as_str)
    }
}

/// The members of a field to be changed (`metadata.md` 5.4); those that are absent stay.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs, reason = "named as the members of a field")]
pub struct FieldUpdate {
    pub name: Option<String>,
    pub label: Option<String>,
    pub description: Option<Option<String>>,
    pub icon: Option<Option<String>>,
    pub is_label_synced_with_name: Option<bool>,
    pub is_active: Option<bool>,
    pub is_unique: Option<bool>,
    pub default_value: Option<Json>,
    pub options: Option<Json>,
    pub settings: Option<Json>,
}

impl FieldUpdate {
    /// Reads the members of `UpdateFieldInput`; unknown ones are ignored, and so are those that never
    /// change, such as `isNullable`.
    ///
    /// # Errors
    /// Every member that breaks its own rule.
    pub fn parse(input: &Map<String, Json>) -> Result<Self, PropertyErrors> {
        let mut members = Members::new(input);
        if members.get("morphRelationsUpdatePayload").is_some() {
            members.errors.push("morphRelationsUpdatePayload is not supported in this version".into());
        }
        let update = Self {
            name: members.sent("name", Members::name),
            label: members.sent("label", Members::required_text),
            description: members.sent("description", Members::text),
            icon: members.sent("icon", Members::text),
            is_label_synced_with_name: members.flag("isLabelSyncedWithName"),
            is_active: members.flag("isActive"),
            is_unique: members.flag("isUnique"),
            default_value: input.get("defaultValue").cloned(),
            options: input.get("options").cloned(),
            settings: input.get("settings").cloned(),
        };
        members.finish(update)
    }

    /// The members that were sent.
    pub(super) fn named(&self) -> impl Iterator<Item = &'static str> {
        [
            (self.name.is_some(), "name"),
            (self.label.is_some(), "label"),
            (self.description.is_some(), "description"),
            (self.icon.is_some(), "icon"),
            (self.is_label_synced_with_name.is_some(), "isLabelSyncedWithName"),
            (self.is_active.is_some(), "isActive"),
            (self.is_unique.is_some(), "isUnique"),
            (self.default_value.is_some(), "defaultValue"),
            (self.options.is_some(), "options"),
            (self.settings.is_some(), "settings"),
        ]
        .into_iter()
        .filter_map(|(is_sent, member)| is_sent.then_some(member))
    }
}

/// Reads members and remembers what is wrong with them.
struct Members<'a> {
    input: &'a Map<String, Json>,
    errors: Vec<String>,
}

impl<'a> Members<'a> {
    fn new(input: &'a Map<String, Json>) -> Self {
        Self { input, errors: Vec::new() }
    }

    fn finish<T>(self, draft: T) -> Result<T, PropertyErrors> {
        if self.errors.is_empty() { Ok(draft) } else { Err(PropertyErrors(self.errors)) }
    }

    /// Null and absent are one.
    fn get(&self, member: &str) -> Option<&'a Json> {
        self.input.get(member).filter(|value| !value.is_null())
    }

    fn json(&self, member: &str) -> Json {
        self.input.get(member).cloned().unwrap_or_default()
    }

    /// What `read` makes of a member, null included; nothing when it is absent.
    fn sent<T>(&mut self, member: &str, read: impl FnOnce(&mut Self, &str) -> T) -> Option<T> {
        self.input.contains_key(member).then(|| read(self, member))
    }

    fn optional_id(&mut self, member: &str) -> Option<Uuid> {
        self.get(member)?;
        Some(self.id(member))
    }

    fn open_record_in(&mut self, member: &str) -> Option<String> {
        const PLACES: [&str; 3] = ["SIDE_PANEL", "RECORD_PAGE", "USER_CHOICE"];
        let place = self.get(member)?.as_str().filter(|place| PLACES.contains(place));
        if place.is_none() {
            self.errors.push(format!("{member} must be one of {}", PLACES.join(", ")));
        }
        place.map(str::to_owned)
    }

    fn text(&mut self, member: &str) -> Option<String> {
        match self.get(member)? {
            Json::String(text) => Some(text.trim().to_owned()),
            _ => {
                self.errors.push(format!("{member} must be a text"));
                None
            }
        }
    }

    fn required_text(&mut self, member: &str) -> String {
        match self.get(member) {
            Some(Json::String(text)) if !text.is_empty() => collapse_space(text),
            Some(Json::String(_)) => {
                self.errors.push(format!("{member} must not be empty"));
                String::new()
            }
            _ => {
                self.errors.push(format!("{member} is required and must be a text"));
                String::new()
            }
        }
    }

    /// A label that must be a text; that it is not empty is a rule of the report.
    fn label(&mut self, member: &str) -> String {
        match self.get(member) {
            Some(Json::String(text)) => collapse_space(text),
            _ => self.required_text(member),
        }
    }

    /// A name for the API: what the rules of names say comes later, but for text that could never
    /// stand in a GraphQL document.
    fn name(&mut self, member: &str) -> String {
        const FORBIDDEN_CHARACTERS: &[char] = &['\'', '"', '`', '\\', ';', '.', '=', '*', '/'];
        const FORBIDDEN_WORDS: [&str; 8] = ["not", "or", "and", "Int", "Float", "Boolean", "String", "ID"];
        let name = self.required_text(member);
        if name.contains(FORBIDDEN_CHARACTERS) {
            self.errors.push(format!("{member} must not contain quotes or any of \\ ; . = * /"));
        }
        if FORBIDDEN_WORDS.contains(&name.as_str()) {
            self.errors.push(format!("{member} must not be `{name}`"));
        }
        name
    }

    fn flag(&mut self, member: &str) -> Option<bool> {
        let value = self.get(member)?;
        if !value.is_boolean() {
            self.errors.push(format!("{member} must be true or false"));
        }
        value.as_bool()
    }

    fn id(&mut self, member: &str) -> Uuid {
        let id = self.get(member).and_then(Json::as_str).and_then(|text| Uuid::try_parse(text).ok());
        id.unwrap_or_else(|| {
            self.errors.push(format!("{member} is required and must be a UUID"));
            Uuid::nil()
        })
    }

    fn field_type(&mut self, member: &str) -> FieldType {
        let named = self.get(member).and_then(Json::as_str).and_then(FieldType::from_api_name);
        named.unwrap_or_else(|| {
            let names = FieldType::ALL.map(|field_type| field_type.spec().api_name).join(", ");
            self.errors.push(format!("{member} is required and must be one of {names}"));
            FieldType::Text
        })
    }
}

fn collapse_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn sentence_case(label: &str) -> String {
    crate::inflection::capitalise(label)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn members(value: Json) -> Map<String, Json> {
        match value {
            Json::Object(members) => members,
            _ => Map::new(),
        }
    }

    #[test]
    fn members_of_an_object_are_checked_one_by_one() {
        let valid = json!({
            "nameSingular": " vessel ", "namePlural": "vessels", "labelSingular": "sea   vessel",
            "labelPlural": "Vessels", "description": null, "unknown": 1,
        });
        let draft = ObjectDraft::parse(&members(valid.clone())).unwrap();
        assert_eq!((draft.name_singular.as_str(), draft.label_singular.as_str()), ("vessel", "Sea vessel"));
        for (member, value, refused) in [
            ("nameSingular", json!(""), true),
            ("nameSingular", json!("a;b"), true),
            ("nameSingular", json!("and"), true),
            ("nameSingular", json!(7), true),
            ("labelPlural", json!(""), true),
            ("labelPlural", json!("  "), false),
            ("nameSingular", json!("two words"), false),
            ("isRemote", json!("yes"), true),
            ("icon", json!({}), true),
        ] {
            let mut input = members(valid.clone());
            input.insert(member.into(), value.clone());
            let outcome = ObjectDraft::parse(&input);
            assert_eq!(outcome.is_err(), refused, "{member} {value}");
            if let Err(PropertyErrors(messages)) = outcome {
                assert_eq!(messages.len(), 1, "{messages:?}");
                assert!(messages[0].starts_with(member), "{messages:?}");
            }
        }
    }

    #[test]
    fn all_missing_members_of_a_field_are_named() {
        let PropertyErrors(messages) = FieldDraft::parse(&Map::new()).unwrap_err();
        for (message, member) in messages.iter().zip(["objectMetadataId", "type", "name", "label"]) {
            assert!(message.starts_with(member), "{message}");
        }
    }
}
