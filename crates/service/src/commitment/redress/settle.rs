use std::collections::BTreeMap;

use access::{Action, Permit};
use call::{Score, StageState};
use commitment::letter::LetterOutcome;
use commitment::redress::{self as domain, REDRESS, RedressEvent, RedressLetter, RedressState};
use intake::{Content, PROPOSAL, ProposalEvent, ProposalState};
use kernel::Faults;
use review::Rating;
use serde::{Deserialize, Serialize};
use store::call::{self as calls, StageRow};
use store::commitment::invitation;
use store::commitment::redress::{self as rows, RedressLetterRow};
use store::intake as proposals;
use store::intake::Beginning;
use store::outcome::{self, Standing};
use store::review::{consensus, ethics};
use store::view::commitment::LetterView;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::{InvitedInput, conditions, last_stage};
use super::names::{ForCoordinator, names_nobody};
use super::tell::tell_coordinator;
use super::{Held, held, stage_rules};
use crate::review::freeze_again;
use crate::{Answer, Context, Problem, Service, Tx};

/// The letter that settles a request for redress.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SettleInput {
    /// Whether the steering committee invites the proposal to the full stage: for a pre-proposal that was judged again,
    /// and for no other.
    pub invited: Option<bool>,
    /// What else the coordinator is told; may be empty.
    pub remark: String,
    /// Why the remark names nobody, where a word of it is also the name of an expert of the call. The audit trail keeps
    /// it.
    pub despite_names: String,
}

/// Settles a request that was upheld: the new outcome, the letter that tells it, and its release. A dry run answers the
/// letter as it would go out. What is granted by then is not undone: a proposal recommended anew is held in reserve.
pub async fn settle_redress(
    service: &Service,
    context: Context,
    id: Uuid,
    input: SettleInput,
) -> Result<Answer<LetterView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = held(tx, id).await?;
        let permit = tx.permit(Action::SettleRedress, &held.object).await?;
        held.precondition(tx)?;
        let before = held.row().state()?;
        let state = REDRESS.apply(before, RedressEvent::Settle)?;
        let stage = calls::lock_stage(tx.conn(), held.filed.stage).await?;
        let standing = outcome::lock(tx.conn(), held.proposal.id, stage.id).await?;
        let next = next_stage(tx, &stage).await?;
        let judged = before == RedressState::Reevaluated;
        let (mut faults, mut despite) = (Faults::default(), None);
        if !input.remark.trim().is_empty() {
            faults = domain::words("/remark", &input.remark);
            let text = ForCoordinator {
                pointer: "/remark",
                text: &input.remark,
                despite_names: &input.despite_names,
            };
            despite = names_nobody(tx, held.call.id, text, &mut faults).await?;
        }
        faults.require(
            input.invited.is_some() == (judged && next.is_some()),
            "/invited",
            "invited",
            "say whether it is invited of a pre-proposal that was judged again, and of no other",
        );
        faults.or(())?;
        let outcome = match judged {
            true => decided(tx, &permit, &held, &standing, next.as_ref(), &input).await?,
            false => unchanged(&standing)?,
        };
        let deadline = next.as_ref().map(|next| next.label.clone());
        let letter = RedressLetterRow {
            redress_id: id,
            call_id: held.call.id,
            outcome: outcome.to_string(),
            body: body(
                tx,
                &held,
                &stage,
                judged,
                outcome,
                (deadline, &input.remark),
            )
            .await?,
        };
        rows::settle(tx.conn(), &permit, held.row(), state, &letter).await?;
        ethics::tell(tx.conn(), &permit, &[standing.proposal_stage]).await?;
        if judged {
            let rules = stage_rules(&held.call, stage.number)?.evaluation;
            // The former texts on criteria gave reasons for scores that stand no more, so they are left out.
            let texts = BTreeMap::new();
            freeze_again(tx, &permit, (&stage, &rules), &standing, &texts).await?;
        }
        if let Some(next) = next.filter(|_| is_invited(outcome)) {
            open_full_proposal(tx, &permit, &stage, &next, &standing).await?;
        }
        held.audit(tx, &permit, None, (state, despite)).await?;
        tell_coordinator(tx, &held, state, "").await?;
        Ok(LetterView {
            proposal: held.proposal.id,
            number: held.proposal.number.clone(),
            stage: stage.number,
            outcome,
            body: letter.body,
            released_at: Some(tx.now().await?),
        })
    };
    service.write(context, work).await
}

