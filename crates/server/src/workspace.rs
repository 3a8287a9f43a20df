//! One workspace: its database, and the data model that is in force.

use std::sync::{Arc, PoisonError, RwLock};

use fourfold_model::DataModel;
use uuid::Uuid;

use crate::store::Store;

/// A workspace that this server has opened.
pub(crate) struct Workspace {
    pub(crate) id: Uuid,
    pub(crate) store: Store,
    model: RwLock<Arc<DataModel>>,
}

impl Workspace {
    pub(crate) fn new(id: Uuid, store: Store, model: DataModel) -> Self {
        Self { id, store, model: RwLock::new(Arc::new(model)) }
    }

    /// The model in force; a request takes it once and keeps it to its end.
    pub(crate) fn data_model(&self) -> Arc<DataModel> {
        Arc::clone(&self.model.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a newer model in force. An older one, from a change that was overtaken, is ignored.
    pub(crate) fn install_model(&self, model: DataModel) {
        let mut current = self.model.write().unwrap_or_else(PoisonError::into_inner);
        if current.version() < model.version() {
            *current = Arc::new(model);
        }
    }
}
