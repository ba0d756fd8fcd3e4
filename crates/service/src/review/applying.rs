//! Experts who apply in the call by the account that they log in with, whatever the forms list.

use std::collections::BTreeSet;

use ::review::ConflictKind;
use ::review::conflict::{Conflict, Found};
use store::review::expert::ExpertRow;
use store::review::facts::Candidate;
use store::review::wearer::Applying;

/// Adds the conflicts of experts whose accounts coordinate a proposal of the call, or write a partner's part of one: with
/// that proposal, and, as no applicant of a call judges in it, with all. What was found of the same pair, as the person is
/// listed, too, is not said twice. And as they are kept from all, nobody is asked who else of their name applies.
pub(super) fn add(
    found: &mut Vec<Found>,
    applying: &[Applying],
    experts: &[ExpertRow],
    candidates: &[Candidate],
) {
    let applies = |row: &ExpertRow| {
        let mut accounts = applying.iter().map(|one| one.account);
        accounts.any(|account| row.account_id == Some(account))
    };
    found.retain(|one| {
        one.conflict.kind != ConflictKind::SameName || !experts.get(one.expert).is_some_and(applies)
    });
    let known: BTreeSet<(usize, usize, ConflictKind)> = found
        .iter()
        .map(|one| (one.expert, one.proposal, one.conflict.kind))
        .collect();
    for (expert, row) in experts.iter().enumerate() {
        let own = applying.iter();
        let own: Vec<&Applying> = own
            .filter(|one| row.account_id == Some(one.account))
            .collect();
        if own.is_empty() {
            continue;
        }
        for (proposal, candidate) in candidates.iter().enumerate() {
            let shown = own.iter().flat_map(|one| against(row, one, candidate));
            let new = shown.filter(|conflict| !known.contains(&(expert, proposal, conflict.kind)));
            found.extend(new.map(|conflict| Found {
                expert,
                proposal,
                conflict,
            }));
        }
    }
}

/// What it means for a proposal that an expert applies with `one`.
fn against(expert: &ExpertRow, one: &Applying, candidate: &Candidate) -> Vec<Conflict> {
    let name = &expert.name;
    let mut found = vec![Conflict {
        kind: ConflictKind::Applicant,
        evidence: format!("{name} applies in the call with the account of the expert"),
        about: format!("applies with {}", one.proposal),
    }];
    if one.proposal == candidate.standing.proposal {
        let (about, does) = match one.coordinates {
            true => (candidate.coordinator.key(), "coordinates the proposal"),
            false => (
                expert.person().key(),
                "writes a partner's part of the proposal",
            ),
        };
        found.push(Conflict {
            kind: ConflictKind::PersonListed,
            evidence: format!("{name} {does}"),
            about,
        });
    }
    found
}
