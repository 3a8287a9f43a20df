//! The figures that can be drawn from one field over many records.

use crate::inflection;
use crate::{Field, FieldType, Object, Part, Scalar};

/// One figure over the values of a field; percentages are fractions from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named as on the wire")]
pub enum Aggregate {
    CountUniqueValues,
    CountEmpty,
    CountNotEmpty,
    PercentageEmpty,
    PercentageNotEmpty,
    CountTrue,
    CountFalse,
    Min,
    Max,
    Sum,
    Avg,
}

impl Aggregate {
    /// The name on the wire, before the name of the field: `countEmpty`.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::CountUniqueValues => "countUniqueValues",
            Self::CountEmpty => "countEmpty",
            Self::CountNotEmpty => "countNotEmpty",
            Self::PercentageEmpty => "percentageEmpty",
            Self::PercentageNotEmpty => "percentageNotEmpty",
            Self::CountTrue => "countTrue",
            Self::CountFalse => "countFalse",
            Self::Min => "min",
            Self::Max => "max",
            Self::Sum => "sum",
            Self::Avg => "avg",
        }
    }

    /// Whether the figure is about the values themselves and not about how many there are. Of a
    /// currency these are figures about its amount.
    pub fn is_of_values(self) -> bool {
        matches!(self, Self::Min | Self::Max | Self::Sum | Self::Avg)
    }
}

impl Field {
    /// The figures that the APIs offer over this field (`field-types.md` 7.3): none over relations,
    /// positions have no sum.
    pub fn aggregates(&self) -> Vec<Aggregate> {
        use Aggregate::{
            Avg, CountEmpty, CountFalse, CountNotEmpty, CountTrue, CountUniqueValues, Max, Min,
            PercentageEmpty, PercentageNotEmpty, Sum,
        };
        if self.relation.is_some() {
            return Vec::new();
        }
        let mut aggregates =
            vec![CountUniqueValues, CountEmpty, CountNotEmpty, PercentageEmpty, PercentageNotEmpty];
        if self.field_type == FieldType::Number || self.field_type == FieldType::Currency {
            aggregates.extend([Min, Max, Sum, Avg]);
        }
        match self.field_type.spec().parts.first().map(|part| part.scalar) {
            Some(Scalar::Boolean) => aggregates.extend([CountTrue, CountFalse]),
            Some(Scalar::Date | Scalar::DateTime) => aggregates.extend([Min, Max]),
            Some(
                Scalar::Uuid
                | Scalar::Text
                | Scalar::Float
                | Scalar::BigInt
                | Scalar::Option
                | Scalar::OptionList
                | Scalar::TextList
                | Scalar::Json
                | Scalar::SearchVector,
            )
            | None => {}
        }
        aggregates
    }

    /// The columns that decide whether a record has a value, and which: each part with its name in the
    /// table. What figures of values are about comes first.
    pub fn figure_columns(&self) -> impl Iterator<Item = (&'static Part, String)> + '_ {
        self.columns().filter(|(part, _)| !part.is_secondary)
    }
}

impl Object {
    /// The field and the figure over it that have this name on the wire, such as `maxCreatedAt`. Of
    /// two fields whose figures share a name, the first has it.
    pub fn aggregate_by_name(&self, name: &str) -> Option<(&Field, Aggregate)> {
        self.fields.values().find_map(|field| {
            let mut aggregates = field.aggregates().into_iter();
            let found = aggregates.find(|aggregate| inflection::aggregate(*aggregate, field) == name)?;
            Some((field, found))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_that_decide_are_those_of_the_contract() {
        for (field_type, expected) in [
            (FieldType::Text, &[""][..]),
            (FieldType::Currency, &["amountMicros", "currencyCode"]),
            (FieldType::FullName, &["firstName", "lastName"]),
            (FieldType::RichText, &["blocknote", "markdown"]),
            (FieldType::Links, &["primaryLinkUrl"]),
            (FieldType::Emails, &["primaryEmail"]),
            (
                FieldType::Phones,
                &["primaryPhoneNumber", "primaryPhoneCountryCode", "primaryPhoneCallingCode"],
            ),
            (FieldType::Actor, &["source", "workspaceMemberId"]),
        ] {
            let parts = field_type.spec().parts.iter().filter(|part| !part.is_secondary);
            let names: Vec<&str> = parts.map(|part| part.name).collect();
            assert_eq!(names, expected, "{field_type:?}");
        }
        assert!(FieldType::Address.spec().parts.iter().all(|part| !part.is_secondary));
    }

    #[test]
    fn figures_have_names() {
        let objects = crate::standard::objects(jiff::Timestamp::UNIX_EPOCH);
        let company = objects.iter().find(|object| object.name_singular == "company").unwrap();
        for (name, expected) in [
            ("maxCreatedAt", Some(("createdAt", Aggregate::Max))),
            ("sumAnnualRevenueAmountMicros", Some(("annualRevenue", Aggregate::Sum))),
            ("countEmptyAnnualRevenue", Some(("annualRevenue", Aggregate::CountEmpty))),
            ("percentageNotEmptyName", Some(("name", Aggregate::PercentageNotEmpty))),
            ("sumAnnualRevenue", None),
            ("countEmptyAnnualRevenueAmountMicros", None),
            ("minName", None),
            ("sumPosition", None),
            ("countEmptyPeople", None),
            ("countEmpty", None),
        ] {
            let found = company.aggregate_by_name(name);
            assert_eq!(found.map(|(field, aggregate)| (field.name.as_str(), aggregate)), expected, "{name}");
        }
    }
}
