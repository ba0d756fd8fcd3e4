//! The applicants' reply to the released reviews: read, written, handed in, given time again.

use ::review::rebuttal::{Reply, check_time_again};
use ::review::{REBUTTAL, RebuttalEvent, RebuttalState};
use access::{Action, Object, Permit};
use call::StageState;
use chrono::{DateTime, Utc};
use kernel::Code;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, StageRow};
use store::commitment::redress;
use store::intake::{self as proposals, ProposalRow};
use store::outcome;
use store::review::facts;
use store::review::rebuttal::{self as rows, RebuttalRow};
use store::review::review::{self as reviews, ReviewRow};
use store::view::review::consensus::is_ready;
use store::view::review::rebuttal::{self as view, Reader, RebuttalView};
use store::view::review::{Depth, after_panel};
use utoipa::ToSchema;
use uuid::Uuid;

use super::evaluation;
use super::review::held_back;
use super::window::{tell, until};
use crate::{Answer, Context, Problem, Service, Tx};

/// Time that applicants are given again, or another end of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoreTime {
    /// Until when they may write: at most as many days as the rules of the call give to all applicants. Where they have time
    /// again already, the end is moved; it comes earlier only with notice.
    pub until: DateTime<Utc>,
    /// Why, for the record; the independent observer sees it.
    pub reason: String,
}

/// A reply with what it hangs on.
struct Held {
    row: RebuttalRow,
    stage: StageRow,
    reader: Reader,
}

/// The actor's account, where it is that of a partner that joined the proposal and did not leave.
pub(super) async fn partner(tx: &mut Tx, proposal: &ProposalRow) -> Result<Option<Uuid>, Problem> {
    let account = tx.context.actor.account();
    let Some(account) = account.filter(|account| *account != proposal.coordinator_id) else {
        return Ok(None);
    };
    let parts = proposals::parts_of(tx.conn(), proposal.id, account).await?;
    Ok(Some(account).filter(|_| !parts.is_empty()))
}

/// The reply as the policy sees it. Applicants keep the own one, whatever conflict is on record.
async fn object(tx: &mut Tx, proposal: &ProposalRow) -> Result<Object, Problem> {
    let account = tx.context.actor.account();
    let own = account == Some(proposal.coordinator_id);
    let partner = partner(tx, proposal).await?;
    let conflicted = outcome::conflicted(tx.conn(), account, proposal.id).await?;
    Ok(Object {
        coordinator: Some(proposal.coordinator_id),
        partner,
        conflicted: conflicted && !own && partner.is_none(),
        ..Object::of_call("rebuttal", proposal.id, proposal.call_id)
    })
}

/// As what the actor looks at it, if at all: who sits on the panel only after declaring conflicts for the stage.
async fn reader(tx: &mut Tx, object: &Object, stage: i32) -> Result<Reader, Problem> {
    let account = tx.context.actor.account();
    if account.is_some() && [object.coordinator, object.partner].contains(&account) {
        return Ok(Reader::Consortium);
    }
    let sight = super::sight_at(tx, object, stage).await?;
    if sight.depth >= Depth::Panel && sight.open(object.id) {
        return Ok(Reader::Panel);
    }
    Err(Problem::not_found())
}

/// The proposal's window at a stage, or at the last stage that had one.
async fn find(
    tx: &mut Tx,
    proposal: &ProposalRow,
    object: &Object,
    asked: Option<i32>,
) -> Result<Held, Problem> {
    for (row, stage) in rows::of_proposal(tx.conn(), proposal.id).await? {
        let stage = calls::find_stage(tx.conn(), stage).await?;
        if asked.is_none_or(|number| number == stage.number) {
            let reader = reader(tx, object, stage.number).await?;
            return Ok(Held { row, stage, reader });
        }
    }
    Err(Problem::not_found())
}

/// The same, locked: the stage first, then the proposal, then the reply, as everybody does.
async fn hold(
    tx: &mut Tx,
    proposal: &ProposalRow,
    object: &Object,
    asked: Option<i32>,
) -> Result<Held, Problem> {
    let found = find(tx, proposal, object, asked).await?;
    let stage = calls::hold_stage(tx.conn(), found.stage.id).await?;
    let standing = outcome::lock(tx.conn(), proposal.id, stage.id).await?;
    let row = rows::lock(tx.conn(), found.row.proposal_stage_id).await?;
    if !facts::takes_part(standing.state) {
        return Err(Problem::state(
            "The proposal takes no part in the evaluation any more; nobody would read the reply.",
        ));
    }
    Ok(Held {
        row,
        stage,
        reader: found.reader,
    })
}

