//! A call that was begun elsewhere is carried on here: its proposals come in from a workbook, with the verdicts that
//! were given on them.

use std::collections::BTreeSet;

use access::{Action, Object, Permit};
use call::StageState;
use chrono::TimeDelta;
use intake::exchange::{self, ImportContext, ImportedProposal, ImportedVerdict};
use intake::{PROPOSAL, Person, ProposalEvent, ProposalState, submission};
use kernel::Code;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::access::accounts::{self, AccountRow};
use store::call::{self as calls, CallRow, StageRow};
use store::intake::{self as rows, Applicant, Closing, Incoming, ProposalRow, SubmissionRow};
use store::outcome::Standing;
use tables::{Limits, read_workbook};
use utoipa::ToSchema;
use uuid::Uuid;

use super::bench::{Bench, Case, Subject};
use super::export::workbook;
use super::read::{rules_of, stage_of};
use super::{call_words, stage_words};
use crate::call::{DocumentFile, SentFile};
use crate::{Answer, Context, Problem, Service, Tx};

/// The media type of a workbook.
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// How many proposals come in at once.
const MOST: usize = 500;

/// How much a workbook may hold: 10 MB of it can be made to unpack to any size.
const LIMITS: Limits = Limits {
    unpacked: 100 * 1024 * 1024,
    parts: 200,
    rows: 50_001,
    columns: 200,
};

/// What came in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Brought {
    /// The proposals, in the order of the sheet.
    pub proposals: Vec<BroughtProposal>,
    /// How many verdicts came with them.
    pub verdicts: usize,
}

/// A proposal that came in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BroughtProposal {
    /// Its id.
    pub id: Uuid,
    /// Its number in the call.
    #[schema(example = "JTC2026-001")]
    pub number: String,
    /// What it is called where it comes from.
    pub imported_as: String,
}

/// The workbook to be filled in for a stage.
pub async fn import_template(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<DocumentFile>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), call).await?;
        let stage = calls::stage(tx.conn(), call.id, number).await?;
        tx.permit(Action::ImportProposals, &stage_of(&call, &stage))
            .await?;
        let rules = call.rules()?;
        let funders = rows::funder_terms(tx.conn(), call.id).await?;
        let name = format!("{}-stage-{number}-import.xlsx", call.code);
        let sheets = exchange::template(&rules, rules_of(&rules, number)?, &funders);
        Ok((name, sheets))
    };
    let (name, sheets) = service.look(context, work).await?;
    workbook(service, name, sheets).await
}

/// Brings proposals into a stage whose deadline has passed, all or none. They are locked as of the deadline, and have
/// no receipt: what was acknowledged was acknowledged elsewhere. `tell` writes to their coordinators.
pub async fn import_proposals(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    tell: bool,
    file: SentFile,
) -> Result<Answer<Brought>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), call).await?;
        let stage = calls::stage(tx.conn(), call.id, number).await?;
        // Others that bring proposals in wait: each has to see what is there already.
        let stage = calls::lock_stage(tx.conn(), stage.id).await?;
        let object = stage_of(&call, &stage);
        let permit = tx.permit(Action::ImportProposals, &object).await?;
        let kind = file.content_type.split(';').next().unwrap_or_default();
        if kind.trim() != XLSX {
            return Err(Problem::new(
                Code::UnsupportedMediaType,
                format!("Send the filled-in template as {XLSX}."),
            ));
        }
        takes_more(tx, &stage).await?;
        let sha256 = hex::encode(Sha256::digest(&file.content));
        let proposals = read(tx, &call, &stage, file.content).await?;
        let brought = keep(tx, &permit, &call, &stage, &proposals).await?;
        let verdicts = judge(tx, &call, stage.clone(), &proposals, &brought).await?;
        if tell {
            write_to(tx, &call, &stage, &proposals, &brought).await?;
        }
        let detail = json!({
            "workbook_sha256": sha256, "proposals": brought.len(), "verdicts": verdicts,
        });
        tx.audit(&permit, None, None, detail).await?;
        Ok(Brought {
            proposals: brought,
            verdicts,
        })
    };
    service.write(context, work).await
}

