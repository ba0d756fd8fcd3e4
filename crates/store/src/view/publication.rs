//! What a call says in public, as it stood at each change, and its questions and answers.

use std::collections::BTreeMap;

use ::call::{Milestone, Rules, Terms};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{Amount, Deadline};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call::{call_view, funders};
use super::document::DocumentView;
use crate::call::CallRow;
use crate::schema::{call, call_version, question, question_answer};
use crate::{Conn, StoreError};

/// A call as the public reads it. What has a name stands under its name, so that two versions differ
/// just where something changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CallDocument {
    /// Short code.
    pub code: String,
    /// Title.
    pub title: String,
    /// What the call is about.
    pub topic: String,
    /// Year.
    pub year: i32,
    /// The rules the call is run by.
    pub rules: Rules,
    /// The stages by number.
    pub stages: BTreeMap<String, PublicStage>,
    /// What else has a date, by kind.
    pub milestones: BTreeMap<String, Milestone>,
    /// The budget as announced, in the call's currency.
    pub budget: Option<Amount>,
    /// How many funders take part, as announced.
    pub funders_total: Option<i32>,
    /// From how many countries.
    pub countries_total: Option<i32>,
    /// The action items served, as `agenda/number`, with their shares in hundredths of a percent.
    pub action_items: BTreeMap<String, i32>,
    /// The funders by key.
    pub funders: BTreeMap<String, PublicFunder>,
    /// The documents by key.
    pub documents: BTreeMap<String, DocumentView>,
}

/// When a stage is open.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PublicStage {
    /// Pre-proposal or full proposal.
    pub kind: String,
    /// From when; null while it is not known.
    pub opens_at: Option<DateTime<Utc>>,
    /// Until when.
    pub deadline: Deadline,
}

/// What the public knows of a funder in a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PublicFunder {
    /// Its name.
    pub name: String,
    /// Its country.
    pub country: Option<String>,
    /// On which terms it takes part.
    pub terms: Terms,
}

/// One change of what a call says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChangeView {
    /// Number of the version it made.
    pub number: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub change: String,
    /// Why; empty where it needs no reason.
    pub reason: String,
}

/// A question about a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct QuestionView {
    /// Its id.
    pub id: Uuid,
    /// As it was asked; for who asked and for the secretariat.
    pub asked: Option<String>,
    /// Raised with every change.
    pub version: i32,
    /// The question as published with its answer, oldest first; the last one holds.
    pub answers: Vec<AnswerView>,
}

/// A published question with its answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnswerView {
    /// Counted from 1.
    pub number: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
}

/// What the public reads of the call now.
pub async fn document(conn: &mut Conn, row: &CallRow) -> Result<CallDocument, StoreError> {
    let view = call_view(conn, row, false).await?;
    let funders = funders(conn, row.id, false).await?;
    Ok(CallDocument {
        code: view.code,
        title: view.title,
        topic: view.topic,
        year: view.year,
        rules: view.rules,
        stages: view
            .stages
            .into_iter()
            .map(|stage| {
                let dates = PublicStage {
                    kind: stage.kind,
                    opens_at: stage.opens_at,
                    deadline: stage.deadline,
                };
                (stage.number.to_string(), dates)
            })
            .collect(),
        milestones: Milestone::by_name(view.milestones),
        budget: view.budget,
        funders_total: view.funders_total,
        countries_total: view.countries_total,
        action_items: view
            .action_items
            .into_iter()
            .map(|item| (format!("{}/{}", item.agenda, item.number), item.share))
            .collect(),
        funders: funders
            .into_iter()
            .map(|funder| {
                let public = PublicFunder {
                    name: funder.name,
                    country: funder.country,
                    terms: funder.terms,
                };
                (funder.organisation, public)
            })
            .collect(),
        documents: view
            .documents
            .into_iter()
            .map(|document| (document.key.clone(), document))
            .collect(),
    })
}

/// The changes of a call, oldest first.
pub async fn changes(conn: &mut Conn, call_id: Uuid) -> Result<Vec<ChangeView>, StoreError> {
    let rows: Vec<(i32, DateTime<Utc>, String, String)> = call_version::table
        .filter(call_version::call_id.eq(call_id))
        .order(call_version::number)
        .select((
            call_version::number,
            call_version::at,
            call_version::change,
            call_version::reason,
        ))
        .load(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(number, at, change, reason)| ChangeView {
            number,
            at,
            change,
            reason,
        })
        .collect())
}

/// The latest change of every published call, newest first.
pub async fn latest_changes(conn: &mut Conn) -> Result<Vec<(CallRow, ChangeView)>, StoreError> {
    type Row = (CallRow, i32, DateTime<Utc>, String, String);
    let rows: Vec<Row> = call_version::table
        .inner_join(call::table.on(call::id.eq(call_version::call_id)))
        .order((call_version::call_id, call_version::number.desc()))
        .distinct_on(call_version::call_id)
        .select((
            CallRow::as_select(),
            call_version::number,
            call_version::at,
            call_version::change,
            call_version::reason,
        ))
        .load(conn)
        .await?;
    let mut found: Vec<(CallRow, ChangeView)> = rows
        .into_iter()
        .map(|(call, number, at, change, reason)| {
            let view = ChangeView {
                number,
                at,
                change,
                reason,
            };
            (call, view)
        })
        .collect();
    found.sort_by_key(|(_, change)| std::cmp::Reverse(change.at));
    Ok(found)
}

/// What the call said in one version.
pub async fn version(conn: &mut Conn, call_id: Uuid, number: i32) -> Result<Value, StoreError> {
    Ok(call_version::table
        .filter(call_version::call_id.eq(call_id))
        .filter(call_version::number.eq(number))
        .select(call_version::document)
        .first(conn)
        .await?)
}

/// The questions of a call, oldest first: the answered ones, the viewer's own, and all for the secretariat.
pub async fn questions(
    conn: &mut Conn,
    call_id: Uuid,
    account: Option<Uuid>,
    all: bool,
) -> Result<Vec<QuestionView>, StoreError> {
    type Row = (Uuid, Option<Uuid>, String, i32);
    let rows: Vec<Row> = question::table
        .filter(question::call_id.eq(call_id))
        .filter(
            question::answers
                .gt(0)
                .or(question::asked_by
                    .is_not_distinct_from(account)
                    .and(question::asked_by.is_not_null()))
                .or(diesel::dsl::sql::<diesel::sql_types::Bool>(if all {
                    "true"
                } else {
                    "false"
                })),
        )
        .order(question::id)
        .select((
            question::id,
            question::asked_by,
            question::asked,
            question::version,
        ))
        .load(conn)
        .await?;
    let answers: Vec<(Uuid, i32, DateTime<Utc>, String, String)> = question_answer::table
        .filter(question_answer::call_id.eq(call_id))
        .order((question_answer::question_id, question_answer::number))
        .select((
            question_answer::question_id,
            question_answer::number,
            question_answer::at,
            question_answer::question,
            question_answer::answer,
        ))
        .load(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, asked_by, asked, version)| {
            let own = account.is_some() && asked_by == account;
            let answers = answers.iter().filter(|answer| answer.0 == id);
            QuestionView {
                id,
                asked: (all || own).then_some(asked),
                version,
                answers: answers
                    .map(|(_, number, at, question, answer)| AnswerView {
                        number: *number,
                        at: *at,
                        question: question.clone(),
                        answer: answer.clone(),
                    })
                    .collect(),
            }
        })
        .collect())
}
