//! Secrets of experts and of their conflicts of interest.

use super::groups::{CHAIR, COMMITTEE, COORDINATOR, EXPERT, OFFICE, PANEL, SECOND};
use super::{Secret, secret};

/// While reviews are written.
pub const EXPERTISE: &[Secret] = &[
    secret(
        "how many reviews an expert agreed to",
        &[OFFICE, PANEL, COMMITTEE, EXPERT],
        "update sealed.expert set max_load = 7 where id = '{expert}'",
    ),
    secret(
        "how many reviews an expert agreed to at one stage",
        &[OFFICE, CHAIR, EXPERT],
        "update sealed.expert set stage_loads = '{\"2\": 4}' where id = '{expert}'",
    ),
    secret(
        "what an expert shall do",
        &[OFFICE, PANEL, COMMITTEE, EXPERT],
        "update sealed.expert set role = 'patient_reviewer' where id = '{expert}'",
    ),
    secret(
        "whether an expert has signed",
        &[OFFICE, PANEL, COMMITTEE, SECOND],
        "update sealed.expert set state = 'accepted', version = version + 1 where id = '{other_expert}'",
    ),
    secret(
        "whether an expert has declared conflicts of interest",
        &[OFFICE, CHAIR, SECOND],
        "update sealed.expert set declared_at = null, declared_stages = '{}', version = version + 1 where id = '{other_expert}'",
    ),
    secret(
        "when an expert declared conflicts of interest",
        &[&["secretariat"], OFFICE, EXPERT],
        "update sealed.expert set declared_at = '2026-01-05Z' where id = '{expert}'",
    ),
    secret(
        "for which stages an expert declared conflicts of interest",
        &[&["secretariat"], OFFICE, EXPERT],
        "update sealed.expert set declared_stages = '{1,2}' where id = '{expert}'",
    ),
    secret(
        "when an expert was asked to declare conflicts of interest",
        &[],
        "update sealed.expert set asked_stage = 1, asked_at = '2026-01-05Z' where id = '{expert}'",
    ),
    secret(
        "by what identifiers an expert is known",
        &[&["secretariat"], OFFICE, CHAIR, EXPERT],
        "update sealed.expert set orcid = '0000-0002-1825-0097', ror = '03yrm5c26' where id = '{expert}'",
    ),
    secret(
        "by what ORCID iD a coordinator is known",
        &[COORDINATOR],
        "update account set orcid = '0000-0001-5109-3700' where id = '{@coordinator}'",
    ),
    secret(
        "that a conflict of interest of a committee's member was taken back",
        &[OFFICE, &["csc_representative"]],
        "insert into sealed.own_conflict (account_id, proposal_id, call_id, reason, standing, judged_because) values ('{@csc_representative}', '{rival}', '{call}', 'Friends', false, 'A namesake')",
    ),
    secret(
        "which funder nominated an expert",
        &[],
        "update sealed.expert set nominated_by = (select id from participation where call_id = '{call}' order by id limit 1)
         where id = '{expert}'",
    ),
    secret(
        "who found a conflict of interest",
        &[OFFICE, CHAIR, &["conflicted"]],
        "update sealed.conflict set source = 'secretariat' where proposal_id = '{proposal}'",
    ),
    secret(
        "of which kind a conflict of interest is",
        &[OFFICE, CHAIR, &["conflicted"]],
        "update sealed.conflict set kind = 'co_publication', certain = false where proposal_id = '{proposal}'",
    ),
    secret(
        "why a conflict of interest was upheld",
        &[OFFICE, CHAIR, &["conflicted"]],
        "update sealed.conflict set judged_because = 'Still cousins' where proposal_id = '{proposal}'",
    ),
    secret(
        "that a conflict of interest was taken back",
        &[OFFICE, CHAIR],
        "insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing, taken_back_at) values (gen_random_uuid(), '{call}', '{other_expert}', '{rival}', 'same_institution', true, 'Lab 3 has the same name', 'detected', false, clock_timestamp())",
    ),
    secret(
        "that the secretariat withdrew a conflict of interest which it had noted",
        &[OFFICE, CHAIR],
        "insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing, taken_back_at) values (gen_random_uuid(), '{call}', '{other_expert}', '{rival}', 'declared', true, 'Cousins', 'secretariat', false, clock_timestamp())",
    ),
    secret(
        "that a verdict is remembered from a call in which the expert was one, too",
        &[&["secretariat"]],
        "update sealed.conflict set remembered_from = id where proposal_id = '{proposal}'",
    ),
    secret(
        "that the panel's chair has a conflict of interest",
        &[&["secretariat", "panel_chair"], OFFICE],
        "insert into sealed.own_conflict (account_id, proposal_id, call_id, reason) values ('{@panel_chair}', '{rival}', '{call}', 'Neighbours')",
    ),
    secret(
        "that a funder's contact person has a conflict of interest",
        &[&["secretariat", "contact_person"], OFFICE],
        "insert into sealed.own_conflict (account_id, proposal_id, call_id, reason) values ('{@contact_person}', '{rival}', '{call}', 'Former colleagues')",
    ),
    secret(
        "that a funder's own institution takes part",
        &[&["secretariat", "contact_person"], OFFICE],
        "insert into sealed.own_conflict (account_id, proposal_id, call_id, kind, source, reason) values ('{@contact_person}', '{rival}', '{call}', 'same_institution', 'detected', 'Lab 2 has the same name')",
    ),
    secret(
        "what the secretariat noted of a funder's signatory",
        &[&["secretariat", "signatory"], OFFICE],
        "insert into sealed.own_conflict (account_id, proposal_id, call_id, source, reason) values ('{@signatory}', '{rival}', '{call}', 'secretariat', 'Sits on the board')",
    ),
];
