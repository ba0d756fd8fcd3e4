//! Secrets while proposals come in.

use super::groups::{
    ADMINISTRATOR, CHAIR, COMMITTEE, COORDINATOR, EXPERT, FUNDERS, OFFICE, PANEL, PARTNER, RIVAL,
};
use super::{Secret, secret};

/// While proposals come in.
pub const INTAKE: &[Secret] = &[
    secret("the rival's draft", &[RIVAL],
        "update draft set content = jsonb_set(content, '{title}', '\"Other\"'), version = version + 1, saved_at = clock_timestamp() where proposal_stage_id = '{rival_row}'"),
    secret("a draft written on after submission", &[COORDINATOR, PARTNER],
        "update draft set content = jsonb_set(content, '{abstract}', '\"Other\"'), version = version + 1, saved_at = clock_timestamp() where proposal_stage_id = '{row}'"),
    secret("the budget of a partner in a draft", &[COORDINATOR, PARTNER],
        "update draft set content = jsonb_set(content, '{partners,2,budget,travel,0}', '\"1.00\"') where proposal_stage_id = '{row}'"),
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
        "update draft set content = jsonb_set(content, '{partners,1,budget,travel,0}', '\"1.00\"') where proposal_stage_id = '{row}'"),
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
    secret("what was asked, before the deadline", &[],
        "update submission set content = jsonb_set(content, '{partners,1,budget,travel,0}', '\"1.00\"') where proposal_stage_id = '{row}'"),
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
         insert into commitment (id, call_id, participation_id, number, amount, reason) select gen_random_uuid(), t.call_id, t.id, 9, 700, 'More' from participation t join organisation o on o.id = t.organisation_id where o.key = '{funder}'"),
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
    secret("what mails somebody does without", &[COORDINATOR],
        "insert into notice_off (account_id, kind) values ('{@coordinator}', 'reminder')"),
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
