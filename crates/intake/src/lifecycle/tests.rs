use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

fn any_event() -> impl Strategy<Value = ProposalEvent> {
    proptest::sample::select(ProposalEvent::iter().collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn what_was_submitted_never_lapses(events in proptest::collection::vec(any_event(), 0..60)) {
        let (mut state, mut submitted) = (PROPOSAL.start, false);
        for event in events {
            use ProposalEvent::{Reinstate, ReinstateDraft, ReinstateEdited};
            // Which of these it is, is not chosen but follows from what was submitted.
            let event = match event {
                ReinstateDraft | Reinstate => ProposalEvent::undoing_withdrawal(submitted, false),
                ReinstateEdited => ProposalEvent::undoing_withdrawal(submitted, true),
                other => other,
            };
            if let Ok(next) = PROPOSAL.apply(state, event) {
                state = next;
                submitted |= event == ProposalEvent::Submit;
            }
            let has_version = !matches!(
                state,
                ProposalState::Draft | ProposalState::Lapsed | ProposalState::Withdrawn
            );
            prop_assert!(!(submitted && state == ProposalState::Lapsed));
            prop_assert!(submitted || !has_version, "{state} without a submission");
        }
    }
}

#[test]
fn at_the_deadline_each_open_state_has_one_way_to_close() {
    for (state, ways) in [
        (ProposalState::Draft, [ProposalEvent::CloseLapsed]),
        (ProposalState::Submitted, [ProposalEvent::CloseLocked]),
        (ProposalState::EditedSince, [ProposalEvent::CloseLocked]),
    ] {
        let closing = [ProposalEvent::CloseLapsed, ProposalEvent::CloseLocked];
        let found: Vec<_> = closing
            .into_iter()
            .filter(|event| PROPOSAL.apply(state, *event).is_ok())
            .collect();
        assert_eq!(found, ways, "{state}");
    }
}

#[test]
fn all_but_what_has_ended_can_be_withdrawn_and_little_comes_back() {
    use ProposalEvent::{Reinstate, ReinstateDraft, ReinstateEdited, Reopen};
    use ProposalState::*;
    for state in ProposalState::iter() {
        let ended = matches!(state, Lapsed | Withdrawn | Excluded);
        let withdrawn = PROPOSAL.apply(state, ProposalEvent::Withdraw);
        assert_eq!(withdrawn.is_err(), ended, "{state}");
        if ended {
            // What lapsed comes back by an individual exception to the deadline, and by nothing else; a
            // withdrawal can be undone.
            let back = ProposalEvent::iter().filter(|event| PROPOSAL.apply(state, *event).is_ok());
            let expected: &[ProposalEvent] = match state {
                Lapsed => &[Reopen],
                Withdrawn => &[ReinstateDraft, Reinstate, ReinstateEdited],
                _ => &[],
            };
            assert_eq!(back.collect::<Vec<_>>(), expected, "{state}");
        }
    }
}

#[test]
fn each_state_can_be_reached_and_no_step_is_ambiguous() {
    let mut reached = BTreeSet::from([PROPOSAL.start]);
    for _ in ProposalState::iter() {
        for (from, _, to) in PROPOSAL.rows {
            if reached.contains(from) {
                reached.insert(*to);
            }
        }
    }
    assert_eq!(reached, ProposalState::iter().collect());
    let steps: BTreeSet<_> = PROPOSAL
        .rows
        .iter()
        .map(|(from, by, _)| (from, by))
        .collect();
    assert_eq!(steps.len(), PROPOSAL.rows.len());
    let steps: BTreeSet<_> = ELIGIBILITY
        .rows
        .iter()
        .map(|(from, by, _)| (from, by))
        .collect();
    assert_eq!(steps.len(), ELIGIBILITY.rows.len());
}

#[test]
fn a_verdict_changes_only_by_revision() {
    for verdict in PartnerVerdict::iter().filter(|verdict| verdict.given()) {
        for event in EligibilityEvent::iter() {
            let next = ELIGIBILITY.apply(verdict, event).ok();
            let expected = (event == EligibilityEvent::Revise).then_some(PartnerVerdict::Open);
            assert_eq!(next, expected, "{verdict} {event}");
        }
    }
}
