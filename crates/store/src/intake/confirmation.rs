//! Partners who are to be reminded that their part waits to be confirmed, and that it was done.

use ::intake::{Partner, part};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Int4, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::{Conn, StoreError, text};

/// A partner whose part is not confirmed as it stands, and whom to write to.
#[derive(Debug, Clone, QueryableByName)]
pub struct Unconfirmed {
    /// The call.
    #[diesel(sql_type = SqlUuid)]
    pub call_id: Uuid,
    /// The proposal.
    #[diesel(sql_type = SqlUuid)]
    pub proposal_id: Uuid,
    /// Its number in the call.
    #[diesel(sql_type = Text)]
    pub number: String,
    /// Pre-proposal or full proposal.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// How many hours before the deadline the reminder is for.
    #[diesel(sql_type = Int4)]
    pub hours: i32,
    /// The deadline.
    #[diesel(sql_type = Timestamptz)]
    pub deadline_at: DateTime<Utc>,
    /// The deadline as published.
    #[diesel(sql_type = Text)]
    pub label: String,
    /// Name of who writes the part; none while the invitation is open.
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    /// Address of who writes the part, or is invited to.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// What was confirmed in this stage, by its hash.
    #[diesel(sql_type = Nullable<Text>)]
    confirmed_sha256: Option<String>,
    #[diesel(sql_type = Jsonb)]
    part: Value,
}

/// Notes every reminder to confirm that is due, a week and a day before the deadline of a stage that asks for it, and
/// answers those whose part is not confirmed as it stands; each partner once.
pub async fn note_confirmations(conn: &mut Conn) -> Result<Vec<Unconfirmed>, StoreError> {
    let due: Vec<Unconfirmed> = diesel::sql_query(
        "with due as (
             select ps.id, ps.call_id, ps.proposal_id, p.number, w.hours, s.deadline_at, s.kind, s.label,
                    part.value as part, (part.value ->> 'id')::uuid as partner_id
             from stage s
             join call c on c.id = s.call_id
             join proposal_stage ps on ps.stage_id = s.id
             join proposal p on p.id = ps.proposal_id
             join draft d on d.proposal_stage_id = ps.id
             join (values (168), (24)) w (hours)
               on s.deadline_at - make_interval(hours => w.hours)
                  between greatest(p.created_at, s.opens_at) and clock_timestamp(),
             jsonb_array_elements(d.content -> 'partners') part
             where s.state = 'open' and c.state in ('open', 'evaluation') and s.deadline_at > clock_timestamp()
               and (c.rules #>> array['stages', (s.number - 1)::text, 'partners_confirm'])::boolean
               and ps.state in ('draft', 'submitted', 'edited_since') and part.value ->> 'role' = 'partner'
         ), noted as (
             insert into confirmation_reminder (proposal_stage_id, partner_id, call_id, hours, deadline_at)
             select distinct id, partner_id, call_id, hours, deadline_at from due
             on conflict do nothing
             returning proposal_stage_id, partner_id, hours
         )
         select distinct on (d.id, d.partner_id) d.call_id, d.proposal_id, d.number, d.kind, d.hours, d.deadline_at,
                d.label, a.name, coalesce(a.email, i.email) as email,
                case when m.confirmed_in = d.id then m.confirmed_sha256 end as confirmed_sha256, d.part
         from noted n
         join due d on d.id = n.proposal_stage_id and d.partner_id = n.partner_id and d.hours = n.hours
         left join partner_member m
           on m.proposal_id = d.proposal_id and m.partner_id = d.partner_id and m.left_at is null
         left join account a on a.id = m.account_id
         left join partner_invitation i on i.proposal_id = d.proposal_id and i.partner_id = d.partner_id
           and i.claimed_at is null and i.revoked_at is null and i.expires_at > clock_timestamp()
         where coalesce(a.email, i.email) is not null
         order by d.id, d.partner_id, d.hours",
    )
    .load(conn)
    .await?;
    let mut open = Vec::new();
    for one in due {
        let part: Partner = text::document(one.part.clone())?;
        if one.confirmed_sha256.as_deref() != Some(part::sha256(&part).as_str()) {
            open.push(one);
        }
    }
    Ok(open)
}
