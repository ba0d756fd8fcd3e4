//! Conditions of an invitation to the full stage: what the full proposal has to meet, and until when.

use chrono::{DateTime, Utc};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::check::Findings;
use crate::content::{Content, Partner, PartnerRole};

/// What is to be met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Demand {
    /// A partner leaves the consortium, whether or not another takes its place.
    ReplacePartner {
        /// The partner, by its id in the proposal.
        partner: Uuid,
    },
    /// A further partner joins that asks one of these funders.
    AddPartner {
        /// Keys of the funders.
        funders: Vec<String>,
    },
    /// Anything else: the secretariat says when it is met.
    Other {
        /// What.
        text: String,
    },
}

/// The kinds of demands.
#[derive(Debug, Display, EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum DemandKind {
    /// A partner leaves.
    ReplacePartner,
    /// A further partner joins.
    AddPartner,
    /// Anything else.
    Other,
}

/// A condition as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What is to be met.
    pub demand: Demand,
    /// The same as the letter says it.
    pub text: String,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Whether the secretariat has said that it is met.
    pub ticked: bool,
}

impl Demand {
    /// Whether the consortium meets it that was invited with the partners `before`; none where that cannot be
    /// computed. A partner that comes back under another id has neither left nor joined.
    pub fn met(&self, before: &[Partner], now: &[Partner]) -> Option<bool> {
        match self {
            Demand::ReplacePartner { partner } => {
                Some(!now.iter().any(|one| is(one, *partner, before)))
            }
            Demand::AddPartner { funders } => Some(now.iter().any(|one| {
                let asks = one
                    .funder()
                    .is_some_and(|key| funders.iter().any(|of| of == key));
                asks && !before.iter().any(|old| old.same_as(one))
            })),
            Demand::Other { .. } => None,
        }
    }

    /// As letters say it; `before` are the partners invited.
    pub fn text(&self, before: &[Partner]) -> String {
        match self {
            Demand::ReplacePartner { partner } => {
                let of = before.iter().find(|one| one.id == *partner);
                let name = of.map_or("a partner", |one| one.organisation.as_str());
                format!("to be dropped or replaced: {name}")
            }
            Demand::AddPartner { funders } => {
                format!("a further partner that asks one of: {}", funders.join(", "))
            }
            Demand::Other { text } => text.trim().to_owned(),
        }
    }

    /// What is wrong with it, for a proposal with the partners `before` in a call with these funders.
    pub fn check(&self, before: &[Partner], funders: &[&str]) -> Faults {
        let mut faults = Faults::default();
        match self {
            Demand::ReplacePartner { partner } => {
                let of = before.iter().find(|one| one.id == *partner);
                faults.require(
                    of.is_some_and(|one| one.role == PartnerRole::Partner),
                    "/partner",
                    "unknown_partner",
                    "no partner of the proposal but the coordinator has this id; take one of its partners",
                );
            }
            Demand::AddPartner { funders: asked } => {
                faults.require(
                    !asked.is_empty(),
                    "/funders",
                    "required",
                    "name the funders of whom the further partner asks one",
                );
                for (at, key) in asked.iter().enumerate() {
                    faults.require(
                        funders.contains(&key.as_str()),
                        format!("/funders/{at}"),
                        "funder_unknown",
                        format!(
                            "'{key}' is no funder of this call; take one of: {}",
                            funders.join(", ")
                        ),
                    );
                }
            }
            Demand::Other { text } => faults.require(
                !text.trim().is_empty(),
                "/text",
                "required",
                "say what has to be met",
            ),
        }
        faults
    }
}

impl Condition {
    /// Whether it is met, by what the secretariat said or by what the consortium is now.
    pub fn met(&self, before: &[Partner], now: &[Partner]) -> bool {
        self.ticked || self.demand.met(before, now) == Some(true)
    }
}

/// Whether `one` is the partner that has this id among those `before`.
fn is(one: &Partner, id: Uuid, before: &[Partner]) -> bool {
    one.id == id || before.iter().any(|old| old.id == id && old.same_as(one))
}

/// Notes the conditions that a full proposal does not meet: faults where they `bind`, else doubts.
pub(crate) fn check(
    content: &Content,
    before: &[Partner],
    conditions: &[Condition],
    bind: bool,
    found: &mut Findings,
) {
    let now = &content.partners;
    for condition in conditions.iter().filter(|one| !one.met(before, now)) {
        let at = match &condition.demand {
            Demand::ReplacePartner { partner } => {
                now.iter().position(|one| is(one, *partner, before))
            }
            Demand::AddPartner { .. } | Demand::Other { .. } => None,
        };
        let pointer = at.map_or("/partners".to_owned(), |at| format!("/partners/{at}"));
        let how = match condition.demand {
            Demand::Other { .. } => "the secretariat notes it when you have told it how it is met",
            Demand::ReplacePartner { .. } | Demand::AddPartner { .. } => "change the consortium",
        };
        let side = if bind {
            &mut found.faults
        } else {
            &mut found.doubts
        };
        side.add(
            pointer,
            "condition_unmet",
            format!(
                "a condition of the invitation, until {}, is not met: {}; {how}",
                condition.until.format("%-d %B %Y, %H:%M UTC"),
                condition.text
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn condition(demand: Demand) -> Condition {
        Condition {
            text: demand.text(&sample::content().partners),
            demand,
            until: DateTime::UNIX_EPOCH,
            ticked: false,
        }
    }

    #[test]
    fn what_can_be_computed_is_and_the_rest_is_ticked_off() {
        let before = sample::content().partners;
        let mut content = sample::content();
        let mut conditions = vec![
            condition(Demand::ReplacePartner {
                partner: before[1].id,
            }),
            condition(Demand::AddPartner {
                funders: vec!["FR-ANR".to_owned()],
            }),
            condition(Demand::Other {
                text: " Name who leads ".to_owned(),
            }),
        ];
        assert_eq!(conditions[2].text, "Name who leads");
        let unmet = |content: &Content, conditions: &[Condition], bind| {
            let mut found = Findings::default();
            check(content, &before, conditions, bind, &mut found);
            (found.faults.0.len(), found.doubts.0.len())
        };
        assert_eq!(unmet(&content, &conditions, true), (3, 0));
        assert_eq!(unmet(&content, &conditions, false), (0, 3));
        // The same under another id meets neither, whomever it asks.
        content.partners[1] = Partner {
            id: Uuid::from_u128(9),
            ..sample::partner(2, "FR-ANR")
        };
        assert_eq!(unmet(&content, &conditions, true), (3, 0));
        // One in the place of the other meets both.
        content.partners[1] = sample::partner(9, "FR-ANR");
        assert_eq!(unmet(&content, &conditions, true), (1, 0));
        conditions[2].ticked = true;
        assert_eq!(unmet(&content, &conditions, true), (0, 0));
    }

    #[test]
    fn what_is_wrong_with_a_demand_is_named() {
        let before = sample::content().partners;
        let codes = |demand: Demand| {
            let faults = demand.check(&before, &["FR-ANR"]).0;
            let codes = faults
                .into_iter()
                .map(|one| format!("{} {}", one.pointer, one.code));
            codes.collect::<Vec<_>>().join(", ")
        };
        let partner = before[0].id;
        assert_eq!(
            codes(Demand::ReplacePartner { partner }),
            "/partner unknown_partner"
        );
        let funders = vec!["FR-ANR".to_owned(), "XX".to_owned()];
        assert_eq!(
            codes(Demand::AddPartner { funders }),
            "/funders/1 funder_unknown"
        );
        let text = String::new();
        assert_eq!(codes(Demand::Other { text }), "/text required");
    }
}
