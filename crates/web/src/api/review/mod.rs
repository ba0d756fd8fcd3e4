//! The evaluation: experts, conflicts of interest, assignment, reviews, consensus, ranking.

mod affinity;
mod assignment;
mod conflict;
mod consensus;
mod ethics;
mod expert;
mod form;
mod own_conflict;
mod panel;
mod progress;
mod rebuttal;
#[expect(clippy::module_inception, reason = "the thing is called review")]
mod review;
mod statistics;

use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::Routes;

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    expert::routes(config);
    conflict::routes(config);
    own_conflict::routes(config);
    affinity::routes(config);
    assignment::routes(config);
    progress::routes(config);
    review::routes(config);
    form::routes(config);
    statistics::routes(config);
    rebuttal::routes(config);
    consensus::routes(config);
    panel::routes(config);
    ethics::routes(config);
}

/// Which stage of the call.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AtStage {
    /// 1 or 2; left out: the last one whose deadline has passed.
    pub stage: Option<i32>,
}
