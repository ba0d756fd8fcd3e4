//! What people made together: publications of an imported list, and proposals of this installation.

use ::intake::ProposalState;
use ::review::conflict::{Person, Work, WorkKind};
use access::{Action, Permit};
use chrono::{DateTime, Datelike, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Jsonb;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::facts::listed;
use crate::error::demand;
use crate::schema::sealed::publication;
use crate::schema::{account, call, proposal, proposal_stage, stage, submission};
use crate::{Conn, StoreError, text};

#[derive(Insertable)]
#[diesel(table_name = publication)]
struct PublicationRow {
    id: Uuid,
    call_id: Uuid,
    title: String,
    year: i32,
    people: Value,
}

/// Keeps a list of publications for a call, in the place of the one before.
pub async fn replace(
    conn: &mut Conn,
    permit: &Permit,
    call: Uuid,
    works: &[Work],
) -> Result<(), StoreError> {
    demand(permit, &[Action::ImportPublications], call)?;
    diesel::delete(publication::table.filter(publication::call_id.eq(call)))
        .execute(conn)
        .await?;
    let mut rows = Vec::new();
    for work in works {
        rows.push(PublicationRow {
            id: kernel::id::new(),
            call_id: call,
            title: work.title.clone(),
            year: work.year,
            people: text::json(&work.people)?,
        });
    }
    for some in rows.chunks(1000) {
        diesel::insert_into(publication::table)
            .values(some)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// The publications imported for a call, from a year on.
pub async fn of_call(conn: &mut Conn, call: Uuid, first: i32) -> Result<Vec<Work>, StoreError> {
    let rows: Vec<(String, i32, Value)> = publication::table
        .filter(publication::call_id.eq(call))
        .filter(publication::year.ge(first))
        .order(publication::id)
        .select((publication::title, publication::year, publication::people))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(title, year, people)| {
            Ok(Work {
                kind: WorkKind::Publication,
                title,
                year,
                people: text::document(people)?,
            })
        })
        .collect()
}

type Joint = (Uuid, String, DateTime<Utc>, Value, String, String);

/// The proposals of all other calls that were locked at a deadline since a year, each once. What they are called and
/// about stays in their own call: the work's title names the call alone.
pub async fn joint_proposals(
    conn: &mut Conn,
    except: Uuid,
    first: i32,
) -> Result<Vec<Work>, StoreError> {
    let rows: Vec<Joint> = submission::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id
                .eq(submission::proposal_stage_id)
                .and(proposal_stage::submitted.eq(submission::number))),
        )
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .inner_join(account::table.on(account::id.eq(proposal::coordinator_id)))
        .inner_join(stage::table.on(stage::id.eq(proposal_stage::stage_id)))
        .inner_join(call::table.on(call::id.eq(proposal::call_id)))
        .filter(proposal::call_id.ne(except))
        .filter(proposal_stage::state.eq(ProposalState::Locked.to_string()))
        .distinct_on(proposal::id)
        .order((proposal::id, stage::number.desc()))
        .select((
            proposal::id,
            call::code,
            stage::deadline_at,
            sql::<Jsonb>(
                "jsonb_path_query_array(submission.content, '$.partners[*].principal_investigator')",
            ),
            account::name,
            account::email,
        ))
        .load(conn)
        .await?;
    let mut works = Vec::new();
    for (_, code, deadline, people, name, email) in rows {
        let year = deadline.year();
        if year < first {
            continue;
        }
        // A coordinator who is an investigator too stands there once.
        let mut all = listed(people)?;
        all.retain(|one| !one.email.eq_ignore_ascii_case(&email));
        let orcid = None;
        all.push(Person { name, email, orcid });
        works.push(Work {
            kind: WorkKind::Proposal,
            title: format!("in the call {code}"),
            year,
            people: all,
        });
    }
    Ok(works)
}
