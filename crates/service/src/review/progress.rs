//! How far the reviews of a stage are, and reminders of what experts have to do.

use access::{Action, Job};
use chrono::{DateTime, Utc};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as calls;
use store::outbox::{self, Mail};
use store::review::facts;
use store::review::progress::{DueReview, lock_waiting, note_due_reviews, set_due};
use store::view::review::progress::{ProgressView, progress};
use utoipa::ToSchema;
use uuid::Uuid;

use super::declaration::requests;
use super::review::in_hand;
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
        let sight = super::sight_at(tx, &stage.object(), number).await?;
        let now = tx.now().await?;
        Ok(progress(tx.conn(), &stage, &sight, now).await?)
    };
    service.read(context, work).await
}

/// Until when reviews are due.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewsDue {
    /// The instant; it has not passed yet.
    pub due_at: DateTime<Utc>,
    /// Which reviews; left out: all that are not handed in.
    #[serde(default)]
    pub reviews: Option<Vec<Uuid>>,
}

/// Sets until when reviews of a stage are due that are not handed in: those named, or all but those on proposals that
/// the person must not know about. Their authors are told.
pub async fn set_reviews_due(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    input: ReviewsDue,
) -> Result<Answer<ProgressView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let stage = calls::hold_stage(tx.conn(), stage.id).await?;
        let permit = tx.permit(Action::SetReviewDue, &stage.object()).await?;
        let anew = in_hand(tx, &stage).await?;
        let sight = super::sight_at(tx, &stage.object(), number).await?;
        let waiting = lock_waiting(tx.conn(), stage.id).await?.into_iter();
        let taking_part = facts::taking_part(tx.conn(), stage.id).await?;
        let waiting = waiting.filter(|(_, proposal)| {
            sight.open(*proposal)
                && taking_part.contains(proposal)
                && anew.as_ref().is_none_or(|anew| anew.contains(proposal))
        });
        let waiting: Vec<Uuid> = waiting.map(|(review, _)| review).collect();
        let now = tx.now().await?;
        let mut faults = Faults::default();
        faults.require(
            input.due_at > now,
            "/due_at",
            "due_in_the_past",
            "the instant has passed; give a later one",
        );
        for (index, id) in input.reviews.iter().flatten().enumerate() {
            faults.require(
                waiting.contains(id),
                format!("/reviews/{index}"),
                "not_waited_for",
                "no review of the stage that is still to be handed in has this id; take it out",
            );
        }
        faults.or(())?;
        let ids = input.reviews.unwrap_or(waiting);
        let due = input.due_at;
        let changed = set_due(tx.conn(), &permit, stage.id, &ids, due).await?;
        let detail = json!({ "reviews": ids, "due_at": due });
        tx.audit(&permit, None, None, detail).await?;
        let mails = letters(tx, &changed).await?;
        outbox::queue(tx.conn(), &mails).await?;
        Ok(progress(tx.conn(), &stage, &sight, now).await?)
    };
    service.write(context, work).await
}

/// Reminds experts of reviews that are due soon, or were: one mail for each and stage; and asks for declarations of
/// conflicts of interest that are not made. Answers how many. That a mail went out and the mail itself are written
/// together.
pub async fn remind(service: &Service) -> Result<usize, Problem> {
    let work = async move |tx: &mut Tx| {
        let found = note_due_reviews(tx.conn()).await?;
        let mut mails = letters(tx, &found).await?;
        mails.extend(requests(tx).await?);
        outbox::queue(tx.conn(), &mails).await?;
        Ok(mails.len())
    };
    let answer = service.write(Context::system(Job::Calendar), work).await?;
    Ok(answer.value)
}

/// One mail for each expert and stage, to whom these reviews belong that come by expert.
async fn letters(tx: &mut Tx, reviews: &[DueReview]) -> Result<Vec<Mail>, Problem> {
    let mut mails = Vec::new();
    for of_one in reviews.chunk_by(same_desk) {
        let Some(first) = of_one.first() else {
            continue;
        };
        let call = calls::find(tx.conn(), first.call_id).await?;
        let stage = stage_of_id(tx, first.call_id, first.stage_id).await?;
        let service = &tx.service;
        let public_url = &service.settings().public_url;
        let variables = json!({
            "name": first.name, "call": call_words(&call), "stage": stage_words(&stage),
            "proposals": of_one.iter().map(line).collect::<Vec<_>>(),
            "link": format!("{public_url}/me/reviews"),
        });
        mails.push(letter(
            service,
            Some(&call),
            &first.email,
            "review_due",
            variables,
        ));
    }
    Ok(mails)
}

fn same_desk(one: &DueReview, other: &DueReview) -> bool {
    (one.stage_id, one.expert_id) == (other.stage_id, other.expert_id)
}

/// A proposal with the day on which its review is due.
fn line(one: &DueReview) -> String {
    format!("{}, due {}", one.number, one.due_at.format("%-d %B %Y"))
}
