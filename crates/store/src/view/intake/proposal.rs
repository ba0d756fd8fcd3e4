use std::collections::HashMap;

use ::intake::{Content, Partner, ProposalState, Reading, budget};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::Amount;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::change::{ChangeView, change_rows, change_views};
use super::exception::OwnException;
use super::gate::{Depth, Seen, Viewer, seen};
use crate::call::CallRow;
use crate::intake::ChangeRow;
use crate::schema::{draft, proposal_stage, submission};
use crate::{Conn, StoreError, text};

/// A whole proposal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposalView {
    /// Its id.
    pub id: Uuid,
    /// Its number in the call.
    #[schema(example = "JTC2026-001")]
    pub number: String,
    /// The call.
    pub call: Uuid,
    /// The call's code.
    #[schema(example = "JTC2026")]
    pub call_code: String,
    /// A rehearsal: nothing in it is real.
    pub rehearsal: bool,
    /// The stages it has come to and that you may see, in order. The last one is the current one.
    pub stages: Vec<ProposalStageView>,
}

/// A proposal in one stage. The deadline stands at the call: were it here, an extension would change the
/// ETag, and refuse who submits what was read before it. An exception, which the coordinator asked for, does.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposalStageView {
    /// 1 or 2.
    pub stage: i32,
    /// Pre-proposal or full proposal.
    #[schema(example = "pre_proposal")]
    pub kind: String,
    /// Where it stands, as far as you may know. `draft`: never submitted. `submitted`: what is written is
    /// what was submitted. `edited_since`: written on since, and the submitted version counts.
    pub state: ProposalState,
    /// The submitted version that counts; none when it was never submitted.
    pub submitted_version: Option<i32>,
    /// What it is called where it was submitted, for one that came in from elsewhere; it has no receipt.
    pub imported_as: Option<String>,
    /// The individual exception to the deadline, to the coordinator.
    pub exception: Option<OwnException>,
    /// What was changed in the consortium while its eligibility was checked, oldest first; what was submitted stays
    /// as it was.
    pub changes: Vec<ChangeView>,
    /// What it says: to the consortium the draft until the deadline, otherwise the submitted version. A partner
    /// sees no budget but its own.
    pub content: Content,
    /// The sums of each partner, in the order of the content.
    pub partners: Vec<PartnerSums>,
    /// What all partners together ask of their funders, in the call's currency; none when it is too
    /// large to be kept exactly, or when you do not see all budgets.
    pub requested: Option<Amount>,
    /// How much of the content the viewer reads.
    #[serde(skip)]
    #[schema(ignore)]
    reading: Reading,
}

/// What a partner costs, and what it asks for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PartnerSums {
    /// The partner.
    pub partner: Uuid,
    /// The funder asked.
    #[schema(example = "DE-BMBF")]
    pub funder: Option<String>,
    /// All costs; none where you do not see the budget.
    pub costs: Option<Amount>,
    /// What is asked of the funder; none where you do not see the budget.
    pub requested: Option<Amount>,
}

/// One proposal, or nothing when the viewer may not see it.
pub async fn proposal(
    conn: &mut Conn,
    viewer: &Viewer,
    call: &CallRow,
    id: Uuid,
) -> Result<Option<ProposalView>, StoreError> {
    let rows = seen(conn, viewer, call.id, Some(id)).await?;
    let Some(number) = rows.iter().map(|row| row.number.clone()).next() else {
        return Ok(None);
    };
    let mut contents = contents(conn, &rows).await?;
    // Nobody changes the consortium of what is still written.
    let fixed = rows.iter().filter(|row| !row.as_draft());
    let fixed: Vec<Uuid> = fixed.map(|row| row.id).collect();
    let mut changes = HashMap::new();
    if !fixed.is_empty() {
        changes = change_rows(conn, &fixed).await?;
    }
    let mut stages = Vec::new();
    for row in &rows {
        let content = contents.remove(&row.id).unwrap_or_default();
        let changed = changes.remove(&row.id).unwrap_or_default();
        let mut stage = stage_view(row, viewer.depth, content, changed)?;
        stage.exception = row.exception()?;
        stages.push(stage);
    }
    Ok(Some(ProposalView {
        id,
        number,
        call: call.id,
        call_code: call.code.clone(),
        rehearsal: call.rehearsal,
        stages,
    }))
}

pub(super) fn stage_view(
    row: &Seen,
    depth: Depth,
    content: Content,
    changed: Vec<ChangeRow>,
) -> Result<ProposalStageView, StoreError> {
    let (stage, reading) = (row.stage(), row.reading());
    let mut view = ProposalStageView {
        stage: stage.number,
        kind: stage.kind.clone(),
        state: row.state(depth)?,
        submitted_version: (row.submitted > 0).then_some(row.submitted),
        imported_as: row.imported_as.clone(),
        exception: None,
        changes: change_views(changed, &content.partners, &reading)?,
        partners: Vec::new(),
        requested: None,
        reading,
        content: Content::default(),
    };
    view.show(content);
    Ok(view)
}

impl ProposalView {
    /// As the same viewer sees it once the current stage's draft says this.
    pub fn written(mut self, content: Content, state: ProposalState) -> ProposalView {
        if let Some(stage) = self.stages.last_mut() {
            stage.state = state;
            stage.show(content);
        }
        self
    }
}

impl ProposalStageView {
    /// Whether nothing of the content is kept from the viewer.
    pub fn is_whole(&self) -> bool {
        self.reading == Reading::Whole
    }

    /// Shows this content with its sums, as far as the viewer reads it.
    pub fn show(&mut self, content: Content) {
        let content = self.reading.of(content);
        let shown = |partner: &Partner| self.reading.shows(partner.id);
        let partners = content.partners.iter().map(|partner| PartnerSums {
            partner: partner.id,
            funder: partner.funder().map(str::to_owned),
            costs: partner.costs().ok().filter(|_| shown(partner)),
            requested: partner.requested().ok().filter(|_| shown(partner)),
        });
        self.partners = partners.collect();
        let whole = self.is_whole();
        self.requested = budget::requested(&content).ok().filter(|_| whole);
        self.content = content;
    }
}

/// What the viewer reads of each proposal and stage.
pub(super) async fn contents(
    conn: &mut Conn,
    rows: &[Seen],
) -> Result<HashMap<Uuid, Content>, StoreError> {
    let (drafts, versions) = by_source(rows);
    let mut found: Vec<(Uuid, Value)> = Vec::new();
    if !drafts.is_empty() {
        let query = draft::table
            .filter(draft::proposal_stage_id.eq_any(drafts))
            .select((draft::proposal_stage_id, draft::content));
        found = query.load(conn).await?;
    }
    if !versions.is_empty() {
        let query = submission::table
            .inner_join(
                proposal_stage::table.on(proposal_stage::id
                    .eq(submission::proposal_stage_id)
                    .and(proposal_stage::submitted.eq(submission::number))),
            )
            .filter(proposal_stage::id.eq_any(versions))
            .select((proposal_stage::id, submission::content));
        found.extend(query.load::<(Uuid, Value)>(conn).await?);
    }
    found
        .into_iter()
        .map(|(id, content)| Ok((id, text::document(content)?)))
        .collect()
}

/// The rows whose draft is shown, and those whose submitted version is.
pub(super) fn by_source(rows: &[Seen]) -> (Vec<Uuid>, Vec<Uuid>) {
    let (drafts, versions): (Vec<&Seen>, Vec<&Seen>) = rows.iter().partition(|row| row.as_draft());
    let ids = |rows: Vec<&Seen>| rows.into_iter().map(|row| row.id).collect();
    (ids(drafts), ids(versions))
}
