//! Proposals as a list: filtered, sorted, and cut into pages, over nothing but what the viewer sees.

use std::collections::{HashMap, HashSet};

use ::intake::search::{Search, folded};
use ::intake::{Content, PartnerVerdict, ProposalState};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Jsonb;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::gate::{Seen, Viewer, seen};
use super::proposal::by_source;
use crate::schema::{
    draft, eligibility, organisation, participation, partner, proposal_stage, submission,
};
use crate::{Conn, StoreError, text};

/// A proposal in a list, as it stands in the last stage that the viewer may see, or in the one asked for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposalSummary {
    /// Its id.
    pub id: Uuid,
    /// Its number in the call.
    #[schema(example = "JTC2026-001")]
    pub number: String,
    /// The stage, 1 or 2.
    pub stage: i32,
    /// Where it stands, as far as you may know.
    pub state: ProposalState,
    /// The submitted version that counts; none when it was never submitted.
    pub submitted_version: Option<i32>,
    /// What it is called where it was submitted, for one that came in from elsewhere.
    pub imported_as: Option<String>,
    /// Short name.
    pub acronym: String,
    /// Title.
    pub title: String,
}

/// What proposals are ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// The order in which they were begun, which is that of their numbers.
    #[default]
    Number,
    /// Their acronyms.
    Acronym,
    /// Their titles.
    Title,
    /// Where they stand.
    State,
}

/// Which proposals a list holds, and in which order.
#[derive(Debug, Clone, Default)]
pub struct ListFilter {
    /// As they stand in this stage; else in the last one that the viewer may see.
    pub stage: Option<i32>,
    /// Only those in this state, as the viewer sees it.
    pub state: Option<ProposalState>,
    /// Only those that ask this funder, by what was submitted and by the changes to the consortium since.
    pub funder: Option<String>,
    /// Only those that have a partner with this verdict. It is for those who read all verdicts to ask, and finds
    /// none of their own proposals.
    pub verdict: Option<PartnerVerdict>,
    /// Only those that are looked for, where something is.
    pub search: Option<Search>,
    /// The order.
    pub sort: Sort,
    /// The other way round.
    pub descending: bool,
}

/// A proposal that the viewer sees, with what it is ordered by.
pub(super) struct Listed {
    pub(super) row: Seen,
    pub(super) state: ProposalState,
    /// What it says, where the filter asks for that.
    head: Content,
    key: Key,
}

type Key = (String, Uuid);

/// A page of the proposals that the viewer may see, after the proposal `after`; nothing when that is none of them.
pub async fn summaries(
    conn: &mut Conn,
    viewer: &Viewer,
    call: Uuid,
    filter: &ListFilter,
    after: Option<Uuid>,
    limit: usize,
) -> Result<Option<Vec<ProposalSummary>>, StoreError> {
    let all = visible(conn, viewer, call, filter).await?;
    let place = match after.map(|id| filter.place(&all, id)) {
        Some(None) => return Ok(None),
        Some(place) => place,
        None => None,
    };
    let mut page = passing(conn, call, filter, all).await?;
    page.retain(|one| match &place {
        Some(place) if filter.descending => one.key < *place,
        Some(place) => one.key > *place,
        None => true,
    });
    page.truncate(limit);
    if filter.reads_nothing() {
        let rows: Vec<Seen> = page.iter().map(|one| one.row.clone()).collect();
        let mut heads = heads(conn, &rows).await?;
        for one in &mut page {
            one.head = heads.remove(&one.row.id).unwrap_or_default();
        }
    }
    Ok(Some(page.into_iter().map(summary).collect()))
}

/// All that the filter lets through, in its order.
pub(super) async fn filtered(
    conn: &mut Conn,
    viewer: &Viewer,
    call: Uuid,
    filter: &ListFilter,
) -> Result<Vec<Listed>, StoreError> {
    let all = visible(conn, viewer, call, filter).await?;
    passing(conn, call, filter, all).await
}

/// What is on record of a stage and not withdrawn, beside the viewer's own: number and head of each.
pub async fn on_record(
    conn: &mut Conn,
    viewer: &Viewer,
    call: Uuid,
    stage: i32,
) -> Result<Vec<(Uuid, String, Content)>, StoreError> {
    let mut rows = seen(conn, viewer, call, None).await?;
    rows.retain(|row| row.stage().number == stage && !row.own() && !row.withdrawn());
    let mut heads = heads(conn, &rows).await?;
    let with_head = |row: Seen| {
        let content = heads.remove(&row.id).unwrap_or_default();
        (row.proposal, row.number, content)
    };
    Ok(rows.into_iter().map(with_head).collect())
}

