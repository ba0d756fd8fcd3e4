//! What happens because its time has come: stages open and close, exceptions end.

use std::time::Instant;

use access::{Action, Actor, Job};
use call::{CALL, CallEvent, CallState, STAGE, StageEvent, StageState};
use chrono::{DateTime, Utc};
use serde_json::json;
use store::call::{self as rows, StageRow};
use store::intake;

use crate::{Context, Problem, Service, Tx};

/// Opens and closes every stage whose time has come, and then closes the proposals whose exceptions are over;
/// answers how many moved. What has submissions that are not all decided is left for the next round.
pub async fn turn(service: &Service) -> Result<usize, Problem> {
    let reader = service.clone();
    let due = service
        .on_database_runtime(async move {
            let mut conn = reader.db().connection().await?;
            Ok(rows::due_stages(&mut conn).await?)
        })
        .await?;
    let mut moved = 0;
    for stage in due {
        // The database's clock has passed the deadline, so whoever arrives from now on is late.
        if stage.state()? == StageState::Open && service.arrivals().any_before(Instant::now()) {
            continue;
        }
        let work = async move |tx: &mut Tx| move_on(tx, stage.id).await;
        let answer = service.write(Context::system(Job::Calendar), work).await?;
        moved += usize::from(answer.value);
    }
    Ok(moved + end_exceptions(service).await?)
}

async fn end_exceptions(service: &Service) -> Result<usize, Problem> {
    let reader = service.clone();
    let due = service
        .on_database_runtime(async move {
            let mut conn = reader.db().connection().await?;
            Ok(intake::due_exceptions(&mut conn).await?)
        })
        .await?;
    let mut ended = 0;
    for exception in due {
        // As with a stage: whoever arrived before the exception was found to be over is decided first.
        if service.arrivals().any_before(Instant::now()) {
            continue;
        }
        let work = async move |tx: &mut Tx| crate::intake::end_exception(tx, &exception).await;
        let answer = service.write(Context::system(Job::Calendar), work).await?;
        ended += usize::from(answer.value);
    }
    Ok(ended)
}

async fn move_on(tx: &mut Tx, stage: uuid::Uuid) -> Result<bool, Problem> {
    let stage = rows::lock_stage(tx.conn(), stage).await?;
    let now = tx.now().await?;
    match stage.state()? {
        StageState::Planned if time_has_come(&stage, now) => open_stage(tx, &stage).await,
        StageState::Open if stage.deadline_at <= now => close_stage(tx, &stage).await,
        _ => Ok(false),
    }
}

/// A second stage without an opening waits for the invitations alone.
fn time_has_come(stage: &StageRow, now: DateTime<Utc>) -> bool {
    match stage.opens_at {
        Some(opens_at) => opens_at <= now,
        None => stage.number > 1,
    }
}

/// Opens a planned stage. The full stage opens only once the invitations are out, with a draft for
/// every invited proposal.
pub(crate) async fn open_stage(tx: &mut Tx, stage: &StageRow) -> Result<bool, Problem> {
    if stage.number > 1 {
        let before = rows::stage(tx.conn(), stage.call_id, stage.number - 1).await?;
        if before.state()? != StageState::Communicated {
            return Ok(false);
        }
    }
    let actor = Actor::System(Job::Calendar);
    let permit = access::decide(&actor, Action::OpenStage, &stage.object())?;
    let state = STAGE.apply(stage.state()?, StageEvent::Open)?;
    rows::set_stage_state(tx.conn(), &permit, stage, state).await?;
    if stage.number > 1 {
        crate::intake::start_full_proposals(tx, &permit, stage).await?;
    }
    tx.audit(
        &permit,
        Some(stage.version + 1),
        None,
        json!({ "state": state }),
    )
    .await?;
    Ok(true)
}

/// Closes a stage: what was submitted is locked, the rest lapses, and the checks begin.
async fn close_stage(tx: &mut Tx, stage: &StageRow) -> Result<bool, Problem> {
    let actor = Actor::System(Job::Calendar);
    let permit = access::decide(&actor, Action::CloseStage, &stage.object())?;
    let closed = STAGE.apply(stage.state()?, StageEvent::Close)?;
    let checking = STAGE.apply(closed, StageEvent::Check)?;
    rows::set_stage_state(tx.conn(), &permit, stage, checking).await?;
    let (locked, lapsed) = crate::intake::lock_proposals(tx, &permit, stage).await?;
    tx.audit(
        &permit,
        Some(stage.version + 1),
        None,
        json!({ "locked": locked, "lapsed": lapsed }),
    )
    .await?;
    let call = rows::lock(tx.conn(), stage.call_id).await?;
    if call.state()? == CallState::Open {
        let state = CALL.apply(CallState::Open, CallEvent::Evaluate)?;
        rows::set_state(tx.conn(), &permit, &call, state, None).await?;
    }
    Ok(true)
}
