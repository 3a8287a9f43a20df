//! The demo records of a new workspace: every stage and status once, some values left empty on
//! purpose, and nobody real (`seed-data.md` 4).

use jiff::{Timestamp, ToSpan, Zoned};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};
use crate::records;
use crate::workspace::Workspace;

/// Fills a new workspace with demo records. `member_id` owns those that have an owner; a workspace
/// made on the command line has no member yet.
pub(crate) async fn seed(workspace: &Workspace, member_id: Option<Uuid>) -> ApiResult<()> {
    let demo = Demo {
        workspace: workspace.id,
        me: member_id,
        created: Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC),
    };
    for (object, rows) in [
        ("company", demo.companies()),
        ("person", demo.people()),
        ("opportunity", demo.opportunities()?),
        ("task", demo.tasks()?),
        ("taskTarget", demo.task_targets()),
        ("note", demo.notes()),
        ("noteTarget", demo.note_targets()),
    ] {
        records::seed(workspace, object, demo.numbered(object, rows)).await?;
    }
    Ok(())
}

/// What the records of one workspace have in common.
struct Demo {
    workspace: Uuid,
    me: Option<Uuid>,
    created: Zoned,
}

impl Demo {
    /// Ids follow from the workspace and the row, so that the same row is the same record again.
    fn id(&self, object: &str, row: usize) -> String {
        Uuid::new_v5(&self.workspace, format!("demo:{object}:{row}").as_bytes()).to_string()
    }

    fn numbered(&self, object: &str, rows: Vec<Json>) -> Vec<Json> {
        let number = |(place, row): (usize, Json)| {
            let mut members: Map<String, Json> = row.as_object().cloned().unwrap_or_default();
            members.insert("id".into(), self.id(object, place + 1).into());
            members.insert("position".into(), (place + 1).into());
            members.insert("createdBy".into(), json!({"source": "SYSTEM", "name": "System"}));
            Json::Object(members)
        };
        rows.into_iter().enumerate().map(number).collect()
    }

    fn me(&self) -> Json {
        self.me.map_or(Json::Null, |member| member.to_string().into())
    }

    /// Nine o'clock UTC, so many days from now.
    fn day(&self, days: i64) -> ApiResult<String> {
        let day = self.created.date().checked_add(days.days()).map_err(ApiError::internal)?;
        Ok(format!("{day}T09:00:00.000Z"))
    }

    fn companies(&self) -> Vec<Json> {
        let company = |name: &str,
                       domain: &str,
                       address: Json,
                       revenue: Json,
                       social: Option<&str>,
                       owner: Json| {
            json!({
                "name": name,
                "domainName": {"primaryLinkUrl": format!("https://{domain}.example")},
                "address": address,
                "annualRevenue": revenue,
                "linkedinLink": {"primaryLinkUrl": social.map(|page| format!("https://social.example/company/{page}"))},
                "accountOwnerId": owner,
            })
        };
        vec![
            company(
                "Tidewater Looms",
                "tidewater-looms",
                json!({"addressStreet1": "14 Harbour Row", "addressCity": "Averley", "addressPostcode": "AV1 2TL",
                       "addressCountry": "United Kingdom"}),
                money(4_200_000, "GBP"),
                Some("tidewater-looms"),
                self.me(),
            ),
            company(
                "Kestrel Freight",
                "kestrel-freight",
                json!({"addressStreet1": "900 Depot Avenue", "addressCity": "Marlow Springs", "addressState": "CA",
                       "addressPostcode": "90000", "addressCountry": "United States"}),
                money(18_500_000, "USD"),
                None,
                self.me(),
            ),
            company(
                "Lumen Orchard",
                "lumen-orchard",
                json!({"addressStreet1": "3 rue des Pommiers", "addressCity": "Valbrune", "addressCountry": "France"}),
                json!({}),
                Some("lumen-orchard"),
                Json::Null,
            ),
            company(
                "Basalt Robotics",
                "basalt-robotics",
                json!({"addressStreet1": "77 Quarry Street", "addressCity": "Northgate", "addressState": "NY",
                       "addressPostcode": "10000", "addressCountry": "United States"}),
                money(950_000, "USD"),
                None,
                Json::Null,
            ),
            company(
                "Pomelo Health",
                "pomelo-health",
                json!({"addressCity": "Steinfeld", "addressPostcode": "10000", "addressCountry": "Germany"}),
                json!({}),
                None,
                Json::Null,
            ),
        ]
    }

