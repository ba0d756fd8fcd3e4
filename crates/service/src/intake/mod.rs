//! Proposals: drafting, submitting, reading, eligibility. `calendar` holds what the stages' opening and
//! closing do to them.

mod archive;
mod bench;
mod bulk;
mod calendar;
mod change;
mod condition;
mod document;
mod draft;
mod duplicates;
mod eligibility;
mod ending;
mod exception;
mod export;
mod file;
mod formal;
mod history;
mod import;
mod membership;
mod merge;
mod named;
mod note;
mod part;
mod query;
mod read;
mod receipt;
mod reminder;
mod submit;
mod tell;
mod upload;
mod waiver;
mod withdraw;

pub(crate) use calendar::{
    end_exception, lock_proposals, start_full_proposals, tell_of_new_deadline,
};

pub use archive::{kept_file, submitted_content, submitted_versions};
pub use bulk::{BulkRuling, BulkRulings, RecordedRulings, record_rulings};
pub use change::{ChangeInput, ChangedConsortium, change_consortium};
pub use condition::{ConditionInput, Conditions, read_conditions, settle_condition};
pub use document::typeset_proposal;
pub use draft::{NewProposal, draft_proposal, edit_proposal};
pub use duplicates::{Duplicates, read_duplicates};
pub use eligibility::{
    EligibilityMatrix, FormalInput, check_formally, judge_eligibility, list_eligibility,
    read_eligibility, read_waiting,
};
pub use exception::{ExceptionInput, Exceptions, give_exception, list_exceptions};
pub(crate) use export::workbook;
pub use export::{Export, export_csv, export_ndjson, export_pdfs, export_xlsx};
pub use file::{ProposalFile, examine_files, read_file, sweep_files};
pub use formal::{FormalFindings, read_formal_findings};
pub use history::{DraftHistory, list_drafts, read_draft, restore_draft};
pub(crate) use import::XLSX;
pub use import::{Brought, BroughtProposal, import_proposals, import_template};
pub use membership::{
    ClaimedPart, PartnerInvite, PartnerSeats, claim_part, end_membership, invite_partner,
    list_partners,
};
pub use named::{NamedPersons, name_persons, read_named_persons};
pub use note::{
    DemandedDocument, DemandedDocuments, Note, ReceivedDocument, ReceivedInput,
    list_demanded_documents, read_note, receive_documents, write_note,
};
pub use part::{confirm_part, edit_part};
pub use query::{
    Queries, QueryAnswer, QueryInput, answer_query, ask_partner, close_query, list_queries,
};
pub use read::{
    CheckView, ProposalPage, Proposals, check_proposal, count_proposals, list_proposals,
    read_proposal,
};
pub use receipt::{
    InstallationKey, Receipts, Verification, list_receipts, read_key, verify_receipt,
};
pub use reminder::remind;
pub use submit::{Submitted, submit_proposal};
pub(crate) use upload::Writing;
pub use upload::{NewUpload, append_upload, delete_upload, read_upload, upload_file};
pub use waiver::{
    CommentInput, StandInput, WaiverDecision, WaiverInput, Waivers, ask_waiver, comment_waiver,
    decide_waiver, list_call_waivers, list_waivers, take_stand,
};
pub use withdraw::{reinstate_proposal, withdraw_proposal};

use access::{Action, Actor, Object, Worn};
use call::{CallState, StageState};
use chrono::{DateTime, Utc};
use intake::submission;
use kernel::Code;
use store::call::{self as calls, CallRow, StageRow};
use store::intake::{self as rows, ContentRow, ExceptionRow, ProposalRow};
use store::review::ethics;
use store::review::expert as experts;
use store::view::intake::{self as view, Depth, ProposalView, Viewer};
use uuid::Uuid;

use crate::{Problem, Tx};

/// A proposal with its current stage, locked for writing.
struct Held {
    call: CallRow,
    proposal: ProposalRow,
    stage: StageRow,
    content: ContentRow,
    exception: Option<ExceptionRow>,
    /// The partners whose part the actor writes, not being the coordinator.
    parts: Vec<Uuid>,
}

