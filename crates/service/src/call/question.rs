//! Questions about a call, answered for everybody.

use access::Action;
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as rows;
use store::intake::account;
use store::publication::{self, QuestionRow};
use store::view::publication::{self as view, QuestionView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::read::visible;
use crate::intake::call_words;
use crate::{Answer, Context, Problem, Service, Tx};

/// The longest question or answer, in characters.
const LONGEST: usize = 4_000;

/// A question.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionInput {
    /// The question; the secretariat may rephrase it before it is published.
    pub question: String,
}

/// A question as it is published, with its answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerInput {
    /// The question, without anything that tells who asked.
    pub question: String,
    /// The answer.
    pub answer: String,
}

/// Questions of a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Questions {
    /// Oldest first.
    pub items: Vec<QuestionView>,
}

fn check(parts: &[(&str, &str)]) -> Result<(), Problem> {
    let mut faults = Faults::default();
    for (pointer, text) in parts {
        faults.require(
            !text.trim().is_empty(),
            *pointer,
            "required",
            "give at least one character",
        );
        faults.require(
            text.chars().count() <= LONGEST,
            *pointer,
            "too_long",
            format!("at most {LONGEST} characters"),
        );
    }
    Ok(faults.or(())?)
}

/// Asks a question about a published call.
pub async fn ask_question(
    service: &Service,
    context: Context,
    id: Uuid,
    input: QuestionInput,
) -> Result<Answer<QuestionView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = visible(tx, id).await?;
        let permit = tx.permit(Action::AskQuestion, &row.object()).await?;
        check(&[("/question", &input.question)])?;
        let question = QuestionRow {
            id: kernel::id::new(),
            call_id: id,
            asked_by: permit.account(),
            asked: input.question.trim().to_owned(),
            answers: 0,
            version: 1,
        };
        publication::ask(tx.conn(), &permit, &question).await?;
        tx.audit(&permit, None, None, json!({ "question": question.id }))
            .await?;
        one(tx, &question).await
    };
    service.write(context, work).await
}

/// Publishes a question with its answer; once more: a better answer, and the earlier ones stay to be read.
pub async fn answer_question(
    service: &Service,
    context: Context,
    id: Uuid,
    input: AnswerInput,
) -> Result<Answer<QuestionView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = publication::lock_question(tx.conn(), id).await?;
        let permit = tx.permit(Action::AnswerQuestion, &row.object()).await?;
        let current = one(tx, &row).await?;
        tx.precondition(&current)?;
        let (question, answer) = (input.question.trim(), input.answer.trim());
        check(&[("/question", question), ("/answer", answer)])?;
        publication::answer_question(tx.conn(), &permit, &row, question, answer).await?;
        tx.audit(&permit, Some(row.version + 1), None, json!({}))
            .await?;
        tell_asker(tx, &row, question, answer).await?;
        one(tx, &row).await
    };
    service.write(context, work).await
}

async fn tell_asker(
    tx: &mut Tx,
    row: &QuestionRow,
    question: &str,
    answer: &str,
) -> Result<(), Problem> {
    let Some(asker) = row.asked_by else {
        return Ok(());
    };
    let Some(to) = account(tx.conn(), asker).await? else {
        return Ok(());
    };
    let call = rows::find(tx.conn(), row.call_id).await?;
    let context = json!({
        "name": to.name,
        "call": call_words(&call),
        "question": question,
        "answer": answer,
        "link": tx.service.api(format_args!("/calls/{}/questions", call.id)),
    });
    tx.mail(Some(&call), &to.email, "question_answered", context)
        .await
}

async fn one(tx: &mut Tx, row: &QuestionRow) -> Result<QuestionView, Problem> {
    let all = tx.wears_a_role(&row.object());
    let account = tx.context.actor.account();
    let questions = view::questions(tx.conn(), row.call_id, account, all).await?;
    questions
        .into_iter()
        .find(|question| question.id == row.id)
        .ok_or_else(Problem::not_found)
}

/// The questions about a call with their answers; one's own also while they wait.
pub async fn list_questions(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<Questions>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = visible(tx, id).await?;
        let object = access::Object::of_call("question", id, row.id);
        let all = tx.wears_a_role(&object);
        let actor = &tx.context.actor;
        let account = actor.account().filter(|_| actor.desk().is_none());
        let items = view::questions(tx.conn(), id, account, all).await?;
        Ok(Questions { items })
    };
    service.read(context, work).await
}