    /// One for each company, in the same row.
    fn people(&self) -> Vec<Json> {
        let person = |row: usize,
                      first: &str,
                      last: &str,
                      emails: Json,
                      job: &str,
                      phone: Option<(&str, &str, &str)>| {
            let phones = phone.map_or(json!({}), |(number, country, calling)| {
                json!({"primaryPhoneNumber": number, "primaryPhoneCountryCode": country,
                       "primaryPhoneCallingCode": calling})
            });
            json!({
                "name": {"firstName": first, "lastName": last},
                "emails": emails,
                "jobTitle": job,
                "phones": phones,
                "companyId": self.id("company", row),
            })
        };
        let email = |address: &str| json!({"primaryEmail": address});
        vec![
            person(
                1,
                "Mira",
                "Solenne",
                email("mira@tidewater-looms.example"),
                "Head of Purchasing",
                Some(("2079460101", "GB", "+44")),
            ),
            person(
                2,
                "Tomas",
                "Vell",
                json!({"primaryEmail": "tomas@kestrel-freight.example", "additionalEmails": ["t.vell@mail.example"]}),
                "Operations Director",
                Some(("4155550102", "US", "+1")),
            ),
            person(
                3,
                "Ines",
                "Harrow",
                email("ines@lumen-orchard.example"),
                "",
                Some(("199000103", "FR", "+33")),
            ),
            person(
                4,
                "Jun",
                "Castellane",
                email("jun@basalt-robotics.example"),
                "Founder",
                Some(("2125550104", "US", "+1")),
            ),
            person(5, "Petra", "Quill", email("petra@pomelo-health.example"), "Office Manager", None),
        ]
    }

    fn opportunities(&self) -> ApiResult<Vec<Json>> {
        let opportunity =
            |name: &str, company: usize, stage: &str, amount: Json, close: Json, owner: Json| {
                json!({
                    "name": name,
                    "companyId": self.id("company", company),
                    "pointOfContactId": self.id("person", company),
                    "stage": stage,
                    "amount": amount,
                    "closeDate": close,
                    "ownerId": owner,
                })
            };
        let day = |days| self.day(days).map(Json::from);
        Ok(vec![
            opportunity("Spring collection portal", 1, "PROPOSAL", money(60_000, "GBP"), day(14)?, self.me()),
            opportunity(
                "Fleet tracking, phase one",
                2,
                "CUSTOMER",
                money(100_000, "USD"),
                day(-7)?,
                self.me(),
            ),
            opportunity("Fleet tracking, phase two", 2, "MEETING", money(45_000, "USD"), day(45)?, self.me()),
            opportunity("Harvest planning", 3, "SCREENING", money(75_000, "EUR"), day(30)?, self.me()),
            opportunity("Assembly line pilot", 4, "NEW", money(50_000, "USD"), day(60)?, self.me()),
            opportunity("Patient reminders", 5, "NEW", json!({}), Json::Null, Json::Null),
        ])
    }

    fn tasks(&self) -> ApiResult<Vec<Json>> {
        let task = |title: &str, status: Json, due: Json, assignee: Json, body: Option<&str>| json!({"title": title, "status": status, "dueAt": due, "assigneeId": assignee, "bodyV2": body_of(body)});
        let day = |days| self.day(days).map(Json::from);
        Ok(vec![
            task(
                "Send revised proposal",
                "TODO".into(),
                day(2)?,
                self.me(),
                Some("- New delivery dates\n- Price for two seasons"),
            ),
            task("Prepare kick-off meeting", "IN_PROGRESS".into(), day(5)?, self.me(), None),
            task("Check delivery address", "TODO".into(), day(-1)?, Json::Null, None),
            task(
                "Sign framework contract",
                "DONE".into(),
                day(-10)?,
                self.me(),
                Some("Both sides have signed."),
            ),
            task("Collect references", Json::Null, Json::Null, Json::Null, None),
        ])
    }

    fn task_targets(&self) -> Vec<Json> {
        [("opportunity", 1), ("company", 2), ("person", 1), ("opportunity", 2), ("company", 4)]
            .into_iter()
            .enumerate()
            .map(|(place, (object, row))| {
                json!({"taskId": self.id("task", place + 1), target_column(object): self.id(object, row)})
            })
            .collect()
    }

    fn notes(&self) -> Vec<Json> {
        let note = |title: &str, body: Option<&str>| json!({"title": title, "bodyV2": body_of(body)});
        vec![
            note(
                "First call",
                Some("## What they need\n\nA portal for the spring collection.\n\n- Orders\n- Returns"),
            ),
            note("Requirements", Some("- [x] Works offline\n- [ ] Speaks to the old controller")),
            note(
                "Conference contacts",
                Some("Met at the stand of [Kestrel Freight](https://kestrel-freight.example)."),
            ),
            note("", None),
        ]
    }

    fn note_targets(&self) -> Vec<Json> {
        [(1, "person", 1), (1, "company", 1), (2, "opportunity", 4), (3, "person", 2), (3, "person", 4), (4, "company", 5)]
            .into_iter()
            .map(|(note, object, row)| {
                json!({"noteId": self.id("note", note), target_column(object): self.id(object, row)})
            })
            .collect()
    }
}

fn target_column(object: &str) -> String {
    format!("{}Id", fourfold_model::inflection::morph_field("target", object))
}

/// An amount in whole units.
fn money(units: i64, currency: &str) -> Json {
    json!({"amountMicros": units * 1_000_000, "currencyCode": currency})
}

fn body_of(markdown: Option<&str>) -> Json {
    markdown.map_or(Json::Null, |markdown| json!({"markdown": markdown}))
}
