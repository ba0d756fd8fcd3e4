//! How far the reviews of a stage are, and reminders of those that are due.

use access::{Action, Job};
use serde_json::json;
use store::call as calls;
use store::outbox;
use store::review::progress::{DueReview, note_due_reviews};
use store::view::review::progress::{ProgressView, progress};
use uuid::Uuid;

use super::{call_words, stage_of_id, stage_words};
use crate::mail::letter;
use crate::{Answer, Context, Problem, Service, Tx};

/// How far the reviews of a stage are.
pub async fn read_progress(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<ProgressView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        tx.permit(Action::ReadProgress, &stage.object()).await?;
        let sight = super::sight(tx, &stage.object()).await?;
        let now = tx.now().await?;
        Ok(progress(tx.conn(), &stage, &sight, now).await?)
    };
    service.read(context, work).await
}

/// Reminds experts of reviews that are due soon, or were: one mail for each and stage; answers how many. That a
/// reminder went out and the mail itself are written together.
pub async fn remind(service: &Service) -> Result<usize, Problem> {
    let work = async move |tx: &mut Tx| {
        let found = note_due_reviews(tx.conn()).await?;
        let mut mails = Vec::new();
        for of_one in found.chunk_by(same_desk) {
            let Some(first) = of_one.first() else {
                continue;
            };
            let call = calls::find(tx.conn(), first.call_id).await?;
            let stage = stage_of_id(tx, first.call_id, first.stage_id).await?;
            let public_url = tx.service.settings().public_url.clone();
            let variables = json!({
                "name": first.name, "call": call_words(&call), "stage": stage_words(&stage),
                "proposals": of_one.iter().map(line).collect::<Vec<_>>(),
                "link": format!("{public_url}/me/reviews"),
            });
            let service = &tx.service;
            mails.push(letter(
                service,
                Some(&call),
                &first.email,
                "review_due",
                variables,
            ));
        }
        outbox::queue(tx.conn(), &mails).await?;
        Ok(mails.len())
    };
    let answer = service.write(Context::system(Job::Calendar), work).await?;
    Ok(answer.value)
}

fn same_desk(one: &DueReview, other: &DueReview) -> bool {
    (one.stage_id, one.expert_id) == (other.stage_id, other.expert_id)
}

/// A proposal with the day on which its review is due.
fn line(one: &DueReview) -> String {
    format!("{}, due {}", one.number, one.due_at.format("%-d %B %Y"))
}
