//! Proposals on their way out: what lists and views show of them, in larger pieces.

use ::call::ConsortiumRules;
use ::intake::exchange::Exported;
use ::intake::{ProposalState, Ruling};
use uuid::Uuid;

use super::change::change_rows;
use super::eligibility::{EligibilityView, PartnerEligibility, eligibilities};
use super::gate::{Depth, Seen, Viewer};
use super::list::{ListFilter, filtered};
use super::proposal::{ProposalView, contents, stage_view};
use crate::call::CallRow;
use crate::intake::changed_partners;
use crate::{Conn, StoreError};

/// A proposal that goes out; what it says is read when its turn comes.
#[derive(Debug, Clone)]
pub struct Outgoing {
    row: Seen,
    /// Where it stands, as far as the viewer may know.
    state: ProposalState,
}

impl Outgoing {
    /// The proposal.
    pub fn proposal(&self) -> Uuid {
        self.row.proposal
    }

    /// Its number in the call.
    pub fn number(&self) -> &str {
        &self.row.number
    }
}

/// Which proposals of a call go out: of those that the filter lets through, what is on record. The viewer's own are
/// read by themselves.
pub async fn outgoing(
    conn: &mut Conn,
    viewer: &Viewer,
    call: Uuid,
    filter: &ListFilter,
) -> Result<Vec<Outgoing>, StoreError> {
    let listed = filtered(conn, viewer, call, filter).await?;
    let others = listed.into_iter().filter(|one| !one.row.own());
    let outgoing = others.map(|one| Outgoing {
        state: one.state,
        row: one.row,
    });
    Ok(outgoing.collect())
}

/// The proposals as their pages show them, each in the one stage.
pub async fn outgoing_views(
    conn: &mut Conn,
    depth: Depth,
    call: &CallRow,
    some: &[Outgoing],
) -> Result<Vec<ProposalView>, StoreError> {
    let rows: Vec<Seen> = some.iter().map(|one| one.row.clone()).collect();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut contents = contents(conn, &rows).await?;
    let mut changes = change_rows(conn, &ids).await?;
    let view = |row: &Seen| {
        let content = contents.remove(&row.id).unwrap_or_default();
        let changed = changes.remove(&row.id).unwrap_or_default();
        let stage = stage_view(row, depth, content, changed)?;
        Ok(ProposalView {
            id: row.proposal,
            number: row.number.clone(),
            call: call.id,
            call_code: call.code.clone(),
            rehearsal: call.rehearsal,
            stages: vec![stage],
        })
    };
    rows.iter().map(view).collect()
}

/// The proposals with their verdicts, for tables: a consortium that was changed as it is now, which is what the
/// verdicts are on.
pub async fn exported(
    conn: &mut Conn,
    rules: &ConsortiumRules,
    some: &[Outgoing],
) -> Result<Vec<Exported>, StoreError> {
    let rows: Vec<Seen> = some.iter().map(|one| one.row.clone()).collect();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut contents = contents(conn, &rows).await?;
    let mut changed = changed_partners(conn, &ids).await?;
    let verdicts = eligibilities(conn, rules, &ids).await?;
    let whole = |one: &Outgoing| {
        let mut content = contents.remove(&one.row.id).unwrap_or_default();
        if let Some(partners) = changed.remove(&one.row.id) {
            content.partners = partners;
        }
        let judged = verdicts
            .iter()
            .find(|view| view.proposal == one.row.proposal);
        Exported {
            number: one.row.number.clone(),
            stage: one.row.stage().number,
            state: one.state,
            submitted_version: one.row.submitted,
            content,
            formal: judged
                .map(|view| (view.formal.verdict, view.formal.reason.clone()))
                .unwrap_or((::intake::FormalVerdict::Open, String::new())),
            verdicts: judged.map(told).unwrap_or_default(),
        }
    };
    Ok(some.iter().map(whole).collect())
}

fn told(view: &EligibilityView) -> Vec<(Uuid, Ruling)> {
    let ruling = |one: &PartnerEligibility| Ruling {
        verdict: one.verdict,
        fundable: one.fundable,
        rule: one.rule.clone().unwrap_or_default(),
        reason: one.reason.clone().unwrap_or_default(),
    };
    let verdicts = view.partners.iter();
    verdicts.map(|one| (one.partner, ruling(one))).collect()
}
