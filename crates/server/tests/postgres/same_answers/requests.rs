//! Random requests on samples and companies.

use rand::rngs::StdRng;
use reqwest::Method;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::model::{OF_COMPANY, STAGES, TAGS, fields};
use super::values::Values;
use crate::support::Client;

/// All that can be read of a sample.
const SAMPLE: &str = "id code text number flag day moment stage tags words extra reference position \
     createdAt updatedAt deletedAt fullName { firstName lastName } mails { primaryEmail additionalEmails } \
     tel { primaryPhoneNumber primaryPhoneCountryCode primaryPhoneCallingCode additionalPhones } \
     site { primaryLinkUrl primaryLinkLabel secondaryLinks } price { amountMicros currencyCode } \
     place { addressCity addressCountry addressLat addressLng } story { markdown blocknote } \
     createdBy { source name } owner { id name }";

/// Figures over fields of every kind.
const FIGURES: &str = "totalCount sumNumber avgNumber minNumber maxNumber countUniqueValuesText \
     countUniqueValuesTags countUniqueValuesWords countUniqueValuesExtra countUniqueValuesFullName \
     countUniqueValuesPrice countUniqueValuesMails countUniqueValuesStage countEmptyText countNotEmptyWords \
     percentageEmptyText percentageNotEmptyDay countTrueFlag countFalseFlag minDay maxDay minMoment maxMoment \
     sumPriceAmountMicros avgPriceAmountMicros minPriceAmountMicros maxPriceAmountMicros";

/// What an order may follow, as a path.
const ORDERS: [&str; 24] = [
    "id",
    "code",
    "text",
    "number",
    "flag",
    "day",
    "moment",
    "stage",
    "tags",
    "words",
    "extra",
    "reference",
    "position",
    "createdAt",
    "fullName.firstName",
    "fullName.lastName",
    "mails.primaryEmail",
    "site.primaryLinkUrl",
    "price.amountMicros",
    "place.addressCity",
    "place.addressLat",
    "owner.name",
    "owner.createdAt",
    "ownerId",
];

pub(super) const DIRECTIONS: [&str; 4] = ["AscNullsFirst", "AscNullsLast", "DescNullsFirst", "DescNullsLast"];

/// One request, the same for both servers.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) kind: &'static str,
    method: Method,
    path: String,
    pub(super) query: Vec<(&'static str, String)>,
    body: Option<Json>,
    /// The order of the list that is asked for, to go on in it.
    order: Option<Json>,
    /// Samples that it makes, if it succeeds.
    creates: Vec<Uuid>,
}

impl Request {
    pub(super) async fn send(&self, client: &Client) -> (u16, String) {
        client.exchange(self.method.clone(), &self.path, &self.query, self.body.as_ref()).await
    }
}

/// Makes requests, from what it knows to exist.
pub(super) struct Requests {
    random: StdRng,
    samples: Vec<Uuid>,
    companies: Vec<Uuid>,
    /// Orders, and cursors that lists in these orders gave.
    cursors: Vec<(Json, String)>,
    /// Variables of searches, with the cursor where their page ended.
    searches: Vec<Json>,
}

impl Requests {
    pub(super) fn new(random: StdRng) -> Self {
        Self { random, samples: Vec::new(), companies: Vec::new(), cursors: Vec::new(), searches: Vec::new() }
    }

    pub(super) fn next(&mut self) -> Request {
        if self.companies.len() < 5 {
            return self.create_company();
        }
        match self.values().below(29) {
            24..28 => self.search(),
            28 => self.create_person(),
            0..3 => self.create_samples(),
            3 => self.create_company(),
            4 | 5 => self.update(),
            6 => self.update_many(),
            7 => self.trash(),
            8 => self.destroy(),
            9 | 10 => self.list_over_rest(),
            11 => self.find_one(),
            12 | 13 => self.related(),
            14..18 => self.groups(),
            18 | 19 => self.duplicates(),
            20 => self.merge(),
            _ => self.list_over_graphql(),
        }
    }

