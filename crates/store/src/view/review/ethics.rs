//! Ethics assessments.

use ::call::{EthicsStep, EvaluationRules};
use ::intake::ProposalState;
use ::review::EthicsState;
use ::review::ethics::{Assessment, Need, need};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::call::StageRow;
use crate::outcome::{self, Standing};
use crate::review::ethics::{self as rows, EthicsRow};
use crate::review::facts;
use crate::{Conn, StoreError};

/// A proposal on the desk of the ethics step.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EthicsLine {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number.
    pub number: String,
    /// What it needs, by the self-assessment.
    pub need: Need,
    /// Where its assessment stands; none where nobody began one.
    pub state: Option<EthicsState>,
    /// The expert who looks at it; left out for the applicants.
    pub expert: Option<Uuid>,
    /// The outcome; the applicants read the one that their last letter told.
    pub assessment: Option<Assessment>,
}

impl EthicsLine {
    /// As the applicants read it, who were `told` this: without who assessed it, and whether it is looked at again.
    pub fn for_applicants(self, told: Assessment) -> EthicsLine {
        EthicsLine {
            state: Some(told.outcome.state()),
            expert: None,
            assessment: Some(told),
            ..self
        }
    }
}

/// Whether the step concerns a proposal in this state of the evaluation.
pub fn concerns(step: EthicsStep, state: ProposalState) -> bool {
    use ProposalState::{
        Evaluated, Invited, InvitedWithConditions, Recommended, RecommendedIfFundsAllow, Reserve,
        Selected,
    };
    match step {
        EthicsStep::None => false,
        EthicsStep::WithReview => facts::takes_part(state),
        // A pre-proposal stays 'evaluated' until the committee invites.
        EthicsStep::AfterPanel => matches!(
            state,
            Evaluated
                | Invited
                | InvitedWithConditions
                | Recommended
                | RecommendedIfFundsAllow
                | Reserve
                | Selected
        ),
        EthicsStep::AfterSelection => state == Selected,
    }
}

/// The proposals of a stage that the step concerns, and those with an assessment, by number; each with where it
/// stands in the evaluation.
pub async fn lines(
    conn: &mut Conn,
    stage: &StageRow,
    rules: &EvaluationRules,
) -> Result<Vec<(Standing, EthicsLine)>, StoreError> {
    let answers = rows::answers(conn, stage.id).await?;
    let written = rows::of_stage(conn, stage.id).await?;
    let mut found = Vec::new();
    for standing in outcome::standings(conn, stage.id).await? {
        let row = written
            .iter()
            .find(|row| row.proposal_stage_id == standing.proposal_stage);
        if row.is_none() && !concerns(rules.ethics, standing.state) {
            continue;
        }
        let given = answers.get(&standing.proposal_stage);
        let need = need(rules, &given.cloned().unwrap_or_default());
        let line = line(&standing, need, row)?;
        found.push((standing, line));
    }
    Ok(found)
}

/// One proposal on the desk.
pub fn line(
    standing: &Standing,
    need: Need,
    row: Option<&EthicsRow>,
) -> Result<EthicsLine, StoreError> {
    Ok(EthicsLine {
        proposal: standing.proposal,
        number: standing.number.clone(),
        need,
        state: row.map(EthicsRow::state).transpose()?,
        expert: row.and_then(|row| row.expert_id),
        assessment: row.map(EthicsRow::assessment).transpose()?.flatten(),
    })
}
