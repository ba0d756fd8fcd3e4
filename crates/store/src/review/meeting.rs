//! When and where the panel of a stage meets.

use ::review::Meeting;
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::sealed::panel_meeting;
use crate::statement::clock_timestamp;
use crate::{Conn, StoreError};

/// The meeting of a stage's panel.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = panel_meeting)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct MeetingRow {
    pub meets_at: DateTime<Utc>,
    pub place: String,
    pub online: bool,
    pub convened_at: DateTime<Utc>,
    pub version: i32,
}

impl MeetingRow {
    /// When and where it is.
    pub fn meeting(&self) -> Meeting {
        Meeting {
            meets_at: self.meets_at,
            place: self.place.clone(),
            online: self.online,
        }
    }
}

/// The meeting of a stage's panel, once it is convened. The caller that writes has locked the stage.
pub async fn find(conn: &mut Conn, stage: Uuid) -> Result<Option<MeetingRow>, StoreError> {
    Ok(panel_meeting::table
        .find(stage)
        .select(MeetingRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// Convenes the panel of a stage, or moves the meeting `before`.
pub async fn convene(
    conn: &mut Conn,
    permit: &Permit,
    (stage, call): (Uuid, Uuid),
    meeting: &Meeting,
    before: Option<&MeetingRow>,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ConvenePanel], stage)?;
    let Some(account) = permit.account() else {
        return Err(StoreError::Permit);
    };
    let place = meeting.place.trim();
    let changed = match before {
        None => {
            diesel::insert_into(panel_meeting::table)
                .values((
                    panel_meeting::stage_id.eq(stage),
                    panel_meeting::call_id.eq(call),
                    panel_meeting::meets_at.eq(meeting.meets_at),
                    panel_meeting::place.eq(place),
                    panel_meeting::online.eq(meeting.online),
                    panel_meeting::convened_by.eq(account),
                ))
                .execute(conn)
                .await?
        }
        Some(before) => {
            diesel::update(panel_meeting::table.find(stage))
                .filter(panel_meeting::version.eq(before.version))
                .set((
                    panel_meeting::meets_at.eq(meeting.meets_at),
                    panel_meeting::place.eq(place),
                    panel_meeting::online.eq(meeting.online),
                    panel_meeting::convened_by.eq(account),
                    panel_meeting::convened_at.eq(clock_timestamp()),
                    panel_meeting::version.eq(before.version + 1),
                ))
                .execute(conn)
                .await?
        }
    };
    one_row(changed)
}
