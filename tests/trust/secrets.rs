//! What must not be known, to whom it may be known, and the SQL that makes it another secret.
#![allow(dead_code, reason = "each test file uses some of it")]

mod checking;

pub use checking::CHECKING;

/// One secret of a scene.
#[derive(Clone, Copy)]
pub struct Secret {
    pub name: &'static str,
    /// Who may see that it changed; the first of the first group does.
    pub known: &'static [&'static [&'static str]],
    pub sql: &'static str,
}

impl Secret {
    /// Whether somebody may see it.
    pub fn known_to(&self, name: &str) -> bool {
        self.known.iter().any(|group| group.contains(&name))
    }
}

/// Roles that see the same.
pub mod groups {
    pub const OFFICE: &[&str] = &["secretariat", "observer"];
    pub const COMMITTEE: &[&str] = &["csc_chair", "csc_representative"];
    pub const FUNDERS: &[&str] = &[
        "csc_chair",
        "csc_representative",
        "contact_person",
        "signatory",
        "other_funder",
    ];
    pub const CHAIR: &[&str] = &["panel_chair"];
    pub const PANEL: &[&str] = &["panel_chair", "panel_member"];
    pub const EXPERT: &[&str] = &["expert"];
    pub const SECOND: &[&str] = &["other_expert"];
    pub const EXPERTS: &[&str] = &["expert", "other_expert", "conflicted"];
    pub const COORDINATOR: &[&str] = &["coordinator"];
    pub const RIVAL: &[&str] = &["rival"];
    pub const PARTNER: &[&str] = &["partner"];
    pub const ADMINISTRATOR: &[&str] = &["administrator"];
    /// Those who speak for the funder of the coordinator's own part.
    pub const OWN_FUNDER: &[&str] = &["contact_person", "csc_representative", "signatory"];
}

use groups::{
    ADMINISTRATOR, CHAIR, COMMITTEE, COORDINATOR, EXPERT, EXPERTS, FUNDERS, OFFICE, PANEL, PARTNER,
    RIVAL, SECOND,
};

const fn secret(
    name: &'static str,
    known: &'static [&'static [&'static str]],
    sql: &'static str,
) -> Secret {
    Secret { name, known, sql }
}

/// While proposals come in.
pub const INTAKE: &[Secret] = &[
    secret("the rival's draft", &[RIVAL],
        "update draft set content = jsonb_set(content, '{title}', '\"Other\"'), version = version + 1, saved_at = clock_timestamp() where proposal_stage_id = '{rival_row}'"),
    secret("a draft written on after submission", &[COORDINATOR, PARTNER],
        "update draft set content = jsonb_set(content, '{abstract}', '\"Other\"'), version = version + 1, saved_at = clock_timestamp() where proposal_stage_id = '{row}'"),
    secret("the budget of a partner in a draft", &[COORDINATOR, PARTNER],
        "update draft set content = jsonb_set(content, '{partners,2,budget,travel}', '\"1.00\"') where proposal_stage_id = '{row}'"),
    secret("that another partner has a budget at all", &[COORDINATOR],
        "update draft set content = jsonb_set(content, '{partners,0,budget}', '{}') where proposal_stage_id = '{row}'"),
    secret("how often another partner saved its budget", &[COORDINATOR],
        "insert into draft_history select proposal_stage_id, version + 1, call_id, jsonb_set(content, '{partners,1,budget}', '{}'), '{@coordinator}', clock_timestamp()
         from draft where proposal_stage_id = '{row}';
         update draft set content = jsonb_set(content, '{partners,1,budget}', '{}'), version = version + 1 where proposal_stage_id = '{row}'"),
    secret("who is invited to another part", &[COORDINATOR],
        "insert into partner_invitation (id, call_id, proposal_id, partner_id, email, token_hash, invited_by, expires_at)
         select gen_random_uuid(), call_id, proposal_id, gen_random_uuid(), 'next@example.org', '\\x04', invited_by, expires_at from partner_invitation where claimed_by = '{@partner}';
         update partner_invitation set partner_id = (select (content #>> '{partners,1,id}')::uuid from draft where proposal_stage_id = '{row}') where email = 'next@example.org'"),
    secret("who wrote a part and left", &[],
        "update partner_invitation set email = 'other@example.org' where claimed_by = '{@former_partner}';
         update partner_member set joined_at = joined_at - interval '1 minute' where account_id = '{@former_partner}'"),
    secret("that a partner joined, and has confirmed its part", &[COORDINATOR, PARTNER],
        "update partner_member set joined_at = joined_at - interval '1 minute' where account_id = '{@partner}'"),
    secret("a budget in a draft", &[COORDINATOR],
        "update draft set content = jsonb_set(content, '{partners,1,budget,travel}', '\"1.00\"') where proposal_stage_id = '{row}'"),
    secret("how often a draft was saved", &[RIVAL],
        "insert into draft_history select proposal_stage_id, version + 5, call_id, content, '{@rival}', clock_timestamp() from draft where proposal_stage_id = '{rival_row}'"),
    secret("one draft more", &[RIVAL, OFFICE],
        "insert into proposal select gen_random_uuid(), call_id, 'JTC2026-099', coordinator_id, clock_timestamp() from proposal where id = '{rival}';
         insert into proposal_stage select gen_random_uuid(), call_id, id, '{stage}', 'draft', 0, null, 1 from proposal where number = 'JTC2026-099';
         insert into draft select s.id, s.call_id, d.content, 1, clock_timestamp() from draft d, proposal_stage s join proposal p on p.id = s.proposal_id
         where d.proposal_stage_id = '{rival_row}' and p.number = 'JTC2026-099';
         update call set proposals_numbered = 99 where id = '{call}'"),
    secret("how many numbers were given", &[], "update call set proposals_numbered = 77 where id = '{call}'"),
    secret("that the rival submitted", &[RIVAL, OFFICE],
        "update proposal_stage set state = 'submitted', submitted = 1, version = version + 1 where id = '{rival_row}';
         insert into submission select gen_random_uuid(), s.call_id, '{rival_row}', 1, d.content, 'cd', s.submitted_by, clock_timestamp(), s.receipt
         from submission s, draft d where s.proposal_stage_id = '{row}' and d.proposal_stage_id = '{rival_row}'"),
    secret("what was submitted, before the deadline", &[],
        "update submission set content = jsonb_set(content, '{title}', '\"Other\"') where proposal_stage_id = '{row}'"),
    secret("when it was submitted", &[COORDINATOR, OFFICE],
        "update submission set submitted_at = submitted_at + interval '1 minute', receipt = jsonb_set(receipt, '{receipt,audit_digest}', '\"00\"') where proposal_stage_id = '{row}'"),
    secret("that a proposal is withdrawn, and why", &[COORDINATOR, PARTNER, OFFICE],
        "update proposal_stage set state = 'withdrawn', withdrawn_because = 'Fraud', version = version + 1 where id = '{row}'"),
    secret("an exception to the rival's deadline", &[RIVAL, OFFICE],
        "insert into deadline_exception (id, call_id, proposal_stage_id, number, deadline_at, until, reason, given_by, given_at)
         select gen_random_uuid(), '{call}', '{rival_row}', 1, deadline_at, deadline_at + interval '1 day', 'A flood', '{@secretariat}', clock_timestamp()
         from stage where id = '{stage}'"),
    secret("a question that waits", &[&["secretariat"]],
        "insert into question (id, call_id, asked) values (gen_random_uuid(), '{call}', 'Why?')"),
    secret("a member's interest", &[&["secretariat"]],
        "insert into interest (id, action_item_id, organisation_id, amount, remark)
         select gen_random_uuid(), i.id, o.id, 7, 'Perhaps' from action_item i, organisation o where i.number = 'A.7' and o.key = 'SE-VINNOVA'"),
    secret("who asked to join, and was declined", &[&["secretariat"], COMMITTEE],
        "insert into join_request (id, call_id, organisation_id, remark, declined_because)
         select gen_random_uuid(), '{call}', id, 'Perhaps', 'No' from organisation where key = 'SE-VINNOVA'"),
    secret("a funder's commitment", &[OFFICE, FUNDERS, ADMINISTRATOR],
        "update participation t set commitment = commitment + 700, version = t.version + 1 from organisation o where o.id = t.organisation_id and o.key = '{funder}';
         insert into commitment select gen_random_uuid(), t.call_id, t.id, 9, 700, 'More', null, clock_timestamp() from participation t join organisation o on o.id = t.organisation_id where o.key = '{funder}'"),
    secret("why a commitment changed", &[OFFICE, FUNDERS], "update commitment set reason = 'The minister insists'"),
    secret("which funders are under-represented, before the stage opens", &[],
        "update stage set under_represented = '{DE-BMBF}' where number = 2"),
    secret("who is invited to a role", &[&["secretariat", "administrator"]],
        "insert into invitation (id, call_id, email, role, token_hash, expires_at) values (gen_random_uuid(), '{call}', 'new@example.org', 'observer', '\\x01', clock_timestamp() + interval '1 day')"),
    secret("who got a role", &[&["secretariat"], OFFICE, COMMITTEE, &["stranger"]],
        "insert into role_grant (id, account_id, call_id, role) values (gen_random_uuid(), '{@stranger}', '{call}', 'observer')"),
    secret("name and address of a contact person", &[&["secretariat"], OFFICE, COMMITTEE, &["other_funder"]],
        "update account set name = 'Other Name', email = 'other.name@example.org' where id = '{@other_funder}'"),
    secret("name and address of a coordinator", &[COORDINATOR],
        "update account set name = 'Next Name', email = 'next.name@example.org' where id = '{@coordinator}'"),
    secret("that somebody uses a second factor", &[COORDINATOR],
        "update account set totp_secret = '\\x01', totp_confirmed_at = clock_timestamp(), password_hash = 'x' where id = '{@coordinator}'"),
    secret("a mail that waits", &[],
        "insert into outbox (id, call_id, recipient, template, context, message_id) values (gen_random_uuid(), '{call}', 'a@b.example', 'expert_invitation', '{}', 'm')"),
    secret("that somebody failed to log in", &[],
        "insert into login_failure values ('\\x01', '10.0.0.1', 4, clock_timestamp())"),
    secret("what was done", &[OFFICE],
        "insert into audit select gen_random_uuid(), chain, call_id, clock_timestamp(), account_id, worn, action, object_kind, object_id, 2, 'Secretly', '{}', salt, digest from audit where call_id = '{call}' limit 1"),
    secret("why something was done", &[OFFICE], "update audit set reason = 'A quarrel' where call_id = '{call}'"),
    secret("an expert nominated", &[OFFICE, PANEL, COMMITTEE],
        "insert into sealed.expert (id, call_id, email, name, organisation, state, role, max_load) values (gen_random_uuid(), '{call}', 'n@ew.example', 'New Expert', 'New', 'nominated', 'remote_reviewer', 3)"),
    secret("an early conflict of interest", &[OFFICE, CHAIR, EXPERT],
        "insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing) values (gen_random_uuid(), '{call}', '{expert}', '{proposal}', 'declared', true, 'Friends', 'declared', true)"),
];

/// While reviews are written.
pub const REVIEWING: &[Secret] = &[
    secret(
        "an expert's name",
        &[OFFICE, PANEL, COMMITTEE, EXPERT],
        "update sealed.expert set name = 'Other Name', version = version + 1 where id = '{expert}'",
    ),
    secret(
        "an expert's address",
        &[&["secretariat"], OFFICE, PANEL, EXPERT],
        "update sealed.expert set email = 'other@name.example' where id = '{expert}'",
    ),
    secret(
        "an expert's organisation",
        &[OFFICE, PANEL, COMMITTEE, EXPERT],
        "update sealed.expert set organisation = 'Other University' where id = '{expert}'",
    ),
    secret(
        "an expert's country and words",
        &[OFFICE, PANEL, COMMITTEE, EXPERT],
        "update sealed.expert set country = 'NO', keywords = '{other}' where id = '{expert}'",
    ),
    secret(
        "that an expert declined, and why",
        &[OFFICE, PANEL, COMMITTEE, SECOND],
        "update sealed.expert set state = 'declined', declined_because = 'A rival', version = version + 1 where id = '{other_expert}'",
    ),
    secret(
        "an assignment more",
        &[OFFICE, CHAIR],
        "insert into sealed.review (id, call_id, stage_id, proposal_id, expert_id, state) select gen_random_uuid(), '{call}', '{stage}', '{proposal}', id, 'accepted' from sealed.expert where account_id = '{@panel_chair}'",
    ),
    secret(
        "an assignment less",
        &[OFFICE, CHAIR, SECOND],
        "delete from sealed.review where id = '{draft_review}'",
    ),
    secret(
        "that a reviewer refused",
        &[OFFICE, CHAIR, SECOND],
        "update sealed.review set state = 'declined', version = version + 1 where id = '{draft_review}'",
    ),
    secret(
        "a score in a draft review",
        &[SECOND],
        "update sealed.review set scores = jsonb_set(scores, '{impact}', '\"2.0\"') where id = '{draft_review}'",
    ),
    secret(
        "a comment in a draft review",
        &[SECOND],
        "update sealed.review set comments = jsonb_set(comments, '{impact}', '\"Weak.\"') where id = '{draft_review}'",
    ),
    secret(
        "a remark in a draft review",
        &[SECOND],
        "update sealed.review set remark = 'Do not' where id = '{draft_review}'",
    ),
    secret(
        "that a review is written on",
        &[OFFICE, CHAIR, SECOND],
        "update sealed.review set version = version + 1 where id = '{draft_review}'",
    ),
    secret(
        "a score of a submitted review",
        &[OFFICE, CHAIR, EXPERT],
        "update sealed.review set scores = jsonb_set(scores, '{impact}', '\"2.0\"') where id = '{review}'",
    ),
    secret(
        "a comment of a submitted review",
        &[OFFICE, CHAIR, EXPERT],
        "update sealed.review set comments = jsonb_set(comments, '{impact}', '\"Weak.\"') where id = '{review}'",
    ),
    secret(
        "a remark of a submitted review",
        &[OFFICE, CHAIR, EXPERT],
        "update sealed.review set remark = 'I know them' where id = '{review}'",
    ),
    secret(
        "that a review was given back",
        &[OFFICE, CHAIR, EXPERT],
        "update sealed.review set state = 'returned', returned_because = 'Too short', version = version + 1 where id = '{review}'",
    ),
    secret(
        "a review voided",
        &[OFFICE, CHAIR, EXPERT],
        "update sealed.review set state = 'voided', version = version + 1 where id = '{review}'",
    ),
    secret(
        "how well a reviewer fits",
        &[OFFICE, CHAIR, EXPERT],
        "update sealed.review set affinity = 123456 where id = '{review}'",
    ),
    secret(
        "a remark of released reviews",
        &[OFFICE, PANEL, EXPERTS],
        "update sealed.review set remark = 'Between us' where proposal_id = '{rival}'",
    ),
    secret(
        "a score of released reviews",
        &[RIVAL, OFFICE, PANEL, EXPERTS],
        "update sealed.review set scores = jsonb_set(scores, '{impact}', '\"1.0\"') where proposal_id = '{rival}'",
    ),
    secret(
        "a conflict of interest more",
        &[OFFICE, CHAIR, SECOND],
        "insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing) values (gen_random_uuid(), '{call}', '{other_expert}', '{rival}', 'declared', true, 'Friends', 'secretariat', true)",
    ),
    secret(
        "a suspected conflict",
        &[OFFICE, CHAIR, SECOND],
        "insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing) values (gen_random_uuid(), '{call}', '{other_expert}', '{rival}', 'email_domain', false, 'Same host', 'detected', false)",
    ),
    secret(
        "the evidence of a conflict",
        &[OFFICE, CHAIR, &["conflicted"]],
        "update sealed.conflict set evidence = 'Married' where proposal_id = '{proposal}'",
    ),
    secret(
        "a conflict judged away",
        &[OFFICE, CHAIR, &["conflicted"]],
        "update sealed.conflict set standing = false, judged_because = 'Long ago', version = version + 1 where proposal_id = '{proposal}'",
    ),
    secret(
        "a consensus score",
        &[OFFICE, PANEL],
        "update sealed.consensus set scores = jsonb_set(scores, '{impact}', '\"1.0\"'), total = 900, version = version + 1",
    ),
    secret(
        "a consensus rating",
        &[OFFICE, PANEL],
        "update sealed.consensus set rating = 'not_recommended', above_thresholds = false",
    ),
    secret(
        "a consensus comment",
        &[OFFICE, PANEL],
        "update sealed.consensus set comment = 'Dreadful'",
    ),
    secret(
        "one consensus more",
        &[OFFICE, PANEL],
        "insert into sealed.consensus select '{row}', call_id, scores, total, above_thresholds, rating, 'Also', recorded_by, recorded_at, 1 from sealed.consensus",
    ),
    secret(
        "that a proposal is evaluated",
        &[OFFICE, PANEL, FUNDERS],
        "update sealed.outcome set state = 'evaluated', version = version + 1 where proposal_stage_id = '{rival_row}'",
    ),
    // The experts' list of what to declare for is the list of what will be evaluated.
    secret(
        "that a proposal is ineligible",
        &[OFFICE, PANEL, FUNDERS, EXPERTS],
        "update sealed.outcome set state = 'ineligible', version = version + 1 where proposal_stage_id = '{row}'",
    ),
    secret(
        "a partner's verdict",
        &[OFFICE, FUNDERS],
        "update eligibility set state = 'ineligible', rule = 'R1', reason = 'Not one of ours', version = version + 1 where proposal_stage_id = '{row}'",
    ),
    secret(
        "a fundable amount",
        &[OFFICE, FUNDERS],
        "update eligibility set state = 'eligible', fundable = 4242 where proposal_stage_id = '{row}'",
    ),
    secret(
        "the formal check",
        &[OFFICE, FUNDERS],
        "update formal_check set verdict = 'ineligible', reason = 'Two pages too long', version = 2 where proposal_stage_id = '{row}'",
    ),
    secret(
        "how far the evaluation is",
        &[OFFICE, PANEL, FUNDERS, EXPERTS],
        "update stage set state = 'panel' where id = '{stage}'",
    ),
];

/// Between the decision and the letters.
pub const DECISION: &[Secret] = &[
    secret("that a proposal is selected", &[OFFICE, FUNDERS], "update sealed.outcome set state = 'selected', version = version + 1, decided_at = clock_timestamp() where proposal_stage_id = '{row}'"),
    secret("that a proposal is in reserve", &[OFFICE, FUNDERS], "update sealed.outcome set state = 'reserve', version = version + 1, decided_at = clock_timestamp() where proposal_stage_id = '{rival_row}'"),
    secret("the condition of an outcome", &[], "update sealed.outcome set condition = 'Without Spain' where proposal_stage_id = '{row}'"),
    secret("that the selection is final", &[OFFICE, FUNDERS], "update sealed.selection set state = 'final', version = version + 1"),
    secret("how the selection was adopted", &[OFFICE, FUNDERS], "update sealed.selection set minutes = jsonb_set(minutes, '{minutes}', '\"A quarrel\"')"),
    secret("who is selected", &[OFFICE, FUNDERS], "update sealed.selection set result = jsonb_set(result, '{selected}', '[\"P01\"]')"),
    secret("what it was computed from", &[OFFICE, FUNDERS], "update sealed.selection set engine = 'another 1'"),
    secret("what a funder is to pay", &[OFFICE, FUNDERS], "update sealed.selection_line set amount = amount + 7, version = version + 1"),
    secret("that a funder accepted", &[OFFICE, FUNDERS], "update sealed.selection_line set state = 'accepted', answered_at = clock_timestamp(), version = version + 1"),
    secret("that a funder refused, and why", &[OFFICE, FUNDERS], "update sealed.selection_line set state = 'refused', reason = 'No money', answered_at = clock_timestamp(), version = version + 1"),
    secret("the rival's letter", &[RIVAL, OFFICE, COMMITTEE],
        "insert into sealed.letter select '{rival_row}', '{call}', 'selected', 'Dear rival', clock_timestamp(), clock_timestamp();
         update sealed.outcome set released_state = 'selected', released_at = clock_timestamp() where proposal_stage_id = '{rival_row}'"),
    secret("what a project is classified as", &[OFFICE, FUNDERS],
        "update sealed.selection set state = 'final'; update sealed.outcome set state = 'selected' where proposal_stage_id = '{row}';
         insert into sealed.project_action_item select '{proposal}', id, '{call}', 10000 from action_item where number = 'A.7'"),
    secret("a consensus score after the ranking", &[OFFICE, PANEL, FUNDERS], "update sealed.consensus set scores = jsonb_set(scores, '{impact}', '\"1.0\"'), total = 900"),
    secret("a consensus comment after the ranking", &[OFFICE, PANEL, FUNDERS], "update sealed.consensus set comment = 'Dreadful'"),
    secret("the ranking", &[OFFICE, PANEL, FUNDERS], "update sealed.ranking_list set entries = jsonb_set(entries, '{0,total}', '\"1.0\"')"),
    secret("that the ranking is another", &[OFFICE, PANEL, FUNDERS], "update sealed.ranking_list set number = 2, version = version + 1"),
    secret("a commitment", &[OFFICE, FUNDERS, ADMINISTRATOR], "update participation set commitment = commitment + 700, version = version + 1"),
    secret("what of a commitment is bound", &[OFFICE, FUNDERS], "update participation set decided = 700"),
    secret("what a partner asked for", &[OFFICE, FUNDERS], "update partner set requested = requested + 700"),
    secret("what a partner would get", &[OFFICE, FUNDERS], "update eligibility set fundable = fundable + 700, version = version + 1"),
    secret("the name of an expert at the end", &[OFFICE, PANEL, COMMITTEE, EXPERT], "update sealed.expert set name = 'Other Name' where id = '{expert}'"),
    secret("a remark at the end", &[OFFICE, PANEL, EXPERT], "update sealed.review set remark = 'I know them' where id = '{review}'"),
    secret("a score not released", &[OFFICE, PANEL, EXPERT], "update sealed.review set scores = jsonb_set(scores, '{impact}', '\"1.0\"') where id = '{review}'"),
    secret("an assignment at the end", &[OFFICE, PANEL, SECOND], "update sealed.review set state = 'declined' where id = '{draft_review}'"),
    secret("a conflict at the end", &[OFFICE, CHAIR, &["conflicted"]], "update sealed.conflict set evidence = 'Married'"),
    secret("that the stage is decided", &[OFFICE, PANEL, FUNDERS], "update stage set state = 'decided' where id = '{stage}'"),
    secret("that there is a selection", &[OFFICE, FUNDERS], "delete from sealed.selection_line; delete from sealed.selection"),
];
