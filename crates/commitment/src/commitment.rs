use call::{CommitmentRules, FreezeRule};
use kernel::{Amount, Faults};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// The two commitments of a funder.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CommitmentKind {
    /// What it means to commit to the call; made before the call opens.
    #[default]
    Indicative,
    /// What it commits on availability of funds, for the selected projects.
    Availability,
}

/// A funder's money in a call as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The indicative commitment.
    pub indicative: Amount,
    /// The one on availability of funds, once it is signed.
    pub available: Option<Amount>,
    /// The money of final selections that this funder is to pay.
    pub decided: Amount,
}

/// What a funder wants to commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pledge {
    /// Which of the two commitments.
    pub kind: CommitmentKind,
    /// The whole of it, in the call's currency.
    pub amount: Amount,
    /// Whether it names a signed document.
    pub signed: bool,
}

/// The freeze of the budget as it concerns a funder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Freeze {
    /// Whether the budget is frozen now.
    pub frozen: bool,
    /// Whether the funder may change its commitment once all the same.
    pub unfrozen: bool,
}

impl Committed {
    /// Whether a funder may commit that. Answers whether it uses up that its commitment was unfrozen.
    ///
    /// So always: decided <= on availability of funds <= indicative. Faults: less than nothing or than what is
    /// decided; an indicative commitment below the one on availability of funds, or that above the indicative one;
    /// no signed document where one is needed; a change that a frozen budget does not allow.
    pub fn check(
        &self,
        pledge: Pledge,
        rules: &CommitmentRules,
        freeze: Freeze,
    ) -> Result<bool, Faults> {
        let mut faults = Faults::default();
        let new = pledge.amount;
        faults.require(
            new >= Amount::ZERO,
            "/amount",
            "amount_negative",
            format!("{new} is less than nothing; give an amount from 0.00"),
        );
        faults.require(
            new >= self.decided,
            "/amount",
            "below_decided",
            format!(
                "{} is decided already; commit at least that, not {new}",
                self.decided
            ),
        );
        let mut uses_unfreezing = false;
        let needs_document = match pledge.kind {
            CommitmentKind::Availability => {
                faults.require(
                    new <= self.indicative,
                    "/amount",
                    "above_commitment",
                    format!(
                        "the funder's commitment is {}, and {new} is more; raise the commitment first",
                        self.indicative
                    ),
                );
                true
            }
            CommitmentKind::Indicative => {
                let available = self.available.unwrap_or_default();
                faults.require(
                    new >= available || new < self.decided,
                    "/amount",
                    "below_available",
                    format!(
                        "{available} is committed on availability of funds; lower that first, or commit at least as much"
                    ),
                );
                uses_unfreezing =
                    freeze.frozen && !allows(rules.after_freeze, self.indicative, new);
                faults.require(
                    !uses_unfreezing || freeze.unfrozen,
                    "/amount",
                    "budget_frozen",
                    match rules.after_freeze {
                        FreezeRule::RaiseOnly => format!(
                            "the budget is frozen and {new} is less than {}; raise it, or ask the secretariat to unfreeze it",
                            self.indicative
                        ),
                        FreezeRule::Unfreezing => {
                            "the budget is frozen; ask the secretariat to unfreeze it".to_owned()
                        }
                    },
                );
                rules.indicative_signed
            }
        };
        faults.require(
            pledge.signed || !needs_document,
            "/document",
            "document_required",
            "file the signed document first, and name it by its SHA-256; a click binds nobody",
        );
        faults.or(uses_unfreezing)
    }
}