/// Proposals come in while a stage is checked, and not after others that were invited here.
async fn takes_more(tx: &mut Tx, stage: &StageRow) -> Result<(), Problem> {
    if !matches!(stage.state()?, StageState::Closed | StageState::Checking) {
        return Err(Problem::state(format!(
            "The stage is '{}'; proposals are brought in from its deadline until the reviews begin.",
            stage.state
        )));
    }
    if stage.number > 1 {
        let before = calls::stage(tx.conn(), stage.call_id, stage.number - 1).await?;
        if rows::has_proposals(tx.conn(), before.id).await? {
            return Err(Problem::state(
                "The stage before has proposals here, which are invited to this one; bring proposals into that stage.",
            ));
        }
    }
    Ok(())
}

/// What the workbook says, or all that is wrong with it.
async fn read(
    tx: &mut Tx,
    call: &CallRow,
    stage: &StageRow,
    content: Vec<u8>,
) -> Result<Vec<ImportedProposal>, Problem> {
    let unpack = move || read_workbook(&content, &exchange::SHEETS, LIMITS);
    let sheets = tokio::task::spawn_blocking(unpack)
        .await
        .map_err(Problem::internal)?
        .map_err(|why| Problem::invalid("", "workbook_unreadable", why.to_string()))?;
    let rules = call.rules()?;
    let funders = rows::funder_terms(tx.conn(), call.id).await?;
    let taken = rows::imported_codes(tx.conn(), stage.id).await?;
    let context = ImportContext {
        rules: &rules,
        stage: rules_of(&rules, stage.number)?,
        funders: &funders,
        taken: &taken,
        at_most: MOST,
    };
    Ok(exchange::read(&sheets, &context, kernel::id::new)?)
}

/// Writes the proposals down, and what the deadline makes of them.
async fn keep(
    tx: &mut Tx,
    permit: &Permit,
    call: &CallRow,
    stage: &StageRow,
    proposals: &[ImportedProposal],
) -> Result<Vec<BroughtProposal>, Problem> {
    let by = permit.account().ok_or_else(Problem::not_found)?;
    let many = i32::try_from(proposals.len()).map_err(Problem::internal)?;
    let last = rows::next_numbers(tx.conn(), permit, call.id, many).await?;
    // The last moment that was in time.
    let submitted_at = stage.deadline_at - TimeDelta::microseconds(1);
    let mut incoming = Vec::new();
    let mut closing = Closing::default();
    let mut brought = Vec::new();
    for (number, one) in (last - many + 1..).zip(proposals) {
        let proposal = ProposalRow {
            id: kernel::id::new(),
            call_id: call.id,
            number: format!("{}-{number:03}", call.code),
            coordinator_id: coordinator(tx, call, leader(one)?).await?,
        };
        let row = SubmissionRow {
            id: kernel::id::new(),
            call_id: call.id,
            proposal_stage_id: kernel::id::new(),
            number: 1,
            content: serde_json::to_value(&one.content).map_err(Problem::internal)?,
            content_sha256: submission::content_sha256(&one.content),
            submitted_by: by,
            submitted_at,
            receipt: None,
        };
        let locked = PROPOSAL.apply(ProposalState::Submitted, ProposalEvent::CloseLocked)?;
        closing.states.push((row.proposal_stage_id, locked));
        for (position, partner) in (0..).zip(&one.content.partners) {
            closing.applicants.push(Applicant {
                proposal_stage: row.proposal_stage_id,
                position,
                requested: partner.requested().map_err(Problem::internal)?,
                partner: partner.clone(),
            });
        }
        brought.push(BroughtProposal {
            id: proposal.id,
            number: proposal.number.clone(),
            imported_as: one.code.clone(),
        });
        incoming.push(Incoming {
            proposal,
            imported_as: one.code.clone(),
            submission: row,
        });
    }
    rows::insert_imported(tx.conn(), permit, stage.id, &incoming).await?;
    rows::close(tx.conn(), permit, stage.id, &closing).await?;
    for one in &incoming {
        let object = one.proposal.object();
        let permit = tx.permit(Action::ImportProposals, &object).await?;
        let detail = json!({
            "number": one.proposal.number, "imported_as": one.imported_as,
            "content_sha256": one.submission.content_sha256,
        });
        tx.audit(&permit, Some(1), None, detail).await?;
    }
    Ok(brought)
}

