use std::collections::{HashMap, HashSet};

use ::intake::{Content, Partner, ProposalState, Reading, budget};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use kernel::Amount;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::change::{ChangeView, change_rows, change_views};
use super::exception::{OwnException, own_exceptions};
use super::gate::{Depth, Seen, Viewer, seen};
use crate::call::CallRow;
use crate::schema::{draft, organisation, participation, partner, proposal_stage, submission};
use crate::{Conn, StoreError, text};

/// A proposal in a list, as it stands in the last stage that the viewer may see.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposalSummary {
    /// Its id.
    pub id: Uuid,
    /// Its number in the call.
    #[schema(example = "JTC2026-001")]
    pub number: String,
    /// The stage, 1 or 2.
    pub stage: i32,
    /// Where it stands, as far as you may know.
    pub state: ProposalState,
    /// The submitted version that counts; none when it was never submitted.
    pub submitted_version: Option<i32>,
    /// Short name.
    pub acronym: String,
    /// Title.
    pub title: String,
}

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

/// How many proposals of a stage stand where. Until the deadline this is all that anybody but the
/// consortia learns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StageCounts {
    /// Begun and never submitted.
    pub drafts: i64,
    /// Submitted as they are written.
    pub submitted: i64,
    /// Submitted, and written on since.
    pub edited_since: i64,
    /// Taken back.
    pub withdrawn: i64,
    /// Submitted when the deadline passed.
    pub locked: i64,
    /// Not submitted when the deadline passed.
    pub lapsed: i64,
}

/// Counts the proposals of a stage by where their content stands.
pub async fn counts(conn: &mut Conn, stage: Uuid) -> Result<StageCounts, StoreError> {
    let rows: Vec<(String, i64)> = proposal_stage::table
        .filter(proposal_stage::stage_id.eq(stage))
        .group_by(proposal_stage::state)
        .select((proposal_stage::state, sql::<BigInt>("count(*)")))
        .load(conn)
        .await?;
    let mut counts = StageCounts::default();
    for (state, number) in rows {
        match text::name(&state)? {
            ProposalState::Draft => counts.drafts = number,
            ProposalState::Submitted => counts.submitted = number,
            ProposalState::EditedSince => counts.edited_since = number,
            ProposalState::Withdrawn => counts.withdrawn = number,
            ProposalState::Locked => counts.locked = number,
            ProposalState::Lapsed => counts.lapsed = number,
            _ => {}
        }
    }
    Ok(counts)
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
    let exceptions = own_exceptions(conn, &rows).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut changes = change_rows(conn, &ids).await?;
    let mut stages = Vec::new();
    for row in &rows {
        let content = contents.remove(&row.id).unwrap_or_default();
        let changed = changes.remove(&row.id).unwrap_or_default();
        let changed = change_views(changed, content.partners.clone(), &row.reading())?;
        let mut stage = stage_view(row, viewer.depth, content)?;
        let own = exceptions.iter().find(|(id, _)| *id == row.id);
        stage.exception = own.map(|(_, exception)| exception.clone());
        stage.changes = changed;
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

fn stage_view(row: &Seen, depth: Depth, content: Content) -> Result<ProposalStageView, StoreError> {
    let stage = row.stage();
    let mut view = ProposalStageView {
        stage: stage.number,
        kind: stage.kind.clone(),
        state: row.state(depth)?,
        submitted_version: (row.submitted > 0).then_some(row.submitted),
        exception: None,
        changes: Vec::new(),
        partners: Vec::new(),
        requested: None,
        reading: row.reading(),
        content: Content::default(),
    };
    view.show(content);
    Ok(view)
}

impl ProposalStageView {
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
        let whole = self.reading == Reading::Whole;
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
    let mut found: Vec<(Uuid, Value)> = draft::table
        .filter(draft::proposal_stage_id.eq_any(drafts))
        .select((draft::proposal_stage_id, draft::content))
        .load(conn)
        .await?;
    let submitted: Vec<(Uuid, Value)> = submission::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id
                .eq(submission::proposal_stage_id)
                .and(proposal_stage::submitted.eq(submission::number))),
        )
        .filter(proposal_stage::id.eq_any(versions))
        .select((proposal_stage::id, submission::content))
        .load(conn)
        .await?;
    found.extend(submitted);
    found
        .into_iter()
        .map(|(id, content)| Ok((id, text::document(content)?)))
        .collect()
}

