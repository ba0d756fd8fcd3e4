//! Requests for redress, and what came of them.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "redress_says_its_call",
        "a request for redress and the letter that settles it name the call of their proposal",
        "select d.id from sealed.redress d join proposal_stage ps on ps.id = d.proposal_stage_id
         where d.call_id <> ps.call_id
         union all
         select r.redress_id from sealed.redress_letter r join sealed.redress d on d.id = r.redress_id
         where r.call_id <> d.call_id",
    ),
    rule(
        "redress_comes_after_its_letter",
        "a request for redress is filed after the letter that it is about",
        "select d.id from sealed.redress d left join sealed.letter l on l.proposal_stage_id = d.proposal_stage_id
         where l.released_at is null or d.filed_at < l.released_at",
    ),
    rule(
        "redress_says_how_far_it_came",
        "a request for redress says who checked, examined and decided it, and why, as far as it has come",
        "select id from sealed.redress
         where (state <> 'received') <> (checked_at is not null and checked_by is not null and checked_because is not null)
            or (state not in ('received', 'inadmissible', 'admissible'))
               <> (found_at is not null and found_by is not null and finding is not null and followed is not null)
            or (state in ('rejected', 'upheld', 'reevaluated', 'settled'))
               <> (decided_at is not null and decided_by is not null and decided_because is not null)",
    ),
    rule(
        "redress_is_settled_by_a_letter",
        "a request for redress is settled when its letter is out, and not before",
        "select d.id from sealed.redress d left join sealed.redress_letter r on r.redress_id = d.id
         where (d.state = 'settled') <> (r.redress_id is not null)",
    ),
    rule(
        "redress_judged_again_has_its_list",
        "a proposal that was judged again has what was agreed on before, unless it had been found ineligible, and a version of the ranking list of its stage",
        "select d.id from sealed.redress d
         join proposal_stage ps on ps.id = d.proposal_stage_id
         left join sealed.ranking_list k on k.id = d.ranking_list_id
         left join sealed.letter l on l.proposal_stage_id = d.proposal_stage_id
         where (d.ranking_list_id is null and d.consensus_before is not null)
            or (d.ranking_list_id is not null and (d.consensus_before is null) <> (l.outcome is not distinct from 'ineligible'))
            or (d.state = 'reevaluated' and d.ranking_list_id is null)
            or (d.state not in ('reevaluated', 'settled') and d.ranking_list_id is not null)
            or k.stage_id <> ps.stage_id",
    ),
    rule(
        "ranking_changes_for_a_cause",
        "each version of a ranking list after the first came of a request for redress or of a correction with its reason, and the ones before are revised",
        "select k.id from sealed.ranking_list k left join sealed.redress d on d.ranking_list_id = k.id
         where (k.number > 1)::int <> (d.id is not null)::int + (k.reason is not null)::int
            or (k.state = 'revised') <> exists (
                select from sealed.ranking_list later where later.stage_id = k.stage_id and later.number = k.number + 1)",
    ),
];
