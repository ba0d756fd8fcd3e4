//! What was found of conflicts of interest before, and what people decided on it: in the call, and in others.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use ::review::conflict::{Conflict, Key, Past, Person, Verdict, false_alarms};
use chrono::Months;
use store::review::conflict as rows;
use store::review::expert::ExpertRow;
use store::review::remembered;
use uuid::Uuid;

use crate::{Problem, Tx};

/// Why a conflict is judged not to be one by a verdict of another call. What was said there stays there, and so does in
/// which call it was, but for the secretariat.
const REMEMBERED: &str =
    "The same fact was judged not to be a conflict of interest of this person in another call.";

/// What was found before in a call, and what people decided on it.
pub(super) struct Memory {
    on_file: BTreeSet<(Uuid, Uuid, String, String)>,
    verdicts: BTreeMap<Uuid, BTreeMap<Key, Verdict>>,
    /// Of the verdicts that are those of other calls, the conflict they were given on.
    from: BTreeMap<(Uuid, Key), Uuid>,
}

/// Of somebody on whom nothing was decided.
static NONE: BTreeMap<Key, Verdict> = BTreeMap::new();

impl Memory {
    /// What is known of the experts of a call. That a fact is no conflict is remembered from other calls for as many years as
    /// the call looks back for joint work; a verdict of the call itself goes before it.
    pub async fn of(
        tx: &mut Tx,
        call: Uuid,
        experts: &[ExpertRow],
        years: u32,
    ) -> Result<Memory, Problem> {
        let on_file = rows::of_call(tx.conn(), call).await?;
        let persons: BTreeMap<Uuid, Person> =
            experts.iter().map(|row| (row.id, row.person())).collect();
        let mut verdicts: BTreeMap<Uuid, BTreeMap<Key, Verdict>> = BTreeMap::new();
        for row in &on_file {
            // One that is remembered is followed from where it was given, and no longer than that.
            let verdict = row.verdict().filter(|_| row.remembered_from.is_none());
            let (Some(person), Some(verdict)) = (persons.get(&row.expert_id), verdict) else {
                continue;
            };
            let known = verdicts.entry(row.expert_id).or_default();
            let key = Key::of(person, &row.found()?);
            // Where two proposals had the same fact judged otherwise, the stricter verdict is followed.
            if verdict.stands || !known.contains_key(&key) {
                known.insert(key, verdict);
            }
        }
        let on_file = on_file.into_iter().filter(|row| !row.is_taken_back());
        let on_file = on_file.map(|row| (row.expert_id, row.proposal_id, row.kind, row.about));
        let mut memory = Memory {
            on_file: on_file.collect(),
            verdicts,
            from: BTreeMap::new(),
        };
        memory.remember(tx, &persons, years).await?;
        Ok(memory)
    }

    async fn remember(
        &mut self,
        tx: &mut Tx,
        persons: &BTreeMap<Uuid, Person>,
        years: u32,
    ) -> Result<(), Problem> {
        let now = tx.now().await?;
        let back = Months::new(years.saturating_mul(12));
        let since = now.checked_sub_months(back).unwrap_or(now);
        let ids: Vec<Uuid> = persons.keys().copied().collect();
        let mut past: BTreeMap<Uuid, Vec<Past>> = BTreeMap::new();
        for one in remembered::elsewhere(tx.conn(), &ids, since).await? {
            if let Some(person) = persons.get(&one.expert) {
                past.entry(one.expert).or_default().push(Past {
                    key: Key::of(person, &one.found()?),
                    stands: one.stands,
                    conflict: one.conflict,
                });
            }
        }
        for (expert, past) in past {
            let known = self.verdicts.entry(expert).or_default();
            for (key, conflict) in false_alarms(&past) {
                if let Entry::Vacant(free) = known.entry(key.clone()) {
                    free.insert(Verdict {
                        stands: false,
                        because: REMEMBERED.to_owned(),
                    });
                    self.from.insert((expert, key), conflict);
                }
            }
        }
        Ok(())
    }

    /// Whether the conflict is on file.
    pub fn has(&self, expert: Uuid, proposal: Uuid, conflict: &Conflict) -> bool {
        let (kind, about) = (conflict.kind.to_string(), conflict.about.clone());
        self.on_file.contains(&(expert, proposal, kind, about))
    }

    /// What was decided on facts of an expert.
    pub fn verdicts(&self, expert: Uuid) -> &BTreeMap<Key, Verdict> {
        self.verdicts.get(&expert).unwrap_or(&NONE)
    }

    /// The conflict of another call whose verdict is the one on this fact, if it is.
    pub fn from(&self, expert: Uuid, key: &Key) -> Option<Uuid> {
        self.from.get(&(expert, key.clone())).copied()
    }
}
