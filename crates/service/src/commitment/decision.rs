use access::{Action, Role};
use commitment::{Adoption, Measure, SELECTION, SelectionEvent, Vote};
use kernel::{Amount, Code};
use serde_json::json;
use store::access::holders;
use store::call::{CallRow, StageRow};
use store::commitment::amendment::members;
use store::commitment::selection::{self as rows, SelectionRow};
use store::outbox;
use store::view::commitment::{self as view, SelectionView};
use uuid::Uuid;

use super::finality::finalise;
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
        let (call, _, row) = lock(tx, id).await?;
        let permit = tx.permit(Action::AdoptSelection, &row.object()).await?;
        let current = view::selection(tx.conn(), &row).await?;
        tx.precondition(&current)?;
        SELECTION.apply(row.state()?, SelectionEvent::Adopt)?;
        let rules = call.rules()?.decision;
        let members = members(tx.conn(), call.id).await?;
        let measure = Measure {
            rules: &rules,
            members: &members,
            ties: !current.result.ties.is_empty(),
            today: tx.now().await?.date_naive(),
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
        let permit = tx.permit(Action::ConfirmSelection, &row.object()).await?;
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
        rows::confirm(tx.conn(), &permit, &row).await?;
        let mut detail = json!({ "selection": id });
        if current.lines.is_empty() {
            // Nobody is to pay anything, so nobody is left to be asked.
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

/// Mails the signatories of each funder with a line, also those of an organisation that acts for it.
async fn ask_signatories(
    tx: &mut Tx,
    call: &CallRow,
    selection: &SelectionView,
) -> Result<(), Problem> {
    let signatories = holders::holders(tx.conn(), call.id, &[Role::Signatory]).await?;
    let acting = holders::acting(tx.conn()).await?;
    let lines = rows::lines(tx.conn(), selection.id).await?;
    let mut mails = Vec::new();
    for (line, row) in selection.lines.iter().zip(&lines) {
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
