//! What people decided on possible conflicts, kept so that a false alarm does not come back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::identity::Known;
use super::{Certainty, Conflict, ConflictKind, Person};

/// What a verdict is on: which kind of conflict, of whom, resting on what. It stays the same when the
/// search is repeated, at the next stage and in another call, while the facts are the same; a new
/// publication, partner or department is another key, and asks again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The kind.
    pub kind: ConflictKind,
    /// The expert: e-mail address, else ORCID iD, else name, as they are compared.
    pub who: String,
    /// What the conflict rests on, as [`Conflict::about`] names it.
    pub what: String,
}

impl Key {
    /// The key of a conflict of an expert.
    pub fn of(expert: &Person, conflict: &Conflict) -> Self {
        Self {
            kind: conflict.kind,
            who: Known::of(expert).key(),
            what: conflict.about.clone(),
        }
    }
}

/// What somebody decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether it keeps the expert from the proposal.
    pub stands: bool,
    /// Why.
    pub because: String,
}

/// What somebody decided on a fact in another call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The fact.
    pub key: Key,
    /// Whether it was upheld.
    pub stands: bool,
    /// The conflict that was decided on.
    pub conflict: Uuid,
}

/// The facts that were judged to be no conflict wherever they were judged, each with the first conflict given on which it
/// was. What was upheld anywhere is asked again: another call does not take a conflict for granted, and no false alarm
/// either.
pub fn false_alarms(past: &[Past]) -> BTreeMap<Key, Uuid> {
    let mut found = BTreeMap::new();
    for one in past {
        found.entry(one.key.clone()).or_insert(one.conflict);
    }
    for upheld in past.iter().filter(|one| one.stands) {
        found.remove(&upheld.key);
    }
    found
}

/// What a conflict does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It keeps the expert from everything about the proposal.
    Stands,
    /// A person has to decide; until then the expert is not assigned.
    Waits,
    /// Somebody decided that it is none.
    Dismissed,
}

impl Standing {
    /// Whether the expert may not be assigned.
    pub fn forbids(self) -> bool {
        self != Standing::Dismissed
    }
}

/// A conflict with what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The conflict.
    pub conflict: Conflict,
    /// What it does.
    pub standing: Standing,
    /// Why, where somebody decided.
    pub because: Option<String>,
}

/// What conflicts of an expert do, given everything decided before. Certain ones stand whatever was
/// decided; possible ones follow their verdict, and wait where there is none.
pub fn settle(
    expert: &Person,
    conflicts: Vec<Conflict>,
    decided: &BTreeMap<Key, Verdict>,
) -> Vec<Settled> {
    conflicts
        .into_iter()
        .map(|conflict| {
            let verdict = decided.get(&Key::of(expert, &conflict));
            let verdict = verdict.filter(|_| conflict.kind.certainty() == Certainty::Possible);
            let standing = match (conflict.kind.certainty(), verdict) {
                (Certainty::Certain, _) => Standing::Stands,
                (Certainty::Possible, None) => Standing::Waits,
                (Certainty::Possible, Some(verdict)) if verdict.stands => Standing::Stands,
                (Certainty::Possible, Some(_)) => Standing::Dismissed,
            };
            Settled {
                conflict,
                standing,
                because: verdict.map(|verdict| verdict.because.clone()),
            }
        })
        .collect()
}
