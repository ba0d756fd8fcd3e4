//! What happens when the last funder has accepted: money is bound, proposals are decided, and a selection that was
//! in force gives way.

use std::collections::BTreeMap;

use access::Permit;
use call::{CALL, CallEvent, CallState, STAGE, StageEvent};
use commitment::{SELECTION, Selection, SelectionEvent};
use intake::{PROPOSAL, ProposalEvent, ProposalState};
use kernel::Amount;
use store::call::{self as calls, CallRow, StageRow};
use store::commitment::defaulting;
use store::commitment::invitation::hold_proposals;
use store::commitment::selection::{self as rows, SelectionRow};
use store::outcome::{self, Standing};
use store::review::ethics;
use uuid::Uuid;

use super::holding::{anew, holds};
use crate::{Problem, Tx};

/// Makes a selection final: binds the funders' money and decides every proposal. The first one of a call decides its
/// stage and the call too; a later one takes the place of the one in force, at the same moment.
pub(super) async fn finalise(
    tx: &mut Tx,
    permit: &Permit,
    stage: &StageRow,
    row: &SelectionRow,
) -> Result<(), Problem> {
    let final_state = SELECTION.apply(row.state()?, SelectionEvent::Finalise)?;
    let call = calls::lock(tx.conn(), stage.call_id).await?;
    let former = rows::in_force(tx.conn(), call.id).await?;
    match &former {
        Some(_) => can_amend(&call)?,
        None => {
            let stage_state = STAGE.apply(stage.state()?, StageEvent::Decide)?;
            let call_state = CALL.apply(call.state()?, CallEvent::Select)?;
            calls::set_stage_state(tx.conn(), permit, stage, stage_state).await?;
            calls::set_state(tx.conn(), permit, &call, call_state, None).await?;
        }
    }
    bind_money(tx, permit, row, former.as_ref()).await?;
    hold_proposals(tx.conn(), stage.id).await?;
    // Once nobody changes them any more: what was withdrawn or refused meanwhile is not funded.
    holds(tx, &call, stage, row).await?;
    let selected = row.result()?.selected;
    let input = row.input()?;
    let defaulted = defaulting::standing_keys(tx.conn(), call.id).await?;
    let refused = ethics::refused(tx.conn(), stage.id).await?;
    for standing in outcome::standings(tx.conn(), stage.id).await? {
        let fate = Fate {
            selected: selected.contains(&standing.number),
            falls: input.asks(&standing.number, &defaulted),
            refused: refused.contains(&standing.proposal_stage),
        };
        let Some(event) = event(&standing, fate, anew(former.is_some()))? else {
            continue;
        };
        let next = PROPOSAL.apply(standing.state, event)?;
        // The condition of a conditional proposal stays: its letter says it.
        outcome::advance(tx.conn(), permit, &standing, next).await?;
    }
    if let Some(former) = &former {
        let state = SELECTION.apply(former.state()?, SelectionEvent::Amend)?;
        rows::set_state(tx.conn(), permit, former, state).await?;
    }
    rows::set_state(tx.conn(), permit, row, final_state).await?;
    Ok(())
}

/// Whether what was decided in a call can still be amended.
pub(super) fn can_amend(call: &CallRow) -> Result<(), Problem> {
    match call.state()? {
        CallState::Selected | CallState::Granting | CallState::Monitoring => Ok(()),
        state => Err(Problem::state(format!(
            "A decision is amended after the selection and until the call is closed; it is '{state}'."
        ))),
    }
}

