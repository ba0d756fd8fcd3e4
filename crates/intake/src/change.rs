//! Changes to a consortium while its eligibility is checked: recorded on top of what was submitted, which stays
//! as it was.

use kernel::Faults;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::check::{CheckContext, Findings};
use crate::content::{Content, Funding, Partner};
use crate::{money, partner};

/// What happens to a partner. The braces are there because serde would let unknown fields pass without them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PartnerChange {
    /// It leaves the consortium.
    Drop {},
    /// Another takes its place.
    Replace {
        /// The other, whole, with an id of its own.
        by: Box<Partner>,
    },
    /// It takes part with means of its own from now on.
    OwnFunds {
        /// What the means are, for the secretariat to check.
        means: String,
    },
}

/// The kinds of changes.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ChangeKind {
    /// The partner left the consortium.
    Drop,
    /// Another took its place.
    Replace,
    /// It brings means of its own.
    OwnFunds,
}

/// A change as it is kept: who is concerned, and what stands in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The partner concerned.
    pub partner: Uuid,
    /// Itself with its own means, or who takes its place; none when it left.
    pub becomes: Option<Partner>,
}

impl PartnerChange {
    /// Its kind.
    pub fn kind(&self) -> ChangeKind {
        match self {
            PartnerChange::Drop {} => ChangeKind::Drop,
            PartnerChange::Replace { .. } => ChangeKind::Replace,
            PartnerChange::OwnFunds { .. } => ChangeKind::OwnFunds,
        }
    }

    /// The change of this partner.
    pub fn of(&self, before: &Partner) -> Change {
        let becomes = match self {
            PartnerChange::Drop {} => None,
            PartnerChange::Replace { by } => Some((**by).clone()),
            PartnerChange::OwnFunds { means } => Some(Partner {
                funding: Funding::Own {
                    means: means.trim().to_owned(),
                },
                ..before.clone()
            }),
        };
        Change {
            partner: before.id,
            becomes,
        }
    }
}

/// The partners after changes, in the order of these. Who takes a place stands where the other stood.
pub fn apply(partners: &mut Vec<Partner>, changes: impl IntoIterator<Item = Change>) {
    for change in changes {
        let Some(at) = partners.iter().position(|one| one.id == change.partner) else {
            continue;
        };
        match change.becomes {
            Some(other) => partners[at] = other,
            None => drop(partners.remove(at)),
        }
    }
}

/// What is wrong with a change to the partner `before` of `content`, which holds the consortium as it is now.
/// `known` are all ids that partners of the proposal ever had. A rule of the call that the changed consortium
/// breaks does not stand in the way: it makes the proposal ineligible, and only the record itself is looked at here.
pub fn check(
    change: &PartnerChange,
    before: &Partner,
    ineligible: bool,
    content: &Content,
    known: &[Uuid],
    context: &CheckContext<'_>,
) -> Faults {
    let mut faults = Faults::default();
    let stays = matches!(change, PartnerChange::OwnFunds { .. });
    faults.require(
        !before.coordinates() || stays && !ineligible,
        "/partner",
        "coordinator_stays",
        "this is the coordinator, who is neither dropped nor replaced, and who is never repaired once found ineligible",
    );
    match change {
        PartnerChange::Drop {} => {}
        PartnerChange::OwnFunds { means } => {
            faults.require(
                !before.own_funded(),
                "/change/kind",
                "own_funded_already",
                "this partner brings its own means already; leave it, or drop or replace it",
            );
            faults.require(
                !means.trim().is_empty(),
                "/change/means",
                "means_missing",
                "say which means the partner brings",
            );
        }
        PartnerChange::Replace { by } => {
            faults.require(
                !known.contains(&by.id),
                "/change/by/id",
                "partner_id_repeated",
                "a partner of the proposal has, or had, this id; give the new one its own",
            );
            faults.require(
                by.id == before.id || !by.same_as(before),
                "/change/by",
                "same_partner",
                "this is the partner whose place it would take, under another id; name another organisation or another \
                 principal investigator, or leave the partner",
            );
            faults.require(
                !by.coordinates(),
                "/change/by/role",
                "coordinator_repeated",
                "the proposal has its coordinator; make this one a partner",
            );
            faults.0.extend(record(by, before, content, context).0);
        }
    }
    faults
}

