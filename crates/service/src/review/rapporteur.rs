//! Rapporteurs: who presents which proposal at the panel.

use std::collections::BTreeSet;

use ::review::panel::{Sitting, check_rapporteurs};
use access::{Action, Object};
use call::StageState;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, StageRow};
use store::outcome;
use store::review::rapporteur::{self as rows, Presented};
use store::review::{conflict as conflicts, expert as experts};
use store::view::review::Depth;
use store::view::review::rapporteur::{self as view, RapporteurLine};
use utoipa::ToSchema;
use uuid::Uuid;

use super::panel::{self, AtPanel};
use super::{call_words, stage_of_id, stage_words};
use crate::{Answer, Context, Problem, Service, Tx};

const KIND: &str = "rapporteur";

/// The proposals of a stage with their rapporteurs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Rapporteurs {
    /// By number.
    pub items: Vec<RapporteurLine>,
}

/// Who presents a proposal at the panel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RapporteurInput {
    /// Members of the panel by their ids as experts of the call, the leading one first; at most three, and none to have
    /// nobody present it.
    pub experts: Vec<Uuid>,
}

/// The rapporteurs of a stage.
pub async fn read_rapporteurs(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<Rapporteurs>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let object = Object::of_call(KIND, stage.id, call);
        tx.permit(Action::ReadRapporteurs, &object).await?;
        let sight = super::sight_at(tx, &object, number).await?;
        if sight.depth < Depth::Panel {
            return Err(Problem::not_found());
        }
        Ok(Rapporteurs {
            items: view::lines(tx.conn(), &stage, &sight).await?,
        })
    };
    service.read(context, work).await
}

async fn shown(tx: &mut Tx, found: &AtPanel) -> Result<RapporteurLine, Problem> {
    let sight = found.sight(tx).await?;
    let ready = found.is_ready(tx).await?;
    let named = &found.rapporteurs;
    Ok(view::line(&found.standing, named, ready, &sight))
}

/// The rapporteurs of one proposal.
pub async fn read_proposal_rapporteurs(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
) -> Result<Answer<RapporteurLine>, Problem> {
    let work = async move |tx: &mut Tx| {
        let found = panel::read(tx, KIND, Action::ReadRapporteurs, proposal, stage).await?;
        shown(tx, &found).await
    };
    service.read(context, work).await
}

/// Names the rapporteurs of a proposal, in place of those before.
pub async fn name_rapporteurs(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
    input: RapporteurInput,
) -> Result<Answer<RapporteurLine>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (mut found, permit) =
            panel::hold(tx, KIND, Action::NameRapporteurs, proposal, stage).await?;
        let current = shown(tx, &found).await?;
        tx.precondition(&current)?;
        found.require_panel()?;
        found.require_open(StageState::Checking)?;
        let sitting = sitting(tx, &found, &input).await?;
        check_rapporteurs(&input.experts, &sitting).or(())?;
        let row = found.standing.proposal_stage;
        rows::name(tx.conn(), &permit, (proposal, row), &input.experts).await?;
        let detail = json!({ "experts": input.experts, "stage": found.stage.number });
        tx.audit(&permit, None, None, detail).await?;
        let before = found.rapporteurs.iter().map(|one| one.expert);
        let before: Vec<Uuid> = before.collect();
        let about = (&found.stage, found.standing.number.as_str());
        tell(tx, about, &before, &input.experts).await?;
        found.rapporteurs = rows::of_proposal(tx.conn(), row).await?;
        shown(tx, &found).await
    };
    service.write(context, work).await
}

