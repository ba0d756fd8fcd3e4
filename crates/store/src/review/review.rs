//! Reviews: who reviews what, and what was written.

use ::review::{Mark, Marks, ReviewState};
use access::{Action, Object, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use strum::IntoEnumIterator;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::sealed::review;
use crate::{Conn, StoreError, text};

/// One expert's review of one proposal at one stage.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = review)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct ReviewRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub stage_id: Uuid,
    pub proposal_id: Uuid,
    pub expert_id: Uuid,
    pub state: String,
    pub affinity: i32,
    pub scores: Value,
    pub comments: Value,
    pub remark: String,
    pub returned_because: Option<String>,
    pub version: i32,
    pub submitted_at: Option<DateTime<Utc>>,
    pub released_at: Option<DateTime<Utc>>,
    pub label: Option<i32>,
    pub told: bool,
    pub held_back: bool,
}

impl ReviewRow {
    /// A review that is still to be written.
    pub fn asked(
        call: Uuid,
        stage: Uuid,
        proposal: Uuid,
        expert: Uuid,
        affinity: i64,
    ) -> ReviewRow {
        ReviewRow {
            id: kernel::id::new(),
            call_id: call,
            stage_id: stage,
            proposal_id: proposal,
            expert_id: expert,
            state: ReviewState::Invited.to_string(),
            affinity: i32::try_from(affinity).unwrap_or(i32::MAX),
            scores: json!({}),
            comments: json!({}),
            remark: String::new(),
            returned_because: None,
            version: 1,
            submitted_at: None,
            released_at: None,
            label: None,
            told: false,
            held_back: false,
        }
    }

    /// The state.
    pub fn state(&self) -> Result<ReviewState, StoreError> {
        text::name(&self.state)
    }

    /// Whether it was ever released; it may have been voided since.
    pub fn ever_released(&self) -> Result<bool, StoreError> {
        Ok(self.released_at.is_some() || self.state()? == ReviewState::Released)
    }

    /// Whether it is for its applicants: it is released, or was told to them before a conflict of interest ended it.
    pub fn is_for_applicants(&self) -> Result<bool, StoreError> {
        Ok(self.told || self.state()? == ReviewState::Released)
    }

    /// Scores and comments by criterion.
    pub fn marks(&self) -> Result<Marks, StoreError> {
        let scores: std::collections::BTreeMap<String, ::call::Score> =
            text::document(self.scores.clone())?;
        let mut comments: std::collections::BTreeMap<String, String> =
            text::document(self.comments.clone())?;
        Ok(scores
            .into_iter()
            .map(|(key, score)| {
                let comment = comments.remove(&key).unwrap_or_default();
                (key, Mark { score, comment })
            })
            .collect())
    }

    /// The review as the policy sees it; `expert` is its author's account as long as it is the
    /// author's to write, `conflicted` whether the viewer has a conflict with the proposal.
    pub fn object(&self, expert: Option<Uuid>, conflicted: bool) -> Object {
        Object {
            expert,
            conflicted,
            ..Object::of_call("review", self.id, self.call_id)
        }
    }
}

/// The reviews of a stage.
pub async fn of_stage(conn: &mut Conn, stage: Uuid) -> Result<Vec<ReviewRow>, StoreError> {
    Ok(review::table
        .filter(review::stage_id.eq(stage))
        .order(review::id)
        .select(ReviewRow::as_select())
        .load(conn)
        .await?)
}

/// The reviews of a proposal at a stage.
pub async fn of_proposal(
    conn: &mut Conn,
    proposal: Uuid,
    stage: Uuid,
) -> Result<Vec<ReviewRow>, StoreError> {
    Ok(review::table
        .filter(review::proposal_id.eq(proposal))
        .filter(review::stage_id.eq(stage))
        .order(review::id)
        .select(ReviewRow::as_select())
        .load(conn)
        .await?)
}

