//! A call's set-up as its file has it.

use ::call::{
    Calendar, CallFile, ItemShare, Mapping, Participation, Percent, StageDates, equal_shares,
};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::Amount;
use serde_json::Value;
use uuid::Uuid;

use super::call::{MappedItem, call_view};
use crate::call::CallRow;
use crate::schema::{organisation, participation};
use crate::{Conn, StoreError, text};

/// The call's file; with commitments for those who may read them.
pub async fn call_file(
    conn: &mut Conn,
    row: &CallRow,
    with_commitments: bool,
) -> Result<CallFile, StoreError> {
    let view = call_view(conn, row, false).await?;
    // A file has no room for what of a commitment is for each topic.
    let with_commitments = with_commitments && view.rules.funded_topics().is_empty();
    let total = |count: Option<i32>| count.and_then(|count| u32::try_from(count).ok());
    Ok(CallFile {
        code: view.code,
        title: view.title,
        topic: view.topic,
        year: view.year,
        budget: view.budget,
        funders_total: total(view.funders_total),
        countries_total: total(view.countries_total),
        serves: mappings(&view.action_items),
        doubts: view.doubts,
        calendar: Calendar {
            stages: view
                .stages
                .into_iter()
                .map(|stage| StageDates {
                    opens_at: stage.opens_at,
                    deadline: stage.deadline,
                })
                .collect(),
            milestones: view.milestones,
        },
        rules: view.rules,
        funders: participations(conn, row.id, with_commitments).await?,
    })
}

/// One mapping for each agenda; equal shares are left out.
fn mappings(items: &[MappedItem]) -> Vec<Mapping> {
    items
        .chunk_by(|one, next| one.agenda == next.agenda)
        .map(|of_agenda| {
            let equal = equal_shares(of_agenda.len());
            let given = of_agenda.iter().map(|item| item.share).ne(equal);
            let items = of_agenda.iter().map(|item| ItemShare {
                item: item.number.clone(),
                share: given.then_some(Percent(item.share)),
            });
            Mapping {
                agenda: of_agenda[0].agenda.clone(),
                items: items.collect(),
            }
        })
        .collect()
}

/// The funders in the order in which they joined.
async fn participations(
    conn: &mut Conn,
    call_id: Uuid,
    with_commitments: bool,
) -> Result<Vec<Participation>, StoreError> {
    let rows: Vec<(String, i64, Option<NaiveDate>, Value)> = participation::table
        .inner_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .filter(participation::call_id.eq(call_id))
        .filter(participation::left_at.is_null())
        .order(participation::id)
        .select((
            organisation::key,
            participation::commitment,
            participation::joined,
            participation::terms,
        ))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(organisation, commitment, joined, terms)| {
            let shown = with_commitments && commitment > 0;
            Ok(Participation {
                organisation,
                commitment: shown.then_some(Amount(commitment)),
                joined,
                terms: text::document(terms)?,
            })
        })
        .collect()
}
