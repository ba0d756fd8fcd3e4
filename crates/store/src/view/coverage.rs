//! What coverage of an agenda counts: real calls that are published, and awards that letters have told.

use ::call::{Basis, CoveredCall, CoveredProject, FunderSum, Weights};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{Amount, Currency};
use uuid::Uuid;

use crate::call::CallRow;
use crate::commitment::classification::{Served, served};
use crate::commitment::funded::{Funded, funded};
use crate::schema::{action_item, agenda, call, call_action_item, organisation, participation};
use crate::{Conn, StoreError};

/// States in which the public knows of a call that was not cancelled.
const PUBLISHED: [&str; 7] = [
    "pre_announced",
    "open",
    "evaluation",
    "selected",
    "granting",
    "monitoring",
    "closed",
];

/// States in which the letters of a call are out.
const TOLD: [&str; 3] = ["granting", "monitoring", "closed"];

/// The calls of some years for one agenda.
#[derive(Debug, Clone)]
pub struct Covered {
    /// The calls in euros, by year and code.
    pub calls: Vec<CoveredCall>,
    /// Codes of the calls in another currency, which cannot be added to them.
    pub left_out: Vec<String>,
}

/// The calls of the years `from` to `to` (left out: all) as coverage of an agenda sees them. A rehearsal
/// is none of them. A call that is not mapped to the agenda itself is mapped through its topics or modules.
pub async fn covered(
    conn: &mut Conn,
    code: &str,
    from: Option<i32>,
    to: Option<i32>,
) -> Result<Covered, StoreError> {
    let rows: Vec<CallRow> = call::table
        .filter(call::state.eq_any(PUBLISHED))
        .filter(call::rehearsal.eq(false))
        .filter(call::year.between(from.unwrap_or(i32::MIN), to.unwrap_or(i32::MAX)))
        .order((call::year, call::code))
        .select(CallRow::as_select())
        .load(conn)
        .await?;
    let mut counted = Vec::new();
    let mut left_out = Vec::new();
    for row in rows {
        let rules = row.rules()?;
        match rules.funding.currency {
            Currency::EUR => counted.push((row, rules)),
            _ => left_out.push(row.code),
        }
    }
    let ids: Vec<Uuid> = counted.iter().map(|(row, _)| row.id).collect();
    let mapped = mapped(conn, code, &ids).await?;
    let commitments = commitments(conn, &ids).await?;
    let told: Vec<Uuid> = counted
        .iter()
        .filter(|(row, _)| TOLD.contains(&row.state.as_str()))
        .map(|(row, _)| row.id)
        .collect();
    let projects = funded(conn, &told, true).await?;
    let served = served(conn, &told).await?;
    let calls = counted.into_iter().map(|(row, rules)| {
        let direct: Weights = mapped
            .iter()
            .filter(|(of, ..)| *of == row.id)
            .map(|(_, number, share)| (number.clone(), weight(*share)))
            .collect();
        let items = match direct.is_empty() {
            true => rules.weights_of_parts(code).unwrap_or_default(),
            false => direct,
        };
        let own = commitments.iter().filter(|(of, ..)| *of == row.id);
        let projects = projects.iter().filter(|project| project.call == row.id);
        CoveredCall {
            items,
            commitments: own
                .map(|(_, funder, amount)| sum(funder, Amount(*amount)))
                .collect(),
            projects: projects.map(|one| project(one, &served, code)).collect(),
            code: row.code,
            year: row.year,
        }
    });
    Ok(Covered {
        calls: calls.collect(),
        left_out,
    })
}

fn sum(funder: &str, amount: Amount) -> FunderSum {
    FunderSum {
        funder: funder.to_owned(),
        amount,
    }
}

/// A share as a weight; the tables hold none below nothing.
fn weight(share: i32) -> u64 {
    u64::try_from(share).unwrap_or_default()
}

fn project(of: &Funded, served: &[Served], code: &str) -> CoveredProject {
    let own = served
        .iter()
        .filter(|one| one.proposal == of.proposal && one.agenda == code);
    let countries = of.countries.iter();
    CoveredProject {
        code: of.number.clone(),
        items: own
            .map(|one| (one.number.clone(), weight(one.share)))
            .collect(),
        basis: Basis::Decided,
        awards: of
            .awards
            .iter()
            // As commitments are: EU money is nobody's commitment.
            .map(|(funder, award)| sum(funder, award.national))
            .collect(),
        countries: countries.filter_map(|code| code.parse().ok()).collect(),
    }
}

/// The calls' own mappings to the agenda, in its order: call, item, share.
async fn mapped(
    conn: &mut Conn,
    code: &str,
    calls: &[Uuid],
) -> Result<Vec<(Uuid, String, i32)>, StoreError> {
    Ok(call_action_item::table
        .inner_join(action_item::table.on(action_item::id.eq(call_action_item::action_item_id)))
        .inner_join(agenda::table.on(agenda::id.eq(action_item::agenda_id)))
        .filter(agenda::code.eq(code))
        .filter(call_action_item::call_id.eq_any(calls))
        .order((call_action_item::call_id, action_item::position))
        .select((
            call_action_item::call_id,
            action_item::number,
            call_action_item::share,
        ))
        .load(conn)
        .await?)
}

/// What the funders that take part commit: call, funder, cents.
async fn commitments(
    conn: &mut Conn,
    calls: &[Uuid],
) -> Result<Vec<(Uuid, String, i64)>, StoreError> {
    Ok(participation::table
        .inner_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .filter(participation::call_id.eq_any(calls))
        .filter(participation::left_at.is_null())
        .order((participation::call_id, organisation::key))
        .select((
            participation::call_id,
            organisation::key,
            participation::commitment,
        ))
        .load(conn)
        .await?)
}
