//! Canaries: a word of its own in every confidential, personal or secret text of the database, and a
//! crawl as every role, and all mails that deeds of the scene send: each word is seen by those alone who may read that
//! field. Archives and workbooks are unpacked.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "commitment/world.rs"]
mod decision;
mod evaluation;
mod proposals;
#[path = "trust/scene.rs"]
mod scene;
#[path = "trust/secrets.rs"]
mod secrets;
mod uploading;

use std::collections::BTreeSet;

use scene::Scene;
use secrets::{Secret, groups::*};
use testkit::whole_run;

/// What JSON holds the word, by column.
const DOCUMENTS: &[(&str, &str)] = &[
    (
        "draft.content",
        "jsonb_set(content, '{title}', to_jsonb($word$::text))",
    ),
    (
        "draft_history.content",
        "jsonb_set(content, '{title}', to_jsonb($word$::text))",
    ),
    (
        "submission.content",
        "jsonb_set(content, '{title}', to_jsonb($word$::text))",
    ),
    (
        "consortium_change.becomes",
        "jsonb_set(becomes, '{organisation}', to_jsonb($word$::text))",
    ),
    (
        "invitation_condition.demand",
        "jsonb_set(demand, '{text}', to_jsonb($word$::text))",
    ),
    (
        "expert.affiliations",
        "jsonb_build_array(jsonb_build_object('organisation', $word$::text))",
    ),
    (
        "named_persons.persons",
        "jsonb_build_array(jsonb_build_object('person', jsonb_build_object('name', $word$::text)))",
    ),
    (
        "publication.people",
        "jsonb_build_array(jsonb_build_object('name', $word$::text))",
    ),
    (
        "audit.detail",
        "detail || jsonb_build_object('word', $word$::text)",
    ),
    (
        "outbox.context",
        "context || jsonb_build_object('word', $word$::text)",
    ),
    (
        "review.comments",
        "jsonb_set(comments, '{impact}', to_jsonb($word$::text))",
    ),
    (
        "ethics_assessment.conditions",
        "jsonb_build_array(to_jsonb($word$::text))",
    ),
    (
        "ethics_assessment.told",
        "jsonb_build_object('outcome', 'clear', 'comment', $word$::text)",
    ),
    (
        "summary_report.comments",
        "jsonb_set(comments, '{impact}', to_jsonb($word$::text))",
    ),
    (
        "summary_report.report",
        "jsonb_set(report, '{comment}', to_jsonb($word$::text))",
    ),
    (
        "rebuttal.draft",
        "jsonb_set(draft, '{to_all}', to_jsonb($word$::text))",
    ),
    (
        "rebuttal.submitted",
        "jsonb_set(submitted, '{to_all}', to_jsonb($word$::text))",
    ),
    (
        "selection.minutes",
        "jsonb_set(minutes, '{minutes}', to_jsonb($word$::text))",
    ),
];

/// No free text: words of a fixed list, checked keys, and documents made of such.
const FIXED: &[&str] = &[
    "eligibility.state",
    "query.state",
    "formal_check.verdict",
    "partner.country",
    "partner.sector",
    "outcome.state",
    "outcome.released_state",
    "expert.state",
    "expert.role",
    "expert.country",
    "expert.gender",
    "expert.stage_loads",
    "conflict.kind",
    "conflict.source",
    "own_conflict.kind",
    "own_conflict.source",
    "review.state",
    "review.scores",
    "summary_report.state",
    "summary_report.proposed",
    "conformity_report.state",
    "conformity_report.conclusion",
    "conformity_report.sha256",
    "rebuttal.state",
    "ethics_assessment.state",
    "consensus.scores",
    "consensus.rating",
    "ranking_list.state",
    "ranking_list.input",
    "ranking_list.entries",
    "ranking_list.corrected",
    "commitment.kind",
    "commitment.currency",
    "commitment.sha256",
    "commitment_document.sha256",
    "commitment_default.goes_on",
    "invitation_decision.policy",
    "scenario.visibility",
    "scenario.overrides",
    "scenario.input",
    "scenario.result",
    "selection.cause",
    "redress.state",
    "redress.ground",
    "redress.consensus_before",
    "redress_letter.outcome",
    "selection.state",
    "selection.input",
    "selection.result",
    "selection_line.state",
    "letter.outcome",
    "amendment_letter.outcome",
    "idempotency_key.answer",
    "file.sha256",
    "upload.announced_sha256",
    "upload.refused",
    "login_failure.source",
    "notice_off.kind",
    "waiver.rule",
    "waiver.state",
    "waiver_stand.stand",
];

