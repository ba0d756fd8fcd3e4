use access::{Action, Denied};
use commitment::{LINE, LineEvent, LineState, SelectionState};
use kernel::Code;
use serde_json::json;
use store::commitment::selection::{self as rows, LineRow};
use store::view::commitment::{self as view, LineView, SelectionView};
use uuid::Uuid;

use super::decision::lock;
use super::finality::finalise;
use super::holding::{is_signed_for, seen_whole};
use super::selection::{readable, refreshed};
use crate::call::Reason;
use crate::{Answer, Context, Problem, Service, Tx};

/// A funder's line of a selection.
pub(super) async fn line_of(tx: &mut Tx, selection: Uuid, key: &str) -> Result<LineRow, Problem> {
    rows::lines(tx.conn(), selection)
        .await?
        .into_iter()
        .find(|line| line.key == key)
        .ok_or_else(Problem::not_found)
}

/// A funder's line of a selection.
pub async fn read_line(
    service: &Service,
    context: Context,
    selection: Uuid,
    organisation: String,
) -> Result<Answer<LineView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::find(tx.conn(), selection).await?;
        let object = seen_whole(tx, row.object(), &row.input()?).await?;
        readable(tx, &object).await?;
        let line = line_of(tx, selection, &organisation).await?;
        Ok(view::line(&line, &row)?)
    };
    service.read(context, work).await
}

/// Accepts a funder's line. The last one to be accepted makes the selection final.
pub async fn accept_line(
    service: &Service,
    context: Context,
    selection: Uuid,
    organisation: String,
) -> Result<Answer<SelectionView>, Problem> {
    answer(service, context, selection, organisation, None).await
}

/// Refuses a funder's line: this selection cannot become final.
pub async fn refuse_line(
    service: &Service,
    context: Context,
    selection: Uuid,
    organisation: String,
    input: Reason,
) -> Result<Answer<SelectionView>, Problem> {
    answer(
        service,
        context,
        selection,
        organisation,
        Some(input.reason),
    )
    .await
}

async fn answer(
    service: &Service,
    context: Context,
    selection: Uuid,
    organisation: String,
    refusal: Option<String>,
) -> Result<Answer<SelectionView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (_, stage, row) = lock(tx, selection).await?;
        let line = line_of(tx, selection, &organisation).await?;
        let object = seen_whole(tx, line.object(row.call_id), &row.input()?).await?;
        let permit = match tx.permit(Action::AnswerLine, &object).await {
            // Every member of the committee reads all lines, so another funder's is no secret.
            Err(problem)
                if problem.code == Code::NotFound
                    && access::sees(&tx.context.actor, &row.object()) =>
            {
                return Err(Denied::Forbidden.into());
            }
            other => other?,
        };
        let whole = view::selection(tx.conn(), &row).await?;
        if tx.precondition(&whole).is_err() {
            // The line alone is enough: no other funder's answer moves its ETag.
            tx.precondition(&view::line(&line, &row)?)?;
        }
        if row.state()? != SelectionState::Confirmed {
            return Err(Problem::state(format!(
                "Funders answer for their lines once the committee's chair has confirmed the selection, \
                 and until it is final; it is '{}'.",
                row.state
            )));
        }
        let event = match &refusal {
            None => LineEvent::Accept,
            Some(_) => LineEvent::Refuse,
        };
        let state = LINE.apply(line.state()?, event)?;
        let reason = refusal.as_deref().map(str::trim);
        if reason.is_some_and(str::is_empty) {
            return Err(Problem::invalid(
                "/reason",
                "required",
                "say why the funder does not pay",
            ));
        }
        if refusal.is_none() {
            is_signed_for(tx, &row, &line.key, line.national).await?;
        }
        rows::answer(tx.conn(), &permit, &line, state, reason).await?;
        let all_accepted = rows::lines(tx.conn(), selection)
            .await?
            .iter()
            .all(|line| line.state == LineState::Accepted.to_string());
        let mut detail = json!({
            "selection": selection, "organisation": organisation, "line": state,
        });
        if all_accepted {
            finalise(tx, &permit, &stage, &row).await?;
            detail["state"] = json!("final");
        }
        tx.audit(&permit, Some(line.version + 1), reason, detail)
            .await?;
        refreshed(tx, selection).await
    };
    service.write(context, work).await
}
