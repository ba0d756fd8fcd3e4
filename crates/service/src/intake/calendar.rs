use std::collections::BTreeMap;

use access::{Permit, Role};
use intake::{PROPOSAL, ProposalEvent, ProposalState};
use serde_json::json;
use store::access::holders::holders;
use store::call::{self as calls, CallRow, StageRow};
use store::intake::{self as rows, Applicant, Beginning, Closing};
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
    let link = format!(
        "{}/api/v1/calls/{}",
        tx.service.settings().public_url,
        call.id
    );
    let coordinators = rows::coordinators(tx.conn(), stage.id).await?;
    let mut concerned: BTreeMap<String, String> = coordinators
        .into_iter()
        .map(|to| (to.email, to.name))
        .collect();
    for role in [
        Role::CscRepresentative,
        Role::ContactPerson,
        Role::Signatory,
        Role::CscChair,
        Role::Observer,
    ] {
        let holders = holders(tx.conn(), call.id, role).await?;
        concerned.extend(holders.into_iter().map(|to| (to.email, to.name)));
    }
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
    Ok(rows::begin(tx.conn(), permit, stage.id, &beginnings).await?)
}

/// Locks what was submitted, lets the rest lapse, and opens the eligibility checks; answers how many
/// of each.
pub(crate) async fn lock_proposals(
    tx: &mut Tx,
    permit: &Permit,
    stage: &StageRow,
) -> Result<(usize, usize), Problem> {
    let open = rows::open_contents(tx.conn(), stage.id).await?;
    let mut closing = Closing::default();
    for row in &open {
        let state = row.state()?;
        let event = if state == ProposalState::Draft {
            ProposalEvent::CloseLapsed
        } else {
            ProposalEvent::CloseLocked
        };
        closing.states.push((row.id, PROPOSAL.apply(state, event)?));
    }
    let locked: std::collections::HashSet<Uuid> = closing
        .states
        .iter()
        .filter(|(_, state)| *state == ProposalState::Locked)
        .map(|(id, _)| *id)
        .collect();
    for (proposal_stage, partners) in rows::submitted_partners(tx.conn(), stage.id).await? {
        if !locked.contains(&proposal_stage) {
            continue;
        }
        for (position, partner) in (0..).zip(partners) {
            closing.applicants.push(Applicant {
                proposal_stage,
                position,
                requested: partner.requested().map_err(Problem::internal)?,
                partner,
            });
        }
    }
    rows::close(tx.conn(), permit, stage.id, &closing).await?;
    Ok((locked.len(), open.len() - locked.len()))
}