/// Of the reviews of one proposal those that are for its applicants, in the order and under the labels in which they read
/// them.
pub fn labelled(written: &[ReviewRow]) -> Result<Vec<(String, &ReviewRow)>, StoreError> {
    let mut numbered = Vec::new();
    for row in written {
        if let Some(number) = row.label
            && row.is_for_applicants()?
        {
            numbered.push((number, row));
        }
    }
    Ok(::review::labelled(numbered))
}

/// A review without what is written in it.
#[derive(Debug, Clone)]
pub struct Place {
    /// The review.
    pub review: Uuid,
    /// The proposal.
    pub proposal: Uuid,
    /// Where the review stands.
    pub state: ReviewState,
    /// Whether it was ever released; it may have been voided since.
    pub ever_released: bool,
    /// The number of its label, as long as it is for its applicants.
    pub number: Option<i32>,
}

/// The reviews of a stage, or of one proposal in it, without what is written in them.
pub async fn places(
    conn: &mut Conn,
    stage: Uuid,
    proposal: Option<Uuid>,
) -> Result<Vec<Place>, StoreError> {
    type Row = (Uuid, Uuid, String, bool, Option<i32>, bool);
    let mut query = review::table
        .filter(review::stage_id.eq(stage))
        .select((
            review::id,
            review::proposal_id,
            review::state,
            review::released_at.is_not_null(),
            review::label,
            review::told,
        ))
        .into_boxed();
    if let Some(proposal) = proposal {
        query = query.filter(review::proposal_id.eq(proposal));
    }
    let rows: Vec<Row> = query.load(conn).await?;
    rows.into_iter()
        .map(|(review, proposal, state, stamped, label, told)| {
            let state: ReviewState = text::name(&state)?;
            let ever_released = stamped || state == ReviewState::Released;
            let number = label.filter(|_| told || state == ReviewState::Released);
            Ok(Place {
                review,
                proposal,
                state,
                ever_released,
                number,
            })
        })
        .collect()
}

/// When the reviews of a stage were assigned that are still to come, each with its proposal.
pub async fn to_come(
    conn: &mut Conn,
    stage: Uuid,
) -> Result<Vec<(Uuid, DateTime<Utc>)>, StoreError> {
    let states = ReviewState::iter()
        .filter(|state| state.holds_a_place() && *state != ReviewState::Released)
        .map(|state| state.to_string());
    Ok(review::table
        .filter(review::stage_id.eq(stage))
        .filter(review::state.eq_any(states))
        .select((review::proposal_id, review::assigned_at))
        .load(conn)
        .await?)
}

/// The reviews of some experts, newest first.
pub async fn of_experts(conn: &mut Conn, experts: &[Uuid]) -> Result<Vec<ReviewRow>, StoreError> {
    Ok(review::table
        .filter(review::expert_id.eq_any(experts))
        .order(review::id.desc())
        .select(ReviewRow::as_select())
        .load(conn)
        .await?)
}

/// Reads a review.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<ReviewRow, StoreError> {
    Ok(review::table
        .find(id)
        .select(ReviewRow::as_select())
        .first(conn)
        .await?)
}

/// Until when a review is due. How long an expert has is said where the instant is written: by the column's default for a
/// new one, by [`set_state`] for one that is given back.
pub async fn due_at(conn: &mut Conn, id: Uuid) -> Result<DateTime<Utc>, StoreError> {
    let query = review::table.find(id).select(review::due_at);
    Ok(query.first(conn).await?)
}

/// Reads a review, locked.
pub async fn lock(conn: &mut Conn, id: Uuid) -> Result<ReviewRow, StoreError> {
    Ok(review::table
        .find(id)
        .select(ReviewRow::as_select())
        .for_update()
        .first(conn)
        .await?)
}

