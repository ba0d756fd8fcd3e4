//! What funders pledge and what is bound.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "commitment_is_the_last_pledge",
        "what a funder commits to a call is what it pledged last",
        "select p.id from participation p left join lateral (
             select amount from commitment c where c.participation_id = p.id and kind = 'indicative'
             order by number desc limit 1) last on true
         where p.commitment <> coalesce(last.amount, 0)",
    ),
    rule(
        "pledges_without_gap",
        "a funder's pledges are numbered 1, 2, 3 and so on",
        "select participation_id from commitment group by participation_id
         having min(number) <> 1 or max(number) <> count(*)",
    ),
    rule(
        "pledge_is_to_the_same_call",
        "a pledge names the call of the participation it is for",
        "select c.id from commitment c join participation p on p.id = c.participation_id
         where c.call_id <> p.call_id",
    ),
    rule(
        "decided_is_what_final_lines_say",
        "what is decided of a funder's money is the national part of its lines in final selections",
        "select p.id from participation p left join (
             select l.participation_id, sum(l.national) as amount
             from sealed.selection_line l join sealed.selection s on s.id = l.selection_id
             where s.state = 'final' group by l.participation_id) bound on bound.participation_id = p.id
         where p.decided <> coalesce(bound.amount, 0)",
    ),
    rule(
        "decided_within_commitment",
        "no more is decided than was committed",
        "select p.id from participation p left join lateral (
             select amount from commitment c where c.participation_id = p.id and kind = 'indicative'
             order by number desc limit 1) last on true
         where p.decided > least(p.commitment, coalesce(last.amount, p.commitment))",
    ),
];
