//! What of the funders' commitments is for each topic, where topics have money of their own.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "topics_have_all_of_the_money",
        "where topics have money of their own, what is committed, available and decided in them is what the funder's whole is; else there is none",
        "select p.id from participation p join call c on c.id = p.call_id
         left join (select participation_id, sum(commitment) as commitment, sum(available) as available,
                           sum(decided) as decided
                    from topic_money group by participation_id) t on t.participation_id = p.id
         where case when c.rules -> 'funding' ->> 'topic_money' = 'own'
                    then p.commitment <> coalesce(t.commitment, 0) or p.decided <> coalesce(t.decided, 0)
                         or p.available is distinct from t.available
                    else t.participation_id is not null end",
    ),
    rule(
        "division_is_of_the_whole_pledge",
        "the parts of a pledge for the topics add up to it, and name its call and topics of that",
        "select k.id from commitment k join call c on c.id = k.call_id
         join commitment_topic t on t.commitment_id = k.id
         group by k.id, k.amount, k.call_id, c.rules
         having sum(t.amount) <> k.amount or bool_or(t.call_id <> k.call_id)
             or bool_or(not c.rules -> 'topics' @> jsonb_build_array(jsonb_build_object('key', t.topic)))",
    ),
    rule(
        "topic_money_is_the_last_division",
        "what a funder commits to a topic, and what of it on availability of funds, is what it pledged for it last",
        "select m.participation_id from topic_money m join participation p on p.id = m.participation_id
         cross join lateral (
             select (select t.amount from commitment k join commitment_topic t on t.commitment_id = k.id
                     where k.participation_id = m.participation_id and k.kind = 'indicative' and t.topic = m.topic
                     order by k.number desc limit 1) as indicative,
                    (select t.amount from commitment k join commitment_topic t on t.commitment_id = k.id
                     where k.participation_id = m.participation_id and k.kind = 'availability' and t.topic = m.topic
                     order by k.number desc limit 1) as available) last
         where m.commitment <> coalesce(last.indicative, 0) or m.available is distinct from last.available
            or m.call_id <> p.call_id",
    ),
    rule(
        "topic_decided_is_what_the_final_selection_says",
        "what is decided of a funder's money in a topic is its national money there in the selection in force",
        "select m.participation_id from topic_money m join participation p on p.id = m.participation_id
         join organisation o on o.id = p.organisation_id
         left join (
             select s.call_id, topic ->> 'topic' as topic, one ->> 'funder' as funder,
                    sum((one ->> 'national')::numeric * 100) as amount
             from sealed.selection s
             join lateral jsonb_array_elements(s.result -> 'topics') topic on true
             join lateral jsonb_array_elements(topic -> 'result' -> 'funders') one on true
             where s.state = 'final' group by 1, 2, 3) bound
         on bound.call_id = m.call_id and bound.topic = m.topic and bound.funder = o.key
         where m.decided <> coalesce(bound.amount, 0)",
    ),
];