/// What a frozen budget lets a funder do without more ado.
fn allows(rule: FreezeRule, current: Amount, new: Amount) -> bool {
    match rule {
        FreezeRule::RaiseOnly => new >= current,
        FreezeRule::Unfreezing => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DD of the worked case, in thousands: 670 committed, of which 629.8 are its national part.
    const DD: Committed = Committed {
        indicative: Amount(67_000_000),
        available: None,
        decided: Amount(62_980_000),
    };

    const OPEN: Freeze = Freeze {
        frozen: false,
        unfrozen: false,
    };

    fn rules(after_freeze: FreezeRule, indicative_signed: bool) -> CommitmentRules {
        CommitmentRules {
            indicative_signed,
            after_freeze,
        }
    }

    fn pledge(kind: CommitmentKind, amount: i64, signed: bool) -> Pledge {
        let amount = Amount(amount);
        Pledge {
            kind,
            amount,
            signed,
        }
    }

    fn codes(found: Result<bool, Faults>) -> Vec<String> {
        let faults = found.err().unwrap_or_default().0.into_iter();
        faults.map(|fault| fault.code).collect()
    }

    #[test]
    fn never_below_what_is_decided() {
        let rules = CommitmentRules::default();
        let change = |amount| {
            DD.check(
                pledge(CommitmentKind::Indicative, amount, false),
                &rules,
                OPEN,
            )
        };
        assert_eq!(change(80_000_000), Ok(false));
        assert_eq!(change(62_980_000), Ok(false));
        assert_eq!(codes(change(62_979_999)), ["below_decided"]);
        assert_eq!(codes(change(-1)), ["amount_negative", "below_decided"]);
    }

    #[test]
    fn what_is_available_lies_between_what_is_decided_and_what_is_committed() {
        let rules = CommitmentRules::default();
        let sign = |amount, signed| {
            let pledge = pledge(CommitmentKind::Availability, amount, signed);
            // No freeze stands in its way: it is made after the selection.
            let frozen = Freeze {
                frozen: true,
                unfrozen: false,
            };
            DD.check(pledge, &rules, frozen)
        };
        assert_eq!(sign(62_980_000, true), Ok(false));
        assert_eq!(codes(sign(62_980_000, false)), ["document_required"]);
        assert_eq!(codes(sign(62_979_999, true)), ["below_decided"]);
        assert_eq!(codes(sign(67_000_001, true)), ["above_commitment"]);
        let signed = Committed {
            available: Some(Amount(65_000_000)),
            ..DD
        };
        let lower = |amount| {
            let pledge = pledge(CommitmentKind::Indicative, amount, false);
            codes(signed.check(pledge, &rules, OPEN))
        };
        assert_eq!(lower(64_999_999), ["below_available"]);
        assert_eq!(lower(62_000_000), ["below_decided"]);
        assert_eq!(lower(65_000_000), [""; 0]);
    }

    #[test]
    fn a_frozen_budget_is_raised_or_unfrozen() {
        use FreezeRule::{RaiseOnly, Unfreezing};
        let change = |rule, unfrozen, amount| {
            let pledge = pledge(CommitmentKind::Indicative, amount, true);
            let freeze = Freeze {
                frozen: true,
                unfrozen,
            };
            DD.check(pledge, &rules(rule, true), freeze)
        };
        assert_eq!(change(RaiseOnly, false, 70_000_000), Ok(false));
        assert_eq!(
            codes(change(RaiseOnly, false, 66_000_000)),
            ["budget_frozen"]
        );
        assert_eq!(change(RaiseOnly, true, 66_000_000), Ok(true));
        // What is not needed is not used up.
        assert_eq!(change(RaiseOnly, true, 70_000_000), Ok(false));
        assert_eq!(
            codes(change(Unfreezing, false, 70_000_000)),
            ["budget_frozen"]
        );
        assert_eq!(change(Unfreezing, true, 70_000_000), Ok(true));
    }

    #[test]
    fn a_call_may_ask_for_a_signature_from_the_beginning() {
        let check = |signed| {
            let pledge = pledge(CommitmentKind::Indicative, 70_000_000, signed);
            codes(DD.check(pledge, &rules(FreezeRule::RaiseOnly, true), OPEN))
        };
        assert_eq!(check(false), ["document_required"]);
        assert_eq!(check(true), [""; 0]);
    }
}
