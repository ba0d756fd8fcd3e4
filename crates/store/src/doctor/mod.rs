//! The doctor: sentences that hold in every healthy database, each with the query that finds the rows
//! which break it.
//!
//! Most of them tie rows of several tables together, which no CHECK and no foreign key can do. They are
//! looked at by `jtc doctor`, at the end of every rehearsal, and at the end of every test over a
//! database.

mod accounts;
mod amendment;
mod audit;
mod calls;
mod checking;
mod consortium;
mod content;
mod eligibility;
mod exceptions;
mod files;
mod funding;
mod letters;
mod money;
mod names;
mod outbox;
mod panel;
mod publication;
mod ranking;
mod redress;
mod review;
mod roles;
mod selection;
mod submission;
mod topic_money;

use std::borrow::Cow;

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::RunQueryDsl;
use serde::Serialize;

use crate::{Conn, StoreError, db};

/// A sentence about the whole database.
#[derive(Debug, Clone)]
pub struct Invariant {
    /// Its name, one for each.
    pub name: &'static str,
    /// What holds, in plain words.
    pub says: &'static str,
    /// A query of one column: what names the rows that break it.
    query: Cow<'static, str>,
}

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// The invariant's name.
    pub name: &'static str,
    /// What should hold.
    pub says: &'static str,
    /// How many rows break it.
    pub count: i64,
    /// The ids of some of them, at most [`SHOWN`].
    pub ids: Vec<String>,
}

/// How many ids a report names: enough to look into, few enough to read.
pub const SHOWN: usize = 10;

const fn rule(name: &'static str, says: &'static str, query: &'static str) -> Invariant {
    Invariant {
        name,
        says,
        query: Cow::Borrowed(query),
    }
}

/// All invariants.
pub fn all() -> Vec<Invariant> {
    let written = [
        accounts::INVARIANTS,
        roles::INVARIANTS,
        calls::INVARIANTS,
        publication::INVARIANTS,
        money::INVARIANTS,
        funding::INVARIANTS,
        topic_money::INVARIANTS,
        content::INVARIANTS,
        consortium::INVARIANTS,
        submission::INVARIANTS,
        exceptions::INVARIANTS,
        files::INVARIANTS,
        eligibility::INVARIANTS,
        checking::INVARIANTS,
        review::INVARIANTS,
        ranking::INVARIANTS,
        panel::INVARIANTS,
        selection::INVARIANTS,
        amendment::INVARIANTS,
        letters::INVARIANTS,
        redress::INVARIANTS,
        audit::INVARIANTS,
        outbox::INVARIANTS,
    ];
    let mut all = written.concat();
    all.extend(names::invariants());
    all
}

impl Invariant {
    /// One row with the number of rows that break it and the ids of some.
    pub fn sql(&self) -> String {
        format!(
            "select count(*) as count,
                    coalesce((array_agg(id::text order by id::text))[:{SHOWN}], '{{}}') as ids
             from ({}) broken(id)",
            self.query
        )
    }
}

/// One query over all invariants: a row of name, count and ids for each that is broken.
pub fn one_query() -> String {
    let each = all().into_iter().map(|one| {
        let (name, sql) = (one.name, one.sql());
        format!("select '{name}' as name, count, ids from ({sql}) one where count > 0")
    });
    each.collect::<Vec<_>>().join(" union all ")
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Array<Text>)]
    ids: Vec<String>,
}

/// Looks at all invariants in one read-only snapshot; answers those that are broken.
pub async fn examine(conn: &mut Conn) -> Result<Vec<Broken>, StoreError> {
    db::begin_snapshot(conn).await?;
    let outcome = look(conn).await;
    db::rollback(conn).await?;
    outcome
}

async fn look(conn: &mut Conn) -> Result<Vec<Broken>, StoreError> {
    let mut broken = Vec::new();
    for one in all() {
        let found: Found = diesel::sql_query(one.sql()).get_result(conn).await?;
        if found.count > 0 {
            broken.push(Broken {
                name: one.name,
                says: one.says,
                count: found.count,
                ids: found.ids,
            });
        }
    }
    Ok(broken)
}
