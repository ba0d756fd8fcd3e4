//! Drafting a call and rewriting the draft.

use access::{Action, Object, Permit};
use call::{CallState, KnownDoubt, Milestone, Rules, StageState};
use chrono::{DateTime, Utc};
use kernel::{Amount, Deadline, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as rows, CallRow, StageRow};
use store::review::expert as experts;
use store::view::call::{self as view, CallView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::mapping::unknown_in_parts;
use super::topic_money::check_change;
use super::{amount_above_nothing, calendar, check_heading, refreshed};
use crate::{Answer, Context, Problem, Service, Tx};

/// What a call says while it is drafted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallInput {
    /// Short code, unique in the installation, such as `JTC2026`.
    #[schema(example = "JTC2026")]
    pub code: String,
    /// Title.
    pub title: String,
    /// What the call is about.
    pub topic: String,
    /// Year.
    #[schema(example = 2026)]
    pub year: i32,
    /// A rehearsal: marked everywhere, and allowed to shorten its own deadlines. Cannot be changed later.
    #[serde(default)]
    pub rehearsal: bool,
    /// An idea that members are to state their interest in, before it is drafted.
    #[serde(default)]
    pub idea: bool,
    /// The rules; left out, the usual ones of a two-stage call.
    #[serde(default = "Rules::default_two_stage")]
    pub rules: Rules,
    /// One entry for each stage of the rules.
    pub stages: Vec<StageInput>,
    /// What else has a date.
    #[serde(default)]
    pub milestones: Vec<Milestone>,
    /// The budget as announced, in the call's currency.
    #[serde(default)]
    pub budget: Option<Amount>,
    /// How many funders take part, as announced.
    #[serde(default)]
    pub funders_total: Option<u32>,
    /// From how many countries.
    #[serde(default)]
    pub countries_total: Option<u32>,
    /// What of this is not known, or not from the call itself. A pointer is that of the call file.
    #[serde(default)]
    pub doubts: Vec<KnownDoubt>,
}

/// When a stage is open.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StageInput {
    /// From when proposals can be submitted; left out while it is not known. A second stage without it
    /// opens with the invitations to it.
    #[serde(default)]
    pub opens_at: Option<DateTime<Utc>>,
    /// Until when.
    pub deadline: Deadline,
}

/// Drafts a call; whoever drafts it becomes its secretariat.
pub async fn draft_call(
    service: &Service,
    context: Context,
    input: CallInput,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let id = kernel::id::new();
        let permit = tx
            .permit(Action::DraftCall, &Object::of_call("call", id, id))
            .await?;
        let unknown = unknown_in_parts(tx, &input.rules).await?;
        let (row, stages) = rows_of(id, &input, unknown)?;
        insert(tx, &permit, &row, &stages).await?;
        tx.audit(&permit, Some(1), None, json!({ "code": row.code }))
            .await?;
        Ok(view::call_view(tx.conn(), &row, true).await?)
    };
    service.write(context, work).await
}

/// Inserts a draft with its stages; whoever drafts it becomes its secretariat.
pub(super) async fn insert(
    tx: &mut Tx,
    permit: &Permit,
    row: &CallRow,
    stages: &[StageRow],
) -> Result<(), Problem> {
    rows::insert(tx.conn(), permit, row, stages)
        .await
        .map_err(code_taken)?;
    if let Some(account) = permit.account() {
        store::access::grant_secretariat(tx.conn(), permit, account, row.id).await?;
    }
    Ok(())
}

fn code_taken(error: store::StoreError) -> Problem {
    match error {
        store::StoreError::Exists(constraint) if constraint == "call_code_key" => Problem::invalid(
            "/code",
            "taken",
            "another call has this code; choose another one",
        ),
        other => other.into(),
    }
}

