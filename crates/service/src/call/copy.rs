//! A new call after the model of an earlier one.

use access::{Action, Object};
use call::{CallState, StageDates, StageState};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as rows, CallRow, ParticipationRow, StageRow};
use store::view::call::{self as view, CallView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::draft::insert;
use super::read::visible;
use super::{calendar_of, check_heading};
use crate::{Answer, Context, Problem, Service, Tx};

/// What is different in the copy.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CopyInput {
    /// Its code.
    #[schema(example = "JTC2027")]
    pub code: String,
    /// Its title.
    pub title: String,
    /// Its year.
    pub year: i32,
    /// By how many whole weeks its calendar is later, so that weekdays stay; local times stay as well.
    pub weeks: i16,
}

/// Drafts a call after an earlier one: rules, calendar, mapping to action items and funders with their
/// ceilings; commitments are pledged anew,
/// and what was announced is announced anew.
pub async fn copy_call(
    service: &Service,
    context: Context,
    id: Uuid,
    input: CopyInput,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let model = visible(tx, id).await?;
        let new = kernel::id::new();
        let permit = tx
            .permit(Action::DraftCall, &Object::of_call("call", new, new))
            .await?;
        check(&input)?;
        let stages = rows::stages(tx.conn(), id).await?;
        let calendar = calendar_of(&stages, model.milestones()?)?
            .shifted_weeks(input.weeks)
            .map_err(|fault| {
                let detail = format!("{fault}; give another number");
                Problem::invalid("/weeks", "clock_change", detail)
            })?;
        let stages = shifted(&stages, new, calendar.stages);
        let row = CallRow {
            id: new,
            code: input.code.trim().to_owned(),
            title: input.title.trim().to_owned(),
            year: input.year,
            state: CallState::Draft.to_string(),
            milestones: serde_json::to_value(&calendar.milestones).map_err(Problem::internal)?,
            budget: None,
            funders_total: None,
            countries_total: None,
            version: 1,
            ..model
        };
        insert(tx, &permit, &row, &stages).await?;
        let funders: Vec<ParticipationRow> = rows::participations(tx.conn(), id)
            .await?
            .into_iter()
            .map(|funder| ParticipationRow {
                id: kernel::id::new(),
                call_id: new,
                commitment: 0,
                decided: 0,
                available: None,
                version: 1,
                joined: None,
                ..funder
            })
            .collect();
        rows::copy_parts(tx.conn(), &permit, id, new, &funders).await?;
        let detail = json!({ "code": row.code, "copied_from": id });
        tx.audit(&permit, Some(1), None, detail).await?;
        Ok(view::call_view(tx.conn(), &row, true).await?)
    };
    service.write(context, work).await
}

fn check(input: &CopyInput) -> Result<(), Problem> {
    let mut faults = Faults::default();
    let words = [("/code", input.code.as_str()), ("/title", &input.title)];
    check_heading(&words, input.year, &mut faults);
    faults.require(
        (-5_200..=5_200).contains(&input.weeks),
        "/weeks",
        "out_of_range",
        "give at most 5200 weeks",
    );
    Ok(faults.or(())?)
}

/// The stages some weeks later, at the same local times; their labels are made anew.
fn shifted(stages: &[StageRow], call: Uuid, after: Vec<StageDates>) -> Vec<StageRow> {
    let moved = stages.iter().zip(after);
    moved
        .map(|(stage, dates)| StageRow {
            id: kernel::id::new(),
            call_id: call,
            state: StageState::Planned.to_string(),
            opens_at: dates.opens_at,
            deadline_at: dates.deadline.at,
            label: dates.deadline.label,
            moved: 0,
            under_represented: Vec::new(),
            version: 1,
            ..stage.clone()
        })
        .collect()
}
