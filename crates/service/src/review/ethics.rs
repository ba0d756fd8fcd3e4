//! The ethics step: assessments begun by the secretariat, given to an ethics expert or recorded by itself, there before
//! the ranking list or the letters as the rules say.

use ::review::ethics::{Assessment, Before, Case, check_done};
use ::review::{ETHICS, EthicsEvent, EthicsOutcome, EthicsState};
use access::{Action, Actor, Object, Permit, Worn};
use call::{EthicsStep, EvaluationRules, StageState};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, StageRow};
use store::intake::{self as proposals, ProposalRow};
use store::outcome::{self, Standing};
use store::review::ethics::{self as rows, EthicsRow};
use store::review::{conflict as conflicts, expert as experts};
use store::view::review::ethics::{self as view, EthicsLine};
use store::view::review::{Depth, after_panel};
use utoipa::ToSchema;
use uuid::Uuid;

use super::adoption::unnamed;
use super::naming::Names;
use super::release::refuse;
use super::{evaluation, given, stage_or_current};
use crate::{Answer, Context, Problem, Service, Tx};

/// The desk of the ethics step.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EthicsLines {
    /// By number.
    pub items: Vec<EthicsLine>,
}

/// Who looks at a proposal's ethics, or what was found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EthicsInput {
    /// The expert of the call who looks at it; left out: as before, or nobody.
    #[serde(default)]
    pub expert: Option<Uuid>,
    /// The outcome; left out: it is only begun. After conditions, `clear` says that they are met.
    #[serde(default)]
    pub assessment: Option<Assessment>,
    /// Why an outcome is looked at again; needed there only.
    #[serde(default)]
    pub reason: String,
    /// Whether it is recorded although its texts, which the applicants will read, seem to name somebody who evaluated.
    #[serde(default)]
    pub despite_findings: bool,
}

/// One proposal at the step.
struct Opened {
    stage: StageRow,
    rules: EvaluationRules,
    standing: Standing,
    row: Option<EthicsRow>,
    object: Object,
}

/// The desk of a stage's ethics step.
pub async fn read_ethics(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<EthicsLines>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let object = Object::of_call("ethics_assessment", stage.id, call);
        tx.permit(Action::ReadEthics, &object).await?;
        let sight = super::sight(tx, &object).await?;
        if sight.depth < Depth::Everything {
            return Err(Problem::not_found());
        }
        let call = calls::find(tx.conn(), call).await?;
        let rules = evaluation(&call, number)?;
        let lines = view::lines(tx.conn(), &stage, &rules).await?;
        let items = lines.into_iter().map(|(_, line)| line);
        Ok(EthicsLines {
            items: items.filter(|line| sight.open(line.proposal)).collect(),
        })
    };
    service.read(context, work).await
}

/// The stage asked about. Where there is none, only who may ask at all is told why.
async fn place(
    tx: &mut Tx,
    proposal: &ProposalRow,
    asked: Option<i32>,
    action: Action,
) -> Result<StageRow, Problem> {
    let bare = Object::of_call("ethics_assessment", proposal.id, proposal.call_id);
    if matches!(tx.context.actor, Actor::Public) {
        tx.permit(action, &bare).await?;
    }
    match stage_or_current(tx, proposal.call_id, asked).await {
        Ok(stage) => Ok(stage),
        Err(problem) => {
            tx.permit(action, &bare).await?;
            Err(problem)
        }
    }
}

async fn open(
    tx: &mut Tx,
    proposal: &ProposalRow,
    stage: StageRow,
    standing: Standing,
) -> Result<Opened, Problem> {
    let row = rows::find(tx.conn(), standing.proposal_stage).await?;
    let account = tx.context.actor.account();
    let own = account == Some(proposal.coordinator_id);
    let named = match row.as_ref().and_then(|row| row.expert_id) {
        Some(id) => {
            Some(experts::find(tx.conn(), id).await?).filter(|one| one.may_read().unwrap_or(false))
        }
        None => None,
    };
    let conflicted = outcome::conflicted(tx.conn(), account, proposal.id).await?;
    let object = Object {
        // Before the letters the coordinator learns of nothing, by a refusal neither.
        coordinator: Some(proposal.coordinator_id).filter(|_| standing.released.is_some()),
        expert: named.and_then(|one| one.account_id),
        conflicted: conflicted && !own,
        ..Object::of_call("ethics_assessment", proposal.id, proposal.call_id)
    };
    let call = calls::find(tx.conn(), proposal.call_id).await?;
    Ok(Opened {
        rules: evaluation(&call, stage.number)?,
        stage,
        standing,
        row,
        object,
    })
}