/// Loads a proposal and locks it. The stage comes first and is only held, so that submissions do not
/// wait for each other and whoever closes the stage waits for all of them.
async fn hold(tx: &mut Tx, id: Uuid) -> Result<Held, Problem> {
    let (proposal, call, (content, stage)) = rows::current(tx.conn(), id).await?;
    let stage = calls::hold_stage(tx.conn(), stage).await?;
    let content = rows::lock_content(tx.conn(), content).await?;
    let exception = rows::exception(tx.conn(), content.id).await?;
    let parts = match tx.context.actor.account() {
        Some(account) if account != proposal.coordinator_id => {
            rows::parts_of(tx.conn(), id, account).await?
        }
        _ => Vec::new(),
    };
    Ok(Held {
        call,
        proposal,
        stage,
        content,
        exception,
        parts,
    })
}

/// The actor as a viewer of the call's proposals. Only people see any.
async fn viewer(tx: &mut Tx, call: Uuid) -> Result<Viewer, Problem> {
    let Actor::Person(person) = &tx.context.actor else {
        return Err(Problem::not_found());
    };
    let mut person = person.clone();
    // A role that asks for a second factor shows nothing without it.
    let strong = person.strong;
    person
        .grants
        .retain(|grant| grant.call == Some(call) && (strong || !grant.role.is_privileged()));
    let organisations = person
        .grants
        .iter()
        .filter(|grant| grant.role.speaks_for_an_organisation())
        .filter_map(|grant| grant.organisation)
        .collect();
    let (account, at_desk) = (person.account, person.desk.is_some());
    let worn = access::worn(&Actor::Person(person), &Object::of_call("call", call, call));
    let wears = |roles: &[Worn]| worn.iter().any(|role| roles.contains(role));
    let funders = [
        Worn::CscRepresentative,
        Worn::ContactPerson,
        Worn::Signatory,
    ];
    let committee = wears(&[Worn::CscChair]) || wears(&funders);
    let depth = if committee || wears(&[Worn::Secretariat, Worn::Observer]) {
        Depth::Decision
    } else if wears(&[Worn::PanelChair, Worn::PanelMember]) {
        Depth::Evaluation
    } else {
        Depth::Content
    };
    let all = wears(&[Worn::Secretariat, Worn::Observer]);
    let (chairs, sits) = (wears(&[Worn::PanelChair]), wears(&[Worn::PanelMember]));
    // A chair who is an expert of the call declares conflicts before reading, as the members do; one by the role alone
    // declares as everybody with a role does.
    let expert = match chairs && !all {
        true => experts::of_account(tx.conn(), account, call).await?,
        false => None,
    };
    let expert = expert.map(|row| row.has_accepted()).transpose()?;
    Ok(Viewer {
        account,
        at_desk,
        all: all || chairs && !expert.unwrap_or(false),
        panel: chairs || sits,
        committee,
        organisations,
        depth,
    })
}

/// The proposal as the actor sees it.
async fn proposal_view(tx: &mut Tx, call: &CallRow, id: Uuid) -> Result<ProposalView, Problem> {
    let viewer = viewer(tx, call.id).await?;
    view::proposal(tx.conn(), &viewer, call, id)
        .await?
        .ok_or_else(Problem::not_found)
}

/// The proposal as the policy sees it for a read: with the actor's own review of it or look at its ethics, and
/// conflict. An applicant who is known to the panel too keeps the own proposal.
async fn object_to_read(tx: &mut Tx, proposal: &ProposalRow) -> Result<Object, Problem> {
    let mut object = proposal.object();
    let Some(account) = tx.context.actor.account() else {
        return Ok(object);
    };
    if account == proposal.coordinator_id {
        return Ok(object);
    }
    let parts = rows::parts_of(tx.conn(), proposal.id, account).await?;
    if parts.is_empty() {
        object.conflicted =
            store::outcome::conflicted(tx.conn(), Some(account), proposal.id).await?;
        let assigned = view::assigned(tx.conn(), account, proposal.id).await?
            || ethics::at_work(tx.conn(), account, proposal.call_id)
                .await?
                .contains(&proposal.id);
        object.expert = assigned.then_some(account);
    } else {
        object.partner = Some(account);
    }
    Ok(object)
}

