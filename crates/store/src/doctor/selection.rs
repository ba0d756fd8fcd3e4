//! Selections, their lines, and what they decide.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "selection_says_its_call",
        "selection, line, stage and funder all belong to the same call",
        "select s.id from sealed.selection s join stage on stage.id = s.stage_id where s.call_id <> stage.call_id
         union all
         select l.id from sealed.selection_line l join sealed.selection s on s.id = l.selection_id
         join participation p on p.id = l.participation_id
         where l.call_id <> s.call_id or l.call_id <> p.call_id",
    ),
    rule(
        "one_selection_is_in_force",
        "a call has at most one final selection, and at most one that is being decided",
        "select call_id from sealed.selection where state <> 'amended' group by call_id, state = 'final' having count(*) > 1",
    ),
    rule(
        "selections_without_gap",
        "the selections of a call are numbered 1, 2, 3 and so on, and the last is in force",
        "select call_id from sealed.selection group by call_id
         having min(number) <> 1 or max(number) <> count(*)
             or max(number) filter (where state <> 'amended') is distinct from max(number)",
    ),
    rule(
        "lines_are_the_result",
        "a selection has a line for each funder that is to pay, with the amounts that were computed",
        "select s.id from sealed.selection s
         where (select coalesce(jsonb_object_agg(o.key, array[l.requested, l.eu, l.national]), '{}') from sealed.selection_line l
                join participation p on p.id = l.participation_id join organisation o on o.id = p.organisation_id
                where l.selection_id = s.id)
            <> (select coalesce(jsonb_object_agg(one ->> 'funder', array[
                    ((one ->> 'requested')::numeric * 100)::bigint, ((one ->> 'eu')::numeric * 100)::bigint,
                    ((one ->> 'national')::numeric * 100)::bigint]), '{}')
                from jsonb_array_elements(s.result -> 'funders') one where (one ->> 'requested')::numeric > 0)",
    ),
    rule(
        "lines_share_the_eu_money",
        "the lines of a selection share out what the EU pays, and what funders pass on is what others get",
        "select s.id from sealed.selection s
         where (select coalesce(sum(l.eu), 0) from sealed.selection_line l where l.selection_id = s.id)
               <> (s.result ->> 'eu_contribution')::numeric * 100
            or (select coalesce(sum((one ->> 'transfer')::numeric), 0)
                from jsonb_array_elements(s.result -> 'funders') one) <> 0",
    ),
    rule(
        "selection_is_adopted_and_confirmed",
        "a selection says who adopted it, with minutes, and who confirmed it, as far as it has come",
        "select id from sealed.selection
         where (state in ('adopted', 'confirmed', 'final') and (minutes is null or adopted_by is null or adopted_at is null))
            or (state in ('confirmed', 'final') and (confirmed_by is null or confirmed_at is null))
            or (state = 'proposed' and (minutes is not null or adopted_by is not null))
            or (state in ('proposed', 'adopted') and confirmed_by is not null)",
    ),
    rule(
        "final_selection_is_accepted_by_all",
        "every funder has accepted its line of a final selection",
        "select l.id from sealed.selection_line l join sealed.selection s on s.id = l.selection_id
         where s.state = 'final' and l.state <> 'accepted'",
    ),
    rule(
        "answer_comes_after_the_confirmation",
        "funders answer for their lines after the selection was confirmed",
        "select l.id from sealed.selection_line l join sealed.selection s on s.id = l.selection_id
         where l.state <> 'open' and (s.confirmed_at is null or l.answered_at < s.confirmed_at)",
    ),
    rule(
        "answer_names_who",
        "an answered line says who answered and when, a refused one why",
        "select id from sealed.selection_line
         where (state = 'open') <> (answered_by is null) or (state = 'open') <> (answered_at is null)
            or (state = 'refused' and coalesce(reason, '') = '')",
    ),
    rule(
        "call_is_selected_by_a_final_selection",
        "a call is selected, and its last stage decided, when a selection is final, and not otherwise",
        "select c.id from call c
         where c.state <> 'cancelled'
           and (c.state in ('selected', 'granting', 'monitoring', 'closed'))
               <> exists (select from sealed.selection s where s.call_id = c.id and s.state = 'final')
         union all
         select s.id from sealed.selection s join stage on stage.id = s.stage_id
         where (s.state = 'final' and stage.state not in ('decided', 'communicated'))
            or (s.state in ('proposed', 'adopted', 'confirmed') and (stage.state = 'ranked')
                = exists (select from sealed.selection f where f.call_id = s.call_id and f.state = 'final'))",
    ),
    rule(
        "selected_is_what_the_selection_says",
        "exactly the proposals that a final selection selects are selected, unless they were withdrawn or excluded since",
        "select ps.id from sealed.selection s
         join proposal_stage ps on ps.stage_id = s.stage_id join proposal p on p.id = ps.proposal_id
         join sealed.outcome o on o.proposal_stage_id = ps.id
         where s.state = 'final' and o.state <> 'excluded' and ps.state <> 'withdrawn'
           and (o.state = 'selected') <> (s.result -> 'selected' ? p.number)
         union all
         select o.proposal_stage_id from sealed.outcome o where o.state in ('selected', 'reserve', 'not_funded')
           and not exists (select from sealed.selection s where s.call_id = o.call_id and s.state = 'final')",
    ),
    rule(
        "classified_project_is_funded",
        "what is classified by action items is a proposal that a selection of its call funds which is or was final",
        "select m.proposal_id from sealed.project_action_item m join proposal p on p.id = m.proposal_id
         where m.call_id <> p.call_id
            or not exists (select from sealed.selection s where s.call_id = p.call_id and s.finalised_at is not null
                             and s.result -> 'selected' ? p.number)",
    ),
    rule(
        "classification_makes_a_whole",
        "the shares of a project's action items make 100.00 percent in each agenda",
        "select m.proposal_id from sealed.project_action_item m join action_item i on i.id = m.action_item_id
         group by m.proposal_id, i.agenda_id having sum(m.share) <> 10000",
    ),
    rule(
        "scenario_is_of_a_funder_of_the_call",
        "a scenario of a funder is one of a funder of the call",
        "select s.id from sealed.scenario s
         where s.organisation_id is not null and not exists (
             select from participation p where p.call_id = s.call_id and p.organisation_id = s.organisation_id)",
    ),
    rule(
        "scenario_leaves_out_what_it_excludes",
        "a scenario funds proposals of its list, and none that it excludes",
        "select s.id from sealed.scenario s, jsonb_array_elements_text(s.result -> 'selected') one
         where s.overrides -> 'excluded' ? one
            or not jsonb_path_query_array(s.input, '$.proposals[*].code') ? one",
    ),
    rule(
        "selection_is_on_the_audit_trail",
        "the trail says who proposed a selection and with which result",
        "select s.id from sealed.selection s where not exists (
             select from audit a where a.chain = s.call_id and a.action in ('propose_selection', 'amend_selection')
               and a.detail ->> 'selection' = s.id::text and a.detail ->> 'sha256' ~ '^[0-9a-f]{64}$')",
    ),
];
