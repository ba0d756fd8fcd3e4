//! Changes to a consortium while its eligibility is checked: a partner is dropped, replaced, or pays its own way.

use access::Action;
use call::StageState;
use intake::{CheckContext, Content, Findings, PartnerChange, PartnerVerdict, change};
use kernel::{Fault, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::intake::{self as rows, ChangeRow, JudgedPartner};
use store::view::intake::{self as view, EligibilityView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::bench::Bench;
use super::call_words;
use super::eligibility::bench_of_one;
use super::read::examined;
use super::tell::Concerned;
use crate::review::look_again;
use crate::{Answer, Context, Problem, Service, Tx};

/// A change to be recorded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeInput {
    /// The partner concerned, by its id in the proposal.
    pub partner: Uuid,
    /// What happens to it.
    pub change: PartnerChange,
    /// Why; everybody reads it who reads the proposal.
    pub reason: String,
}

/// What a change leads to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChangedConsortium {
    /// Which change it is of the proposal in the stage, counted from 1.
    pub number: i32,
    /// The verdicts and the outcome afterwards; who came in has none yet.
    pub eligibility: EligibilityView,
    /// The rules of the call and the terms of its funders that the changed consortium breaks.
    pub faults: Vec<Fault>,
    /// What people should look at.
    pub doubts: Vec<Fault>,
}

/// Records a change to the consortium, and what the rules make of it at once. What was submitted stays as it was.
pub async fn change_consortium(
    service: &Service,
    context: Context,
    id: Uuid,
    input: ChangeInput,
) -> Result<Answer<ChangedConsortium>, Problem> {
    let work = async move |tx: &mut Tx| {
        let mut bench = bench_of_one(tx, id).await?;
        let proposal = rows::find(tx.conn(), id).await?;
        let row = bench.standings[0].proposal_stage;
        let object = bench.object(tx, 0, row).await?;
        let permit = tx.permit(Action::ChangeConsortium, &object).await?;
        let current = one(tx, &bench).await?;
        tx.precondition(&current)?;
        changeable(&bench)?;
        let (before, found) = checked(tx, &bench, &input).await?;
        let made = input.change.of(&before.partner);
        let number = rows::changes(tx.conn(), &[row]).await?.len() + 1;
        let number = i32::try_from(number).map_err(Problem::internal)?;
        let becomes = made.becomes.as_ref().map(store::text::json).transpose()?;
        let change = ChangeRow {
            id: kernel::id::new(),
            call_id: bench.call.id,
            proposal_stage_id: row,
            number,
            kind: input.change.kind().to_string(),
            partner_id: input.partner,
            becomes,
            reason: input.reason.trim().to_owned(),
            recorded_by: permit.account().ok_or_else(Problem::not_found)?,
            recorded_at: tx.now().await?,
        };
        let mut to = Concerned::default();
        to.coordinator(tx, &proposal).await?;
        to.investigator(tx, row, input.partner).await?;
        let successor = made.becomes.as_ref().map(|one| one.id);
        let funder = before.row.funder_id;
        rows::change_consortium(tx.conn(), &permit, &before.row, &change, made.becomes).await?;
        bench.read_again(tx).await?;
        bench.settle(tx, &permit, 0).await?;
        if successor.is_some() {
            look_again(tx, &permit, &bench.stage).await?;
        }
        let codes: Vec<&str> = found.faults.0.iter().map(|one| one.code.as_str()).collect();
        let detail = json!({
            "proposal": id, "partner": input.partner, "kind": input.change.kind(), "becomes": successor,
            "faults": codes, "outcome": bench.outcome(0)?,
        });
        tx.audit(&permit, Some(number), Some(&change.reason), detail)
            .await?;
        to.checkers(tx, &proposal, funder).await?;
        if let Some(successor) = successor {
            to.investigator(tx, row, successor).await?;
            let place = bench.place(successor)?;
            let funder = bench.partners[place].funder_id;
            to.checkers(tx, &proposal, funder).await?;
        }
        let link = tx.service.api(format_args!("/proposals/{id}"));
        let variables = json!({
            "call": call_words(&bench.call), "proposal": proposal.number, "organisation": before.row.organisation,
            "change": words(&input.change), "reason": change.reason, "link": link,
        });
        to.tell(tx, &bench.call, "consortium_changed", variables)
            .await?;
        Ok(ChangedConsortium {
            number,
            eligibility: one(tx, &bench).await?,
            faults: found.faults.0,
            doubts: found.doubts.0,
        })
    };
    service.write(context, work).await
}

/// The partner concerned, as it is on record and as it is written.
struct Before {
    row: JudgedPartner,
    partner: intake::Partner,
}

async fn one(tx: &mut Tx, bench: &Bench) -> Result<EligibilityView, Problem> {
    view::eligibilities(tx.conn(), &bench.rules, &bench.ids())
        .await?
        .pop()
        .ok_or_else(Problem::not_found)
}

/// Eligibility is checked, and the proposal goes on.
fn changeable(bench: &Bench) -> Result<(), Problem> {
    if bench.stage.state()? != StageState::Checking {
        return Err(Problem::state(
            "The consortium is changed while eligibility is checked: from the deadline until the reviews begin.",
        ));
    }
    bench.judgeable(0)
}

/// Refuses what is wrong with the change itself; answers whom it concerns, and what the rules find afterwards.
async fn checked(
    tx: &mut Tx,
    bench: &Bench,
    input: &ChangeInput,
) -> Result<(Before, Findings), Problem> {
    let standing = &bench.standings[0];
    let content = rows::counting_content(tx.conn(), standing.proposal_stage).await?;
    let content: Content = store::text::document(content)?;
    let mut on_record = bench.partners.iter();
    let row = on_record.find(|row| row.partner_id == input.partner);
    let partner = content.partners.iter().find(|one| one.id == input.partner);
    let mut faults = Faults::default();
    faults.require(
        !input.reason.trim().is_empty(),
        "/reason",
        "required",
        "say why, for everybody who reads the proposal",
    );
    let (Some(row), Some(partner)) = (row, partner) else {
        faults.add(
            "/partner",
            "unknown_partner",
            "no partner of the consortium as it is now has this id; take one of those that the verdicts list",
        );
        return Err(faults.into());
    };
    let ever = rows::ever_judged(tx.conn(), &[standing.proposal_stage]).await?;
    let known: Vec<Uuid> = ever.iter().map(|row| row.partner_id).collect();
    let ineligible = row.verdict()? == PartnerVerdict::Ineligible;
    let mut after = content.clone();
    change::apply(&mut after.partners, [input.change.of(partner)]);
    let look = |context: &CheckContext<'_>| {
        let change = &input.change;
        let wrong = change::check(change, partner, ineligible, &content, &known, context);
        (wrong, intake::check::check_consortium(&after, context))
    };
    let id = standing.proposal;
    let (wrong, found) = examined(tx, &bench.call, &bench.stage, id, &after, None, look).await?;
    faults.0.splice(0..0, wrong.0);
    let before = Before {
        row: row.clone(),
        partner: partner.clone(),
    };
    Ok(faults.or((before, found))?)
}

/// What happened to the partner, as the end of a sentence.
fn words(change: &PartnerChange) -> String {
    match change {
        PartnerChange::Drop {} => "left the consortium".to_owned(),
        PartnerChange::Replace { by } => format!("is replaced by {}", by.organisation),
        PartnerChange::OwnFunds { .. } => "takes part with means of its own".to_owned(),
    }
}
