//! Whether a proposal may be submitted: all faults and doubts at once.

use call::{Consortium, Rules, StageRules, Terms};
use kernel::{Country, Currency, Fault, Faults, Finding};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::consortium::{invited_members, members};
use crate::content::{Content, PartnerRole};
use crate::{Condition, annex, canonical, choice, condition, form, money, partner, waiver};

/// What a check needs to know of the call.
#[derive(Debug, Clone, Copy)]
pub struct CheckContext<'a> {
    /// The rules of the call.
    pub rules: &'a Rules,
    /// The rules of the stage, among them.
    pub stage: &'a StageRules,
    /// The funders that take part.
    pub funders: &'a [FunderTerms],
    /// The proposal as it was invited to this stage, when an earlier stage came before.
    pub invited: Option<Invited<'a>>,
    /// The conditions of the invitation.
    pub conditions: &'a [Condition],
    /// The rules, by the codes of their findings, that the steering committee waived for the proposal.
    pub waived: &'a [String],
    /// Keys of the funders that the steering committee named under-represented at the invitation.
    pub under_represented: &'a [String],
    /// How many proposals of the call the coordinator submits with this one.
    pub coordinations: u32,
    /// The partners who have confirmed their parts as they stand; none where nobody is asked: what was submitted
    /// had been confirmed as far as it had to be.
    pub confirmed: Option<&'a [Uuid]>,
}

/// A proposal as it was invited.
#[derive(Debug, Clone, Copy)]
pub struct Invited<'a> {
    /// What it said.
    pub content: &'a Content,
    /// The partners that were found ineligible.
    pub ineligible: &'a [Uuid],
}

/// What a check needs to know of a funder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunderTerms {
    /// Key in the call, such as `DE-BMBF`.
    pub key: String,
    /// Name as people know it.
    pub name: String,
    /// The country whose partners it pays.
    pub country: Country,
    /// The region whose partners it pays, for a regional funder.
    pub region: Option<String>,
    /// On which terms it takes part.
    pub terms: Terms,
}

/// The outcome of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// What stands in the way of a submission.
    pub faults: Faults,
    /// What does not, but may cost the proposal its funding: for people to look at.
    pub doubts: Faults,
}

impl Findings {
    /// Notes what a rule of the call found.
    pub(crate) fn add(&mut self, finding: Finding) {
        let side = if finding.is_fault() {
            &mut self.faults
        } else {
            &mut self.doubts
        };
        side.0.push(Fault::from(finding));
    }
}

impl<'a> CheckContext<'a> {
    /// What a proposal is checked against that comes by itself: it was not invited, its coordinator has no
    /// other, and nobody is asked to confirm.
    pub fn new(rules: &'a Rules, stage: &'a StageRules, funders: &'a [FunderTerms]) -> Self {
        Self {
            rules,
            stage,
            funders,
            invited: None,
            conditions: &[],
            waived: &[],
            under_represented: &[],
            coordinations: 1,
            confirmed: None,
        }
    }
}

impl CheckContext<'_> {
    /// The currency of all budgets.
    pub(crate) fn currency(&self) -> Currency {
        self.rules.funding.currency
    }

    /// The keys of the funders that pay in a country, or of all when it has none or is not said.
    pub(crate) fn funders_for(&self, country: Option<Country>) -> String {
        let keys = |here: &dyn Fn(&FunderTerms) -> bool| {
            let keys: Vec<&str> = self
                .funders
                .iter()
                .filter(|terms| here(terms))
                .map(|terms| terms.key.as_str())
                .collect();
            keys.join(", ")
        };
        let near = keys(&|terms| Some(terms.country) == country);
        if near.is_empty() {
            keys(&|_| true)
        } else {
            near
        }
    }
}

/// What even a draft may not hold: U+0000, which is no text and which no database column takes.
pub fn draft(content: &Content) -> Faults {
    kernel::no_text(&canonical::value(content))
}

/// Checks a proposal against the rules of its stage.
pub fn check(content: &Content, context: &CheckContext<'_>) -> Findings {
    let mut found = Findings::default();
    form::check(content, context, &mut found);
    annex::check(content, &context.stage.annexes, &mut found.faults);
    coordinators(content, &mut found.faults);
    confirmations(content, context, &mut found.faults);
    choice::check(content, context, &mut found);
    consortium(content, context, &mut found);
    if let Some(invited) = context.invited {
        let before = &invited.content.partners;
        let bind = context.stage.conditions_bind;
        condition::check(content, before, context.conditions, bind, &mut found);
    }
    waiver::lift(&mut found, context.waived);
    found
}

/// Checks who takes part and what they ask: the part of [`check`] that a change of the consortium can move.
pub fn check_consortium(content: &Content, context: &CheckContext<'_>) -> Findings {
    let mut found = Findings::default();
    coordinators(content, &mut found.faults);
    consortium(content, context, &mut found);
    waiver::lift(&mut found, context.waived);
    found
}

fn consortium(content: &Content, context: &CheckContext<'_>, found: &mut Findings) {
    partner::check(content, context, found);
    money::check(content, context, found);
    let before = context
        .invited
        .map(|invited| invited_members(&invited.content.partners, invited.ineligible));
    let rules = &context.stage.consortium;
    let findings = rules.check(&Consortium {
        members: &members(&content.partners),
        before: before.as_deref(),
        under_represented_funders: context.under_represented,
    });
    let coordinations = rules.check_coordinations(context.coordinations);
    for finding in findings.into_iter().chain(coordinations) {
        found.add(finding);
    }
}

fn coordinators(content: &Content, faults: &mut Faults) {
    let mut coordinators = content
        .partners
        .iter()
        .enumerate()
        .filter(|(_, partner)| partner.role == PartnerRole::Coordinator);
    if coordinators.next().is_none() {
        faults.add(
            "/partners",
            "coordinator_missing",
            "no partner is the coordinator; exactly one must be: give one partner that role",
        );
    }
    for (at, _) in coordinators {
        faults.add(
            format!("/partners/{at}/role"),
            "coordinator_repeated",
            "a second coordinator; exactly one is allowed: make this one a partner",
        );
    }
}

/// Where the stage asks for it, every partner stands by its part; the coordinator does by submitting.
fn confirmations(content: &Content, context: &CheckContext<'_>, faults: &mut Faults) {
    let Some(confirmed) = context.confirmed.filter(|_| context.stage.partners_confirm) else {
        return;
    };
    let partners = content.partners.iter().enumerate();
    let others = partners.filter(|(_, one)| one.role == PartnerRole::Partner);
    for (at, partner) in others {
        faults.require(
            confirmed.contains(&partner.id),
            format!("/partners/{at}"),
            "partner_unconfirmed",
            "this partner has not confirmed its part as it stands; ask it to, by an invitation if it has none",
        );
    }
}

#[cfg(test)]
mod tests;
