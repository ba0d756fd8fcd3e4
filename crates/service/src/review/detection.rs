//! Looking for conflicts of interest, and what one that stands does at once.

use std::collections::{BTreeMap, BTreeSet};

use ::review::conflict::{
    Conflict, ExpertFacts, Found, Key, ProposalFacts, Settled, Standing, Works, find_among, settle,
};
use ::review::{Certainty, REVIEW, ReviewEvent, ReviewState};
use access::Permit;
use chrono::Datelike;
use serde_json::json;
use store::StoreError;
use store::call::{self as calls, StageRow};
use store::commitment::redress;
use store::outcome;
use store::review::conflict::{self as rows, ConflictRow};
use store::review::expert::{self as experts, ExpertRow};
use store::review::facts::{self, Candidate};
use store::review::named;
use store::review::publication as publications;
use store::review::review::{self as reviews, ReviewRow};
use store::review::wearer;
use store::view::review::after_panel;
use uuid::Uuid;

use super::memory::Memory;
use super::review::together;
use super::{applying, evaluation, rapporteur, walls};
use crate::{Problem, Tx};

/// The conflicts between `experts` and `candidates` of a stage that are not on file yet: certain ones stand, the
/// others wait for a verdict, or follow the one given on the same fact before. `all` are the candidates of the whole
/// stage, whose people all apply; and so does whoever applied with a proposal that ended before, or is not eligible.
pub(super) async fn look(
    tx: &mut Tx,
    stage: &StageRow,
    experts: &[ExpertRow],
    candidates: &[Candidate],
    all: &[Candidate],
) -> Result<Vec<ConflictRow>, Problem> {
    let found = search(tx, stage, experts, candidates, all).await?;
    news(tx, stage, experts, candidates, found).await
}

/// All that the facts show, whether it is on file or not: see [`look`].
pub(super) async fn search(
    tx: &mut Tx,
    stage: &StageRow,
    experts: &[ExpertRow],
    candidates: &[Candidate],
    all: &[Candidate],
) -> Result<Vec<Found>, Problem> {
    let call = calls::find(tx.conn(), stage.call_id).await?;
    let rules = evaluation(&call, stage.number)?.conflicts;
    let now = tx.now().await?;
    let first = now.year() - i32::try_from(rules.years).unwrap_or_default();
    let mut works = publications::of_call(tx.conn(), call.id, first).await?;
    works.extend(publications::joint_proposals(tx.conn(), call.id, first).await?);
    let today = now.date_naive();
    let people = experts.iter().map(|row| row.facts(today));
    let mut people = people.collect::<Result<Vec<ExpertFacts>, StoreError>>()?;
    let mut by_applicants = named::of_call(tx.conn(), call.id).await?;
    let proposals = candidates.iter().map(|one| ProposalFacts {
        named: by_applicants
            .remove(&one.standing.proposal)
            .unwrap_or_default(),
        ..one.facts()
    });
    let proposals: Vec<ProposalFacts> = proposals.collect();
    let mut applicants = facts::applicants(tx.conn(), call.id).await?;
    applicants.extend(all.iter().flat_map(Candidate::people));
    applicants.sort_by(|a, b| (&a.email, &a.name, &a.orcid).cmp(&(&b.email, &b.name, &b.orcid)));
    applicants.dedup();
    // Comparing names of hundreds of people takes a second of a processor, not of the database's thread.
    let compare = move || {
        let works = Works::new(works, &rules, now.year());
        for one in &mut people {
            one.companions = works.companions(&one.person);
        }
        find_among(&people, &proposals, &applicants)
    };
    let mut found = tokio::task::spawn_blocking(compare)
        .await
        .map_err(Problem::internal)?;
    let accounts = wearer::applying(tx.conn(), call.id).await?;
    applying::add(&mut found, &accounts, experts, candidates);
    Ok(found)
}

