//! The root fields of the Core API: which name does what to which object.

use std::collections::HashMap;

use fourfold_model::DataModel;
use fourfold_model::inflection::{self, Verb};

/// One root field.
#[derive(Clone, Debug)]
pub(crate) struct RootField {
    /// API name of one record of the object.
    pub(crate) object: String,
    pub(crate) operation: RootOperation,
}

/// What a root field does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RootOperation {
    FindOne,
    FindMany,
    GroupBy,
    FindDuplicates,
    MutateOne(Verb),
    MutateMany(Verb),
    Merge,
}

impl RootOperation {
    pub(crate) fn is_mutation(self) -> bool {
        matches!(self, Self::MutateOne(_) | Self::MutateMany(_) | Self::Merge)
    }
}

/// The root fields of all objects.
pub(crate) fn of(model: &DataModel) -> HashMap<String, RootField> {
    let mut roots = HashMap::new();
    for object in model.objects() {
        let mut add = |name: String, operation| {
            roots.insert(name, RootField { object: object.name_singular.clone(), operation });
        };
        add(inflection::find_one(object), RootOperation::FindOne);
        add(inflection::find_many(object), RootOperation::FindMany);
        add(inflection::group_by(object), RootOperation::GroupBy);
        if object.duplicate_criteria.is_some() {
            add(inflection::duplicates(object), RootOperation::FindDuplicates);
            add(inflection::merge(object), RootOperation::Merge);
        }
        for verb in Verb::ALL {
            add(inflection::mutate_one(verb, object), RootOperation::MutateOne(verb));
            add(inflection::mutate_many(verb, object), RootOperation::MutateMany(verb));
        }
    }
    roots
}
