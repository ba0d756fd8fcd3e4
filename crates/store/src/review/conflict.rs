//! Conflicts of interest between experts and proposals.

use std::collections::BTreeSet;

use ::review::ConflictKind;
use ::review::conflict::{Conflict, Verdict};
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::proposal;
use crate::schema::sealed::conflict;
use crate::statement::statement;
use crate::{Conn, StoreError, text};

/// The source of a conflict that the secretariat noted.
pub const NOTED: &str = "secretariat";

/// A conflict of interest. It stands, or it waits for a verdict, or it was judged not to stand, or it was taken back.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = conflict)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct ConflictRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub expert_id: Uuid,
    pub proposal_id: Uuid,
    pub kind: String,
    pub about: String,
    pub certain: bool,
    pub evidence: String,
    pub source: String,
    pub standing: bool,
    pub judged_because: Option<String>,
    pub version: i32,
    pub taken_back_at: Option<DateTime<Utc>>,
    pub remembered_from: Option<Uuid>,
}

impl ConflictRow {
    /// The kind.
    pub fn kind(&self) -> Result<::review::ConflictKind, StoreError> {
        text::name(&self.kind)
    }

    /// What was found, as the search for conflicts names it.
    pub fn found(&self) -> Result<Conflict, StoreError> {
        Ok(Conflict {
            kind: self.kind()?,
            evidence: self.evidence.clone(),
            about: self.about.clone(),
        })
    }

    /// Whether it rests on whom the applicants ask to keep from reviewing, which few may know.
    pub fn by_applicants(&self) -> bool {
        self.kind == ConflictKind::NamedByApplicants.to_string() || self.about.starts_with("named ")
    }

    /// What somebody decided on a possible conflict.
    pub fn verdict(&self) -> Option<Verdict> {
        let because = self.judged_because.clone();
        let because = because.filter(|_| !self.certain && !self.is_taken_back())?;
        let stands = self.standing;
        Some(Verdict { stands, because })
    }

    /// Whether nobody has decided yet if it stands.
    pub fn waits(&self) -> bool {
        !self.standing && self.judged_because.is_none() && !self.is_taken_back()
    }

    /// Whether it was taken back: the fact that it rested on is gone, or it was noted by mistake.
    pub fn is_taken_back(&self) -> bool {
        self.taken_back_at.is_some()
    }

    /// Whether it rests on what was found alone: nobody declared or noted it, and nobody decided on it.
    pub fn rests_on_facts_alone(&self) -> bool {
        self.source == "detected" && self.judged_because.is_none() && !self.is_taken_back()
    }

    /// Whether it keeps the expert from being assigned: it stands, or it waits.
    pub fn forbids(&self) -> bool {
        self.standing || self.waits()
    }
}

/// The conflicts of a call, in the order in which they were found.
pub async fn of_call(conn: &mut Conn, call: Uuid) -> Result<Vec<ConflictRow>, StoreError> {
    Ok(conflict::table
        .filter(conflict::call_id.eq(call))
        .order(conflict::id)
        .select(ConflictRow::as_select())
        .load(conn)
        .await?)
}

/// The conflicts of an expert, in the order in which they were found.
pub async fn of_expert(conn: &mut Conn, id: Uuid) -> Result<Vec<ConflictRow>, StoreError> {
    Ok(conflict::table
        .filter(conflict::expert_id.eq(id))
        .order(conflict::id)
        .select(ConflictRow::as_select())
        .load(conn)
        .await?)
}

/// Whether a conflict that stands or waits for a verdict keeps an expert from a proposal.
pub async fn forbid(conn: &mut Conn, expert: Uuid, proposal: Uuid) -> Result<bool, StoreError> {
    let known = of_expert(conn, expert).await?;
    let mut of_it = known.iter().filter(|row| row.proposal_id == proposal);
    Ok(of_it.any(ConflictRow::forbids))
}

/// Reads a conflict.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<ConflictRow, StoreError> {
    Ok(conflict::table
        .find(id)
        .select(ConflictRow::as_select())
        .first(conn)
        .await?)
}

/// Reads a conflict, locked. The caller has locked its expert.
pub async fn lock(conn: &mut Conn, id: Uuid) -> Result<ConflictRow, StoreError> {
    Ok(conflict::table
        .find(id)
        .select(ConflictRow::as_select())
        .for_update()
        .first(conn)
        .await?)
}

#[derive(QueryableByName)]
struct Walled {
    #[diesel(sql_type = SqlUuid)]
    proposal_id: Uuid,
}

