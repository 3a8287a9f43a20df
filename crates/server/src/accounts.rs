//! People, API keys, roles and workspaces: who may come in, and as whom.

mod api_keys;
mod authenticate;
mod caller;
mod email;
mod new_workspace;
mod passwords;
mod roles;
mod sign_in;
mod tokens;
mod users;
mod workspaces;

pub(crate) use api_keys::farthest_expiry;
pub(crate) use authenticate::{Principals, Session};
pub(crate) use caller::{Caller, DataModelAdmin, Identity, Reader, Role, WriteKind, Writer};
pub(crate) use email::Email;
pub(crate) use new_workspace::NewWorkspace;
pub(crate) use passwords::{Password, Passwords};
pub(crate) use sign_in::TokenPair;
pub(crate) use tokens::{AuthToken, Tokens};
pub(crate) use users::{MembershipRow, NewUser, UserRow};
pub(crate) use workspaces::WorkspaceRow;

#[cfg(test)]
mod tests;
