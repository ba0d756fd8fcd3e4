//! Requests for an exception to a rule: asked by the coordinator, commented by the secretariat, weighed and decided by
//! the steering committee.

use access::{Action, Object};
use intake::{Stand, WAIVER, WaiverEvent, WaiverState, query, waiver};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::agenda::organisation_id;
use store::call::{self as calls, CallRow};
use store::intake::{self as rows, ProposalRow, WaiverRow};
use store::view::intake::{self as view, WaiverView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::tell::Concerned;
use super::{call_words, hold, part_of};
use crate::{Answer, Context, Problem, Service, Tx};

/// A request for an exception to a rule.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiverInput {
    /// The rule, by the code of its findings in the check of the proposal.
    #[schema(example = "coordinator_changed")]
    pub rule: String,
    /// Why.
    pub reasons: String,
}

/// The secretariat's comment on a request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentInput {
    /// For the committee; the consortium does not read it.
    pub comment: String,
}

/// What a member of the committee holds of a request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StandInput {
    /// What it holds.
    pub stand: Stand,
    /// A remark for the committee.
    #[serde(default)]
    pub remark: String,
}

/// What the committee decided.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiverDecision {
    /// Whether the request is granted.
    pub granted: bool,
    /// Why, and where the decision stands; the consortium reads it.
    pub because: String,
}

/// Requests for exceptions to rules.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Waivers {
    /// Oldest first.
    pub items: Vec<WaiverView>,
}

/// Asks, for the own proposal, for an exception to a rule.
pub async fn ask_waiver(
    service: &Service,
    context: Context,
    id: Uuid,
    input: WaiverInput,
) -> Result<Answer<WaiverView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = hold(tx, id).await?;
        let object = held.object(&tx.context.actor);
        let permit = tx.permit(Action::AskWaiver, &object).await?;
        held.check_in_time(tx).await?;
        if !held.content.state()?.is_written() {
            return Err(Problem::state(
                "The proposal is not written any more; an exception is asked for before the deadline.",
            ));
        }
        let mut faults = waiver::check(&input.rule, &input.reasons);
        let before = rows::waivers(tx.conn(), held.call.id, Some(id)).await?;
        let refused = WaiverState::Refused.to_string();
        let stands = |(row, ..): &(WaiverRow, Uuid, String)| {
            row.proposal_stage_id == held.content.id
                && row.rule == input.rule
                && row.state != refused
        };
        faults.require(
            !before.iter().any(stands),
            "/rule",
            "asked_already",
            "an exception to this rule was asked for already, and was not refused",
        );
        faults.or(())?;
        let row = WaiverRow {
            id: kernel::id::new(),
            call_id: held.call.id,
            proposal_stage_id: held.content.id,
            rule: input.rule,
            reasons: input.reasons.trim().to_owned(),
            asked_by: permit.account().ok_or_else(Problem::not_found)?,
            asked_at: tx.now().await?,
            comment: None,
            state: WAIVER.start.to_string(),
            decided_because: None,
            decided_at: None,
            version: 1,
        };
        rows::ask_waiver(tx.conn(), &permit, id, &row).await?;
        let detail = json!({ "waiver": row.id, "rule": row.rule });
        tx.audit(&permit, None, None, detail).await?;
        let mut to = Concerned::default();
        to.committee(tx, &held.proposal).await?;
        let link = tx
            .service
            .api(format_args!("/calls/{}/waivers", held.call.id));
        let variables = json!({
            "call": call_words(&held.call), "proposal": held.proposal.number, "rule": row.rule,
            "reasons": row.reasons, "link": link,
        });
        to.tell(tx, &held.call, "waiver_asked", variables).await?;
        one(tx, (held.call.id, id), row.id, false).await
    };
    service.write(context, work).await
}

/// The requests of one proposal: for its coordinator, and inside the committee with what it says.
pub async fn list_waivers(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<Waivers>, Problem> {
    let work = async move |tx: &mut Tx| {
        let proposal = rows::find(tx.conn(), id).await?;
        let object = part_of(tx, &proposal, "waiver", id).await?;
        tx.permit(Action::ReadWaivers, &object).await?;
        let own = tx.context.actor.account() == Some(proposal.coordinator_id);
        let items = view::waiver_views(tx.conn(), proposal.call_id, Some(id), !own).await?;
        // That a proposal is begun is told by what it asks for, and by nothing else.
        let known = own || rows::disclosed_stage(tx.conn(), id).await?.is_some();
        if items.is_empty() && !known {
            return Err(Problem::not_found());
        }
        Ok(Waivers { items })
    };
    service.read(context, work).await
}

/// The requests of a call, for the committee; without those of proposals that the person has a conflict of interest
/// with.
pub async fn list_call_waivers(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<Waivers>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), call).await?;
        tx.permit(Action::ReadCallWaivers, &call.object()).await?;
        let account = tx.context.actor.account();
        let walled_off = store::outcome::conflicts_of(tx.conn(), account, call.id).await?;
        let mut items = view::waiver_views(tx.conn(), call.id, None, true).await?;
        items.retain(|one| !walled_off.contains(&one.proposal));
        Ok(Waivers { items })
    };
    service.read(context, work).await
}