    /// Remembers what was created, and cursors of the answer.
    pub(super) fn learn(&mut self, request: &Request, status: u16, body: &str) {
        if status == 201 {
            self.samples.extend(&request.creates);
        }
        match (request.kind, status) {
            ("create company", 201) => {}
            ("create company", _) => _ = self.companies.pop(),
            // Whatever else they are asked for would be refused for that reason alone.
            ("merge", 200) => {
                let sent = request.body.clone().unwrap_or_default();
                let survivor = sent["conflictPriorityIndex"].as_u64();
                let losers = sent["ids"].as_array().into_iter().flatten().enumerate();
                for (_, loser) in losers.filter(|(place, _)| Some(*place as u64) != survivor) {
                    self.companies.retain(|company| *loser != json!(company));
                }
            }
            _ => {}
        }
        let body: Json = serde_json::from_str(body).unwrap_or_default();
        if let (Some(end), Some(sent)) =
            (body["data"]["search"]["pageInfo"]["endCursor"].as_str(), &request.body)
        {
            let mut search = sent["variables"].clone();
            search["after"] = json!(end);
            self.searches.push(search);
        }
        let Some(order) = &request.order else { return };
        let info = &body["data"]["samples"]["pageInfo"];
        for cursor in ["startCursor", "endCursor"].iter().filter_map(|name| info[name].as_str()) {
            self.cursors.push((order.clone(), cursor.to_owned()));
        }
        if 50 < self.cursors.len() {
            self.cursors.remove(0);
        }
    }

