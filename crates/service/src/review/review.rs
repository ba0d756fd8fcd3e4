//! Reviews: reading, writing, handing in.

use std::collections::BTreeSet;

use ::review::{Marks, REVIEW, ReviewEvent, ReviewState, check_marks};
use access::{Action, Actor, Object, Permit};
use call::StageState;
use kernel::{Code, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, CallRow, StageRow};
use store::commitment::redress::{self, Upheld};
use store::outcome;
use store::review::expert::{self as experts, ExpertRow};
use store::review::facts;
use store::review::review::{self as rows, ReviewRow};
use store::view::review::review::{Relation, ReviewView, Surroundings};
use utoipa::ToSchema;
use uuid::Uuid;

use super::bereft::is_read;
use super::invitation::own_account;
use super::rebuttal::partner;
use super::window::nothing_to_come;
use super::{evaluation, given, is_walled, stage_of_id, stage_or_current};
use crate::call::Reason;
use crate::{Answer, Context, Problem, Service, Tx};

/// What an expert writes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewInput {
    /// Score and comment by criterion; a draft may leave criteria out.
    pub scores: Marks,
    /// A confidential remark to the panel; applicants never read it.
    #[serde(default)]
    pub remark: String,
}

/// Reviews.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Reviews {
    /// The reviews.
    pub items: Vec<ReviewView>,
}

/// A review with what it hangs on.
pub(super) struct Opened {
    /// The review.
    pub row: ReviewRow,
    /// Its author.
    pub expert: ExpertRow,
    /// The stage.
    pub stage: StageRow,
    /// The call.
    pub call: CallRow,
    /// The review as the policy sees it.
    pub object: Object,
    /// Redress of the proposal that was upheld and is not settled.
    upheld: Option<Upheld>,
}

/// A review, locked. Its stage is held first, as everybody does who needs both: nobody waits in a
/// circle, and the ranking is not adopted meanwhile.
pub(super) async fn lock(tx: &mut Tx, id: Uuid) -> Result<Opened, Problem> {
    let seen = rows::find(tx.conn(), id).await?;
    calls::hold_stage(tx.conn(), seen.stage_id).await?;
    let row = rows::lock(tx.conn(), id).await?;
    open(tx, row).await
}

/// Whether the applicants do not read released reviews one by one yet: they read all of a stage together, where they may
/// reply when the window opens, else when the last one is released, so that no review tells by its time whose it is. What
/// they have read stays theirs, though one more is asked for ([`remember_told`]) or a conflict of interest ends it.
pub(super) async fn together(
    tx: &mut Tx,
    call: &CallRow,
    stage: &StageRow,
) -> Result<bool, Problem> {
    if stage.state()? != StageState::Reviewing {
        return Ok(false);
    }
    if evaluation(call, stage.number)?.rebuttal.is_some() {
        return Ok(true);
    }
    Ok(!nothing_to_come(tx, stage.id).await?)
}

/// Remembers what the applicants of a stage have been told of, before reviews more are asked for, or are to come
/// again. The caller has locked the
/// experts of the call, or the stage, and not ended a review yet: that none is to come for a moment tells nothing.
pub(crate) async fn remember_told(
    tx: &mut Tx,
    permit: &Permit,
    stage: &StageRow,
) -> Result<(), Problem> {
    // Elsewhere they are told of each as it is released, and nothing takes it back.
    if stage.state()? != StageState::Reviewing {
        return Ok(());
    }
    let call = calls::find(tx.conn(), stage.call_id).await?;
    if !together(tx, &call, stage).await? {
        rows::remember_told(tx.conn(), permit, stage.id).await?;
    }
    Ok(())
}

/// Whether the applicants do not read a released review yet that was written in the place of a void one, after they had read
/// the others: that there was a conflict of interest is not theirs to learn before they are asked to reply to it, or get
/// their letter.
pub(super) fn held_back(row: &ReviewRow, stage: &StageRow) -> Result<bool, Problem> {
    Ok(row.held_back && stage.state()? != StageState::Communicated)
}

