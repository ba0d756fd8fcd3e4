//! Selections that take the place of others, those proposed of scenarios, and how the committee voted.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "selection_in_force_says_since_when",
        "a final selection says since when it is in force, and one that was never final does not",
        "select id from sealed.selection
         where (state = 'final' and finalised_at is null)
            or (state in ('proposed', 'adopted', 'confirmed') and finalised_at is not null)",
    ),
    rule(
        "former_decision_has_a_successor",
        "a selection that was final gave way to a later one that is",
        "select s.id from sealed.selection s
         where s.state = 'amended' and s.finalised_at is not null and not exists (
             select from sealed.selection f
             where f.call_id = s.call_id and f.state = 'final' and f.number > s.number)",
    ),
    rule(
        "amendment_says_what_and_why",
        "a selection that amends another says which, one before it in the same call, and why",
        "select id from sealed.selection
         where (amends is null) <> (cause is null) or (amends is null) <> (coalesce(reason, '') = '')
         union all
         select s.id from sealed.selection s join sealed.selection b on b.id = s.amends
         where b.call_id <> s.call_id or b.number >= s.number",
    ),
    rule(
        "amendment_keeps_what_was_decided",
        "an amendment keeps all that was decided, was not withdrawn or refused by ethics experts and asks no funder that defaulted, and nothing else, and funds what it keeps",
        "select s.id from sealed.selection s join sealed.selection b on b.id = s.amends
         cross join lateral (select coalesce(s.input -> 'kept', '[]') as kept,
             case when b.finalised_at is null then coalesce(b.input -> 'kept', '[]') else b.result -> 'selected' end as decided) d
         where exists (select from jsonb_array_elements_text(d.kept) k
                       where not d.decided ? k or not s.result -> 'selected' ? k)
            or exists (select from jsonb_array_elements(s.input -> 'proposals') p
                       where d.decided ? (p ->> 'code') and not d.kept ? (p ->> 'code')
                         and not (p ->> 'withdrawn')::boolean and p ->> 'rating' <> 'not_recommended'
                         and not exists (select from sealed.commitment_default f
                             join participation a on a.id = f.participation_id join organisation o on o.id = a.organisation_id
                             where f.call_id = s.call_id and f.recorded_at < s.proposed_at and p -> 'requests' ? o.key))
         union all
         select id from sealed.selection where amends is null and input ? 'kept'",
    ),
    rule(
        "carried_acceptance_was_given",
        "an acceptance is carried over in an amendment, from an earlier selection in which the same person accepted the same amounts",
        "select l.id from sealed.selection_line l join sealed.selection s on s.id = l.selection_id
         left join sealed.selection b on b.call_id = s.call_id and b.number = l.carried_from and b.number < s.number
         left join sealed.selection_line o on o.selection_id = b.id and o.participation_id = l.participation_id
         where l.carried_from is not null
           and (s.amends is null or l.state <> 'accepted' or o.state is distinct from 'accepted'
                or o.carried_from is not null or o.answered_by is distinct from l.answered_by
                or o.requested <> l.requested or o.eu <> l.eu or o.national <> l.national)",
    ),
    rule(
        "default_is_of_a_decided_line",
        "a default is one of a funder that had accepted a line of a selection that was final, in the same call",
        "select d.id from sealed.commitment_default d join sealed.selection s on s.id = d.selection_id
         left join sealed.selection_line l on l.selection_id = s.id and l.participation_id = d.participation_id
         where d.call_id <> s.call_id or s.finalised_at is null or d.recorded_at < s.finalised_at
            or l.state is distinct from 'accepted'",
    ),
    rule(
        "amendment_letter_tells_what_was_amended",
        "a letter that tells of an amendment says whether this amendment funds the proposal, and it was final",
        "select l.proposal_stage_id from sealed.amendment_letter l
         join sealed.selection s on s.id = l.selection_id
         join proposal_stage ps on ps.id = l.proposal_stage_id join proposal p on p.id = ps.proposal_id
         where l.call_id <> s.call_id or l.call_id <> ps.call_id or s.amends is null or s.finalised_at is null
            or (l.outcome = 'selected') <> (s.result -> 'selected' ? p.number)
            or l.outcome not in ('selected', 'reserve', 'not_funded')",
    ),
    rule(
        "selection_is_its_scenario",
        "a selection that was proposed of a scenario was computed from what that was, and funds the same",
        "select s.id from sealed.selection s join sealed.scenario c on c.id = s.scenario_id
         where c.call_id <> s.call_id or c.visibility = 'private' or c.input <> s.input or c.result <> s.result",
    ),
    rule(
        "votes_are_of_those_who_took_part",
        "a selection was adopted by votes of members who took part, of which more were for it than against",
        "select s.id from sealed.selection s, jsonb_array_elements(s.minutes -> 'votes') v
         where not s.minutes -> 'attendance' ? (v ->> 'member')
         union all
         select s.id from sealed.selection s
         where s.minutes is not null
           and (select count(*) filter (where v ->> 'vote' = 'for') <= count(*) filter (where v ->> 'vote' = 'against')
                from jsonb_array_elements(s.minutes -> 'votes') v)",
    ),
];
