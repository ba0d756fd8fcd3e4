//! What a funder pays, project by project.

use kernel::Amount;
use serde::{Deserialize, Serialize};

use crate::{Selection, SelectionInput};

/// What one funder pays for one funded project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ProjectAward)]
pub struct Award {
    /// Code of the project's proposal.
    pub code: String,
    /// What the project's partners get of the funder.
    pub requested: Amount,
    /// What of that is EU money.
    pub eu: Amount,
    /// What of that is the funder's national money.
    pub national: Amount,
}

/// What a funder pays for each project that it pays anything for, in ranking order.
///
/// The settlement knows a funder's EU money as one sum. It is told apart by project in proportion to what is
/// requested, to the cent by largest remainder (ties by rank), so that the parts add up to the settlement.
pub fn awards(input: &SelectionInput, selection: &Selection, funder: &str) -> Vec<Award> {
    let eu = selection
        .funders
        .iter()
        .find(|one| one.funder == funder)
        .map_or(0, |one| i128::from(one.eu.0));
    let mut awards: Vec<Award> = selection
        .selected
        .iter()
        .filter_map(|code| input.proposals.iter().find(|one| one.code == *code))
        .filter_map(|one| {
            let requested = one.requests.get(funder).copied()?;
            (requested > Amount::ZERO).then(|| Award {
                code: one.code.clone(),
                requested,
                eu: Amount::ZERO,
                national: requested,
            })
        })
        .collect();
    let whole: i128 = awards.iter().map(|one| i128::from(one.requested.0)).sum();
    if whole == 0 {
        return awards;
    }
    let exact = |award: &Award| eu * i128::from(award.requested.0);
    let mut left = eu;
    for award in &mut awards {
        let part = exact(award) / whole;
        left -= part;
        award.eu = Amount(i64::try_from(part).unwrap_or_default());
    }
    let mut order: Vec<usize> = (0..awards.len()).collect();
    order.sort_by_key(|place| -(exact(&awards[*place]) % whole));
    // Less than a cent is left of each part, so fewer cents than parts with a remainder.
    for place in order {
        let more = i64::from(left > 0);
        awards[place].eu.0 += more;
        left -= i128::from(more);
    }
    for award in &mut awards {
        award.national = Amount(award.requested.0 - award.eu.0);
    }
    awards
}