/// What belongs to a proposal as the policy sees it: a condition, a request, a question. Its coordinator keeps the own
/// ones, whatever conflict is on record.
async fn part_of(
    tx: &mut Tx,
    proposal: &ProposalRow,
    kind: &'static str,
    id: Uuid,
) -> Result<Object, Problem> {
    let account = tx.context.actor.account();
    let own = account == Some(proposal.coordinator_id);
    let conflicted = store::outcome::conflicted(tx.conn(), account, proposal.id).await?;
    Ok(Object {
        coordinator: Some(proposal.coordinator_id),
        conflicted: conflicted && !own,
        ..Object::of_call(kind, id, proposal.call_id)
    })
}

/// The proposal, for its coordinator alone.
async fn own(tx: &mut Tx, id: Uuid) -> Result<ProposalRow, Problem> {
    let proposal = rows::find(tx.conn(), id).await?;
    tx.permit(Action::ReadProposal, &proposal.object()).await?;
    if tx.context.actor.account() == Some(proposal.coordinator_id) {
        Ok(proposal)
    } else {
        Err(Problem::not_found())
    }
}

impl Held {
    /// The proposal as the policy sees it, with the actor's relation to it.
    fn object(&self, actor: &Actor) -> Object {
        Object {
            partner: actor.account().filter(|_| !self.parts.is_empty()),
            ..self.proposal.object()
        }
    }

    /// The instant until which the proposal's own exception lets it be written.
    fn until(&self) -> Option<DateTime<Utc>> {
        self.exception.as_ref().map(|last| last.until)
    }

    /// When the request arrived, exact as far as it decides whether it was in time.
    async fn arrived_at(&self, tx: &mut Tx) -> Result<DateTime<Utc>, Problem> {
        let deadline = intake::exception::effective(&self.stage.deadline()?, self.until());
        tx.arrived_at(deadline.at).await
    }

    /// As [`in_time`], for the proposal that is held.
    fn in_time(&self, arrived: DateTime<Utc>) -> Result<(), Problem> {
        in_time(&self.call, &self.stage, self.until(), arrived)
    }

    /// Refuses a request that did not arrive in time.
    async fn check_in_time(&self, tx: &mut Tx) -> Result<(), Problem> {
        let arrived = self.arrived_at(tx).await?;
        self.in_time(arrived)
    }
}

/// Refuses what is written after the deadline, or in a call that does not go on. `until` is the proposal's
/// own exception, which holds while the stage is open and while it is checked.
fn in_time(
    call: &CallRow,
    stage: &StageRow,
    until: Option<DateTime<Utc>>,
    arrived: DateTime<Utc>,
) -> Result<(), Problem> {
    if !matches!(call.state()?, CallState::Open | CallState::Evaluation) {
        return Err(Problem::state(format!("The call is '{}'.", call.state)));
    }
    let deadline = intake::exception::effective(&stage.deadline()?, until);
    if stage.state()? == StageState::Planned {
        return Err(Problem::state(match stage.opens_at {
            Some(opens_at) => format!("The stage opens at {opens_at}."),
            None => "The stage opens with the invitations to it.".to_owned(),
        }));
    }
    intake::submission::in_time(arrived, &deadline)
        .map_err(|late| Problem::new(Code::DeadlinePassed, format!("Too late: {late}.")))?;
    use StageState::{Checking, Closed, Open};
    let excepted = until.is_some() && matches!(stage.state()?, Closed | Checking);
    if stage.state()? != Open && !excepted {
        // How far the evaluation is is not for those outside it.
        return Err(Problem::state("The stage takes no proposals any more."));
    }
    Ok(())
}

/// Whether the draft was written on since the last submission.
async fn edited_since(tx: &mut Tx, held: &Held) -> Result<bool, Problem> {
    let (draft, _) = draft::drafted(tx, held).await?;
    let last = rows::submission(tx.conn(), held.content.id, held.content.submitted).await?;
    let sha256 = submission::content_sha256(&draft);
    Ok(last.is_none_or(|last| last.content_sha256 != sha256))
}

/// A stage's kind as people say it.
fn stage_words(kind: &str) -> String {
    kind.replace('_', "-")
}

/// An instant as letters say it.
fn utc(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M:%S UTC").to_string()
}

/// A call as letters say it.
pub(crate) fn call_words(call: &CallRow) -> String {
    format!("{} {}", call.code, call.title)
}