/// Every proposal that the viewer sees, in the stage that the filter names or in the last one.
async fn visible(
    conn: &mut Conn,
    viewer: &Viewer,
    call: Uuid,
    filter: &ListFilter,
) -> Result<Vec<Listed>, StoreError> {
    let all = seen(conn, viewer, call, None).await?;
    let wanted = |row: &&Seen| filter.stage.is_none_or(|stage| row.stage().number == stage);
    let rows: Vec<Seen> = all
        .chunk_by(|a, b| a.proposal == b.proposal)
        .filter_map(|of_one| of_one.iter().rev().find(wanted).cloned())
        .collect();
    let mut heads = match filter.reads_nothing() {
        true => HashMap::new(),
        false => heads(conn, &rows).await?,
    };
    rows.into_iter()
        .map(|row| {
            let head = heads.remove(&row.id).unwrap_or_default();
            let state = row.state(viewer.depth)?;
            let key = (filter.word(state, &head), row.proposal);
            Ok(Listed {
                row,
                state,
                head,
                key,
            })
        })
        .collect()
}

/// Those of them that the filter lets through, in its order.
async fn passing(
    conn: &mut Conn,
    call: Uuid,
    filter: &ListFilter,
    mut all: Vec<Listed>,
) -> Result<Vec<Listed>, StoreError> {
    if let Some(state) = filter.state {
        all.retain(|one| one.state == state);
    }
    if let Some(key) = &filter.funder {
        let asking = asking(conn, call, key).await?;
        all.retain(|one| asking.contains(&one.row.id));
    }
    if let Some(verdict) = filter.verdict {
        let judged = judged(conn, call, verdict).await?;
        all.retain(|one| judged.contains(&one.row.id) && !one.row.own());
    }
    if let Some(search) = &filter.search {
        all.retain(|one| search.finds(&one.row.number, &one.head));
    }
    all.sort_by(|one, other| one.key.cmp(&other.key));
    if filter.descending {
        all.reverse();
    }
    Ok(all)
}

impl ListFilter {
    /// Whether it can be followed without what the proposals say.
    fn reads_nothing(&self) -> bool {
        self.search.is_none() && matches!(self.sort, Sort::Number | Sort::State)
    }

    /// What a proposal is ordered by, before the order in which they were begun.
    fn word(&self, state: ProposalState, head: &Content) -> String {
        match self.sort {
            Sort::Number => String::new(),
            Sort::Acronym => folded(&head.acronym),
            Sort::Title => folded(&head.title),
            Sort::State => state.to_string(),
        }
    }

    /// Where a proposal stands in the order. By number it has a place though the viewer sees it no more.
    fn place(&self, all: &[Listed], id: Uuid) -> Option<Key> {
        if self.sort == Sort::Number {
            return Some((String::new(), id));
        }
        let found = all.iter().find(|one| one.row.proposal == id);
        found.map(|one| one.key.clone())
    }
}

fn summary(one: Listed) -> ProposalSummary {
    ProposalSummary {
        id: one.row.proposal,
        stage: one.row.stage().number,
        state: one.state,
        submitted_version: (one.row.submitted > 0).then_some(one.row.submitted),
        number: one.row.number,
        imported_as: one.row.imported_as,
        acronym: one.head.acronym,
        title: one.head.title,
    }
}

async fn asking(conn: &mut Conn, call: Uuid, key: &str) -> Result<HashSet<Uuid>, StoreError> {
    Ok(partner::table
        .inner_join(
            participation::table.on(participation::id.nullable().eq(partner::participation_id)),
        )
        .inner_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .filter(partner::call_id.eq(call))
        .filter(partner::gone_by.is_null())
        .filter(organisation::key.eq(key))
        .select(partner::proposal_stage_id)
        .load(conn)
        .await?
        .into_iter()
        .collect())
}

async fn judged(
    conn: &mut Conn,
    call: Uuid,
    verdict: PartnerVerdict,
) -> Result<HashSet<Uuid>, StoreError> {
    Ok(eligibility::table
        .inner_join(partner::table.on(partner::id.eq(eligibility::partner_row_id)))
        .filter(partner::gone_by.is_null())
        .filter(eligibility::call_id.eq(call))
        .filter(eligibility::state.eq(verdict.to_string()))
        .select(eligibility::proposal_stage_id)
        .load(conn)
        .await?
        .into_iter()
        .collect())
}

/// What is searched and shown in lists of what each says: not its texts, which make nearly all of its bytes.
pub(super) async fn heads(
    conn: &mut Conn,
    rows: &[Seen],
) -> Result<HashMap<Uuid, Content>, StoreError> {
    let (drafts, versions) = by_source(rows);
    let mut found: Vec<(Uuid, Value)> = draft::table
        .filter(draft::proposal_stage_id.eq_any(drafts))
        .select((
            draft::proposal_stage_id,
            sql::<Jsonb>("draft.content - array['texts', 'abstract', 'annexes']"),
        ))
        .load(conn)
        .await?;
    let submitted: Vec<(Uuid, Value)> = submission::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id
                .eq(submission::proposal_stage_id)
                .and(proposal_stage::submitted.eq(submission::number))),
        )
        .filter(proposal_stage::id.eq_any(versions))
        .select((
            proposal_stage::id,
            sql::<Jsonb>("submission.content - array['texts', 'abstract', 'annexes']"),
        ))
        .load(conn)
        .await?;
    found.extend(submitted);
    found
        .into_iter()
        .map(|(id, content)| Ok((id, text::document(content)?)))
        .collect()
}
