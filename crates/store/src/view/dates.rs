//! The dates of the published calls, for those who subscribe to them.

use ::call::Milestone;
use diesel::prelude::*;
use diesel::sql_types::{Array, Int4, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kernel::Deadline;
use uuid::Uuid;

use crate::call::{CallRow, StageRow};
use crate::schema::{call, stage};
use crate::{Conn, StoreError};

/// A date of a published call.
#[derive(Debug, Clone)]
pub struct PublicDate {
    /// Names the date for good: it stays when the date moves.
    pub uid: String,
    /// The call's code.
    pub code: String,
    /// The call's title.
    pub title: String,
    /// A rehearsal: nothing in it is real.
    pub rehearsal: bool,
    /// What happens then.
    pub what: String,
    /// What people should know of it.
    pub note: String,
    /// When.
    pub at: Deadline,
    /// How often it was moved.
    pub moved: i32,
}

/// The dates of the published calls, soonest first: the deadlines of those that take proposals or will, and
/// the milestones also of those that are decided.
pub async fn dates(conn: &mut Conn) -> Result<Vec<PublicDate>, StoreError> {
    let mut found = deadlines(conn).await?;
    found.extend(milestones(conn).await?);
    found.sort_by(|one, other| (one.at.at, &one.uid).cmp(&(other.at.at, &other.uid)));
    Ok(found)
}

async fn deadlines(conn: &mut Conn) -> Result<Vec<PublicDate>, StoreError> {
    type Row = (String, String, bool, StageRow);
    let rows: Vec<Row> = stage::table
        .inner_join(call::table.on(call::id.eq(stage::call_id)))
        .filter(call::state.eq_any(["pre_announced", "open", "evaluation"]))
        .select((
            call::code,
            call::title,
            call::rehearsal,
            StageRow::as_select(),
        ))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(code, title, rehearsal, stage)| {
            Ok(PublicDate {
                uid: stage.id.to_string(),
                code,
                title,
                rehearsal,
                what: format!("{} deadline", stage.kind.replace('_', "-")),
                note: String::new(),
                at: stage.deadline()?,
                moved: stage.moved,
            })
        })
        .collect()
}

/// How often a milestone moved.
#[derive(QueryableByName)]
struct Moved {
    #[diesel(sql_type = SqlUuid)]
    call_id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Int4)]
    moved: i32,
}

async fn milestones(conn: &mut Conn) -> Result<Vec<PublicDate>, StoreError> {
    let states = [
        "pre_announced",
        "open",
        "evaluation",
        "selected",
        "granting",
    ];
    let calls: Vec<CallRow> = call::table
        .filter(call::state.eq_any(states))
        .filter(call::milestones.ne(serde_json::json!([])))
        .select(CallRow::as_select())
        .load(conn)
        .await?;
    let ids: Vec<Uuid> = calls.iter().map(|call| call.id).collect();
    // What the call said in its versions tells how often a date moved.
    let moves: Vec<Moved> = diesel::sql_query(
        "select call_id, name, count(*)::int as moved from (
             select v.call_id, m.key as name, row_number() over versions > 1
                 and m.value #>> '{at,at}' is distinct from lag(m.value #>> '{at,at}') over versions as moved
             from call_version v cross join lateral jsonb_each(v.document -> 'milestones') m
             where v.call_id = any($1)
             window versions as (partition by v.call_id, m.key order by v.number)) x
         where moved group by call_id, name",
    )
    .bind::<Array<SqlUuid>, _>(&ids)
    .load(conn)
    .await?;
    let mut found = Vec::new();
    for call in calls {
        for (name, milestone) in Milestone::by_name(call.milestones()?) {
            let Some(at) = milestone.at else { continue };
            let moved = moves
                .iter()
                .find(|one| one.call_id == call.id && one.name == name);
            found.push(PublicDate {
                uid: format!("{}-{name}", call.id),
                code: call.code.clone(),
                title: call.title.clone(),
                rehearsal: call.rehearsal,
                what: milestone.kind.to_string().replace('_', " "),
                note: milestone.note,
                at,
                moved: moved.map_or(0, |one| one.moved),
            });
        }
    }
    Ok(found)
}
