//! The panel's papers: rapporteurs, messages, summary reports, and the observer's report.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "papers_of_the_panel_say_their_call",
        "rapporteurs, messages and meetings of the panel, summary and conformity reports name the call of their proposal or stage",
        "select p.proposal_stage_id
         from (select proposal_stage_id, call_id from sealed.rapporteur
               union all select proposal_stage_id, call_id from sealed.panel_message
               union all select proposal_stage_id, call_id from sealed.summary_report) p
         join proposal_stage ps on ps.id = p.proposal_stage_id where p.call_id <> ps.call_id
         union all
         select c.stage_id from sealed.conformity_report c join stage s on s.id = c.stage_id where c.call_id <> s.call_id
         union all
         select m.stage_id from sealed.panel_meeting m join stage s on s.id = m.stage_id where m.call_id <> s.call_id",
    ),
    rule(
        "panel_meets_when_convened",
        "a stage is with its panel when the meeting is fixed, and no meeting is fixed before that",
        "select id from stage where state = 'panel' and id not in (select stage_id from sealed.panel_meeting)
         union all
         select m.stage_id from sealed.panel_meeting m join stage s on s.id = m.stage_id
         where s.state not in ('panel', 'ranked', 'decided', 'communicated')",
    ),
    rule(
        "rapporteur_sits_on_the_panel",
        "a rapporteur has signed the confidentiality and declared conflicts of interest for the stage, and sits on the panel of the call \
         until its ranking list is adopted",
        "select r.proposal_stage_id from sealed.rapporteur r join sealed.expert e on e.id = r.expert_id
         join proposal_stage ps on ps.id = r.proposal_stage_id join stage s on s.id = ps.stage_id
         where e.call_id <> r.call_id or e.state <> 'contracted' or s.number <> all(e.declared_stages)
            or e.role not in ('chair', 'rapporteur', 'panel_member')
               and s.state not in ('ranked', 'decided', 'communicated')",
    ),
    rule(
        "seat_ends_with_its_role",
        "an expert whose role of the panel ended, and who wears it no more, has no seat there by it any more",
        "select e.id from sealed.expert e
         join role_grant g on g.account_id = e.account_id and g.call_id = e.call_id
          and g.role = case e.role when 'chair' then 'panel_chair' else 'panel_member' end
         where e.state = 'contracted' and e.role in ('chair', 'rapporteur', 'panel_member')
         group by e.id having bool_and(g.ended_at is not null)",
    ),
    rule(
        "summary_is_as_its_state_says",
        "an evaluation summary report says who approved it once it is approved, and what it was once it is frozen",
        "select proposal_stage_id from sealed.summary_report
         where (state in ('approved', 'frozen')) <> (approved_at is not null) or (state = 'frozen') <> (report is not null)",
    ),
    rule(
        "summaries_are_frozen_with_the_ranking",
        "an evaluation summary report is frozen when the ranking list of its stage is adopted, and no other is",
        "select y.proposal_stage_id from sealed.summary_report y
         join proposal_stage ps on ps.id = y.proposal_stage_id join stage s on s.id = ps.stage_id
         left join sealed.outcome o on o.proposal_stage_id = ps.id
         where y.state = 'frozen' and s.state not in ('ranked', 'decided', 'communicated')
            or y.state <> 'frozen' and s.state in ('ranked', 'decided', 'communicated') and ps.state = 'locked'
               and coalesce(o.state, '') not in ('', 'ineligible', 'excluded')",
    ),
    rule(
        "summary_says_what_the_panel_agreed",
        "a frozen evaluation summary report has the total, the rating and the reasons of the panel's consensus, of the one before redress until what it judged again is told",
        "select y.proposal_stage_id from sealed.summary_report y
         left join sealed.consensus c on c.proposal_stage_id = y.proposal_stage_id
         left join sealed.redress d on d.proposal_stage_id = y.proposal_stage_id and d.state <> 'settled'
         where y.report is not null
           and (coalesce((d.consensus_before ->> 'total')::numeric * 100, c.total)
                is distinct from (y.report ->> 'total')::numeric * 100
                or coalesce(d.consensus_before ->> 'rating', c.rating) is distinct from y.report ->> 'rating'
                or coalesce(d.consensus_before ->> 'comment', c.comment) is distinct from y.report ->> 'comment')",
    ),
    rule(
        "conformity_report_is_as_its_state_says",
        "a conformity report that is filed concludes, says what was found and when it was filed; its hash is of what it says",
        "select stage_id from sealed.conformity_report
         where (state = 'filed') <> (filed_at is not null)
            or state = 'filed' and (conclusion is null or trim(findings) = ''
               or sha256 is distinct from encode(sha256(convert_to(
                      conclusion || chr(10) || findings || chr(10) || recommendations, 'UTF8')), 'hex'))",
    ),
    rule(
        "conformity_report_is_on_the_audit_trail",
        "a conformity report that is filed has its hash on the audit trail",
        "select c.stage_id from sealed.conformity_report c
         where c.filed_at is not null and not exists (
             select from audit a where a.action = 'file_conformity' and a.object_id = c.stage_id
               and a.detail ->> 'sha256' = c.sha256)",
    ),
];
