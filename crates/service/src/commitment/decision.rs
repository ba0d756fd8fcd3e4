use access::{Action, Permit, Role};
use chrono::TimeDelta;
use commitment::{Adoption, LineState, Measure, SELECTION, SelectionEvent, Vote, asks_the_same};
use kernel::{Amount, Code};
use serde_json::json;
use store::access::holders;
use store::call::{CallRow, StageRow};
use store::commitment::amendment::members;
use store::commitment::defaulting;
use store::commitment::selection::{self as rows, LineRow, SelectionRow};
use store::outbox;
use store::view::commitment::{self as view, SelectionView};
use uuid::Uuid;

use super::finality::finalise;
use super::holding::{holds, seen_whole};
use super::lock_stage_by_id;
use super::selection::refreshed;
use crate::{Answer, Context, Problem, Service, Tx};

/// A selection to be acted on: call and stage, the stage's row locked, and the selection as it is then.
pub(super) async fn lock(
    tx: &mut Tx,
    id: Uuid,
) -> Result<(CallRow, StageRow, SelectionRow), Problem> {
    let stage = rows::find(tx.conn(), id).await?.stage_id;
    let (call, stage) = lock_stage_by_id(tx, stage).await?;
    let row = rows::find(tx.conn(), id).await?;
    Ok((call, stage, row))
}

/// Records how the steering committee adopted a selection, and asks its chair to confirm it.
pub async fn adopt_selection(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Adoption,
) -> Result<Answer<SelectionView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (call, stage, row) = lock(tx, id).await?;
        let object = seen_whole(tx, row.object(), &row.input()?).await?;
        let permit = tx.permit(Action::AdoptSelection, &object).await?;
        let current = view::selection(tx.conn(), &row).await?;
        tx.precondition(&current)?;
        SELECTION.apply(row.state()?, SelectionEvent::Adopt)?;
        holds(tx, &call, &stage, &row).await?;
        let rules = call.rules()?.decision;
        let members = members(tx.conn(), call.id).await?;
        let measure = Measure {
            rules: &rules,
            members: &members,
            ties: current.result.is_open(),
            today: tx.now().await?.date_naive(),
            // In the west of the world the day before may not have ended.
            proposed: (row.proposed_at - TimeDelta::hours(12)).date_naive(),
        };
        input.check(measure).or(())?;
        let minutes = serde_json::to_value(&input).map_err(Problem::internal)?;
        rows::adopt(tx.conn(), &permit, &row, minutes).await?;
        tx.audit(
            &permit,
            Some(row.version + 1),
            Some(&input.minutes),
            json!({
                "selection": id, "procedure": input.procedure, "votes_for": input.count(Vote::For),
                "votes_against": input.count(Vote::Against), "abstentions": input.count(Vote::Abstain),
            }),
        )
        .await?;
        for chair in holders::holders(tx.conn(), call.id, &[Role::CscChair]).await? {
            let context = json!({
                "name": chair.name, "call": call.title, "projects": current.selected.len(),
                "link": link(&tx.service, id),
            });
            tx.mail(Some(&call), &chair.email, "selection_to_confirm", context)
                .await?;
        }
        refreshed(tx, id).await
    };
    service.write(context, work).await
}

fn link(service: &Service, id: Uuid) -> String {
    service.api(format_args!("/selections/{id}"))
}

