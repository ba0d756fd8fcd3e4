//! Individual exceptions to a deadline.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "exceptions_have_no_gaps",
        "the exceptions of a proposal in a stage are numbered 1, 2, 3 ...",
        "select proposal_stage_id from deadline_exception group by proposal_stage_id
         having min(number) <> 1 or max(number) <> count(*)",
    ),
    rule(
        "exception_is_given_before_it_ends",
        "an exception is given before its own instant, and says why",
        "select id from deadline_exception where given_at >= until or reason = ''",
    ),
    rule(
        "what_is_closed_has_no_exception_running",
        "a proposal that is locked or has lapsed has no exception that still runs",
        "select ps.id from proposal_stage ps join lateral (
             select until from deadline_exception e where e.proposal_stage_id = ps.id
             order by number desc limit 1) last on true
         where ps.state in ('locked', 'lapsed') and last.until > clock_timestamp()",
    ),
    rule(
        "evaluation_waits_for_exceptions",
        "no exception runs in a stage that is past its checks",
        "select e.id from deadline_exception e join proposal_stage ps on ps.id = e.proposal_stage_id
         join stage s on s.id = ps.stage_id
         where s.state not in ('open', 'closed', 'checking')
           and e.until > clock_timestamp()
           and e.number = (select max(number) from deadline_exception x where x.proposal_stage_id = ps.id)
           and ps.state <> 'withdrawn'",
    ),
];