/// Reviews by their ids, locked in the order in which everybody locks reviews.
pub async fn lock_all(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<ReviewRow>, StoreError> {
    Ok(review::table
        .filter(review::id.eq_any(ids))
        .order(review::id)
        .select(ReviewRow::as_select())
        .for_update()
        .load(conn)
        .await?)
}

/// The reviews of a stage, locked. The caller has locked the experts of the call.
pub async fn lock_of_stage(conn: &mut Conn, stage: Uuid) -> Result<Vec<ReviewRow>, StoreError> {
    Ok(review::table
        .filter(review::stage_id.eq(stage))
        .order(review::id)
        .select(ReviewRow::as_select())
        .for_update()
        .load(conn)
        .await?)
}

/// The submitted reviews of a stage, locked.
pub async fn lock_submitted(conn: &mut Conn, stage: Uuid) -> Result<Vec<ReviewRow>, StoreError> {
    Ok(review::table
        .filter(review::stage_id.eq(stage))
        .filter(review::state.eq(ReviewState::Submitted.to_string()))
        .order(review::id)
        .select(ReviewRow::as_select())
        .for_update()
        .load(conn)
        .await?)
}

/// Inserts reviews. The caller has locked their experts, so that no conflict comes between.
pub async fn insert(
    conn: &mut Conn,
    permit: &Permit,
    rows: &[ReviewRow],
) -> Result<(), StoreError> {
    let writes = [Action::AssignReviewers, Action::ReplaceReviewer];
    let own_call = rows.iter().all(|row| permit.call() == Some(row.call_id));
    if !own_call || !writes.contains(&permit.action()) {
        return Err(StoreError::Permit);
    }
    for some in rows.chunks(1000) {
        diesel::insert_into(review::table)
            .values(some)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Moves a review from the state it was read in to the next, and stamps what the state stands for. Releasing has its own
/// ways, [`release`] and [`release_one`], as it gives a label.
/// A reason is kept only where the review is given back for it; elsewhere the audit trail has it.
pub async fn set_state(
    conn: &mut Conn,
    permit: &Permit,
    row: &ReviewRow,
    state: ReviewState,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    if permit.call() != Some(row.call_id) {
        return Err(StoreError::Permit);
    }
    let now = || sql::<Nullable<Timestamptz>>("clock_timestamp()");
    let submitted = (state == ReviewState::Submitted).then(|| review::submitted_at.eq(now()));
    // Who gets a review back has a week, and is told so; it is no reminder yet.
    let returned = (state == ReviewState::Returned).then(|| {
        (
            review::returned_because.eq(reason),
            review::due_at.eq(sql::<Timestamptz>("clock_timestamp() + interval '7 days'")),
            review::reminded_at.eq(now()),
            // One that was released is so no more, and never was for anybody who reads released reviews.
            review::released_at.eq(None::<DateTime<Utc>>),
        )
    });
    let changed = diesel::update(review::table.find(row.id))
        .filter(review::state.eq(&row.state))
        .filter(review::version.eq(row.version))
        .set((
            review::state.eq(state.to_string()),
            review::version.eq(row.version + 1),
            submitted,
            returned,
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Opens to the applicants of a proposal the released reviews at a stage that were held back from them, as they are given
/// time to reply again.
pub async fn tell_held_back(
    conn: &mut Conn,
    permit: &Permit,
    proposal: Uuid,
    stage: Uuid,
) -> Result<usize, StoreError> {
    demand(permit, &[Action::ReopenRebuttal], proposal)?;
    Ok(diesel::update(review::table)
        .filter(review::proposal_id.eq(proposal))
        .filter(review::stage_id.eq(stage))
        .filter(review::state.eq(ReviewState::Released.to_string()))
        .filter(review::held_back)
        .set(review::held_back.eq(false))
        .execute(conn)
        .await?)
}

/// Saves what the expert wrote.
pub async fn write(
    conn: &mut Conn,
    permit: &Permit,
    row: &ReviewRow,
    state: ReviewState,
    marks: &Marks,
    remark: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::WriteReview], row.id)?;
    let scores: Value = marks
        .iter()
        .map(|(key, mark)| (key.clone(), json!(mark.score)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let comments: Value = marks
        .iter()
        .map(|(key, mark)| (key.clone(), json!(mark.comment)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let changed = diesel::update(review::table.find(row.id))
        .filter(review::state.eq(&row.state))
        .filter(review::version.eq(row.version))
        .set((
            review::state.eq(state.to_string()),
            review::scores.eq(scores),
            review::comments.eq(comments),
            review::remark.eq(remark),
            review::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Ends a review by a conflict of interest. What its applicants have been told of stays told to them.
pub async fn end_by_conflict(
    conn: &mut Conn,
    permit: &Permit,
    row: &ReviewRow,
    state: ReviewState,
    told: bool,
) -> Result<(), StoreError> {
    if permit.call() != Some(row.call_id) {
        return Err(StoreError::Permit);
    }
    let changed = diesel::update(review::table.find(row.id))
        .filter(review::state.eq(&row.state))
        .filter(review::version.eq(row.version))
        .set((
            review::state.eq(state.to_string()),
            review::version.eq(row.version + 1),
            review::told.eq(told),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Remembers that the applicants of a stage have been told of all that is released in it, before reviews more are asked
/// for: they go on reading it while those are written. The caller has locked the experts of the call.
pub async fn remember_told(
    conn: &mut Conn,
    permit: &Permit,
    stage: Uuid,
) -> Result<(), StoreError> {
    let deeds = [
        Action::AssignReviewers,
        Action::ReplaceReviewer,
        Action::CheckFormally,
        Action::JudgeEligibility,
        Action::CheckOwnMeans,
        Action::ChangeConsortium,
    ];
    if !deeds.contains(&permit.action()) {
        return Err(StoreError::Permit);
    }
    let ids: Vec<Uuid> = review::table
        .filter(review::stage_id.eq(stage))
        .filter(review::state.eq(ReviewState::Released.to_string()))
        .filter(review::told.eq(false))
        .order(review::id)
        .select(review::id)
        .for_update()
        .load(conn)
        .await?;
    if !ids.is_empty() {
        diesel::update(review::table.filter(review::id.eq_any(ids)))
            .set(review::told.eq(true))
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Releases submitted reviews of a stage, all that are named, and gives each its label: the next one of its proposal,
/// and among those of one proposal any. Who is given one again keeps the former. The caller has locked the stage, so that
/// nobody gives the same labels, and the reviews.
async fn give_out(conn: &mut Conn, stage: Uuid, ids: &[Uuid]) -> Result<usize, StoreError> {
    Ok(diesel::sql_query(
        // Numbered once: a plan that looks a row up in the numbers again and again would draw them anew each time.
        "with numbered as materialized (
             select s.id,
                    coalesce((select max(o.label) from sealed.review o
                              where o.stage_id = s.stage_id and o.proposal_id = s.proposal_id), 0)
                    + row_number() over (partition by s.proposal_id, s.label is null order by gen_random_uuid()) as label
             from sealed.review s where s.stage_id = $1 and s.id = any($2))
         update sealed.review r
         set state = $3, version = r.version + 1, released_at = clock_timestamp(), label = coalesce(r.label, n.label::integer)
         from numbered n
         where r.id = n.id and r.state = $4",
    )
    .bind::<SqlUuid, _>(stage)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Text, _>(ReviewState::Released.to_string())
    .bind::<Text, _>(ReviewState::Submitted.to_string())
    .execute(conn)
    .await?)
}

/// Releases submitted reviews. The caller has locked them and their stage.
pub async fn release(
    conn: &mut Conn,
    permit: &Permit,
    stage: Uuid,
    ids: &[Uuid],
) -> Result<(), StoreError> {
    demand(permit, &[Action::ReleaseReview], stage)?;
    let changed = give_out(conn, stage, ids).await?;
    if changed == ids.len() {
        Ok(())
    } else {
        Err(StoreError::Stale)
    }
}

/// Releases one submitted review. The caller has locked it and its stage.
pub async fn release_one(
    conn: &mut Conn,
    permit: &Permit,
    row: &ReviewRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ReleaseReview], row.id)?;
    one_row(give_out(conn, row.stage_id, &[row.id]).await?)
}
