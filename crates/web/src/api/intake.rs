//! Proposals, receipts, eligibility.

use actix_web::web::{Path, Query};
use actix_web::{get, patch, post, put};
use intake::search::Search;
use intake::{PartnerVerdict, ProposalState, Ruling, SignedReceipt};
use kernel::Country;
use serde::Deserialize;
use serde_json::Value;
use service::call::Reason;
use service::intake::{
    self as intakes, BulkRulings, CheckView, EligibilityMatrix, ExceptionInput, Exceptions,
    FormalInput, InstallationKey, NewProposal, ProposalPage, Proposals, Receipts, RecordedRulings,
    Submitted, Verification,
};
use service::view::intake::{
    EligibilityView, ExceptionView, ListFilter, ProposalView, Sort, StageCounts,
};
use utoipa::IntoParams;
use uuid::Uuid;

use super::call::Paging;
use super::document::FileBytes;
use crate::api::Routes;
use crate::{Ask, Download, Problems, PublicAsk, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(list_proposals)
        .service(draft_proposal)
        .service(read_proposal)
        .service(edit_proposal)
        .service(check_proposal)
        .service(typeset_proposal)
        .service(submit_proposal)
        .service(withdraw_proposal)
        .service(reinstate_proposal)
        .service(give_exception)
        .service(list_exceptions)
        .service(list_receipts)
        .service(verify_receipt)
        .service(read_key)
        .service(count_proposals)
        .service(list_eligibility)
        .service(record_rulings)
        .service(read_eligibility)
        .service(check_formally)
        .service(judge_eligibility);
}

/// Which proposals a list holds, and in which order. Each part asks of what you may see alone.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// Only those that say all these words, in any order, in their number, acronym, title, keywords, organisations or principal investigators; case and accents do not matter.
    q: Option<String>,
    /// As they stand in this stage, 1 or 2; left out, in the last one that you may see.
    stage: Option<i32>,
    /// Only those in this state, as you see it.
    state: Option<ProposalState>,
    /// Only those that ask this funder, such as `DE-BMBF`, by what was submitted and by the changes to the consortium since.
    funder: Option<String>,
    /// Only those with a partner in this country, such as `DE`.
    country: Option<Country>,
    /// Only those that work in this module, by its key in the call.
    module: Option<String>,
    /// Only those that have a partner with this verdict; for those who read all verdicts.
    verdict: Option<PartnerVerdict>,
    /// What they are ordered by; left out, their numbers.
    #[serde(default)]
    #[param(inline)]
    sort: Sort,
    /// The other way round.
    #[serde(default)]
    descending: bool,
}

impl Filter {
    pub(super) fn read(self) -> ListFilter {
        let looked_for = self.q.is_some() || self.country.is_some() || self.module.is_some();
        let words = self.q.unwrap_or_default();
        ListFilter {
            stage: self.stage,
            state: self.state,
            funder: self.funder,
            verdict: self.verdict,
            search: looked_for.then(|| Search::new(&words, self.country, self.module)),
            sort: self.sort,
            descending: self.descending,
        }
    }
}

/// The proposals of a call that you may see: your own; after the deadline what was submitted, as far as your role reads it.
#[utoipa::path(tag = "proposals", params(Filter, Paging), responses((status = 200, description = "A page of proposals", body = Proposals, headers(("Link" = String, description = "The next page, where there is one (RFC 8288)"))), Problems))]
#[get("/calls/{call}/proposals")]
async fn list_proposals(
    ask: Ask,
    path: Path<Uuid>,
    filter: Query<Filter>,
    paging: Query<Paging>,
) -> Reply<Proposals> {
    let Paging { cursor, limit } = paging.into_inner();
    let page = ProposalPage {
        filter: filter.into_inner().read(),
        cursor,
        limit,
    };
    let call = path.into_inner();
    let page = intakes::list_proposals(&ask.service, ask.context, call, page).await;
    Reply::page(page, |page| page.next.as_ref())
}

/// Start a proposal; you become its coordinator. Needs a confirmed e-mail address.
#[utoipa::path(tag = "proposals", request_body(content = NewProposal, example = json!({
    "content": {"acronym": "PRECISE", "title": "Precise dosing by genotype", "duration_months": 36}})),
    responses((status = 201, description = "The draft", body = ProposalView), Problems))]
#[post("/calls/{call}/proposals")]
async fn draft_proposal(ask: Ask<NewProposal>, path: Path<Uuid>) -> Reply<ProposalView> {
    let call = path.into_inner();
    Reply::created(intakes::draft_proposal(&ask.service, ask.context, call, ask.input).await)
}

/// Read a proposal.
#[utoipa::path(tag = "proposals", responses((status = 200, description = "The proposal", body = ProposalView), Problems))]
#[get("/proposals/{proposal}")]
async fn read_proposal(ask: Ask, path: Path<Uuid>) -> Reply<ProposalView> {
    Reply::ok(intakes::read_proposal(&ask.service, ask.context, path.into_inner()).await)
}