/// What surrounds a review that was read or locked.
pub(super) async fn open(tx: &mut Tx, row: ReviewRow) -> Result<Opened, Problem> {
    let expert = experts::find(tx.conn(), row.expert_id).await?;
    let stage = stage_of_id(tx, row.call_id, row.stage_id).await?;
    let call = calls::find(tx.conn(), row.call_id).await?;
    let proposal = store::intake::find(tx.conn(), row.proposal_id).await?;
    let actor = tx.context.actor.account();
    let conflicted = is_walled(tx, &proposal).await?;
    let state = row.state()?;
    // A review that was taken away is its author's no longer, from the next request on.
    let author = expert
        .account_id
        .filter(|_| state.holds_a_place() && expert.declared_stages.contains(&stage.number));
    let upheld = redress::upheld(tx.conn(), row.proposal_id, row.stage_id).await?;
    let later = upheld.is_some_and(|one| one.hides(row.released_at)) || held_back(&row, &stage)?;
    let (own, partner) = (
        actor == Some(proposal.coordinator_id),
        partner(tx, &proposal).await?,
    );
    let told = (own || partner.is_some())
        && row.is_for_applicants()?
        && !later
        && (row.told || !together(tx, &call, &stage).await?);
    let object = Object {
        coordinator: actor.filter(|_| told && own),
        partner: partner.filter(|_| told),
        // An applicant reads the own ones, whatever conflict is on record.
        ..row.object(author, conflicted && !told)
    };
    Ok(Opened {
        row,
        expert,
        stage,
        call,
        object,
        upheld,
    })
}

/// The review as the viewer sees it; absent for whoever sees nothing of it.
pub(super) async fn shown(tx: &mut Tx, opened: &Opened) -> Result<ReviewView, Problem> {
    let sight = super::sight_at(tx, &opened.object, opened.stage.number).await?;
    let proposal = Some(opened.row.proposal_id);
    let rules = evaluation(&opened.call, opened.stage.number)?;
    let around = Surroundings::of(tx.conn(), &opened.stage, proposal).await?;
    let which = (&opened.stage, proposal);
    let around = around.checking(tx.conn(), which, &sight, rules).await?;
    let account = tx.context.actor.account();
    let relation = if account.is_none() {
        Relation::None
    } else if opened.object.expert == account {
        Relation::Author
    } else if [opened.object.coordinator, opened.object.partner].contains(&account) {
        Relation::Applicant
    } else {
        Relation::None
    };
    around
        .review(&opened.row, &sight, relation)?
        .ok_or_else(Problem::not_found)
}

/// The review after a deed, as the viewer sees it.
pub(super) async fn again(tx: &mut Tx, id: Uuid) -> Result<ReviewView, Problem> {
    let row = rows::find(tx.conn(), id).await?;
    let opened = open(tx, row).await?;
    shown(tx, &opened).await
}