/// What every deed on a reply begins with: the actor may do it, the reply is locked, and is what the actor saw.
async fn begin(
    tx: &mut Tx,
    action: Action,
    proposal: Uuid,
    stage: Option<i32>,
) -> Result<(Permit, ProposalRow, Held), Problem> {
    let known = proposals::find(tx.conn(), proposal).await?;
    let object = object(tx, &known).await?;
    let permit = tx.permit(action, &object).await?;
    let held = hold(tx, &known, &object, stage).await?;
    let current = shown(tx, &known, &held).await?;
    tx.precondition(&current)?;
    Ok((permit, known, held))
}

/// The reviews of the proposal of which the reader may know: what is released after redress was upheld is told to the
/// consortium by the letter that settles it, and by nothing before, and what is held back from it not yet. Members of the
/// panel read none while one is still to come in the place of a void one, as on the panel's desk.
async fn written(
    tx: &mut Tx,
    proposal: &ProposalRow,
    held: &Held,
) -> Result<Vec<ReviewRow>, Problem> {
    let all = reviews::of_proposal(tx.conn(), proposal.id, held.stage.id).await?;
    if held.reader == Reader::Panel {
        let object = Object::of_call("rebuttal", proposal.id, proposal.call_id);
        let sight = super::sight_at(tx, &object, held.stage.number).await?;
        let deep = sight.depth > Depth::Panel || after_panel(held.stage.state()?);
        return Ok(match deep || is_ready(&all)? {
            true => all,
            false => Vec::new(),
        });
    }
    let upheld = redress::upheld(tx.conn(), proposal.id, held.stage.id).await?;
    let mut known = Vec::new();
    for row in all {
        let later = upheld.is_some_and(|upheld| upheld.hides(row.released_at));
        if !later && !held_back(&row, &held.stage)? {
            known.push(row);
        }
    }
    Ok(known)
}

async fn shown(tx: &mut Tx, proposal: &ProposalRow, held: &Held) -> Result<RebuttalView, Problem> {
    let now = tx.now().await?;
    let written = written(tx, proposal, held).await?;
    let which = (proposal.id, proposal.number.as_str(), held.stage.number);
    Ok(view::rebuttal(
        &held.row,
        which,
        &written,
        held.reader,
        now,
    )?)
}

/// The reply after a deed.
async fn again(tx: &mut Tx, proposal: &ProposalRow, held: Held) -> Result<RebuttalView, Problem> {
    let row = rows::lock(tx.conn(), held.row.proposal_stage_id).await?;
    shown(tx, proposal, &Held { row, ..held }).await
}

/// Refuses what was not complete at the server before the window closed.
async fn in_time(tx: &mut Tx, row: &RebuttalRow) -> Result<(), Problem> {
    // Who knows of the window asks after it opened: an arrival is never dated before that.
    let arrived = tx.arrived_at(row.closes_at).await?.max(row.opens_at);
    if row.window().is_open(arrived) {
        return Ok(());
    }
    Err(Problem::new(
        Code::DeadlinePassed,
        format!(
            "Too late: a reply could be written until {}. What was submitted before is what the panel reads.",
            until(row.closes_at)
        ),
    ))
}

/// The released reviews of a proposal and the reply to them.
pub async fn read_rebuttal(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
) -> Result<Answer<RebuttalView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let known = proposals::find(tx.conn(), proposal).await?;
        let object = object(tx, &known).await?;
        tx.permit(Action::ReadRebuttal, &object).await?;
        let found = find(tx, &known, &object, stage).await?;
        shown(tx, &known, &found).await
    };
    service.read(context, work).await
}