/// Who reads a field somewhere; of an account everybody also reads the own.
fn readers(column: &str) -> &'static [&'static [&'static str]] {
    match column {
        // A coordinator knows who writes its partners' parts.
        "account.email" => &[OFFICE, COMMITTEE, COORDINATOR],
        // Who declares conflicts of interest has to know the persons, and the panel who of it says what.
        "account.name" => &[OFFICE, COMMITTEE, EXPERTS, PANEL, COORDINATOR],
        "audit.reason" | "audit.detail" => &[OFFICE],
        "draft.content" => &[COORDINATOR, PARTNER, RIVAL],
        "draft_history.content" => &[COORDINATOR, RIVAL],
        "partner_invitation.email" => &[COORDINATOR],
        "file.name" => &[COORDINATOR, PARTNER],
        "upload.name" => &[COORDINATOR],
        "deadline_exception.reason" => &[OFFICE, RIVAL],
        "submission.content" => &[OFFICE, FUNDERS, PANEL, EXPERTS, COORDINATOR, RIVAL],
        "waiver.reasons" | "waiver.decided_because" => &[OFFICE, COMMITTEE, COORDINATOR, RIVAL],
        "waiver.comment" | "waiver_stand.remark" => &[OFFICE, COMMITTEE],
        "invitation_condition.demand"
        | "invitation_condition.text"
        | "invitation_condition.met_because" => &[OFFICE, FUNDERS],
        "consortium_change.becomes" | "consortium_change.reason" => {
            &[OFFICE, FUNDERS, PANEL, EXPERTS, COORDINATOR]
        }
        "commitment.reason"
        | "commitment_document.signed_by"
        | "commitment_document.signed_as"
        | "budget_unfreezing.reason"
        | "commitment_default.reason"
        | "commitment_default.evidence"
        | "invitation_decision.reason"
        | "invitation_deviation.reason" => &[OFFICE, FUNDERS],
        // The coordinator reads it where a question is about it, beside the own proposal.
        "partner.organisation" => &[OFFICE, FUNDERS, COORDINATOR],
        "formal_check.reason" | "eligibility.rule" | "eligibility.reason" => &[OFFICE, FUNDERS],
        "query.question" | "query.answer" | "query.closed_because" => {
            &[OFFICE, FUNDERS, COORDINATOR]
        }
        "note.text" | "commitment_note.text" => &[OWN_FUNDER],
        "received_document.note" => &[OFFICE, FUNDERS],
        "question.asked" | "interest.remark" => &[&["secretariat"]],
        "join_request.remark" | "join_request.declined_because" => &[&["secretariat"], COMMITTEE],
        "invitation.email" => &[OFFICE, ADMINISTRATOR],
        "expert.name"
        | "expert.organisation"
        | "expert.department"
        | "expert.keywords"
        | "expert.modules"
        | "expert.languages"
        | "expert.statement" => &[OFFICE, PANEL, COMMITTEE, EXPERTS],
        "expert.email"
        | "expert.orcid"
        | "expert.ror"
        | "expert.affiliations"
        | "expert.declined_because" => &[OFFICE, PANEL, EXPERTS],
        "review.comments" => &[OFFICE, PANEL, EXPERTS, RIVAL, COMMITTEE],
        "ethics_assessment.conditions" | "ethics_assessment.comment" => &[OFFICE, CHAIR],
        "panel_message.text" | "panel_meeting.place" | "summary_report.comments" => {
            &[OFFICE, PANEL]
        }
        "summary_report.report" => &[OFFICE, PANEL, COMMITTEE, RIVAL],
        "conformity_report.findings" | "conformity_report.recommendations" => {
            &[OFFICE, COMMITTEE, CHAIR, ADMINISTRATOR]
        }
        "rebuttal.draft" => &[RIVAL],
        "rebuttal.submitted" => &[OFFICE, PANEL, RIVAL],
        "review.remark" | "review.returned_because" => &[OFFICE, PANEL, EXPERTS],
        "consensus.comment" | "ranking_list.reason" => &[OFFICE, PANEL, FUNDERS],
        "own_conflict.reason" | "own_conflict.judged_because" => &[OFFICE, COMMITTEE],
        "named_persons.persons" => &[OFFICE, COORDINATOR],
        "publication.title" | "publication.people" => &[OFFICE, CHAIR],
        "conflict.evidence" | "conflict.judged_because" => &[OFFICE, CHAIR, EXPERTS],
        "letter.body" | "amendment_letter.body" => &[OFFICE, COMMITTEE, COORDINATOR, RIVAL],
        "redress.reasons" | "redress.checked_because" | "redress.decided_because" => {
            &[OFFICE, COMMITTEE, CHAIR, RIVAL]
        }
        "redress.finding" => &[OFFICE, COMMITTEE, CHAIR],
        "redress_letter.body" => &[OFFICE, COMMITTEE, RIVAL],
        "scenario.name" | "scenario.engine" => &[OWN_FUNDER],
        "selection.engine" | "selection.minutes" | "selection.reason" | "selection_line.reason" => {
            &[OFFICE, FUNDERS]
        }
        _ => &[],
    }
}