/// What of `found` is not on file yet, as it goes there: see [`look`].
pub(super) async fn news(
    tx: &mut Tx,
    stage: &StageRow,
    experts: &[ExpertRow],
    candidates: &[Candidate],
    found: Vec<Found>,
) -> Result<Vec<ConflictRow>, Problem> {
    let call = calls::find(tx.conn(), stage.call_id).await?;
    let years = evaluation(&call, stage.number)?.conflicts.years;
    let memory = Memory::of(tx, call.id, experts, years).await?;
    let mut new = Vec::new();
    for one in found {
        let pair = (experts.get(one.expert), candidates.get(one.proposal));
        let (Some(expert), Some(candidate)) = pair else {
            continue;
        };
        let proposal = candidate.standing.proposal;
        if memory.has(expert.id, proposal, &one.conflict) {
            continue;
        }
        let person = expert.person();
        let from = memory.from(expert.id, &Key::of(&person, &one.conflict));
        let settled = settle(&person, vec![one.conflict], memory.verdicts(expert.id));
        let rows = settled.into_iter();
        new.extend(rows.map(|settled| row(expert, proposal, settled, from)));
    }
    Ok(new)
}

fn row(expert: &ExpertRow, proposal: Uuid, settled: Settled, from: Option<Uuid>) -> ConflictRow {
    let Conflict {
        kind,
        evidence,
        about,
    } = settled.conflict;
    ConflictRow {
        id: kernel::id::new(),
        call_id: expert.call_id,
        expert_id: expert.id,
        proposal_id: proposal,
        kind: kind.to_string(),
        about,
        certain: kind.certainty() == Certainty::Certain,
        evidence,
        source: "detected".to_owned(),
        standing: settled.standing == Standing::Stands,
        judged_because: settled.because,
        version: 1,
        taken_back_at: None,
        remembered_from: from,
    }
}

/// The experts between whom and the proposals conflicts are looked for: all who accepted. A chair of the panel reads
/// without having declared anything.
pub(super) fn accepted(experts: &[ExpertRow]) -> Result<Vec<ExpertRow>, StoreError> {
    let mut found = Vec::new();
    for row in experts {
        if row.has_accepted()? {
            found.push(row.clone());
        }
    }
    Ok(found)
}

/// Looks anew once somebody came into a consortium: who came in may be known to those who read the proposal, and as an
/// applicant of the call is kept from all its rivals, too.
pub(crate) async fn look_again(
    tx: &mut Tx,
    permit: &Permit,
    stage: &StageRow,
) -> Result<(), Problem> {
    let known = accepted(&experts::lock_of_call(tx.conn(), stage.call_id).await?)?;
    let all = facts::candidates(tx.conn(), stage.id).await?;
    if !known.is_empty() {
        let new = look(tx, stage, &known, &all, &all).await?;
        put_on_file(tx, permit, &new).await?;
    }
    walls::put_up(tx, permit, &all).await?;
    Ok(())
}

/// Holds the stages that are being evaluated, so that none is ranked before a conflict is on file: whether a released
/// review ends or stays depends on it (`take_effect`), and the frozen reports tell of the reviews that were released then.
/// Everybody locks stage, experts, reviews in this order, so that nobody waits in a circle: who notes conflicts comes here
/// before locking experts. A stage before its deadline has no reviews, and what is ranked stays so, but for what the panel
/// judges anew after redress.
pub(super) async fn hold_stages(tx: &mut Tx, call: Uuid) -> Result<(), Problem> {
    for stage in calls::stages(tx.conn(), call).await? {
        let evaluated = stage.is_locked()? && !after_panel(stage.state()?);
        if evaluated || !redress::judged_anew(tx.conn(), stage.id).await?.is_empty() {
            calls::hold_stage(tx.conn(), stage.id).await?;
        }
    }
    Ok(())
}

/// Writes conflicts; those that stand end the reviews of their pairs at once, and who was to present the proposal to the
/// panel is told of not doing so any more. The caller has held the stage, and locked the experts. Answers how many
/// reviews ended.
pub(super) async fn put_on_file(
    tx: &mut Tx,
    permit: &Permit,
    new: &[ConflictRow],
) -> Result<usize, Problem> {
    let standing: BTreeSet<(Uuid, Uuid)> = new
        .iter()
        .filter(|row| row.standing)
        .map(|row| (row.expert_id, row.proposal_id))
        .collect();
    let presented = rapporteur::presented(tx, &standing).await?;
    rows::insert(tx.conn(), permit, new).await?;
    let call = permit.call().unwrap_or_default();
    rapporteur::tell_since(tx, call, &standing, &presented).await?;
    take_effect(tx, permit, &standing).await
}

