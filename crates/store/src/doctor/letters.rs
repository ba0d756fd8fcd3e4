//! What coordinators were told.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "outcome_says_its_call",
        "outcome and letter name the call of their proposal",
        "select o.proposal_stage_id from sealed.outcome o join proposal_stage ps on ps.id = o.proposal_stage_id
         where o.call_id <> ps.call_id
         union all
         select l.proposal_stage_id from sealed.letter l join proposal_stage ps on ps.id = l.proposal_stage_id
         where l.call_id <> ps.call_id",
    ),
    rule(
        "released_means_all_of_it",
        "an outcome that was released says what was released and when",
        "select proposal_stage_id from sealed.outcome where (released_state is null) <> (released_at is null)",
    ),
    rule(
        "released_outcome_has_a_letter",
        "no outcome of a proposal was released without a letter that says the same",
        "select o.proposal_stage_id from sealed.outcome o
         join proposal_stage ps on ps.id = o.proposal_stage_id
         left join sealed.letter l on l.proposal_stage_id = o.proposal_stage_id
         left join lateral (select outcome from sealed.amendment_letter x where x.proposal_stage_id = o.proposal_stage_id
                            order by x.released_at desc limit 1) a on true
         left join sealed.redress d on d.proposal_stage_id = o.proposal_stage_id
         left join sealed.redress_letter r on r.redress_id = d.id
         where o.released_at is not null and ps.state = 'locked'
           and coalesce(a.outcome, r.outcome, l.outcome) is distinct from o.released_state",
    ),
    rule(
        "letter_tells_a_released_outcome",
        "no letter went out on an outcome that was not released",
        "select l.proposal_stage_id from sealed.letter l
         left join sealed.outcome o on o.proposal_stage_id = l.proposal_stage_id
         where o.released_at is null",
    ),
    rule(
        "nothing_is_told_before_the_letters",
        "outcomes are released when the letters of their stage are, and not before",
        "select o.proposal_stage_id from sealed.outcome o
         join proposal_stage ps on ps.id = o.proposal_stage_id join stage s on s.id = ps.stage_id
         where o.released_at is not null and s.state <> 'communicated'",
    ),
    rule(
        "all_letters_go_out_together",
        "every proposal that is locked in a stage whose letters are out has its letter",
        "select ps.id from proposal_stage ps join stage s on s.id = ps.stage_id
         where s.state = 'communicated' and ps.state = 'locked'
           and ps.id not in (select proposal_stage_id from sealed.letter)",
    ),
];
