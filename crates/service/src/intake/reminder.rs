//! Reminders before a deadline.

use serde_json::json;
use store::intake::note_reminders;
use store::{call as calls, db, outbox};

use super::{call_words, stage_words, utc};
use crate::mail::letter;
use crate::{Problem, Service};

/// Reminds the coordinators whose proposals are not submitted, or not as they now are; answers how many.
/// That a reminder went out and the mail itself are written together.
pub async fn remind(service: &Service) -> Result<usize, Problem> {
    let parts = service.clone();
    service
        .on_database_runtime(async move {
            let mut conn = parts.db().connection().await?;
            db::begin(&mut conn).await?;
            match mails(&parts, &mut conn).await {
                Ok(count) => {
                    db::commit(&mut conn).await?;
                    Ok(count)
                }
                Err(problem) => {
                    // A connection whose rollback fails is thrown away by the pool.
                    let _ = db::rollback(&mut conn).await;
                    Err(problem)
                }
            }
        })
        .await
}

async fn mails(service: &Service, conn: &mut store::Conn) -> Result<usize, Problem> {
    let mut mails = Vec::new();
    for one in note_reminders(conn).await? {
        let call = calls::find(conn, one.call_id).await?;
        let variables = json!({
            "name": one.name,
            "call": call_words(&call),
            "stage": stage_words(&one.kind),
            "proposal": one.number,
            "acronym": one.acronym,
            "situation": situation(one.edited_since),
            "left": left(one.hours),
            "deadline": one.label,
            "deadline_utc": utc(one.deadline_at),
            "link": format!("{}/api/v1/proposals/{}", service.settings().public_url, one.proposal_id),
        });
        mails.push(letter(
            service,
            Some(&call),
            &one.email,
            "reminder",
            variables,
        ));
    }
    outbox::queue(conn, &mails).await?;
    Ok(mails.len())
}

/// What is the matter with the proposal, as the end of a sentence.
fn situation(edited_since: bool) -> &'static str {
    if edited_since {
        "was edited after you submitted it. As it stands, the version submitted last counts; submit \
         again if the new one is to count."
    } else {
        "is not submitted yet. Only what is submitted counts at the deadline."
    }
}

/// How much time the reminder leaves, as people say it.
fn left(hours: i32) -> String {
    match hours {
        hours if hours % 24 == 0 && hours > 24 => format!("{} days", hours / 24),
        hours => format!("{hours} hours"),
    }
}