    pub(super) fn values(&mut self) -> Values<'_> {
        Values(&mut self.random)
    }

    fn create_company(&mut self) -> Request {
        let mut values = Values(&mut self.random);
        let id = values.new_id();
        let mut body = json!({
            "id": id, "name": company_name(&mut values), "createdAt": values.past(), "updatedAt": values.past(),
        });
        if values.chance(50) {
            // Unique, as the domains of companies are.
            body["domainName"] = json!({
                "primaryLinkUrl": format!("https://{id}.example/A"), "primaryLinkLabel": values.text(),
                "secondaryLinks": [{"url": "https://other.example", "label": values.text()}],
            });
        }
        for field in OF_COMPANY {
            if values.chance(30) {
                body[field] = values.of(field);
            }
        }
        self.companies.push(id);
        rest("create company", Method::POST, "/rest/companies", body)
    }

    fn create_person(&mut self) -> Request {
        let mut values = Values(&mut self.random);
        let mut tel = values.of("tel");
        if let Some(tel) = tel.as_object_mut().filter(|_| values.chance(50)) {
            tel.insert(
                "additionalPhones".into(),
                json!([{"number": "+33612345678"}, {"callingCode": "+44"}]),
            );
        }
        let body = json!({
            "id": values.new_id(), "createdAt": values.past(), "updatedAt": values.past(),
            "name": values.of("fullName"), "emails": {"primaryEmail": format!("{}@example.com", values.new_id())},
            "phones": tel, "jobTitle": values.text(),
        });
        rest("create person", Method::POST, "/rest/people", body)
    }

    /// A page of hits, often one that follows another.
    fn search(&mut self) -> Request {
        let document = "query S($input: String!, $limit: Int!, $after: String, $only: [String!], \
             $filter: ObjectRecordFilterInput) { search(searchInput: $input, limit: $limit, after: $after, \
             includedObjectNameSingulars: $only, excludedObjectNameSingulars: [\"workspaceMember\"], filter: $filter) { pageInfo { hasNextPage endCursor } \
             edges { cursor node { recordId objectNameSingular label imageUrl tsRankCD tsRank } } } }";
        if !self.searches.is_empty() && self.values().chance(40) {
            let place = Values(&mut self.random).below(self.searches.len());
            return graphql("search on", document, self.searches.swap_remove(place));
        }
        let mut values = Values(&mut self.random);
        let words =
            (0..values.below(3)).map(|_| if values.chance(80) { values.word() } else { values.text() });
        let words: Vec<String> = words.collect();
        let filter = match values.below(6) {
            0 => json!({"createdAt": {"gt": values.past()}}),
            1 => json!({"not": {"updatedAt": {"lt": values.past()}}}),
            2 => json!({"deletedAt": {"is": values.one_of(&["NULL", "NOT_NULL"])}}),
            3 => json!({"or": [{"id": {"in": [values.id(&self.samples), values.id(&self.companies)]}}]}),
            _ => Json::Null,
        };
        let only = [json!([]), json!(["sample", "company"]), json!(["person"])][values.below(3)].clone();
        let variables = json!({
            "input": words.join(" "), "limit": values.below(6), "only": only, "filter": filter,
        });
        graphql("search", document, variables)
    }

    fn sample(&mut self, id: Option<Uuid>) -> Json {
        let mut values = Values(&mut self.random);
        let mut sample = Map::new();
        if let Some(id) = id {
            sample.insert("id".into(), json!(id));
            sample.insert("createdAt".into(), json!(values.past()));
        }
        sample.insert("updatedAt".into(), json!(values.past()));
        if values.chance(55) {
            // What a sample is found by.
            sample.insert("name".into(), values.of("text"));
        }
        for (name, _) in fields() {
            if values.chance(55) {
                sample.insert(name.into(), values.of(name));
            }
        }
        match values.below(5) {
            0 | 1 => _ = sample.insert("ownerId".into(), json!(values.id(&self.companies))),
            2 => {
                let id = values.id(&self.companies);
                sample.insert("owner".into(), json!({"connect": {"where": {"id": id}}}));
            }
            _ => {}
        }
        if values.chance(20) {
            let position = [json!("first"), json!("last"), json!(2.5), json!(-1)][values.below(4)].clone();
            sample.insert("position".into(), position);
        }
        Json::Object(sample)
    }

    fn create_samples(&mut self) -> Request {
        let count = if self.values().chance(50) { 1 } else { self.values().below(8) + 1 };
        let ids: Vec<Uuid> = (0..count).map(|_| self.values().new_id()).collect();
        let records: Json = ids.iter().map(|id| self.sample(Some(*id))).collect();
        let depth = self.depth();
        let mut request = rest("create samples", Method::POST, "/rest/batch/samples", records);
        request.query.push(depth);
        request.creates = ids;
        request
    }

    fn depth(&mut self) -> (&'static str, String) {
        ("depth", self.values().below(2).to_string())
    }

    fn update(&mut self) -> Request {
        let id = Values(&mut self.random).id(&self.samples);
        let body = self.sample(None);
        rest("update", Method::PATCH, &format!("/rest/samples/{id}"), body)
    }

    fn update_many(&mut self) -> Request {
        let filter = self.filter(1);
        let mut values = Values(&mut self.random);
        let field = values.one_of(&["text", "number", "stage", "words", "fullName", "price"]);
        let data = json!({field: values.of(field), "updatedAt": values.past()});
        let document = "mutation M($filter: SampleFilterInput!, $data: SampleUpdateInput!) \
             { updateSamples(filter: $filter, data: $data) { id code text number stage words } }";
        graphql("update many", document, json!({"filter": filter, "data": data}))
    }

    fn trash(&mut self) -> Request {
        let mut values = Values(&mut self.random);
        let id = values.id(&self.samples);
        match values.below(3) {
            0 => rest("restore", Method::PATCH, &format!("/rest/samples/{id}/restore"), json!({})),
            1 => {
                let document = "mutation M($id: UUID!) { deleteSample(id: $id) { id code deletedAt } }";
                graphql("soft delete", document, json!({"id": id}))
            }
            _ => {
                let mut request =
                    rest("soft delete over REST", Method::DELETE, &format!("/rest/samples/{id}"), Json::Null);
                request.query.push(("soft_delete", "true".into()));
                request
            }
        }
    }

    fn destroy(&mut self) -> Request {
        let mut values = Values(&mut self.random);
        if values.chance(20) {
            let id = values.id(&self.companies);
            return rest("destroy company", Method::DELETE, &format!("/rest/companies/{id}"), Json::Null);
        }
        let id = values.id(&self.samples);
        let document = "mutation M($id: UUID!) { destroySample(id: $id) { id code owner { name } } }";
        graphql("destroy", document, json!({"id": id}))
    }

    fn find_one(&mut self) -> Request {
        let id = Values(&mut self.random).id(&self.samples);
        let depth = self.depth();
        let mut request = rest("find one", Method::GET, &format!("/rest/samples/{id}"), Json::Null);
        request.query.push(depth);
        request
    }

    fn list_over_rest(&mut self) -> Request {
        let depth = self.depth();
        let mut values = Values(&mut self.random);
        let mut query = vec![depth, ("limit", (values.below(12) + 1).to_string())];
        let orders = (0..values.below(3))
            .map(|_| format!("{}[{}]", values.one_of(&ORDERS), values.one_of(&DIRECTIONS)));
        let orders: Vec<String> = orders.collect();
        if !orders.is_empty() {
            query.push(("order_by", orders.join(",")));
        }
        if values.chance(60) {
            let text = values.word();
            let conditions = [
                format!("text[ilike]:\"%{text}%\""),
                format!("text[like]:\"{text}%\""),
                format!("text[gte]:\"{text}\""),
                "number[gt]:0.15".to_owned(),
                format!("stage[in]:[{},{}]", values.one_of(&STAGES), values.one_of(&STAGES)),
                "deletedAt[is]:NOT_NULL".to_owned(),
                "price.amountMicros[lte]:1500000.5".to_owned(),
                "owner.name[is]:NOT_NULL".to_owned(),
                format!("tags[containsAny]:[{}]", values.one_of(&TAGS)),
            ];
            let (one, other) = (values.below(conditions.len()), values.below(conditions.len()));
            let joined = values.one_of(&["and", "or", "not"]);
            query.push((
                "filter",
                match joined {
                    "not" => format!("not({})", conditions[one]),
                    _ => format!("{joined}({},{})", conditions[one], conditions[other]),
                },
            ));
        }
        Request { query, ..rest("list over REST", Method::GET, "/rest/samples", Json::Null) }
    }

    /// A condition on samples, as GraphQL has it.
    pub(super) fn filter(&mut self, depth: usize) -> Json {
        let choice = Values(&mut self.random).below(if depth == 0 { 8 } else { 11 });
        match choice {
            8 => json!({"and": [self.filter(depth - 1), self.filter(depth - 1)]}),
            9 => json!({"or": [self.filter(depth - 1), self.filter(depth - 1)]}),
            10 => json!({"not": self.filter(depth - 1)}),
            7 => {
                let mut values = Values(&mut self.random);
                json!({"owner": {"name": {values.one_of(&["like", "ilike"]): format!("%{}%", values.word())}}})
            }
            _ => self.comparison(),
        }
    }

    fn comparison(&mut self) -> Json {
        let mut values = Values(&mut self.random);
        let field = values.one_of(&[
            "id",
            "code",
            "text",
            "number",
            "flag",
            "day",
            "moment",
            "stage",
            "tags",
            "words",
            "extra",
            "fullName",
            "mails",
            "price",
            "reference",
            "ownerId",
        ]);
        let is = json!({"is": values.one_of(&["NULL", "NOT_NULL"])});
        if values.chance(12) && !matches!(field, "fullName" | "mails" | "price") {
            return json!({field: is});
        }
        let compare = values.one_of(&["eq", "neq", "gt", "gte", "lt", "lte", "in"]);
        let text_operator =
            values.one_of(&["eq", "neq", "gt", "lte", "like", "ilike", "startsWith", "endsWith", "in"]);
        let operand = |operator: &str, field: &str, values: &mut Values<'_>| match operator {
            "in" => (0..values.below(3) + 1).map(|_| values.of(field)).collect(),
            "like" | "ilike" => json!(format!("%{}%", values.text())),
            _ => values.of(field),
        };
        match field {
            "id" => json!({"id": {compare: if compare == "in" {
                json!([values.id(&self.samples), values.id(&self.samples)])
            } else {
                json!(values.id(&self.samples))
            }}}),
            "ownerId" => json!({"ownerId": {"eq": values.id(&self.companies)}}),
            "text" | "code" => json!({field: {text_operator: operand(text_operator, field, &mut values)}}),
            "flag" => json!({"flag": {"eq": values.chance(50)}}),
            "tags" => json!({"tags": {"containsAny": [values.one_of(&TAGS), values.one_of(&TAGS)]}}),
            "words" => json!({"words": {"containsIlike": format!("%{}%", values.text())}}),
            "extra" => json!({"extra": {"like": format!("%{}%", values.word())}}),
            "fullName" => json!({"fullName": {values.one_of(&["firstName", "lastName"]):
                {text_operator: operand(text_operator, "text", &mut values)}}}),
            "mails" => json!({"mails": {"primaryEmail": {"ilike": format!("%{}%", values.below(20))}}}),
            "price" => {
                let amount = [json!(0), json!(0.5), json!(1_500_000), json!(1e30), json!("2")]
                    [values.below(5)]
                .clone();
                json!({"price": {"amountMicros": {compare:
                    if compare == "in" { json!([amount, 1]) } else { amount }}}})
            }
            _ => json!({field: {compare: operand(compare, field, &mut values)}}),
        }
    }

    /// Keys of an order, as GraphQL has them.
    pub(super) fn order(&mut self) -> Json {
        let mut values = Values(&mut self.random);
        (0..values.below(4))
            .map(|_| {
                let direction = json!(values.one_of(&DIRECTIONS));
                let path = values.one_of(&ORDERS);
                path.rsplit('.').fold(direction, |below, name| json!({name: below}))
            })
            .collect()
    }

    fn list_over_graphql(&mut self) -> Request {
        let goes_on = !self.cursors.is_empty() && self.values().chance(50);
        let (order, cursor) = if goes_on {
            let place = Values(&mut self.random).below(self.cursors.len());
            let (order, cursor) = self.cursors[place].clone();
            (order, Some(cursor))
        } else {
            (self.order(), None)
        };
        let filter = if self.values().chance(60) { self.filter(2) } else { json!({}) };
        let limit = self.values().below(9) + 1;
        let (first, after) = if self.values().chance(70) { ("first", "after") } else { ("last", "before") };
        let figures = if self.values().chance(30) { FIGURES } else { "totalCount" };
        let document = format!(
            "query Q($filter: SampleFilterInput, $order: [SampleOrderByInput], $limit: Int, $cursor: String) \
             {{ samples(filter: $filter, orderBy: $order, {first}: $limit, {after}: $cursor) {{ {figures} \
             pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} \
             edges {{ cursor node {{ {SAMPLE} }} }} }} }}"
        );
        let variables = json!({"filter": filter, "order": order, "limit": limit, "cursor": cursor});
        Request { order: Some(order), ..graphql("list over GraphQL", &document, variables) }
    }

    /// Companies that are likely the same, among those that exist or for new data.
    fn duplicates(&mut self) -> Request {
        let depth = self.depth();
        let mut values = Values(&mut self.random);
        let ids: Vec<Uuid> = (0..values.below(4)).map(|_| values.id(&self.companies)).collect();
        let data: Json =
            (0..values.below(3) + 1).map(|_| json!({"name": company_name(&mut values)})).collect();
        if values.chance(40) {
            let document = "query Q($ids: [UUID], $data: [CompanyCreateInput]) \
                 { companyDuplicates(ids: $ids, data: $data) { totalCount minCreatedAt \
                 pageInfo { startCursor endCursor hasNextPage } \
                 edges { cursor node { id name samples { totalCount edges { node { id } } } } } } }";
            let variables = if values.chance(50) { json!({"ids": ids}) } else { json!({"data": data}) };
            return graphql("duplicates over GraphQL", document, variables);
        }
        let body = if values.chance(50) { json!({"ids": ids}) } else { json!({"data": data}) };
        let mut request = rest("duplicates", Method::POST, "/rest/companies/duplicates", body);
        request.query.push(depth);
        request
    }

    /// Companies that become one. A dry run answers a random id, which would never be the same.
    fn merge(&mut self) -> Request {
        let mut values = Values(&mut self.random);
        let ids: Vec<Uuid> = (0..values.below(2) + 2).map(|_| values.id(&self.companies)).collect();
        let index = values.below(2);
        if values.chance(50) {
            let document = "mutation M($ids: [UUID!]!, $index: Int!) \
                 { mergeCompanies(ids: $ids, conflictPriorityIndex: $index, dryRun: true) { name position words tags \
                 extra tel { primaryPhoneNumber additionalPhones } site { primaryLinkUrl secondaryLinks } \
                 price { amountMicros } createdAt samples(first: 5, orderBy: [{text: AscNullsLast}]) \
                 { totalCount sumNumber maxMoment edges { node { id text } } } } }";
            return graphql("dry run of a merge", document, json!({"ids": ids, "index": index}));
        }
        let depth = self.depth();
        let body = json!({"ids": ids, "conflictPriorityIndex": index});
        let mut request = rest("merge", Method::PATCH, "/rest/companies/merge", body);
        request.query.push(depth);
        request
    }

    /// Companies with their samples, each with an order and a limit of its own.
    fn related(&mut self) -> Request {
        let (order, filter) = (self.order(), self.filter(1));
        let limit = self.values().below(4) + 1;
        let document = "query Q($filter: SampleFilterInput, $order: [SampleOrderByInput], $limit: Int) \
             { companies(first: 10) { totalCount edges { node { id name \
             samples(filter: $filter, orderBy: $order, first: $limit) \
             { totalCount sumNumber maxMoment pageInfo { hasNextPage endCursor } \
             edges { cursor node { id code text } } } } } } }";
        graphql("related", document, json!({"filter": filter, "order": order, "limit": limit}))
    }
}

/// One that others have too, or nearly, more often than not.
fn company_name(values: &mut Values<'_>) -> String {
    if values.chance(60) {
        values.one_of(&["Acme", "acme", "Öls", "Öl", "ab"]).to_owned()
    } else {
        values.text()
    }
}

pub(super) fn rest(kind: &'static str, method: Method, path: &str, body: Json) -> Request {
    let body = (!body.is_null()).then_some(body);
    Request { kind, method, path: path.into(), query: Vec::new(), body, order: None, creates: Vec::new() }
}

pub(super) fn graphql(kind: &'static str, document: &str, variables: Json) -> Request {
    rest(kind, Method::POST, "/graphql", json!({"query": document, "variables": variables}))
}