/// The reviews of (expert, proposal) pairs, at every stage, locked all at once in the order in which everybody locks
/// reviews. The caller has locked the experts, so that none is added.
pub(super) async fn hold(
    tx: &mut Tx,
    pairs: &BTreeSet<(Uuid, Uuid)>,
) -> Result<Vec<ReviewRow>, Problem> {
    let experts: BTreeSet<Uuid> = pairs.iter().map(|(expert, _)| *expert).collect();
    let experts: Vec<Uuid> = experts.into_iter().collect();
    let assigned = reviews::of_experts(tx.conn(), &experts).await?.into_iter();
    let assigned = assigned.filter(|row| pairs.contains(&(row.expert_id, row.proposal_id)));
    let assigned: Vec<Uuid> = assigned.map(|row| row.id).collect();
    Ok(reviews::lock_all(tx.conn(), &assigned).await?)
}

/// Ends the reviews of (expert, proposal) pairs between which a conflict stands: not yet submitted ones
/// as conflicted, submitted ones as voided. What was released before the panel adopted its results stays: ranking,
/// reports and letters rest on it, and are not changed behind their readers' backs. On what is released after redress nothing
/// rests before the panel has judged the proposal anew. Nor do the applicants learn of the conflict: what they were told of
/// before stays told to them, though it counts no more, and what was held back from them never is. The caller has held the
/// stage, so that it is not ranked between the look at it and the end of the review ([`hold_stages`]).
pub(super) async fn take_effect(
    tx: &mut Tx,
    permit: &Permit,
    pairs: &BTreeSet<(Uuid, Uuid)>,
) -> Result<usize, Problem> {
    let assigned = hold(tx, pairs).await?;
    let (mut over, mut told) = (BTreeMap::new(), BTreeSet::new());
    if let Some(any) = assigned.first() {
        let call = calls::find(tx.conn(), any.call_id).await?;
        for stage in calls::stages(tx.conn(), call.id).await? {
            if after_panel(stage.state()?) {
                let upheld = redress::upheld_at(tx.conn(), stage.id).await?;
                over.insert(stage.id, upheld);
            } else if !together(tx, &call, &stage).await? {
                // Before the first one ends, after which nothing more may be waited for.
                told.insert(stage.id);
            }
        }
    }
    let (mut ended, mut kept) = (Vec::new(), Vec::new());
    let mut released = BTreeSet::new();
    for row in assigned {
        let before = row.state()?;
        if !before.holds_a_place() {
            continue;
        }
        if before == ReviewState::Released {
            if let Some(upheld) = over.get(&row.stage_id) {
                let upheld = upheld.get(&row.proposal_id);
                let anew =
                    upheld.is_some_and(|one| one.waits_for_the_panel && one.hides(row.released_at));
                if !anew {
                    kept.push(row.id);
                    continue;
                }
            }
            released.insert((row.proposal_id, row.stage_id));
        }
        let state = REVIEW.apply(before, ReviewEvent::FindConflict)?;
        let told = before == ReviewState::Released
            && !row.held_back
            && (row.told || told.contains(&row.stage_id));
        reviews::end_by_conflict(tx.conn(), permit, &row, state, told).await?;
        ended.push(json!({ "review": row.id, "state": state }));
    }
    // Who approved a report approved it with the review that is void now.
    for (proposal, stage) in released {
        let standing = outcome::find(tx.conn(), proposal, stage).await?;
        super::summary::reopen_voided(tx, permit, standing.proposal_stage).await?;
    }
    if !ended.is_empty() || !kept.is_empty() {
        let mut detail = json!({ "reviews_ended": ended });
        if !kept.is_empty() {
            detail["reviews_kept"] = json!(kept);
        }
        tx.audit(permit, None, None, detail).await?;
    }
    Ok(ended.len())
}