/// Change the draft of the current stage by a JSON merge patch (RFC 7396) of its content: what is named is replaced, null takes a field out, lists are replaced whole. With a stale ETag the answer (412) holds in `merge`, for each field the patch touches, what it would have saved, what is saved now, and what was when the ETag was given.
#[utoipa::path(tag = "proposals", request_body(content = Value, description = "A merge patch of the content", example = json!({
    "title": "Precise dosing by genotype and age", "keywords": ["pharmacogenomics", "dosing"]})),
    responses((status = 200, description = "The proposal", body = ProposalView), Problems))]
#[patch("/proposals/{proposal}")]
async fn edit_proposal(ask: Ask<Value>, path: Path<Uuid>) -> Reply<ProposalView> {
    let id = path.into_inner();
    Reply::ok(intakes::edit_proposal(&ask.service, ask.context, id, ask.input).await)
}

/// Check the draft by the rules of its stage, as a submission would.
#[utoipa::path(tag = "proposals", responses((status = 200, description = "All faults and doubts", body = CheckView), Problems))]
#[get("/proposals/{proposal}/check")]
async fn check_proposal(ask: Ask, path: Path<Uuid>) -> Reply<CheckView> {
    Reply::ok(intakes::check_proposal(&ask.service, ask.context, path.into_inner()).await)
}

/// A proposal's stage.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// 1 or 2; left out, the last one that you may see.
    stage: Option<i32>,
}

/// The proposal as a PDF: cover, partners, budgets, texts, figures and annexes, with the hash that its receipt carries. A draft says that it is one.
#[utoipa::path(tag = "proposals", params(Which), responses((status = 200, description = "The document", content((FileBytes = "application/pdf"))), Problems))]
#[get("/proposals/{proposal}/pdf")]
async fn typeset_proposal(ask: Ask, path: Path<Uuid>, which: Query<Which>) -> Download {
    let stage = which.into_inner().stage;
    Download(intakes::typeset_proposal(&ask.service, ask.context, path.into_inner(), stage).await)
}

/// Submit the draft, which If-Match names by the proposal's ETag. What is submitted already answers with its receipt again, at any time.
#[utoipa::path(tag = "proposals", responses((status = 200, description = "The signed receipt", body = Submitted), Problems))]
#[post("/proposals/{proposal}/submit")]
async fn submit_proposal(ask: Ask, path: Path<Uuid>) -> Reply<Submitted> {
    Reply::ok(intakes::submit_proposal(&ask.service, ask.context, path.into_inner()).await)
}

/// Withdraw the proposal.
#[utoipa::path(tag = "proposals", request_body(content = Reason, example = json!({"reason": "The coordinator moves to another institute"})),
    responses((status = 200, description = "The proposal", body = ProposalView), Problems))]
#[post("/proposals/{proposal}/withdraw")]
async fn withdraw_proposal(ask: Ask<Reason>, path: Path<Uuid>) -> Reply<ProposalView> {
    let id = path.into_inner();
    Reply::ok(intakes::withdraw_proposal(&ask.service, ask.context, id, ask.input).await)
}

/// Undo the withdrawal, before the deadline: the proposal is again the draft it was, or submitted as it was.
#[utoipa::path(tag = "proposals", responses((status = 200, description = "The proposal", body = ProposalView), Problems))]
#[post("/proposals/{proposal}/reinstate")]
async fn reinstate_proposal(ask: Ask, path: Path<Uuid>) -> Reply<ProposalView> {
    Reply::ok(intakes::reinstate_proposal(&ask.service, ask.context, path.into_inner()).await)
}

/// Give the proposal an individual exception to the deadline: it can be submitted until an instant of its own, and is open again if the deadline had closed it.
#[utoipa::path(tag = "proposals", request_body(content = ExceptionInput, example = json!({
    "until": "2097-04-01T15:00:00Z", "reason": "The coordinator's network was down on the day of the deadline"})),
    responses((status = 201, description = "The exception", body = ExceptionView), Problems))]
#[post("/proposals/{proposal}/exceptions")]
async fn give_exception(ask: Ask<ExceptionInput>, path: Path<Uuid>) -> Reply<ExceptionView> {
    let id = path.into_inner();
    Reply::created(intakes::give_exception(&ask.service, ask.context, id, ask.input).await)
}

/// The individual exceptions of a call: all for the secretariat and the independent observer, for the steering committee those of the proposals it sees.
#[utoipa::path(tag = "proposals", responses((status = 200, description = "The exceptions", body = Exceptions), Problems))]
#[get("/calls/{call}/exceptions")]
async fn list_exceptions(ask: Ask, path: Path<Uuid>) -> Reply<Exceptions> {
    Reply::ok(intakes::list_exceptions(&ask.service, ask.context, path.into_inner()).await)
}

/// All receipts of your proposal.
#[utoipa::path(tag = "proposals", responses((status = 200, description = "The receipts, oldest first", body = Receipts), Problems))]
#[get("/proposals/{proposal}/receipts")]
async fn list_receipts(ask: Ask, path: Path<Uuid>) -> Reply<Receipts> {
    Reply::ok(intakes::list_receipts(&ask.service, ask.context, path.into_inner()).await)
}

