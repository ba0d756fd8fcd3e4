//! The evaluation: experts, conflicts of interest, assignment, reviews, consensus, ranking.

mod assignment;
mod conflict;
mod consensus;
mod expert;
#[expect(clippy::module_inception, reason = "the thing is called review")]
mod review;

use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations.
pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(expert::routes)
        .configure(conflict::routes)
        .configure(assignment::routes)
        .configure(review::routes)
        .configure(consensus::routes);
}

/// Which stage of the call.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AtStage {
    /// 1 or 2; left out: the last one whose deadline has passed.
    pub stage: Option<i32>,
}
