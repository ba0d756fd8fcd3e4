//! Breaches of how the funders' money is divided among topics.

use crate::Breach;

pub const BREACHES: &[Breach] = &[
    (
        "topics_have_all_of_the_money",
        "insert into topic_money (participation_id, topic, call_id, commitment)
         select id, 'care', call_id, 0 from participation limit 1",
    ),
    (
        "division_is_of_the_whole_pledge",
        "insert into commitment_topic (commitment_id, topic, call_id, amount)
         select id, 'care', call_id, 1 from commitment limit 1",
    ),
    (
        "topic_money_is_the_last_division",
        "insert into topic_money (participation_id, topic, call_id, commitment)
         select id, 'care', call_id, 5 from participation limit 1",
    ),
    (
        "topic_decided_is_what_the_final_selection_says",
        "insert into topic_money (participation_id, topic, call_id, commitment, decided)
         select id, 'care', call_id, 5, 5 from participation limit 1",
    ),
];