/// Verify a receipt; anybody may.
#[utoipa::path(tag = "proposals", security(()), request_body(content = SignedReceipt, example = json!({
    "receipt": {"call": "JTC2031", "proposal": "019a0000-0000-7000-8000-000000000001", "proposal_number": 1,
        "stage": "pre_proposal", "version": 1, "content_sha256": "00", "submitted_at": "2031-03-04T15:59:59.123456Z",
        "submitted_at_local": "2031-03-04T16:59:59.123456+01:00", "zone": "Europe/Paris",
        "audit_digest": "00", "key_id": "0011223344556677"}, "signature": "00"})),
    responses((status = 200, description = "Whether it is genuine", body = Verification), Problems))]
#[post("/receipts/verify")]
async fn verify_receipt(ask: PublicAsk<SignedReceipt>) -> Reply<Verification> {
    Reply::ok(intakes::verify_receipt(&ask.service, &ask.input))
}

/// The public key that receipts and audit heads are signed with.
#[utoipa::path(tag = "proposals", security(()), responses((status = 200, description = "The key", body = InstallationKey), Problems))]
#[get("/installation/key")]
async fn read_key(ask: PublicAsk) -> Reply<InstallationKey> {
    Reply::ok(intakes::read_key(&ask.service))
}

/// How many proposals of a stage stand where, how they came in, and what they ask of each funder beside what it has committed; all that the secretariat learns before the deadline.
#[utoipa::path(tag = "proposals", responses((status = 200, description = "The counts", body = StageCounts), Problems))]
#[get("/calls/{call}/stages/{stage}/counts")]
async fn count_proposals(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<StageCounts> {
    let (call, number) = path.into_inner();
    Reply::ok(intakes::count_proposals(&ask.service, ask.context, call, number).await)
}

/// The verdicts on all proposals of a stage: who has judged whom, who is waited for.
#[utoipa::path(tag = "eligibility", params(Paging), responses((status = 200, description = "A page of the matrix", body = EligibilityMatrix, headers(("Link" = String, description = "The next page, where there is one (RFC 8288)"))), Problems))]
#[get("/calls/{call}/stages/{stage}/eligibility")]
async fn list_eligibility(
    ask: Ask,
    path: Path<(Uuid, i32)>,
    paging: Query<Paging>,
) -> Reply<EligibilityMatrix> {
    let (call, number) = path.into_inner();
    let Paging { cursor, limit } = paging.into_inner();
    let page =
        intakes::list_eligibility(&ask.service, ask.context, call, number, cursor, limit).await;
    Reply::page(page, |page| page.next.as_ref())
}

/// Record up to 500 first verdicts, all or none: a funder on its applicants, the secretariat on the form and on own means.
#[utoipa::path(tag = "eligibility", request_body(content = BulkRulings, example = json!({"rulings": [
    {"proposal": "JTC2031-001", "ruling": {"verdict": "eligible"}}]})),
    responses((status = 200, description = "What the proposals have come to", body = RecordedRulings), Problems))]
#[post("/calls/{call}/stages/{stage}/eligibility")]
async fn record_rulings(ask: Ask<BulkRulings>, path: Path<(Uuid, i32)>) -> Reply<RecordedRulings> {
    let (call, number) = path.into_inner();
    Reply::ok(intakes::record_rulings(&ask.service, ask.context, call, number, ask.input).await)
}

/// The verdicts on one proposal, in the last stage whose deadline has passed.
#[utoipa::path(tag = "eligibility", responses((status = 200, description = "The verdicts", body = EligibilityView), Problems))]
#[get("/proposals/{proposal}/eligibility")]
async fn read_eligibility(ask: Ask, path: Path<Uuid>) -> Reply<EligibilityView> {
    Reply::ok(intakes::read_eligibility(&ask.service, ask.context, path.into_inner()).await)
}

/// Record or revise the formal check.
#[utoipa::path(tag = "eligibility", request_body(content = FormalInput, example = json!({"verdict": "eligible", "reason": "Complete, in time and in English"})),
    responses((status = 200, description = "The verdicts", body = EligibilityView), Problems))]
#[put("/proposals/{proposal}/formal-check")]
async fn check_formally(ask: Ask<FormalInput>, path: Path<Uuid>) -> Reply<EligibilityView> {
    let id = path.into_inner();
    Reply::ok(intakes::check_formally(&ask.service, ask.context, id, ask.input).await)
}

/// Record or revise the verdict on a partner: its funder's contact person does, or the secretariat when it brings its own means.
#[utoipa::path(tag = "eligibility", request_body(content = Ruling, example = json!({"verdict": "eligible", "fundable": "200000.00", "reason": "All costs are eligible"})),
    responses((status = 200, description = "The verdicts", body = EligibilityView), Problems))]
#[put("/proposals/{proposal}/partners/{partner}/eligibility")]
async fn judge_eligibility(ask: Ask<Ruling>, path: Path<(Uuid, Uuid)>) -> Reply<EligibilityView> {
    let (id, partner) = path.into_inner();
    Reply::ok(intakes::judge_eligibility(&ask.service, ask.context, id, partner, ask.input).await)
}