/// The stage after this one.
async fn next_stage(tx: &mut Tx, stage: &StageRow) -> Result<Option<StageRow>, Problem> {
    if last_stage(tx, stage.call_id).await?.id == stage.id {
        return Ok(None);
    }
    let next = calls::stage(tx.conn(), stage.call_id, stage.number + 1).await?;
    Ok(Some(calls::hold_stage(tx.conn(), next.id).await?))
}

fn is_invited(outcome: LetterOutcome) -> bool {
    use LetterOutcome::{Invited, InvitedWithConditions};
    matches!(outcome, Invited | InvitedWithConditions)
}

/// The outcome that was told, which stays.
fn unchanged(standing: &Standing) -> Result<LetterOutcome, Problem> {
    let stays = Some(standing.state) == standing.released;
    let told = standing.state.to_string().parse().ok();
    told.filter(|_| stays).ok_or_else(|| {
        Problem::state(format!(
            "The proposal is '{}' by now, which is not what its letter told; there is nothing to settle.",
            standing.state
        ))
    })
}

/// What becomes of a proposal that was judged again.
async fn decided(
    tx: &mut Tx,
    permit: &Permit,
    held: &Held,
    standing: &Standing,
    next: Option<&StageRow>,
    input: &SettleInput,
) -> Result<LetterOutcome, Problem> {
    let (state, condition) = match next {
        Some(next) => invited(tx, permit, held, standing, next, input.invited).await?,
        None => (funded(tx, held, standing).await?, None),
    };
    outcome::set(tx.conn(), permit, standing, state, condition.as_deref()).await?;
    let told = state.to_string().parse();
    told.map_err(|_| Problem::internal(format!("no letter tells '{state}'")))
}

/// At the last stage: in reserve where the panel recommends it now, as the money is given.
async fn funded(tx: &mut Tx, held: &Held, standing: &Standing) -> Result<ProposalState, Problem> {
    let agreed = consensus::find(tx.conn(), standing.proposal_stage).await?;
    let agreed = agreed.ok_or_else(Problem::not_found)?;
    let refused = ethics::refused(tx.conn(), held.filed.stage).await?;
    let barred = refused.contains(&standing.proposal_stage) || !agreed.above_thresholds;
    let advice = match agreed.rating()? {
        Rating::Recommended if !barred => ProposalEvent::Recommend,
        Rating::RecommendedIfFundsAllow if !barred => ProposalEvent::RecommendIfFundsAllow,
        _ => ProposalEvent::DoNotRecommend,
    };
    let decision = match advice {
        ProposalEvent::DoNotRecommend => ProposalEvent::DoNotFund,
        _ => ProposalEvent::HoldInReserve,
    };
    let recommended = PROPOSAL.apply(standing.state, advice)?;
    Ok(PROPOSAL.apply(recommended, decision)?)
}

