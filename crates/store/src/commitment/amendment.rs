//! What an amendment has to know: the committee's members, what is bound, and whose refusal stands; and the letters
//! that tell what it changed.

use ::commitment::{Cause, CommitmentKind, LineState};
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use intake::ProposalState;
use uuid::Uuid;

use crate::commitment::scenario::{ScenarioRow, find as scenario};
use crate::error::demand;
use crate::schema::sealed::{amendment_letter, outcome, selection, selection_line};
use crate::schema::{commitment, organisation, participation, proposal_stage};
use crate::{Conn, StoreError};

/// Keys of the steering committee's members: the funders that take part in the call.
pub async fn members(conn: &mut Conn, call: Uuid) -> Result<Vec<String>, StoreError> {
    Ok(participation::table
        .inner_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .filter(participation::call_id.eq(call))
        .filter(participation::left_at.is_null())
        .order(organisation::key)
        .select(organisation::key)
        .load(conn)
        .await?)
}

/// The funders' parts in the call whose refusal of a line stands, since they have pledged nothing anew: of this selection,
/// and of those before it that gave way to it one after the other because of a refusal. Each with the cents that a final
/// selection binds of it.
pub async fn refusing(conn: &mut Conn, of: Uuid) -> Result<Vec<(Uuid, i64)>, StoreError> {
    let refusal = Cause::Refusal.to_string();
    let mut all = vec![of];
    let mut last = of;
    loop {
        let before: Option<Option<Uuid>> = selection::table
            .find(last)
            .filter(selection::cause.eq(&refusal))
            .select(selection::amends)
            .first(conn)
            .await
            .optional()?;
        let Some(Some(before)) = before else { break };
        all.push(before);
        last = before;
    }
    let pledged_since = commitment::table
        .filter(commitment::participation_id.eq(selection_line::participation_id))
        .filter(
            commitment::pledged_at
                .nullable()
                .gt(selection_line::answered_at),
        );
    Ok(selection_line::table
        .inner_join(participation::table.on(participation::id.eq(selection_line::participation_id)))
        .filter(selection_line::selection_id.eq_any(all))
        .filter(selection_line::state.eq(LineState::Refused.to_string()))
        .filter(not(exists(pledged_since)))
        .select((participation::id, participation::decided))
        .load(conn)
        .await?)
}

/// The scenario that a selection goes back to, with when a selection was proposed of it: this one, or the one that it
/// amends, and so on.
pub async fn scenario_behind(
    conn: &mut Conn,
    of: Uuid,
) -> Result<Option<(ScenarioRow, DateTime<Utc>)>, StoreError> {
    type Origin = (Option<Uuid>, Option<Uuid>, DateTime<Utc>);
    let mut last = of;
    loop {
        let (proposed_of, amends, proposed_at): Origin = selection::table
            .find(last)
            .select((
                selection::scenario_id,
                selection::amends,
                selection::proposed_at,
            ))
            .first(conn)
            .await?;
        if let Some(id) = proposed_of {
            let (row, _) = scenario(conn, id).await?;
            return Ok(Some((row, proposed_at)));
        }
        let Some(before) = amends else {
            return Ok(None);
        };
        last = before;
    }
}

/// Keys of the funders of a call that have pledged anew since. What one signs of it on availability of funds is no pledge
/// of more or less.
pub async fn pledged_since(
    conn: &mut Conn,
    call: Uuid,
    since: DateTime<Utc>,
) -> Result<Vec<String>, StoreError> {
    Ok(commitment::table
        .inner_join(participation::table.on(participation::id.eq(commitment::participation_id)))
        .inner_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .filter(commitment::call_id.eq(call))
        .filter(commitment::kind.eq(CommitmentKind::Indicative.to_string()))
        .filter(commitment::pledged_at.gt(since))
        .select(organisation::key)
        .distinct()
        .load(conn)
        .await?)
}

/// Whether letters are still to tell what amendments changed after those of a stage: of whom is funded now, and of whom is
/// not any more.
pub async fn is_untold(conn: &mut Conn, stage: Uuid) -> Result<bool, StoreError> {
    let selected = ProposalState::Selected.to_string();
    let not_funded = ProposalState::NotFunded.to_string();
    let reserve = ProposalState::Reserve.to_string();
    let rows = proposal_stage::table
        .filter(proposal_stage::stage_id.eq(stage))
        .filter(proposal_stage::state.eq(ProposalState::Locked.to_string()))
        .select(proposal_stage::id);
    let told = || outcome::released_state.assume_not_null();
    let lost = told()
        .eq(reserve)
        .and(outcome::state.eq(not_funded))
        .or(told().eq(selected.clone()));
    let untold = outcome::table
        .filter(outcome::proposal_stage_id.eq_any(rows))
        .filter(outcome::released_state.is_not_null())
        .filter(told().ne(outcome::state))
        .filter(outcome::state.eq(selected).or(lost));
    Ok(diesel::select(exists(untold)).get_result(conn).await?)
}

/// A letter to be kept as it was sent.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = amendment_letter)]
pub struct AmendmentLetterRow {
    /// The selection that changed the outcome.
    pub selection_id: Uuid,
    /// The row of the proposal in the stage.
    pub proposal_stage_id: Uuid,
    /// The call.
    pub call_id: Uuid,
    /// The outcome told.
    pub outcome: String,
    /// The text.
    pub body: String,
}

/// Keeps the letters of an amendment, and releases the outcomes that they tell.
pub async fn tell(
    conn: &mut Conn,
    permit: &Permit,
    selection: Uuid,
    letters: &[AmendmentLetterRow],
) -> Result<(), StoreError> {
    demand(permit, &[Action::ReleaseLetters], selection)?;
    diesel::insert_into(amendment_letter::table)
        .values(letters)
        .execute(conn)
        .await?;
    let told = letters.iter().map(|one| one.proposal_stage_id);
    diesel::update(outcome::table)
        .filter(outcome::proposal_stage_id.eq_any(told))
        .filter(outcome::call_id.nullable().eq(permit.call()))
        .set((
            outcome::released_state.eq(outcome::state.nullable()),
            outcome::released_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