/// One review.
pub async fn read_review(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<ReviewView>, Problem> {
    let work = async move |tx: &mut Tx| {
        if matches!(tx.context.actor, Actor::Public) {
            // Before looking, so that the answer does not tell whether there is such a review.
            tx.permit(Action::ReadReview, &Object::new("review", id))
                .await?;
        }
        let row = rows::find(tx.conn(), id).await?;
        let opened = open(tx, row).await?;
        tx.permit(Action::ReadReview, &opened.object).await?;
        shown(tx, &opened).await
    };
    service.read(context, work).await
}

/// The reviews of a proposal at a stage, as far as the viewer sees them.
pub async fn read_reviews(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
) -> Result<Answer<Reviews>, Problem> {
    let work = async move |tx: &mut Tx| {
        let known = store::intake::find(tx.conn(), proposal).await?;
        let account = tx.context.actor.account();
        let expert = match account {
            Some(account) => experts::of_account(tx.conn(), account, known.call_id).await?,
            None => None,
        };
        let partner = partner(tx, &known).await?;
        let applies = account == Some(known.coordinator_id) || partner.is_some();
        let conflicted = outcome::conflicted(tx.conn(), account, proposal).await?;
        let mut object = Object {
            coordinator: Some(known.coordinator_id),
            partner,
            conflicted: conflicted && !applies,
            ..Object::of_call("review", proposal, known.call_id)
        };
        let found = match stage_or_current(tx, known.call_id, stage).await {
            Ok(stage) => {
                let found = rows::of_proposal(tx.conn(), proposal, stage.id).await?;
                Some((stage, found))
            }
            // Before any stage is evaluated there are none: an empty list, for whoever may ask.
            Err(problem) if problem.code == Code::StateConflict => None,
            Err(problem) => return Err(problem),
        };
        let own = |row: &ReviewRow| expert.as_ref().is_some_and(|one| one.id == row.expert_id);
        if let Some((_, found)) = &found {
            for row in found {
                if own(row) && row.state()?.holds_a_place() {
                    object.expert = account;
                }
            }
        }
        tx.permit(Action::ReadReview, &object).await?;
        let Some((stage, found)) = found else {
            return Ok(Reviews { items: Vec::new() });
        };
        let sight = super::sight_at(tx, &object, stage.number).await?;
        let call = calls::find(tx.conn(), known.call_id).await?;
        let rules = evaluation(&call, stage.number)?;
        let around = Surroundings::of(tx.conn(), &stage, Some(proposal)).await?;
        let names = rules.names.clone();
        let which = (&stage, Some(proposal));
        let around = around.checking(tx.conn(), which, &sight, rules).await?;
        let all_told = applies && !together(tx, &call, &stage).await?;
        let told = |row: &ReviewRow| applies && (row.told || all_told);
        let upheld = redress::upheld(tx.conn(), proposal, stage.id).await?;
        let later = |row: &ReviewRow| upheld.is_some_and(|one| one.hides(row.released_at));
        let mut peer = false;
        for row in found.iter().filter(|row| own(row)) {
            let handed_in = matches!(row.state()?, ReviewState::Submitted | ReviewState::Released);
            peer |= names.reviews_open_after_own && handed_in;
        }
        let mut items = Vec::new();
        for row in &found {
            let relation = if own(row) {
                Relation::Author
            } else if told(row) && !later(row) && !held_back(row, &stage)? {
                Relation::Applicant
            } else if peer {
                Relation::Peer {
                    named: names.reviewers_know_each_other,
                }
            } else {
                Relation::None
            };
            items.extend(around.review(row, &sight, relation)?);
        }
        // By number, and the tenth after the ninth; those with names stay in the order of their ids.
        let place = |one: &ReviewView| one.label.clone().map(|label| (label.len(), label));
        items.sort_by_cached_key(place);
        Ok(Reviews { items })
    };
    service.read(context, work).await
}

/// The reviews that are the person's to write, or that they wrote.
pub async fn list_my_reviews(
    service: &Service,
    context: Context,
) -> Result<Answer<Reviews>, Problem> {
    let work = async move |tx: &mut Tx| {
        let account = own_account(tx).await?;
        let mut items = Vec::new();
        for expert in experts::desks(tx.conn(), account).await? {
            let desk = tx.context.actor.desk();
            if !expert.may_read_any()? || desk.is_some_and(|call| call != expert.call_id) {
                continue;
            }
            let object = expert.object();
            let sight = super::sight(tx, &object).await?;
            let own = rows::of_experts(tx.conn(), &[expert.id]).await?;
            for stage in calls::stages(tx.conn(), expert.call_id).await? {
                let none = own.iter().all(|row| row.stage_id != stage.id);
                if none || !expert.may_read(stage.number)? {
                    continue;
                }
                let around = Surroundings::of(tx.conn(), &stage, None).await?;
                for row in own.iter().filter(|row| row.stage_id == stage.id) {
                    if row.state()?.holds_a_place() {
                        items.extend(around.review(row, &sight, Relation::Author)?);
                    }
                }
            }
        }
        items.sort_by(|a: &ReviewView, b| (b.stage, &a.number).cmp(&(a.stage, &b.number)));
        Ok(Reviews { items })
    };
    service.read(context, work).await
}

/// The proposals of a stage whose reviews are written and released now: none says all of a stage that is evaluated, and
/// later it is those which the panel is to judge anew.
pub(super) async fn in_hand(
    tx: &mut Tx,
    stage: &StageRow,
) -> Result<Option<BTreeSet<Uuid>>, Problem> {
    if is_evaluated(stage)? {
        return Ok(None);
    }
    let anew = redress::judged_anew(tx.conn(), stage.id).await?;
    if anew.is_empty() {
        under_way(stage)?;
    }
    Ok(Some(anew))
}

/// Reviews are written and released while their stage is reviewed, and until the panel adopts its results: what is still to
/// come once the applicants have read the others takes the place of a void one.
fn is_evaluated(stage: &StageRow) -> Result<bool, Problem> {
    Ok(stage.state()? == StageState::Reviewing || is_read(stage)?)
}

/// Refuses where reviews are neither written nor released.
fn under_way(stage: &StageRow) -> Result<(), Problem> {
    if is_evaluated(stage)? {
        return Ok(());
    }
    // What came of it since is not for an expert.
    Err(Problem::state(
        "Reviews are written and released from the assignment on, until the panel adopts its results, or where redress was \
         upheld until the panel has judged the proposal anew, and neither is so.",
    ))
}

/// Refuses where the proposal was withdrawn or excluded: nobody reads what is written on it any more.
pub(super) async fn takes_part(tx: &mut Tx, opened: &Opened) -> Result<(), Problem> {
    let (proposal, stage) = (opened.row.proposal_id, opened.stage.id);
    let standing = outcome::find(tx.conn(), proposal, stage).await?;
    if facts::takes_part(standing.state) {
        return Ok(());
    }
    Err(Problem::state(
        "The proposal takes no part in the evaluation any more; nothing of the review is needed.",
    ))
}

/// A review is written, given back and released while its stage is [`under_way`], and where redress has the panel judge the
/// proposal anew.
pub(super) fn writable(opened: &Opened) -> Result<(), Problem> {
    match opened.upheld {
        Some(upheld) if upheld.waits_for_the_panel => Ok(()),
        _ => under_way(&opened.stage),
    }
}

/// The state of a review that is written on while it may be; of an invited one that is a yes to it.
pub(super) fn begun(opened: &Opened) -> Result<ReviewState, Problem> {
    writable(opened)?;
    let before = opened.row.state()?;
    Ok(match before {
        ReviewState::Draft => ReviewState::Draft,
        ReviewState::Invited => {
            let accepted = REVIEW.apply(before, ReviewEvent::Accept)?;
            REVIEW.apply(accepted, ReviewEvent::Write)?
        }
        other => REVIEW.apply(other, ReviewEvent::Write)?,
    })
}

/// Saves what was written; a yes goes into the audit trail, a draft does not.
pub(super) async fn save(
    tx: &mut Tx,
    permit: &Permit,
    opened: &Opened,
    state: ReviewState,
    marks: &Marks,
    remark: &str,
) -> Result<ReviewView, Problem> {
    let row = &opened.row;
    rows::write(tx.conn(), permit, row, state, marks, remark).await?;
    if state != row.state()? {
        let detail = json!({ "state": state });
        tx.audit(permit, Some(row.version + 1), None, detail)
            .await?;
    }
    again(tx, row.id).await
}

/// Saves the review as a draft. Writing an invited one is a yes to it.
pub async fn write_review(
    service: &Service,
    context: Context,
    id: Uuid,
    input: ReviewInput,
) -> Result<Answer<ReviewView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let opened = lock(tx, id).await?;
        let permit = tx.permit(Action::WriteReview, &opened.object).await?;
        let current = shown(tx, &opened).await?;
        tx.precondition(&current)?;
        let state = begun(&opened)?;
        takes_part(tx, &opened).await?;
        let rules = evaluation(&opened.call, opened.stage.number)?;
        // A draft may be incomplete, but what it says must be sayable.
        let unfinished = ["score_missing", "comment_missing"];
        let mut faults: Faults = check_marks(&rules, &input.scores);
        faults
            .0
            .retain(|fault| !unfinished.contains(&fault.code.as_str()));
        faults.or(())?;
        save(
            tx,
            &permit,
            &opened,
            state,
            &input.scores,
            input.remark.trim(),
        )
        .await
    };
    service.write(context, work).await
}

