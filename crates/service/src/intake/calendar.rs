use std::collections::BTreeMap;

use access::{Action, Actor, Job, Permit, Role};
use call::StageState;
use intake::{PROPOSAL, ProposalEvent, ProposalState};
use serde_json::json;
use store::access::holders::holders;
use store::call::{self as calls, CallRow, StageRow};
use store::intake::{self as rows, Applicant, Beginning, Closing, ContentRow, DueException};
use store::{outbox, outcome};
use uuid::Uuid;

use super::{call_words, stage_words, utc};
use crate::call::NewDeadline;
use crate::{Problem, Tx};

/// Tells everybody concerned that the deadline moved: the coordinators with a proposal in the stage, the
/// funders' people, the committee's chair and the observer; each of them once.
pub(crate) async fn tell_of_new_deadline(
    tx: &mut Tx,
    call: &CallRow,
    stage: &StageRow,
    input: &NewDeadline,
) -> Result<(), Problem> {
    let link = tx.service.api(format_args!("/calls/{}", call.id));
    let coordinators = rows::coordinators(tx.conn(), stage.id).await?;
    let mut concerned: BTreeMap<String, String> = coordinators
        .into_iter()
        .map(|to| (to.email, to.name))
        .collect();
    let roles = [
        Role::CscRepresentative,
        Role::ContactPerson,
        Role::Signatory,
        Role::CscChair,
        Role::Observer,
    ];
    let holders = holders(tx.conn(), call.id, &roles).await?;
    concerned.extend(holders.into_iter().map(|to| (to.email, to.name)));
    let mails: Vec<_> = concerned
        .into_iter()
        .map(|(email, name)| {
            let variables = json!({
                "name": name,
                "call": call_words(call),
                "stage": stage_words(&stage.kind),
                "old_deadline": stage.label,
                "new_deadline": input.deadline.label,
                "new_deadline_utc": utc(input.deadline.at),
                "reason": input.reason.trim(),
                "link": link,
            });
            crate::mail::letter(&tx.service, Some(call), &email, "deadline_moved", variables)
        })
        .collect();
    Ok(outbox::queue(tx.conn(), &mails).await?)
}

/// Gives every proposal whose letter invites it a draft of its full proposal, begun from what it
/// submitted before.
pub(crate) async fn start_full_proposals(
    tx: &mut Tx,
    permit: &Permit,
    stage: &StageRow,
) -> Result<(), Problem> {
    use ProposalState::{Invited, InvitedWithConditions};
    let before = calls::stage(tx.conn(), stage.call_id, stage.number - 1).await?;
    let mut invited = outcome::standings(tx.conn(), before.id).await?;
    invited.retain(|standing| {
        let released = standing.released;
        matches!(released, Some(Invited | InvitedWithConditions))
            && matches!(standing.state, Invited | InvitedWithConditions)
    });
    let ids: Vec<Uuid> = invited.iter().map(|standing| standing.proposal).collect();
    let mut contents = rows::submitted_contents(tx.conn(), before.id, &ids).await?;
    contents.sort_by_key(|(proposal, _)| *proposal);
    let beginnings: Vec<Beginning> = contents
        .into_iter()
        .filter_map(|(proposal, content)| {
            let standing = invited.iter().find(|one| one.proposal == proposal)?;
            Some(Beginning {
                proposal,
                content,
                saved_by: standing.coordinator,
            })
        })
        .collect();
    rows::begin(tx.conn(), permit, stage.id, &beginnings).await?;
    Ok(rows::end_left_behind(tx.conn(), permit, stage.id).await?)
}

/// Locks what was submitted, lets the rest lapse, and opens the eligibility checks; answers how many
/// of each. Proposals with an exception beyond the deadline stay open until its own end.
pub(crate) async fn lock_proposals(
    tx: &mut Tx,
    permit: &Permit,
    stage: &StageRow,
) -> Result<(usize, usize), Problem> {
    let excepted = rows::excepted(tx.conn(), stage).await?;
    let mut open = rows::open_contents(tx.conn(), stage.id).await?;
    open.retain(|row| !excepted.contains(&row.id));
    close(tx, permit, stage.id, &open).await
}

/// Closes one proposal at the end of its exception, as the stage's deadline would have; answers whether
/// there was anything to close.
pub(crate) async fn end_exception(tx: &mut Tx, due: &DueException) -> Result<bool, Problem> {
    use StageState::{Checking, Closed};
    let proposal = rows::find(tx.conn(), due.proposal).await?;
    let (_, stage) = rows::current_stage(tx.conn(), due.proposal).await?;
    let stage = calls::hold_stage(tx.conn(), stage).await?;
    let content = rows::lock_content(tx.conn(), due.proposal_stage).await?;
    // Since it was found due it may have been closed, withdrawn, or given another exception.
    let now = tx.now().await?;
    let last = rows::exception(tx.conn(), content.id).await?;
    let over = last.is_some_and(|last| last.until <= now);
    let open = content.state()?.is_written();
    if !over || !open || !matches!(stage.state()?, Closed | Checking) {
        return Ok(false);
    }
    let actor = Actor::System(Job::Calendar);
    let permit = access::decide(&actor, Action::CloseException, &proposal.object())?;
    let (locked, lapsed) = close(tx, &permit, proposal.id, std::slice::from_ref(&content)).await?;
    let detail = json!({ "locked": locked, "lapsed": lapsed });
    tx.audit(&permit, Some(content.version + 1), None, detail)
        .await?;
    Ok(true)
}

async fn close(
    tx: &mut Tx,
    permit: &Permit,
    of: Uuid,
    open: &[ContentRow],
) -> Result<(usize, usize), Problem> {
    let mut closing = Closing::default();
    for row in open {
        let state = row.state()?;
        let event = if state == ProposalState::Draft {
            ProposalEvent::CloseLapsed
        } else {
            ProposalEvent::CloseLocked
        };
        closing.states.push((row.id, PROPOSAL.apply(state, event)?));
    }
    let locked: Vec<Uuid> = closing
        .states
        .iter()
        .filter(|(_, state)| *state == ProposalState::Locked)
        .map(|(id, _)| *id)
        .collect();
    for (proposal_stage, partners) in rows::submitted_partners(tx.conn(), &locked).await? {
        for (position, partner) in (0..).zip(partners) {
            closing.applicants.push(Applicant {
                proposal_stage,
                position,
                requested: partner.requested().map_err(Problem::internal)?,
                partner,
            });
        }
    }
    rows::close(tx.conn(), permit, of, &closing).await?;
    Ok((locked.len(), open.len() - locked.len()))
}
