//! Calls as their viewers see them.

use std::collections::HashMap;

use ::call::{CallState, KnownDoubt, Milestone, ModuleRule, Rules, StageState, Terms};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{Amount, Deadline};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::commitment::{CommitmentView, commitments};
use super::document::{DocumentView, documents};
use super::publication::{ChangeView, changes};
use crate::call::{CallRow, StageRow, stages};
use crate::schema::{
    action_item, agenda, call, call_action_item, organisation, participation, stage,
};
use crate::{Conn, StoreError, text};

/// A call in a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CallSummary {
    /// Its id.
    pub id: Uuid,
    /// Short code, such as `JTC2026`.
    pub code: String,
    /// Title.
    pub title: String,
    /// Year.
    pub year: i32,
    /// Where it stands.
    pub state: CallState,
    /// A rehearsal: nothing in it is real.
    pub rehearsal: bool,
    /// The deadline of the stage that is open, or of the next one.
    pub deadline: Option<Deadline>,
}

/// A whole call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CallView {
    /// Its id.
    pub id: Uuid,
    /// Short code, such as `JTC2026`.
    pub code: String,
    /// Title.
    pub title: String,
    /// What the call is about.
    pub topic: String,
    /// Year.
    pub year: i32,
    /// Where it stands.
    pub state: CallState,
    /// A rehearsal: nothing in it is real.
    pub rehearsal: bool,
    /// Raised with every change.
    pub version: i32,
    /// The rules the call is run by.
    pub rules: Rules,
    /// The rule over modules with the modules' titles, as applicants read it.
    pub module_rule_in_words: Option<String>,
    /// The stages.
    pub stages: Vec<StageView>,
    /// What else has a date.
    pub milestones: Vec<Milestone>,
    /// The budget as announced, in the call's currency; null while it is not known.
    pub budget: Option<Amount>,
    /// How many funders take part, as announced.
    pub funders_total: Option<i32>,
    /// From how many countries.
    pub countries_total: Option<i32>,
    /// What of the set-up is not known, or not from the call itself. A pointer is that of the call file.
    pub doubts: Vec<KnownDoubt>,
    /// The action items it serves.
    pub action_items: Vec<MappedItem>,
    /// Its documents, by key.
    pub documents: Vec<DocumentView>,
    /// Public log of what changed after publication.
    pub changes: Vec<ChangeView>,
}

/// One stage of a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StageView {
    /// 1 or 2.
    pub number: i32,
    /// Pre-proposal or full proposal.
    pub kind: String,
    /// Where it stands; from the outside the steps of the evaluation all look like `in_evaluation`.
    #[schema(example = "open")]
    pub state: String,
    /// From when proposals can be submitted; null while it is not known.
    pub opens_at: Option<DateTime<Utc>>,
    /// Until when.
    pub deadline: Deadline,
    /// The funders that the steering committee named under-represented at the invitation to this stage; a
    /// further partner may ask one of them, where the rules say so. Told when the stage opens.
    pub under_represented: Vec<String>,
}

/// An action item served by a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MappedItem {
    /// The agenda's code.
    pub agenda: String,
    /// The item's number, such as `A.7`.
    pub number: String,
    /// Its title.
    pub title: String,
    /// Its share of the call in hundredths of a percent; the shares of a call add up to 10000.
    pub share: i32,
}

/// A funder's part in a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FunderView {
    /// The organisation's key, such as `DE-BMBF`.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// Its country.
    pub country: Option<String>,
    /// On which terms it takes part.
    pub terms: Terms,
    /// What it commits; shown to the steering committee, the secretariat and the observer.
    pub commitment: Option<CommitmentView>,
}

fn stage_view(row: &StageRow, insider: bool) -> Result<StageView, StoreError> {
    use StageState::{Checking, Decided, Panel, Ranked, Rebuttal, Reviewing};
    let state = row.state()?;
    let inside = matches!(
        state,
        Checking | Reviewing | Rebuttal | Panel | Ranked | Decided
    );
    let state = if inside && !insider {
        "in_evaluation".to_owned()
    } else {
        state.to_string()
    };
    let told = row.state()? != StageState::Planned;
    Ok(StageView {
        number: row.number,
        kind: row.kind.clone(),
        state,
        opens_at: row.opens_at,
        deadline: row.deadline()?,
        under_represented: if told {
            row.under_represented.clone()
        } else {
            Vec::new()
        },
    })
}

