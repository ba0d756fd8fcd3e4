//! Looking for conflicts of interest of those who run a call: secretariat, committee, and funders that also do research.

use std::collections::{BTreeMap, BTreeSet};

use ::review::conflict::{ExpertFacts, Organisation, Person, ProposalFacts, find_among};
use ::review::{Certainty, ConflictKind};
use access::{Permit, Role};
use store::review::expert as experts;
use store::review::facts::Candidate;
use store::review::own_conflict::{self as rows, OwnConflictRow, Wearer};
use uuid::Uuid;

use super::{detection, rapporteur};
use crate::{Problem, Tx};

/// Who runs a call. The panel is looked at as experts, and the observer declares.
const ROLES: [Role; 5] = [
    Role::Secretariat,
    Role::CscRepresentative,
    Role::CscChair,
    Role::ContactPerson,
    Role::Signatory,
];

/// Account, proposal and kind.
type Found = BTreeMap<(Uuid, Uuid, String), String>;

/// Finds who of those that run the call stands in one of the proposals, or speaks for a partner's institution, and puts
/// it on file: from the next request on they see nothing of the proposal. What only hints at an interest is left to
/// people, who declare it or note it. The caller has locked the experts: whoever is one, too, loses the review.
/// Answers how many are new.
pub(super) async fn put_up(
    tx: &mut Tx,
    permit: &Permit,
    candidates: &[Candidate],
) -> Result<usize, Problem> {
    let call = permit.call().unwrap_or_default();
    let wearers = rows::wearers(tx.conn(), call, &ROLES).await?;
    let members: BTreeSet<(Uuid, Uuid)> =
        rows::members(tx.conn(), call).await?.into_iter().collect();
    let mut found = takes_part(&wearers, &members, candidates);
    for (key, evidence) in alike(&wearers, candidates).await? {
        found.entry(key).or_insert(evidence);
    }
    let on_file = rows::on_file(tx.conn(), call).await?;
    found.retain(|key, _| !on_file.contains(key));
    let new: Vec<OwnConflictRow> = found
        .into_iter()
        .map(|((account, proposal, kind), evidence)| OwnConflictRow {
            account_id: account,
            proposal_id: proposal,
            call_id: call,
            kind,
            source: "detected".to_owned(),
            reason: evidence,
        })
        .collect();
    if new.is_empty() {
        return Ok(0);
    }
    let experts = experts::of_call(tx.conn(), call).await?;
    let mut pairs = BTreeSet::new();
    for row in &new {
        let same = experts
            .iter()
            .filter(|expert| expert.account_id == Some(row.account_id));
        pairs.extend(same.map(|expert| (expert.id, row.proposal_id)));
    }
    let lost = rapporteur::about_to_lose(tx, &pairs).await?;
    rows::insert(tx.conn(), permit, &new).await?;
    rapporteur::tell_lost(tx, call, &lost).await?;
    detection::take_effect(tx, permit, &pairs).await?;
    Ok(new.len())
}

/// Who applies by the account: as coordinator, or with a partner's part.
fn takes_part(
    wearers: &[Wearer],
    members: &BTreeSet<(Uuid, Uuid)>,
    candidates: &[Candidate],
) -> Found {
    let mut found = Found::new();
    for one in wearers {
        for candidate in candidates {
            let proposal = candidate.standing.proposal;
            let evidence = if candidate.standing.coordinator == one.account {
                "coordinates the proposal"
            } else if members.contains(&(one.account, proposal)) {
                "writes a partner's part of the proposal"
            } else {
                continue;
            };
            let kind = ConflictKind::PersonListed.to_string();
            let evidence = format!("{} {evidence}", one.name);
            found.insert((one.account, proposal, kind), evidence);
        }
    }
    found
}

/// Who is listed by address, or speaks for a partner's institution, as the search among experts finds it.
async fn alike(wearers: &[Wearer], candidates: &[Candidate]) -> Result<Found, Problem> {
    let people: Vec<ExpertFacts> = wearers.iter().map(facts).collect();
    let proposals: Vec<ProposalFacts> = candidates.iter().map(Candidate::facts).collect();
    // As among experts, this is a processor's work and not the database's.
    let compare = move || find_among(&people, &proposals, &[]);
    let alike = tokio::task::spawn_blocking(compare)
        .await
        .map_err(Problem::internal)?;
    let mut found = Found::new();
    for one in alike {
        let kind = one.conflict.kind;
        let pair = (wearers.get(one.expert), candidates.get(one.proposal));
        let (Some(wearer), Some(candidate)) = pair else {
            continue;
        };
        if kind.certainty() == Certainty::Certain {
            let key = (
                wearer.account,
                candidate.standing.proposal,
                kind.to_string(),
            );
            found.entry(key).or_insert(one.conflict.evidence);
        }
    }
    Ok(found)
}

/// An address that is not confirmed is anybody's, and says nothing.
fn facts(wearer: &Wearer) -> ExpertFacts {
    let organisations = wearer.organisations.iter().map(|name| Organisation {
        name: name.clone(),
        ..Organisation::default()
    });
    ExpertFacts {
        person: Person {
            name: wearer.name.clone(),
            email: wearer.email.clone(),
            orcid: None,
        },
        organisations: organisations.collect(),
        companions: Vec::new(),
    }
}
