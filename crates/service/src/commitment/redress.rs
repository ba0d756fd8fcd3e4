//! Redress after the letters: filed by the coordinator, checked by the secretariat, examined by the independent
//! observer, decided by the steering committee.

mod reevaluate;
mod settle;

use access::{Action, Object, Role};
use call::{StageRules, redress_closes_at, redress_last_day};
use commitment::redress::{self as domain, REDRESS, RedressEvent, RedressState};
use kernel::{Code, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::access::holders::holders;
use store::call::{self as calls, CallRow};
use store::commitment::redress::{self as rows, FiledRedress, RedressRow};
use store::intake::{self as proposals, ProposalRow};
use store::review::expert as experts;
use store::view::commitment::{RedressView, redress_view, redress_views};
use store::{outbox, outcome};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::intake::call_words;
use crate::{Answer, Context, Problem, Service, Tx};

pub use reevaluate::reevaluate_proposal;
pub use settle::{SettleInput, settle_redress};

/// A request for redress.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedressInput {
    /// The ground, by its key in the rules of the call.
    #[schema(example = "rules_not_followed")]
    pub ground: String,
    /// What of the procedure was not followed.
    pub reasons: String,
}

/// What the secretariat finds of a request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedressCheck {
    /// Whether it is on the procedure, and in the window.
    pub admissible: bool,
    /// Why; the coordinator reads it.
    pub because: String,
}

/// What the independent observer finds.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedressFinding {
    /// Whether the procedure was followed.
    pub followed: bool,
    /// What was looked at and found; the steering committee and the chair of the panel read it, the coordinator does
    /// not.
    pub finding: String,
}

/// What the steering committee decides.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedressDecision {
    /// Whether the request is upheld.
    pub upheld: bool,
    /// Why; the coordinator reads it.
    pub because: String,
}

/// Requests for redress.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RedressList {
    /// Oldest first.
    pub items: Vec<RedressView>,
}

/// Asks for redress for the own proposal, after the letter of a stage: once, on a ground of the call, and in the window
/// that the letter names.
pub async fn file_redress(
    service: &Service,
    context: Context,
    proposal: Uuid,
    number: i32,
    input: RedressInput,
) -> Result<Answer<RedressView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let known = proposals::find(tx.conn(), proposal).await?;
        let object = object(tx, &known, proposal).await?;
        let permit = tx.permit(Action::FileRedress, &object).await?;
        let call = calls::find(tx.conn(), known.call_id).await?;
        let stage = calls::stage(tx.conn(), call.id, number).await?;
        // Before the letters the answer is the same whatever is decided.
        let told = rows::told(tx.conn(), proposal, stage.id).await?;
        let told = told.ok_or_else(|| {
            Problem::state("Redress is asked for after the letters of the stage, and there is none on this proposal.")
        })?;
        if !domain::is_open_to(told.outcome) {
            return Err(Problem::state(
                "The proposal has what it asked for at this stage; there is nothing to redress.",
            ));
        }
        let filed = rows::list(tx.conn(), call.id, Some(proposal)).await?;
        if filed.iter().any(|one| one.stage == stage.id) {
            return Err(Problem::state(
                "Redress was asked for after this stage already; a proposal has one request for each stage.",
            ));
        }
        let rules = stage_rules(&call, number)?;
        let days = call.rules()?.redress_days(&rules);
        let zone = stage.deadline()?.zone;
        let closes_at = redress_closes_at(told.released_at, days, zone);
        if tx.arrived_at(closes_at).await? >= closes_at {
            let last = redress_last_day(closes_at, zone);
            return Err(Problem::new(
                Code::DeadlinePassed,
                format!("Too late: redress could be asked for until {last}."),
            ));
        }
        domain::check(&rules.redress, &input.ground, &input.reasons).or(())?;
        let row = RedressRow {
            id: kernel::id::new(),
            call_id: call.id,
            proposal_stage_id: told.proposal_stage,
            state: REDRESS.start.to_string(),
            ground: input.ground,
            reasons: input.reasons.trim().to_owned(),
            filed_by: permit.account().ok_or_else(Problem::not_found)?,
            filed_at: tx.now().await?,
            checked_because: None,
            checked_at: None,
            followed: None,
            finding: None,
            found_at: None,
            decided_because: None,
            decided_at: None,
            ranking_list_id: None,
            version: 1,
        };
        rows::file(tx.conn(), &permit, proposal, &row).await?;
        let detail = json!({ "redress": row.id, "stage": number, "ground": row.ground });
        tx.audit(&permit, None, None, detail).await?;
        tell_next(tx, &call, &known, Step::Check).await?;
        let filed = rows::find(tx.conn(), row.id).await?;
        Ok(redress_view(filed, false)?)
    };
    service.write(context, work).await
}