/// Comments a request, for the committee.
pub async fn comment_waiver(
    service: &Service,
    context: Context,
    id: Uuid,
    input: CommentInput,
) -> Result<Answer<WaiverView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = held(tx, id).await?;
        let permit = tx.permit(Action::CommentWaiver, &held.object).await?;
        held.precondition(tx).await?;
        held.waits()?;
        let mut faults = Faults::default();
        query::words("/comment", &input.comment, &mut faults);
        faults.or(())?;
        rows::comment_waiver(tx.conn(), &permit, &held.row, &input.comment).await?;
        let detail = json!({ "proposal": held.proposal.id });
        tx.audit(&permit, Some(held.row.version + 1), None, detail)
            .await?;
        held.again(tx).await
    };
    service.write(context, work).await
}

/// States what one's own organisation holds of a request, or changes it.
pub async fn take_stand(
    service: &Service,
    context: Context,
    id: Uuid,
    organisation: String,
    input: StandInput,
) -> Result<Answer<WaiverView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = held(tx, id).await?;
        let member = organisation_id(tx.conn(), &organisation).await?;
        let member = member.ok_or_else(Problem::not_found)?;
        // Who reads requests knows of this one, whomever it speaks for.
        let reads = access::decide(&tx.context.actor, Action::ReadWaivers, &held.object);
        let object = Object {
            organisation: Some(member),
            public: reads.is_ok(),
            ..held.object.clone()
        };
        let permit = tx.permit(Action::TakeStand, &object).await?;
        held.precondition(tx).await?;
        held.waits()?;
        let stand = input.stand.to_string();
        rows::take_stand(tx.conn(), &permit, &held.row, member, &stand, &input.remark).await?;
        let detail = json!({ "proposal": held.proposal.id, "organisation": organisation, "stand": input.stand });
        tx.audit(&permit, None, None, detail).await?;
        held.again(tx).await
    };
    service.write(context, work).await
}

/// Records what the committee decided. A rule that is waived stands no more in the way of this proposal's check and
/// submission, nor of what its verdicts make of it; so it is waived before the deadline, or not at all.
pub async fn decide_waiver(
    service: &Service,
    context: Context,
    id: Uuid,
    input: WaiverDecision,
) -> Result<Answer<WaiverView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = held(tx, id).await?;
        let permit = tx.permit(Action::DecideWaiver, &held.object).await?;
        held.precondition(tx).await?;
        let event = match input.granted {
            true => WaiverEvent::Grant,
            false => WaiverEvent::Refuse,
        };
        let state = WAIVER.apply(held.row.state()?, event)?;
        // Locked, so that no verdict is given beside it on the rules as they were.
        let content = rows::lock_content(tx.conn(), held.row.proposal_stage_id).await?;
        if input.granted && !content.state()?.is_written() {
            return Err(Problem::state(
                "The proposal is not written any more; an exception comes too late for it: refuse the request.",
            ));
        }
        let mut faults = Faults::default();
        query::words("/because", &input.because, &mut faults);
        faults.or(())?;
        rows::decide_waiver(tx.conn(), &permit, &held.row, state, &input.because).await?;
        let because = input.because.trim();
        let detail = json!({ "proposal": held.proposal.id, "rule": held.row.rule, "state": state });
        tx.audit(&permit, Some(held.row.version + 1), Some(because), detail)
            .await?;
        let mut to = Concerned::default();
        to.coordinator(tx, &held.proposal).await?;
        let link = tx
            .service
            .api(format_args!("/proposals/{}/waivers", held.proposal.id));
        let variables = json!({
            "call": call_words(&held.call), "proposal": held.proposal.number, "rule": held.row.rule,
            "decision": state, "because": because, "link": link,
        });
        to.tell(tx, &held.call, "waiver_decided", variables).await?;
        held.again(tx).await
    };
    service.write(context, work).await
}

/// A request, locked, with what surrounds it.
struct Held {
    row: WaiverRow,
    proposal: ProposalRow,
    call: CallRow,
    object: Object,
}

async fn held(tx: &mut Tx, id: Uuid) -> Result<Held, Problem> {
    let (row, proposal) = rows::lock_waiver(tx.conn(), id).await?;
    let proposal = rows::find(tx.conn(), proposal).await?;
    Ok(Held {
        call: calls::find(tx.conn(), row.call_id).await?,
        object: part_of(tx, &proposal, "waiver", id).await?,
        row,
        proposal,
    })
}

impl Held {
    async fn precondition(&self, tx: &mut Tx) -> Result<(), Problem> {
        let current = self.again(tx).await?;
        tx.precondition(&current)
    }

    fn waits(&self) -> Result<(), Problem> {
        match self.row.state()? {
            WaiverState::Waiting => Ok(()),
            state => Err(Problem::state(format!("The request is '{state}'."))),
        }
    }

    async fn again(&self, tx: &mut Tx) -> Result<WaiverView, Problem> {
        one(tx, (self.call.id, self.proposal.id), self.row.id, true).await
    }
}

async fn one(
    tx: &mut Tx,
    (call, proposal): (Uuid, Uuid),
    id: Uuid,
    inside: bool,
) -> Result<WaiverView, Problem> {
    let all = view::waiver_views(tx.conn(), call, Some(proposal), inside).await?;
    all.into_iter()
        .find(|one| one.id == id)
        .ok_or_else(Problem::not_found)
}
