use access::{Action, Object};
use call::{Rules, StageRules};
use intake::budget::{self, FunderSum};
use intake::overview::{ProposalPart, overview};
use intake::{CheckContext, Content, Findings, Invited};
use kernel::Fault;
use serde::{Deserialize, Serialize};
use store::call::{self as calls, CallRow, StageRow};
use store::intake::{self as rows, ConditionRow};
use store::view::intake::{self as view, ListFilter, ProposalSummary, ProposalView, StageCounts};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{object_to_read, own, proposal_view, viewer};
use crate::{Answer, Context, Problem, Service, Tx};

/// Proposals as a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Proposals {
    /// In the order asked for.
    pub items: Vec<ProposalSummary>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// A page of a list of proposals.
#[derive(Debug, Clone, Default)]
pub struct ProposalPage {
    /// Which ones, in which order.
    pub filter: ListFilter,
    /// After this proposal.
    pub cursor: Option<Uuid>,
    /// How many.
    pub limit: u16,
}

/// What a check found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CheckView {
    /// What stands in the way of a submission.
    pub faults: Vec<Fault>,
    /// What does not, but may cost the proposal its funding.
    pub doubts: Vec<Fault>,
    /// How much of it is where: every part of the proposal, those in order too.
    pub parts: Vec<ProposalPart>,
    /// What is asked of each funder.
    pub funders: Vec<FunderSum>,
}

/// Lists the proposals of a call that the viewer may see.
pub async fn list_proposals(
    service: &Service,
    context: Context,
    call: Uuid,
    page: ProposalPage,
) -> Result<Answer<Proposals>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = visible(tx, call).await?;
        // Everybody may have a proposal of the own, or, at an expert's desk, one to review; what else the list holds
        // the gate decides.
        let (account, at_desk) = (
            tx.context.actor.account(),
            tx.context.actor.desk().is_some(),
        );
        let object = Object {
            coordinator: account.filter(|_| !at_desk),
            expert: account.filter(|_| at_desk),
            ..Object::of_call("proposal", call.id, call.id)
        };
        tx.permit(Action::ReadProposal, &object).await?;
        let viewer = viewer(tx, call.id).await?;
        may_filter(tx, call.id, &page.filter).await?;
        let limit = usize::from(page.limit.clamp(1, 200));
        let (filter, cursor) = (&page.filter, page.cursor);
        let items = view::summaries(tx.conn(), &viewer, call.id, filter, cursor, limit).await?;
        let items = items.ok_or_else(|| {
            let remedy = "there is no such proposal in your list; begin again without the cursor";
            Problem::invalid("/cursor", "cursor_unknown", remedy)
        })?;
        let full = items.len() == limit;
        let next = items
            .last()
            .filter(|_| full)
            .map(|last| last.id.to_string());
        Ok(Proposals { items, next })
    };
    service.read(context, work).await
}

/// Only who reads all verdicts may ask which proposals have one.
pub(super) async fn may_filter(
    tx: &mut Tx,
    call: Uuid,
    filter: &ListFilter,
) -> Result<(), Problem> {
    if filter.verdict.is_some() {
        let object = Object::of_call("eligibility", call, call);
        tx.permit(Action::ReadEligibility, &object).await?;
    }
    Ok(())
}

async fn visible(tx: &mut Tx, call: Uuid) -> Result<CallRow, Problem> {
    let call = calls::find(tx.conn(), call).await?;
    if access::sees(&tx.context.actor, &call.object()) {
        Ok(call)
    } else {
        Err(Problem::not_found())
    }
}

/// Reads a proposal, as far as the viewer may.
pub async fn read_proposal(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<ProposalView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let proposal = rows::find(tx.conn(), id).await?;
        let object = object_to_read(tx, &proposal).await?;
        tx.permit(Action::ReadProposal, &object).await?;
        let call = calls::find(tx.conn(), proposal.call_id).await?;
        proposal_view(tx, &call, id).await
    };
    service.read(context, work).await
}

/// A stage as the policy sees it: of a published call everybody knows it.
pub(super) fn stage_of(call: &CallRow, stage: &StageRow) -> Object {
    Object {
        public: call.is_published(),
        ..stage.object()
    }
}

/// The figures of a stage: all that the secretariat learns before the deadline.
pub async fn count_proposals(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<StageCounts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), call).await?;
        let stage = calls::stage(tx.conn(), call.id, number).await?;
        tx.permit(Action::CountProposals, &stage_of(&call, &stage))
            .await?;
        let disclosed = stage.is_disclosed()?;
        Ok(view::counts(tx.conn(), call.id, stage.id, disclosed).await?)
    };
    service.read(context, work).await
}

