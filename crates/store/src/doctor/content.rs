//! Proposals while they are written, and where they stand in a stage.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "proposals_are_numbered_without_gap",
        "a call has given out as many numbers as it has proposals",
        "select c.id from call c
         where c.proposals_numbered <> (select count(*) from proposal p where p.call_id = c.id)",
    ),
    rule(
        "content_says_its_call",
        "proposal, stage, draft, history, submission, exception, change, condition, partner, verdict and check all name the same call",
        "select ps.id from proposal_stage ps
         join proposal p on p.id = ps.proposal_id join stage s on s.id = ps.stage_id
         where ps.call_id <> p.call_id or ps.call_id <> s.call_id
            or exists (select from (
                select proposal_stage_id, call_id from draft
                union select proposal_stage_id, call_id from draft_history
                union select proposal_stage_id, call_id from submission
                union select proposal_stage_id, call_id from deadline_exception
                union select proposal_stage_id, call_id from consortium_change
                union select proposal_stage_id, call_id from sealed.invitation_condition
                union select proposal_stage_id, call_id from partner
                union select proposal_stage_id, call_id from eligibility
                union select proposal_stage_id, call_id from formal_check) part
                where part.proposal_stage_id = ps.id and part.call_id <> ps.call_id)",
    ),
    rule(
        "only_an_open_stage_is_written_for",
        "a proposal is written, or waits for the deadline, while its stage is open and no longer, but for an \
         exception of its own while the stage is checked",
        "select ps.id from proposal_stage ps join stage s on s.id = ps.stage_id
         where ps.state in ('draft', 'submitted', 'edited_since') and s.state <> 'open'
           and not (s.state in ('closed', 'checking') and exists (
               select from deadline_exception e where e.proposal_stage_id = ps.id and e.until > s.deadline_at))",
    ),
    rule(
        "nothing_is_locked_before_the_deadline",
        "a proposal is locked or lapses when its stage closes, not before",
        "select ps.id from proposal_stage ps join stage s on s.id = ps.stage_id
         where ps.state in ('locked', 'lapsed') and s.state in ('planned', 'open')",
    ),
    rule(
        "what_counts_was_submitted",
        "a proposal that is submitted, edited since or locked has a submitted version",
        "select id from proposal_stage
         where state in ('submitted', 'edited_since', 'locked') and submitted = 0",
    ),
    rule(
        "what_lapsed_was_never_submitted",
        "a draft, and what lapsed, has no submitted version",
        "select id from proposal_stage where state in ('draft', 'lapsed') and submitted > 0",
    ),
    rule(
        "withdrawn_says_why",
        "a withdrawn proposal says why, and no other does",
        "select id from proposal_stage
         where (state = 'withdrawn') <> (coalesce(withdrawn_because, '') <> '')",
    ),
    rule(
        "full_proposal_was_invited",
        "a proposal comes to the next stage when a letter has invited it",
        "select ps.id from proposal_stage ps
         join stage s on s.id = ps.stage_id
         join stage before on before.call_id = s.call_id and before.number = s.number - 1
         where exists (select from proposal_stage any_before where any_before.stage_id = before.id)
           and not exists (
             select from proposal_stage was join sealed.outcome o on o.proposal_stage_id = was.id
             where was.proposal_id = ps.proposal_id and was.stage_id = before.id
               and o.released_state in ('invited', 'invited_with_conditions'))",
    ),
    rule(
        "draft_is_its_last_saved_version",
        "a draft says what was saved last",
        "select d.proposal_stage_id from draft d left join lateral (
             select version, content from draft_history h where h.proposal_stage_id = d.proposal_stage_id
             order by version desc limit 1) last on true
         where d.version is distinct from last.version or d.content is distinct from last.content",
    ),
    rule(
        "saved_versions_without_gap",
        "the saved versions of a draft are numbered 1, 2, 3 and so on",
        "select proposal_stage_id from draft_history group by proposal_stage_id
         having min(version) <> 1 or max(version) <> count(*)",
    ),
];
