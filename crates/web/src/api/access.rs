//! To come.

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations.
pub fn routes(_config: &mut ServiceConfig) {}
