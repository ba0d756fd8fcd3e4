//! What the whole selection says: what one more project costs, and which funder is the bottleneck.

use kernel::Amount;
use serde::{Deserialize, Serialize};

use crate::{AdditionalNational, NotFunded, Reason, Selection};

/// The whole selection at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Outlook {
    /// The cheapest way to one more project; none where everything on the list is funded.
    pub one_more: Option<OneMore>,
    /// The funder that stands in the way of most proposals.
    pub bottleneck: Option<Bottleneck>,
    /// National money that stays unspent, of all funders.
    pub unspent: Amount,
}

/// The proposal that the least additional national money would fund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OneMore {
    /// Its code.
    pub code: String,
    /// The money.
    pub additional: AdditionalNational,
}

/// A funder that lacks money for more of the unfunded proposals than any other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Bottleneck {
    /// Its code.
    pub funder: String,
    /// How many proposals it alone blocks.
    pub alone: u32,
    /// How many it blocks, alone or with others.
    pub blocks: u32,
}

/// Looks at a selection as a whole. With a binding ranking one more project is one of those next in line,
/// with gaps it is any; where several funders block alike, the first of the input is named.
pub fn outlook(selection: &Selection) -> Outlook {
    let next = selection
        .not_funded
        .iter()
        .filter(|one| one.reason != Reason::BelowLine)
        .filter_map(|one| Some((one, one.additional_national.as_ref()?)));
    let one_more = next
        .min_by_key(|(_, more)| (!more.confirmed, more.amount))
        .map(|(one, more)| OneMore {
            code: one.code.clone(),
            additional: more.clone(),
        });
    let bottleneck = selection
        .funders
        .iter()
        .map(|funder| blocked_by(&funder.funder, &selection.not_funded))
        .filter(|one| one.blocks > 0)
        .rev()
        .max_by_key(|one| (one.alone, one.blocks));
    Outlook {
        one_more,
        bottleneck,
        unspent: Amount(selection.funders.iter().map(|one| one.left.0).sum()),
    }
}

fn blocked_by(funder: &str, not_funded: &[NotFunded]) -> Bottleneck {
    let blocked = not_funded
        .iter()
        .filter(|one| one.blocked_by.iter().any(|by| by.funder == funder));
    let (mut alone, mut blocks) = (0, 0);
    for one in blocked {
        blocks += 1;
        alone += u32::from(one.blocked_by.len() == 1);
    }
    Bottleneck {
        funder: funder.to_owned(),
        alone,
        blocks,
    }
}