/// The requests for redress of one proposal: for its coordinator, and for those who decide with what they know of it.
pub async fn list_redress(
    service: &Service,
    context: Context,
    proposal: Uuid,
) -> Result<Answer<RedressList>, Problem> {
    let work = async move |tx: &mut Tx| {
        let known = proposals::find(tx.conn(), proposal).await?;
        let object = object(tx, &known, proposal).await?;
        tx.permit(Action::ReadRedress, &object).await?;
        let own = tx.context.actor.account() == Some(known.coordinator_id);
        let items = redress_views(tx.conn(), known.call_id, Some(proposal), !own).await?;
        // That a proposal is begun is told by what it asks for, and by nothing else.
        let disclosed = own
            || proposals::disclosed_stage(tx.conn(), proposal)
                .await?
                .is_some();
        if items.is_empty() && !disclosed {
            return Err(Problem::not_found());
        }
        Ok(RedressList { items })
    };
    service.read(context, work).await
}

/// One request for redress.
pub async fn read_redress(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<RedressView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let filed = rows::find(tx.conn(), id).await?;
        let known = proposals::find(tx.conn(), filed.proposal).await?;
        let object = object(tx, &known, id).await?;
        tx.permit(Action::ReadRedress, &object).await?;
        let own = tx.context.actor.account() == Some(known.coordinator_id);
        Ok(redress_view(filed, !own)?)
    };
    service.read(context, work).await
}

/// The requests for redress of a call; without those of proposals that the person has a conflict of interest with.
pub async fn list_call_redress(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<RedressList>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), call).await?;
        tx.permit(Action::ReadCallRedress, &call.object()).await?;
        let account = tx.context.actor.account();
        let walled_off = outcome::conflicts_of(tx.conn(), account, call.id).await?;
        let mut items = redress_views(tx.conn(), call.id, None, true).await?;
        items.retain(|one| !walled_off.contains(&one.proposal));
        Ok(RedressList { items })
    };
    service.read(context, work).await
}

/// Records whether a request is admissible.
pub async fn check_redress(
    service: &Service,
    context: Context,
    id: Uuid,
    input: RedressCheck,
) -> Result<Answer<RedressView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = held(tx, id).await?;
        let permit = tx.permit(Action::CheckRedress, &held.object).await?;
        held.precondition(tx)?;
        let event = match input.admissible {
            true => RedressEvent::Admit,
            false => RedressEvent::Dismiss,
        };
        let state = REDRESS.apply(held.row().state()?, event)?;
        let mut faults = domain::words("/because", &input.because);
        names_nobody(tx, held.call.id, "/because", &input.because, &mut faults).await?;
        faults.or(())?;
        rows::check(tx.conn(), &permit, held.row(), state, &input.because).await?;
        held.audit(tx, &permit, Some(&input.because), state).await?;
        match input.admissible {
            true => tell_next(tx, &held.call, &held.proposal, Step::Examine).await?,
            false => tell_coordinator(tx, &held, state, &input.because).await?,
        }
        again(tx, id).await
    };
    service.write(context, work).await
}

