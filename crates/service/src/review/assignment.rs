//! Who reviews what: reading it, and changing single pairs.

use ::review::{ConflictKind, REVIEW, ReviewEvent};
use access::{Action, Object, Permit};
use call::StageState;
use intake::ProposalState;
use kernel::{Code, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, StageRow};
use store::commitment::redress;
use store::outcome;
use store::review::conflict as conflicts;
use store::review::expert::{self as experts, ExpertRow};
use store::review::facts::{self, Candidate};
use store::review::review::{self as reviews, ReviewRow};
use store::view::review::review::{self as view, AssignmentView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fit::{Asked, Fit};
use super::review::remember_told;
use super::{bereft, call_words, detection, given, stage_words};
use crate::{Answer, Context, Problem, Service, Tx};

/// One expert for one proposal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PairInput {
    /// The proposal.
    pub proposal: Uuid,
    /// The expert.
    pub expert: Uuid,
}

impl PairInput {
    /// A pair of proposal and expert.
    pub(super) fn of(&(proposal, expert): &(Uuid, Uuid)) -> PairInput {
        PairInput { proposal, expert }
    }

    /// Proposal and expert.
    pub(super) fn pair(&self) -> (Uuid, Uuid) {
        (self.proposal, self.expert)
    }
}

/// Who takes over a review, and why.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    /// The expert who takes over.
    pub expert: Uuid,
    /// Why.
    pub reason: String,
}

/// Who reviews what at a stage.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Assignments {
    /// By proposal's number and expert's name.
    pub items: Vec<AssignmentView>,
}

/// Who reviews what at a stage.
pub async fn read_assignments(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<Assignments>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let object = stage.object();
        tx.permit(Action::ReadAssignments, &object).await?;
        list(tx, &stage).await
    };
    service.read(context, work).await
}

async fn list(tx: &mut Tx, stage: &StageRow) -> Result<Assignments, Problem> {
    let sight = super::sight_at(tx, &stage.object(), stage.number).await?;
    Ok(Assignments {
        items: view::assignments(tx.conn(), stage, &sight).await?,
    })
}

/// Assigns one expert to one proposal, as for a place that somebody declined; once the applicants have read the reviews, only
/// where a conflict of interest left the proposal without any.
pub async fn assign_reviewer(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    input: PairInput,
) -> Result<Answer<Assignments>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let stage = calls::hold_stage(tx.conn(), stage.id).await?;
        let actor = tx.context.actor.account();
        let object = Object {
            conflicted: outcome::conflicted(tx.conn(), actor, input.proposal).await?,
            ..stage.object()
        };
        let permit = tx.permit(Action::AssignReviewers, &object).await?;
        experts::lock_of_call(tx.conn(), call).await?;
        remember_told(tx, &permit, &stage).await?;
        let detail = json!({ "proposal": input.proposal, "expert": input.expert });
        let late = bereft::waits_for_another(tx, &stage, input.proposal).await?;
        let row = add(tx, &permit, &stage, input.pair(), late).await?;
        tx.audit(
            &permit,
            None,
            None,
            json!({ "review": row, "pair": detail }),
        )
        .await?;
        list(tx, &stage).await
    };
    service.write(context, work).await
}

/// Gives a review that is not submitted yet to another expert.
pub async fn replace_reviewer(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Replacement,
) -> Result<Answer<Assignments>, Problem> {
    let work = async move |tx: &mut Tx| {
        let seen = reviews::find(tx.conn(), id).await?;
        // Everybody locks stage, experts, reviews in this order, so that nobody waits in a circle.
        let stage = calls::hold_stage(tx.conn(), seen.stage_id).await?;
        experts::lock_of_call(tx.conn(), seen.call_id).await?;
        let row = reviews::lock(tx.conn(), id).await?;
        let actor = tx.context.actor.account();
        let conflicted = outcome::conflicted(tx.conn(), actor, row.proposal_id).await?;
        let object = row.object(None, conflicted);
        let permit = tx.permit(Action::ReplaceReviewer, &object).await?;
        let state = REVIEW.apply(row.state()?, ReviewEvent::Replace)?;
        let reason = given(&input.reason)?;
        remember_told(tx, &permit, &stage).await?;
        reviews::set_state(tx.conn(), &permit, &row, state, None).await?;
        // Who has a review once the applicants have read theirs took the place of a void one, and hands it on.
        let late = bereft::is_read(&stage)?;
        let pair = (row.proposal_id, input.expert);
        let new = add(tx, &permit, &stage, pair, late).await?;
        tell_replaced(tx, &stage, &row).await?;
        let detail = json!({ "by": input.expert, "review": new });
        tx.audit(&permit, Some(row.version + 1), Some(reason), detail)
            .await?;
        list(tx, &stage).await
    };
    service.write(context, work).await
}

