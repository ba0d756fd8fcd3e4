//! What must not be known, to whom it may be known, and the SQL that makes it another secret.
#![allow(dead_code, unused_imports, reason = "each test file uses some of it")]

mod affinity;
mod checking;
mod experts;
pub mod files;
mod funding;
mod intake;
mod panel;
mod redress;
mod written;

pub use affinity::AFFINITY;
pub use checking::CHECKING;
pub use experts::EXPERTISE;
pub use funding::FUNDING;
pub use intake::INTAKE;
#[allow(unused_imports, reason = "not each test file uses them")]
pub use panel::{PAPERS, RESULTS};
pub use redress::REDRESS;
pub use written::{KEPT, WRITTEN};

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
    ADMINISTRATOR, CHAIR, COMMITTEE, COORDINATOR, EXPERT, EXPERTS, FUNDERS, OFFICE, OWN_FUNDER,
    PANEL, RIVAL, SECOND,
};

const fn secret(
    name: &'static str,
    known: &'static [&'static [&'static str]],
    sql: &'static str,
) -> Secret {
    Secret { name, known, sql }
}

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
        "what an expert says of the own work",
        &[OFFICE, PANEL, COMMITTEE, EXPERT],
        "update sealed.expert set statement = 'I study genes', department = 'Oncology', modules = '{1A}', languages = '{no}' where id = '{expert}'",
    ),
    secret(
        "an expert's gender and former places",
        &[OFFICE, EXPERT],
        "update sealed.expert set gender = 'woman', affiliations = '[{\"organisation\": \"Former University\", \"to\": \"2020-01-01\"}]' where id = '{expert}'",
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
        "until when a review is due",
        &[OFFICE, CHAIR, SECOND],
        "update sealed.review set due_at = '2098-01-01Z' where id = '{draft_review}'",
    ),
    secret(
        "that a reviewer was reminded",
        &[OFFICE, CHAIR],
        "update sealed.review set reminded_at = '2098-01-01Z' where id = '{draft_review}'",
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
        "what is written of a reply to the reviews",
        &[RIVAL],
        "update sealed.rebuttal set draft = '{\"to_all\": \"Nonsense\"}', version = version + 1",
    ),
    secret(
        "a reply that was submitted, while the window is open",
        &[RIVAL],
        "update sealed.rebuttal set submitted = '{\"to_all\": \"Nonsense\"}', submitted_at = clock_timestamp()",
    ),
    secret(
        "whether a reply is submitted, while the window is open",
        &[RIVAL],
        "update sealed.rebuttal set state = 'submitted'",
    ),
    secret(
        "a reply once the window is over",
        &[RIVAL, OFFICE, PANEL],
        "update sealed.rebuttal set closes_at = '2026-01-08Z'",
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
        "that the committee's chair has a conflict of interest",
        &[&["secretariat", "csc_chair"], OFFICE],
        "insert into sealed.own_conflict (account_id, proposal_id, call_id, reason) values ('{@csc_chair}', '{rival}', '{call}', 'Friends')",
    ),
    secret(
        "whom applicants keep from reviewing",
        &[COORDINATOR, OFFICE],
        "insert into sealed.named_persons (proposal_id, call_id, persons) values ('{proposal}', '{call}', '[{\"person\": {\"name\": \"R. Rival\"}}]')",
    ),
    secret(
        "that a conflict rests on whom applicants named",
        &[OFFICE, SECOND],
        "insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, about, certain, evidence, source, standing) values (gen_random_uuid(), '{call}', '{other_expert}', '{rival}', 'named_by_applicants', 'named name rival', true, 'Named', 'detected', true)",
    ),
    secret(
        "who published with whom",
        &[OFFICE, CHAIR],
        "insert into sealed.publication (id, call_id, title, year, people) values (gen_random_uuid(), '{call}', 'On genes', 2024, '[{\"name\": \"A. Author\"}]')",
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
    // When the panel meets, the applicants read all released reviews of theirs together; those of the rival are.
    secret(
        "how far the evaluation is",
        &[OFFICE, PANEL, FUNDERS, EXPERTS, RIVAL],
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
    secret("how a member of the committee voted", &[OFFICE, FUNDERS], "update sealed.selection set minutes = jsonb_set(minutes, '{votes,0,vote}', '\"against\"')"),
    secret("when the committee voted in writing", &[OFFICE, FUNDERS], "update sealed.selection set minutes = minutes || '{\"procedure\": \"written\", \"opened_on\": \"2031-07-01\", \"closed_on\": \"2031-07-20\"}'"),
    secret("why a selection amends another", &[OFFICE, FUNDERS], "update sealed.selection set reason = 'A quarrel'"),
    secret("since when the selection is in force", &[OFFICE, FUNDERS], "update sealed.selection set finalised_at = '2031-08-01Z'"),
    secret("that a selection amends another", &[OFFICE, FUNDERS], "update sealed.selection set amends = id, cause = 'withdrawal'"),
    secret("who is selected", &[OFFICE, FUNDERS], "update sealed.selection set result = jsonb_set(result, '{selected}', '[\"P01\"]')"),
    secret("what it was computed from", &[OFFICE, FUNDERS], "update sealed.selection set engine = 'another 1'"),
    secret("what a funder is to pay", &[OFFICE, FUNDERS], "update sealed.selection_line set national = national + 7, requested = requested + 7, version = version + 1"),
    secret("that a funder accepted", &[OFFICE, FUNDERS], "update sealed.selection_line set state = 'accepted', answered_at = clock_timestamp(), version = version + 1"),
    secret("that a funder refused, and why", &[OFFICE, FUNDERS], "update sealed.selection_line set state = 'refused', reason = 'No money', answered_at = clock_timestamp(), version = version + 1"),
    secret("the rival's letter", &[RIVAL, OFFICE, COMMITTEE],
        "insert into sealed.letter select '{rival_row}', '{call}', 'selected', 'Dear rival', clock_timestamp(), clock_timestamp();
         update sealed.outcome set released_state = 'selected', released_at = clock_timestamp() where proposal_stage_id = '{rival_row}'"),
    secret("the rival's letter after an amendment", &[RIVAL, OFFICE, COMMITTEE],
        "insert into sealed.amendment_letter select id, '{rival_row}', call_id, 'selected', 'Dear rival again', clock_timestamp() from sealed.selection;
         update sealed.outcome set released_state = 'selected', released_at = clock_timestamp() where proposal_stage_id = '{rival_row}'"),
    secret("what a project is classified as", &[OFFICE, FUNDERS],
        "update sealed.selection set state = 'final'; update sealed.outcome set state = 'selected' where proposal_stage_id = '{row}';
         insert into sealed.project_action_item select '{proposal}', id, '{call}', 10000 from action_item where number = 'A.7'"),
    secret("a consensus score after the ranking", &[OFFICE, PANEL, FUNDERS], "update sealed.consensus set scores = jsonb_set(scores, '{impact}', '\"1.0\"'), total = 900"),
    secret("a consensus comment after the ranking", &[OFFICE, PANEL, FUNDERS], "update sealed.consensus set comment = 'Dreadful'"),
    secret("the ranking", &[OFFICE, PANEL, FUNDERS], "update sealed.ranking_list set entries = jsonb_set(entries, '{0,total}', '\"1.0\"')"),
    secret("that the ranking is another", &[OFFICE, PANEL, FUNDERS], "update sealed.ranking_list set number = 2, version = version + 1"),
    secret("why the ranking was corrected", &[OFFICE, PANEL, FUNDERS], "update sealed.ranking_list set reason = 'Two were swapped', corrected = '[]'"),
    secret("a commitment", &[OFFICE, FUNDERS, ADMINISTRATOR], "update participation set commitment = commitment + 700, version = version + 1"),
    secret("what of a commitment is bound", &[OFFICE, FUNDERS], "update participation set decided = 700"),
    secret("what a partner asked for", &[OFFICE, FUNDERS], "update partner set requested = requested + 700"),
    secret("what a partner would get", &[OFFICE, FUNDERS], "update eligibility set fundable = fundable + 700, version = version + 1"),
    secret("the name of an expert at the end", &[OFFICE, PANEL, COMMITTEE, EXPERT], "update sealed.expert set name = 'Other Name' where id = '{expert}'"),
    secret("a remark at the end", &[OFFICE, PANEL, EXPERT], "update sealed.review set remark = 'I know them' where id = '{review}'"),
    secret("a score not released", &[OFFICE, PANEL, EXPERT], "update sealed.review set scores = jsonb_set(scores, '{impact}', '\"1.0\"') where id = '{review}'"),
    secret("an assignment at the end", &[OFFICE, PANEL, SECOND], "update sealed.review set state = 'declined' where id = '{draft_review}'"),
    secret("a conflict at the end", &[OFFICE, CHAIR, &["conflicted"]], "update sealed.conflict set evidence = 'Married'"),
    secret("what ethics demand", &[OFFICE, CHAIR], "update sealed.ethics_assessment set conditions = '[\"Begin again\"]', comment = 'Dreadful', version = version + 1"),
    secret("that ethics refuse it", &[OFFICE, CHAIR], "update sealed.ethics_assessment set state = 'refused', version = version + 1"),
    secret("who looks at its ethics", &[OFFICE, CHAIR, EXPERT], "update sealed.ethics_assessment set expert_id = '{expert}', version = version + 1"),
    secret("that its ethics are looked at again, and by whom", &[OFFICE, CHAIR, SECOND],
        "update sealed.ethics_assessment set state = 'under_review', expert_id = '{other_expert}', conditions = '[]', comment = '',
                decided_by = null, decided_at = null, version = version + 1"),
    secret("what the applicants will be told of their ethics", &[],
        "update sealed.ethics_assessment set told = '{\"outcome\": \"refused\", \"comment\": \"Dreadful\"}'"),
    secret("that the stage is decided", &[OFFICE, PANEL, FUNDERS], "update stage set state = 'decided' where id = '{stage}'"),
    secret("what a funder plans for itself", &[OWN_FUNDER], "update sealed.scenario set name = 'Another plan'"),
    secret("that a funder plans", &[OWN_FUNDER], "delete from sealed.scenario"),
    secret("that there is a selection", &[OFFICE, FUNDERS], "delete from sealed.selection_line; delete from sealed.selection"),
];
