//! Convening the panel of a stage: with the meeting begins what the panel does together.

use std::collections::BTreeSet;

use ::review::{ExpertState, Meeting};
use access::{Action, Object, Role};
use call::{EvaluationRules, STAGE, StageEvent, StageState};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, CallRow, StageRow};
use store::outcome::{self, Standing};
use store::review::{expert as experts, facts, meeting as rows, rapporteur as rapporteurs};
use store::view::review::meeting::{self as view, PanelView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::release::places;
use super::window::{Awaited, replies_are_in, until};
use super::{bereft, call_words, evaluation, stage_words};
use crate::{Answer, Context, Problem, Service, Tx};

/// When and where the panel is to meet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Convening {
    /// When the meeting begins.
    pub meets_at: DateTime<Utc>,
    /// Where: an address, the link of a conference, or both; at most 500 characters.
    #[serde(default)]
    pub place: String,
    /// Whether the panel meets online. Then the place may come later.
    #[serde(default)]
    pub online: bool,
    /// Whether the panel is convened although reviews are missing that a conflict of interest voided.
    #[serde(default)]
    pub despite_findings: bool,
}

fn object(stage: &StageRow) -> Object {
    Object::of_call("panel_meeting", stage.id, stage.call_id)
}

/// When and where the panel of a stage meets.
pub async fn read_panel(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<PanelView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        tx.permit(Action::ReadPanel, &object(&stage)).await?;
        let row = rows::find(tx.conn(), stage.id).await?;
        Ok(view::panel(number, row.as_ref()))
    };
    service.read(context, work).await
}

/// Convenes the panel once all reviews of the stage are released and the applicants have had their time to reply; or, when
/// it is convened, tells of another time or place.
pub async fn convene_panel(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    input: Convening,
) -> Result<Answer<PanelView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let stage = calls::lock_stage(tx.conn(), stage.id).await?;
        let permit = tx.permit(Action::ConvenePanel, &object(&stage)).await?;
        let before = rows::find(tx.conn(), stage.id).await?;
        tx.precondition(&view::panel(number, before.as_ref()))?;
        let call = calls::find(tx.conn(), call).await?;
        let rules = evaluation(&call, number)?;
        has_panel(&stage, &rules)?;
        let standings: Vec<Standing> = outcome::standings(tx.conn(), stage.id)
            .await?
            .into_iter()
            .filter(|standing| facts::takes_part(standing.state))
            .collect();
        let mut despite = Vec::new();
        if stage.state()? != StageState::Panel {
            let next = STAGE.apply(stage.state()?, StageEvent::ConvenePanel)?;
            replies_are_in(tx, &stage, &rules, Awaited::Common).await?;
            let sight = super::sight_at(tx, &object(&stage), number).await?;
            let accepted = input.despite_findings;
            let found = bereft::check(tx, &stage, &standings, &sight, accepted).await?;
            despite = places(&found);
            calls::set_stage_state(tx.conn(), &permit, &stage, next).await?;
        }
        let meeting = Meeting {
            meets_at: input.meets_at,
            place: input.place,
            online: input.online,
        };
        meeting.check(tx.now().await?).or(())?;
        let at = (stage.id, stage.call_id);
        rows::convene(tx.conn(), &permit, at, &meeting, before.as_ref()).await?;
        let told = tell(tx, &call, &stage, &standings, &meeting).await?;
        let version = before.map_or(1, |row| row.version + 1);
        let detail = json!({
            "stage": number, "meets_at": meeting.meets_at, "told": told, "despite": despite,
        });
        tx.audit(&permit, Some(version), None, detail).await?;
        let row = rows::find(tx.conn(), stage.id).await?;
        Ok(view::panel(number, row.as_ref()))
    };
    service.write(context, work).await
}

/// One mail to everybody who sits on the panel, with what the expert presents there; answers to how many.
async fn tell(
    tx: &mut Tx,
    call: &CallRow,
    stage: &StageRow,
    standings: &[Standing],
    meeting: &Meeting,
) -> Result<usize, Problem> {
    let named = rapporteurs::of_stage(tx.conn(), stage.id).await?;
    let mut people: Vec<(String, String, Vec<&str>)> = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for expert in experts::of_call(tx.conn(), call.id).await? {
        if expert.state()? != ExpertState::Contracted || !expert.role()?.sits_on_panel() {
            continue;
        }
        let presents = standings.iter().filter(|standing| {
            let at = |row: &rapporteurs::Rapporteur| {
                row.expert == expert.id && row.proposal_stage == standing.proposal_stage
            };
            named.iter().any(at)
        });
        let numbers = presents.map(|one| one.number.as_str()).collect();
        seen.insert(expert.email.to_lowercase());
        people.push((expert.name, expert.email, numbers));
    }
    // Who chairs or sits by a role alone, without being an expert of the call.
    let roles = [Role::PanelChair, Role::PanelMember];
    for holder in store::access::holders::holders(tx.conn(), call.id, &roles).await? {
        if seen.insert(holder.email.to_lowercase()) {
            people.push((holder.name, holder.email, Vec::new()));
        }
    }
    let link = format!("{}/me/experts", tx.service.settings().public_url);
    for (name, email, proposals) in &people {
        let letter = json!({
            "name": name, "call": call_words(call), "stage": stage_words(stage),
            "time_utc": until(meeting.meets_at), "place": meeting.place.trim(), "online": meeting.online,
            "proposals": proposals, "link": link,
        });
        tx.mail(Some(call), email, "panel_convened", letter).await?;
    }
    Ok(people.len())
}

/// Refuses where no panel meets.
pub(super) fn has_panel(stage: &StageRow, rules: &EvaluationRules) -> Result<(), Problem> {
    if rules.panel {
        return Ok(());
    }
    Err(Problem::state(format!(
        "By the rules of the call no panel meets at stage {}.",
        stage.number
    )))
}

/// Refuses what the panel does together before it is convened, where the rules have one.
pub(super) fn convened(stage: &StageRow, rules: &EvaluationRules) -> Result<(), Problem> {
    if !rules.panel || stage.state()? == StageState::Panel {
        return Ok(());
    }
    Err(Problem::state(
        "The panel is not convened yet; say when and where it meets first (PUT /calls/{call}/stages/{stage}/panel).",
    ))
}