/// The line as the actor sees it.
async fn shown(tx: &mut Tx, opened: &Opened) -> Result<EthicsLine, Problem> {
    let lines = view::lines(tx.conn(), &opened.stage, &opened.rules).await?;
    let line = lines
        .into_iter()
        .map(|(_, line)| line)
        .find(|line| line.proposal == opened.object.id)
        .ok_or_else(Problem::not_found)?;
    let account = tx.context.actor.account();
    if account.is_some() && opened.object.coordinator == account {
        let told = line.assessment.is_some();
        return told
            .then(|| line.for_applicants())
            .ok_or_else(Problem::not_found);
    }
    let sight = super::sight(tx, &opened.object).await?;
    let named = account.is_some() && opened.object.expert == account;
    if !sight.open(line.proposal) || sight.depth < Depth::Everything && !named {
        return Err(Problem::not_found());
    }
    Ok(line)
}

/// One proposal at the ethics step; its coordinator reads the outcome once the letters are out.
pub async fn read_proposal_ethics(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
) -> Result<Answer<EthicsLine>, Problem> {
    let work = async move |tx: &mut Tx| {
        let known = proposals::find(tx.conn(), proposal).await?;
        let stage = place(tx, &known, stage, Action::ReadEthics).await?;
        let standings = outcome::standings(tx.conn(), stage.id).await?;
        let standing = standings.into_iter().find(|one| one.proposal == proposal);
        let standing = standing.ok_or_else(Problem::not_found)?;
        let opened = open(tx, &known, stage, standing).await?;
        tx.permit(Action::ReadEthics, &opened.object).await?;
        shown(tx, &opened).await
    };
    service.read(context, work).await
}

/// Begins an assessment, names who looks at it, or records what was found.
pub async fn record_ethics(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
    input: EthicsInput,
) -> Result<Answer<EthicsLine>, Problem> {
    let work = async move |tx: &mut Tx| {
        let known = proposals::find(tx.conn(), proposal).await?;
        let stage = place(tx, &known, stage, Action::RecordEthics).await?;
        let stage = calls::hold_stage(tx.conn(), stage.id).await?;
        let standing = outcome::lock(tx.conn(), proposal, stage.id).await?;
        let opened = open(tx, &known, stage, standing).await?;
        let permit = tx.permit(Action::RecordEthics, &opened.object).await?;
        let current = shown(tx, &opened).await?;
        tx.precondition(&current)?;
        is_time(&opened)?;
        check(tx, &known, &permit, &opened, &input).await?;
        names_nobody(tx, &opened, &input).await?;
        let row = next(tx, &permit, &opened, &input).await?;
        rows::save(tx.conn(), &permit, &row).await?;
        let reason = Some(input.reason.trim()).filter(|reason| !reason.is_empty());
        let detail = json!({ "state": row.state, "stage": opened.stage.number });
        tx.audit(&permit, Some(row.version), reason, detail).await?;
        shown(tx, &opened).await
    };
    service.write(context, work).await
}

/// Refuses outside the time that the rules give to the step.
fn is_time(opened: &Opened) -> Result<(), Problem> {
    use StageState::{Panel, Rebuttal, Reviewing};
    let (step, state) = (opened.rules.ethics, opened.stage.state()?);
    let in_review = matches!(state, Reviewing | Rebuttal | Panel);
    let now = after_panel(state) || in_review && step == EthicsStep::WithReview;
    if now && view::concerns(step, opened.standing.state) {
        return Ok(());
    }
    Err(Problem::state(match step {
        EthicsStep::None => "The rules of the stage have no ethics step.".to_owned(),
        _ => format!(
            "By the rules ethics are looked at '{step}', and the proposal is not there: the stage is '{}'.",
            opened.stage.state
        ),
    }))
}

/// All faults of what was sent.
async fn check(
    tx: &mut Tx,
    proposal: &ProposalRow,
    permit: &Permit,
    opened: &Opened,
    input: &EthicsInput,
) -> Result<(), Problem> {
    let mut faults = Faults::default();
    if let Some(id) = input.expert {
        let known = experts::of_call(tx.conn(), proposal.call_id).await?;
        let one = known.into_iter().find(|one| one.id == id);
        let ready = match &one {
            Some(one) => one.may_read()?,
            None => false,
        };
        faults.require(
            ready,
            "/expert",
            "expert_unknown",
            "no expert of the call has this id and has signed and declared; name one who has",
        );
        let account = one.and_then(|one| one.account_id);
        let wall = outcome::conflicted(tx.conn(), account, proposal.id).await?;
        faults.require(
            !wall && !conflicts::forbid(tx.conn(), id, proposal.id).await?,
            "/expert",
            "conflict_of_interest",
            "the expert has a conflict of interest with the proposal; name another one",
        );
    }
    let before = opened.row.as_ref().and_then(|row| row.expert_id);
    faults.require(
        permit.worn() != Worn::Expert || input.expert.is_none() || input.expert == before,
        "/expert",
        "not_yours",
        "the secretariat says who looks at it; leave it out",
    );
    for fault in input.assessment.iter().flat_map(|one| one.check().0) {
        let pointer = format!("/assessment{}", fault.pointer);
        faults.add(pointer, &fault.code, fault.detail);
    }
    Ok(faults.or(())?)
}

