//! Breaches of amendments, of scenarios that became selections, and of votes.

use crate::Breach;

pub const BREACHES: &[Breach] = &[
    (
        "selection_in_force_says_since_when",
        "update sealed.selection set finalised_at = null",
    ),
    (
        "former_decision_has_a_successor",
        "update sealed.selection set state = 'amended'",
    ),
    (
        "amendment_says_what_and_why",
        "update sealed.selection set amends = id, cause = 'withdrawal', reason = 'P02 left'",
    ),
    (
        "amendment_cause_is_known",
        "update sealed.selection set cause = 'somehow'",
    ),
    (
        "amendment_keeps_what_was_decided",
        "update sealed.selection set input = input || '{\"kept\": [\"P01\"]}'",
    ),
    (
        "carried_acceptance_was_given",
        "update sealed.selection_line set carried_from = 1",
    ),
    (
        "default_is_of_a_decided_line",
        "insert into sealed.commitment_default (id, call_id, participation_id, selection_id, reason, evidence, goes_on, recorded_by, recorded_at)
         select '{row}', s.call_id, l.participation_id, s.id, 'No budget', 'Letter', '[]', '{coordinator}', '2020-01-01Z'
         from sealed.selection s join sealed.selection_line l on l.selection_id = s.id limit 1",
    ),
    (
        "amendment_letter_tells_what_was_amended",
        "insert into sealed.amendment_letter select id, '{row}', call_id, 'selected', 'Dear Ada', clock_timestamp() from sealed.selection",
    ),
    (
        "selection_is_its_scenario",
        "insert into sealed.scenario select id, call_id, null, 'shared', 'Less', '{}', engine, input - 'funders', result, proposed_by, proposed_at from sealed.selection;
         update sealed.selection set scenario_id = id",
    ),
    (
        "votes_are_of_those_who_took_part",
        "update sealed.selection set minutes = jsonb_set(minutes, '{attendance}', '[]')",
    ),
];
