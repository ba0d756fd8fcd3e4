//! What waits where redress was upheld.

/// More of the tasks, with what stands before them there: the panel judges a proposal again, if it is not still
/// ineligible, by its chair, or by the secretariat where no chair is free of an interest, as
/// `review::summary::chair_is_free` says of one proposal; and what it found is told by a letter.
pub(super) const TASKS: &str = "
  union all
    select 'judge_again', d.call_id, d.call_id, count(*), null
    from sealed.redress d
    join proposal_stage ps on ps.id = d.proposal_stage_id and ps.state = 'locked'
    join sealed.outcome o on o.proposal_stage_id = ps.id and o.state not in ('ineligible', 'withdrawn', 'excluded', 'selected')
    join proposal p on p.id = ps.proposal_id
    cross join lateral (
        select exists (
            select from role_grant g
            where g.call_id = d.call_id and g.role = 'panel_chair' and g.ended_at is null
              and g.account_id <> p.coordinator_id
              and not exists (select from sealed.wall w where w.account_id = g.account_id and w.proposal_id = p.id)
              and not exists (select from partner_member w
                              where w.account_id = g.account_id and w.proposal_id = p.id and w.left_at is null)) as free) chair
    where d.state = 'upheld' and p.coordinator_id <> $1
      and p.id not in (select proposal_id from walled)
      and not exists (select from partner_member w where w.account_id = $1 and w.proposal_id = p.id and w.left_at is null)
      and exists (select from mine m where m.call_id = d.call_id
                  and (m.role = 'panel_chair' or m.role = 'secretariat' and not chair.free))
    group by d.call_id
  union all
    select 'settle_redress', d.call_id, d.call_id, count(*), null
    from sealed.redress d join mine m on m.role = 'secretariat' and m.call_id = d.call_id
    join proposal_stage ps on ps.id = d.proposal_stage_id
    where d.state = 'reevaluated' and ps.proposal_id not in (select proposal_id from walled)
    group by d.call_id";