/// Who coordinates a proposal; what was read has one each.
fn leader(proposal: &ImportedProposal) -> Result<&Person, Problem> {
    let leader = proposal.coordinator();
    leader.ok_or_else(|| Problem::internal("a proposal came in without a coordinator"))
}

/// The account of who coordinates: the one with the address, or a new one that its owner has yet to confirm.
async fn coordinator(tx: &mut Tx, call: &CallRow, person: &Person) -> Result<Uuid, Problem> {
    if let Some(known) = accounts::by_email(tx.conn(), &person.email).await? {
        return Ok(known.id);
    }
    let new = AccountRow::new(&person.email, &person.name);
    let object = Object::of_call("account", new.id, call.id);
    let permit = tx.permit(Action::ImportProposals, &object).await?;
    accounts::insert(tx.conn(), &permit, &new).await?;
    tx.audit(&permit, Some(1), None, json!({})).await?;
    Ok(new.id)
}

/// Records the verdicts that came along, and what they make of the proposals; answers how many.
async fn judge(
    tx: &mut Tx,
    call: &CallRow,
    stage: StageRow,
    proposals: &[ImportedProposal],
    brought: &[BroughtProposal],
) -> Result<usize, Problem> {
    let ids: BTreeSet<Uuid> = brought.iter().map(|one| one.id).collect();
    let wanted = |one: &Standing| ids.contains(&one.proposal);
    let mut bench = Bench::prepare(tx, call.id, stage, wanted).await?;
    let mut cases = Vec::new();
    for (proposal, brought) in proposals.iter().zip(brought) {
        let mut standings = bench.standings.iter();
        let standing = standings.position(|one| one.proposal == brought.id);
        let standing = standing.ok_or_else(|| Problem::internal("a proposal did not come in"))?;
        for verdict in &proposal.verdicts {
            let (id, subject) = match verdict {
                ImportedVerdict::Formal(verdict, reason) => {
                    let id = bench.standings[standing].proposal_stage;
                    (id, Subject::Formal(*verdict, reason.clone()))
                }
                ImportedVerdict::Partner(partner, ruling) => {
                    let place = bench.place(*partner)?;
                    let id = bench.partners[place].id;
                    (id, Subject::Partner(place, ruling.clone()))
                }
            };
            let object = Object::of_call("eligibility", id, call.id);
            let permit = tx.permit(Action::ImportProposals, &object).await?;
            let pointer = String::new();
            cases.push((
                permit,
                Case {
                    pointer,
                    standing,
                    subject,
                },
            ));
        }
    }
    let verdicts = cases.len();
    bench.record(tx, cases).await?;
    Ok(verdicts)
}

/// Tells the coordinators where their proposals are carried on.
async fn write_to(
    tx: &mut Tx,
    call: &CallRow,
    stage: &StageRow,
    proposals: &[ImportedProposal],
    brought: &[BroughtProposal],
) -> Result<(), Problem> {
    for (proposal, brought) in proposals.iter().zip(brought) {
        let to = leader(proposal)?;
        let variables = json!({
            "name": to.name,
            "email": to.email,
            "call": call_words(call),
            "stage": stage_words(&stage.kind),
            "proposal": brought.number,
            "acronym": proposal.content.acronym,
            "imported_as": brought.imported_as,
            "link": tx.service.settings().public_url,
        });
        tx.mail(Some(call), &to.email, "proposal_imported", variables)
            .await?;
    }
    Ok(())
}
