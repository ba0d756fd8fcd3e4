//! Evaluation summary reports.

use std::collections::BTreeMap;

use ::call::EvaluationRules;
use ::review::ethics::Assessment;
use ::review::summary::{Heading, Summary, SummaryDraft, as_text, summary};
use ::review::{Marks, SummaryState};
use chrono::{DateTime, Utc};
use kernel::Finding;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Depth, Sight};
use crate::call::StageRow;
use crate::outcome::Standing;
use crate::review::consensus::ConsensusRow;
use crate::review::review::{ReviewRow, labelled};
use crate::review::summary::SummaryRow;
use crate::review::{ethics, review as reviews, summary as rows};
use crate::{Conn, StoreError};

/// The evaluation summary report of a proposal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SummaryView {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number.
    pub number: String,
    /// The stage, 1 or 2.
    pub stage: i32,
    /// Where the report stands; none where nobody began it.
    pub state: Option<SummaryState>,
    /// The report: as it is frozen, or for the panel what it would be now; none while there is no consensus.
    pub report: Option<Summary>,
    /// The same as plain text.
    pub text: Option<String>,
    /// How it is made, for the panel; left out for applicants and the steering committee.
    pub inside: Option<SummaryInside>,
}

/// How a report is made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SummaryInside {
    /// What is drafted.
    pub draft: SummaryDraft,
    /// Where a text seems to name a reviewer or a member of the panel, for the chair to look at.
    pub doubts: Vec<Finding>,
    /// When it was approved.
    pub approved_at: Option<DateTime<Utc>>,
    /// Raised with every change; 0 where nobody began it.
    pub version: i32,
}

/// As what somebody looks at a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SummaryReader {
    /// Frozen reports alone: the coordinator once the letters are out, and the steering committee.
    Frozen,
    /// Who takes part in the panel or watches over it.
    Panel,
}

/// As what the viewer of an evaluation, who coordinates none of the proposals, looks at the reports of a stage; `ready`
/// says whether all reviews of the proposal are released.
pub fn reader(sight: &Sight, ready: bool, after_panel: bool) -> Option<SummaryReader> {
    match sight.depth {
        Depth::Nothing => None,
        Depth::Results => after_panel.then_some(SummaryReader::Frozen),
        Depth::Panel => Some(match ready {
            true => SummaryReader::Panel,
            false => SummaryReader::Frozen,
        }),
        Depth::Everything | Depth::Office => Some(SummaryReader::Panel),
    }
}

/// What the reports of a stage are made of, beside consensus and drafts.
pub struct Sources {
    headings: BTreeMap<Uuid, Heading>,
    /// The reviews that are told to the applicants, under their labels and in their order.
    told: BTreeMap<Uuid, Vec<(String, Marks)>>,
    ethics: BTreeMap<Uuid, Assessment>,
}

impl Sources {
    /// Reads headings, told reviews and outcomes of the ethics step: of the whole stage, or of one proposal in it.
    pub async fn of(
        conn: &mut Conn,
        stage: &StageRow,
        of: Option<&Standing>,
    ) -> Result<Sources, StoreError> {
        let row = of.map(|one| one.proposal_stage);
        let headings = rows::headings(conn, stage.id, row).await?;
        let written = match of {
            Some(one) => reviews::of_proposal(conn, one.proposal, stage.id).await?,
            None => reviews::of_stage(conn, stage.id).await?,
        };
        let mut by_proposal: BTreeMap<Uuid, Vec<ReviewRow>> = BTreeMap::new();
        for review in written {
            let of_it = by_proposal.entry(review.proposal_id).or_default();
            of_it.push(review);
        }
        let mut told: BTreeMap<Uuid, Vec<(String, Marks)>> = BTreeMap::new();
        for (proposal, written) in &by_proposal {
            for (label, review) in labelled(written)? {
                let of_it = told.entry(*proposal).or_default();
                of_it.push((label, review.marks()?));
            }
        }
        let assessed = match row {
            Some(row) => ethics::find(conn, row).await?.into_iter().collect(),
            None => ethics::of_stage(conn, stage.id).await?,
        };
        let mut found = BTreeMap::new();
        for one in assessed {
            if let Some(assessment) = one.assessment()? {
                found.insert(one.proposal_stage_id, assessment);
            }
        }
        Ok(Sources {
            headings: headings.into_iter().collect(),
            told,
            ethics: found,
        })
    }

    /// The report as it would be now.
    pub fn report(
        &self,
        rules: &EvaluationRules,
        standing: &Standing,
        consensus: &ConsensusRow,
        comments: &BTreeMap<String, String>,
    ) -> Result<Option<Summary>, StoreError> {
        let Some(heading) = self.headings.get(&standing.proposal_stage) else {
            return Ok(None);
        };
        let told = self.told.get(&standing.proposal);
        let told = told.map(Vec::as_slice).unwrap_or_default();
        let ethics = self.ethics.get(&standing.proposal_stage).cloned();
        let consensus = consensus.consensus()?;
        let report = summary(rules, heading.clone(), &consensus, comments, told, ethics);
        Ok(Some(report))
    }
}

/// What one report hangs on.
pub struct Around<'a> {
    /// The stage, 1 or 2.
    pub stage: i32,
    /// Where the proposal stands.
    pub standing: &'a Standing,
    /// The report as far as it is written.
    pub row: Option<&'a SummaryRow>,
    /// What it would be now, where it is not frozen and there is a consensus.
    pub now: Option<Summary>,
    /// Where a text of the draft seems to name somebody.
    pub doubts: Vec<Finding>,
}

/// The report as a reader sees it. Who reads frozen ones alone sees nothing of the others, neither that they are there.
pub fn report(around: Around, reader: SummaryReader) -> Result<SummaryView, StoreError> {
    let state = around.row.map(SummaryRow::state).transpose()?;
    let frozen = match around.row {
        Some(row) => row.report()?,
        None => None,
    };
    let panel = reader == SummaryReader::Panel;
    let draft = around.row.map(SummaryRow::draft).transpose()?;
    let inside = panel.then(|| SummaryInside {
        draft: draft.unwrap_or_default(),
        doubts: around.doubts,
        approved_at: around.row.and_then(|row| row.approved_at),
        version: around.row.map_or(0, |row| row.version),
    });
    let report = frozen.or(around.now.filter(|_| panel));
    Ok(SummaryView {
        proposal: around.standing.proposal,
        number: around.standing.number.clone(),
        stage: around.stage,
        state: state.filter(|state| panel || *state == SummaryState::Frozen),
        text: report.as_ref().map(as_text),
        report,
        inside,
    })
}