/// The rows of a draft; `faults` are those found already.
pub(super) fn rows_of(
    id: Uuid,
    input: &CallInput,
    mut faults: Faults,
) -> Result<(CallRow, Vec<StageRow>), Problem> {
    let words = [
        ("/code", input.code.as_str()),
        ("/title", &input.title),
        ("/topic", &input.topic),
    ];
    check_heading(&words, input.year, &mut faults);
    for fault in input.rules.check().0 {
        faults.add(
            format!("/rules{}", fault.pointer),
            &fault.code,
            fault.detail,
        );
    }
    faults.require(
        input.stages.len() == input.rules.stages.len(),
        "/stages",
        "stages",
        format!(
            "the rules have {} stages and {} are given; give opening and deadline for each",
            input.rules.stages.len(),
            input.stages.len()
        ),
    );
    let dates = input.stages.iter().map(|s| (s.opens_at, &s.deadline));
    let calendar = calendar(dates, input.milestones.clone());
    let co_funded = input.rules.funding.eu.is_some();
    faults.0.extend(kernel::faults(calendar.check(co_funded)).0);
    announced(input, &mut faults);
    faults.or(())?;
    let total = |count: Option<u32>| count.and_then(|count| i32::try_from(count).ok());
    let row = CallRow {
        id,
        code: input.code.trim().to_owned(),
        title: input.title.trim().to_owned(),
        topic: input.topic.trim().to_owned(),
        year: input.year,
        state: if input.idea {
            CallState::Idea
        } else {
            CallState::Draft
        }
        .to_string(),
        rehearsal: input.rehearsal,
        rules: serde_json::to_value(&input.rules).map_err(Problem::internal)?,
        milestones: serde_json::to_value(&input.milestones).map_err(Problem::internal)?,
        budget: input.budget.map(|budget| budget.0),
        funders_total: total(input.funders_total),
        countries_total: total(input.countries_total),
        doubts: serde_json::to_value(&input.doubts).map_err(Problem::internal)?,
        version: 1,
    };
    let stages = (1..)
        .zip(&input.stages)
        .zip(&input.rules.stages)
        .map(|((number, stage), rules)| StageRow {
            id: kernel::id::new(),
            call_id: id,
            number,
            kind: rules.kind.to_string(),
            state: StageState::Planned.to_string(),
            opens_at: stage.opens_at,
            deadline_at: stage.deadline.at,
            zone: stage.deadline.zone.name().to_owned(),
            label: stage.deadline.label.clone(),
            moved: 0,
            under_represented: Vec::new(),
            version: 1,
        })
        .collect();
    Ok((row, stages))
}

/// Notes what is wrong with the figures as announced, and with the places of doubts.
fn announced(input: &CallInput, faults: &mut Faults) {
    amount_above_nothing(input.budget, "/budget", faults);
    for (pointer, count) in [
        ("/funders_total", input.funders_total),
        ("/countries_total", input.countries_total),
    ] {
        faults.require(
            count.is_none_or(|count| count <= 10_000),
            pointer,
            "out_of_range",
            "give at most 10000",
        );
    }
    let doubts = input.doubts.iter().enumerate();
    let found = doubts.map(|(at, doubt)| doubt.finding(at));
    faults.0.extend(kernel::faults(found).0);
}

/// Replaces what a draft says.
pub async fn edit_call(
    service: &Service,
    context: Context,
    id: Uuid,
    input: CallInput,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::lock(tx.conn(), id).await?;
        let permit = tx.permit(Action::EditCall, &row.object()).await?;
        let current = view::call_view(tx.conn(), &row, true).await?;
        tx.precondition(&current)?;
        if !matches!(row.state()?, CallState::Idea | CallState::Draft) {
            return Err(Problem::state(format!(
                "Only an idea or a draft can be rewritten, and the call is '{}'; amend it, extend a stage or cancel the call.",
                row.state
            )));
        }
        let mut unknown = unknown_in_parts(tx, &input.rules).await?;
        check_change(tx, &row, &input.rules, &mut unknown).await?;
        let (new, stages) = rows_of(id, &input, unknown)?;
        let new = CallRow {
            state: row.state.clone(),
            rehearsal: row.rehearsal,
            version: row.version,
            ..new
        };
        rows::replace(tx.conn(), &permit, &new, &stages)
            .await
            .map_err(code_taken)?;
        experts::forget_stages(tx.conn(), &permit, id).await?;
        tx.audit(&permit, Some(row.version + 1), None, json!({}))
            .await?;
        refreshed(tx, id).await
    };
    service.write(context, work).await
}
