//! The requests on a SQLite file.

mod columns;
mod connections;
mod statements;

use std::path::Path;

use super::company::{CompanyChange, NewCompany};
use super::{Companies, PeopleFilter};
use crate::Outcome;
use connections::Connections;
pub(crate) use connections::connect;

pub(super) struct SqliteCompanies(Connections);

impl SqliteCompanies {
    pub(super) fn open(file: &Path) -> Outcome<Self> {
        Ok(Self(Connections::open(file)?))
    }
}

impl Companies for SqliteCompanies {
    async fn list(&self, limit: u32) -> Outcome<Vec<u8>> {
        self.0.read(move |connection| statements::list(connection, limit)).await
    }

    async fn find_one(&self, id: String) -> Outcome<Option<Vec<u8>>> {
        self.0.read(move |connection| statements::find_one(connection, &id)).await
    }

    async fn with_people(&self) -> Outcome<Vec<u8>> {
        self.0.read(statements::with_people).await
    }

    async fn groups(&self) -> Outcome<Vec<u8>> {
        self.0.read(statements::groups).await
    }

    async fn list_related(&self, limit: u32) -> Outcome<Vec<u8>> {
        self.0.read(move |connection| statements::list_related(connection, limit)).await
    }

    async fn people(&self, filter: PeopleFilter, limit: u32) -> Outcome<Vec<u8>> {
        self.0.read(move |connection| statements::people(connection, &filter, limit)).await
    }

    async fn create_many(&self, companies: Vec<NewCompany>, upsert: bool) -> Outcome<Vec<u8>> {
        self.0.write(move |connection| statements::create_many(connection, &companies, upsert)).await
    }

    async fn update(&self, id: String, change: CompanyChange) -> Outcome<Option<Vec<u8>>> {
        self.0.write(move |connection| statements::update(connection, &id, &change)).await
    }

    async fn create(&self, company: NewCompany) -> Outcome<Vec<u8>> {
        self.0.write(move |connection| statements::create(connection, &company)).await
    }
}
