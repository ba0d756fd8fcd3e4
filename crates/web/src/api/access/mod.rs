//! Accounts, sessions, tokens, roles and invitations.

mod accounts;
mod roles;
mod sessions;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations.
pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(accounts::routes)
        .configure(sessions::routes)
        .configure(roles::routes);
}
