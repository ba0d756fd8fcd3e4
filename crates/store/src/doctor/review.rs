//! Experts, their conflicts of interest, and who reviews what.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "review_says_its_call",
        "expert, proposal, stage, review and conflict all belong to the same call",
        "select r.id from sealed.review r join sealed.expert e on e.id = r.expert_id
         join proposal p on p.id = r.proposal_id join stage s on s.id = r.stage_id
         where r.call_id <> e.call_id or r.call_id <> p.call_id or r.call_id <> s.call_id
         union all
         select c.id from sealed.conflict c join sealed.expert e on e.id = c.expert_id
         join proposal p on p.id = c.proposal_id
         where c.call_id <> e.call_id or c.call_id <> p.call_id",
    ),
    rule(
        "nobody_reviews_under_a_conflict",
        "no person has a review of a proposal with which a conflict of interest of that person stands, in whatever role it \
         was declared; what the panel's adopted results rest on stays",
        "select r.id from sealed.review r join sealed.expert e on e.id = r.expert_id join stage s on s.id = r.stage_id
         where r.state not in ('declined', 'conflicted', 'replaced', 'voided')
           and not (r.state = 'released' and s.state in ('ranked', 'decided', 'communicated'))
           and (exists (select from sealed.conflict c
                        where c.standing and c.proposal_id = r.proposal_id and c.expert_id = e.id)
                or exists (select from sealed.wall w
                           where w.proposal_id = r.proposal_id and w.account_id = e.account_id))",
    ),
    rule(
        "nobody_reviews_the_own_proposal",
        "no coordinator has a review of the own proposal",
        "select r.id from sealed.review r join sealed.expert e on e.id = r.expert_id
         join proposal p on p.id = r.proposal_id
         where r.state not in ('declined', 'conflicted', 'replaced', 'voided')
           and p.coordinator_id = e.account_id",
    ),
    rule(
        "nobody_reviews_the_own_organisation",
        "no expert has a review of a proposal of the own organisation, unless the conflict was judged not to stand, or waits \
         for a verdict since it was found in the middle of the review; what the panel's adopted results rest on stays",
        "select r.id from sealed.review r join sealed.expert e on e.id = r.expert_id
         join proposal_stage ps on ps.proposal_id = r.proposal_id and ps.stage_id = r.stage_id
         join stage t on t.id = r.stage_id
         join submission s on s.proposal_stage_id = ps.id and s.number = ps.submitted
         where r.state not in ('declined', 'conflicted', 'replaced', 'voided')
           and not (r.state = 'released' and t.state in ('ranked', 'decided', 'communicated')) and exists (
             select from jsonb_array_elements(s.content -> 'partners') one
             where one ->> 'ror' = e.ror
                or (one ->> 'ror' is null or e.ror is null) and lower(trim(one ->> 'organisation')) = lower(trim(e.organisation)))
           and not exists (
             select from sealed.conflict c where c.expert_id = e.id and c.proposal_id = r.proposal_id
               and not c.standing and c.taken_back_at is null
               and (c.judged_because is not null or c.found_at > r.assigned_at))",
    ),
    rule(
        "reviewer_is_contracted",
        "who has a review has signed the confidentiality and declared conflicts of interest for the stage",
        "select r.id from sealed.review r join sealed.expert e on e.id = r.expert_id join stage s on s.id = r.stage_id
         where r.state not in ('declined', 'conflicted', 'replaced', 'voided')
           and (e.state <> 'contracted' or s.number <> all(e.declared_stages))",
    ),
    rule(
        "conflicts_are_declared_after_the_deadline",
        "an expert declared conflicts of interest for stages of the call whose proposals are locked, and for no others",
        "select e.id from sealed.expert e cross join unnest(e.declared_stages) d (number)
         left join stage s on s.call_id = e.call_id and s.number = d.number
         where s.id is null or s.state in ('planned', 'open', 'closed')",
    ),
    rule(
        "declarations_are_asked_for_after_the_deadline",
        "an expert was asked to declare conflicts of interest for a stage of the call whose proposals are locked",
        "select e.id from sealed.expert e
         left join stage s on s.call_id = e.call_id and s.number = e.asked_stage
         where e.asked_stage is not null and (s.id is null or s.state in ('planned', 'open', 'closed'))",
    ),
    rule(
        "expert_logs_in",
        "an expert who was invited has an account",
        "select id from sealed.expert where state in ('invited', 'accepted', 'contracted') and account_id is null",
    ),
    rule(
        "load_within_agreement",
        "no expert has more reviews in a stage than agreed on for it, those of what is out of the evaluation apart",
        "select e.id from sealed.review r join sealed.expert e on e.id = r.expert_id join stage s on s.id = r.stage_id
         join proposal_stage ps on ps.proposal_id = r.proposal_id and ps.stage_id = r.stage_id
         left join sealed.outcome o on o.proposal_stage_id = ps.id
         where r.state not in ('declined', 'conflicted', 'replaced', 'voided') and ps.state <> 'withdrawn'
           and coalesce(o.state, '') not in ('withdrawn', 'excluded', 'ineligible')
         group by e.id, s.id having count(*) > coalesce((e.stage_loads ->> s.number::text)::integer, e.max_load)",
    ),
    rule(
        "stage_load_is_of_a_stage",
        "an expert's loads for single stages name stages of the call",
        "select e.id from sealed.expert e cross join jsonb_object_keys(e.stage_loads) k (number)
         where not exists (select from stage s where s.call_id = e.call_id and s.number::text = k.number)",
    ),
    rule(
        "reviewed_stage_is_past_its_checks",
        "reviews exist in a stage whose review has begun",
        "select r.id from sealed.review r join stage s on s.id = r.stage_id
         where s.state in ('planned', 'open', 'closed', 'checking')",
    ),
    rule(
        "reviewed_proposal_is_locked",
        "a review is of a proposal that was locked in that stage",
        "select r.id from sealed.review r
         left join proposal_stage ps on ps.proposal_id = r.proposal_id and ps.stage_id = r.stage_id
         where coalesce(ps.state, '') not in ('locked', 'withdrawn')",
    ),
    rule(
        "submitted_review_is_dated_and_scored",
        "a submitted review says when and has a score and a comment for the same criteria; a released one says when too",
        "select id from sealed.review
         where state in ('submitted', 'released')
           and (submitted_at is null or (state = 'released') <> (released_at is not null) or scores = '{}'
                or array(select jsonb_object_keys(scores) order by 1) <> array(select jsonb_object_keys(comments) order by 1))",
    ),
    rule(
        "label_is_given_at_the_release",
        "a review that was released has its label, and none that was not handed in",
        "select id from sealed.review
         where released_at is not null and label is null or label is not null and submitted_at is null",
    ),
    rule(
        "labels_leave_no_gap",
        "the labels of the reviews of a proposal at a stage count from one, without a gap",
        "select (array_agg(id order by id))[1] from sealed.review where label is not null
         group by stage_id, proposal_id having min(label) <> 1 or max(label) <> count(*)",
    ),
    rule(
        "what_applicants_were_told_was_released",
        "applicants were told of released reviews alone, and of what a conflict of interest ended after its release",
        "select id from sealed.review where told and (label is null or state not in ('released', 'voided'))",
    ),
    rule(
        "review_is_due_after_its_assignment",
        "a review is due after it was assigned, and nobody was reminded of it before",
        "select id from sealed.review where due_at <= assigned_at or reminded_at < assigned_at",
    ),
    rule(
        "review_is_held_back_once_the_others_are_read",
        "a review is held back from the applicants only where they could read those of the stage before it was assigned, and \
         they were not told of it",
        "select r.id from sealed.review r join stage s on s.id = r.stage_id
         where r.held_back and (r.told or s.state not in ('rebuttal', 'panel', 'ranked', 'decided', 'communicated'))",
    ),
    rule(
        "certain_conflict_stands",
        "a conflict that is certain stands, whatever was decided, until it is taken back",
        "select id from sealed.conflict where certain and not standing and taken_back_at is null",
    ),
    rule(
        "conflict_is_taken_back_by_a_correction",
        "a conflict that was detected is taken back by a correction of its expert's record, which names it",
        "select c.id from sealed.conflict c
         where c.source = 'detected' and c.taken_back_at is not null and not exists (
             select from audit a where a.object_id = c.expert_id and a.action = 'correct_expert'
               and a.detail -> 'taken_back' @> to_jsonb(c.id::text))",
    ),
    rule(
        "noted_conflict_is_withdrawn_for_a_reason",
        "a conflict that the secretariat noted is taken back by the secretariat, with a reason on the audit trail",
        "select c.id from sealed.conflict c
         where c.source = 'secretariat' and c.taken_back_at is not null and not exists (
             select from audit a where a.object_id = c.id and a.action = 'withdraw_conflict' and a.reason <> '')",
    ),
    rule(
        "remembered_verdict_is_on_the_same_fact",
        "a verdict that is remembered is that of another call, given there on a possible conflict of the same kind, which rests \
         on the same",
        "select c.id from sealed.conflict c join sealed.conflict o on o.id = c.remembered_from
         where o.call_id = c.call_id or o.kind <> c.kind or o.about <> c.about or o.certain or o.source <> 'detected'
            or o.judged_because is null or o.remembered_from is not null
            or c.standing or c.judged_because is null or c.source <> 'detected'",
    ),
    rule(
        "own_conflict_says_its_call",
        "a conflict of somebody with a role in a call belongs to the call of its proposal",
        "select o.proposal_id from sealed.own_conflict o join proposal p on p.id = o.proposal_id
         where o.call_id <> p.call_id",
    ),
    rule(
        "named_persons_say_their_call",
        "whom applicants name belongs to the call of their proposal",
        "select n.proposal_id from sealed.named_persons n join proposal p on p.id = n.proposal_id
         where n.call_id <> p.call_id",
    ),
    rule(
        "publication_has_authors",
        "a publication of an imported list names who wrote it",
        "select id from sealed.publication
         where jsonb_typeof(people) <> 'array' or people = '[]'",
    ),
    rule(
        "imported_affinity_says_its_call",
        "an imported affinity belongs to the call of its stage, proposal and expert",
        "select a.stage_id from sealed.affinity a join sealed.expert e on e.id = a.expert_id
         join proposal p on p.id = a.proposal_id join stage s on s.id = a.stage_id
         where a.call_id <> e.call_id or a.call_id <> p.call_id or a.call_id <> s.call_id",
    ),
    rule(
        "rebuttal_says_its_call",
        "the window to reply to reviews names the call of its proposal",
        "select b.proposal_stage_id from sealed.rebuttal b join proposal_stage ps on ps.id = b.proposal_stage_id
         where b.call_id <> ps.call_id",
    ),
    rule(
        "reply_is_there_as_its_state_says",
        "a reply that was submitted is there, with who submitted it and when, and no other is",
        "select proposal_stage_id from sealed.rebuttal
         where state in ('answered', 'unanswered')
            or (state in ('submitted', 'edited_since')) <> (submitted is not null)
            or (submitted is null) <> (submitted_at is null) or (submitted is null) <> (submitted_by is null)",
    ),
    rule(
        "reply_follows_released_reviews",
        "applicants may reply from when the reviews of their proposal were released",
        "select b.proposal_stage_id from sealed.rebuttal b
         join proposal_stage ps on ps.id = b.proposal_stage_id join stage s on s.id = ps.stage_id
         where s.state not in ('rebuttal', 'panel', 'ranked', 'decided', 'communicated')
            or not exists (select from sealed.review r where r.proposal_id = ps.proposal_id
                           and r.stage_id = ps.stage_id and r.released_at is not null)",
    ),
    rule(
        "ethics_say_their_call",
        "an ethics assessment and who looks at it belong to the call of the proposal",
        "select a.proposal_stage_id from sealed.ethics_assessment a
         join proposal_stage ps on ps.id = a.proposal_stage_id left join sealed.expert e on e.id = a.expert_id
         where a.call_id <> ps.call_id or e.call_id <> a.call_id",
    ),
    rule(
        "ethics_are_decided_as_the_state_says",
        "an ethics assessment with an outcome says who found it and when, and no other does; what is conditional has conditions, what is refused reasons",
        "select proposal_stage_id from sealed.ethics_assessment
         where (state in ('clear', 'conditional', 'refused')) <> (decided_at is not null)
            or (decided_at is null) <> (decided_by is null)
            or state = 'conditional' and conditions = '[]' or state = 'refused' and comment = ''",
    ),
    rule(
        "ethics_are_told_from_the_letters_on",
        "applicants are told an outcome of the ethics step with their letters, and not before",
        "select a.proposal_stage_id from sealed.ethics_assessment a
         left join sealed.outcome o on o.proposal_stage_id = a.proposal_stage_id
         where a.told is not null
           and (o.released_at is null or coalesce(a.told ->> 'outcome', '') not in ('clear', 'conditions', 'refused'))",
    ),
];
