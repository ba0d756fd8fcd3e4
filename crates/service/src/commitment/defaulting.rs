//! A funder that does not pay what it accepted.

use access::Action;
use call::ConsortiumRules;
use commitment::SelectionState;
use intake::{Shortage, query::words};
use kernel::{Amount, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::CallRow;
use store::commitment::defaulting::{self as rows, GoingOn, NewDefault};
use store::commitment::selection::{self as selections, LineRow, SelectionRow};
use store::outcome;
use store::view::commitment::{self as view, DefaultView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::decision::lock;
use super::finality::can_amend;
use super::line::line_of;
use super::selection::readable;
use super::tell::{Commitment, tell};
use crate::{Answer, Context, Problem, Service, Tx};

/// That a funder does not pay what it accepted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DefaultInput {
    /// Why: it withdraws its commitment, or cannot pay.
    pub reason: String,
    /// Where that stands.
    #[schema(example = "Letter of the ministry of 3 March 2027")]
    pub evidence: String,
    /// The projects that go on without its money, as their consortia have said; all others that it was to pay for fall
    /// out of the selection with the amendment that follows. A dry run shows which can.
    #[serde(default)]
    pub goes_on: Vec<GoingOn>,
}

/// Records that a funder does not pay its line of the final selection. Nothing is bound anew by it: the selection is
/// amended next, because of the default.
pub async fn record_default(
    service: &Service,
    context: Context,
    selection: Uuid,
    organisation: String,
    input: DefaultInput,
) -> Result<Answer<DefaultView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (call, _, row) = lock(tx, selection).await?;
        let permit = tx.permit(Action::RecordDefault, &row.object()).await?;
        let line = line_of(tx, selection, &organisation).await?;
        let whole = view::selection(tx.conn(), &row).await?;
        if tx.precondition(&whole).is_err() {
            tx.precondition(&view::line(&line, &row)?)?;
        }
        if row.state()? != SelectionState::Final {
            return Err(Problem::state(format!(
                "A funder defaults on a selection that is final, and this one is '{}'; until then it refuses its line.",
                row.state
            )));
        }
        can_amend(&call)?;
        // Pledges lock the same row: one that comes later ends the default, and none comes between.
        selections::lock_money(tx.conn(), line.participation).await?;
        let standing = rows::standing_keys(tx.conn(), call.id).await?;
        if standing.contains(&organisation) {
            return Err(Problem::state(
                "That the funder defaults is on record already; amend the selection because of it.",
            ));
        }
        let rules = consortium_rules(&call)?;
        check(tx, &row, &line, &rules, &input).await?;
        let new = NewDefault {
            participation: line.participation,
            selection,
            reason: input.reason.trim(),
            evidence: input.evidence.trim(),
            goes_on: store::text::json(&input.goes_on)?,
        };
        rows::record(tx.conn(), &permit, call.id, &new).await?;
        let detail = json!({
            "selection": selection, "organisation": organisation, "national": Amount(line.national),
            "evidence": new.evidence, "goes_on": input.goes_on,
        });
        tx.audit(&permit, None, Some(new.reason), detail).await?;
        let what = Commitment::Defaulted;
        tell(tx, &call, (line.organisation, &line.name), what, new.reason).await?;
        shown(tx, &call, &row, &line).await
    };
    service.write(context, work).await
}

/// What is wrong with a default.
async fn check(
    tx: &mut Tx,
    row: &SelectionRow,
    line: &LineRow,
    rules: &ConsortiumRules,
    input: &DefaultInput,
) -> Result<(), Problem> {
    let projects = view::shortages(tx.conn(), row, line, rules).await?;
    let mut faults = Faults::default();
    words("/reason", &input.reason, &mut faults);
    words("/evidence", &input.evidence, &mut faults);
    for (at, one) in input.goes_on.iter().enumerate() {
        let pointer = format!("/goes_on/{at}/proposal");
        let again = input.goes_on[..at]
            .iter()
            .any(|other| other.proposal == one.proposal);
        let found = projects
            .iter()
            .find(|(_, number, ..)| *number == one.proposal);
        let shortage: Option<&Shortage> = found.map(|(.., shortage)| shortage);
        let Some(shortage) = shortage.filter(|_| !again) else {
            faults.add(
                pointer,
                "not_concerned",
                format!(
                    "'{}' is no project that the funder was to pay for, or stands here twice; leave it out",
                    one.proposal
                ),
            );
            continue;
        };
        let broken = shortage.broken_by(one.how);
        faults.require(
            broken.is_empty(),
            format!("/goes_on/{at}/how"),
            "rules_broken",
            format!(
                "{} cannot go on like this: {}; leave it out, or let it go on in another way",
                one.proposal,
                broken.join("; ")
            ),
        );
    }
    Ok(faults.or(())?)
}

/// The rules for consortia of the last stage, which is the one that is decided.
fn consortium_rules(call: &CallRow) -> Result<ConsortiumRules, Problem> {
    let last = call.rules()?.stages.pop();
    let rules = last.map(|stage| stage.consortium);
    rules.ok_or_else(|| Problem::internal("a call without stages"))
}

async fn shown(
    tx: &mut Tx,
    call: &CallRow,
    row: &SelectionRow,
    line: &LineRow,
) -> Result<DefaultView, Problem> {
    let found = rows::of_line(tx.conn(), row.id, line.participation).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    let account = tx.context.actor.account();
    let walled_off = outcome::conflicts_of(tx.conn(), account, call.id).await?;
    let rules = consortium_rules(call)?;
    Ok(view::default_view(tx.conn(), (row, line), &found, &rules, &walled_off).await?)
}

/// That a funder does not pay its line of a selection, and which projects can go on.
pub async fn read_default(
    service: &Service,
    context: Context,
    selection: Uuid,
    organisation: String,
) -> Result<Answer<DefaultView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = selections::find(tx.conn(), selection).await?;
        readable(tx, &row.object()).await?;
        let line = line_of(tx, selection, &organisation).await?;
        let call = store::call::find(tx.conn(), row.call_id).await?;
        shown(tx, &call, &row, &line).await
    };
    service.read(context, work).await
}
