//! Accounts, sessions, tokens, roles and invitations.

mod accounts;
mod roles;
mod sessions;

use crate::api::Routes;

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    accounts::routes(config);
    sessions::routes(config);
    roles::routes(config);
}
