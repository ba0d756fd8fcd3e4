//! Scenarios: the same call with other commitments, another gap share, or without some proposals.

use std::collections::HashSet;

use kernel::{Amount, Faults};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::input::check_amount;
use crate::{Fraction, FunderResult, ProposalInput, Selection, SelectionInput};

/// Who sees a scenario.
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
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[schema(as = ScenarioVisibility)]
pub enum Visibility {
    /// The funder it was made for alone, not even the secretariat.
    Private,
    /// The secretariat alone.
    Secretariat,
    /// The steering committee, the observer and the secretariat.
    Shared,
}

/// What a scenario changes of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = ScenarioOverrides)]
pub struct Overrides {
    /// Other commitments, at most one for each funder, or for each funder and topic.
    pub commitments: Vec<OtherCommitment>,
    /// Another part of the EU's money that fills gaps; for a co-funded call.
    pub gap_share: Option<Fraction>,
    /// Numbers of proposals that are left off the list.
    pub excluded: Vec<String>,
}

/// What a funder would commit instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherCommitment {
    /// Code of the funder.
    pub funder: String,
    /// Key of the topic that it is for, where topics have money of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Its national commitment.
    pub amount: Amount,
}

impl Overrides {
    /// The input as the scenario has it.
    ///
    /// Faults: all at once, of the overrides, then of the input that they make.
    pub fn apply(&self, input: &SelectionInput) -> Result<SelectionInput, Faults> {
        self.check(input).or(())?;
        let mut changed = input.clone();
        for other in &self.commitments {
            let own = |one: &&mut crate::FunderInput| one.code == other.funder;
            if let Some(funder) = changed.funders.iter_mut().find(own) {
                funder.commit(other.topic.as_deref(), other.amount);
            }
        }
        if self.gap_share.is_some() {
            changed.gap_share = self.gap_share;
        }
        for one in self.left_out(&mut changed) {
            one.withdrawn = true;
        }
        // What was decided stays, unless it is supposed to be withdrawn.
        changed.kept.retain(|code| !self.excluded.contains(code));
        changed.check().or(changed)
    }

    /// What the EU would not pay because of gaps, those of the proposals that the scenario leaves off the list and all
    /// others above something that is funded: its money is earned only by what is funded above them.
    ///
    /// Faults: those of the input.
    pub fn eu_lost(
        &self,
        applied: &SelectionInput,
        selection: &Selection,
    ) -> Result<Amount, Faults> {
        if applied.eu.is_none() {
            return Ok(Amount::ZERO);
        }
        let mut whole = applied.clone();
        for one in self.left_out(&mut whole) {
            one.withdrawn = false;
        }
        crate::eu_lost_to_gaps(&whole, &selection.selected)
    }

    fn left_out<'i>(
        &self,
        input: &'i mut SelectionInput,
    ) -> impl Iterator<Item = &'i mut ProposalInput> {
        let excluded: HashSet<String> = self.excluded.iter().cloned().collect();
        let proposals = input.proposals.iter_mut();
        proposals.filter(move |one| excluded.contains(&one.code))
    }

    fn check(&self, input: &SelectionInput) -> Faults {
        let mut faults = Faults::default();
        let mut seen = HashSet::new();
        for (at, other) in self.commitments.iter().enumerate() {
            let pointer = |field: &str| format!("/commitments/{at}/{field}");
            check_amount(other.amount, || pointer("amount"), &mut faults);
            faults.require(
                input.funders.iter().any(|one| one.code == other.funder),
                pointer("funder"),
                "funder_unknown",
                format!("'{}' is not among the funders of the call", other.funder),
            );
            let divided = input.topics();
            faults.require(
                match other.topic.as_deref() {
                    None => divided.is_empty(),
                    Some(topic) => divided.contains(topic),
                },
                pointer("topic"),
                "topic_unknown",
                match divided.is_empty() {
                    true => "all topics of the call share the money; leave it out".to_owned(),
                    false => {
                        let all: Vec<&str> = divided.iter().copied().collect();
                        format!(
                            "each topic has money of its own; name one of {}",
                            all.join(", ")
                        )
                    }
                },
            );
            faults.require(
                seen.insert((other.funder.as_str(), other.topic.as_deref())),
                pointer("funder"),
                "twice",
                format!("'{}' stands here twice; give it once", other.funder),
            );
        }
        if let Some(share) = self.gap_share {
            faults.require(
                input.eu.is_some(),
                "/gap_share",
                "eu_missing",
                "there is no EU money to fill gaps; leave it out",
            );
            faults.require(
                share.is_part(),
                "/gap_share",
                "share",
                format!("{share} of the EU money fill gaps; give 0 to 1"),
            );
        }
        let mut seen = HashSet::new();
        for (at, code) in self.excluded.iter().enumerate() {
            let pointer = format!("/excluded/{at}");
            let listed = |one: &ProposalInput| one.code == *code && one.is_listed();
            faults.require(
                input.proposals.iter().any(listed),
                pointer.as_str(),
                "not_on_the_list",
                format!("'{code}' is not on the ranking list; leave it out"),
            );
            faults.require(
                seen.insert(code.as_str()),
                pointer,
                "twice",
                format!("'{code}' stands here twice; give it once"),
            );
        }
        faults
    }
}

/// Two selections side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = SelectionComparison)]
pub struct Comparison {
    /// Codes of what both fund, in the ranking order of the first.
    pub both: Vec<String>,
    /// Codes of what the first alone funds.
    pub only_a: Vec<String>,
    /// Codes of what the second alone funds.
    pub only_b: Vec<String>,
    /// What the EU pays for the second, less what it pays for the first.
    pub eu_difference: Amount,
    /// The money of each funder.
    pub funders: Vec<FunderComparison>,
}

/// A funder's money in two selections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = FunderComparison)]
pub struct FunderComparison {
    /// Its code.
    pub funder: String,
    /// In the first; none where it is no funder there.
    pub a: Option<FunderResult>,
    /// In the second; none where it is no funder there.
    pub b: Option<FunderResult>,
    /// Its national money in the second, less that in the first.
    pub national_difference: Amount,
}

/// Compares two selections of one call.
pub fn compare(a: &Selection, b: &Selection) -> Comparison {
    let only = |these: &[String], those: &[String], shared: bool| -> Vec<String> {
        let kept = these.iter().filter(|code| those.contains(code) == shared);
        kept.cloned().collect()
    };
    let more = |from: Amount, to: Amount| Amount(to.0.saturating_sub(from.0));
    let of = |selection: &Selection, code: &str| {
        let found = selection.funders.iter().find(|one| one.funder == code);
        found.cloned()
    };
    let mut codes: Vec<&str> = a.funders.iter().map(|one| one.funder.as_str()).collect();
    for one in &b.funders {
        if !codes.contains(&one.funder.as_str()) {
            codes.push(&one.funder);
        }
    }
    let funders = codes.into_iter().map(|code| {
        let (a, b) = (of(a, code), of(b, code));
        let national =
            |one: &Option<FunderResult>| one.as_ref().map_or(Amount::ZERO, |one| one.national);
        FunderComparison {
            funder: code.to_owned(),
            national_difference: more(national(&a), national(&b)),
            a,
            b,
        }
    });
    Comparison {
        both: only(&a.selected, &b.selected, true),
        only_a: only(&a.selected, &b.selected, false),
        only_b: only(&b.selected, &a.selected, false),
        eu_difference: more(a.eu_contribution, b.eu_contribution),
        funders: funders.collect(),
    }
}
