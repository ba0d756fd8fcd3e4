//! Verdicts on a proposal and its partners, and the outcome they make together.

use call::{Consortium, ConsortiumRules, Member, Sector};
use kernel::{Amount, Country, Faults};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::content::{Partner, PartnerRole};

/// The secretariat's verdict on the form of a proposal: date, composition, completeness, length.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
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
pub enum FormalVerdict {
    /// None yet.
    Open,
    /// The form is in order.
    Eligible,
    /// It is not.
    Ineligible,
}

/// A funder's verdict on its applicant, or the secretariat's on an own-funded partner.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
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
pub enum PartnerVerdict {
    /// None yet.
    Open,
    /// None yet; a question waits for the partner's answer.
    Asked,
    /// The funder would pay.
    Eligible,
    /// The funder would pay under conditions, which the grant will hold.
    EligibleWithConditions,
    /// The funder would not pay.
    Ineligible,
}

impl PartnerVerdict {
    /// Whether there is a verdict.
    pub fn given(self) -> bool {
        !matches!(self, PartnerVerdict::Open | PartnerVerdict::Asked)
    }
}

/// A verdict as it is handed in, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ruling {
    /// The verdict.
    pub verdict: PartnerVerdict,
    /// What the funder would pay, in the currency of the call.
    #[serde(default)]
    pub fundable: Option<Amount>,
    /// The rule that an ineligible partner breaks, by its name in the funder's terms.
    #[serde(default)]
    pub rule: String,
    /// Why, or under which conditions; the consortium reads it.
    #[serde(default)]
    pub reason: String,
}

/// What is wrong with a ruling over a partner that requests `requested` of a funder, or nothing when
/// `own_funded`. A funded partner found eligible needs a fundable amount from zero to what it
/// requested; an ineligible one needs a rule and a reason, and conditions need to be named.
pub fn check_verdict(ruling: &Ruling, own_funded: bool, requested: Amount) -> Faults {
    let mut faults = Faults::default();
    let payable = match ruling.verdict {
        PartnerVerdict::Open | PartnerVerdict::Asked => {
            faults.add(
                "/verdict",
                "verdict_missing",
                format!(
                    "'{}' is no verdict; give eligible, eligible_with_conditions or ineligible, or ask \
                     the partner with a query",
                    ruling.verdict
                ),
            );
            return faults;
        }
        PartnerVerdict::Eligible | PartnerVerdict::EligibleWithConditions => !own_funded,
        PartnerVerdict::Ineligible => false,
    };
    match ruling.fundable {
        None => faults.require(
            !payable,
            "/fundable",
            "fundable_missing",
            format!("the fundable amount is missing; give what the funder would pay, 0.00 to {requested}"),
        ),
        Some(fundable) if payable => faults.require(
            (Amount::ZERO..=requested).contains(&fundable),
            "/fundable",
            "fundable_out_of_range",
            format!("{fundable} is not between 0.00 and the {requested} requested; give an amount between"),
        ),
        Some(fundable) => faults.add(
            "/fundable",
            "fundable_not_expected",
            format!("{fundable} is given, but no funder would pay this partner; leave the amount out"),
        ),
    }
    let ineligible = ruling.verdict == PartnerVerdict::Ineligible;
    faults.require(
        !ineligible || !ruling.rule.trim().is_empty(),
        "/rule",
        "rule_missing",
        "an ineligible partner breaks a rule; name it",
    );
    faults.require(
        ruling.verdict == PartnerVerdict::Eligible || !ruling.reason.trim().is_empty(),
        "/reason",
        "reason_missing",
        format!(
            "'{}' needs a reason that the consortium can read; give it",
            ruling.verdict
        ),
    );
    faults
}

