//! One workspace: its database, and the data model that is in force.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use fourfold_model::DataModel;
use fourfold_query::CompiledRead;
use fourfold_query::operation::Read;
use quick_cache::sync::Cache;
use uuid::Uuid;

use crate::data_model;
use crate::error::ApiResult;
use crate::graphql::introspection::CoreSchema;
use crate::graphql::roots::RootField;
use crate::store::{Basis, Store};

/// How many plans are kept for each model version.
const PLANS: usize = 1000;

/// A workspace that this server has opened.
pub(crate) struct Workspace {
    pub(crate) id: Uuid,
    pub(crate) store: Store,
    current: RwLock<Arc<ModelSnapshot>>,
    /// Held while a newer model is read: it is large, and many requests find out together that they
    /// need it.
    loading: tokio::sync::Mutex<()>,
}

/// A data model with all that was derived from it, which goes when the model changes.
pub(crate) struct ModelSnapshot {
    pub(crate) model: Arc<DataModel>,
    /// What its plans rely on.
    pub(crate) basis: Basis,
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
    fn new(store: &Store, model: DataModel) -> Self {
        let basis = data_model::basis(store, &model);
        let model = Arc::new(model);
        let schema = Arc::new(CoreSchema::new(Arc::clone(&model)));
        Self { model, basis, plans: Cache::new(PLANS), roots: OnceLock::new(), schema }
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
        let current = RwLock::new(Arc::new(ModelSnapshot::new(&store, model)));
        Self { id, store, current, loading: tokio::sync::Mutex::default() }
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
            *current = Arc::new(ModelSnapshot::new(&self.store, model));
        }
    }

    /// Finds something in the model in force. What is unknown there is looked for in a newer one, which
    /// another server may have put in force.
    ///
    /// # Errors
    /// Those of `find`, by the newest model.
    pub(crate) async fn find<T>(&self, find: impl Fn(&ModelSnapshot) -> ApiResult<T>) -> ApiResult<T> {
        let snapshot = self.snapshot();
        match find(&snapshot) {
            Err(_) if self.has_newer_model(&snapshot).await => find(&self.snapshot()),
            found => found,
        }
    }

    /// Puts the newest model in force before it is told to somebody, where other servers may have
    /// replaced it.
    pub(crate) async fn catch_up(&self) -> ApiResult<()> {
        if self.store.is_shared() {
            self.refresh().await?;
        }
        Ok(())
    }

    /// Whether the model of `snapshot` is no longer in force. Asks the database where other servers may
    /// have replaced it; what fails there is told by whoever asks next.
    pub(crate) async fn has_newer_model(&self, snapshot: &ModelSnapshot) -> bool {
        if self.store.is_shared() {
            let _ = self.refresh().await;
        }
        self.data_model().version() != snapshot.model.version()
    }

    /// Looks whether another server has replaced the model, and puts the newer one in force; whether
    /// there was one.
    pub(crate) async fn refresh(&self) -> ApiResult<bool> {
        let known = self.data_model().version();
        let in_force = data_model::current_version(&self.store).await?;
        if in_force == known {
            return Ok(false);
        }
        let _loading = self.loading.lock().await;
        if self.data_model().version() < in_force {
            // One that was loaded while a newer one came must not replace it.
            self.install_model(data_model::load(&self.store).await?);
        }
        Ok(true)
    }
}