/// Files the independent observer's finding.
pub async fn examine_redress(
    service: &Service,
    context: Context,
    id: Uuid,
    input: RedressFinding,
) -> Result<Answer<RedressView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = held(tx, id).await?;
        let permit = tx.permit(Action::ExamineRedress, &held.object).await?;
        held.precondition(tx)?;
        let state = REDRESS.apply(held.row().state()?, RedressEvent::Examine)?;
        domain::words("/finding", &input.finding).or(())?;
        let finding = (input.followed, input.finding.as_str());
        rows::examine(tx.conn(), &permit, held.row(), state, finding).await?;
        held.audit(tx, &permit, None, state).await?;
        tell_next(tx, &held.call, &held.proposal, Step::Decide).await?;
        again(tx, id).await
    };
    service.write(context, work).await
}

/// Records what the steering committee decides.
pub async fn decide_redress(
    service: &Service,
    context: Context,
    id: Uuid,
    input: RedressDecision,
) -> Result<Answer<RedressView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = held(tx, id).await?;
        let permit = tx.permit(Action::DecideRedress, &held.object).await?;
        held.precondition(tx)?;
        let event = match input.upheld {
            true => RedressEvent::Uphold,
            false => RedressEvent::Reject,
        };
        let state = REDRESS.apply(held.row().state()?, event)?;
        let mut faults = domain::words("/because", &input.because);
        names_nobody(tx, held.call.id, "/because", &input.because, &mut faults).await?;
        faults.or(())?;
        rows::decide(tx.conn(), &permit, held.row(), state, &input.because).await?;
        held.audit(tx, &permit, Some(&input.because), state).await?;
        tell_coordinator(tx, &held, state, &input.because).await?;
        if input.upheld {
            tell_next(tx, &held.call, &held.proposal, Step::Reevaluate).await?;
        }
        again(tx, id).await
    };
    service.write(context, work).await
}

/// A request, locked, with what surrounds it.
struct Held {
    filed: FiledRedress,
    proposal: ProposalRow,
    call: CallRow,
    object: Object,
}

async fn held(tx: &mut Tx, id: Uuid) -> Result<Held, Problem> {
    let filed = rows::lock(tx.conn(), id).await?;
    let proposal = proposals::find(tx.conn(), filed.proposal).await?;
    Ok(Held {
        call: calls::find(tx.conn(), filed.row.call_id).await?,
        object: object(tx, &proposal, id).await?,
        filed,
        proposal,
    })
}

impl Held {
    fn row(&self) -> &RedressRow {
        &self.filed.row
    }

    fn precondition(&self, tx: &mut Tx) -> Result<(), Problem> {
        let current = redress_view(self.filed.clone(), true)?;
        tx.precondition(&current)
    }

    async fn audit(
        &self,
        tx: &mut Tx,
        permit: &access::Permit,
        because: Option<&str>,
        state: RedressState,
    ) -> Result<(), Problem> {
        let detail = json!({ "proposal": self.proposal.id, "stage": self.filed.stage_number, "state": state });
        let because = because.map(str::trim);
        tx.audit(permit, Some(self.row().version + 1), because, detail)
            .await?;
        Ok(())
    }
}

/// The request as those who decide see it now.
async fn again(tx: &mut Tx, id: Uuid) -> Result<RedressView, Problem> {
    let filed = rows::find(tx.conn(), id).await?;
    Ok(redress_view(filed, true)?)
}

/// What hangs on a proposal as the policy sees it. The coordinator keeps the own request, whatever conflict is on
/// record.
async fn object(tx: &mut Tx, proposal: &ProposalRow, id: Uuid) -> Result<Object, Problem> {
    let account = tx.context.actor.account();
    let own = account == Some(proposal.coordinator_id);
    let conflicted = outcome::conflicted(tx.conn(), account, proposal.id).await?;
    Ok(Object {
        coordinator: Some(proposal.coordinator_id),
        conflicted: conflicted && !own,
        ..Object::of_call("redress", id, proposal.call_id)
    })
}

