//! The figures that can be drawn from one field over many records.

use crate::{Field, FieldType, Scalar};

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
}