/// Binds what the selection costs each funder beyond what the former one bound, which may be less.
async fn bind_money(
    tx: &mut Tx,
    permit: &Permit,
    row: &SelectionRow,
    former: Option<&SelectionRow>,
) -> Result<(), Problem> {
    // By the funders' parts, and so always in the same order: nobody waits for one who waits for them.
    let mut money: BTreeMap<Uuid, (String, i64, i64)> = BTreeMap::new();
    for line in rows::lines(tx.conn(), row.id).await? {
        money.insert(line.participation, (line.key, 0, line.national));
    }
    if let Some(former) = former {
        for line in rows::lines(tx.conn(), former.id).await? {
            let one = money.entry(line.participation);
            one.or_insert((line.key, 0, 0)).1 = line.national;
        }
    }
    let result = row.result()?;
    let former = former.map(SelectionRow::result).transpose()?;
    for (participation, (key, before, national)) in money {
        let money = rows::lock_money(tx.conn(), participation).await?;
        let more = national - before;
        if money.left() < more {
            let most = Amount(money.left().saturating_add(before));
            let (national, anew) = (Amount(national), anew(former.is_some()));
            return Err(Problem::state(match money.available {
                _ if !money.stays => format!(
                    "{key} has left the call, and {national} of national money is to be bound of it; {anew}."
                ),
                Some(_) => format!(
                    "{key} has signed {most} on availability of funds and is to pay {national} of national money. It has \
                     to sign for more, or {anew}."
                ),
                None => format!(
                    "{key} has {most} left of its commitment and is to pay {national} of national money; the commitment \
                     was lowered since. It has to be raised again, or {anew}."
                ),
            }));
        }
        let topics = more_by_topic(&result, former.as_ref(), &key);
        let anew = anew(former.is_some());
        can_be_bound(tx, row.call_id, participation, (&key, &topics), anew).await?;
        if more != 0 || !topics.is_empty() {
            rows::bind_money(tx.conn(), permit, participation, Amount(more), &topics).await?;
        }
    }
    Ok(())
}

/// What the selection costs a funder in each topic with money of its own beyond what the former one bound, in cents;
/// those topics alone in which that is more or less.
fn more_by_topic(
    result: &Selection,
    former: Option<&Selection>,
    key: &str,
) -> BTreeMap<String, i64> {
    let mut more: BTreeMap<String, i64> = BTreeMap::new();
    for (selection, sign) in [(Some(result), 1), (former, -1)] {
        for topic in selection.iter().flat_map(|one| &one.topics) {
            let own = topic.result.funders.iter().filter(|one| one.funder == key);
            let national: i64 = own.map(|one| one.national.0).sum();
            *more.entry(topic.topic.clone()).or_default() += sign * national;
        }
    }
    more.retain(|_, more| *more != 0);
    more
}

/// Whether a funder, whose part in the call is locked, has as much left for each topic.
async fn can_be_bound(
    tx: &mut Tx,
    call: Uuid,
    participation: Uuid,
    (key, topics): (&str, &BTreeMap<String, i64>),
    anew: &str,
) -> Result<(), Problem> {
    if topics.is_empty() {
        return Ok(());
    }
    let left = rows::left_by_topic(tx.conn(), call, participation).await?;
    for (topic, more) in topics {
        let left = left.get(topic).copied().unwrap_or_default();
        if left < *more {
            return Err(Problem::state(format!(
                "{key} has {} left of its commitment to the topic '{topic}' and is to pay {} more; the commitment was \
                 lowered since. It has to be raised again, or {anew}.",
                Amount(left),
                Amount(*more)
            )));
        }
    }
    Ok(())
}

/// What a selection and what happened since mean for a proposal.
struct Fate {
    /// The selection funds it.
    selected: bool,
    /// It asks a funder that has defaulted, and loses its funding.
    falls: bool,
    /// Its ethics were refused.
    refused: bool,
}

/// What the decision does to a proposal; nothing to those that were not ranked for funding, and nothing to those
/// of which it is decided already. What ethics experts refuse waits for no money.
fn event(standing: &Standing, fate: Fate, anew: &str) -> Result<Option<ProposalEvent>, Problem> {
    use ProposalState::*;
    let odd = |what: &str| {
        Err(Problem::state(format!(
            "{} {what} and is '{}' by now; {anew}.",
            standing.number, standing.state
        )))
    };
    match (standing.state, fate.selected) {
        (Recommended | RecommendedIfFundsAllow | Reserve | Selected, false) if fate.refused => {
            Ok(Some(ProposalEvent::DoNotFund))
        }
        (Selected, true) | (Reserve | NotFunded, false) => Ok(None),
        (Recommended | RecommendedIfFundsAllow | Reserve, true) => Ok(Some(ProposalEvent::Select)),
        (_, true) => odd("is to be funded"),
        (Selected, false) if fate.falls => Ok(Some(ProposalEvent::LoseFunding)),
        (Selected, false) => odd("is not to be funded any more"),
        (Recommended | RecommendedIfFundsAllow, false) => Ok(Some(ProposalEvent::HoldInReserve)),
        (NotRecommended, false) => Ok(Some(ProposalEvent::DoNotFund)),
        _ => Ok(None),
    }
}
