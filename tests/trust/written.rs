//! Secrets of what is written in an evaluation: when, by whom, and what the panel makes of it.

use super::groups::{
    ADMINISTRATOR, CHAIR, COMMITTEE, COORDINATOR, EXPERT, EXPERTS, FUNDERS, OFFICE, PANEL, RIVAL,
    SECOND,
};
use super::{Secret, secret};

/// While reviews are written.
pub const WRITTEN: &[Secret] = &[
    secret(
        "that a review waits for a yes",
        &[OFFICE, CHAIR, SECOND],
        "update sealed.review set state = 'invited', version = version + 1 where id = '{draft_review}'",
    ),
    secret(
        "that a reviewer was replaced",
        &[OFFICE, CHAIR, SECOND],
        "update sealed.review set state = 'replaced', version = version + 1 where id = '{draft_review}'",
    ),
    secret(
        "when a review was handed in",
        &[OFFICE, CHAIR, EXPERT],
        "update sealed.review set submitted_at = submitted_at - interval '1 minute' where id = '{review}'",
    ),
    secret(
        "when the reviews of a proposal were released",
        &[OFFICE, PANEL, EXPERTS],
        "update sealed.review set released_at = released_at - interval '1 minute' where proposal_id = '{rival}'",
    ),
    secret(
        "who wrote a released review",
        &[OFFICE, PANEL, EXPERTS],
        "update sealed.review set expert_id = (
             select e.id from sealed.expert e where e.role = 'remote_reviewer' and not exists (
                 select from sealed.review x where x.expert_id = e.id and x.proposal_id = '{rival}') limit 1)
         where id = (select id from sealed.review where proposal_id = '{rival}' order by id limit 1)",
    ),
    secret(
        "a review voided that its applicants have read",
        &[OFFICE, PANEL, EXPERTS],
        "update sealed.review set state = 'voided', version = version + 1
         where id = (select id from sealed.review where proposal_id = '{rival}' order by id limit 1)",
    ),
    secret(
        "a comment of released reviews",
        &[RIVAL, OFFICE, PANEL, EXPERTS],
        "update sealed.review set comments = jsonb_set(comments, '{impact}', '\"Weak.\"') where proposal_id = '{rival}'",
    ),
    secret(
        "that a released review is held back from the applicants",
        &[RIVAL],
        "update sealed.review set held_back = true where proposal_id = '{rival}'",
    ),
    secret(
        "until when applicants may reply",
        &[RIVAL, OFFICE, PANEL],
        "update sealed.rebuttal set closes_at = '2096-01-01Z'",
    ),
    secret(
        "that applicants may reply",
        &[RIVAL, OFFICE, PANEL],
        "delete from sealed.rebuttal",
    ),
    secret(
        "whose hand submitted a reply",
        &[],
        "update sealed.rebuttal set submitted_by = '{@stranger}'",
    ),
    secret(
        "how often the panel changed its mind",
        &[OFFICE, PANEL],
        "update sealed.consensus set version = version + 1",
    ),
    secret(
        "one consensus less",
        &[OFFICE, PANEL],
        "delete from sealed.consensus",
    ),
    secret(
        "who put a consensus on record",
        &[],
        "update sealed.consensus set recorded_by = '{@panel_member}'",
    ),
    secret(
        "who said what at the panel",
        &[OFFICE, PANEL],
        "update sealed.panel_message set written_by = '{@panel_chair}'",
    ),
    secret(
        "when something was said at the panel",
        &[OFFICE, PANEL],
        "update sealed.panel_message set written_at = written_at - interval '1 minute'",
    ),
    secret(
        "that nobody presents a proposal at the panel",
        &[OFFICE, PANEL],
        "delete from sealed.rapporteur",
    ),
    secret(
        "that a rapporteur drafts",
        &[OFFICE, PANEL],
        "delete from sealed.summary_report",
    ),
    secret(
        "that the observer filed a report",
        &[OFFICE, COMMITTEE, CHAIR, ADMINISTRATOR],
        "update sealed.conformity_report set state = 'filed', conclusion = 'conforms', filed_by = '{@observer}',
                filed_at = '2026-03-03Z', sha256 = 'ab'",
    ),
];

/// Between the decision and the letters.
pub const KEPT: &[Secret] = &[
    secret(
        "who wrote a review, at the end",
        &[OFFICE, PANEL, EXPERT],
        "update sealed.review set expert_id = (select id from sealed.expert where account_id = '{@panel_member}')
         where id = '{review}'",
    ),
    secret(
        "when a review was handed in, at the end",
        &[OFFICE, PANEL, EXPERT],
        "update sealed.review set submitted_at = '2026-02-20Z' where id = '{review}'",
    ),
    secret(
        "how well a reviewer fitted, at the end",
        &[OFFICE, PANEL, EXPERT],
        "update sealed.review set affinity = 123456 where id = '{review}'",
    ),
    // Figures of experts by country and gender are told with the results, as far as no small cell shows.
    secret(
        "the country of an expert, at the end",
        &[OFFICE, PANEL, FUNDERS, EXPERT],
        "update sealed.expert set country = 'NO' where id = '{expert}'",
    ),
    secret(
        "the gender of an expert, at the end",
        &[OFFICE, CHAIR, FUNDERS, EXPERT],
        "update sealed.expert set gender = 'woman' where id = '{expert}'",
    ),
    secret(
        "what the panel said, at the end",
        &[OFFICE, PANEL],
        "insert into sealed.panel_message (id, call_id, proposal_stage_id, written_by, text)
         values (gen_random_uuid(), '{call}', '{row}', '{@panel_chair}', 'Not again')",
    ),
    secret(
        "who presented a proposal, at the end",
        &[OFFICE, PANEL],
        "insert into sealed.rapporteur (proposal_stage_id, expert_id, call_id, position, named_by)
         select '{row}', id, '{call}', 1, '{@secretariat}' from sealed.expert where account_id = '{@panel_chair}'",
    ),
    secret(
        "whom applicants had kept from reviewing",
        &[OFFICE, COORDINATOR],
        "insert into sealed.named_persons (proposal_id, call_id, persons) values ('{proposal}', '{call}', '[{\"person\": {\"name\": \"R. Rival\"}}]')",
    ),
    secret(
        "what the ranking was computed from",
        &[OFFICE],
        "update sealed.ranking_list set input = jsonb_set(input, '{proposals,0,scores,impact}', '\"1.0\"')",
    ),
];
