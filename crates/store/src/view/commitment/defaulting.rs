//! A funder's default as the steering committee sees it: what falls away, and which projects can go on.

use ::commitment::awards;
use call::ConsortiumRules;
use chrono::{DateTime, Utc};
use intake::{Content, GoesOn, Shortage};
use kernel::{Amount, Currency};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::commitment::defaulting::{DefaultRow, GoingOn};
use crate::commitment::selection::{LineRow, SelectionRow};
use crate::intake::submitted_contents;
use crate::{Conn, StoreError, outcome, text};

/// That a funder does not pay what it accepted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = CommitmentDefault)]
pub struct DefaultView {
    /// The selection.
    pub selection: Uuid,
    /// Key of the funder.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// What its applicants were to get.
    pub requested: Amount,
    /// What of that it was to pay itself.
    pub national: Amount,
    /// Currency of the amounts.
    pub currency: Currency,
    /// Why it does not pay.
    pub reason: String,
    /// Where that stands.
    pub evidence: String,
    /// Since when.
    pub recorded_at: DateTime<Utc>,
    /// The projects that it was to pay for, in ranking order.
    pub projects: Vec<DefaultedProject>,
    /// What has to happen next.
    pub next: String,
}

/// A project that a funder was to pay for, and does not.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DefaultedProject {
    /// The proposal's number.
    pub number: String,
    /// What its partners were to get of the funder.
    pub requested: Amount,
    /// The organisations of these partners; none where one has a conflict of interest with the proposal.
    pub partners: Vec<String>,
    /// What the rules of the call say of each way to go on; nothing where one has a conflict of interest.
    pub ways: Vec<WayOn>,
    /// How it goes on, where that is on record; else it falls out of the selection with the next amendment.
    pub goes_on: Option<GoesOn>,
}

/// What the rules of the call say of a way to go on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WayOn {
    /// The way.
    pub how: GoesOn,
    /// Whether the consortium meets the rules then.
    pub possible: bool,
    /// The rules that it would break.
    pub broken: Vec<String>,
}

/// The projects of a funder's line, each with what would become of its consortium without the funder.
pub async fn shortages(
    conn: &mut Conn,
    row: &SelectionRow,
    line: &LineRow,
    rules: &ConsortiumRules,
) -> Result<Vec<(Uuid, String, Amount, Shortage)>, StoreError> {
    let awards = awards(&row.input()?, &row.result()?, &line.key);
    let standings = outcome::standings(conn, row.stage_id).await?;
    let mut found = Vec::new();
    for award in awards {
        let own = standings.iter().find(|one| one.number == award.code);
        found.extend(own.map(|own| (own.proposal, award)));
    }
    let ids: Vec<Uuid> = found.iter().map(|(proposal, _)| *proposal).collect();
    let contents = submitted_contents(conn, row.stage_id, &ids).await?;
    let mut all = Vec::new();
    for (proposal, award) in found {
        let content = contents.iter().find(|(one, _)| *one == proposal);
        let content = content.ok_or(StoreError::NotFound)?;
        let content: Content = text::document(content.1.clone())?;
        let shortage = Shortage::of(&content.partners, &line.key, rules);
        all.push((proposal, award.code, award.requested, shortage));
    }
    Ok(all)
}

/// A default; without the partners of proposals in `walled_off`.
pub async fn default_view(
    conn: &mut Conn,
    (row, line): (&SelectionRow, &LineRow),
    default: &DefaultRow,
    rules: &ConsortiumRules,
    walled_off: &[Uuid],
) -> Result<DefaultView, StoreError> {
    let going_on = default.goes_on()?;
    let goes_on = |number: &str| {
        let found = going_on.iter().find(|one| one.proposal == number);
        found.map(|one: &GoingOn| one.how)
    };
    let all = shortages(conn, row, line, rules).await?;
    let projects = all
        .into_iter()
        .map(|(proposal, number, requested, shortage)| {
            let open = !walled_off.contains(&proposal);
            let ways = shortage.broken.into_iter().map(|(how, broken)| WayOn {
                how,
                possible: broken.is_empty(),
                broken,
            });
            DefaultedProject {
                goes_on: goes_on(&number),
                number,
                requested,
                partners: if open { shortage.partners } else { Vec::new() },
                ways: ways.filter(|_| open).collect(),
            }
        })
        .collect();
    Ok(DefaultView {
        selection: row.id,
        organisation: line.key.clone(),
        name: line.name.clone(),
        requested: Amount(line.requested),
        national: Amount(line.national),
        currency: row.input()?.currency,
        reason: default.reason.clone(),
        evidence: default.evidence.clone(),
        recorded_at: default.recorded_at,
        projects,
        next: "Amend the selection because of the default: what goes on stays, and the rest falls out of it. What the \
               funder pledges anew ends the default."
            .to_owned(),
    })
}
