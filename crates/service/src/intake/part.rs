//! One partner's part of a draft: written by the partner itself or by the coordinator, and confirmed.

use access::{Action, Denied};
use intake::{Content, Partner, part};
use kernel::Faults;
use serde_json::{Value, json};
use store::intake as rows;
use store::view::intake::{self as view, PartnerSeat, ProposalView};
use uuid::Uuid;

use super::draft::{drafted, patched, save};
use super::{hold, merge, proposal_view};
use crate::{Answer, Context, Problem, Service, Tx};

fn found(content: &Content, partner: Uuid) -> Option<Partner> {
    let mut partners = content.partners.iter();
    partners.find(|one| one.id == partner).cloned()
}

/// Changes one partner's part of the draft by a JSON merge patch (RFC 7396) of that partner.
pub async fn edit_part(
    service: &Service,
    context: Context,
    id: Uuid,
    partner: Uuid,
    patch: Value,
) -> Result<Answer<ProposalView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = hold(tx, id).await?;
        let object = held.object(&tx.context.actor);
        let permit = tx.permit(Action::EditPart, &object).await?;
        let coordinates = permit.account() == Some(held.proposal.coordinator_id);
        if !coordinates && !held.parts.contains(&partner) {
            return Err(Denied::Forbidden.into());
        }
        held.check_in_time(tx).await?;
        let current = proposal_view(tx, &held.call, id).await?;
        merge::precondition(tx, held.content.id, &current, &patch, |content| {
            found(content, partner)
        })
        .await?;
        let (before, version) = drafted(tx, &held).await?;
        let mut content = before.clone();
        let mut all = content.partners.iter_mut();
        let one = all.find(|one| one.id == partner);
        let one = one.ok_or_else(Problem::not_found)?;
        let after: Partner = patched(one, &patch)?;
        let mut faults = Faults::default();
        let fixed = "this stays as the coordinator set it; leave it out";
        faults.require(after.id == one.id, "/id", "fixed", fixed);
        faults.require(after.role == one.role, "/role", "fixed", fixed);
        faults.or(())?;
        *one = after;
        let state = save(tx, &permit, &held, (&before, version), &content).await?;
        Ok(current.written(content, state))
    };
    service.write(context, work).await
}

/// Confirms the own part as it stands. Every later change of the part makes the confirmation void.
pub async fn confirm_part(
    service: &Service,
    context: Context,
    id: Uuid,
    partner: Uuid,
) -> Result<Answer<PartnerSeat>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = hold(tx, id).await?;
        let object = held.object(&tx.context.actor);
        let permit = tx.permit(Action::ConfirmPart, &object).await?;
        let members = rows::members(tx.conn(), id).await?;
        let own = members
            .iter()
            .find(|row| row.partner_id == partner && Some(row.account_id) == permit.account());
        let own = own.ok_or(Denied::Forbidden)?;
        held.check_in_time(tx).await?;
        let current = proposal_view(tx, &held.call, id).await?;
        tx.precondition(&current)?;
        let (draft, _) = drafted(tx, &held).await?;
        let one = found(&draft, partner).ok_or_else(Problem::not_found)?;
        let sha256 = part::sha256(&one);
        rows::confirm_part(tx.conn(), &permit, own, held.content.id, &sha256).await?;
        let detail = json!({ "partner": partner, "sha256": sha256 });
        tx.audit(&permit, None, None, detail).await?;
        let row = held.content.id;
        let shown = Some(held.parts.as_slice());
        let seats = view::partner_seats(tx.conn(), id, row, &draft, shown).await?;
        let seat = seats.into_iter().find(|seat| seat.partner == partner);
        seat.ok_or_else(Problem::not_found)
    };
    service.write(context, work).await
}
