//! People, API keys, roles and workspaces: who may come in, and as whom.

mod caller;

pub(crate) use caller::{Caller, DataModelAdmin, Identity, Reader, Role, WriteKind, Writer};
