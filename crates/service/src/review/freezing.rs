//! The evaluation summary reports at the adoption of the ranking list, and after redress.

use std::collections::BTreeMap;

use ::review::summary::Summary;
use ::review::{SUMMARY, SummaryEvent, SummaryState};
use access::Permit;
use call::EvaluationRules;
use chrono::{DateTime, Utc};
use kernel::Faults;
use store::call::StageRow;
use store::outcome::Standing;
use store::review::consensus::{self, ConsensusRow};
use store::review::summary::{self as rows, SummaryRow};
use store::view::review::summary::Sources;
use uuid::Uuid;

use crate::{Problem, Tx};

/// The reports of a stage, to be frozen.
pub(super) struct Reports(BTreeMap<Uuid, SummaryRow>);

impl Reports {
    /// Reads them. The caller has locked the stage.
    pub(super) async fn of(tx: &mut Tx, stage: &StageRow) -> Result<Reports, Problem> {
        let written = rows::of_stage(tx.conn(), stage.id).await?;
        let by_row = written
            .into_iter()
            .map(|row| (row.proposal_stage_id, row))
            .collect();
        Ok(Reports(by_row))
    }

    /// A fault where somebody began the report and nobody approved it; on a proposal that the actor may not know about
    /// also where nobody began it, as it is not the actor's to approve with the list.
    pub(super) fn check(
        &self,
        standing: &Standing,
        open: bool,
        faults: &mut Faults,
    ) -> Result<(), Problem> {
        let begun = self.0.contains_key(&standing.proposal_stage);
        faults.require(
            self.is_approved(standing.proposal_stage)? || open && !begun,
            "/proposals",
            "summary_unapproved",
            format!(
                "the evaluation summary report of {} is a draft; the chair of the panel approves it first",
                standing.number
            ),
        );
        Ok(())
    }

    /// Whether the report was approved by itself.
    pub(super) fn is_approved(&self, proposal_stage: Uuid) -> Result<bool, Problem> {
        let row = self.0.get(&proposal_stage);
        let state = row.map(SummaryRow::state).transpose()?;
        Ok(state.is_some_and(|state| state != SummaryState::Draft))
    }

    /// The texts on criteria in the report of a proposal, by their keys.
    pub(super) fn texts(&self, proposal_stage: Uuid) -> Result<BTreeMap<String, String>, Problem> {
        let row = self.0.get(&proposal_stage);
        let draft = row.map(SummaryRow::draft).transpose()?;
        Ok(draft.unwrap_or_default().comments)
    }

    /// Freezes the report of every proposal judged. Where nobody began one it is made of the consensus, which the chair
    /// approves with the list, once [`check`](Self::check) found no fault; answers how many there are.
    pub(super) async fn freeze(
        mut self,
        tx: &mut Tx,
        permit: &Permit,
        (stage, rules): (&StageRow, &EvaluationRules),
        judged: &[(Standing, Option<ConsensusRow>)],
    ) -> Result<usize, Problem> {
        let account = permit.account().unwrap_or_default();
        let sources = Sources::of(tx.conn(), stage, None).await?;
        let now = tx.now().await?;
        let mut frozen = Vec::new();
        for (standing, consensus) in judged {
            let Some(consensus) = consensus else { continue };
            let row = match self.0.remove(&standing.proposal_stage) {
                Some(row) => SummaryRow {
                    version: row.version + 1,
                    ..row
                },
                None => SummaryRow::begun(stage.call_id, standing.proposal_stage, account),
            };
            let comments = row.draft()?.comments;
            let report = sources.report(rules, standing, consensus, &comments)?;
            frozen.push(self::frozen(row, report, permit, now)?);
        }
        rows::freeze(tx.conn(), permit, &frozen).await?;
        Ok(frozen.len())
    }
}

/// The row with the report frozen; who freezes a draft approves it.
fn frozen(
    mut row: SummaryRow,
    report: Option<Summary>,
    permit: &Permit,
    now: DateTime<Utc>,
) -> Result<SummaryRow, Problem> {
    let mut state = row.state()?;
    if state == SummaryState::Draft {
        state = SUMMARY.apply(state, SummaryEvent::Approve)?;
        (row.approved_by, row.approved_at) = (permit.account(), Some(now));
    }
    row.state = SUMMARY.apply(state, SummaryEvent::Freeze)?.to_string();
    let report = report.ok_or_else(|| Problem::internal("a proposal without a heading"))?;
    row.report = Some(serde_json::to_value(report).map_err(Problem::internal)?);
    row.frozen_at = Some(now);
    Ok(row)
}

/// Freezes the report of a proposal that was judged again, in place of the one before, with these texts on criteria.
pub(crate) async fn freeze_again(
    tx: &mut Tx,
    permit: &Permit,
    (stage, rules): (&StageRow, &EvaluationRules),
    standing: &Standing,
    texts: &BTreeMap<String, String>,
) -> Result<(), Problem> {
    let agreed = consensus::find(tx.conn(), standing.proposal_stage).await?;
    let agreed = agreed.ok_or_else(Problem::not_found)?;
    let before = rows::find(tx.conn(), standing.proposal_stage).await?;
    let account = permit.account().unwrap_or_default();
    let row = SummaryRow {
        version: before.map_or(1, |before| before.version + 1),
        comments: serde_json::to_value(texts).map_err(Problem::internal)?,
        ..SummaryRow::begun(stage.call_id, standing.proposal_stage, account)
    };
    let sources = Sources::of(tx.conn(), stage, Some(standing)).await?;
    let report = sources.report(rules, standing, &agreed, texts)?;
    let row = frozen(row, report, permit, tx.now().await?)?;
    Ok(rows::freeze(tx.conn(), permit, &[row]).await?)
}