/// Declines to review the proposal.
pub async fn decline_review(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Reason,
) -> Result<Answer<Reviews>, Problem> {
    let work = async move |tx: &mut Tx| {
        let opened = lock(tx, id).await?;
        let permit = tx.permit(Action::WriteReview, &opened.object).await?;
        let current = shown(tx, &opened).await?;
        tx.precondition(&current)?;
        let state = REVIEW.apply(opened.row.state()?, ReviewEvent::Decline)?;
        let reason = given(&input.reason)?;
        rows::set_state(tx.conn(), &permit, &opened.row, state, None).await?;
        let detail = json!({ "state": state });
        tx.audit(&permit, Some(opened.row.version + 1), Some(reason), detail)
            .await?;
        // Nothing of it is the expert's any more.
        Ok(Reviews { items: Vec::new() })
    };
    service.write(context, work).await
}

/// Hands the review in: every criterion has a score on a step, and a comment.
pub async fn submit_review(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<ReviewView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let opened = lock(tx, id).await?;
        let permit = tx.permit(Action::SubmitReview, &opened.object).await?;
        let current = shown(tx, &opened).await?;
        tx.precondition(&current)?;
        writable(&opened)?;
        takes_part(tx, &opened).await?;
        let state = REVIEW.apply(opened.row.state()?, ReviewEvent::Submit)?;
        let rules = evaluation(&opened.call, opened.stage.number)?;
        check_marks(&rules, &opened.row.marks()?).or(())?;
        rows::set_state(tx.conn(), &permit, &opened.row, state, None).await?;
        let detail = json!({ "state": state });
        tx.audit(&permit, Some(opened.row.version + 1), None, detail)
            .await?;
        again(tx, id).await
    };
    service.write(context, work).await
}
