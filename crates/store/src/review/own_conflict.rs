//! Conflicts of interest of people with a role in a call: what they declare of themselves, what the secretariat notes, and
//! what is found.

use std::collections::BTreeMap;

use ::review::ConflictKind;
use access::{Action, Object, Permit};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::sealed::own_conflict;
use crate::schema::{account, proposal, role_grant};
use crate::{Conn, StoreError, text};

/// A conflict of interest of somebody with a role in a call. It stands, or it was dismissed.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = own_conflict)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct OwnConflictRow {
    pub id: Uuid,
    pub account_id: Uuid,
    pub proposal_id: Uuid,
    pub call_id: Uuid,
    pub kind: String,
    pub about: String,
    pub source: String,
    pub reason: String,
    pub standing: bool,
    pub judged_because: Option<String>,
    pub version: i32,
}

impl OwnConflictRow {
    /// One that a person enters: who has it (`source` is `declared`), or the secretariat.
    pub fn entered(account: Uuid, proposal: Uuid, call: Uuid, source: &str, reason: &str) -> Self {
        Self {
            id: kernel::id::new(),
            account_id: account,
            proposal_id: proposal,
            call_id: call,
            kind: ConflictKind::Declared.to_string(),
            about: String::new(),
            source: source.to_owned(),
            reason: reason.trim().to_owned(),
            standing: true,
            judged_because: None,
            version: 1,
        }
    }

    /// The kind.
    pub fn kind(&self) -> Result<ConflictKind, StoreError> {
        text::name(&self.kind)
    }

    /// The conflict as the policy sees it.
    pub fn object(&self) -> Object {
        Object::of_call("own_conflict", self.id, self.call_id)
    }
}

/// A conflict in a list.
#[derive(Debug, Clone, Queryable)]
pub struct OwnConflict {
    /// Its id.
    pub id: Uuid,
    /// Who has it.
    pub account: Uuid,
    /// The name.
    pub name: String,
    /// The proposal.
    pub proposal: Uuid,
    /// Its number.
    pub number: String,
    /// What it rests on.
    pub reason: String,
    /// Of which kind.
    pub kind: String,
    /// Who brought it up.
    pub source: String,
    /// Whether it stands.
    pub standing: bool,
    /// Why it was judged so.
    pub judged_because: Option<String>,
    /// Raised with every verdict.
    pub version: i32,
}

/// The deeds that put a conflict of interest on file.
const WRITES: [Action; 5] = [
    Action::DeclareOwnConflict,
    Action::NoteConflict,
    Action::AssignReviewers,
    Action::ReplaceReviewer,
    Action::ChangeConsortium,
];

/// Keeps a conflict of interest. The first one of a kind that rests on the same stays as it is, and one that was dismissed
/// stands again, for the new reason.
pub async fn enter(
    conn: &mut Conn,
    permit: &Permit,
    row: &OwnConflictRow,
) -> Result<(), StoreError> {
    if permit.call() != Some(row.call_id) || !WRITES.contains(&permit.action()) {
        return Err(StoreError::Permit);
    }
    diesel::update(own_conflict::table)
        .filter(own_conflict::account_id.eq(row.account_id))
        .filter(own_conflict::proposal_id.eq(row.proposal_id))
        .filter(own_conflict::kind.eq(&row.kind))
        .filter(own_conflict::about.eq(&row.about))
        .filter(own_conflict::standing.eq(false))
        .set((
            own_conflict::source.eq(&row.source),
            own_conflict::reason.eq(&row.reason),
            own_conflict::standing.eq(true),
            own_conflict::judged_because.eq(None::<String>),
            own_conflict::stands_since.eq(sql::<Timestamptz>("clock_timestamp()")),
            own_conflict::version.eq(own_conflict::version + 1),
        ))
        .execute(conn)
        .await?;
    diesel::insert_into(own_conflict::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

/// What is on file in a call, or of one account in it, by the proposals' numbers.
pub async fn of_call(
    conn: &mut Conn,
    call: Uuid,
    of: Option<Uuid>,
) -> Result<Vec<OwnConflict>, StoreError> {
    let mut query = own_conflict::table
        .inner_join(account::table.on(account::id.eq(own_conflict::account_id)))
        .inner_join(proposal::table.on(proposal::id.eq(own_conflict::proposal_id)))
        .filter(own_conflict::call_id.eq(call))
        .order((
            proposal::number,
            account::name,
            own_conflict::kind,
            own_conflict::about,
        ))
        .select((
            own_conflict::id,
            account::id,
            account::name,
            proposal::id,
            proposal::number,
            own_conflict::reason,
            own_conflict::kind,
            own_conflict::source,
            own_conflict::standing,
            own_conflict::judged_because,
            own_conflict::version,
        ))
        .into_boxed();
    if let Some(of) = of {
        query = query.filter(own_conflict::account_id.eq(of));
    }
    Ok(query.load(conn).await?)
}

/// Account, proposal, kind, and what it rests on, of everything on file in a call, whether it stands or not.
pub async fn on_file(
    conn: &mut Conn,
    call: Uuid,
) -> Result<BTreeMap<(Uuid, Uuid, String, String), bool>, StoreError> {
    let rows: Vec<((Uuid, Uuid, String, String), bool)> = own_conflict::table
        .filter(own_conflict::call_id.eq(call))
        .select((
            (
                own_conflict::account_id,
                own_conflict::proposal_id,
                own_conflict::kind,
                own_conflict::about,
            ),
            own_conflict::standing,
        ))
        .load(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Reads a conflict.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<OwnConflictRow, StoreError> {
    Ok(own_conflict::table
        .find(id)
        .select(OwnConflictRow::as_select())
        .first(conn)
        .await?)
}

/// Reads a conflict, locked.
pub async fn lock(conn: &mut Conn, id: Uuid) -> Result<OwnConflictRow, StoreError> {
    Ok(own_conflict::table
        .find(id)
        .select(OwnConflictRow::as_select())
        .for_update()
        .first(conn)
        .await?)
}

/// Records whether a conflict stands, and why.
pub async fn judge(
    conn: &mut Conn,
    permit: &Permit,
    row: &OwnConflictRow,
    stands: bool,
    because: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::JudgeConflict], row.id)?;
    let now = || sql::<Timestamptz>("clock_timestamp()");
    let since = (stands && !row.standing).then(|| own_conflict::stands_since.eq(now()));
    let changed = diesel::update(own_conflict::table.find(row.id))
        .filter(own_conflict::version.eq(row.version))
        .set((
            own_conflict::standing.eq(stands),
            own_conflict::judged_because.eq(because),
            since,
            own_conflict::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Whether somebody wears a role in the call.
pub async fn wears_a_role(conn: &mut Conn, who: Uuid, call: Uuid) -> Result<bool, StoreError> {
    let worn = role_grant::table
        .filter(role_grant::account_id.eq(who))
        .filter(role_grant::call_id.eq(call))
        .filter(role_grant::ended_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(worn))
        .get_result(conn)
        .await?)
}