/// The rows whose draft is shown, and those whose submitted version is.
fn by_source(rows: &[Seen]) -> (Vec<Uuid>, Vec<Uuid>) {
    let (drafts, versions): (Vec<&Seen>, Vec<&Seen>) = rows.iter().partition(|row| row.as_draft());
    let ids = |rows: Vec<&Seen>| rows.into_iter().map(|row| row.id).collect();
    (ids(drafts), ids(versions))
}

/// A page of the proposals that the viewer may see, in the order in which they were begun, after the
/// proposal `after`; only those in `state`, and only those that asked `funder` when they were submitted,
/// where these are given.
pub async fn summaries(
    conn: &mut Conn,
    viewer: &Viewer,
    call: Uuid,
    state: Option<ProposalState>,
    funder: Option<&str>,
    after: Option<Uuid>,
    limit: usize,
) -> Result<Vec<ProposalSummary>, StoreError> {
    let rows = seen(conn, viewer, call, None).await?;
    let asking = match funder {
        Some(key) => Some(asking(conn, call, key).await?),
        None => None,
    };
    let mut page: Vec<(Seen, ProposalState)> = Vec::new();
    for of_one in rows.chunk_by(|a, b| a.proposal == b.proposal) {
        let Some(last) = of_one.last().filter(|row| Some(row.proposal) > after) else {
            continue;
        };
        let shown = last.state(viewer.depth)?;
        let asked = asking.as_ref().is_none_or(|ids| ids.contains(&last.id));
        if asked && state.is_none_or(|state| state == shown) {
            page.push((last.clone(), shown));
        }
        if page.len() == limit {
            break;
        }
    }
    let rows: Vec<Seen> = page.iter().map(|(row, _)| row.clone()).collect();
    let mut titles = titles(conn, &rows).await?;
    Ok(page
        .into_iter()
        .map(|(row, state)| {
            let (acronym, title) = titles.remove(&row.id).unwrap_or_default();
            ProposalSummary {
                id: row.proposal,
                stage: row.stage().number,
                state,
                submitted_version: (row.submitted > 0).then_some(row.submitted),
                number: row.number,
                acronym,
                title,
            }
        })
        .collect())
}

async fn asking(conn: &mut Conn, call: Uuid, key: &str) -> Result<HashSet<Uuid>, StoreError> {
    Ok(partner::table
        .inner_join(
            participation::table.on(participation::id.nullable().eq(partner::participation_id)),
        )
        .inner_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .filter(partner::call_id.eq(call))
        .filter(organisation::key.eq(key))
        .select(partner::proposal_stage_id)
        .load(conn)
        .await?
        .into_iter()
        .collect())
}

async fn titles(
    conn: &mut Conn,
    rows: &[Seen],
) -> Result<HashMap<Uuid, (String, String)>, StoreError> {
    let (drafts, versions) = by_source(rows);
    let mut found: Vec<(Uuid, String, String)> = draft::table
        .filter(draft::proposal_stage_id.eq_any(drafts))
        .select((
            draft::proposal_stage_id,
            sql::<Text>("coalesce(content ->> 'acronym', '')"),
            sql::<Text>("coalesce(content ->> 'title', '')"),
        ))
        .load(conn)
        .await?;
    let submitted: Vec<(Uuid, String, String)> = submission::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id
                .eq(submission::proposal_stage_id)
                .and(proposal_stage::submitted.eq(submission::number))),
        )
        .filter(proposal_stage::id.eq_any(versions))
        .select((
            proposal_stage::id,
            sql::<Text>("submission.content ->> 'acronym'"),
            sql::<Text>("submission.content ->> 'title'"),
        ))
        .load(conn)
        .await?;
    found.extend(submitted);
    Ok(found
        .into_iter()
        .map(|(id, acronym, title)| (id, (acronym, title)))
        .collect())
}
