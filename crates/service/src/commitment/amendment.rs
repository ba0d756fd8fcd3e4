//! Amending what was decided: a project withdraws, a funder refuses or defaults, there is more money, redress was upheld.

use access::{Action, Object};
use commitment::{Before, Cause, LineState, SELECTION, Selection, SelectionEvent, SelectionState};
use kernel::{Amount, Faults};
use serde::{Deserialize, Serialize};
use store::commitment::amendment::refusing;
use store::commitment::balance as money;
use store::commitment::defaulting;
use store::commitment::redress;
use store::commitment::selection::{self as rows, Origin};
use store::view::commitment::{self as view, SelectionView, Selections};
use utoipa::ToSchema;
use uuid::Uuid;

use super::decision::lock;
use super::finality::can_amend;
use super::holding::{carry, seen_whole};
use super::selection::{Proposed, input_of, keep, readable};
use super::ties::selected_by;
use crate::call::given;
use crate::{Answer, Context, Problem, Service, Tx};

/// Why a selection is to be amended.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendmentInput {
    /// What happened.
    pub cause: Cause,
    /// The same in words, for the steering committee.
    pub reason: String,
}

/// Proposes a selection that is to take the place of this one: what was decided and not withdrawn stays, and the
/// walk goes on down the ranking with the money that is left. It is adopted, confirmed and accepted as the first
/// one was; until then a final one stays in force.
pub async fn amend_selection(
    service: &Service,
    context: Context,
    id: Uuid,
    input: AmendmentInput,
) -> Result<Answer<SelectionView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (call, stage, row) = lock(tx, id).await?;
        let object = seen_whole(tx, row.object(), &row.input()?).await?;
        let permit = tx.permit(Action::AmendSelection, &object).await?;
        let current = view::selection(tx.conn(), &row).await?;
        tx.precondition(&current)?;
        let state = row.state()?;
        SELECTION.apply(state, SelectionEvent::Amend)?;
        let in_force = rows::in_force(tx.conn(), call.id).await?.is_some();
        if in_force {
            can_amend(&call)?;
        }
        all_settled(tx, stage.id).await?;
        let rules = call.rules()?;
        let mut funders = money::funders(tx.conn(), call.id).await?;
        // Who refused pays nothing more than what was decided before, unless it has pledged anew.
        let refusing = match input.cause {
            Cause::Refusal => refusing(tx.conn(), id).await?,
            _ => Vec::new(),
        };
        // Where EU money is shared in proportion to the commitments, a smaller one would take away what is decided.
        let barred = in_force && rules.funding.eu.is_some();
        let mut refusing_keys = Vec::new();
        for (part, bound) in refusing {
            let own = funders.iter_mut().filter(|one| one.participation == part);
            for one in own {
                refusing_keys.push(one.key.clone());
                if !barred {
                    one.commitment = one.commitment.min(Amount(bound));
                    // Nor does it let its applicants be paid by what the others bring.
                    one.eu_eligible = false;
                    for topic in one.topics.values_mut() {
                        topic.indicative = topic.indicative.min(topic.decided);
                    }
                }
            }
        }
        let mut now = input_of(tx, &stage, &rules, &funders).await?;
        carry(tx, &row, &mut now).await?;
        let defaulted = defaulting::standing_keys(tx.conn(), call.id).await?;
        let before = Before {
            state,
            input: &current.input,
            result: &current.result,
            refused: current
                .lines
                .iter()
                .any(|line| line.state == LineState::Refused),
            defaulted: &defaulted,
        };
        now.kept = before.kept(&now);
        if barred {
            now.bar(&refusing_keys);
        }
        let mut faults: Faults = input.cause.check(before, &now);
        faults.require(
            !input.reason.trim().is_empty(),
            "/reason",
            "required",
            "say why",
        );
        faults.or(())?;
        let (now, result) = selected_by(tx, &stage, &rules, now).await?;
        if state == SelectionState::Final && is_same(&current.result, &result) {
            return Err(Problem::invalid(
                "/cause",
                "changes_nothing",
                "the same projects are funded with the same money as before",
            ));
        }
        let new = Proposed {
            stage: &stage,
            funders: &funders,
            input: &now,
            result: &result,
            origin: Origin::Amendment {
                amends: id,
                cause: input.cause,
                reason: given(&input.reason)?.to_owned(),
            },
        };
        keep(tx, &permit, new).await
    };
    service.write(context, work).await
}

/// Refuses while the panel has judged a proposal again and the request for redress is not settled: an amendment may fund
/// it, and could not be final before its coordinator has heard of the new evaluation.
async fn all_settled(tx: &mut Tx, stage: Uuid) -> Result<(), Problem> {
    let open = redress::unsettled(tx.conn(), stage).await?;
    if open.is_empty() {
        return Ok(());
    }
    Err(Problem::state(format!(
        "The panel has judged {} again after redress; settle the request first, and then amend the decision.",
        open.join(", ")
    )))
}

/// Whether nobody would notice the amendment.
fn is_same(before: &Selection, after: &Selection) -> bool {
    let paid = |of: &Selection| -> Vec<(String, Amount, Amount)> {
        let funders = of.funders.iter();
        funders
            .filter(|one| one.requested > Amount::ZERO)
            .map(|one| (one.funder.clone(), one.national, one.eu))
            .collect()
    };
    before.selected == after.selected && paid(before) == paid(after)
}

/// All selections of a call, also those whose place others took.
pub async fn list_selections(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<Selections>, Problem> {
    let work = async move |tx: &mut Tx| {
        readable(tx, &Object::of_call("selection", call, call)).await?;
        let rows = rows::all(tx.conn(), call).await?;
        let items = rows.iter().map(view::selection_summary);
        Ok(Selections {
            items: items.collect::<Result<_, _>>()?,
        })
    };
    service.read(context, work).await
}
