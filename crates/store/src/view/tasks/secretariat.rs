//! What waits for the secretariat because somebody else cannot or does not act.

/// More of the tasks, with what stands before them there: the verdicts for which a funder has nobody left, as
/// `outcome::nobody_left` says of one proposal; a panel that can be convened, as far as the proposals tell of which the
/// account may know; proposals whose last released review a conflict of interest voided; and a selection that no funder can
/// accept any more as it is. Another selection on its way ends the last task, if it was proposed after what broke the one
/// before.
pub(super) const TASKS: &str = "
  union all
    select 'judge_for_funder', e.call_id, pa.id, count(*), null
    from eligibility e
    join partner x on x.id = e.partner_row_id and x.gone_by is null
    join participation pa on pa.id = e.participation_id
    join proposal_stage ps on ps.id = e.proposal_stage_id
    join mine m on m.role = 'secretariat' and m.call_id = e.call_id
    where e.state = 'open' and ps.state = 'locked'
      and ps.proposal_id not in (select proposal_id from walled)
      and (select bool_and(exists (
               select from sealed.wall w where w.account_id = g.account_id and w.proposal_id = ps.proposal_id))
           from role_grant g
           where g.call_id = e.call_id and g.role = 'contact_person' and g.ended_at is null
             and (g.organisation_id = pa.organisation_id or exists (
                 select from acting_for f where f.organisation_id = g.organisation_id
                   and f.acts_for_id = pa.organisation_id and f.ended_at is null)))
    group by e.call_id, pa.id
  union all
    select 'convene_panel', s.call_id, s.id, 1, null
    from stage s
    join call c on c.id = s.call_id
    join mine m on m.role = 'secretariat' and m.call_id = s.call_id
    cross join lateral (select c.rules #> array['stages', (s.number - 1)::text, 'evaluation'] as rules) v
    cross join lateral (
        select count(*) as proposals, bool_and(coalesce((
                   select bool_and(r.state = 'released') from sealed.review r
                   where r.proposal_id = ps.proposal_id and r.stage_id = s.id
                     and r.state not in ('declined', 'conflicted', 'replaced', 'voided')), false)) as released,
               max(b.closes_at) filter (where b.reopened_at is null) as closes_at
        from proposal_stage ps
        left join sealed.outcome o on o.proposal_stage_id = ps.id
        left join sealed.rebuttal b on b.proposal_stage_id = ps.id
        where ps.stage_id = s.id and ps.state = 'locked'
          and coalesce(o.state, '') not in ('ineligible', 'excluded', 'withdrawn')
          and ps.proposal_id not in (select proposal_id from walled)) known
    where coalesce((v.rules ->> 'panel')::boolean, true) and known.proposals > 0 and known.released
      and (s.state = 'rebuttal' and coalesce(known.closes_at <= clock_timestamp(), true)
           or s.state = 'reviewing' and coalesce(jsonb_typeof(v.rules -> 'rebuttal'), 'null') = 'null')
  union all
    select 'assign_again', s.call_id, s.id, count(*), null
    from stage s
    join mine m on m.role = 'secretariat' and m.call_id = s.call_id
    join proposal_stage ps on ps.stage_id = s.id and ps.state = 'locked'
    join sealed.outcome o on o.proposal_stage_id = ps.id and o.state in ('eligible', 'conditional', 'evaluated')
    where s.state in ('rebuttal', 'panel') and ps.proposal_id not in (select proposal_id from walled)
      and exists (select from sealed.review r where r.proposal_id = ps.proposal_id and r.stage_id = s.id
                  and r.state = 'voided' and r.released_at is not null)
      and not exists (select from sealed.review r where r.proposal_id = ps.proposal_id and r.stage_id = s.id
                      and r.state not in ('declined', 'conflicted', 'replaced', 'voided'))
    group by s.call_id, s.id
  union all
    select 'amend_selection', s.call_id, s.id, count(*), null
    from sealed.selection s
    join call c on c.id = s.call_id
    join mine m on m.role = 'secretariat' and m.call_id = s.call_id
    join (select l.selection_id, 'confirmed' as state, l.answered_at as since
          from sealed.selection_line l where l.state = 'refused'
          union all
          select d.selection_id, 'final', d.recorded_at from sealed.commitment_default d
          where not exists (select from commitment x where x.participation_id = d.participation_id
                            and x.pledged_at > d.recorded_at)) broken
      on broken.selection_id = s.id and broken.state = s.state
    where (s.state = 'confirmed' or c.state in ('selected', 'granting', 'monitoring'))
      and not exists (select from sealed.selection n where n.call_id = s.call_id and n.id <> s.id
                      and n.state in ('proposed', 'adopted', 'confirmed') and n.proposed_at > broken.since)
      and not exists (select from walled w join proposal p on p.id = w.proposal_id
                      where s.input -> 'proposals' @> jsonb_build_array(jsonb_build_object('code', p.number)))
    group by s.call_id, s.id";