/// The columns of text that are not public, as `schema.table`, `table.column` and type.
async fn columns(scene: &Scene) -> Vec<(String, String, String)> {
    let list = scene
        .app
        .value(
            "select string_agg(format('%s.%s %s.%s %s', n.nspname, c.relname, c.relname, a.attname, t.typname), ',' order by n.nspname, c.relname, a.attnum)
             from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
             join pg_type t on t.oid = a.atttypid
             where c.relkind = 'r' and n.nspname in ('public', 'sealed') and t.typname in ('text', 'jsonb', '_text')
               and col_description(c.oid, a.attnum) in ('confidential', 'personal', 'secret')",
        )
        .await;
    let words = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
    list.split(',')
        .map(|line| <[String; 3]>::try_from(words(line)).unwrap().into())
        .collect()
}

fn word(column: &str) -> String {
    format!("canary.{column}.")
}

/// Puts the words in; answers the columns that hold one.
async fn plant(scene: &Scene) -> BTreeSet<String> {
    let mut planted = BTreeSet::new();
    for (table, column, kind) in columns(scene).await {
        if FIXED.contains(&column.as_str()) {
            continue;
        }
        let field = column.rsplit('.').next().unwrap();
        // Of accounts and addresses, no two may be the same.
        let row = match column.as_str() {
            "account.email" | "account.name" | "account.orcid" | "expert.email" => "||id",
            _ => "",
        };
        let text = format!("('{}'{row})", word(&column));
        let value = match (
            DOCUMENTS.iter().find(|(known, _)| *known == column),
            kind.as_str(),
        ) {
            (Some((_, document)), _) => document.replace("$word$", &text),
            (None, "text") => text,
            (None, "_text") => format!("array[{text}]"),
            (None, _) => panic!("{column} is a document: say where the word goes, in DOCUMENTS"),
        };
        scene
            .sql(&format!("update {table} set {field} = {value}"))
            .await;
        let query = format!(
            "select count(*) from {table} where {field}::text like '%{}%'",
            word(&column)
        );
        if scene.app.value(&query).await != "0" {
            planted.insert(column);
        }
    }
    planted
}

/// The fields whose words a text has; one's own name, address and ORCID iD are one's own.
fn sung<'a>(
    planted: &'a BTreeSet<String>,
    text: &str,
    own: uuid::Uuid,
) -> impl Iterator<Item = &'a String> {
    let mut text = text.to_owned();
    for field in ["account.email", "account.name", "account.orcid"] {
        text = text.replace(&format!("{}{own}", word(field)), "");
    }
    planted
        .iter()
        .filter(move |column| text.contains(&word(column)))
}

fn may_read(name: &str, column: &str) -> bool {
    readers(column).iter().any(|group| group.contains(&name))
}

