//! Search over the records of all objects.

use fourfold_query::plan::{Search, plan_search};
use fourfold_query::search::{Ranks, SearchCursor};
use fourfold_query::sql::compile_search;
use uuid::Uuid;

use crate::accounts::Reader;
use crate::error::ApiResult;
use crate::store::Row;
use crate::workspace::{ModelSnapshot, Workspace};

/// A page of hits, the best first.
#[derive(Default)]
pub(crate) struct SearchAnswer {
    pub(crate) hits: Vec<Hit>,
    pub(crate) has_next: bool,
}

/// A record that was found.
pub(crate) struct Hit {
    pub(crate) id: Uuid,
    pub(crate) object: String,
    pub(crate) object_label: String,
    pub(crate) label: String,
    /// The address of its picture; empty when it has none.
    pub(crate) image: String,
    pub(crate) ranks: Ranks,
    /// Where a page would begin that follows it.
    pub(crate) cursor: SearchCursor,
}

/// Runs a search.
pub(crate) async fn search(reader: &Reader, search: &Search) -> ApiResult<SearchAnswer> {
    let workspace = &reader.caller().workspace;
    // Rows of the index do not tell which model they belong to, as those of records do.
    workspace.catch_up().await?;
    let snapshot = workspace.snapshot();
    match run(workspace, &snapshot, search).await {
        // A table may have gone since.
        Err(error) if !error.is_without_answer() && workspace.has_newer_model(&snapshot).await => {
            run(workspace, &workspace.snapshot(), search).await
        }
        outcome => outcome,
    }
}

async fn run(workspace: &Workspace, snapshot: &ModelSnapshot, search: &Search) -> ApiResult<SearchAnswer> {
    let Some(plan) = plan_search(&snapshot.model, search)? else { return Ok(SearchAnswer::default()) };
    let statement = compile_search(&plan, workspace.store.target())?;
    let rows = workspace.store.rows(statement).await?;
    let limit = usize::try_from(search.limit).unwrap_or(usize::MAX);
    let mut cursor = search.after.clone().unwrap_or_default();
    let hits = rows.iter().take(limit).filter_map(|row| {
        let object = snapshot.model.object(row.id(OBJECT))?;
        let (id, ranks) = (row.id(ID), ranks(row));
        cursor.advance(&object.name_singular, id, ranks);
        Some(Hit {
            id,
            object: object.name_singular.clone(),
            object_label: object.label_singular.clone(),
            label: row.text(LABEL).to_owned(),
            image: row.text(IMAGE).to_owned(),
            ranks,
            cursor: cursor.clone(),
        })
    });
    Ok(SearchAnswer { hits: hits.collect(), has_next: limit < rows.len() })
}

// The columns of a search's rows.
const OBJECT: usize = 0;
const ID: usize = 1;
const LABEL: usize = 2;
const IMAGE: usize = 3;
const RANK_ALL: usize = 6;
const RANK_ANY: usize = 7;

fn ranks(row: &Row) -> Ranks {
    let rank = |column| row.float(column).unwrap_or_default();
    Ranks { all: rank(RANK_ALL), any: rank(RANK_ANY) }
}
