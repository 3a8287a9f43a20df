//! The requests on a schema of a PostgreSQL database.

mod columns;
mod session;
mod sessions;

use super::company::{CompanyChange, NewCompany};
use super::{Companies, PeopleFilter};
use crate::Outcome;
use sessions::Sessions;

pub(super) struct PostgresCompanies(Sessions);

impl PostgresCompanies {
    /// Connects when the first request comes.
    pub(super) fn new(url: &str, schema: &str) -> Outcome<Self> {
        Ok(Self(Sessions::new(url, schema)?))
    }
}

impl Companies for PostgresCompanies {
    async fn list(&self, limit: u32) -> Outcome<Vec<u8>> {
        let lent = self.0.get().await?;
        let body = lent.session.list(limit).await?;
        lent.give_back();
        Ok(body)
    }

    async fn find_one(&self, id: String) -> Outcome<Option<Vec<u8>>> {
        let lent = self.0.get().await?;
        let body = lent.session.find_one(id.parse()?).await?;
        lent.give_back();
        Ok(body)
    }

    async fn with_people(&self) -> Outcome<Vec<u8>> {
        let lent = self.0.get().await?;
        let body = lent.session.with_people().await?;
        lent.give_back();
        Ok(body)
    }

    async fn groups(&self) -> Outcome<Vec<u8>> {
        let lent = self.0.get().await?;
        let body = lent.session.groups().await?;
        lent.give_back();
        Ok(body)
    }

    async fn list_related(&self, limit: u32) -> Outcome<Vec<u8>> {
        let lent = self.0.get().await?;
        let body = lent.session.list_related(limit).await?;
        lent.give_back();
        Ok(body)
    }

    async fn people(&self, filter: PeopleFilter, limit: u32) -> Outcome<Vec<u8>> {
        let lent = self.0.get().await?;
        let body = lent.session.people(&filter, limit).await?;
        lent.give_back();
        Ok(body)
    }

    async fn create_many(&self, companies: Vec<NewCompany>, upsert: bool) -> Outcome<Vec<u8>> {
        let mut lent = self.0.get().await?;
        let body = lent.session.create_many(&companies, upsert).await?;
        lent.give_back();
        Ok(body)
    }

    async fn update(&self, id: String, change: CompanyChange) -> Outcome<Option<Vec<u8>>> {
        let mut lent = self.0.get().await?;
        let body = lent.session.update(id.parse()?, &change).await?;
        lent.give_back();
        Ok(body)
    }

    async fn create(&self, company: NewCompany) -> Outcome<Vec<u8>> {
        let mut lent = self.0.get().await?;
        let body = lent.session.create(&company).await?;
        lent.give_back();
        Ok(body)
    }
}
