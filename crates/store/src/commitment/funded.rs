//! The projects that final selections fund.

use std::collections::{BTreeMap, BTreeSet};

use ::commitment::{Award, Selection, SelectionInput, SelectionState, awards};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::RunQueryDsl;
use intake::ProposalState;
use serde_json::Value;
use uuid::Uuid;

use crate::schema::sealed::{outcome, selection};
use crate::schema::{partner, proposal, proposal_stage, submission};
use crate::{Conn, StoreError, text};

/// A proposal that the final selection of its call funds, and that was not withdrawn since.
#[derive(Debug, Clone)]
pub struct Funded {
    /// The call.
    pub call: Uuid,
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    pub number: String,
    /// Acronym.
    pub acronym: String,
    /// Title.
    pub title: String,
    /// Countries of all partners.
    pub countries: BTreeSet<String>,
    /// What each funder pays for it, by the funders' keys: what makes up the funders' accepted lines.
    pub awards: BTreeMap<String, Award>,
}

type Row = (Uuid, Uuid, Uuid, String, Option<String>, Option<String>);

/// What the final selections of these calls fund, by number; with `told` only what letters have told.
pub async fn funded(
    conn: &mut Conn,
    calls: &[Uuid],
    told: bool,
) -> Result<Vec<Funded>, StoreError> {
    let decided: Vec<(Uuid, Uuid, Value, Value)> = selection::table
        .filter(selection::call_id.eq_any(calls))
        .filter(selection::state.eq(SelectionState::Final.to_string()))
        .select((
            selection::call_id,
            selection::stage_id,
            selection::input,
            selection::result,
        ))
        .load(conn)
        .await?;
    let stages: Vec<Uuid> = decided.iter().map(|(_, stage, ..)| *stage).collect();
    let rows = selected(conn, &stages, told).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let partners: Vec<(Uuid, Option<String>)> = partner::table
        .filter(partner::proposal_stage_id.eq_any(ids))
        .filter(partner::gone_by.is_null())
        .select((partner::proposal_stage_id, partner::country))
        .load(conn)
        .await?;
    let mut paid: BTreeMap<Uuid, Vec<(String, Award)>> = BTreeMap::new();
    for (call, _, input, result) in decided {
        let input: SelectionInput = text::document(input)?;
        let result: Selection = text::document(result)?;
        let of_call = paid.entry(call).or_default();
        for funder in &input.funders {
            let own = awards(&input, &result, &funder.code).into_iter();
            of_call.extend(own.map(|award| (funder.code.clone(), award)));
        }
    }
    let funded = rows
        .into_iter()
        .map(|(row, call, proposal, number, acronym, title)| {
            let awards = paid.get(&call).into_iter().flatten();
            let awards = awards.filter(|(_, award)| award.code == number);
            let own = partners.iter().filter(|(of, _)| *of == row);
            Funded {
                call,
                proposal,
                acronym: acronym.unwrap_or_default(),
                title: title.unwrap_or_default(),
                countries: own.filter_map(|(_, country)| country.clone()).collect(),
                awards: awards.cloned().collect(),
                number,
            }
        });
    Ok(funded.collect())
}

async fn selected(conn: &mut Conn, stages: &[Uuid], told: bool) -> Result<Vec<Row>, StoreError> {
    let submitted = submission::proposal_stage_id
        .eq(proposal_stage::id)
        .and(submission::number.eq(proposal_stage::submitted));
    let selected = ProposalState::Selected.to_string();
    let mut query = proposal_stage::table
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .inner_join(outcome::table.on(outcome::proposal_stage_id.eq(proposal_stage::id)))
        .left_join(submission::table.on(submitted))
        .filter(proposal_stage::stage_id.eq_any(stages))
        .filter(proposal_stage::state.eq(ProposalState::Locked.to_string()))
        .order((proposal_stage::call_id, proposal::number))
        .select((
            proposal_stage::id,
            proposal_stage::call_id,
            proposal::id,
            proposal::number,
            diesel::dsl::sql::<Nullable<Text>>("submission.content->>'acronym'"),
            diesel::dsl::sql::<Nullable<Text>>("submission.content->>'title'"),
        ))
        .into_boxed();
    query = match told {
        true => query.filter(outcome::released_state.eq(selected)),
        false => query.filter(outcome::state.eq(selected)),
    };
    Ok(query.load(conn).await?)
}
