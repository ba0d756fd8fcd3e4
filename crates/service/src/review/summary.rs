//! Evaluation summary reports: drafted by the rapporteur, approved by the chair of the panel, frozen with the ranking
//! list, told to the coordinator with the results.

use ::review::summary::SummaryDraft;
use ::review::{SUMMARY, SummaryEvent, SummaryState};
use access::{Action, Actor, Object, Permit, Worn, worn};
use call::StageState;
use kernel::Code;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as calls;
use store::outcome;
use store::review::summary::{self as rows, SummaryRow};
use store::review::{consensus, facts};
use store::view::review::summary::{self as view, Around, SummaryReader, SummaryView};
use store::view::review::{Depth, after_panel};
use utoipa::ToSchema;
use uuid::Uuid;

use super::naming::doubts;
use super::panel::{self, AtPanel, SUMMARY_REPORT as KIND};
use super::release::{DespiteFindings, places, refuse};
use super::window::{Awaited, replies_are_in};
use crate::{Answer, Context, Problem, Service, Tx};

/// The evaluation summary reports of a stage.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Summaries {
    /// By number.
    pub items: Vec<SummaryView>,
}

/// As what the actor looks at it, if at all.
async fn reader(tx: &mut Tx, found: &AtPanel) -> Result<SummaryReader, Problem> {
    if found.told {
        return Ok(SummaryReader::Frozen);
    }
    let sight = super::sight_at(tx, &found.object, found.stage.number).await?;
    let ready = found.is_ready(tx).await?;
    let over = after_panel(found.stage.state()?);
    view::reader(&sight, ready, over)
        .filter(|_| sight.open(found.standing.proposal))
        .filter(|_| facts::takes_part(found.standing.state))
        .ok_or_else(Problem::not_found)
}

async fn shown(
    tx: &mut Tx,
    found: &AtPanel,
    row: Option<&SummaryRow>,
) -> Result<SummaryView, Problem> {
    let reader = reader(tx, found).await?;
    let open = row.is_none_or(|row| row.frozen_at.is_none());
    let (mut now, mut named) = (None, Vec::new());
    if open && reader == SummaryReader::Panel {
        let agreed = consensus::find(tx.conn(), found.standing.proposal_stage).await?;
        let draft = row.map(SummaryRow::draft).transpose()?.unwrap_or_default();
        if let Some(agreed) = agreed {
            let of = Some(&found.standing);
            let sources = view::Sources::of(tx.conn(), &found.stage, of).await?;
            now = sources.report(&found.rules, &found.standing, &agreed, &draft.comments)?;
            named = doubts(tx, found, &draft, &agreed.comment).await?;
        } else {
            named = doubts(tx, found, &draft, "").await?;
        }
    }
    let around = Around {
        stage: found.stage.number,
        standing: &found.standing,
        row,
        now,
        doubts: named,
    };
    let shown = view::report(around, reader)?;
    if reader == SummaryReader::Frozen && shown.report.is_none() && found.told {
        return Err(Problem::not_found());
    }
    Ok(shown)
}

/// The report on one proposal.
pub async fn read_summary(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
) -> Result<Answer<SummaryView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let found = panel::read(tx, KIND, Action::ReadSummary, proposal, stage).await?;
        let row = rows::find(tx.conn(), found.standing.proposal_stage).await?;
        shown(tx, &found, row.as_ref()).await
    };
    service.read(context, work).await
}

/// The frozen reports of a stage, from the adoption of the ranking list on.
pub async fn read_summaries(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<Summaries>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let object = Object::of_call(KIND, stage.id, call);
        tx.permit(Action::ReadSummary, &object).await?;
        let sight = super::sight_at(tx, &object, number).await?;
        let over = after_panel(stage.state()?);
        if sight.depth < Depth::Results || sight.depth == Depth::Results && !over {
            return Err(Problem::not_found());
        }
        let written = rows::of_stage(tx.conn(), stage.id).await?;
        let mut items = Vec::new();
        for standing in outcome::standings(tx.conn(), stage.id).await? {
            let row = written
                .iter()
                .find(|row| row.proposal_stage_id == standing.proposal_stage)
                .filter(|row| row.frozen_at.is_some());
            let Some(row) = row.filter(|_| sight.open(standing.proposal)) else {
                continue;
            };
            if !facts::takes_part(standing.state) {
                continue;
            }
            let around = Around {
                stage: number,
                standing: &standing,
                row: Some(row),
                now: None,
                doubts: Vec::new(),
            };
            items.push(view::report(around, SummaryReader::Frozen)?);
        }
        Ok(Summaries { items })
    };
    service.read(context, work).await
}

/// Writes the draft. One that was approved has to be approved again.
pub async fn write_summary(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
    input: SummaryDraft,
) -> Result<Answer<SummaryView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (found, permit) = panel::hold(tx, KIND, Action::WriteSummary, proposal, stage).await?;
        found.sight(tx).await?;
        let before = rows::find(tx.conn(), found.standing.proposal_stage).await?;
        let current = shown(tx, &found, before.as_ref()).await?;
        tx.precondition(&current)?;
        open(tx, &found).await?;
        input.check(&found.rules).or(())?;
        let account = permit.account().unwrap_or_default();
        let mut row = match before {
            Some(row) => again(row)?,
            None => SummaryRow::begun(found.stage.call_id, found.standing.proposal_stage, account),
        };
        let state = SUMMARY.apply(row.state()?, SummaryEvent::Write)?;
        row.state = state.to_string();
        row.proposed = json!(input.scores);
        row.comments = json!(input.comments);
        row.written_by = account;
        rows::save(tx.conn(), &permit, &row).await?;
        let detail = json!({ "state": state, "stage": found.stage.number });
        tx.audit(&permit, Some(row.version), None, detail).await?;
        shown(tx, &found, Some(&row)).await
    };
    service.write(context, work).await
}

