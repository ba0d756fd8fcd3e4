//! Recording at the ethics step: beginning an assessment, giving it to an expert, saying what was found.

use ::review::{ETHICS, EthicsEvent, EthicsOutcome, EthicsState};
use access::{Action, Permit, Worn};
use call::{EthicsStep, StageState};
use kernel::Faults;
use serde_json::json;
use store::call as calls;
use store::intake::{self as proposals, ProposalRow};
use store::outcome;
use store::review::ethics::{self as rows, EthicsRow};
use store::review::naming::Names;
use store::review::{conflict as conflicts, expert as experts};
use store::view::review::after_panel;
use store::view::review::ethics::{self as view, EthicsLine};
use uuid::Uuid;

use super::{EthicsInput, Opened, open, place, shown};
use crate::call::given;
use crate::review::release::refuse;
use crate::review::{call_words, stage_words};
use crate::{Answer, Context, Problem, Service, Tx};

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
        let row = told(&opened, row)?;
        rows::save(tx.conn(), &permit, &row).await?;
        let reason = Some(input.reason.trim()).filter(|reason| !reason.is_empty());
        let detail = json!({ "state": row.state, "stage": opened.stage.number });
        tx.audit(&permit, Some(row.version), reason, detail).await?;
        tell(tx, &opened, &row).await?;
        shown(tx, &opened).await
    };
    service.write(context, work).await
}

/// Writes to who looks at it from now on, and to who does not any more because somebody else was named.
async fn tell(tx: &mut Tx, opened: &Opened, row: &EthicsRow) -> Result<(), Problem> {
    let before = match &opened.row {
        Some(row) => at_work(row)?,
        None => None,
    };
    let now = at_work(row)?;
    let begins = now.filter(|_| now != before);
    let ends = before.filter(|_| row.expert_id != before);
    let call = calls::find(tx.conn(), row.call_id).await?;
    let public_url = tx.service.settings().public_url.clone();
    let letters = [(begins, "ethics_assigned"), (ends, "ethics_passed_on")];
    for (expert, template) in letters {
        let Some(expert) = expert else { continue };
        let expert = experts::find(tx.conn(), expert).await?;
        let letter = json!({
            "name": expert.name, "call": call_words(&call), "stage": stage_words(&opened.stage),
            "proposal": opened.standing.number, "link": format!("{public_url}/me/experts"),
        });
        tx.mail(Some(&call), &expert.email, template, letter)
            .await?;
    }
    Ok(())
}

/// The expert with whom an assessment is.
fn at_work(row: &EthicsRow) -> Result<Option<Uuid>, Problem> {
    let decided = row.state()?.is_decided();
    Ok(row.expert_id.filter(|_| !decided))
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
            Some(one) => one.may_read(opened.stage.number)?,
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
    let names = Names::of(tx.conn(), &opened.stage, Some(proposal)).await?;
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
            told: None,
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

/// With what the applicants are told of it at once, where letters told them before: that the conditions which they know of
/// are met, and what is found after the selection, of which no letter tells. Of what is looked at again they read the new
/// outcome with a further letter.
fn told(opened: &Opened, mut row: EthicsRow) -> Result<EthicsRow, Problem> {
    let Some(found) = row.assessment()? else {
        return Ok(row);
    };
    let before = match &opened.row {
        Some(before) => before.assessment()?,
        None => None,
    };
    let on_conditions = before
        .as_ref()
        .is_some_and(|one| one.outcome == EthicsOutcome::Conditions);
    let met = on_conditions && found.outcome == EthicsOutcome::Clear;
    let known = met && row.told()? == before;
    let at_once = known || opened.rules.ethics == EthicsStep::AfterSelection;
    if opened.standing.released.is_some() && at_once {
        row.told = Some(json!(found));
    }
    Ok(row)
}