/// The whole call. `insider` sees the steps of the evaluation.
pub async fn call_view(
    conn: &mut Conn,
    row: &CallRow,
    insider: bool,
) -> Result<CallView, StoreError> {
    let stages = stages(conn, row.id).await?;
    let stages = stages.iter().map(|stage| stage_view(stage, insider));
    let items: Vec<(String, String, String, i32)> = call_action_item::table
        .inner_join(action_item::table.on(action_item::id.eq(call_action_item::action_item_id)))
        .inner_join(agenda::table.on(agenda::id.eq(action_item::agenda_id)))
        .filter(call_action_item::call_id.eq(row.id))
        .order((agenda::code, action_item::position))
        .select((
            agenda::code,
            action_item::number,
            action_item::title,
            call_action_item::share,
        ))
        .load(conn)
        .await?;
    let documents = documents(conn, row.id).await?;
    let changes = changes(conn, row.id).await?;
    let rules = row.rules()?;
    let in_words = |rule: &ModuleRule| rule.in_words(rules.words());
    Ok(CallView {
        id: row.id,
        code: row.code.clone(),
        title: row.title.clone(),
        topic: row.topic.clone(),
        year: row.year,
        state: row.state()?,
        rehearsal: row.rehearsal,
        version: row.version,
        module_rule_in_words: rules.module_rule.as_ref().map(in_words),
        rules,
        stages: stages.collect::<Result<_, _>>()?,
        milestones: row.milestones()?,
        budget: row.budget.map(Amount),
        funders_total: row.funders_total,
        countries_total: row.countries_total,
        doubts: row.doubts()?,
        action_items: items
            .into_iter()
            .map(|(agenda, number, title, share)| MappedItem {
                agenda,
                number,
                title,
                share,
            })
            .collect(),
        documents,
        changes,
    })
}

/// Calls, newest first, before the id `before`: the published ones, those of `own` calls, and the ideas
/// where `ideas` says so.
pub async fn calls(
    conn: &mut Conn,
    own: &[Uuid],
    ideas: bool,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<CallSummary>, StoreError> {
    let hidden: &[&str] = if ideas {
        &["draft", "approved"]
    } else {
        &["idea", "draft", "approved"]
    };
    let mut query = call::table
        .filter(call::state.ne_all(hidden).or(call::id.eq_any(own)))
        .order(call::id.desc())
        .limit(limit)
        .select((
            call::id,
            call::code,
            call::title,
            call::year,
            call::state,
            call::rehearsal,
        ))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(call::id.lt(before));
    }
    let rows: Vec<(Uuid, String, String, i32, String, bool)> = query.load(conn).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let stages: Vec<StageRow> = stage::table
        .filter(stage::call_id.eq_any(&ids))
        .filter(stage::state.eq_any(["planned", "open"]))
        .order(stage::number)
        .select(StageRow::as_select())
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(id, code, title, year, state, rehearsal)| {
            let next = stages.iter().find(|stage| stage.call_id == id);
            Ok(CallSummary {
                id,
                code,
                title,
                year,
                state: text::name(&state)?,
                rehearsal,
                deadline: next.map(StageRow::deadline).transpose()?,
            })
        })
        .collect()
}

/// The funders of a call, by key, with their commitments for those who may see them.
pub async fn funders(
    conn: &mut Conn,
    call_id: Uuid,
    with_commitments: bool,
) -> Result<Vec<FunderView>, StoreError> {
    type Row = (Uuid, String, String, Option<String>, Value);
    let rows: Vec<Row> = participation::table
        .inner_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .filter(participation::call_id.eq(call_id))
        .filter(participation::left_at.is_null())
        .order(organisation::key)
        .select((
            participation::id,
            organisation::key,
            organisation::name,
            organisation::country,
            participation::terms,
        ))
        .load(conn)
        .await?;
    let mut commitments = if with_commitments {
        commitments(conn, call_id).await?
    } else {
        HashMap::new()
    };
    rows.into_iter()
        .map(|(id, key, name, country, terms)| {
            Ok(FunderView {
                organisation: key,
                name,
                country,
                terms: text::document(terms)?,
                commitment: commitments.remove(&id),
            })
        })
        .collect()
}