/// What is wrong with a formal check as it is handed in.
pub fn check_formal(verdict: FormalVerdict, reason: &str) -> Faults {
    let mut faults = Faults::default();
    faults.require(
        verdict != FormalVerdict::Open,
        "/verdict",
        "verdict_missing",
        "'open' is no verdict; give eligible or ineligible",
    );
    faults.require(
        verdict != FormalVerdict::Ineligible || !reason.trim().is_empty(),
        "/reason",
        "reason_missing",
        "'ineligible' needs a reason that the consortium can read; give it",
    );
    faults
}

/// A partner as far as the outcome is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartnerState {
    /// The partner.
    pub partner: Uuid,
    /// Its role.
    pub role: PartnerRole,
    /// Its country.
    pub country: Option<Country>,
    /// Whether it brings its own means.
    pub own_funded: bool,
    /// Its sector.
    pub sector: Option<Sector>,
    /// The verdict on it.
    pub verdict: PartnerVerdict,
}

impl PartnerState {
    /// The partner as far as the rules of the consortium can see it here.
    fn member(&self) -> Member {
        Member {
            key: self.partner.to_string(),
            coordinator: self.role == PartnerRole::Coordinator,
            country: self.country,
            own_funded: self.own_funded,
            sector: self.sector,
            ..Member::default()
        }
    }
}

/// What the verdicts make of a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// It goes on.
    Eligible,
    /// It goes on, but these partners must be dropped or replaced.
    Conditional {
        /// The ineligible partners.
        replace: Vec<Uuid>,
    },
    /// It ends here.
    Ineligible {
        /// Why.
        reason: String,
    },
}

/// The outcome; `None` until the formal check and all partners have verdicts.
///
/// An ineligible coordinator is never repaired. When other partners are ineligible, the proposal goes on
/// only if those that remain still meet the consortium rules. Where the consortium was `changed` since the
/// submission, which had met them, it is looked at whole, whoever is eligible. Rules that the steering committee
/// `waived` for the proposal, by the codes of their findings, are not among them.
pub fn merge(
    formal: FormalVerdict,
    partners: &[PartnerState],
    rules: &ConsortiumRules,
    changed: Option<&[Partner]>,
    waived: &[String],
) -> Option<Outcome> {
    let all_given = partners.iter().all(|partner| partner.verdict.given());
    if formal == FormalVerdict::Open || !all_given {
        return None;
    }
    let ineligible = |reason: &str| {
        Some(Outcome::Ineligible {
            reason: reason.to_owned(),
        })
    };
    if formal == FormalVerdict::Ineligible {
        return ineligible("the proposal did not pass the formal check");
    }
    let (out, rest): (Vec<&PartnerState>, Vec<&PartnerState>) = partners
        .iter()
        .partition(|partner| partner.verdict == PartnerVerdict::Ineligible);
    if out.is_empty() && changed.is_none() {
        return Some(Outcome::Eligible);
    }
    if out
        .iter()
        .any(|partner| partner.role == PartnerRole::Coordinator)
    {
        return ineligible("the coordinator is not eligible");
    }
    let stays = |member: &Partner| rest.iter().any(|one| one.partner == member.id);
    let members: Vec<Member> = match changed {
        Some(all) => all
            .iter()
            .filter(|one| stays(one))
            .map(Member::from)
            .collect(),
        None => rest.iter().map(|one| one.member()).collect(),
    };
    let found = rules.check(&Consortium {
        members: &members,
        ..Consortium::default()
    });
    // Nobody is one too many because another goes; and what opens a further place is not asked here.
    let found = found
        .into_iter()
        .filter(|one| one.code != "partners_too_many" && !waived.contains(&one.code));
    let faults = kernel::faults(found);
    if faults.is_empty() {
        return Some(match out.is_empty() {
            true => Outcome::Eligible,
            false => Outcome::Conditional {
                replace: out.iter().map(|partner| partner.partner).collect(),
            },
        });
    }
    let broken: Vec<String> = faults.0.into_iter().map(|fault| fault.detail).collect();
    let how = match out.is_empty() {
        true => "as it was changed",
        false => "without its ineligible partners",
    };
    ineligible(&format!("{how}: {}", broken.join("; ")))
}

#[cfg(test)]
mod tests;
