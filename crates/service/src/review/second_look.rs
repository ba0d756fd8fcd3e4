//! Looking anew for the conflicts of interest of one expert whose record was corrected.

use std::collections::BTreeSet;

use ::review::Conflict;
use access::Permit;
use store::call as calls;
use store::review::conflict as rows;
use store::review::expert::ExpertRow;
use store::review::facts;
use uuid::Uuid;

use super::{detection, rapporteur};
use crate::{Problem, Tx};

/// What a look over all proposals of a call showed.
#[derive(Default)]
pub(super) struct Seen {
    /// How many conflicts are new.
    pub new: usize,
    /// Proposal, kind and what it rests on, of every conflict that the facts show now.
    facts: BTreeSet<(Uuid, String, String)>,
    /// The proposals that were looked at.
    proposals: BTreeSet<Uuid>,
}

/// Looks for conflicts of an expert, as the record says now, with the proposals of each stage whose deadline has passed. What
/// is found takes effect at once. The caller has locked the experts of the call.
pub(super) async fn look_anew(
    tx: &mut Tx,
    permit: &Permit,
    expert: &ExpertRow,
) -> Result<Seen, Problem> {
    let one = std::slice::from_ref(expert);
    let mut seen = Seen::default();
    for stage in calls::stages(tx.conn(), expert.call_id).await? {
        let all = facts::candidates(tx.conn(), stage.id).await?;
        if all.is_empty() {
            continue;
        }
        let found = detection::search(tx, &stage, one, &all, &all).await?;
        for shown in &found {
            if let Some(candidate) = all.get(shown.proposal) {
                let Conflict { kind, about, .. } = &shown.conflict;
                let (kind, about) = (kind.to_string(), about.clone());
                seen.facts
                    .insert((candidate.standing.proposal, kind, about));
            }
        }
        let searched = all.iter().map(|candidate| candidate.standing.proposal);
        seen.proposals.extend(searched);
        let new = detection::news(tx, &stage, one, &all, found).await?;
        detection::put_on_file(tx, permit, &new).await?;
        seen.new += new.len();
    }
    Ok(seen)
}

/// Takes back the conflicts of an expert that rest on facts alone, which the look did not show any more: the pairs may be
/// assigned again. What somebody declared, noted or judged stays, and so does what is on file of a proposal that was not
/// looked at, as it fell out of the evaluation, or with which who corrects the record has a conflict, too: a colleague
/// takes that back. Reviews that such a conflict ended stay ended, on file as they were; who shall review the proposal
/// again is assigned anew; who was to present it to the panel is told of doing so again. Answers which were taken back.
pub(super) async fn take_back(
    tx: &mut Tx,
    permit: &Permit,
    expert: &ExpertRow,
    seen: &Seen,
) -> Result<Vec<Uuid>, Problem> {
    let walled = rows::walled(tx.conn(), permit.account(), expert.call_id).await?;
    let (mut gone, mut pairs) = (Vec::new(), BTreeSet::new());
    for row in rows::of_expert(tx.conn(), expert.id).await? {
        let looked_at = seen.proposals.contains(&row.proposal_id);
        if row.rests_on_facts_alone() && looked_at && !walled.contains(&row.proposal_id) {
            let fact = (row.proposal_id, row.kind, row.about);
            if !seen.facts.contains(&fact) {
                gone.push(row.id);
                pairs.insert((expert.id, row.proposal_id));
            }
        }
    }
    let presented = rapporteur::presented(tx, &pairs).await?;
    rows::take_back(tx.conn(), permit, expert.id, &gone).await?;
    rapporteur::tell_since(tx, expert.call_id, &pairs, &presented).await?;
    Ok(gone)
}
