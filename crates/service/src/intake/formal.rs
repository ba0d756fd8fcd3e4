//! What the secretariat's formal check can rest on: when the version that counts came, and what the rules of
//! the stage find in it.

use access::Action;
use chrono::{DateTime, Utc};
use intake::Content;
use kernel::Fault;
use serde::{Deserialize, Serialize};
use store::call as calls;
use store::intake as rows;
use store::view::intake::{self as view, FormalView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::bench::{consortium_rules, object};
use super::read::findings;
use crate::{Answer, Context, Problem, Service, Tx};

/// The formal check with what the rules find.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FormalFindings {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    #[schema(example = "JTC2026-001")]
    pub number: String,
    /// The stage, 1 or 2.
    pub stage: i32,
    /// The submitted version that counts.
    pub submitted_version: i32,
    /// When it had arrived.
    pub submitted_at: DateTime<Utc>,
    /// The deadline of the stage.
    pub deadline: DateTime<Utc>,
    /// Whether it came after the stage's deadline, which only an individual exception allows.
    pub late: bool,
    /// The end of the individual exception, where one was given.
    pub exception_until: Option<DateTime<Utc>>,
    /// The verdict so far.
    pub formal: FormalView,
    /// What would stand in the way of the same submission today, with the consortium as it was changed since:
    /// composition, completeness, length.
    pub faults: Vec<Fault>,
    /// What people should look at.
    pub doubts: Vec<Fault>,
}

/// What the rules of the stage find in the version that counts, by the same check as at its submission.
pub async fn read_formal_findings(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<FormalFindings>, Problem> {
    let work = async move |tx: &mut Tx| {
        let proposal = rows::find(tx.conn(), id).await?;
        // Before the deadline nobody who checks knows of it.
        let (proposal_stage, stage) = rows::disclosed_stage(tx.conn(), id)
            .await?
            .ok_or_else(Problem::not_found)?;
        let object = object(tx, proposal.call_id, id, id).await?;
        tx.permit(Action::ReadFormalFindings, &object).await?;
        let call = calls::find(tx.conn(), proposal.call_id).await?;
        let stage = calls::find_stage(tx.conn(), stage).await?;
        let last = rows::counting(tx.conn(), proposal_stage).await?;
        let content: Content = store::text::document(last.content)?;
        let found = findings(tx, &call, &stage, id, &content, None).await?;
        let rules = consortium_rules(&call, &stage)?;
        let formal = view::eligibilities(tx.conn(), &rules, &[proposal_stage])
            .await?
            .pop()
            .ok_or_else(Problem::not_found)?
            .formal;
        let exception = rows::exception(tx.conn(), proposal_stage).await?;
        Ok(FormalFindings {
            proposal: id,
            number: proposal.number,
            stage: stage.number,
            submitted_version: last.number,
            submitted_at: last.submitted_at,
            deadline: stage.deadline_at,
            late: last.submitted_at >= stage.deadline_at,
            exception_until: exception.map(|last| last.until),
            formal,
            faults: found.faults.0,
            doubts: found.doubts.0,
        })
    };
    service.read(context, work).await
}
