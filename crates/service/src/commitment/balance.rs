use std::collections::{BTreeMap, HashSet};

use access::Action;
use commitment::Balance;
use intake::ProposalState;
use kernel::Amount;
use store::call as calls;
use store::commitment::balance::{self as rows, Request};
use store::outcome::{self, Standing};
use uuid::Uuid;

use crate::{Answer, Context, Problem, Service, Tx};

/// Requested against committed, per funder and in all, over the eligible proposals of a stage.
pub async fn read_balance(
    service: &Service,
    context: Context,
    call: Uuid,
    stage: i32,
) -> Result<Answer<Balance>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, stage).await?;
        tx.permit(Action::ReadBalance, &stage.object()).await?;
        let eligible: HashSet<Uuid> = outcome::standings(tx.conn(), stage.id)
            .await?
            .into_iter()
            .filter(is_eligible)
            .map(|standing| standing.proposal_stage)
            .collect();
        let requests = rows::requests(tx.conn(), stage.id).await?;
        balance_of(tx, call, &requests, &eligible).await
    };
    service.read(context, work).await
}

/// Whether a proposal was found eligible, if only under conditions, and is still there.
pub(super) fn is_eligible(standing: &Standing) -> bool {
    use ProposalState::*;
    !matches!(
        standing.state,
        Draft | Submitted | EditedSince | Locked | Lapsed | Ineligible | Withdrawn | Excluded
    )
}

/// The balance over some of the proposals.
pub(super) async fn balance_of(
    tx: &mut Tx,
    call: Uuid,
    requests: &[Request],
    of: &HashSet<Uuid>,
) -> Result<Balance, Problem> {
    let commitments: BTreeMap<String, Amount> = rows::funders(tx.conn(), call)
        .await?
        .into_iter()
        .map(|funder| (funder.key, funder.commitment))
        .collect();
    let asked = requests
        .iter()
        .filter(|request| of.contains(&request.proposal_stage))
        .filter_map(|request| Some((request.funder.as_deref()?, request.amount())));
    commitment::balance(&commitments, asked).map_err(Problem::internal)
}