/// Refuses an outcome whose texts seem to name who evaluated the proposal, unless somebody has looked at it.
async fn names_nobody(tx: &mut Tx, opened: &Opened, input: &EthicsInput) -> Result<(), Problem> {
    let Some(found) = &input.assessment else {
        return Ok(());
    };
    let conditions = found.conditions.iter().enumerate();
    let mut texts: Vec<(String, &str)> = conditions
        .map(|(index, text)| (format!("/assessment/conditions/{index}"), text.as_str()))
        .collect();
    texts.push(("/assessment/comment".to_owned(), found.comment.as_str()));
    let proposal = opened.standing.proposal;
    let named = opened.row.as_ref().and_then(|row| row.expert_id);
    let names = Names::of(tx, &opened.stage, Some(proposal)).await?;
    let names = names.with(proposal, input.expert.or(named));
    refuse(names.doubts(proposal, &texts), input.despite_findings)
}

/// The row that the input makes of the one before.
async fn next(
    tx: &mut Tx,
    permit: &Permit,
    opened: &Opened,
    input: &EthicsInput,
) -> Result<EthicsRow, Problem> {
    let mut row = match &opened.row {
        Some(row) => EthicsRow {
            version: row.version + 1,
            ..row.clone()
        },
        None => EthicsRow {
            proposal_stage_id: opened.standing.proposal_stage,
            call_id: opened.stage.call_id,
            state: ETHICS.start.to_string(),
            expert_id: None,
            conditions: json!([]),
            comment: String::new(),
            decided_by: None,
            decided_at: None,
            version: 1,
        },
    };
    let mut state = row.state()?;
    if permit.worn() == Worn::Expert && state != EthicsState::UnderReview {
        return Err(Problem::state(
            "The assessment is not with you any more; ask the secretariat to look at it again.",
        ));
    }
    row.expert_id = input.expert.or(row.expert_id);
    let outcome = input.assessment.as_ref().map(|one| one.outcome);
    if state == EthicsState::Conditional && outcome == Some(EthicsOutcome::Clear) {
        // The conditions stay on record: they are met.
        row.state = ETHICS.apply(state, EthicsEvent::Meet)?.to_string();
        return Ok(row);
    }
    if state.is_decided() {
        given(&input.reason)?;
        state = ETHICS.apply(state, EthicsEvent::Revise)?;
        row.conditions = json!([]);
        row.comment = String::new();
        (row.decided_by, row.decided_at) = (None, None);
    } else if state == EthicsState::Due {
        state = ETHICS.apply(state, EthicsEvent::Begin)?;
    }
    if let Some(found) = &input.assessment {
        state = ETHICS.apply(state, found.outcome.event())?;
        row.conditions = json!(found.conditions);
        row.comment = found.comment.trim().to_owned();
        row.decided_by = permit.account();
        row.decided_at = Some(tx.now().await?);
    }
    row.state = state.to_string();
    Ok(row)
}

/// Refuses what the rules let wait for ethics while an outcome is missing; names each proposal of which the actor may know.
pub(crate) async fn is_done(
    tx: &mut Tx,
    stage: &StageRow,
    rules: &EvaluationRules,
    before: Before,
) -> Result<(), Problem> {
    if rules.ethics == EthicsStep::None {
        return Ok(());
    }
    let lines = view::lines(tx.conn(), stage, rules).await?;
    let concerned = lines
        .into_iter()
        .filter(|(standing, _)| view::concerns(rules.ethics, standing.state));
    let sight = super::sight(tx, &stage.object()).await?;
    let (mut faults, mut hidden) = (Faults::default(), Faults::default());
    for (standing, line) in concerned {
        let of_it = match sight.open(standing.proposal) {
            true => &mut faults,
            false => &mut hidden,
        };
        let funded = standing.state == intake::ProposalState::Selected;
        of_it.require(
            !funded || line.state != Some(EthicsState::Refused),
            "/proposals",
            "ethics_refused",
            format!(
                "the ethics experts refused {}, and it is selected; decide again without it",
                line.number
            ),
        );
        let case = Case {
            number: line.number,
            need: line.need,
            state: line.state,
        };
        of_it.0.extend(check_done(rules.ethics, before, &[case]).0);
    }
    faults.0.extend(unnamed(&hidden));
    Ok(faults.or(())?)
}
