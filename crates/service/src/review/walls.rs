//! Looking for conflicts of interest of those who run a call: secretariat, committee, and funders that also do research.

use std::collections::{BTreeMap, BTreeSet};

use ::review::conflict::{ExpertFacts, ProposalFacts, find_among};
use ::review::{Certainty, ConflictKind};
use access::{Permit, Role};
use store::review::expert as experts;
use store::review::facts::Candidate;
use store::review::own_conflict::{self as rows, OwnConflictRow};
use store::review::wearer::{self, Applying, Wearer};
use uuid::Uuid;

use super::{detection, rapporteur};
use crate::{Problem, Tx};

/// Who runs a call. The observer declares.
const ROLES: [Role; 5] = [
    Role::Secretariat,
    Role::CscRepresentative,
    Role::CscChair,
    Role::ContactPerson,
    Role::Signatory,
];

/// Who sits on the panel: experts of the call are looked at as such, and a chair need not be one.
const SEATS: [Role; 2] = [Role::PanelChair, Role::PanelMember];

/// Account, proposal, kind and what it rests on, with the evidence.
type Found = BTreeMap<(Uuid, Uuid, String, String), String>;

/// Finds who of those that run the call stands in one of the proposals, or speaks for a partner's institution, and puts
/// it on file: from the next request on they see nothing of the proposal, and who applies in the call nothing of its
/// rivals. What only hints at an interest is left to people, who declare it or note it. The caller has locked the
/// experts: whoever is one, too, loses the review. Answers how many are new.
pub(super) async fn put_up(
    tx: &mut Tx,
    permit: &Permit,
    candidates: &[Candidate],
) -> Result<usize, Problem> {
    let call = permit.call().unwrap_or_default();
    let wearers = wearers(tx, call).await?;
    let applying = wearer::applying(tx.conn(), call).await?;
    let mut found = applies(&wearers, &applying, candidates);
    let certain: BTreeSet<_> = found.keys().cloned().collect();
    for (key, evidence) in alike(&wearers, candidates).await? {
        found.entry(key).or_insert(evidence);
    }
    // What was dismissed is on file, too, and does not come back, but where the account itself applies by now.
    let on_file = rows::on_file(tx.conn(), call).await?;
    found.retain(|key, _| match on_file.get(key) {
        None => true,
        Some(standing) => !standing && certain.contains(key),
    });
    let new: Vec<OwnConflictRow> = found
        .into_iter()
        .map(
            |((account, proposal, kind, about), evidence)| OwnConflictRow {
                id: kernel::id::new(),
                account_id: account,
                proposal_id: proposal,
                call_id: call,
                kind,
                about,
                source: "detected".to_owned(),
                reason: evidence,
                standing: true,
                judged_because: None,
                version: 1,
            },
        )
        .collect();
    if new.is_empty() {
        return Ok(0);
    }
    let pairs = pairs(tx, call, &new).await?;
    let presented = rapporteur::presented(tx, &pairs).await?;
    for row in &new {
        rows::enter(tx.conn(), permit, row).await?;
    }
    rapporteur::tell_since(tx, call, &pairs, &presented).await?;
    detection::take_effect(tx, permit, &pairs).await?;
    Ok(new.len())
}

/// Who runs a call, and who sits on its panel by a role alone.
async fn wearers(tx: &mut Tx, call: Uuid) -> Result<Vec<Wearer>, Problem> {
    let mut found = wearer::wearers(tx.conn(), call, &ROLES).await?;
    let experts = detection::accepted(&experts::of_call(tx.conn(), call).await?)?;
    for one in wearer::wearers(tx.conn(), call, &SEATS).await? {
        let mut accounts = experts.iter().map(|expert| expert.account_id);
        let is_expert = accounts.any(|account| account == Some(one.account));
        if !is_expert && found.iter().all(|known| known.account != one.account) {
            found.push(one);
        }
    }
    Ok(found)
}

/// Those who are experts of the call, too, with the proposals they are kept from. The caller has locked the experts.
pub(super) async fn pairs(
    tx: &mut Tx,
    call: Uuid,
    standing: &[OwnConflictRow],
) -> Result<BTreeSet<(Uuid, Uuid)>, Problem> {
    let experts = experts::of_call(tx.conn(), call).await?;
    let mut pairs = BTreeSet::new();
    for row in standing {
        let same = experts
            .iter()
            .filter(|expert| expert.account_id == Some(row.account_id));
        pairs.extend(same.map(|expert| (expert.id, row.proposal_id)));
    }
    Ok(pairs)
}

/// Who applies by the account, as coordinator or with a partner's part: to be kept from the own proposal, and as no
/// applicant of a call judges in it, from its rivals. Of whom others list that is not taken as said: what somebody
/// writes in a form does not lock the secretariat out of a whole call.
fn applies(wearers: &[Wearer], applying: &[Applying], candidates: &[Candidate]) -> Found {
    let mut found = Found::new();
    for one in wearers {
        let own = || applying.iter().filter(|own| own.account == one.account);
        let name = &one.person.name;
        for candidate in candidates {
            let proposal = candidate.standing.proposal;
            let mut note = |kind: ConflictKind, about: String, evidence: &str| {
                let key = (one.account, proposal, kind.to_string(), about);
                found.entry(key).or_insert(format!("{name} {evidence}"));
            };
            if let Some(part) = own().find(|part| part.proposal == proposal) {
                // Who is listed, too, is found once.
                let (about, evidence) = if part.coordinates {
                    (candidate.coordinator.key(), "coordinates the proposal")
                } else {
                    (one.person.key(), "writes a partner's part of the proposal")
                };
                note(ConflictKind::PersonListed, about, evidence);
                continue;
            }
            for other in own() {
                let about = format!("applies with {}", other.proposal);
                let evidence = "applies in the call with another proposal";
                note(ConflictKind::Applicant, about, evidence);
            }
        }
    }
    found
}

/// Who is listed by address or ORCID iD, or speaks for a partner's institution, as the search among experts finds it.
async fn alike(wearers: &[Wearer], candidates: &[Candidate]) -> Result<Found, Problem> {
    let people: Vec<ExpertFacts> = wearers.iter().map(Wearer::facts).collect();
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
                one.conflict.about,
            );
            found.insert(key, one.conflict.evidence);
        }
    }
    Ok(found)
}