async fn sing(mut scene: Scene, before: &[(&[Secret], &str)]) -> BTreeSet<String> {
    for (secrets, name) in before {
        let found = secrets.iter().find(|secret| secret.name == *name);
        scene
            .sql(found.unwrap_or_else(|| panic!("no secret '{name}'")).sql)
            .await;
    }
    if !whole_run() {
        scene.sample(16);
    }
    let planted = plant(&scene).await;
    let (mut heard, mut faults) = (BTreeSet::new(), BTreeSet::new());
    for (name, person) in &scene.people {
        let own = person.account.unwrap_or_default();
        for (asked, answer) in scene.asked.iter().zip(scene.crawl(name).await) {
            assert!(answer.status < 500, "{name} {asked}: {}", answer.body);
            let text = format!("{:?} {}", answer.headers, answer.body);
            for column in sung(&planted, &text, own) {
                heard.insert(column.clone());
                if !may_read(name, column) {
                    faults.insert(format!("{name} reads {column} at {asked}"));
                }
            }
        }
    }
    let (mails, mut mailed) = (scene.mails().await, BTreeSet::new());
    for (name, person) in &scene.people {
        let own = person.account.unwrap_or_default();
        for mail in &mails[name] {
            for column in sung(&planted, mail, own) {
                mailed.insert(column.clone());
                if !may_read(name, column) {
                    faults.insert(format!("{name} reads {column} in {mail}"));
                }
            }
        }
    }
    let sent: usize = mails.values().map(Vec::len).sum();
    println!(
        "{}: {} fields hold a word, {} are read by somebody, {} in {sent} mails",
        scene.name,
        planted.len(),
        heard.len(),
        mailed.len()
    );
    // Each mail has at least the name of who gets it.
    let mut texts = mails.values().flatten();
    assert!(texts.any(|mail| mail.contains("canary.")), "{mails:?}");
    let faults: Vec<_> = faults.into_iter().collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // A crawl that hears nothing proves nothing.
    assert!(heard.len() > 5, "only {heard:?}");
    planted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_confidential_text_is_read_by_those_alone_who_may() {
    let mut planted = sing(
        scene::intake().await,
        &[
            (secrets::INTAKE, "who is invited to a role"),
            (secrets::INTAKE, "who is invited to another part"),
            (secrets::INTAKE, "a mail that waits"),
            (secrets::INTAKE, "an exception to the rival's deadline"),
            (secrets::INTAKE, "a question that waits"),
            (secrets::INTAKE, "a member's interest"),
            (secrets::INTAKE, "who asked to join, and was declined"),
        ],
    )
    .await;
    planted.extend(
        sing(
            scene::reviewing().await,
            &[
                (secrets::REVIEWING, "the formal check"),
                (secrets::REVIEWING, "who published with whom"),
                (secrets::REVIEWING, "whom applicants keep from reviewing"),
                (
                    secrets::REVIEWING,
                    "that the committee's chair has a conflict of interest",
                ),
                (secrets::CHECKING, "a funder's note on its applicant"),
                (secrets::CHECKING, "that a national document came"),
                (secrets::CHECKING, "a request for an exception"),
                (
                    secrets::CHECKING,
                    "what the committee says of a request for an exception",
                ),
                (
                    secrets::CHECKING,
                    "a condition of an invitation, before the letters",
                ),
                (
                    secrets::CHECKING,
                    "that a partner was replaced, by whom and why",
                ),
            ],
        )
        .await,
    );
    planted.extend(
        sing(
            scene::decision().await,
            &[
                (secrets::DECISION, "the rival's letter"),
                (secrets::DECISION, "the rival's letter after an amendment"),
                (secrets::FUNDING, "a funder's note on its commitment"),
                (secrets::FUNDING, "the signed document of a commitment"),
                (secrets::FUNDING, "that a commitment was unfrozen, and why"),
                (
                    secrets::FUNDING,
                    "that a funder does not pay what it accepted, and why",
                ),
                (secrets::FUNDING, "how the invitations were decided"),
                (
                    secrets::REDRESS,
                    "the letter that settles a request for redress",
                ),
            ],
        )
        .await,
    );
    let scene = scene::intake().await;
    let missing: Vec<String> = columns(&scene)
        .await
        .into_iter()
        .map(|(_, column, _)| column)
        .filter(|column| !planted.contains(column) && !FIXED.contains(&column.as_str()))
        .collect();
    assert_eq!(
        missing,
        Vec::<String>::new(),
        "no scene has a row with these fields"
    );
}
