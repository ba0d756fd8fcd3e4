//! From a scenario to a selection: only what is so may be proposed, not what somebody supposed.

use std::collections::BTreeMap;

use kernel::Faults;

use crate::{FunderInput, Overrides, ProposalInput, SelectionInput};

impl Overrides {
    /// What a selection is computed from that is proposed of a scenario with these overrides, which was computed
    /// from `scenario`, as the call stands `now`: the scenario's own input.
    ///
    /// Faults, all at once: more money than is pledged, proposals left out that are on the list, and everything
    /// that is otherwise in the call by now.
    pub fn promote(
        &self,
        scenario: &SelectionInput,
        now: &SelectionInput,
    ) -> Result<SelectionInput, Faults> {
        let mut faults = Faults::default();
        let mut expected = now.clone();
        for (at, other) in self.commitments.iter().enumerate() {
            let own = |one: &&mut FunderInput| one.code == other.funder;
            let Some(funder) = expected.funders.iter_mut().find(own) else {
                continue;
            };
            let topic = other.topic.as_deref();
            let pledged = funder.committed(topic);
            faults.require(
                other.amount <= pledged,
                format!("/overrides/commitments/{at}/amount"),
                "not_pledged",
                format!(
                    "{} has pledged {} and the scenario spends up to {}; have the commitment raised first",
                    other.funder, pledged, other.amount
                ),
            );
            funder.commit(topic, other.amount);
        }
        if self.gap_share.is_some() {
            expected.gap_share = self.gap_share;
        }
        for (at, code) in self.excluded.iter().enumerate() {
            let listed = |one: &ProposalInput| one.code == *code && one.is_listed();
            faults.require(
                !now.proposals.iter().any(listed),
                format!("/overrides/excluded/{at}"),
                "on_the_list",
                format!("{code} is on the ranking list, and a selection leaves nobody off it who was not withdrawn"),
            );
            for one in expected
                .proposals
                .iter_mut()
                .filter(|one| one.code == *code)
            {
                one.withdrawn = true;
            }
        }
        moved(scenario, &expected, &mut faults);
        faults.or(scenario.clone())
    }

    /// Lets what was decided with a scenario of these overrides hold in whatever takes the place of the selection that
    /// was proposed of it: the other part for gaps, and that of a funder less is spent than it pledged, unless it has
    /// pledged `anew` since. What was left out was not on the list even then, so nothing of that goes on.
    pub fn carry(&self, now: &mut SelectionInput, anew: &[String]) {
        if self.gap_share.is_some() && now.eu.is_some() {
            now.gap_share = self.gap_share;
        }
        for other in &self.commitments {
            let own = |one: &&mut FunderInput| one.code == other.funder;
            if anew.contains(&other.funder) {
                continue;
            }
            if let Some(funder) = now.funders.iter_mut().find(own) {
                let topic = other.topic.as_deref();
                let less = other.amount.min(funder.committed(topic));
                funder.commit(topic, less);
            }
        }
    }
}

/// What is otherwise than in the scenario.
fn moved(scenario: &SelectionInput, now: &SelectionInput, faults: &mut Faults) {
    let mut fault = |pointer: String, detail: String| {
        faults.add(
            pointer,
            "moved",
            format!("{detail}; make the scenario anew"),
        );
    };
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
    if rules(scenario) != rules(now) {
        fault(
            "/input".to_owned(),
            "the call shares its money by other rules than the scenario".to_owned(),
        );
    }
    let funders = |input: &SelectionInput| -> BTreeMap<String, FunderInput> {
        let all = input.funders.iter();
        all.map(|one| (one.code.clone(), one.clone())).collect()
    };
    for (code, before, after) in pairs(funders(scenario), funders(now)) {
        let what = match (before, after) {
            (Some(before), Some(after)) if before.commitment != after.commitment => format!(
                "{code} commits {} by now, and {} in the scenario",
                after.commitment, before.commitment
            ),
            (Some(before), Some(after)) if before.topics != after.topics => {
                format!("{code} divides its commitment otherwise among the topics by now")
            }
            (Some(_), Some(_)) => format!("{code} stands otherwise to the EU's money by now"),
            (None, _) => format!("{code} has joined the call since"),
            (_, None) => format!("{code} is no funder of the call any more"),
        };
        fault(format!("/input/funders/{}", kernel::token(&code)), what);
    }
    let proposals = |input: &SelectionInput| -> BTreeMap<String, ProposalInput> {
        let all = input.proposals.iter();
        all.map(|one| (one.code.clone(), one.clone())).collect()
    };
    for (code, before, after) in pairs(proposals(scenario), proposals(now)) {
        let what = match (before, after) {
            (Some(before), Some(after)) if after.withdrawn && !before.withdrawn => {
                format!("{code} was withdrawn since")
            }
            (Some(before), Some(after)) if before.requests != after.requests => {
                format!("what funders would pay for {code} has changed")
            }
            (Some(_), Some(_)) => format!("{code} stands otherwise on the ranking list"),
            (None, _) => format!("{code} came to the ranking list since"),
            (_, None) => format!("{code} is not ranked any more"),
        };
        fault(format!("/input/proposals/{}", kernel::token(&code)), what);
    }
}

/// What differs of two, by its code.
fn pairs<T: PartialEq>(
    mut before: BTreeMap<String, T>,
    after: BTreeMap<String, T>,
) -> Vec<(String, Option<T>, Option<T>)> {
    let mut all = Vec::new();
    for (code, now) in after {
        match before.remove(&code) {
            Some(then) if then == now => {}
            then => all.push((code, then, Some(now))),
        }
    }
    all.extend(
        before
            .into_iter()
            .map(|(code, then)| (code, Some(then), None)),
    );
    all
}
