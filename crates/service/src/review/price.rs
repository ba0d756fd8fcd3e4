//! What a change by hand costs, before it is made.

use std::collections::BTreeSet;

use ::review::assign::{Infeasible, Manual, cost};
use access::{Action, Object};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use store::call as calls;
use store::outcome;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::assign::usual;
use super::assignment::PairInput;
use super::desk::{self, Desk, Table};
use super::infeasible;
use super::wishes::{AssignInput, Places};
use crate::{Answer, Context, Problem, Service, Tx};

/// A proposal and an expert.
type Pair = (Uuid, Uuid);

/// One expert for one proposal, perhaps in the place of another.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Considered {
    /// The proposal.
    pub proposal: Option<Uuid>,
    /// The expert.
    pub expert: Option<Uuid>,
    /// The review that the expert would take over; left out: the expert comes in addition.
    pub instead_of: Option<Uuid>,
}

/// What a change costs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Price {
    /// How well the two fit, in millionths.
    pub affinity: i64,
    /// By how much the affinity of all pairs together, in millionths, stays behind the best that somebody else in this
    /// place would give; left out where the pair cannot be: its dry run says why.
    pub cost: Option<i64>,
    /// Whether places of other proposals that are still open were filled at the same time; not where they cannot all
    /// be filled.
    pub others_filled: bool,
}

/// What it costs to assign one expert to one proposal by hand. Nothing is changed; all that stands stays.
pub async fn price_assignment(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    considered: Considered,
) -> Result<Answer<Price>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let actor = tx.context.actor.account();
        let object = Object {
            conflicted: match considered.proposal {
                Some(proposal) => outcome::conflicted(tx.conn(), actor, proposal).await?,
                None => false,
            },
            ..stage.object()
        };
        tx.permit(Action::PriceAssignment, &object).await?;
        let sight = super::sight_at(tx, &stage.object(), stage.number).await?;
        let call = calls::find(tx.conn(), call).await?;
        let table = desk::lay(tx, &stage, None).await?;
        let (pair, given_up) = named(&table, &considered)?;
        // One place more than others have in the proposal, so that there is one to be had.
        let asked = usual(&call, number, None)?;
        let stay = table.now(pair.0) - u16::from(!given_up.is_empty());
        let wishes = AssignInput {
            reviewers: vec![Places {
                proposal: pair.0,
                reviewers: asked.max(stay + 1),
            }],
            forbid: given_up.iter().map(PairInput::of).collect(),
            ..AssignInput::default()
        };
        let alone = AssignInput {
            reviewers: vec![Places {
                proposal: pair.0,
                reviewers: stay + 1,
            }],
            ..wishes.clone()
        };
        let desk = |wishes, usual| Desk {
            table: &table,
            wishes,
            usual,
            movable: given_up.clone(),
            leaving: None,
            substitutes: true,
        };
        let (whole, part) = (
            desk(&wishes, Some(asked)).puzzle()?,
            desk(&alone, None).puzzle()?,
        );
        let compute = move || -> Result<(Option<i64>, bool), Infeasible> {
            match cost(&whole, pair, Manual::Demand) {
                Ok(cost) => Ok((cost, true)),
                Err(_) => Ok((cost(&part, pair, Manual::Demand)?, false)),
            }
        };
        let (cost, others_filled) = tokio::task::spawn_blocking(compute)
            .await
            .map_err(Problem::internal)?
            .map_err(|why| infeasible::problem(&why, &table, &sight))?;
        Ok(Price {
            affinity: table.fit.value(pair.0, pair.1),
            cost,
            others_filled,
        })
    };
    service.read(context, work).await
}

/// The pair, and the one that makes room for it, if any, once everything that was named is known.
fn named(table: &Table, considered: &Considered) -> Result<(Pair, BTreeSet<Pair>), Problem> {
    let mut faults = Faults::default();
    let proposal = considered.proposal;
    let proposal = proposal.filter(|id| table.proposals().any(|known| known == *id));
    faults.require(
        proposal.is_some(),
        "/proposal",
        "unknown_proposal",
        "name an eligible proposal of the stage by its id",
    );
    let expert = considered.expert;
    let expert = expert.filter(|id| table.experts.iter().any(|row| row.id == *id));
    faults.require(
        expert.is_some(),
        "/expert",
        "unknown_expert",
        "name an expert of the call, who has accepted and declared conflicts of interest, by the id",
    );
    let mut given_up = BTreeSet::new();
    if let Some(review) = considered.instead_of {
        let row = table.reviews.iter().find(|row| row.id == review);
        let pair = row.map(|row| (row.proposal_id, row.expert_id));
        let pair = pair.filter(|pair| Some(pair.0) == proposal && table.held.contains(pair));
        faults.require(
            pair.is_some(),
            "/instead_of",
            "unknown_review",
            "the proposal has no such review, or it has ended",
        );
        given_up.extend(pair);
    }
    faults.or(())?;
    match (proposal, expert) {
        (Some(proposal), Some(expert)) => Ok(((proposal, expert), given_up)),
        _ => Err(Problem::not_found()),
    }
}