/// Tells an expert that the proposal is somebody else's now.
async fn tell_replaced(tx: &mut Tx, stage: &StageRow, row: &ReviewRow) -> Result<(), Problem> {
    let expert = experts::find(tx.conn(), row.expert_id).await?;
    let proposal = store::intake::find(tx.conn(), row.proposal_id).await?;
    let call = calls::find(tx.conn(), stage.call_id).await?;
    let letter = json!({
        "name": expert.name, "call": call_words(&call), "stage": stage_words(stage),
        "proposals": [proposal.number], "link": format!("{}/me/reviews", tx.service.settings().public_url),
    });
    tx.mail(Some(&call), &expert.email, "review_passed_on", letter)
        .await
}

/// Adds a review of `proposal` by `expert`, when nothing speaks against it; answers its id. A `late` one takes the place of a
/// review that is void, after the applicants have read it.
async fn add(
    tx: &mut Tx,
    permit: &Permit,
    stage: &StageRow,
    (proposal, expert): (Uuid, Uuid),
    late: bool,
) -> Result<Uuid, Problem> {
    // Where redress was upheld the panel judges the proposal anew, and others may read it before.
    let upheld = redress::upheld(tx.conn(), proposal, stage.id).await?;
    let anew = upheld.is_some_and(|one| one.waits_for_the_panel);
    if stage.state()? != StageState::Reviewing && !anew && !late {
        let remedy = if bereft::is_read(stage)? {
            "of this proposal there is a released review, and the panel goes on with it"
        } else {
            "assign all proposals first (POST /calls/{call}/stages/{stage}/assign)"
        };
        return Err(Problem::state(format!(
            "Single reviewers are assigned while the stage is 'reviewing', until the panel adopts its results where a \
             conflict of interest left no released review, or after redress was upheld, and it is '{}'; {remedy}.",
            stage.state
        )));
    }
    let candidates = facts::candidates(tx.conn(), stage.id).await?;
    let is_reviewed = |state: ProposalState| match anew || late {
        true => state != ProposalState::Locked && facts::takes_part(state),
        false => facts::is_reviewed(state),
    };
    let candidate = candidates
        .iter()
        .find(|one| one.standing.proposal == proposal && is_reviewed(one.standing.state));
    let row = match experts::lock(tx.conn(), expert).await {
        Ok(row) if row.call_id == stage.call_id => Some(row),
        Ok(_) | Err(store::StoreError::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let mut faults = Faults::default();
    faults.require(
        candidate.is_some(),
        "/proposal",
        "unknown_proposal",
        "no eligible proposal of the stage has this id",
    );
    faults.require(
        row.is_some(),
        "/expert",
        "unknown_expert",
        "the call has no such expert",
    );
    faults.or(())?;
    let (Some(candidate), Some(row)) = (candidate, row) else {
        return Err(Problem::not_found());
    };
    if !row.may_read(stage.number)? {
        return Err(Problem::invalid(
            "/expert",
            "not_ready",
            "this expert has not accepted, or has not declared conflicts of interest; wait for both",
        ));
    }
    refuse_conflicted(tx, stage, &row, candidate, &candidates).await?;
    refuse_full(tx, &row, &candidates, (stage, proposal)).await?;
    let fit = fit(tx, stage, &candidates, proposal, expert).await?;
    let new = ReviewRow {
        held_back: late,
        ..ReviewRow::asked(stage.call_id, stage.id, proposal, expert, fit)
    };
    reviews::insert(tx.conn(), permit, std::slice::from_ref(&new)).await?;
    let call = calls::find(tx.conn(), stage.call_id).await?;
    let numbers = [candidate.standing.number.as_str()];
    let due = reviews::due_at(tx.conn(), new.id).await?;
    super::assign::tell_one(tx, &call, stage, &row, &numbers, due).await?;
    Ok(new.id)
}

/// How well the two fit, in millionths.
async fn fit(
    tx: &mut Tx,
    stage: &StageRow,
    candidates: &[Candidate],
    proposal: Uuid,
    expert: Uuid,
) -> Result<i64, Problem> {
    let mut ready = Vec::new();
    for row in experts::of_call(tx.conn(), stage.call_id).await? {
        if row.may_read(stage.number)? {
            ready.push(row);
        }
    }
    let fit = Fit::of(tx, stage, candidates, &ready, Asked::Some).await?;
    Ok(fit.value(proposal, expert))
}

/// Refuses a pair with a conflict on file, or with one that shows now.
async fn refuse_conflicted(
    tx: &mut Tx,
    stage: &StageRow,
    expert: &ExpertRow,
    candidate: &Candidate,
    all: &[Candidate],
) -> Result<(), Problem> {
    let proposal = candidate.standing.proposal;
    let mut known = conflicts::of_expert(tx.conn(), expert.id).await?;
    let (one, it) = (
        std::slice::from_ref(expert),
        std::slice::from_ref(candidate),
    );
    known.extend(detection::look(tx, stage, one, it, all).await?);
    let mut against = known
        .iter()
        .filter(|row| row.proposal_id == proposal && row.forbids());
    // One that stands tells more than one that waits.
    let found = against
        .clone()
        .find(|row| row.standing)
        .or_else(|| against.next());
    let Some(row) = found else {
        return refuse_walled(tx, expert, candidate).await;
    };
    let remedy = if row.standing {
        "choose another expert"
    } else {
        "look for conflicts of the stage and judge this one first, or choose another expert"
    };
    Err(Problem {
        errors: vec![kernel::Fault::new(
            "/expert",
            row.kind()?.into(),
            format!("{}; {remedy}", row.evidence),
        )],
        ..Problem::new(
            Code::ConflictOfInterest,
            format!(
                "{} may not review {}: {} ({}). Remedy: {remedy}.",
                expert.name,
                candidate.standing.number,
                words(row.kind()?),
                row.evidence
            ),
        )
    })
}

/// Refuses an expert who declared a conflict with the proposal in another role, as that of a funder.
async fn refuse_walled(
    tx: &mut Tx,
    expert: &ExpertRow,
    candidate: &Candidate,
) -> Result<(), Problem> {
    let proposal = candidate.standing.proposal;
    if !outcome::conflicted(tx.conn(), expert.account_id, proposal).await? {
        return Ok(());
    }
    let (name, number) = (&expert.name, &candidate.standing.number);
    let detail = format!(
        "{name} may not review {number}: a conflict of interest was declared in another role of the call. Remedy: choose \
         another expert."
    );
    Err(Problem {
        errors: vec![kernel::Fault::new(
            "/expert",
            ConflictKind::Declared.into(),
            "the expert declared a conflict of interest in another role; choose another expert",
        )],
        ..Problem::new(Code::ConflictOfInterest, detail)
    })
}

fn words(kind: ConflictKind) -> &'static str {
    match kind {
        ConflictKind::Applicant => "the expert applies in this call",
        ConflictKind::PersonListed => "the proposal lists the expert",
        ConflictKind::SameInstitution => "the expert works at a partner's institution",
        ConflictKind::Declared => "the expert declared a conflict of interest",
        ConflictKind::NamedByApplicants => {
            "the applicants asked that the expert does not review the proposal"
        }
        ConflictKind::JointProposal => "the expert applied with somebody of the proposal",
        ConflictKind::ParentOrganisation => "the expert's organisation may be part of a partner's",
        ConflictKind::EmailDomain => "the expert shares an e-mail domain with the proposal",
        ConflictKind::CoPublication => "the expert published with somebody of the proposal",
        ConflictKind::SameName => "somebody of the call has the expert's name",
    }
}

/// Refuses an expert who had this proposal already, or has as many as agreed on.
async fn refuse_full(
    tx: &mut Tx,
    expert: &ExpertRow,
    candidates: &[Candidate],
    (stage, proposal): (&StageRow, Uuid),
) -> Result<(), Problem> {
    let own = reviews::of_experts(tx.conn(), &[expert.id]).await?;
    let mut load = 0;
    let mut had = false;
    for row in own.iter().filter(|row| row.stage_id == stage.id) {
        let state = row.state()?;
        // What a conflict of interest ended may be assigned again once the conflict is none.
        had |= row.proposal_id == proposal && !state.ended_by_conflict();
        // What fell out of the evaluation is no load any more.
        let mut taking_part = candidates.iter().map(|one| one.standing.proposal);
        let counts = state.holds_a_place() && taking_part.any(|one| one == row.proposal_id);
        load += i32::from(counts);
    }
    let mut faults = Faults::default();
    faults.require(
        !had,
        "/expert",
        "had_it",
        "this expert has this proposal, or had it before; choose another one",
    );
    faults.require(
        load < expert.load_at(stage.number)?,
        "/expert",
        "full",
        format!("this expert has {load} proposals, as many as agreed on for the stage; choose another one"),
    );
    Ok(faults.or(())?)
}
