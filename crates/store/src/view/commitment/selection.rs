use std::collections::BTreeMap;

use ::commitment::{
    Adoption, Cause, Difference, LineState, Overrides, Selection, SelectionInput, SelectionState,
    awards, difference, explain,
};
use call::StageState;
use chrono::{DateTime, Utc};
use kernel::{Amount, Currency};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::call::stages;
use crate::commitment::amendment::is_untold;
use crate::commitment::selection::{LineRow, SelectionRow, find, in_force, lines};
use crate::{Conn, StoreError, text};

/// A selection, with what it was computed from, so that anybody can compute it again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SelectionView {
    /// Its id.
    pub id: Uuid,
    /// The call.
    pub call: Uuid,
    /// Counted from 1 in the call.
    pub number: i32,
    /// Where it stands.
    pub state: SelectionState,
    /// What has to happen next.
    pub next: String,
    /// Numbers of the proposals to be funded, in ranking order.
    pub selected: Vec<String>,
    /// Numbers of the proposals that come next if there is more money, in ranking order.
    pub reserve: Vec<String>,
    /// The scenario it was proposed of.
    pub scenario: Option<Uuid>,
    /// The selection whose place it is to take, or took.
    pub amends: Option<Uuid>,
    /// Why it amends that one.
    pub cause: Option<Cause>,
    /// The same in the words of the secretariat.
    pub reason: Option<String>,
    /// What it changes of the selection that it amends.
    pub difference: Option<Difference>,
    /// What each paying funder is to pay, and its answer.
    pub lines: Vec<LineView>,
    /// Name and version of what computed it.
    pub engine: String,
    /// What it was computed from; funders go by their keys, proposals by their numbers.
    pub input: SelectionInput,
    /// What was computed.
    pub result: Selection,
    /// The result in sentences.
    pub explanation: Vec<String>,
    /// EU money that is lost because proposals of the list are not funded above others that are: it is earned only above
    /// the first gap.
    pub eu_lost_to_gaps: Amount,
    /// How the committee adopted it.
    pub adoption: Option<Adoption>,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
    /// When the adoption was recorded.
    pub adopted_at: Option<DateTime<Utc>>,
    /// When the committee's chair confirmed it.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Since when it is in force, or from when it was.
    pub finalised_at: Option<DateTime<Utc>>,
}

/// The selections of a call, each kept as it was decided.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Selections {
    /// By number.
    pub items: Vec<SelectionSummary>,
}

/// A selection in a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SelectionSummary {
    /// Its id.
    pub id: Uuid,
    /// Counted from 1 in the call.
    pub number: i32,
    /// Where it stands; `final` is the one in force.
    pub state: SelectionState,
    /// The selection whose place it is to take, or took.
    pub amends: Option<Uuid>,
    /// Why it amends that one.
    pub cause: Option<Cause>,
    /// How many projects it funds.
    pub projects: usize,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
    /// Since when it is in force, or from when it was.
    pub finalised_at: Option<DateTime<Utc>>,
}

/// A selection in a list.
pub fn selection_summary(row: &SelectionRow) -> Result<SelectionSummary, StoreError> {
    Ok(SelectionSummary {
        id: row.id,
        number: row.number,
        state: row.state()?,
        amends: row.amends,
        cause: row.cause()?,
        projects: row.result()?.selected.len(),
        proposed_at: row.proposed_at,
        finalised_at: row.finalised_at,
    })
}

/// What one funder is to pay, and its answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LineView {
    /// The selection.
    pub selection: Uuid,
    /// Key of the funder.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// What its applicants get.
    pub requested: Amount,
    /// What of that is EU money.
    pub eu: Amount,
    /// What of that is national money: what the funder commits itself to by accepting.
    pub national: Amount,
    /// What of its national money is of its commitment to each topic, where topics have money of their own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub topics: BTreeMap<String, Amount>,
    /// Currency of the amounts.
    pub currency: Currency,
    /// The projects it pays for.
    pub projects: Vec<LineProject>,
    /// Where it stands.
    pub state: LineState,
    /// Why it was refused.
    pub reason: Option<String>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// Number of the selection in which the funder accepted the same: it was not asked again.
    pub carried_from: Option<i32>,
}

/// What a funder is to pay for one project.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LineProject {
    /// The proposal's number.
    pub number: String,
    /// What the project's partners get of the funder.
    pub requested: Amount,
    /// What of that is EU money, in proportion to the requests.
    pub eu: Amount,
    /// What of that is the funder's national money.
    pub national: Amount,
}

/// A line as the steering committee sees it.
pub fn line(row: &LineRow, of: &SelectionRow) -> Result<LineView, StoreError> {
    let (input, result) = (of.input()?, of.result()?);
    line_view(row, of.id, &input, &result)
}

fn line_view(
    row: &LineRow,
    selection: Uuid,
    input: &SelectionInput,
    result: &Selection,
) -> Result<LineView, StoreError> {
    let projects = awards(input, result, &row.key);
    let projects = projects.into_iter().map(|award| LineProject {
        number: award.code,
        requested: award.requested,
        eu: award.eu,
        national: award.national,
    });
    let of_topic = result.topics.iter().filter_map(|one| {
        let mut funders = one.result.funders.iter();
        let own = funders.find(|funder| funder.funder == row.key)?;
        Some((one.topic.clone(), own.national))
    });
    Ok(LineView {
        selection,
        organisation: row.key.clone(),
        name: row.name.clone(),
        requested: Amount(row.requested),
        eu: Amount(row.eu),
        national: Amount(row.national),
        topics: of_topic.collect(),
        currency: input.currency,
        projects: projects.collect(),
        state: row.state()?,
        reason: row.reason.clone(),
        answered_at: row.answered_at,
        carried_from: row.carried_from,
    })
}