/// Writes to who presents the proposal from now on, to who leads or helps instead of the other, and to who does not
/// present it any more.
pub(super) async fn tell(
    tx: &mut Tx,
    (stage, number): (&StageRow, &str),
    before: &[Uuid],
    named: &[Uuid],
) -> Result<(), Problem> {
    let call = calls::find(tx.conn(), stage.call_id).await?;
    // Whether somebody leads or helps, if either.
    let at = |list: &[Uuid], expert: Uuid| {
        let place = list.iter().position(|one| *one == expert);
        place.map(|place| place == 0)
    };
    for expert in experts::of_call(tx.conn(), call.id).await? {
        let then = at(before, expert.id);
        let now = at(named, expert.id);
        let template = match now {
            _ if then == now => continue,
            Some(_) => "rapporteur_named",
            None => "rapporteur_released",
        };
        let mut letter = json!({
            "name": expert.name, "call": call_words(&call), "stage": stage_words(stage), "proposal": number,
            "link": format!("{}/me/experts", tx.service.settings().public_url),
        });
        if let Some(leads) = now {
            letter["leads"] = json!(leads);
        }
        tx.mail(Some(&call), &expert.email, template, letter)
            .await?;
    }
    Ok(())
}

/// What experts present of these pairs of expert and proposal, as no conflict of interest stands between the two; asked
/// before one comes or goes, for [`tell_since`].
pub(super) async fn presented(
    tx: &mut Tx,
    pairs: &BTreeSet<(Uuid, Uuid)>,
) -> Result<Vec<Presented>, Problem> {
    let experts: BTreeSet<Uuid> = pairs.iter().map(|(expert, _)| *expert).collect();
    let experts: Vec<Uuid> = experts.into_iter().collect();
    let mut presented = rows::presented(tx.conn(), &experts).await?;
    presented.retain(|one| pairs.contains(&(one.expert_id, one.proposal_id)));
    Ok(presented)
}

/// Once conflicts of interest of these pairs came or went: writes to the rapporteurs who present a proposal of the call no
/// longer, and to those who do so again, as nobody else was named meanwhile. `before` is what they presented until then. What
/// the conflict rests on stands in no mail.
pub(super) async fn tell_since(
    tx: &mut Tx,
    call: Uuid,
    pairs: &BTreeSet<(Uuid, Uuid)>,
    before: &[Presented],
) -> Result<(), Problem> {
    let now = presented(tx, pairs).await?;
    for one in before.iter().filter(|one| !one.is_among(&now)) {
        tell_one(tx, call, one, None).await?;
    }
    for one in now.iter().filter(|one| !one.is_among(before)) {
        let standing = outcome::find(tx.conn(), one.proposal_id, one.stage_id).await?;
        let present = rows::of_proposal(tx.conn(), standing.proposal_stage).await?;
        let first = present.first();
        let leads = first.is_some_and(|row| row.expert == one.expert_id);
        tell_one(tx, call, one, Some(leads)).await?;
    }
    Ok(())
}

/// Writes to an expert who leads or helps from now on, or presents the proposal no longer.
async fn tell_one(
    tx: &mut Tx,
    call: Uuid,
    one: &Presented,
    leads: Option<bool>,
) -> Result<(), Problem> {
    let stage = stage_of_id(tx, call, one.stage_id).await?;
    let call = calls::find(tx.conn(), call).await?;
    let mut letter = json!({
        "name": one.name, "call": call_words(&call), "stage": stage_words(&stage), "proposal": one.number,
        "link": format!("{}/me/experts", tx.service.settings().public_url),
    });
    let mut template = "rapporteur_released";
    if let Some(leads) = leads {
        letter["leads"] = json!(leads);
        template = "rapporteur_named";
    }
    tx.mail(Some(&call), &one.email, template, letter).await
}

/// The experts named, towards the proposal.
async fn sitting(
    tx: &mut Tx,
    found: &AtPanel,
    input: &RapporteurInput,
) -> Result<Vec<Sitting>, Problem> {
    let known = experts::of_call(tx.conn(), found.stage.call_id).await?;
    let coordinator = found.standing.coordinator;
    let mut sitting = Vec::new();
    for one in known.iter().filter(|one| input.experts.contains(&one.id)) {
        let proposal = found.standing.proposal;
        let wall = outcome::conflicted(tx.conn(), one.account_id, proposal).await?;
        let waits = conflicts::forbid(tx.conn(), one.id, proposal).await?;
        sitting.push(Sitting {
            expert: one.id,
            role: one.role()?,
            ready: one.may_read(found.stage.number)?,
            conflicted: wall || waits || one.account_id == Some(coordinator),
        });
    }
    Ok(sitting)
}
