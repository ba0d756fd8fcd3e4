//! Whether a selection under way still fits its call: time passes between the proposal and the last signature.

use kernel::{Amount, Faults};

use crate::{FunderInput, ProposalInput, Selection, SelectionInput};

impl SelectionInput {
    /// What forbids to go on with the selection that was computed from this input, as the call stands `now`: its money
    /// is shared by other rules, a funder commits nothing any more, or what it funds may not be funded like that. That a
    /// commitment was lowered is looked at where the money is bound, and what came to the list since hinders nobody.
    pub fn outdated(&self, selection: &Selection, now: &SelectionInput) -> Faults {
        let mut faults = Faults::default();
        let rules = |input: &SelectionInput| {
            (
                input.currency,
                input.ranking_rule,
                input.eu,
                input.convention,
                input.gap_share,
                input.cap,
            )
        };
        faults.require(
            rules(self) == rules(now),
            "/input",
            "moved",
            "the call shares its money by other rules by now",
        );
        let paying = selection.funders.iter();
        for one in paying.filter(|one| one.requested > Amount::ZERO) {
            let of = |input: &SelectionInput| -> Option<FunderInput> {
                let mut all = input.funders.iter();
                all.find(|funder| funder.code == one.funder).cloned()
            };
            let pointer = format!("/input/funders/{}", kernel::token(&one.funder));
            let after = of(now);
            let commits = after.as_ref().map(|funder| funder.commitment);
            if commits.is_none_or(|now| now == Amount::ZERO && one.national > Amount::ZERO) {
                let detail = format!(
                    "{} is to pay, and commits nothing to the call any more",
                    one.funder
                );
                faults.add(pointer, "moved", detail);
            } else if after.map(|one| one.eu_eligible) != of(self).map(|one| one.eu_eligible) {
                let detail = format!("{} stands otherwise to the EU's money by now", one.funder);
                faults.add(pointer, "moved", detail);
            }
        }
        for code in &selection.selected {
            let of = |input: &SelectionInput| -> Option<ProposalInput> {
                let mut all = input.proposals.iter();
                all.find(|proposal| proposal.code == *code).cloned()
            };
            let (before, after) = (of(self), of(now));
            let what = match &after {
                None => "is not ranked any more",
                Some(one) if one.withdrawn => "was withdrawn since",
                Some(one) if !one.is_listed() => "is not recommended for funding any more",
                Some(one) if before.is_none_or(|before| before.requests != one.requests) => {
                    "has partners whose funders would pay otherwise by now"
                }
                Some(_) => continue,
            };
            let pointer = format!("/input/proposals/{}", kernel::token(code));
            faults.add(pointer, "moved", format!("{code} {what}"));
        }
        faults
    }
}