/// The whole selection.
pub async fn selection(conn: &mut Conn, row: &SelectionRow) -> Result<SelectionView, StoreError> {
    let (input, result) = (row.input()?, row.result()?);
    let lines = lines(conn, row.id).await?;
    let lines: Vec<LineView> = lines
        .iter()
        .map(|line| line_view(line, row.id, &input, &result))
        .collect::<Result<_, _>>()?;
    let state = row.state()?;
    let before = match row.amends {
        Some(before) => Some(find(conn, before).await?),
        None => None,
    };
    let changes = |before: SelectionRow| -> Result<Difference, StoreError> {
        Ok(difference(
            before.number,
            &before.result()?,
            &result,
            input.currency,
        ))
    };
    let changes = before.map(changes).transpose()?;
    let (eu_lost_to_gaps, explanation) = explained(&Overrides::default(), &input, &result)?;
    Ok(SelectionView {
        id: row.id,
        call: row.call_id,
        number: row.number,
        state,
        next: next(row, state, &lines, told(conn, row, state).await?),
        selected: result.selected.clone(),
        reserve: result.reserve(),
        scenario: row.scenario_id,
        amends: row.amends,
        cause: row.cause()?,
        reason: row.reason.clone(),
        difference: changes,
        lines,
        engine: row.engine.clone(),
        explanation,
        eu_lost_to_gaps,
        input,
        result,
        adoption: row.minutes.clone().map(text::document).transpose()?,
        proposed_at: row.proposed_at,
        adopted_at: row.adopted_at,
        confirmed_at: row.confirmed_at,
        finalised_at: row.finalised_at,
    })
}

/// What EU money a selection loses to gaps, also to those of what these overrides leave off the list, and the whole of it
/// in sentences.
pub(super) fn explained(
    overrides: &Overrides,
    input: &SelectionInput,
    result: &Selection,
) -> Result<(Amount, Vec<String>), StoreError> {
    let lost = overrides.eu_lost(input, result);
    let lost = lost.map_err(|_| StoreError::Refused("a selection's input".to_owned()))?;
    let mut explanation = explain::selection(result, input.currency);
    explanation.extend(explain::eu_lost(lost, input.currency));
    Ok((lost, explanation))
}

/// What the words on the next step depend on besides the selection itself.
enum Around {
    /// Nothing is decided yet.
    Open,
    /// Another selection is in force.
    Decided,
    /// It is in force, and the letters of the stage are still to come.
    BeforeLetters,
    /// It is in force, and letters have to tell what it changed.
    Untold,
    /// It is in force, and nobody is left to be told.
    Told,
}

async fn told(
    conn: &mut Conn,
    row: &SelectionRow,
    state: SelectionState,
) -> Result<Around, StoreError> {
    match state {
        SelectionState::Confirmed => Ok(match in_force(conn, row.call_id).await? {
            Some(_) => Around::Decided,
            None => Around::Open,
        }),
        SelectionState::Final => {
            let stages = stages(conn, row.call_id).await?;
            let own = stages.iter().find(|stage| stage.id == row.stage_id);
            let state = own.map(|stage| stage.state()).transpose()?;
            Ok(match state {
                Some(StageState::Communicated) => match is_untold(conn, row.stage_id).await? {
                    true => Around::Untold,
                    false => Around::Told,
                },
                _ => Around::BeforeLetters,
            })
        }
        _ => Ok(Around::Open),
    }
}

fn next(row: &SelectionRow, state: SelectionState, lines: &[LineView], around: Around) -> String {
    let with = |state: LineState| -> Vec<&str> {
        lines
            .iter()
            .filter(|line| line.state == state)
            .map(|line| line.organisation.as_str())
            .collect()
    };
    let (open, refused) = (with(LineState::Open), with(LineState::Refused));
    match state {
        SelectionState::Proposed => {
            "The secretariat records how the steering committee adopts it.".to_owned()
        }
        SelectionState::Adopted => {
            "The committee's chair confirms it; a second person must.".to_owned()
        }
        SelectionState::Confirmed if !refused.is_empty() => format!(
            "{} refused: it cannot become final. {}",
            refused.join(", "),
            match around {
                Around::Decided => "Amend it.",
                _ => "Amend it, or correct the commitments and propose anew.",
            }
        ),
        SelectionState::Confirmed => format!(
            "{} of {} funders have accepted; waiting for {}.",
            lines.len() - open.len(),
            lines.len(),
            open.join(", ")
        ),
        SelectionState::Final => match around {
            Around::BeforeLetters => "It is final; the letters of the stage can be released.",
            Around::Untold => {
                "It is final and in force; who is funded now, or not any more, has to be told."
            }
            _ => "It is final and in force, and all concerned have been told.",
        }
        .to_owned(),
        SelectionState::Amended if row.finalised_at.is_some() => {
            "It was final, until another selection took its place.".to_owned()
        }
        SelectionState::Amended => "Another selection took its place.".to_owned(),
    }
}
