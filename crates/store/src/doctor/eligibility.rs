//! Partners on record, the verdicts on them, and what these make of a proposal.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "partners_are_those_submitted",
        "the partners on record are those of the version that counts, in its order, beside those whom a change brought",
        "select ps.id from proposal_stage ps
         join submission s on s.proposal_stage_id = ps.id and s.number = ps.submitted
         where ps.state = 'locked'
           and array(select p.partner_id::text from partner p where p.proposal_stage_id = ps.id
                     and p.came_by is null order by p.position)
               <> array(select value ->> 'id' from jsonb_array_elements(s.content -> 'partners') with ordinality
                        order by ordinality)",
    ),
    rule(
        "partner_asks_what_it_submitted",
        "a partner asks its funder for the sum of the budget it submitted, or came with, without what it pays itself, \
         and nothing without a funder",
        "select p.id from partner p
         join proposal_stage ps on ps.id = p.proposal_stage_id
         join submission s on s.proposal_stage_id = ps.id and s.number = ps.submitted
         left join consortium_change c on c.id = p.came_by
         join lateral (
             select c.becomes as one where c.id is not null
             union all select x from jsonb_array_elements(s.content -> 'partners') x
             where c.id is null and x ->> 'id' = p.partner_id::text) written on true
         where p.requested <> case one -> 'funding' ->> 'kind' when 'funder' then
                   (select coalesce(sum(year.value::numeric * 100), 0) from jsonb_each(one -> 'budget') category,
                           jsonb_array_elements_text(category.value) year)
                   - (one ->> 'own_contribution')::numeric * 100
                   else 0 end",
    ),
    rule(
        "partner_has_a_verdict_row",
        "every partner on record has a place for its verdict, for the same proposal and funder",
        "select p.id from partner p left join eligibility e on e.partner_row_id = p.id
         where e.partner_row_id is null or e.proposal_stage_id <> p.proposal_stage_id
            or e.participation_id is distinct from p.participation_id",
    ),
    rule(
        "partner_asks_a_funder_of_the_call",
        "the funder that a partner asks takes part in the same call",
        "select p.id from partner p join participation f on f.id = p.participation_id
         where f.call_id <> p.call_id",
    ),
    rule(
        "verdict_has_a_judge",
        "a verdict says who gave it and when",
        "select partner_row_id from eligibility
         where state not in ('open', 'asked') and (judged_by is null or judged_at is null)",
    ),
    rule(
        "fundable_at_most_what_was_asked",
        "an eligible partner of a funder has a fundable amount, at most what it asked; no other has one",
        "select e.partner_row_id from eligibility e join partner p on p.id = e.partner_row_id
         where case when e.state in ('eligible', 'eligible_with_conditions') and p.participation_id is not null
               then e.fundable is null or e.fundable > p.requested
               else e.fundable is not null end",
    ),
    rule(
        "ineligible_names_the_rule",
        "an ineligible partner has a rule that it breaks and a reason",
        "select partner_row_id from eligibility
         where state = 'ineligible' and (coalesce(rule, '') = '' or coalesce(reason, '') = '')",
    ),
    rule(
        "only_what_is_locked_has_an_outcome",
        "a proposal is checked and judged after the deadline, as it was locked then",
        "select ps.id from proposal_stage ps
         where ps.state not in ('locked', 'withdrawn')
           and (exists (select from sealed.outcome o where o.proposal_stage_id = ps.id)
                or exists (select from formal_check f where f.proposal_stage_id = ps.id)
                or exists (select from partner p where p.proposal_stage_id = ps.id))",
    ),
    rule(
        "outcome_rests_on_all_verdicts",
        "an outcome exists when the formal check is made and every partner has its verdict",
        "select o.proposal_stage_id from sealed.outcome o
         where o.state <> 'excluded'
           and (not exists (select from formal_check f
                            where f.proposal_stage_id = o.proposal_stage_id and f.verdict <> 'open')
                or exists (select from eligibility e join partner p on p.id = e.partner_row_id
                           where e.proposal_stage_id = o.proposal_stage_id and e.state in ('open', 'asked')
                             and p.gone_by is null))",
    ),
    rule(
        "ineligible_goes_no_further",
        "a proposal that failed the formal check, or whose coordinator is ineligible, is ineligible",
        "select o.proposal_stage_id from sealed.outcome o
         where o.state not in ('ineligible', 'excluded')
           and (exists (select from formal_check f
                        where f.proposal_stage_id = o.proposal_stage_id and f.verdict = 'ineligible')
                or exists (select from partner p join eligibility e on e.partner_row_id = p.id
                           where p.proposal_stage_id = o.proposal_stage_id
                             and p.role = 'coordinator' and e.state = 'ineligible' and p.gone_by is null))",
    ),
    rule(
        "invited_with_the_conditions_on_record",
        "who is invited under conditions has them on record, numbered 1, 2, 3 ..., each said in the outcome; nobody else has any",
        "select o.proposal_stage_id from sealed.outcome o left join lateral (
             select count(*) as all_of_them, min(number) as first, max(number) as last,
                    bool_and(position(c.text in coalesce(o.condition, '')) > 0) as said
             from sealed.invitation_condition c where c.proposal_stage_id = o.proposal_stage_id) found on true
         where (o.state = 'invited_with_conditions') <> (found.all_of_them > 0)
            or found.all_of_them > 0 and (found.first <> 1 or found.last <> found.all_of_them or not found.said)",
    ),
    rule(
        "condition_of_an_invitation_is_said",
        "who is invited under conditions is told which",
        "select proposal_stage_id from sealed.outcome
         where state = 'invited_with_conditions' and coalesce(condition, '') = ''",
    ),
];
