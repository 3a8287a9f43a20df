//! Very many records at once: copies of a few that were made over the API, put into the tables by SQL.

use uuid::Uuid;

use crate::reference::sort_key;

/// How many copies one statement makes, where one makes several.
pub(crate) const AT_ONCE: usize = 10_000;

/// A record that is as its template but for what tells it apart.
pub(crate) struct Copy {
    pub(crate) id: Uuid,
    pub(crate) text: String,
    pub(crate) key: Vec<u8>,
    pub(crate) number: i64,
    pub(crate) template: Uuid,
}

impl Copy {
    /// The copy with a number of its own, and a text instead of its template's.
    pub(crate) fn new(number: usize, text: String, template: Uuid) -> Self {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        Self { id: Uuid::now_v7(), key: sort_key(&text), text, number, template }
    }
}

/// A table, the column of the text, and columns that may not be copied, since their values are unique.
pub(crate) struct CopiedTable {
    pub(crate) name: &'static str,
    text: &'static str,
    unique: &'static [&'static str],
}

pub(crate) const COMPANIES: CopiedTable =
    CopiedTable { name: "company", text: "name", unique: &["domainNamePrimaryLinkUrl"] };

pub(crate) const PEOPLE: CopiedTable =
    CopiedTable { name: "person", text: "nameFirstName", unique: &["emailsPrimaryEmail"] };

impl CopiedTable {
    /// A statement that copies rows of `columns`. `copies` is a table with a column for each member of
    /// [`Copy`], `instant` what stands in a column for so many seconds.
    pub(crate) fn insert(&self, schema: &str, columns: &[String], copies: &str, instant: &str) -> String {
        let Self { name, text, unique } = self;
        let is_key_of = |column: &str, of: &str| column.strip_suffix("_key") == Some(of);
        let values = columns.iter().map(|column| match column.as_str() {
            "id" => "r.id".to_owned(),
            "position" => "-r.number".to_owned(),
            "createdAt" | "updatedAt" => instant.to_owned(),
            column if column == *text => "r.text".to_owned(),
            column if is_key_of(column, text) => "r.key".to_owned(),
            column if unique.iter().any(|unique| column == *unique || is_key_of(column, unique)) => {
                "NULL".to_owned()
            }
            column => format!("t.\"{column}\""),
        });
        let values = values.collect::<Vec<_>>().join(", ");
        let names = columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ");
        format!(
            "INSERT INTO {schema}\"{name}\" ({names}) SELECT {values} FROM {copies} AS r \
             JOIN {schema}\"{name}\" AS t ON t.\"id\" = r.template"
        )
    }
}
