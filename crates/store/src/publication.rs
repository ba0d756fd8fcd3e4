//! What a call says in public: its versions, and the questions and answers beside it.

use access::{Action, Permit};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::{call_version, question, question_answer};
use crate::{Conn, StoreError};

/// A question as it was asked.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = question)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct QuestionRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub asked_by: Option<Uuid>,
    pub asked: String,
    pub answers: i32,
    pub version: i32,
}

impl QuestionRow {
    /// The question as the policy sees it: its asker's own until it is answered.
    pub fn object(&self) -> access::Object {
        access::Object {
            public: self.answers > 0,
            owner: self.asked_by,
            ..access::Object::of_call("question", self.id, self.call_id)
        }
    }
}

/// Adds a version to what the call says in public; the call is locked. Answers its number.
pub async fn publish(
    conn: &mut Conn,
    permit: &Permit,
    call_id: Uuid,
    change: &str,
    reason: &str,
    document: &Value,
) -> Result<i32, StoreError> {
    if permit.call() != Some(call_id) {
        return Err(StoreError::Permit);
    }
    let last: Option<i32> = call_version::table
        .filter(call_version::call_id.eq(call_id))
        .select(diesel::dsl::max(call_version::number))
        .first(conn)
        .await?;
    let number = last.unwrap_or(0) + 1;
    diesel::insert_into(call_version::table)
        .values((
            call_version::id.eq(kernel::id::new()),
            call_version::call_id.eq(call_id),
            call_version::number.eq(number),
            call_version::change.eq(change),
            call_version::reason.eq(reason),
            call_version::document.eq(document),
        ))
        .execute(conn)
        .await?;
    Ok(number)
}

/// Keeps a question.
pub async fn ask(conn: &mut Conn, permit: &Permit, row: &QuestionRow) -> Result<(), StoreError> {
    demand(permit, &[Action::AskQuestion], row.call_id)?;
    diesel::insert_into(question::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// A question, locked until the transaction ends.
pub async fn lock_question(conn: &mut Conn, id: Uuid) -> Result<QuestionRow, StoreError> {
    Ok(question::table
        .find(id)
        .select(QuestionRow::as_select())
        .for_update()
        .first(conn)
        .await?)
}

/// Publishes a question with its answer, or a better answer.
pub async fn answer_question(
    conn: &mut Conn,
    permit: &Permit,
    row: &QuestionRow,
    words: &str,
    said: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::AnswerQuestion], row.id)?;
    let changed = diesel::update(question::table.find(row.id))
        .filter(question::version.eq(row.version))
        .set((
            question::answers.eq(row.answers + 1),
            question::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)?;
    diesel::insert_into(question_answer::table)
        .values((
            question_answer::id.eq(kernel::id::new()),
            question_answer::call_id.eq(row.call_id),
            question_answer::question_id.eq(row.id),
            question_answer::number.eq(row.answers + 1),
            question_answer::question.eq(words),
            question_answer::answer.eq(said),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
