//! Reminders before a deadline, and of questions that were not answered in time.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use access::Job;
use intake::{Content, Demand, Partner};
use serde_json::json;
use store::call::{self as rows, CallRow};
use store::intake::{
    DueCondition, Overdue, Reminder, Unconfirmed, counting_content, note_confirmations,
    note_due_conditions, note_overdue_queries, note_reminders,
};
use store::outbox::{self, Mail};
use uuid::Uuid;

use super::{call_words, stage_words, utc};
use crate::mail::letter;
use crate::{Context, Problem, Service, Tx};

/// Hours before the deadline of the last reminder, which nobody can do without.
const LAST: i32 = 3;

/// Reminds the coordinators whose proposals are not submitted, or not as they now are, and those who have not
/// answered a question, or met a condition, in its time; answers how many. That a reminder went out and the mail itself are written together.
pub async fn remind(service: &Service) -> Result<usize, Problem> {
    let work = async move |tx: &mut Tx| {
        let mut calls: BTreeMap<Uuid, CallRow> = BTreeMap::new();
        let mut mails = Vec::new();
        for one in note_reminders(tx.conn()).await? {
            let call = known(tx, &mut calls, one.call_id).await?;
            mails.push(mail(&tx.service, call, &one));
        }
        for one in note_confirmations(tx.conn()).await? {
            let call = known(tx, &mut calls, one.call_id).await?;
            mails.push(unconfirmed(&tx.service, call, &one));
        }
        for one in note_overdue_queries(tx.conn()).await? {
            let call = known(tx, &mut calls, one.call_id).await?;
            mails.push(overdue_query(&tx.service, call, &one));
        }
        for one in note_due_conditions(tx.conn()).await? {
            if unmet(tx, &one).await? {
                let call = known(tx, &mut calls, one.call_id).await?;
                mails.push(due_condition(&tx.service, call, &one));
            }
        }
        outbox::queue(tx.conn(), &mails).await?;
        Ok(mails.len())
    };
    let answer = service.write(Context::system(Job::Calendar), work).await?;
    Ok(answer.value)
}

async fn known<'a>(
    tx: &mut Tx,
    calls: &'a mut BTreeMap<Uuid, CallRow>,
    id: Uuid,
) -> Result<&'a CallRow, Problem> {
    Ok(match calls.entry(id) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(new) => new.insert(rows::find(tx.conn(), id).await?),
    })
}

fn unconfirmed(service: &Service, call: &CallRow, one: &Unconfirmed) -> Mail {
    let variables = json!({
        "name": one.name,
        "call": call_words(call),
        "stage": stage_words(&one.kind),
        "proposal": one.number,
        "left": left(one.hours),
        "deadline": one.label,
        "deadline_utc": utc(one.deadline_at),
        "link": service.api(format_args!("/proposals/{}", one.proposal_id)),
    });
    letter(service, Some(call), &one.email, "confirm_part", variables)
}

/// Whether the draft of the full proposal shows nothing that meets the condition.
async fn unmet(tx: &mut Tx, one: &DueCondition) -> Result<bool, Problem> {
    let demand: Demand = store::text::document(one.demand.clone())?;
    let now: Vec<Partner> = store::text::document(one.partners.clone())?;
    let before = counting_content(tx.conn(), one.invited).await?;
    let before: Content = store::text::document(before)?;
    Ok(demand.met(&before.partners, &now) != Some(true))
}

fn due_condition(service: &Service, call: &CallRow, one: &DueCondition) -> Mail {
    let variables = json!({
        "name": one.name,
        "call": call_words(call),
        "proposal": one.number,
        "condition": one.text,
        "until": utc(one.until),
        "link": service.api(format_args!("/proposals/{}/conditions", one.proposal_id)),
    });
    letter(service, Some(call), &one.email, "condition_due", variables)
}

fn overdue_query(service: &Service, call: &CallRow, one: &Overdue) -> Mail {
    let variables = json!({
        "name": one.name,
        "call": call_words(call),
        "proposal": one.number,
        "organisation": one.organisation,
        "question": one.question,
        "answer_by": utc(one.answer_by),
        "link": service.api(format_args!("/proposals/{}/queries", one.proposal_id)),
    });
    letter(service, Some(call), &one.email, "query_overdue", variables)
}

fn mail(service: &Service, call: &CallRow, one: &Reminder) -> Mail {
    let variables = json!({
        "name": one.name,
        "call": call_words(call),
        "stage": stage_words(&one.kind),
        "proposal": one.number,
        "acronym": one.acronym,
        "situation": situation(one.edited_since),
        "left": left(one.hours),
        "deadline": one.label,
        "deadline_utc": utc(one.deadline_at),
        "link": service.api(format_args!("/proposals/{}", one.proposal_id)),
    });
    let template = match one.hours {
        LAST => "last_reminder",
        _ => "reminder",
    };
    letter(service, Some(call), &one.email, template, variables)
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
