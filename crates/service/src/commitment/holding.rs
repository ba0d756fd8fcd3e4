//! Whether a selection that is being decided still fits the call. Weeks may pass from the proposal to the last signature,
//! and a funder leaves, the rules are changed, a project is withdrawn or its ethics are refused.

use std::collections::BTreeSet;

use access::Object;
use commitment::SelectionInput;
use kernel::{Amount, Faults};
use store::call::{CallRow, StageRow};
use store::commitment::amendment;
use store::commitment::balance::{self as money, Funder};
use store::commitment::redress;
use store::commitment::selection::{self as rows, NewLine, SelectionRow};
use store::review::{conflict as conflicts, ranking};
use uuid::Uuid;

use super::selection::input_of;
use crate::{Problem, Tx};

/// What is done where a selection cannot go on, once another one is in force and before.
pub(super) fn anew(in_force: bool) -> &'static str {
    match in_force {
        true => "amend the decision that is in force",
        false => "propose another selection",
    }
}

/// Refuses to go on with a selection that the call has left behind, with all that is otherwise by now.
pub(super) async fn holds(
    tx: &mut Tx,
    call: &CallRow,
    stage: &StageRow,
    row: &SelectionRow,
) -> Result<(), Problem> {
    let funders = money::funders(tx.conn(), call.id).await?;
    let before = row.input()?;
    let mut now = input_of(tx, stage, &call.rules()?, &funders).await?;
    carry(tx, row, &mut now).await?;
    let result = row.result()?;
    let mut faults = before.outdated(&result, &now);
    for number in redress::unsettled(tx.conn(), stage.id).await? {
        if result.selected.contains(&number) {
            let pointer = format!("/input/proposals/{}", kernel::token(&number));
            let what = "was judged again after redress, and the request is not settled yet";
            faults.add(pointer, "moved", format!("{number} {what}"));
        }
    }
    let corrected = ranking::corrected_since(tx.conn(), stage.id, row.proposed_at).await?;
    faults.require(
        !corrected,
        "/input/proposals",
        "moved",
        "the chair of the panel corrected the ranking list since",
    );
    if faults.is_empty() {
        return Ok(());
    }
    let in_force = rows::in_force(tx.conn(), call.id).await?.is_some();
    let what = format!(
        "What is listed is otherwise by now than when the selection was proposed, so it cannot go on; {}.",
        anew(in_force)
    );
    Err(Problem {
        errors: faults.0,
        ..Problem::state(what)
    })
}

/// Lets what was decided with a scenario hold on: in the selection that was proposed of it, in what amends that, and in
/// whatever is tried beside it.
pub(super) async fn carry(
    tx: &mut Tx,
    row: &SelectionRow,
    now: &mut SelectionInput,
) -> Result<(), Problem> {
    let behind = amendment::scenario_behind(tx.conn(), row.id).await?;
    let Some((scenario, proposed_at)) = behind else {
        return Ok(());
    };
    let anew = amendment::pledged_since(tx.conn(), row.call_id, proposed_at).await?;
    scenario.overrides()?.carry(now, &anew);
    Ok(())
}

/// Refuses lines of funders that have signed for less on availability of funds than they are to pay.
pub(super) fn are_signed_for(funders: &[Funder], lines: &[NewLine]) -> Result<(), Problem> {
    let mut faults = Faults::default();
    for line in lines {
        let funder = funders
            .iter()
            .find(|funder| funder.participation == line.participation);
        if let Some((funder, short)) = funder.and_then(|one| Some((one, one.short(line.national)?)))
        {
            let pointer = format!("/funders/{}", kernel::token(&funder.key));
            faults.add(pointer, "not_signed_for", short);
        }
    }
    Ok(faults.or(())?)
}

/// The same of one line, before its funder accepts it.
pub(super) async fn is_signed_for(
    tx: &mut Tx,
    row: &SelectionRow,
    key: &str,
    national: i64,
) -> Result<(), Problem> {
    let funders = money::funders(tx.conn(), row.call_id).await?;
    let own = funders.iter().find(|one| one.key == key);
    match own.and_then(|funder| funder.short(Amount(national))) {
        Some(short) => Err(Problem::state(format!("{short}."))),
        None => Ok(()),
    }
}

/// The proposals of a call of which the actor sees nothing.
pub(super) async fn walled(tx: &mut Tx, call: Uuid) -> Result<BTreeSet<Uuid>, Problem> {
    let account = tx.context.actor.account();
    Ok(conflicts::walled(tx.conn(), account, call).await?)
}

/// What tells of all proposals of a call, as the policy sees it for whoever takes it out.
pub(crate) async fn as_a_whole(tx: &mut Tx, object: Object) -> Result<Object, Problem> {
    let walled = walled(tx, object.call.unwrap_or_default()).await?;
    Ok(Object {
        conflicted: !walled.is_empty(),
        ..object
    })
}

/// What ranks proposals as the policy sees it, for whoever reads it or decides on it: a conflict of interest with any
/// of them, or a part in its consortium, walls off from the whole, and a substitute acts.
pub(super) async fn seen_whole(
    tx: &mut Tx,
    object: Object,
    input: &SelectionInput,
) -> Result<Object, Problem> {
    let account = tx.context.actor.account();
    let call = object.call.unwrap_or_default();
    let walled = conflicts::walled_numbers(tx.conn(), account, call).await?;
    let conflicted = input.proposals.iter().any(|one| walled.contains(&one.code));
    Ok(Object {
        conflicted,
        ..object
    })
}
