//! One workspace: its database, and the data model that is in force.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use fourfold_model::DataModel;
use fourfold_query::CompiledRead;
use fourfold_query::operation::Read;
use quick_cache::sync::Cache;
use uuid::Uuid;

use crate::graphql::introspection::CoreSchema;
use crate::graphql::roots::RootField;
use crate::store::Store;

/// How many plans are kept for each model version.
const PLANS: usize = 1000;

/// A workspace that this server has opened.
pub(crate) struct Workspace {
    pub(crate) id: Uuid,
    pub(crate) store: Store,
    current: RwLock<Arc<ModelSnapshot>>,
}

/// A data model with all that was derived from it, which goes when the model changes.
pub(crate) struct ModelSnapshot {
    pub(crate) model: Arc<DataModel>,
    /// Compiled reads by the shape of their request.
    pub(crate) plans: Cache<Read, Arc<PlannedRead>>,
    roots: OnceLock<HashMap<String, RootField>>,
    schema: Arc<CoreSchema>,
}

/// A read that any request of its shape can run.
pub(crate) struct PlannedRead {
    pub(crate) compiled: Arc<CompiledRead>,
    /// Selected fields that do not exist.
    pub(crate) warnings: Vec<String>,
}

impl ModelSnapshot {
    fn new(model: DataModel) -> Self {
        let model = Arc::new(model);
        let schema = Arc::new(CoreSchema::new(Arc::clone(&model)));
        Self { model, plans: Cache::new(PLANS), roots: OnceLock::new(), schema }
    }

    /// The Core GraphQL schema; nothing of it is built before somebody asks it.
    pub(crate) fn schema(&self) -> Arc<CoreSchema> {
        Arc::clone(&self.schema)
    }

    /// The root fields of the Core GraphQL API by name.
    pub(crate) fn roots(&self) -> &HashMap<String, RootField> {
        self.roots.get_or_init(|| crate::graphql::roots::of(&self.model))
    }
}

impl Workspace {
    /// A workspace in which `model` is in force.
    pub(crate) fn new(id: Uuid, store: Store, model: DataModel) -> Self {
        Self { id, store, current: RwLock::new(Arc::new(ModelSnapshot::new(model))) }
    }

    /// The model in force with its plans; a request takes it once and keeps it to its end.
    pub(crate) fn snapshot(&self) -> Arc<ModelSnapshot> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The model in force.
    pub(crate) fn data_model(&self) -> Arc<DataModel> {
        Arc::clone(&self.snapshot().model)
    }

    /// Puts a newer model in force. An older one, from a change that was overtaken, is ignored.
    pub(crate) fn install_model(&self, model: DataModel) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.model.version() < model.version() {
            *current = Arc::new(ModelSnapshot::new(model));
        }
    }
}