/// The row of the next version, a draft again if it was approved.
fn again(row: SummaryRow) -> Result<SummaryRow, Problem> {
    let state = match row.state()? {
        SummaryState::Draft => SummaryState::Draft,
        other => SUMMARY.apply(other, SummaryEvent::Reopen)?,
    };
    Ok(SummaryRow {
        state: state.to_string(),
        approved_by: None,
        approved_at: None,
        version: row.version + 1,
        ..row
    })
}

/// Refuses before all reviews and replies are there, and once the ranking list is adopted.
async fn open(tx: &mut Tx, found: &AtPanel) -> Result<(), Problem> {
    found.require_open(StageState::Reviewing)?;
    found.require_ready(tx).await?;
    let awaited = [found.standing.proposal];
    replies_are_in(tx, &found.stage, &found.rules, Awaited::Of(&awaited)).await
}

/// Approves the report as the chair of the panel, or as the secretariat where every chair has a conflict of interest.
pub async fn approve_summary(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
    input: DespiteFindings,
) -> Result<Answer<SummaryView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (found, permit) =
            panel::hold(tx, KIND, Action::ApproveSummary, proposal, stage).await?;
        // Before the reviews are read: who ends one of them meanwhile waits, and then finds the report approved; or came
        // first, and the review is found void here (`reopen_voided`).
        let before = rows::lock(tx.conn(), found.standing.proposal_stage).await?;
        let current = shown(tx, &found, before.as_ref()).await?;
        tx.precondition(&current)?;
        for_the_panel(tx, &found.object, proposal, ONLY_THE_CHAIR).await?;
        open(tx, &found).await?;
        if current.report.is_none() {
            return Err(Problem::state(
                "The panel has not agreed on the proposal yet; record its consensus first.",
            ));
        }
        let Some(row) = before else {
            return Err(Problem::state(
                "Nothing of the report is written yet; the rapporteur, or you, write it first.",
            ));
        };
        let state = SUMMARY.apply(row.state()?, SummaryEvent::Approve)?;
        row.draft()?.check_complete(&found.rules).or(())?;
        let named = current.inside.map(|inside| inside.doubts);
        let named = named.unwrap_or_default();
        let despite = places(&named);
        refuse(named, input.despite_findings)?;
        let row = SummaryRow {
            state: state.to_string(),
            approved_by: permit.account(),
            approved_at: Some(tx.now().await?),
            version: row.version + 1,
            ..row
        };
        rows::save(tx.conn(), &permit, &row).await?;
        let detail = json!({ "state": state, "stage": found.stage.number, "despite": despite });
        tx.audit(&permit, Some(row.version), None, detail).await?;
        shown(tx, &found, Some(&row)).await
    };
    service.write(context, work).await
}

/// Why the secretariat does not approve a report.
const ONLY_THE_CHAIR: &str = "The chair of the panel approves the report; the secretariat does where every chair has a \
                              conflict of interest.";

/// Refuses the secretariat what a chair of the panel may do, as long as there is one without an interest in the proposal.
pub(crate) async fn for_the_panel(
    tx: &mut Tx,
    object: &Object,
    proposal: Uuid,
    refusal: &'static str,
) -> Result<(), Problem> {
    let actor: &Actor = &tx.context.actor;
    if worn(actor, object).contains(&Worn::PanelChair) {
        return Ok(());
    }
    let call = object.call.unwrap_or_default();
    if !rows::chair_is_free(tx.conn(), call, proposal).await? {
        return Ok(());
    }
    Err(Problem::new(Code::Forbidden, refusal))
}

/// Makes an approved report a draft again, as the consensus it reports is another now. The caller has locked the
/// proposal's row, so that nobody approves it meanwhile.
pub(super) async fn reopen(
    tx: &mut Tx,
    permit: &Permit,
    proposal_stage: Uuid,
) -> Result<(), Problem> {
    let row = rows::find(tx.conn(), proposal_stage).await?;
    reopen_approved(tx, permit, row).await
}

/// The same, as a review it rests on is void now. The caller has locked reviews, after which nobody locks a proposal's row,
/// but the report may be locked: who approves it at this moment is waited for.
pub(super) async fn reopen_voided(
    tx: &mut Tx,
    permit: &Permit,
    proposal_stage: Uuid,
) -> Result<(), Problem> {
    let row = rows::lock(tx.conn(), proposal_stage).await?;
    reopen_approved(tx, permit, row).await
}

async fn reopen_approved(
    tx: &mut Tx,
    permit: &Permit,
    row: Option<SummaryRow>,
) -> Result<(), Problem> {
    if let Some(row) = row
        && row.state()? == SummaryState::Approved
    {
        rows::save(tx.conn(), permit, &again(row)?).await?;
    }
    Ok(())
}