/// Saves what the coordinator writes; what was submitted stays what counts until it is submitted again.
pub async fn write_rebuttal(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
    reply: Reply,
) -> Result<Answer<RebuttalView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (permit, known, held) = begin(tx, Action::WriteRebuttal, proposal, stage).await?;
        in_time(tx, &held.row).await?;
        let before = held.row.state()?;
        let state = match before {
            RebuttalState::Draft | RebuttalState::EditedSince => before,
            other => REBUTTAL.apply(other, RebuttalEvent::Write)?,
        };
        rows::write(tx.conn(), &permit, &held.row, state, &reply).await?;
        if state != before {
            let detail = json!({ "state": state, "stage": held.stage.number });
            tx.audit(&permit, Some(held.row.version + 1), None, detail)
                .await?;
        }
        again(tx, &known, held).await
    };
    service.write(context, work).await
}

/// Hands in what is written.
pub async fn submit_rebuttal(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
) -> Result<Answer<RebuttalView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (permit, known, held) = begin(tx, Action::SubmitRebuttal, proposal, stage).await?;
        in_time(tx, &held.row).await?;
        let state = REBUTTAL.apply(held.row.state()?, RebuttalEvent::Submit)?;
        let call = calls::find(tx.conn(), held.stage.call_id).await?;
        let rules = evaluation(&call, held.stage.number)?.rebuttal;
        let rules = rules.ok_or_else(no_reply)?;
        let labels = view::answerable(&written(tx, &known, &held).await?)?;
        held.row.draft()?.check(&rules, &labels).or(())?;
        rows::submit(tx.conn(), &permit, &held.row, state).await?;
        let detail = json!({ "state": state, "stage": held.stage.number });
        tx.audit(&permit, Some(held.row.version + 1), None, detail)
            .await?;
        again(tx, &known, held).await
    };
    service.write(context, work).await
}

/// Gives the applicants of one proposal time again, until the ranking list is adopted, or moves the end of it. What they
/// submitted before stays; meanwhile the panel does not read it, and goes on with all other proposals. A review that was
/// held back from them is theirs to read from now on.
pub async fn reopen_rebuttal(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
    input: MoreTime,
) -> Result<Answer<RebuttalView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (permit, known, held) = begin(tx, Action::ReopenRebuttal, proposal, stage).await?;
        if !matches!(
            held.stage.state()?,
            StageState::Rebuttal | StageState::Panel
        ) {
            return Err(Problem::state(format!(
                "Time is given again until the ranking list is adopted; the stage is '{}'.",
                held.stage.state
            )));
        }
        let call = calls::find(tx.conn(), held.stage.call_id).await?;
        let rules = evaluation(&call, held.stage.number)?.rebuttal;
        let rules = rules.ok_or_else(no_reply)?;
        let now = tx.now().await?;
        let told = Some(held.row.closes_at).filter(|closes| now < *closes);
        if told.is_some() && held.row.reopened_at.is_none() {
            // The life cycle's own refusal would name the state, which is the consortium's till then.
            return Err(Problem::state(format!(
                "The applicants may still reply, until {}, as all of the stage; time is given again after that.",
                until(held.row.closes_at)
            )));
        }
        let before = held.row.state_at(now)?;
        let state = match told {
            Some(_) => before,
            None => REBUTTAL.apply(before, RebuttalEvent::Reopen)?,
        };
        let reason = input.reason.trim();
        let mut faults = check_time_again(&rules, now, input.until, told);
        faults.require(!reason.is_empty(), "/reason", "required", "say why");
        faults.or(())?;
        rows::reopen(tx.conn(), &permit, &held.row, state, input.until).await?;
        reviews::tell_held_back(tx.conn(), &permit, known.id, held.stage.id).await?;
        // Where they are writing already, how far they are is not for the record.
        let mut detail = json!({ "stage": held.stage.number, "closes_at": input.until });
        match told {
            Some(told) => detail["instead_of"] = json!(told),
            None => detail["state"] = json!(state),
        }
        tx.audit(&permit, Some(held.row.version + 1), Some(reason), detail)
            .await?;
        let of_it = [(known.id, known.number.clone(), known.coordinator_id)];
        tell(tx, &call, &held.stage, &of_it, input.until).await?;
        again(tx, &known, held).await
    };
    service.write(context, work).await
}

fn no_reply() -> Problem {
    Problem::state("The rules of the call have no reply to the reviews any more.")
}