/// The proposals of a call of whose evaluation an account sees nothing: a conflict stands, or the account applies with
/// them, as coordinator or with a partner's part, whatever other role it wears.
pub async fn walled(
    conn: &mut Conn,
    account: Option<Uuid>,
    call: Uuid,
) -> Result<BTreeSet<Uuid>, StoreError> {
    let Some(account) = account else {
        return Ok(BTreeSet::new());
    };
    let found: Vec<Walled> = statement(
        "select proposal_id from sealed.wall where account_id = $1 and call_id = $2
         union select id from proposal where coordinator_id = $1 and call_id = $2
         union select proposal_id from partner_member where account_id = $1 and call_id = $2 and left_at is null",
    )
    .bind::<SqlUuid, _>(account)
    .bind::<SqlUuid, _>(call)
    .load(conn)
    .await?;
    Ok(found.into_iter().map(|row| row.proposal_id).collect())
}

/// The same by their numbers, which is how selections name proposals.
pub async fn walled_numbers(
    conn: &mut Conn,
    account: Option<Uuid>,
    call: Uuid,
) -> Result<BTreeSet<String>, StoreError> {
    let walled = walled(conn, account, call).await?;
    if walled.is_empty() {
        return Ok(BTreeSet::new());
    }
    let numbers: Vec<String> = proposal::table
        .filter(proposal::id.eq_any(walled))
        .select(proposal::number)
        .load(conn)
        .await?;
    Ok(numbers.into_iter().collect())
}

/// Inserts conflicts. The caller has locked their experts, so that no assignment comes between.
pub async fn insert(
    conn: &mut Conn,
    permit: &Permit,
    rows: &[ConflictRow],
) -> Result<(), StoreError> {
    let writes = [
        Action::DeclareConflicts,
        Action::NoteConflict,
        Action::CorrectExpert,
        Action::CorrectOwnExpertise,
        Action::AssignReviewers,
        Action::ReplaceReviewer,
        Action::ChangeConsortium,
    ];
    let own_call = rows.iter().all(|row| permit.call() == Some(row.call_id));
    if !own_call || !writes.contains(&permit.action()) {
        return Err(StoreError::Permit);
    }
    for some in rows.chunks(1000) {
        diesel::insert_into(conflict::table)
            .values(some)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Records whether a conflict stands, and why.
pub async fn judge(
    conn: &mut Conn,
    permit: &Permit,
    row: &ConflictRow,
    stands: bool,
    because: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::JudgeConflict], row.id)?;
    let now = || sql::<Timestamptz>("clock_timestamp()");
    let since = (stands && !row.standing).then(|| conflict::stands_since.eq(now()));
    let changed = diesel::update(conflict::table.find(row.id))
        .filter(conflict::version.eq(row.version))
        .set((
            conflict::standing.eq(stands),
            conflict::judged_because.eq(because),
            since,
            conflict::version.eq(row.version + 1),
            // From now on it has a verdict of its own.
            conflict::remembered_from.eq(None::<Uuid>),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Makes a conflict that the secretariat noted, as it was told of it, the expert's own word. The caller has locked the expert.
pub async fn declare_too(
    conn: &mut Conn,
    permit: &Permit,
    row: &ConflictRow,
    reason: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::DeclareConflicts], row.expert_id)?;
    let changed = diesel::update(conflict::table.find(row.id))
        .filter(conflict::source.eq(NOTED))
        .filter(conflict::taken_back_at.is_null())
        .set((
            conflict::source.eq("declared"),
            conflict::evidence.eq(reason),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Withdraws a conflict that the secretariat noted by mistake. The caller has locked its expert.
pub async fn withdraw(
    conn: &mut Conn,
    permit: &Permit,
    row: &ConflictRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::WithdrawConflict], row.id)?;
    let changed = diesel::update(conflict::table.find(row.id))
        .filter(conflict::version.eq(row.version))
        .filter(conflict::source.eq(NOTED))
        .filter(conflict::taken_back_at.is_null())
        .set((
            conflict::standing.eq(false),
            conflict::taken_back_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            conflict::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Takes back conflicts of one expert that were detected, and that nobody decided on. The caller has locked the expert.
pub async fn take_back(
    conn: &mut Conn,
    permit: &Permit,
    expert: Uuid,
    ids: &[Uuid],
) -> Result<(), StoreError> {
    demand(permit, &[Action::CorrectExpert], expert)?;
    let changed = diesel::update(conflict::table)
        .filter(conflict::id.eq_any(ids))
        .filter(conflict::expert_id.eq(expert))
        .filter(conflict::source.eq("detected"))
        .filter(conflict::judged_because.is_null())
        .filter(conflict::taken_back_at.is_null())
        .set((
            conflict::standing.eq(false),
            conflict::taken_back_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
        ))
        .execute(conn)
        .await?;
    if changed == ids.len() {
        Ok(())
    } else {
        Err(StoreError::Stale)
    }
}