/// What is wrong with the record of a new partner beside the others.
fn record(by: &Partner, before: &Partner, content: &Content, context: &CheckContext<'_>) -> Faults {
    let mut rest = Content {
        partners: content.partners.clone(),
        ..Content::default()
    };
    rest.partners.retain(|one| one.id != before.id);
    rest.partners.push(by.clone());
    let at = format!("/partners/{}/", rest.partners.len() - 1);
    let mut found = Findings::default();
    partner::check(&rest, context, &mut found);
    money::budget(by, &format!("{at}budget"), context, &mut found);
    let mut faults = Faults::default();
    for fault in found.faults.0 {
        let field = fault
            .pointer
            .strip_prefix(&at)
            .filter(|field| *field != "id");
        if let Some(field) = field {
            faults.add(format!("/change/by/{field}"), &fault.code, fault.detail);
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::PartnerRole;
    use crate::sample;

    fn replace(by: Partner) -> PartnerChange {
        PartnerChange::Replace { by: Box::new(by) }
    }

    fn own() -> PartnerChange {
        PartnerChange::OwnFunds {
            means: " Own staff ".to_owned(),
        }
    }

    #[test]
    fn a_place_is_left_taken_or_paid_for() {
        let mut partners = sample::content().partners;
        let (second, third) = (partners[1].clone(), partners[2].clone());
        let newcomer = sample::partner(9, "FR-ANR");
        let changes = [
            replace(newcomer.clone()).of(&second),
            own().of(&newcomer),
            PartnerChange::Drop {}.of(&third),
        ];
        apply(&mut partners, changes);
        assert_eq!(partners.len(), 2);
        assert_eq!(partners[1].id, newcomer.id);
        assert!(partners[1].own_funded());
        assert_eq!(partners[1].requested(), Ok(kernel::Amount::ZERO));
    }

    #[test]
    fn all_faults_of_a_change_are_named() {
        let (rules, funders) = (sample::rules(), sample::funders());
        let context = CheckContext::new(&rules, &rules.stages[0], &funders);
        let content = sample::content();
        let known: Vec<Uuid> = content.partners.iter().map(|one| one.id).collect();
        let codes = |change: &PartnerChange, at: usize, ineligible: bool| {
            let before = &content.partners[at];
            let faults = check(change, before, ineligible, &content, &known, &context).0;
            let said = faults
                .into_iter()
                .map(|one| format!("{} {}", one.pointer, one.code));
            said.collect::<Vec<_>>().join(", ")
        };
        let stays = "/partner coordinator_stays";
        assert_eq!(codes(&PartnerChange::Drop {}, 0, false), stays);
        assert_eq!(codes(&own(), 0, true), stays);
        assert_eq!(codes(&own(), 0, false), "");
        assert_eq!(codes(&PartnerChange::Drop {}, 1, true), "");
        let mut by = sample::partner(9, "FR-ANR");
        assert_eq!(codes(&replace(by.clone()), 1, true), "");
        let again = Partner {
            id: by.id,
            ..content.partners[1].clone()
        };
        assert_eq!(codes(&replace(again), 1, true), "/change/by same_partner");
        by.organisation.clear();
        by.role = PartnerRole::Coordinator;
        by.funding = Funding::Funder {
            funder: "XX-NONE".to_owned(),
        };
        by.id = content.partners[2].id;
        by.principal_investigator = content.partners[2].principal_investigator.clone();
        assert_eq!(
            codes(&replace(by), 1, false),
            "/change/by/id partner_id_repeated, /change/by/role coordinator_repeated, \
             /change/by/organisation organisation_missing, /change/by/funding/funder funder_unknown, \
             /change/by/principal_investigator principal_investigator_repeated"
        );
        let blank = PartnerChange::OwnFunds {
            means: " ".to_owned(),
        };
        assert_eq!(codes(&blank, 1, false), "/change/means means_missing");
    }
}
