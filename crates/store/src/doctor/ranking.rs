//! The panel's consensus and the ranking lists.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "panel_says_its_call",
        "consensus and ranking list name the call of their proposal and stage",
        "select c.proposal_stage_id from sealed.consensus c join proposal_stage ps on ps.id = c.proposal_stage_id
         where c.call_id <> ps.call_id
         union all
         select r.id from sealed.ranking_list r join stage s on s.id = r.stage_id where r.call_id <> s.call_id",
    ),
    rule(
        "consensus_is_on_what_was_evaluated",
        "a consensus is on a proposal that was found eligible",
        "select c.proposal_stage_id from sealed.consensus c
         left join sealed.outcome o on o.proposal_stage_id = c.proposal_stage_id
         where coalesce(o.state, '') in ('', 'locked', 'eligible', 'conditional', 'ineligible')",
    ),
    rule(
        "evaluated_has_a_consensus",
        "what was evaluated, and all that comes of it, has the panel's consensus",
        "select o.proposal_stage_id from sealed.outcome o
         where o.state not in ('eligible', 'conditional', 'ineligible', 'excluded')
           and o.proposal_stage_id not in (select proposal_stage_id from sealed.consensus)",
    ),
    rule(
        "one_ranking_is_in_force",
        "a stage has at most one adopted ranking list, and one as soon as it is ranked",
        "select s.id from stage s left join sealed.ranking_list r on r.stage_id = s.id and r.state = 'adopted'
         where exists (select from proposal_stage ps where ps.stage_id = s.id and ps.state = 'locked')
            or r.id is not null
         group by s.id, s.state
         having count(r.id) > 1 or (s.state in ('ranked', 'decided', 'communicated')) <> (count(r.id) = 1)",
    ),
    rule(
        "ranking_lists_each_once",
        "a ranking list names no proposal twice and none of another stage",
        "select r.id from sealed.ranking_list r
         join lateral jsonb_array_elements(r.entries) one on true
         left join proposal_stage ps on ps.proposal_id::text = one ->> 'proposal' and ps.stage_id = r.stage_id
         group by r.id
         having count(*) <> count(distinct one ->> 'proposal') or count(*) <> count(ps.id)",
    ),
    rule(
        "ranking_lists_all_that_passed",
        "everything recommended and above the thresholds, and not withdrawn, is on the adopted list",
        "select c.proposal_stage_id from sealed.consensus c
         join proposal_stage ps on ps.id = c.proposal_stage_id
         join sealed.ranking_list r on r.stage_id = ps.stage_id and r.state = 'adopted'
         join sealed.outcome o on o.proposal_stage_id = ps.id
         where c.rating <> 'not_recommended' and c.above_thresholds and ps.state = 'locked' and o.state <> 'excluded'
           and not exists (select from jsonb_array_elements(r.entries) one
                           where one ->> 'proposal' = ps.proposal_id::text)",
    ),
    rule(
        "ranking_says_what_the_panel_agreed",
        "an entry has the total and the rating of the panel's consensus on it",
        "select r.id from sealed.ranking_list r
         join lateral jsonb_array_elements(r.entries) one on true
         join proposal_stage ps on ps.proposal_id::text = one ->> 'proposal' and ps.stage_id = r.stage_id
         left join sealed.consensus c on c.proposal_stage_id = ps.id
         where r.state = 'adopted'
           and (c.total is distinct from (one ->> 'total')::numeric * 100
                or c.rating is distinct from one ->> 'rating' or not c.above_thresholds)",
    ),
    rule(
        "ranking_correction_keeps_what_was_before",
        "a version of a ranking list that corrects has a reason and what the panel had agreed on, on proposals of its stage of which something else is on record since",
        "select id from sealed.ranking_list where (reason is null) <> (corrected is null)
         union all
         select r.id from sealed.ranking_list r
         join lateral jsonb_array_elements(r.corrected) one on true
         left join proposal_stage ps on ps.proposal_id::text = one ->> 'proposal' and ps.stage_id = r.stage_id
         left join sealed.consensus c on c.proposal_stage_id = ps.id
         where c.version is null or c.version <= (one ->> 'version')::int",
    ),
    rule(
        "ranking_rests_on_the_rules",
        "the adopted list was computed from the criteria, weights and thresholds by which its stage is judged",
        "select r.id from sealed.ranking_list r
         join stage s on s.id = r.stage_id
         join call c on c.id = r.call_id
         cross join lateral (select c.rules -> 'stages' -> (s.number - 1) -> 'evaluation' as rules) now
         cross join lateral (select string_agg(concat_ws(' ', one ->> 'key', one ->> 'weight', one ->> 'threshold'), ',' order by place) as criteria
                             from jsonb_array_elements(now.rules -> 'criteria') with ordinality as listed (one, place)) of_rules
         cross join lateral (select string_agg(concat_ws(' ', one ->> 'key', one ->> 'weight', one ->> 'threshold'), ',' order by place) as criteria
                             from jsonb_array_elements(r.input -> 'criteria') with ordinality as listed (one, place)) of_list
         where r.state = 'adopted'
           and (of_rules.criteria is distinct from of_list.criteria
                or (now.rules ->> 'threshold_total')::numeric is distinct from (r.input ->> 'threshold_total')::numeric)",
    ),
    rule(
        "ranking_is_by_total",
        "the position of an entry is one more than the number of entries of its topic, if it names one, with a higher total",
        "select distinct r.id from sealed.ranking_list r
         join lateral (select (one ->> 'position')::int as position,
                              rank() over (partition by one ->> 'topic'
                                          order by (one ->> 'total')::numeric desc) as place
                       from jsonb_array_elements(r.entries) one) entry on true
         where entry.position <> entry.place",
    ),
];
