//! Companies in groups by their city, with their number and the sum of their revenues.

use serde_json::json;

/// Groups of all live companies, in the order of their cities.
pub(super) const GROUPS: &str = r#"SELECT "addressAddressCity", count(*), CAST(sum("annualRevenueAmountMicros") AS BIGINT)
    FROM "company" WHERE "deletedAt" IS NULL GROUP BY "addressAddressCity", "addressAddressCity_key"
    ORDER BY "addressAddressCity_key" LIMIT 50"#;

/// Groups that are being written.
pub(super) struct Groups(Vec<u8>);

impl Groups {
    pub(super) fn new() -> Self {
        Self(b"[".to_vec())
    }

    pub(super) fn push(&mut self, city: Option<&str>, count: i64, sum: Option<i64>) {
        if 1 < self.0.len() {
            self.0.push(b',');
        }
        let group = json!({
            "totalCount": count.to_string(),
            "sumAnnualRevenueAmountMicros": sum.map(|sum| sum.to_string()),
            "groupByDimensionValues": [city],
        });
        self.0.extend_from_slice(group.to_string().as_bytes());
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.0.push(b']');
        self.0
    }
}