/// After pre-proposals: invited or not, as the steering committee says; invited alone from the list, while full
/// proposals can be handed in, and with the conditions that the verdicts on its partners make.
async fn invited(
    tx: &mut Tx,
    permit: &Permit,
    held: &Held,
    standing: &Standing,
    next: &StageRow,
    invited: Option<bool>,
) -> Result<(ProposalState, Option<String>), Problem> {
    if invited != Some(true) {
        let state = PROPOSAL.apply(standing.state, ProposalEvent::DoNotInvite)?;
        return Ok((state, None));
    }
    if !matches!(next.state()?, StageState::Planned | StageState::Open) {
        return Err(Problem::state(
            "The deadline of full proposals has passed; it cannot be invited any more.",
        ));
    }
    let ranking = invitation::adopted_ranking(tx.conn(), held.filed.stage).await?;
    let listed = ranking
        .unwrap_or_default()
        .iter()
        .any(|entry| entry.proposal == standing.proposal);
    if !listed {
        return Err(Problem::invalid(
            "/invited",
            "not_ranked",
            "it is not on the adopted ranking list; only what is ranked can be invited",
        ));
    }
    let contents =
        proposals::submitted_contents(tx.conn(), held.filed.stage, &[standing.proposal]).await?;
    let content = contents.into_iter().next().map(|(_, content)| content);
    let content: Content = content
        .map(store::text::document)
        .transpose()?
        .unwrap_or_default();
    let judged = proposals::judged(tx.conn(), &[standing.proposal_stage]).await?;
    let given = InvitedInput {
        proposal: standing.proposal,
        conditions: Vec::new(),
    };
    let rows = conditions::of(&given, standing, &content.partners, &judged, next)?;
    let condition = conditions::words(&rows, next)?;
    proposals::insert_conditions(tx.conn(), permit, held.filed.stage, &rows).await?;
    let event = match condition {
        None => ProposalEvent::Invite,
        Some(_) => ProposalEvent::InviteWithConditions,
    };
    Ok((PROPOSAL.apply(standing.state, event)?, condition))
}

/// Begins the full proposal where their stage is open already; else it is begun with all others.
async fn open_full_proposal(
    tx: &mut Tx,
    permit: &Permit,
    stage: &StageRow,
    next: &StageRow,
    standing: &Standing,
) -> Result<(), Problem> {
    if next.state()? != StageState::Open {
        return Ok(());
    }
    let contents = proposals::submitted_contents(tx.conn(), stage.id, &[standing.proposal]).await?;
    let beginnings: Vec<Beginning> = contents
        .into_iter()
        .map(|(proposal, content)| Beginning {
            proposal,
            content,
            saved_by: standing.coordinator,
        })
        .collect();
    Ok(proposals::begin(tx.conn(), permit, next.id, &beginnings).await?)
}

async fn body(
    tx: &mut Tx,
    held: &Held,
    stage: &StageRow,
    judged: bool,
    outcome: LetterOutcome,
    (deadline, remark): (Option<String>, &str),
) -> Result<String, Problem> {
    let rules = stage_rules(&held.call, stage.number)?;
    let agreed = match judged {
        true => consensus::find(tx.conn(), held.row().proposal_stage_id).await?,
        false => None,
    };
    let mut scores = Vec::new();
    if let Some(agreed) = &agreed {
        let given: BTreeMap<String, Score> = agreed.consensus()?.scores;
        let criteria = rules.evaluation.criteria.iter();
        scores.extend(criteria.filter_map(|one| Some((one.title.clone(), *given.get(&one.key)?))));
    }
    let ground = rules.redress.ground(&held.row().ground);
    // A confirmed address is for mails; the letter greets whoever coordinates.
    let coordinator = proposals::account(tx.conn(), held.proposal.coordinator_id).await?;
    Ok(RedressLetter {
        call: &format!("{} ({})", held.call.title, held.call.code),
        rehearsal: held.call.rehearsal,
        proposal: &held.proposal.number,
        name: &coordinator.map_or_else(|| "coordinator".to_owned(), |one| one.name),
        ground: ground.map_or(held.row().ground.as_str(), |one| one.title.as_str()),
        because: held.row().decided_because.as_deref().unwrap_or_default(),
        judged: agreed
            .as_ref()
            .map(|one| (scores.as_slice(), Score(one.total), one.comment.as_str())),
        outcome,
        deadline: deadline.as_deref().unwrap_or_default(),
        remark,
    }
    .body())
}
