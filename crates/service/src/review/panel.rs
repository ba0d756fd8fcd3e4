//! What the papers of the panel on one proposal hang on: the stage, where the proposal stands, and who asks.

use access::{Action, Object, Permit};
use call::{EvaluationRules, StageState};
use store::call::{self as calls, StageRow};
use store::intake::{self as proposals, ProposalRow};
use store::outcome::{self, Standing};
use store::review::facts;
use store::review::rapporteur::{self as rapporteurs, Rapporteur};
use store::view::review::review::Surroundings;
use store::view::review::{Depth, Sight};
use uuid::Uuid;

use super::{evaluation, stage_or_current};
use crate::{Problem, Tx};

/// The kind of an evaluation summary report, as the policy calls it.
pub(super) const SUMMARY_REPORT: &str = "summary_report";

/// A proposal at a stage, before the panel.
pub(super) struct AtPanel {
    pub stage: StageRow,
    pub standing: Standing,
    pub rules: EvaluationRules,
    pub rapporteurs: Vec<Rapporteur>,
    /// The papers as the policy sees them.
    pub object: Object,
    /// Whether the actor coordinates the proposal, and the results of the stage are told.
    pub told: bool,
}

/// Reads it, and asks the policy.
pub(super) async fn read(
    tx: &mut Tx,
    kind: &'static str,
    action: Action,
    proposal: Uuid,
    stage: Option<i32>,
) -> Result<AtPanel, Problem> {
    let known = proposals::find(tx.conn(), proposal).await?;
    let stage = place(tx, kind, action, &known, stage).await?;
    let standing = outcome::find(tx.conn(), proposal, stage.id).await?;
    let found = surround(tx, kind, &known, stage, standing).await?;
    tx.permit(action, &found.object).await?;
    Ok(found)
}

/// Reads it with the stage held and the proposal locked, as everybody does who writes, and asks the policy.
pub(super) async fn hold(
    tx: &mut Tx,
    kind: &'static str,
    action: Action,
    proposal: Uuid,
    stage: Option<i32>,
) -> Result<(AtPanel, Permit), Problem> {
    let known = proposals::find(tx.conn(), proposal).await?;
    let stage = place(tx, kind, action, &known, stage).await?;
    let stage = calls::hold_stage(tx.conn(), stage.id).await?;
    let standing = outcome::lock(tx.conn(), proposal, stage.id).await?;
    let found = surround(tx, kind, &known, stage, standing).await?;
    let permit = tx.permit(action, &found.object).await?;
    Ok((found, permit))
}

/// The stage asked about. Where there is none, only who may ask at all is told why.
async fn place(
    tx: &mut Tx,
    kind: &'static str,
    action: Action,
    known: &ProposalRow,
    asked: Option<i32>,
) -> Result<StageRow, Problem> {
    match stage_or_current(tx, known.call_id, asked).await {
        Ok(stage) => Ok(stage),
        Err(problem) => {
            let bare = Object::of_call(kind, known.id, known.call_id);
            tx.permit(action, &bare).await?;
            Err(problem)
        }
    }
}

async fn surround(
    tx: &mut Tx,
    kind: &'static str,
    known: &ProposalRow,
    stage: StageRow,
    standing: Standing,
) -> Result<AtPanel, Problem> {
    let account = tx.context.actor.account();
    let rapporteurs = rapporteurs::of_proposal(tx.conn(), standing.proposal_stage).await?;
    let own = account == Some(known.coordinator_id);
    // The report is all that a coordinator is ever told of the panel's papers.
    let told = own && standing.released.is_some() && kind == SUMMARY_REPORT;
    let presents = rapporteurs.iter().any(|one| one.account == account);
    let conflicted = outcome::conflicted(tx.conn(), account, known.id).await?;
    let object = Object {
        coordinator: account.filter(|_| told),
        expert: account.filter(|_| presents),
        // Who coordinates a proposal sees nothing of what others say on it, whatever other role is worn.
        conflicted: (conflicted || own) && !told,
        ..Object::of_call(kind, known.id, known.call_id)
    };
    let call = calls::find(tx.conn(), known.call_id).await?;
    Ok(AtPanel {
        rules: evaluation(&call, stage.number)?,
        stage,
        standing,
        rapporteurs,
        object,
        told,
    })
}

impl AtPanel {
    /// What the actor sees of the evaluation; nothing is there for who does not belong to the panel, nor of a proposal that
    /// takes no part in it.
    pub(super) async fn sight(&self, tx: &mut Tx) -> Result<Sight, Problem> {
        let sight = super::sight_at(tx, &self.object, self.stage.number).await?;
        let seen = sight.depth >= Depth::Panel && sight.open(self.standing.proposal);
        if seen && facts::takes_part(self.standing.state) {
            return Ok(sight);
        }
        Err(Problem::not_found())
    }

    /// Whether all reviews of the proposal are released, or the panel is over.
    pub(super) async fn is_ready(&self, tx: &mut Tx) -> Result<bool, Problem> {
        let proposal = self.standing.proposal;
        let around = Surroundings::of(tx.conn(), &self.stage, Some(proposal)).await?;
        Ok(around.at_panel(proposal))
    }

    /// Refuses before all reviews of the proposal are released.
    pub(super) async fn require_ready(&self, tx: &mut Tx) -> Result<(), Problem> {
        if self.is_ready(tx).await? {
            return Ok(());
        }
        Err(Problem::state(
            "The panel talks of a proposal when all its reviews are released, so that nobody's judgement follows \
             another's; release them first.",
        ))
    }

    /// Refuses where no panel meets.
    pub(super) fn require_panel(&self) -> Result<(), Problem> {
        super::convening::has_panel(&self.stage, &self.rules)
    }

    /// Refuses what is done before the ranking list is adopted, and after.
    pub(super) fn require_open(&self, from: StageState) -> Result<(), Problem> {
        use StageState::{Checking, Panel, Rebuttal, Reviewing};
        let states = [Checking, Reviewing, Rebuttal, Panel];
        let state = self.stage.state()?;
        let place = |one| states.iter().position(|known| *known == one);
        if place(state) >= place(from) && place(state).is_some() {
            return Ok(());
        }
        Err(Problem::state(format!(
            "This is done while the stage is '{from}' and later, until the ranking list is adopted; the stage is '{state}'."
        )))
    }
}