/// The rules of a stage.
fn stage_rules(call: &CallRow, number: i32) -> Result<StageRules, Problem> {
    let index = usize::try_from(number - 1).unwrap_or_default();
    let rules = call.rules()?.stages.into_iter().nth(index);
    rules.ok_or_else(|| Problem::internal(format!("the rules have no stage {number}")))
}

/// Refuses a text for the coordinator that holds the name, address or ORCID iD of an expert of the call. Of all of them:
/// who looked at this proposal must not follow from what is refused.
async fn names_nobody(
    tx: &mut Tx,
    call: Uuid,
    pointer: &str,
    text: &str,
    faults: &mut Faults,
) -> Result<(), Problem> {
    let today = tx.now().await?.date_naive();
    let at = pointer.to_owned();
    for expert in experts::of_call(tx.conn(), call).await? {
        let found = review::identity_doubts(&expert.facts(today)?, &[(at.clone(), text)]);
        let named = ["identity_name", "identity_email", "identity_orcid"];
        if found.iter().any(|one| named.contains(&one.code.as_str())) {
            faults.add(
                pointer,
                "names_an_expert",
                "the text holds a name of an expert of the call, an e-mail address or an ORCID iD, and the coordinator \
                 reads it; say it without",
            );
            break;
        }
    }
    Ok(())
}

/// The next step of a request, and who takes it.
#[derive(Debug, Clone, Copy, strum::Display)]
#[strum(serialize_all = "snake_case")]
enum Step {
    Check,
    Examine,
    Decide,
    Reevaluate,
    Settle,
}

impl Step {
    fn role(self) -> Role {
        match self {
            Step::Check | Step::Settle => Role::Secretariat,
            Step::Examine => Role::Observer,
            Step::Decide => Role::CscChair,
            Step::Reevaluate => Role::PanelChair,
        }
    }
}

/// Writes to whoever takes the next step and has no conflict of interest with the proposal.
async fn tell_next(
    tx: &mut Tx,
    call: &CallRow,
    proposal: &ProposalRow,
    step: Step,
) -> Result<(), Problem> {
    let walled_off = outcome::addresses_in_conflict(tx.conn(), proposal.id).await?;
    let found = holders(tx.conn(), call.id, &[step.role()]).await?;
    let link = tx
        .service
        .api(format_args!("/proposals/{}/redress", proposal.id));
    let concerned = found
        .into_iter()
        .filter(|one| !walled_off.contains(&one.email));
    let mails: Vec<_> = concerned
        .map(|one| {
            let variables = json!({
                "name": one.name, "call": call_words(call), "proposal": proposal.number,
                "step": step.to_string(), "link": link,
            });
            crate::mail::letter(
                &tx.service,
                Some(call),
                &one.email,
                "redress_waits",
                variables,
            )
        })
        .collect();
    Ok(outbox::queue(tx.conn(), &mails).await?)
}

/// Writes to the coordinator what became of the request.
async fn tell_coordinator(
    tx: &mut Tx,
    held: &Held,
    state: RedressState,
    because: &str,
) -> Result<(), Problem> {
    let found = proposals::account(tx.conn(), held.proposal.coordinator_id).await?;
    let Some(to) = found else { return Ok(()) };
    let link = tx
        .service
        .api(format_args!("/proposals/{}/redress", held.proposal.id));
    let variables = json!({
        "name": to.name, "call": call_words(&held.call), "proposal": held.proposal.number,
        "decision": state, "because": because.trim(), "link": link,
    });
    let mail = crate::mail::letter(
        &tx.service,
        Some(&held.call),
        &to.email,
        "redress_decided",
        variables,
    );
    Ok(outbox::queue(tx.conn(), &[mail]).await?)
}