/// Confirms the decision as the committee's chair, and asks the funders to accept their lines.
pub async fn confirm_selection(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<SelectionView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (call, stage, row) = lock(tx, id).await?;
        let object = seen_whole(tx, row.object(), &row.input()?).await?;
        let permit = tx.permit(Action::ConfirmSelection, &object).await?;
        let current = view::selection(tx.conn(), &row).await?;
        tx.precondition(&current)?;
        SELECTION.apply(row.state()?, SelectionEvent::Confirm)?;
        if row.adopted_by.is_some() && row.adopted_by == permit.account() {
            return Err(Problem::new(
                Code::Forbidden,
                "You recorded the adoption yourself. A funding decision needs two different people; \
                 hand one of the two roles over.",
            ));
        }
        holds(tx, &call, &stage, &row).await?;
        rows::confirm(tx.conn(), &permit, &row).await?;
        let carried = carry(tx, &permit, &row).await?;
        let mut detail = json!({ "selection": id, "carried": carried });
        let lines = rows::lines(tx.conn(), id).await?;
        if lines.iter().all(is_accepted) {
            // Nobody is to pay anything else than before, so nobody is left to be asked.
            let row = rows::find(tx.conn(), id).await?;
            finalise(tx, &permit, &stage, &row).await?;
            detail["state"] = json!("final");
        }
        tx.audit(&permit, Some(row.version + 1), None, detail)
            .await?;
        ask_signatories(tx, &call, &current).await?;
        refreshed(tx, id).await
    };
    service.write(context, work).await
}

fn is_accepted(line: &LineRow) -> bool {
    line.state == LineState::Accepted.to_string()
}

/// Carries over, in an amendment, the acceptances of funders that are asked the same as before: by the selection in
/// force, or by the one that it amends. Who defaulted since has no acceptance any more. Answers the funders' keys.
async fn carry(tx: &mut Tx, permit: &Permit, row: &SelectionRow) -> Result<Vec<String>, Problem> {
    let Some(amends) = row.amends else {
        return Ok(Vec::new());
    };
    let mut former = Vec::new();
    former.extend(rows::in_force(tx.conn(), row.call_id).await?);
    former.push(rows::find(tx.conn(), amends).await?);
    let defaulted = defaulting::standing_keys(tx.conn(), row.call_id).await?;
    let mut open = rows::lines(tx.conn(), row.id).await?;
    open.retain(|line| !defaulted.contains(&line.key));
    let now = (row.input()?, row.result()?);
    let mut carried = Vec::new();
    for before in former {
        let then = (before.input()?, before.result()?);
        for from in rows::lines(tx.conn(), before.id).await? {
            let own = |line: &LineRow| line.participation == from.participation;
            let Some(at) = open.iter().position(own).filter(|_| is_accepted(&from)) else {
                continue;
            };
            if defaulting::of_line(tx.conn(), before.id, from.participation)
                .await?
                .is_some()
                || !asks_the_same(&from.key, (&then.0, &then.1), (&now.0, &now.1))
            {
                continue;
            }
            let line = open.swap_remove(at);
            rows::carry(tx.conn(), permit, &line, (&from, before.number)).await?;
            carried.push(line.key);
        }
    }
    Ok(carried)
}

/// Mails the signatories of each funder with a line to answer for, also those of an organisation that acts for it.
async fn ask_signatories(
    tx: &mut Tx,
    call: &CallRow,
    selection: &SelectionView,
) -> Result<(), Problem> {
    let signatories = holders::holders(tx.conn(), call.id, &[Role::Signatory]).await?;
    let acting = holders::acting(tx.conn()).await?;
    let lines = rows::lines(tx.conn(), selection.id).await?;
    let mut mails = Vec::new();
    let both = selection.lines.iter().zip(&lines);
    for (line, row) in both.filter(|(_, row)| !is_accepted(row)) {
        let speaks = |organisation: Uuid| {
            organisation == row.organisation || acting.contains(&(organisation, row.organisation))
        };
        for person in &signatories {
            if !person.organisation.is_some_and(speaks) {
                continue;
            }
            let context = json!({
                "name": person.name, "call": call.title, "organisation": line.name,
                "lines": line.projects.len(), "requested": line.requested, "eu": line.eu,
                "national": line.national, "co_funded": line.eu > Amount::ZERO, "currency": line.currency,
                "link": format!("{}/lines/{}", link(&tx.service, selection.id), line.organisation),
            });
            mails.push(crate::mail::letter(
                &tx.service,
                Some(call),
                &person.email,
                "line_to_accept",
                context,
            ));
        }
    }
    Ok(outbox::queue(tx.conn(), &mails).await?)
}
