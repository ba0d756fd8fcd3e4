//! The ethics step: assessments begun by the secretariat, given to an ethics expert or recorded by itself, there before
//! the ranking list or the letters as the rules say.

mod record;

use ::review::EthicsState;
use ::review::ethics::{Assessment, Before, Case, check_done};
use access::{Action, Actor, Object};
use call::{EthicsStep, EvaluationRules};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use store::call::{self as calls, StageRow};
use store::intake::{self as proposals, ProposalRow};
use store::outcome::{self, Standing};
use store::review::ethics::{self as rows, EthicsRow};
use store::review::expert::{self as experts, ExpertRow};
use store::view::review::Depth;
use store::view::review::ethics::{self as view, EthicsLine};
use utoipa::ToSchema;
use uuid::Uuid;

use super::adoption::unnamed;
use super::{evaluation, stage_or_current};
use crate::{Answer, Context, Problem, Service, Tx};
pub use record::record_ethics;

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

/// The desk of a stage's ethics step; of it, who is named to look at proposals reads the own ones.
pub async fn read_ethics(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<EthicsLines>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let own = named_in(tx, &stage).await?;
        let object = Object {
            expert: own.as_ref().and_then(|one| one.account_id),
            ..Object::of_call("ethics_assessment", stage.id, call)
        };
        tx.permit(Action::ReadEthics, &object).await?;
        let sight = super::sight_at(tx, &object, number).await?;
        let whole = sight.depth >= Depth::Everything;
        if !whole && own.is_none() {
            return Err(Problem::not_found());
        }
        let own = own.map(|one| one.id);
        let call = calls::find(tx.conn(), call).await?;
        let rules = evaluation(&call, number)?;
        let lines = view::lines(tx.conn(), &stage, &rules).await?;
        let items = lines.into_iter().map(|(_, line)| line);
        Ok(EthicsLines {
            items: items
                .filter(|line| sight.open(line.proposal) && (whole || line.expert == own))
                .collect(),
        })
    };
    service.read(context, work).await
}

/// The actor as the expert who is named to look at a proposal of the stage.
async fn named_in(tx: &mut Tx, stage: &StageRow) -> Result<Option<ExpertRow>, Problem> {
    let Some(account) = tx.context.actor.account() else {
        return Ok(None);
    };
    let own = experts::of_account(tx.conn(), account, stage.call_id).await?;
    let Some(own) = own else {
        return Ok(None);
    };
    let assessments = rows::of_stage(tx.conn(), stage.id).await?;
    let named = assessments.iter().any(|row| row.expert_id == Some(own.id));
    let ready = named && own.may_read(stage.number)?;
    Ok(ready.then_some(own))
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
            let one = experts::find(tx.conn(), id).await?;
            one.may_read(stage.number)?.then_some(one)
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
        let row = rows::find(tx.conn(), opened.standing.proposal_stage).await?;
        let told = row.map(|row| row.told()).transpose()?.flatten();
        let told = told.map(|told| line.for_applicants(told));
        return told.ok_or_else(Problem::not_found);
    }
    let sight = super::sight_at(tx, &opened.object, opened.stage.number).await?;
    let named = account.is_some() && opened.object.expert == account;
    if !sight.open(line.proposal) || sight.depth < Depth::Everything && !named {
        return Err(Problem::not_found());
    }
    Ok(line)
}

/// One proposal at the ethics step; its coordinator reads the outcome once the letters are out, and goes on reading it while
/// it is looked at again, until a further letter tells what came of that.
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
    let sight = super::sight_at(tx, &stage.object(), stage.number).await?;
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
