//! Calls, their stages and their mapping to action items, and the register of organisations.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "call_has_the_stages_of_its_rules",
        "a call has the stages that its rules describe, of the same kinds",
        "select c.id from call c join lateral (
             select array_agg(s.kind order by s.number) as kinds, array_agg(s.number order by s.number) as numbers
             from stage s where s.call_id = c.id) s on true
         where c.state <> 'idea'
           and (coalesce(s.kinds, '{}') <> array(
                    select value ->> 'kind' from jsonb_array_elements(c.rules -> 'stages') with ordinality
                    order by ordinality)
                or s.numbers <> array(select generate_series(1, cardinality(s.numbers))))",
    ),
    rule(
        "organisation_ror_is_written_out",
        "the ROR id of an organisation is one, without the address that may stand before it",
        "select id from organisation where ror !~ '^0[0-9a-hjkmnp-tv-z]{6}[0-9]{2}$'",
    ),
    rule(
        "deadlines_follow_each_other",
        "the deadline of a stage comes after that of the stage before",
        "select s.id from stage s join stage before on before.call_id = s.call_id and before.number = s.number - 1
         where s.deadline_at <= before.deadline_at",
    ),
    rule(
        "stage_moves_in_a_published_call",
        "no stage has opened before its call",
        "select s.id from stage s join call c on c.id = s.call_id
         where s.state <> 'planned' and c.state in ('idea', 'draft', 'approved', 'pre_announced')",
    ),
    rule(
        "stage_waits_for_the_one_before",
        "a stage opens after the letters of the stage before are out",
        "select s.id from stage s join stage before on before.call_id = s.call_id and before.number = s.number - 1
         where s.state <> 'planned' and before.state <> 'communicated'",
    ),
    rule(
        "call_knows_when_it_opened",
        "a call that is open, or was, says since when; an earlier one does not",
        "select id from call where state <> 'cancelled'
           and (opened_at is null) <> (state in ('idea', 'draft', 'approved', 'pre_announced'))",
    ),
    rule(
        "cancelled_call_says_why",
        "a cancelled call says why, and no other does",
        "select id from call where (state = 'cancelled') <> (coalesce(cancelled_because, '') <> '')",
    ),
    rule(
        "call_is_evaluated_after_its_first_deadline",
        "a call is open until its first stage closes, and in evaluation from then on",
        "select c.id from call c join stage s on s.call_id = c.id and s.number = 1
         where c.state not in ('idea', 'draft', 'approved', 'pre_announced', 'cancelled')
           and (c.state = 'open') <> (s.state in ('planned', 'open'))",
    ),
    rule(
        "call_grants_when_the_last_letters_are_out",
        "a call goes on to its grants with the letters of its last stage, not before and not later",
        "select c.id from call c join lateral (
             select state from stage s where s.call_id = c.id order by s.number desc limit 1) last on true
         where c.state <> 'cancelled'
           and (last.state = 'communicated') <> (c.state in ('granting', 'monitoring', 'closed'))",
    ),
    rule(
        "shares_make_a_whole",
        "the shares of a call's action items make 100.00 percent in each agenda",
        "select m.call_id from call_action_item m join action_item i on i.id = m.action_item_id
         group by m.call_id, i.agenda_id having sum(m.share) <> 10000",
    ),
    rule(
        "approved_call_is_mapped",
        "a call that was approved is mapped to action items, itself or through its topics or modules",
        "select id from call where state not in ('idea', 'draft', 'cancelled')
           and id not in (select call_id from call_action_item)
           and not jsonb_path_exists(rules, '$.topics[*].serves[*].items[*]')
           and not jsonb_path_exists(rules, '$.modules[*].serves[*].items[*]')",
    ),
    rule(
        "action_items_stand_in_order",
        "no two action items of an agenda stand in the same place",
        "select agenda_id from action_item group by agenda_id having count(distinct position) <> count(*)",
    ),
];
