//! What a funder commits: the indicative commitment, and the signed one on availability of funds.

use std::collections::BTreeMap;

use access::Action;
use call::{CallState, Rules, Terms};
use chrono::{DateTime, Utc};
use commitment::{CommitmentKind, Committed, Freeze, Pledge, check_division, divide};
use kernel::{Amount, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as rows, CallRow, NewPledge, OwnMoney, ParticipationRow, topic_money};
use store::commitment::{signed, unfreezing};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Funders;
use super::funders::{funders, lock_funder};
use crate::{Answer, Context, Problem, Service, Tx};

/// A commitment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PledgeInput {
    /// Which of the two commitments; left out, the indicative one.
    #[serde(default)]
    pub kind: CommitmentKind,
    /// The whole amount committed to the call, in the call's currency.
    #[serde(default)]
    pub amount: Option<Amount>,
    /// The same in the funder's own currency, in its place: the rate of the funder's terms says what it is in the
    /// call's.
    #[serde(default)]
    pub own_amount: Option<Amount>,
    /// What of it is for each topic, in the call's currency, where topics have money of their own: all of it.
    #[serde(default)]
    pub topics: BTreeMap<String, Amount>,
    /// SHA-256 of the signed document that it stands in, which was filed before.
    #[serde(default)]
    pub document: Option<String>,
    /// Where it stands, or why it changed.
    #[schema(example = "Letter of commitment of 12 October 2026")]
    pub reason: String,
}

/// Whether the budget of a call is frozen, and since when it is.
pub(crate) fn freeze(
    call: &CallRow,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<(bool, Option<DateTime<Utc>>), Problem> {
    let from = rules.funding.frozen_from(&call.milestones()?);
    Ok((from.is_some_and(|from| from <= now), from))
}

/// Pledges or changes a funder's commitment; never below what a final selection has bound.
pub async fn pledge_commitment(
    service: &Service,
    context: Context,
    id: Uuid,
    key: String,
    input: PledgeInput,
) -> Result<Answer<Funders>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (call, row) = lock_funder(tx, id, &key).await?;
        let permit = tx.permit(Action::PledgeCommitment, &row.object()).await?;
        let current = funders(tx, id, true).await?;
        tx.precondition(&current)?;
        if row.left_at.is_some() {
            return Err(Problem::not_found());
        }
        in_time(call.state()?, input.kind)?;
        let rules = call.rules()?;
        let mut faults = Faults::default();
        let (amount, own) = money(&input, &row.terms()?, &rules, &mut faults);
        faults.require(
            !input.reason.trim().is_empty(),
            "/reason",
            "required",
            "say where the commitment stands or why it changed",
        );
        if let Some(document) = &input.document {
            let filed = signed::is_filed(tx.conn(), row.id, document).await?;
            faults.require(
                filed,
                "/document",
                "document_unknown",
                "the funder filed no such document; file it first, and name it by the SHA-256 it was answered with",
            );
        }
        let now = tx.now().await?;
        let open = unfreezing::open(tx.conn(), &row).await?;
        let freeze = Freeze {
            frozen: freeze(&call, &rules, now)?.0,
            unfrozen: open.is_some(),
        };
        let mut unfreezing = None;
        if let Some(amount) = amount {
            let pledge = Pledge {
                kind: input.kind,
                amount,
                signed: input.document.is_some(),
            };
            let stands = divided(tx, &row, &rules).await?;
            let how = &rules.funding.commitments;
            let whole = committed(&row).check(pledge, how, freeze);
            let parts = check_division(pledge, &input.topics, &stands, how, freeze);
            let mut used = false;
            for one in [whole, parts] {
                match one {
                    Ok(one) => used |= one,
                    Err(found) => faults.0.extend(found.0),
                }
            }
            unfreezing = open.filter(|_| used).map(|open| open.id);
        }
        let amount = faults.or(amount)?.unwrap_or_default();
        let new = NewPledge {
            kind: input.kind,
            amount,
            topics: input.topics.clone(),
            own,
            reason: input.reason.trim(),
            document: input.document.as_deref(),
            unfreezing,
        };
        rows::pledge(tx.conn(), &permit, &row, &new).await?;
        let before = match input.kind {
            CommitmentKind::Indicative => Some(Amount(row.commitment)),
            CommitmentKind::Availability => row.available.map(Amount),
        };
        let mut detail = json!({
            "kind": input.kind, "amount": amount, "before": before, "document": input.document,
            "unfreezing": unfreezing,
        });
        if !input.topics.is_empty() {
            detail["topics"] = json!(input.topics);
        }
        tx.audit(&permit, Some(row.version + 1), Some(&input.reason), detail)
            .await?;
        funders(tx, id, true).await
    };
    service.write(context, work).await
}

/// Whether a commitment of that kind is made while the call is there.
fn in_time(state: CallState, kind: CommitmentKind) -> Result<(), Problem> {
    use CallState::{Cancelled, Closed, Evaluation, Granting, Monitoring, Selected};
    if matches!(state, Cancelled | Closed) {
        return Err(Problem::state(format!("The call is '{state}'.")));
    }
    let evaluated = matches!(state, Evaluation | Selected | Granting | Monitoring);
    if kind == CommitmentKind::Availability && !evaluated {
        return Err(Problem::state(format!(
            "The call is '{state}': availability of funds is committed for the selected projects, once proposals are \
             evaluated. Until then a commitment is indicative."
        )));
    }
    Ok(())
}

fn committed(row: &ParticipationRow) -> Committed {
    Committed {
        indicative: Amount(row.commitment),
        available: row.available.map(Amount),
        decided: Amount(row.decided),
    }
}

/// What stands for each topic with money of its own. The funder's part in the call is locked, and with it these.
async fn divided(
    tx: &mut Tx,
    row: &ParticipationRow,
    rules: &Rules,
) -> Result<BTreeMap<String, Committed>, Problem> {
    let topics = rules.funded_topics();
    if topics.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut all = topic_money::of_call(tx.conn(), row.call_id).await?;
    Ok(divide(topics, &all.remove(&row.id).unwrap_or_default()))
}

/// The amount in the call's currency, and in the funder's where that is how it was given.
fn money(
    input: &PledgeInput,
    terms: &Terms,
    rules: &Rules,
    faults: &mut Faults,
) -> (Option<Amount>, Option<OwnMoney>) {
    match (input.amount, input.own_amount) {
        (Some(amount), None) => (Some(amount), None),
        (None, Some(own)) => match terms.in_call_currency(own, rules.funding.currency) {
            Some((amount, currency, rate)) => {
                let own = OwnMoney {
                    amount: own,
                    currency: currency.to_string(),
                    rate: rate.millionths(),
                };
                (Some(amount), Some(own))
            }
            None => {
                faults.add(
                    "/own_amount",
                    "no_rate",
                    "the funder's terms name no other currency with its rate; give the amount in the call's currency",
                );
                (None, None)
            }
        },
        (None, None) | (Some(_), Some(_)) => {
            faults.add(
                "/amount",
                "one_amount",
                "give the amount in the call's currency, or own_amount in the funder's, and not both",
            );
            (None, None)
        }
    }
}