/// Says what a submission of the draft would meet with.
pub async fn check_proposal(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<CheckView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let proposal = own(tx, id).await?;
        let call = calls::find(tx.conn(), proposal.call_id).await?;
        let (content, stage) = rows::current_stage(tx.conn(), id).await?;
        let stage = calls::find_stage(tx.conn(), stage).await?;
        let (draft, _) = rows::draft(tx.conn(), content).await?;
        let draft: Content = store::text::document(draft)?;
        let look = |context: &CheckContext<'_>| {
            let found = intake::check(&draft, context);
            CheckView {
                parts: overview(&draft, context, &found),
                funders: budget::sums(&draft, context),
                faults: found.faults.0,
                doubts: found.doubts.0,
            }
        };
        examined(tx, &call, &stage, id, &draft, Some(content), look).await
    };
    service.read(context, work).await
}

/// Checks content against the rules of its stage, and against what was invited to it. `drafted` is the row of
/// the proposal in its stage whose draft it is; of what was submitted there is none.
pub(super) async fn findings(
    tx: &mut Tx,
    call: &CallRow,
    stage: &StageRow,
    proposal: Uuid,
    content: &Content,
    drafted: Option<Uuid>,
) -> Result<Findings, Problem> {
    let check = |context: &CheckContext<'_>| intake::check(content, context);
    examined(tx, call, stage, proposal, content, drafted, check).await
}

/// Looks at content under all that a check of it needs to know.
pub(super) async fn examined<T>(
    tx: &mut Tx,
    call: &CallRow,
    stage: &StageRow,
    proposal: Uuid,
    content: &Content,
    drafted: Option<Uuid>,
    look: impl FnOnce(&CheckContext<'_>) -> T,
) -> Result<T, Problem> {
    let rules = call.rules()?;
    let of_stage = rules_of(&rules, stage.number)?;
    let funders = rows::funder_terms(tx.conn(), call.id).await?;
    let (mut invited, mut ineligible, mut conditions) = (None, Vec::new(), Vec::new());
    if stage.number > 1 {
        let before = calls::stage(tx.conn(), call.id, stage.number - 1).await?;
        invited = rows::submitted_contents(tx.conn(), before.id, &[proposal])
            .await?
            .pop()
            .map(|(_, content)| store::text::document::<Content>(content))
            .transpose()?;
        ineligible = rows::found_ineligible(tx.conn(), before.id, proposal).await?;
        let rows = rows::conditions_of(tx.conn(), before.id, proposal).await?;
        conditions = rows
            .iter()
            .map(ConditionRow::condition)
            .collect::<Result<_, _>>()?;
    }
    let waived = rows::waived(tx.conn(), proposal, stage.id).await?;
    let coordinations = number_coordinated(tx, of_stage, stage, proposal).await?;
    let confirmed = match drafted.filter(|_| of_stage.partners_confirm) {
        Some(row) => Some(view::confirmed_partners(tx.conn(), proposal, row, content).await?),
        None => None,
    };
    let context = CheckContext {
        rules: &rules,
        stage: of_stage,
        funders: &funders,
        invited: invited.as_ref().map(|content| Invited {
            content,
            ineligible: &ineligible,
        }),
        conditions: &conditions,
        waived: &waived,
        under_represented: &stage.under_represented,
        coordinations,
        confirmed: confirmed.as_deref(),
    };
    Ok(look(&context))
}

/// The rules of the stage with this number, among those of its call.
pub(super) fn rules_of(rules: &Rules, number: i32) -> Result<&StageRules, Problem> {
    let place = usize::try_from(number - 1).map_err(Problem::internal)?;
    let found = rules.stages.get(place);
    found.ok_or_else(|| Problem::internal("a stage without rules"))
}

/// How many proposals the coordinator submits with this one, where a rule of the call needs to know.
async fn number_coordinated(
    tx: &mut Tx,
    rules: &StageRules,
    stage: &StageRow,
    proposal: Uuid,
) -> Result<u32, Problem> {
    Ok(match rules.consortium.proposals_per_coordinator_max {
        Some(_) => rows::coordinations(tx.conn(), stage.id, proposal).await?,
        None => 1,
    })
}

/// Refuses when the coordinator would submit more proposals than the call allows with this one, unless that rule is
/// waived.
pub(super) async fn coordinations(
    tx: &mut Tx,
    call: &CallRow,
    stage: &StageRow,
    proposal: Uuid,
) -> Result<(), Problem> {
    let rules = call.rules()?;
    let of_stage = rules_of(&rules, stage.number)?;
    let number = number_coordinated(tx, of_stage, stage, proposal).await?;
    let waived = rows::waived(tx.conn(), proposal, stage.id).await?;
    let found = of_stage.consortium.check_coordinations(number);
    let found = found.filter(|one| !waived.contains(&one.code));
    Ok(kernel::faults(found).or(())?)
}
