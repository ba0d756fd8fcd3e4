//! What stands in the way of adopting a ranking list. Nothing is said of a proposal that the actor may not know about but
//! that something is missing.

use std::collections::{BTreeMap, BTreeSet};

use ::review::summary::SummaryDraft;
use ::review::{Entry, Judged, ReviewState, check_adoption, check_topics};
use call::{EvaluationRules, RankingLists};
use kernel::{Fault, Faults, Finding};
use store::call::StageRow;
use store::outcome::Standing;
use store::review::consensus::ConsensusRow;
use store::review::naming::Names;
use store::review::review as reviews;
use store::review::since::conflicted_since;
use store::view::review::{Sight, after_panel};
use uuid::Uuid;

use super::freezing::Reports;
use super::release::refuse;
use crate::{Problem, Tx};

/// A proposal of the evaluation with its consensus, if it has one.
pub(super) type JudgedRow = (Standing, Option<ConsensusRow>);

/// What is to be adopted.
pub(super) struct Adoption<'a> {
    pub stage: &'a StageRow,
    pub rules: &'a EvaluationRules,
    pub judged: &'a [JudgedRow],
    pub entries: &'a [Entry],
    pub reports: &'a Reports,
    /// What the actor may know of.
    pub sight: &'a Sight,
    /// The proposals whose consensus is corrected, with the texts on criteria that their reports get with it.
    pub again: &'a BTreeMap<Uuid, SummaryDraft>,
    /// Why the list is corrected, which the committee and the funders read; empty where it is adopted first.
    pub reason: &'a str,
}

impl Adoption<'_> {
    /// Refuses while something is missing, and what was found in the texts that applicants will read unless somebody has
    /// looked at it. Answers where something was found.
    pub(super) async fn check(&self, tx: &mut Tx, despite: bool) -> Result<Vec<Finding>, Problem> {
        let mut places: BTreeMap<Uuid, (usize, usize)> = BTreeMap::new();
        for place in reviews::places(tx.conn(), self.stage.id, None).await? {
            let (released, open) = places.entry(place.proposal).or_default();
            if place.state == ReviewState::Released {
                *released += 1;
            } else if place.state.holds_a_place() {
                *open += 1;
            }
        }
        // Once the list is adopted what it rests on stays: of that nobody is asked again, nor of what is corrected.
        let since = match after_panel(self.stage.state()?) {
            true => BTreeSet::new(),
            false => conflicted_since(tx.conn(), self.stage.id).await?,
        };
        let mut hidden = self.faults(false, &places)?;
        for (standing, _) in self.judged {
            // Nobody stands by what they may not know of: the panel agrees anew without them.
            hidden.require(
                self.sight.open(standing.proposal) || !since.contains(&standing.proposal),
                "/proposals",
                "conflict_since_consensus",
                "a conflict of interest was found after the panel agreed; record the consensus anew",
            );
        }
        let mut faults = self.faults(true, &places)?;
        faults.0.extend(unnamed(&hidden));
        faults.or(())?;
        let found = self.findings(tx, &places, &since).await?;
        refuse(found.clone(), despite)?;
        Ok(found)
    }

    /// The faults of the proposals that the actor may know about, or of the others.
    fn faults(
        &self,
        open: bool,
        places: &BTreeMap<Uuid, (usize, usize)>,
    ) -> Result<Faults, Problem> {
        let mut all = Vec::new();
        for (standing, row) in self.judged {
            if self.sight.open(standing.proposal) == open {
                let (_, unreleased) = places.get(&standing.proposal).copied().unwrap_or_default();
                all.push(Judged {
                    number: standing.number.clone(),
                    has_consensus: row.is_some(),
                    unreleased,
                    withdrawn: false,
                });
            }
        }
        let mut faults = check_adoption(&all);
        for (standing, _) in self.judged {
            if self.sight.open(standing.proposal) == open {
                self.reports.check(standing, open, &mut faults)?;
            }
        }
        if self.rules.ranking == RankingLists::PerTopic {
            let entries = self.entries.iter();
            let entries = entries.filter(|one| self.sight.open(one.proposal) == open);
            let entries: Vec<Entry> = entries.cloned().collect();
            faults.0.extend(check_topics(&entries).0);
        }
        Ok(faults)
    }

    /// What somebody has to look at: a consensus of which no review is left, or that somebody had a part in with whom a
    /// conflict of interest was found since, and texts that seem to name who evaluated. What was approved was looked at then.
    async fn findings(
        &self,
        tx: &mut Tx,
        places: &BTreeMap<Uuid, (usize, usize)>,
        since: &BTreeSet<Uuid>,
    ) -> Result<Vec<Finding>, Problem> {
        let names = Names::of(tx.conn(), self.stage, None).await?;
        let (mut found, mut texts) = (Vec::new(), Vec::new());
        for (standing, row) in self.judged {
            let Some(row) = row.as_ref().filter(|_| self.sight.open(standing.proposal)) else {
                continue;
            };
            let at = format!("/proposals/{}", kernel::token(&standing.number));
            if places.get(&standing.proposal).is_none_or(|one| one.0 == 0) {
                found.push(Finding::doubt(
                    at.clone(),
                    "no_review_released",
                    "no released review is left: each was voided by a conflict of interest",
                    "the consensus rests on none; adopt it if the panel stands by it",
                ));
            } else if since.contains(&standing.proposal) {
                found.push(Finding::doubt(
                    at.clone(),
                    "conflict_since_consensus",
                    "a conflict of interest of somebody who had a part in the consensus was found after it",
                    "record the consensus anew, or adopt it if the panel stands by it",
                ));
            }
            let again = self.again.get(&standing.proposal);
            if again.is_some() || !self.reports.is_approved(standing.proposal_stage)? {
                let place = format!("{at}/comment");
                texts.push((standing.proposal, place, row.comment.clone()));
            }
            if again.is_some() {
                let reason = self.reason.to_owned();
                texts.push((standing.proposal, "/reason".to_owned(), reason));
            }
            for (place, text) in again.map(SummaryDraft::texts).unwrap_or_default() {
                texts.push((standing.proposal, format!("{at}{place}"), text.to_owned()));
            }
        }
        // Hundreds of texts and of names take a second of a processor, not of the database's thread.
        let look = move || {
            let doubts = texts.iter().flat_map(|(proposal, place, text)| {
                let texts = [(place.clone(), text.as_str())];
                names.doubts(*proposal, &texts)
            });
            doubts.collect::<Vec<Finding>>()
        };
        let doubts = tokio::task::spawn_blocking(look);
        found.extend(doubts.await.map_err(Problem::internal)?);
        Ok(found)
    }
}

/// Faults on proposals that the actor may not know about, as one that names none of them.
pub(super) fn unnamed(hidden: &Faults) -> Option<Fault> {
    (!hidden.is_empty()).then(|| {
        Fault::new(
            "/proposals",
            "not_yours_to_know",
            "something is missing with proposals that you may not know about; ask the secretariat",
        )
    })
}
